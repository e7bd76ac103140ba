import datetime as dt
import random
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import xlwt
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl.comments import Comment

from documents import parsers, uploads
from documents.blocks import Kind
from documents.models import Block, Document, Status
from documents.parsers import FileKind, base, csv, grid, number_formats, sandbox, xlsx
from documents.parsers.workbook import MAX_SHEET_ROWS
from documents.places import Sheet, locate
from schools.scope import school_scope
from tests.conftest import Person
from tests.documents.files import rewrite_zip, write_xlsx
from tests.documents.spreadsheets import GOLDENS, WRITERS, Expected, write_ods_xml

SECONDS = sandbox.Limits(wall_s=60, cpu_s=30)


def test_a_sheet_gives_its_title_header_and_rows(tmp_path: Path) -> None:
    rows: list[list[object]] = [
        ["Nómina de alumnos 2026"],
        ["Apellido", "Nombre", "Nacimiento", "Promedio", "Becado"],
        ["Gómez", "Ana", dt.date(2012, 3, 9), 8.5, True],
        ["Ñáñez", "José", dt.date(2011, 12, 31), 10, False],
    ]
    document = xlsx.parse(write_xlsx(tmp_path / "a.xlsx", {"5.º B": rows, "Vacía": []}))
    assert [block.kind for block in document.blocks] == [Kind.HEADING, Kind.HEADING, Kind.TABLE]
    assert [block.text for block in document.blocks[:2]] == ["5.º B", "Nómina de alumnos 2026"]
    table = document.blocks[2]
    assert table.place == Sheet("5.º B", (2, 4))
    assert table.level == 1
    assert table.cells[1] == ("Gómez", "Ana", "09/03/2012", "8,5", "Sí")
    start = table.text.index("Ñáñez")
    assert locate(table.place, words=b"", text=table.text, start=start, end=start + 5) == Sheet(
        "5.º B", (4, 4)
    )


def test_long_sheets_come_in_portions_with_exact_rows(tmp_path: Path) -> None:
    rows: list[list[object]] = [["Código", "Cantidad"], *[[f"A{n}", n] for n in range(100)]]
    tables = [
        block
        for block in xlsx.parse(write_xlsx(tmp_path / "a.xlsx", {"h": rows})).blocks
        if block.kind is Kind.TABLE
    ]
    assert [block.level for block in tables] == [1, 0, 0]
    assert tables[-1].place == Sheet("h", (81, 101))
    assert tables[-1].cells[-1] == ("A99", "99")


def test_empty_rows_separate_tables_and_groups_above_names_are_header() -> None:
    rows = [
        (1, ("", "Primer trimestre", "", "Segundo trimestre", "")),
        (2, ("Alumno", "Lengua", "Matemática", "Lengua 2", "Matemática 2")),
        (3, ("Ana", "8", "9", "7", "10")),
        (6, ("Curso", "Aula")),
        (7, ("5.º B", "12")),
    ]
    first, second = grid.blocks(rows, sheet="h")
    assert (first.level, first.place) == (2, Sheet("h", (1, 3)))
    assert (second.level, second.place) == (1, Sheet("h", (6, 7)))


def test_a_sheet_that_claims_to_be_endless_is_read(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"h": [["Nombre", "Nota"], ["Ana", 9]]})
    book = openpyxl.load_workbook(path)
    book["h"]["XFD1048576"] = "lejos"
    book.save(path)
    document = xlsx.parse(path)
    assert document.blocks[1].cells == (("Nombre", "Nota"), ("Ana", "9"))
    assert [part.code for part in document.unreadable] == ["too_many_columns"]


def test_hidden_sheets_are_read_and_say_so(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"vista": [["a", "b"]], "oculta": [["secreto", "y"]]})
    book = openpyxl.load_workbook(path)
    book["oculta"].sheet_state = "veryHidden"
    book["vista"].row_dimensions[1].hidden = True
    book.save(path)
    document = xlsx.parse(path)
    assert [block.text for block in document.blocks] == [
        "vista",
        "a | b",
        "oculta (hoja oculta)",
        "secreto | y",
    ]
    assert document.unreadable == ()


def test_formulas_give_their_value_and_those_without_one_are_told(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"h": [["Alumno", "Promedio"], ["Ana", "=1+1"], ["Beto", "x"]]})
    assert [part.code for part in xlsx.parse(path).unreadable] == ["formulas_without_values"]
    rows = """<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>
        <row r="2"><c r="A2" t="str"><f>B1</f><v>Ana</v></c><c r="B2"><f>SUM(C2:D2)</f><v>8.5</v></c></row>
        <row r="3"><c r="A3" t="e"><f>1/0</f><v>#DIV/0!</v></c><c r="B3" t="b"><f>TRUE()</f><v>1</v></c>
        </row></sheetData></worksheet>"""
    document = xlsx.parse(rewrite_zip(path, {"xl/worksheets/sheet1.xml": rows.encode()}))
    assert document.blocks[1].cells == (("Ana", "8,5"), ("", "Sí"))
    assert document.blocks[1].place == Sheet("h", (2, 3))
    assert document.unreadable == ()


def test_comments_pronunciations_and_formatted_pieces_are_told_apart(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"h": [["Curso", "Aula"], ["5.º B", "x"]]})
    book = openpyxl.load_workbook(path)
    book["h"]["A1"].comment = Comment("Nadie lo lee", "Ana")
    book.save(path)
    texts = """<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>Curso</t></si><si>
        <r><t xml:space="preserve">Au</t></r><r><rPr><b/></rPr><t>la</t></r><rPh sb="0" eb="1"><t>no</t></rPh></si>
        <si><t>5.º B</t></si><si><t>x</t></si></sst>"""
    document = xlsx.parse(rewrite_zip(path, {"xl/sharedStrings.xml": texts.encode()}))
    assert [block.text for block in document.blocks] == ["h", "Curso | Aula\n5.º B | x"]


@pytest.mark.parametrize("name", GOLDENS)
@pytest.mark.parametrize("kind", WRITERS)
def test_the_same_school_sheets_come_out_of_every_program(tmp_path: Path, kind: str, name: str) -> None:
    golden = GOLDENS[name]
    path = WRITERS[kind](tmp_path / "original", golden)
    with path.open("rb") as file:
        assert parsers.kind_of(f"a.{kind}", file) is FileKind(kind)
    document = sandbox.parse(path, FileKind(kind))
    found = [
        Expected(block.kind, block.place, "" if block.cells else block.text, block.cells, block.level)
        for block in document.blocks
        if isinstance(block.place, Sheet)
    ]
    assert found == golden.expected
    assert document.unreadable == ()


@pytest.mark.parametrize("kind", WRITERS)
def test_a_spreadsheet_goes_the_whole_way(
    tmp_path: Path, kind: str, ana: Person, work_off: Callable[[], None]
) -> None:
    content = WRITERS[kind](tmp_path / "original", GOLDENS["calificaciones"]).read_bytes()
    file = SimpleUploadedFile("calificaciones.csv", content)  # by a name that is not its own
    document_id = uploads.receive(ana.member, file, facts=uploads.Facts()).document_id
    work_off()
    with school_scope(ana.school_id):
        document = Document.objects.get(pk=document_id)
        rows = Block.objects.filter(document_id=document_id).order_by("ordinal")
        places = [row.place for row in rows]
    assert (document.status, document.format, document.unreadable) == (Status.READY, kind, [])
    assert places[2] == {"kind": "sheet", "sheet": "Matemática", "rows": [2, 6]}


def test_days_and_dates_are_names_beside_a_name() -> None:
    days = [(1, ("Alumno", *map(str, range(1, 32)))), (2, ("Ana", *["P"] * 31)), (3, ("Beto", *["A"] * 31))]
    assert [block.level for block in grid.blocks(days, sheet="h")] == [1]
    dates = [(1, ("Alumno", "02/03/2026", "03/03/2026")), (2, ("Ana", "P", "A")), (3, ("Beto", "A", "P"))]
    assert [block.level for block in grid.blocks(dates, sheet="h")] == [1]
    amounts = [(1, ("Ana", "8", "7")), (2, ("Beto", "5", "9"))]
    assert [block.level for block in grid.blocks(amounts, sheet="h")] == [0]


def test_facts_above_a_table_are_no_header() -> None:
    rows = [
        (1, ("Planilla de asistencia",)),
        (2, ("Docente:", "Pérez, Marta", "", "", "Curso:", "5.º B")),
        (3, ("Alumno", "Lunes", "Martes", "Miércoles", "Jueves", "Viernes")),
        (4, ("Ana", "P", "P", "A", "P", "P")),
    ]
    title, facts, table = grid.blocks(rows, sheet="h")
    assert (title.kind, title.text) == (Kind.HEADING, "Planilla de asistencia")
    assert (facts.kind, facts.text, facts.place) == (
        Kind.PARAGRAPH, "Docente: Pérez, Marta Curso: 5.º B", Sheet("h", (2, 2)),
    )  # fmt: skip
    assert (table.level, table.place) == (1, Sheet("h", (3, 4)))


def test_a_long_table_keeps_its_columns_and_has_one_header() -> None:
    rows = [(1, ("Alumno", "Curso", "Nota")), *((n, ("Ana", "", "nueve")) for n in range(2, 12_001))]
    tables = list(grid.blocks(rows, sheet="h"))
    assert {len(block.cells[0]) for block in tables} == {3}
    assert sum(block.level for block in tables) == 1
    assert [block.place for block in tables][-1] == Sheet("h", (11_961, 12_000))


def test_a_sheet_over_the_limits_is_cut_and_the_next_is_read(tmp_path: Path) -> None:
    row = '<table:table-row table:number-rows-repeated="900000"><table:table-cell><text:p>x</text:p>'
    path = write_ods_xml(
        tmp_path / "a.ods",
        f'<table:table table:name="Larga">{row}</table:table-cell></table:table-row></table:table>'
        '<table:table table:name="Corta"><table:table-row><table:table-cell><text:p>y</text:p></table:table-cell>'
        "</table:table-row></table:table>",
    )
    document = sandbox.parse(path, FileKind.ODS)
    assert [block.text for block in document.blocks][-2:] == ["Corta", "y"]
    (part,) = document.unreadable
    assert (part.code, part.place) == ("sheet_too_big", Sheet("Larga", (MAX_SHEET_ROWS + 1,) * 2))
    assert f"hasta la fila {MAX_SHEET_ROWS}" in part.reason


def test_a_damaged_sheet_is_told_and_the_others_are_read(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"rota": [["a", "b"]], "sana": [["Curso", "Aula"], ["5.º B", 12]]})
    document = xlsx.parse(rewrite_zip(path, {"xl/worksheets/sheet1.xml": b"<worksheet"}))
    assert document.blocks[0].text == "sana"
    assert [part.code for part in document.unreadable] == ["broken_sheet"]


def test_a_damaged_workbook_says_so(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"h": [["a", "b"]]})
    with pytest.raises(base.Broken):
        xlsx.parse(rewrite_zip(path, {"xl/worksheets/sheet1.xml": b"<worksheet"}))
    with pytest.raises(base.Broken):
        xlsx.parse(rewrite_zip(path, {"xl/workbook.xml": b"<html/>"}))


BIG = {
    "as wide as long": '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
    "wide rows": "".join(f'<row><c r="XFD{n}"><v>{n}</v></c></row>' for n in range(1, 100_000)),
    "rows that go back": '<row r="9"><c><v>1</v></c></row><row r="2"><c><v>2</v></c></row>' * 2_000,
    "one row": "<row>" + "<c><v>1</v></c>" * 500_000 + "</row>",
    "numbers without end": f'<row><c><v>{"9" * 500_000}</v></c><c t="s"><v>{"9" * 5_000}</v></c></row>',
}


@pytest.mark.parametrize("name", BIG)
def test_a_hostile_sheet_ends_in_seconds(tmp_path: Path, name: str) -> None:
    sheet = (
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f'<dimension ref="A1:XFD1048576"/><sheetData>{BIG[name]}</sheetData>'
        '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells></worksheet>'
    )
    path = write_xlsx(tmp_path / "a.xlsx", {"h": [["a"]], "sana": [["Curso", "Aula"], ["5.º B", 12]]})
    rewrite_zip(path, {"xl/worksheets/sheet1.xml": sheet.encode()})
    document = sandbox.parse(path, FileKind.XLSX, limits=SECONDS)
    assert document.blocks[-1].text == "Curso | Aula\n5.º B | 12"


def test_repeated_cells_do_not_fill_the_memory(tmp_path: Path) -> None:
    cell = (
        '<table:table-cell table:number-columns-repeated="16384"><text:p>xxxxxxxx</text:p></table:table-cell>'
    )
    path = write_ods_xml(
        tmp_path / "a.ods",
        f'<table:table table:name="h"><table:table-row table:number-rows-repeated="1048576">{cell}'
        "</table:table-row></table:table>",
    )
    document = sandbox.parse(path, FileKind.ODS, limits=SECONDS)
    assert {part.code for part in document.unreadable} == {"sheet_too_big", "too_many_columns"}


def test_an_old_workbook_with_its_corners_alone_is_read(tmp_path: Path) -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("h")
    sheet.write(0, 0, "aquí")
    sheet.write(65_535, 255, "lejos")
    book.save(str(tmp_path / "a.xls"))
    document = sandbox.parse(tmp_path / "a.xls", FileKind.XLS, limits=SECONDS)
    assert [block.text for block in document.blocks] == ["h", "aquí", "lejos"]
    assert document.blocks[-1].place == Sheet("h", (65_536, 65_536))


@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml", "xl/styles.xml"]
)
def test_bombs_in_a_workbook_end_with_a_reason(tmp_path: Path, part: str) -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    entities = (
        f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ja">{laughs}]><x><row><c><v>&l9;</v></c></row></x>'
    )
    path = write_xlsx(tmp_path / "a.xlsx", {"h": [["Curso", "Aula"]]})
    with pytest.raises(base.Unparsable):
        sandbox.parse(rewrite_zip(path, {part: entities.encode()}), FileKind.XLSX, limits=SECONDS)
    path = write_xlsx(tmp_path / "b.xlsx", {"h": [["Curso", "Aula"]]})
    with pytest.raises(base.ParseTooBig) as caught:
        sandbox.parse(rewrite_zip(path, {part: b" " * 40_000_000}), FileKind.XLSX, limits=SECONDS)
    assert caught.value.code == "zip_bomb"


@pytest.mark.parametrize("kind", WRITERS)
def test_cut_and_flipped_files_end_with_a_reason(tmp_path: Path, kind: str) -> None:
    whole = WRITERS[kind](tmp_path / "whole", GOLDENS["calificaciones"]).read_bytes()
    dice = random.Random(7)
    hurt = [whole[: len(whole) * tenth // 10] for tenth in range(10)]
    for _ in range(30):
        flipped = bytearray(whole)
        flipped[dice.randrange(len(flipped))] ^= 1 << dice.randrange(8)
        hurt.append(bytes(flipped))
    ended = 0
    for content in hurt:
        (tmp_path / "hurt").write_bytes(content)
        try:
            document = sandbox.parse(tmp_path / "hurt", FileKind(kind), limits=SECONDS)
        except base.Unparsable as error:
            ended += 1
            told = str(error)
            continue
        assert document.blocks or document.unreadable
    assert ended >= 10
    assert sandbox.parse(tmp_path / "whole", FileKind(kind), limits=SECONDS).blocks
    assert told.endswith(".")


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
        (12345, "00000000", "00012345"),
        (-1234.5, "#,##0.00;(#,##0.00)", "(1.234,50)"),
        (1500, "#,##0.00 [$€-C0A]", "1.500,00 €"),
        (1500, '_ "$"* #,##0.00_ ;_ "$"* -#,##0.00_ ;_ "$"* "-"??_ ;_ @_ ', "$ 1.500,00"),
        (0, '_ "$"* #,##0.00_ ;_ "$"* -#,##0.00_ ;_ "$"* "-"??_ ;_ @_ ', "$ -"),
        (7.5, '0.0 "kg"', "7,5 kg"),
        (8.25, "0.0", "8,3"),
        (2500000, '0.0,,"M"', "2,5M"),
        (0.5, "# ?/?", "0,5"),
        (1e20, "General", "1E+20"),
        (1234.5, "General", "1234,5"),
        (1234.5, "#,##0.00", "1.234,50"),
        (0.25, "0%", "25 %"),
        (30111222, "General", "30111222"),
        (30111222, "#,##0", "30.111.222"),
        (1500, '"$" #,##0.00', "$ 1.500,00"),
        (3.0, "General", "3"),
        (0.1 + 0.2, "General", "0,3"),
    ],
)
def test_numbers_are_shown_as_a_person_reads_them(value: float, number_format: str, shown: str) -> None:
    assert number_formats.number(value, number_format) == shown


@pytest.mark.parametrize(
    ("days", "number_format", "shown"),
    [
        (42072, "dd/mm/yyyy", "09/03/2015"),
        (42072.5, "d/m/yy h:mm", "09/03/2015 12:00"),
        (0.35416666, 'h:mm "hs"', "08:30"),
        (1.5, "[h]:mm", "36:00"),
        (42072, "mmm-yy", "03/2015"),
        (59, "dd/mm/yyyy", "28/02/1900"),
        (61, "dd/mm/yyyy", "01/03/1900"),
    ],
)
def test_days_and_hours_are_shown_as_a_person_reads_them(days: float, number_format: str, shown: str) -> None:
    assert number_formats.is_date(number_format)
    assert number_formats.serial(days, number_format) == shown


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_csv_of_any_program_is_read(tmp_path: Path, encoding: str, separator: str) -> None:
    rows = [
        ["Apellido", "Observación", "Nota"],
        ["Gómez", 'dijo "sí"; y, bien', "9"],
        ["Ñáñez", "dos\nlíneas", "10"],
    ]
    text = "\r\n".join(separator.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
    (tmp_path / "a.csv").write_bytes(text.encode(encoding))
    (block,) = csv.parse(tmp_path / "a.csv").blocks
    assert block.level == 1
    assert block.cells == (tuple(rows[0]), tuple(rows[1]), ("Ñáñez", "dos líneas", "10"))
    assert block.place == Sheet("datos", (1, 3))


def test_excels_separator_line_is_obeyed(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("sep=;\nCurso;Aula\n5.º B;12\n")
    (block,) = csv.parse(tmp_path / "a.csv").blocks
    assert block.cells == (("Curso", "Aula"), ("5.º B", "12"))


def test_a_workbook_is_read_whatever_its_file_is_called(tmp_path: Path) -> None:
    path = tmp_path / "original"
    write_xlsx(tmp_path / "notas.xlsx", {"2026": [["Alumno", "Nota"], ["Ana", 8]]})
    (tmp_path / "notas.xlsx").rename(path)
    assert "Ana | 8" in xlsx.parse(path, base.ignore_progress).blocks[-1].text


CSV_GOLDENS = {
    "nómina": (
        "Legajo;Apellido y nombre;DNI;Cuota\r\n00123;Gómez, Ana;50.123.456;15.000,50\r\n"
        "00124;Núñez, José;49.876.001;0,75\r\n",
        (
            ("Legajo", "Apellido y nombre", "DNI", "Cuota"),
            ("00123", "Gómez, Ana", "50.123.456", "15.000,50"),
            ("00124", "Núñez, José", "49.876.001", "0,75"),
        ),
    ),
    "notas sin encabezado": (
        "Ana\t8,5\t9,25\nBeto\t7\t10\n",
        (("Ana", "8,5", "9,25"), ("Beto", "7", "10")),
    ),
    "inventario": (
        'Código,Elemento,Detalle\nLAB-01,"Balanza, 2 kg","Comprada en 2021\nen buen estado"\n'
        'LAB-02,"Monitor 19""",=HYPERLINK("http://a.example")\n',
        (
            ("Código", "Elemento", "Detalle"),
            ("LAB-01", "Balanza, 2 kg", "Comprada en 2021 en buen estado"),
            ("LAB-02", 'Monitor 19"', '=HYPERLINK("http://a.example")'),
        ),
    ),
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1", "cp1252"])
@pytest.mark.parametrize("name", CSV_GOLDENS)
def test_csv_of_schools(tmp_path: Path, name: str, encoding: str) -> None:
    text, cells = CSV_GOLDENS[name]
    (tmp_path / "a.csv").write_bytes(text.encode(encoding))
    with (tmp_path / "a.csv").open("rb") as file:
        assert parsers.kind_of("a.csv", file) is FileKind.CSV
    (block,) = sandbox.parse(tmp_path / "a.csv", FileKind.CSV).blocks
    assert block.cells == cells
    assert block.place == Sheet("datos", (1, len(cells)))
    assert block.level == (0 if "sin encabezado" in name else 1)


def test_a_quote_that_is_never_closed_is_a_letter(tmp_path: Path) -> None:
    lines = ["Código;Elemento", 'LAB-01;"Monitor', *(f"LAB-{n:02d};Silla de madera" for n in range(2, 5_000))]
    (tmp_path / "a.csv").write_text("\n".join(lines))
    blocks = csv.parse(tmp_path / "a.csv").blocks
    assert blocks[0].cells[:2] == (("Código", "Elemento"), ("LAB-01", '"Monitor'))
    assert blocks[-1].cells[-1] == ("LAB-4999", "Silla de madera")


def test_a_csv_of_too_many_rows_is_read_as_far_as_the_limit(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Alumno;Nota\n" + "Ana;9\n" * (MAX_SHEET_ROWS + 5))
    document = csv.parse(tmp_path / "a.csv")
    assert document.blocks[-1].place == Sheet("datos", (MAX_SHEET_ROWS - 39, MAX_SHEET_ROWS))
    assert [part.code for part in document.unreadable] == ["sheet_too_big"]


@pytest.mark.parametrize(
    "content", [b"a;b\n" * 3 + b"\xff\xfe", b'"' * 9_999, b";" * 200_000, b"\n" * 200_000]
)
def test_odd_csv_ends_with_a_reason_or_a_table(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    try:
        document = sandbox.parse(tmp_path / "a.csv", FileKind.CSV, limits=SECONDS)
    except base.Unparsable as error:
        assert error.code == "broken_csv"  # noqa: PT017  # either is right
    else:
        assert all(isinstance(block.place, Sheet) for block in document.blocks)
