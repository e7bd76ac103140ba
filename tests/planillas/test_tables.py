"""Tables of a source, however they are laid, become the rows of a planilla."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from documents.blocks import ParsedBlock
from documents.places import Page, Sheet, pack_words
from planillas.columns import Column, Identity, Kind
from tests.planillas.blocks import PUPILS, find, heading, line, table

APART = (
    Column("apellido", "Apellido"),
    Column("nombre", "Nombre"),
    Column("dni", "DNI", Kind.IDENTITY, is_key=True),
)
MARKS = (
    Column("alumno", "Alumno", is_key=True),
    Column("materia", "Materia", is_key=True),
    Column("nota", "Nota", Kind.NUMBER),
)
TERMS = (*MARKS[:2], Column("t1", "1º trimestre", Kind.NUMBER), Column("t2", "2º trimestre", Kind.NUMBER))
WIDE = (
    MARKS[0],
    Column("m1", "Matemática 1º trimestre", Kind.NUMBER),
    Column("l2", "Lengua 2º trimestre", Kind.NUMBER),
)
DAYS = (
    MARKS[0],
    Column("fecha", "Fecha", Kind.DATE, is_key=True),
    Column("asistencia", "Asistencia", Kind.CHOICE, choices=("P = Presente", "A = Ausente")),
)
ANA: Mapping[str, object] = {"nombre": "Pérez, Ana", "dni": "45123456"}
EVA: Mapping[str, object] = {"nombre": "Ruiz, Eva", "dni": "45123457"}
GROUPED = table(
    ["Alumno", "Matemática", "", "Lengua", ""],
    ["", "1ºT", "2ºT", "1ºT", "2ºT"],
    ["Pérez, Ana", "8", "9", "7", "6"],
    level=2,
)

CASES: dict[str, tuple[list[ParsedBlock], Sequence[Column], list[Mapping[str, object]]]] = {
    "a header in other words, a blank, a total, the course in the title": (
        [
            heading("Nómina de alumnos 5º A"),
            table(
                ["Nº", "Alumno/a", "Doc.", "F. Nac."],
                ["1", "Pérez, Ana", "45.123.456", "03/05/2014"],
                ["2", "Ruiz, Eva*", "45.123.457", "s/d"],
                ["Total", "2", "", ""],
            ),
        ],
        PUPILS,
        [{**ANA, "nacimiento": "2014-05-03", "curso": "5º A"}, {**EVA, "curso": "5º A"}],
    ),
    "names together that the source has apart": (
        [table(["Apellido", "Nombre", "DNI"], ["Pérez", "Ana", "45123456"])],
        PUPILS,
        [ANA],
    ),
    "names apart that the source has together": (
        [
            table(
                ["Apellido y nombre", "DNI"],
                ["Pérez, Ana", "45123456"],
                ["GÓMEZ Luis Alberto", "46.123.456"],
                ["Paz Ruiz Eva", "47123456"],
            )
        ],
        APART,
        [
            {"apellido": "Pérez", "nombre": "Ana", "dni": "45123456"},
            {"apellido": "GÓMEZ", "nombre": "Luis Alberto", "dni": "46123456"},
            {"dni": "47123456"},
        ],
    ),
    "titles inside a table": (
        [table(["Alumno", "DNI"], ["2º B"], ["Pérez, Ana", "45123456"], ["2º C"], ["Ruiz, Eva", "45123457"])],
        PUPILS,
        [{**ANA, "curso": "2º B"}, {**EVA, "curso": "2º C"}],
    ),
    "a course that stands once for several": (
        [table(["Curso", "Alumno", "DNI"], ["5º A", "Pérez, Ana", "45123456"], ["", "Ruiz, Eva", "45123457"])],
        PUPILS,
        [{**ANA, "curso": "5º A"}, {**EVA, "curso": "5º A"}],
    ),
    "a table over two blocks": (
        [table(["Alumno", "DNI"], ["Pérez, Ana", "45123456"]), table(["Ruiz, Eva", "45123457"], level=0)],
        PUPILS,
        [ANA, EVA],
    ),
    "no header, but a document and a name in every row": (
        [table(["Pérez, Ana", "45.123.456"], ["Ruiz, Eva", "45.123.457"], level=0)],
        PUPILS,
        [ANA, EVA],
    ),
    "a form of two columns": (
        [table(["Apellido y nombre", "Pérez, Ana"], ["DNI", "45.123.456"], ["Curso", "5º A"], level=0)],
        PUPILS,
        [{**ANA, "curso": "5º A"}],
    ),
    "a form of four, part of it about the mother": (
        [
            table(
                ["Apellido y nombre", "Pérez, Ana", "DNI", "45.123.456"],
                ["DATOS DE LA MADRE"],
                ["Apellido y nombre", "López, Eva", "DNI", "20.111.222"],
                level=0,
            )
        ],
        PUPILS,
        [ANA],
    ),
    "a table on its side": (
        [table(["", "Ana Pérez", "Eva Ruiz"], ["DNI", "45123456", "45123457"], ["Curso", "5º A", "5º B"])],
        PUPILS,
        [
            {"nombre": "Ana Pérez", "dni": "45123456", "curso": "5º A"},
            {"nombre": "Eva Ruiz", "dni": "45123457", "curso": "5º B"},
        ],
    ),
    "two tables under one header": (
        [table(["Alumno", "DNI", "Alumno", "DNI"], ["Pérez, Ana", "45123456", "Ruiz, Eva", "45123457"])],
        PUPILS,
        [ANA, EVA],
    ),
    "subjects as headers, a row for each": (
        [
            table(
                ["Alumno", "Matemática", "Lengua", "Promedio"],
                ["Pérez, Ana", "8", "", "8,50"],
                ["Ruiz, Eva", "7", "9", "8"],
            )
        ],
        MARKS,
        [
            {"alumno": "Pérez, Ana", "materia": "Matemática", "nota": 8},
            {"alumno": "Ruiz, Eva", "materia": "Matemática", "nota": 7},
            {"alumno": "Ruiz, Eva", "materia": "Lengua", "nota": 9},
        ],
    ),
    "subjects over terms, a row for each subject": (
        [GROUPED],
        TERMS,
        [
            {"alumno": "Pérez, Ana", "materia": "Matemática", "t1": 8, "t2": 9},
            {"alumno": "Pérez, Ana", "materia": "Lengua", "t1": 7, "t2": 6},
        ],
    ),
    "subjects over terms, one row": ([GROUPED], WIDE, [{"alumno": "Pérez, Ana", "m1": 8, "l2": 6}]),
    "days as headers, a row for each": (
        [table(["Alumno", "04/03/2024", "05/03/2024"], ["Pérez, Ana", "P", "A"])],
        DAYS,
        [
            {"alumno": "Pérez, Ana", "fecha": "2024-03-04", "asistencia": "P = Presente"},
            {"alumno": "Pérez, Ana", "fecha": "2024-03-05", "asistencia": "A = Ausente"},
        ],
    ),
    "marks below whose they are": (
        [
            line("Alumna: Ana Pérez – DNI 45.123.456 – Curso: 5º A"),
            table(["Asignatura", "1ºT", "2ºT"], ["Matemática", "8", "9"], ["Lengua", "7", "6"]),
        ],
        TERMS,
        [
            {"alumno": "Ana Pérez", "materia": "Matemática", "t1": 8, "t2": 9},
            {"alumno": "Ana Pérez", "materia": "Lengua", "t1": 7, "t2": 6},
        ],
    ),
    "the subject in the heading": (
        [heading("Materia: Lengua"), table(["Alumno", "Nota"], ["Pérez, Ana", "8"])],
        MARKS,
        [{"alumno": "Pérez, Ana", "materia": "Lengua", "nota": 8}],
    ),
    "two surnames and a check digit in columns of their own": (
        [table(["RUN", "DV", "Ap. paterno", "Ap. materno", "Nombres"], ["24.111.222", "5", "Araya", "Muñoz", "Luz"])],
        (PUPILS[0], Column("run", "RUN", Kind.IDENTITY, identity=Identity.RUT)),
        [{"nombre": "Araya Muñoz, Luz", "run": "24.111.222-5"}],
    ),
    "months as headers": (
        [table(["Alumno", "Marzo", "Abril"], ["Pérez, Ana", "1", "0"])],
        (MARKS[0], Column("mes", "Mes", is_key=True), Column("faltas", "Inasistencias", Kind.INTEGER)),
        [
            {"alumno": "Pérez, Ana", "mes": "Marzo", "faltas": 1},
            {"alumno": "Pérez, Ana", "mes": "Abril", "faltas": 0},
        ],
    ),
    "the mother's columns beside": (
        [
            table(
                ["Datos de la madre", "", "Datos del alumno", ""],
                ["Apellido y nombre", "DNI", "Apellido y nombre", "DNI"],
                ["López, Eva", "20.111.222", "Pérez, Ana", "45.123.456"],
                level=2,
            )
        ],
        PUPILS,
        [ANA],
    ),
    "ditto marks, an example, other people": (
        [
            table(
                ["Alumno", "DNI", "Curso", "Rol"],
                ["Ejemplo: Gómez, Juan", "12345678", "1º A", "Estudiante"],
                ["Pérez, Ana", "45.123.456", "5º A", "Estudiante"],
                ["Ruiz, Eva", "45.123.457", "ídem", "Estudiante"],
                ["Díaz, Marta", "20.123.457", "5º A", "Docente"],
            )
        ],
        PUPILS,
        [{**ANA, "curso": "5º A"}, {**EVA, "curso": "5º A"}],
    ),
    "forms side by side": (
        [table(["Alumno: Pérez, Ana", "Alumno: Ruiz, Eva"], ["DNI: 45.123.456", "DNI: 45.123.457"], level=0)],
        PUPILS,
        [ANA, EVA],
    ),
    "a month that stands before the day": (
        [table(["Alumno", "F. nac."], ["Pérez, Ana", "05/03/2014"], ["Ruiz, Eva", "05/13/2014"])],
        PUPILS,
        [{"nombre": "Pérez, Ana", "nacimiento": "invalid"}, {"nombre": "Ruiz, Eva", "nacimiento": "invalid"}],
    ),
    "thousands": (
        [table(["Rubro", "Importe (miles de $)"], ["Limpieza", "1.250"])],
        (Column("rubro", "Rubro", is_key=True), Column("importe", "Importe", Kind.MONEY)),
        [{"rubro": "Limpieza", "importe": "invalid"}],
    ),
    "men and women by their first letters, which elsewhere are male and female": (
        [table(["Alumno", "Sexo"], ["Pérez, Ana", "M"], ["Gómez, Luis", "H"])],
        (PUPILS[0], Column("sexo", "Sexo", Kind.CHOICE, choices=("H = Hombre", "M = Mujer"))),
        [{"nombre": "Pérez, Ana", "sexo": "M = Mujer"}, {"nombre": "Gómez, Luis", "sexo": "H = Hombre"}],
    ),
    "men and women where male and female are asked for": (
        [table(["Alumno", "Sexo"], ["Pérez, Ana", "M"], ["Gómez, Luis", "H"])],
        (PUPILS[0], Column("sexo", "Sexo", Kind.CHOICE, choices=("F = Femenino", "M = Masculino"))),
        [{"nombre": "Pérez, Ana", "sexo": "invalid"}, {"nombre": "Gómez, Luis", "sexo": "invalid"}],
    ),
    "what is no such value": (
        [table(["Alumno", "DNI", "Fecha de nacimiento"], ["Pérez, Ana", "45.123.456", "31/02/2014"])],
        PUPILS,
        [{**ANA, "nacimiento": "invalid"}],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_table_becomes_rows(case: str) -> None:
    blocks, columns, rows = CASES[case]

    assert find(blocks, columns).rows == rows


@pytest.mark.parametrize(
    ("blocks", "code"),
    [
        ([table(["Libro", "Autor"], ["Rayuela", "Cortázar"])], "unused_table"),
        ([table(["Nombre", "Cargo", "DNI"], ["Pérez, Ana", "Directora", "20123456"])], "rows_of_others"),
        ([heading("Personal docente"), table(["Nombre", "DNI"], ["Pérez, Ana", "20123456"])], "of_others"),
        ([table(["Curso", "Alumnos"], ["5º A", "28"], ["5º B", "30"])], "misfit"),
        ([table(["Curso", "DNI", "DNI"], ["5º A", "20123456", "45123456"])], "doubled_header"),
        ([table(["Alumno", "Talle", "DNI"], ["", "M", ""], ["Presentes", "4", ""])], ""),
    ],
)
def test_what_is_doubtful_makes_no_row(blocks: list[ParsedBlock], code: str) -> None:
    found = find(blocks)

    assert found.rows == []
    assert not code or code in [told for told, _words in found.told]


def test_a_cell_cites_its_row_of_a_sheet_and_its_words_of_a_page() -> None:
    rows = (["Alumno", "DNI"], ["Pérez, Ana", "45123456"])
    on_sheet = table(*rows, place=Sheet("Hoja 1", (3, 4)))
    text = on_sheet.text
    boxes = [
        (text.index(word), (float(at), 0.0, at + 1.0, 1.0))
        for at, word in enumerate(("Alumno", "DNI", "Pérez,", "Ana", "45123456"))
    ]
    whole = Page(2, ((0.0, 0.0, 9.0, 9.0),))
    on_page = replace(on_sheet, place=whole, words=pack_words(boxes))

    sheet, page = (find([block]).records[0].said for block in (on_sheet, on_page))

    assert sheet["dni"].evidence.place == Sheet("Hoja 1", (4, 4))
    assert sheet["dni"].evidence.quote == "45123456"
    assert page["dni"].evidence.place == Page(2, ((4.0, 0.0, 5.0, 1.0),))
    assert page["nombre"].evidence.place == Page(2, ((2.0, 0.0, 4.0, 1.0),))
