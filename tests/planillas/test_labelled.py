"""Labelled values in forms, letters, lists and minutes become the rows of a planilla."""

from collections.abc import Mapping, Sequence

import pytest

from documents.blocks import ParsedBlock
from documents.places import Text
from planillas.columns import Column, Kind
from tests.planillas.blocks import PUPILS, find, heading, item, line

ANA: Mapping[str, object] = {"nombre": "Pérez, Ana", "dni": "45123456"}
LUIS: Mapping[str, object] = {"nombre": "Gómez, Luis", "dni": "46123456"}
AGREEMENTS = (
    Column("acuerdo", "Acuerdo", is_required=True),
    Column("responsable", "Responsable"),
    Column("plazo", "Plazo", Kind.DATE),
)
MEETINGS = (
    Column("fecha", "Fecha", Kind.DATE, is_key=True),
    Column("lugar", "Lugar"),
    Column("temas", "Temas", Kind.LIST),
)
FACTS = (
    Column("fecha", "Fecha", Kind.DATE, is_key=True),
    Column("alumno", "Alumno", is_key=True),
    Column("hecho", "Hecho", Kind.LONG_TEXT),
)
REACHED = (*PUPILS, Column("telefono", "Teléfono", Kind.PHONE), Column("domicilio", "Domicilio"))

CASES: dict[str, tuple[list[ParsedBlock], Sequence[Column], str, list[Mapping[str, object]]]] = {
    "several labels in one line": (
        [line("Apellido y nombre: Pérez, Ana DNI: 45.123.456 Curso: 5º A Domicilio: Av. San Martín 123, Rosario.")],
        REACHED,
        "un alumno",
        [{**ANA, "curso": "5º A", "domicilio": "Av. San Martín 123, Rosario"}],
    ),
    "dotted lines": (
        [line("APELLIDO Y NOMBRE ........ Pérez, Ana ....... DNI ........ 45.123.456 ....... CURSO ________ 5º A")],
        PUPILS,
        "un alumno",
        [{**ANA, "curso": "5º A"}],
    ),
    "forms one after the other, a part about the mother": (
        [
            heading("Ficha del alumno"),
            line("Apellido y nombre: Pérez, Ana"),
            line("DNI: 45.123.456"),
            heading("Datos de la madre"),
            line("Apellido y nombre: López, María"),
            line("DNI: 20.111.222"),
            heading("Ficha del alumno"),
            line("Apellido y nombre: Gómez, Luis"),
            line("DNI: 46.123.456"),
        ],
        PUPILS,
        "un alumno",
        [ANA, LUIS],
    ),
    "the mother in a line of the form": (
        [
            line("Alumno: Gómez, Luis. DNI: 46.123.456"),
            line("Madre: Laura Ruiz. DNI: 22.333.444. Teléfono: 341 455-6677"),
            line("Domicilio: San Martín 123"),
        ],
        REACHED,
        "un alumno",
        [{**LUIS, "telefono": "341 455-6677", "domicilio": "San Martín 123"}],
    ),
    "surname and name on lines of their own, in either order": (
        [
            line("Apellido: Pérez"),
            line("Nombre: Ana"),
            line("DNI: 45.123.456"),
            line("Nombre: Luis"),
            line("Apellido: Gómez"),
            line("DNI: 46.123.456"),
        ],
        PUPILS,
        "un alumno",
        [ANA, LUIS],
    ),
    "documents below others' names": (
        [
            line("Apellido y nombre del padre o tutor: Pérez, Juan"),
            line("DNI: 28.444.555"),
            line("Apellido y nombre del alumno: Pérez, Ana"),
            line("DNI: 45.123.456"),
            line("Madre: López, Eva"),
            line("DNI: 29.111.222"),
        ],
        PUPILS,
        "un alumno",
        [ANA],
    ),
    "a document that was mended later": (
        [line("Alumno: Pérez, Ana"), line("DNI: 45.123.456"), line("Perdón, lo copié mal. DNI: 45.123.457")],
        PUPILS,
        "un alumno",
        [{"nombre": "Pérez, Ana"}],
    ),
    "what stands before the labels below a heading": (
        [heading("Acuerdos"), item("• Pintar el aula. Responsable: Luis Gómez. Plazo: 4/5/2024")],
        (Column("acuerdo", "Acuerdo", is_key=True), *AGREEMENTS[1:]),
        "un acuerdo",
        [{"acuerdo": "Pintar el aula", "responsable": "Luis Gómez", "plazo": "2024-05-04"}],
    ),
    "a course in front of another label": (
        [line("Curso: 5º A Turno: Tarde Alumno(a): Ana Pérez DNI: 45.123.456")],
        PUPILS,
        "un alumno",
        [{"nombre": "Ana Pérez", "dni": "45123456", "curso": "5º A"}],
    ),
    "labels that leave the gender open": (
        [
            line("Alumno(a): Ana Pérez DNI: 45.123.456 Curso: 5º A"),
            line("Apoderado(a): Eva Díaz DNI: 20.111.222"),
            line("Director(a) de grupo: Luis Gómez"),
        ],
        PUPILS,
        "un alumno",
        [{"nombre": "Ana Pérez", "dni": "45123456", "curso": "5º A"}],
    ),
    "a day above each name, the form's title again or not": (
        [
            heading("Entrevista"),
            line("Fecha: 12/5/2026"),
            line("Alumno: Ana Pérez"),
            line("Hecho: Faltas"),
            heading("Entrevista"),
            line("Fecha: 14/5/2026"),
            line("Alumno: Luis Gómez"),
            line("Hecho: Notas"),
            line("Fecha: 15 de mayo"),
            line("Alumno: Eva Ruiz"),
            line("Hecho: Tardes"),
            line("Fecha: 18/5/2026"),
            line("Alumno: Leo Paz"),
            line("Hecho: Faltas"),
        ],
        (Column("fecha", "Fecha", Kind.DATE), *FACTS[1:]),
        "una entrevista",
        [
            {"fecha": "2026-05-12", "alumno": "Ana Pérez", "hecho": "Faltas"},
            {"fecha": "2026-05-14", "alumno": "Luis Gómez", "hecho": "Notas"},
            {"fecha": "invalid", "alumno": "Eva Ruiz", "hecho": "Tardes"},
            {"fecha": "2026-05-18", "alumno": "Leo Paz", "hecho": "Faltas"},
        ],
    ),
    "a list of one shape": (
        [
            heading("Alumnos inscriptos"),
            item("1. Pérez, Ana – DNI 45.123.456 – 5º A"),
            item("2. Gómez, Luis – DNI 46.123.456 – 5º B"),
        ],
        PUPILS,
        "un alumno",
        [{**ANA, "curso": "5º A"}, {**LUIS, "curso": "5º B"}],
    ),
    "a letter": (
        [line("Se hace constar que la alumna Ana Pérez, DNI 45.123.456, nacida el 3 de mayo de 2014, cursa 5º A.")],
        PUPILS,
        "un alumno",
        [{"nombre": "Ana Pérez", "dni": "45123456", "nacimiento": "2014-05-03"}],
    ),
    "a heading that names whom the lines below are about": (
        [heading("Pérez, Ana"), line("DNI: 45.123.456"), heading("Gómez, Luis"), line("DNI: 46.123.456")],
        PUPILS,
        "un alumno",
        [ANA, LUIS],
    ),
    "agreements, one with its number": (
        [
            line("Acuerdo 1: Pintar el aula. Responsable: Luis Gómez. Plazo: 4/5/2024"),
            line("Acuerdo 2: Comprar sillas; Responsable: Ana Pérez"),
        ],
        AGREEMENTS,
        "un acuerdo",
        [
            {"acuerdo": "Pintar el aula", "responsable": "Luis Gómez", "plazo": "2024-05-04"},
            {"acuerdo": "Comprar sillas", "responsable": "Ana Pérez"},
        ],
    ),
    "meetings": (
        [
            line("Fecha: 3/4/2024. Lugar: Sala de profesores."),
            line("Temas: convivencia; viaje"),
            line("Fecha: 10/4/2024"),
            line("Lugar: SUM"),
        ],
        MEETINGS,
        "una reunión",
        [
            {"fecha": "2024-04-03", "lugar": "Sala de profesores", "temas": ["convivencia", "viaje"]},
            {"fecha": "2024-04-10", "lugar": "SUM"},
        ],
    ),
    "facts on a day, one without its year": (
        [
            line("Fecha: 12/8/2025"),
            line("Alumno: Pérez, Ana"),
            line("Hecho: Rompió un vidrio. No hubo heridos."),
            line("Fecha: 2 de septiembre"),
            line("Alumno: Pérez, Ana"),
            line("Hecho: Llegó tarde."),
        ],
        FACTS,
        "un hecho",
        [
            {"fecha": "2025-08-12", "alumno": "Pérez, Ana", "hecho": "Rompió un vidrio. No hubo heridos"},
            {"fecha": "invalid", "alumno": "Pérez, Ana", "hecho": "Llegó tarde"},
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_labels_become_rows(case: str) -> None:
    blocks, columns, row_is, rows = CASES[case]

    assert find(blocks, columns, row_is=row_is).rows == rows


@pytest.mark.parametrize(
    "text",
    [
        "La Sra. María López, DNI 20.111.222, madre de la alumna Ana Pérez, solicita una entrevista.",
        "DNI del padre: 20.111.222. Apellido y nombre del padre: Pérez, Juan.",
        "Presentes: Ana Pérez, Luis Gómez y Eva Ruiz.",
        "El alumno debe presentar su DNI y la fecha de nacimiento de sus hermanos.",
        "Docente a cargo: Marta Díaz. Curso: 5º A",
    ],
)
def test_what_is_said_of_others_makes_no_row(text: str) -> None:
    assert find([line(text)], REACHED).rows == []


def test_a_value_cites_its_words_and_what_was_not_used_is_told_once() -> None:
    text = "Alumno: Pérez, Ana. DNI: 45.123.456. Obra social: OSDE. Teléfono: 4550001"

    found = find([line(text), line("Obra social: OSDE"), line("Teléfono: 4550002")], REACHED)

    told = found.records[0].said["dni"].evidence
    assert (told.quote, told.place) == ("45.123.456", Text(text.index("45."), text.index("45.") + 10))
    assert found.told == [
        ("unused_label", "«Fuente»: la planilla no pide estos datos: «Obra social»."),
        ("said_again", "«Fuente»: se repite con otro valor, y se tomó el primero: «Teléfono»."),
    ]
    assert not any("455" in words for _code, words in found.told)  # nobody's data
