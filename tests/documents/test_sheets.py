import datetime as dt
from pathlib import Path

import openpyxl
import pytest

from documents.blocks import Kind
from documents.parsers import base, csv, grid, xlsx
from documents.places import Sheet, locate
from tests.documents.files import rewrite_zip, write_xlsx


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


def test_hidden_sheets_are_told_and_formulas_give_their_value(tmp_path: Path) -> None:
    path = write_xlsx(
        tmp_path / "a.xlsx", {"vista": [["a", "b"], ["=1+1", "x"]], "oculta": [["secreto", "y"]]}
    )
    book = openpyxl.load_workbook(path)
    book["oculta"].sheet_state = "hidden"
    book.save(path)
    document = xlsx.parse(path)
    assert [part.code for part in document.unreadable] == ["hidden_sheet"]
    assert "secreto" not in "".join(block.text for block in document.blocks)
    assert "=1+1" not in "".join(
        block.text for block in document.blocks
    )  # never computed: empty, not a formula


def test_a_damaged_workbook_says_so(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", {"h": [["a", "b"]]})
    with pytest.raises(base.Broken):
        xlsx.parse(rewrite_zip(path, {"xl/worksheets/sheet1.xml": b"<worksheet"}))
    with pytest.raises(base.Broken):
        xlsx.parse(rewrite_zip(path, {"xl/workbook.xml": b"<html/>"}))


@pytest.mark.parametrize(
    ("value", "number_format", "shown"),
    [
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
    assert xlsx.shown_number(value, number_format) == shown


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
