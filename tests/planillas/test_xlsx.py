"""XLSX is read again by openpyxl and LibreOffice, with its types, its sources, and nothing that runs."""

import io
import re
import zipfile
from datetime import datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils import column_index_from_string, get_column_letter

from planillas.columns import Column, Kind
from planillas.exports import grids, xlsx
from planillas.exports.inert import fit, is_dangerous
from planillas.exports.sheet import TooLarge
from planillas.exports.xlsx import Detail, detail
from tests.planillas import own, sheets
from tests.planillas.hostile import HOSTILE, TEXTS

_NUMBERED = re.compile(
    "_x005F_"
)  # how Excel keeps what looks like a character by its number; openpyxl does not read it


def _written(sheet: Any) -> bytes:
    file = io.BytesIO()
    xlsx.write(sheet, file)
    return file.getvalue()


def _book(content: bytes) -> Any:
    return openpyxl.load_workbook(io.BytesIO(content))


def test_values_keep_their_types_and_cells_their_states() -> None:
    book = _book(_written(sheets.sheet()))
    grid, listed = book.worksheets[0], book["Listas"]
    assert grid.title == "Nómina 2026 1.º y 2.º A B" and listed.sheet_state == "hidden"
    rows = [[cell.value for cell in row] for row in grid.iter_rows()]
    assert rows == [
        ["Apellido y nombre", "DNI", "Fecha de nacimiento", "Curso", "Promedio", "Beca", "Cuota", "Observaciones",
         "Fuentes"],
        ["Álvarez, Ana", "04123456", datetime(2014, 5, 3), "1.º A", 8.5, "Sí", 12500.5,  # noqa: DTZ001  # a day has none
         "Llega a las 8.\nSe va a las 12.", "Nómina de alumnos; Reunión de marzo"],
        ["Benítez, Bruno", None, None, "1.º B", 7, "No", None, None, "Nómina de alumnos; Lista vieja"],
        ["Núñez & Cía <b>, Sofía", None, None, None, None, None, None, "=1+1 llega tarde",
         "Nómina de alumnos; Reunión de marzo"],
    ]  # fmt: skip
    assert [grid[name].number_format for name in ("B2", "C2", "G2")] == ["@", "dd/mm/yyyy", '"$" #,##0.00']
    assert grid["H4"].data_type == "s" and grid["H4"].quotePrefix and not grid["A2"].quotePrefix
    assert (grid.freeze_panes, grid.auto_filter.ref, grid.print_title_rows) == ("B2", "A1:I4", "$1:$1")
    lists = {str(each.sqref): each.formula1 for each in grid.data_validations.dataValidation}
    assert lists == {"D2:D4": "'Listas'!$A$1:$A$3", "F2:F4": '"Sí,No"'}
    assert [row[0].value for row in listed.iter_rows()] == ["1.º A", "1.º B", "2.º A"]
    fills = {name: grid[name].fill.fgColor.rgb for name in ("A2", "B3", "C3", "D3", "E3", "G3")}
    assert len(set(fills.values())) == 6, "found, and each of the other states, have a colour of their own"
    about = " ".join(str(cell.value) for row in book["Acerca de"].iter_rows() for cell in row if cell.value)
    for said in (
        "Escuela Norte & Sur",
        "Borrador",
        "Dos hojas del documento",
        "En conflicto",
        "21/11/2026 09:30",
    ):
        assert said in about


def test_each_cell_leads_to_its_source_and_each_source_to_its_cell() -> None:
    book = _book(_written(sheets.sheet()))
    grid, beside = book.worksheets[0], book["Fuentes"]
    told = {row[0].value: [cell.value for cell in row] for row in beside.iter_rows(min_row=2)}
    assert told["H2"][2:9] == [
        "Reunión de marzo", "minuto 3:07", "llega a las ocho", "Encontrada", None,
        "Citas textuales, sin modelo de lenguaje", "21/11/2026 09:30",
    ]  # fmt: skip
    assert told["H2"][9].startswith("https://preceptor.example/e/norte/") and "t=187" in told["H2"][9]
    assert told["H2"][10] == "b2" * 32
    assert told["C3"][5:7] == ["Inválida", "No hay un 31 de febrero."]
    assert (told["B3"][2], told["B3"][6], told["B3"][9]) == (
        "Lista vieja (eliminado)",
        "Dice: 45987655",
        None,
    )
    checked = 0
    for row in grid.iter_rows(min_row=2):
        for cell in row[:-1]:
            if cell.comment is None:
                continue
            number = int(re.findall(r"Fuentes, fila (\d+)", cell.comment.text)[0])
            assert cell.coordinate in _cells(beside.cell(number, 1).value)
            quote = beside.cell(number, 5).value
            assert quote is None or f"«{quote}»" in cell.comment.text
            checked += 1
        first = int(row[-1].hyperlink.location.removeprefix("'Fuentes'!A"))
        assert str(row[0].row) in beside.cell(first, 1).value
    assert checked == 16
    for number in range(2, beside.max_row + 1):
        back = beside.cell(number, 1)
        assert back.hyperlink.location == f"'{grid.title}'!{_cells(back.value)[0]}"
        address = beside.cell(number, 10)
        assert (address.hyperlink.target if address.hyperlink else None) == address.value


@pytest.mark.parametrize("how", [Detail.LINKS, Detail.ROWS])
def test_a_longer_planilla_has_links_and_then_one_a_row(how: Detail) -> None:
    columns = [Column(f"c{index}", f"C {index}", Kind.INTEGER) for index in range(60)]
    rows = [
        {
            each.key: sheets.found(at + number, sheets.at(number, f"fila {number}"))
            for at, each in enumerate(columns)
        }
        for number in range(2, 142)
    ]
    sheet = sheets.sheet(rows, columns, count={Detail.LINKS: 140, Detail.ROWS: 1_000}[how])
    assert detail(sheet.count * 60) is how
    book = _book(_written(sheet))
    grid, beside = book.worksheets[0], book["Fuentes"]
    assert beside.max_row == 141 and beside["A3"].value == "A3:BH3" and beside["E3"].value == "fila 3"
    linked = [cell for row in grid.iter_rows(min_row=2) for cell in row if cell.hyperlink]
    assert len(linked) == 140 * (61 if how is Detail.LINKS else 1)
    assert all(cell.hyperlink.location == f"'Fuentes'!A{cell.row}" for cell in linked)
    assert grid["C5"].value == 7 and not any(cell.comment for row in grid.iter_rows() for cell in row)


def test_what_no_spreadsheet_counts_rightly_stays_a_text() -> None:
    columns = [Column("n", "N", Kind.INTEGER), Column("d", "D", Kind.DATE), Column("t", "T", Kind.TIME)]
    rows = [
        {"n": sheets.found(12345678901234567), "d": sheets.found("1899-07-09"), "t": sheets.found("08:30")},
        {"n": sheets.found(-7), "d": sheets.found("1900-03-01"), "t": sheets.found("23:59")},
    ]
    grid = _book(_written(sheets.sheet(rows, columns))).worksheets[0]
    assert [cell.data_type for cell in grid[2]][:3] == ["s", "s", "d"]
    day = datetime(1900, 3, 1)  # noqa: DTZ001  # a day has none
    assert [cell.value for cell in grid[3]][:3] == [-7, day, time(23, 59)]
    with pytest.raises(TooLarge):
        xlsx.write(sheets.sheet(count=grids.ROWS_MOST), io.BytesIO())
    long = _book(_written(sheets.of_texts(["ñ" * 40_000])))
    assert len(long.worksheets[0]["A2"].value) <= 32_767 and long.worksheets[0]["A2"].value.endswith(
        "[sigue]"
    )
    assert "de lo que admite Excel: 1." in str([row[1].value for row in long["Acerca de"].iter_rows()])


@settings(max_examples=8)
@given(st.lists(TEXTS, min_size=1, max_size=20))
def test_any_text_stays_a_text(texts: list[str]) -> None:
    _check_inert(texts)


def test_hostile_texts_stay_texts() -> None:
    _check_inert(list(HOSTILE))


def _check_inert(texts: list[str]) -> None:
    content = _written(sheets.of_texts(texts))
    book = _book(content)
    grid = book.worksheets[0]
    for row, text in enumerate(texts, start=2):
        cell, expected = grid.cell(row, 1), fit(text)
        shown = _NUMBERED.sub("_", cell.value or "")
        assert shown == expected and (not expected or cell.data_type == "s")
        assert cell.quotePrefix == is_dangerous(expected) and cell.hyperlink is None
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        for name in packed.namelist():
            part = packed.read(name).decode()
            assert "<f>" not in part and "<f " not in part, "no formula anywhere"
            if name.endswith(".rels"):
                assert all(
                    target.startswith("https://preceptor.example/e/norte/")
                    for target in re.findall(r'Target="([^"]*)" TargetMode="External"', part)
                )


@own.NO_OFFICE
@pytest.mark.slow
def test_libreoffice_reads_the_same(tmp_path: Path) -> None:
    rows = [*sheets.ROWS, *({"alumno": sheets.found(fit(text).strip() or "x")} for text in HOSTILE)]
    content = _written(sheets.sheet(rows))
    again = _book(own.converted(content, "xlsx", "xlsx", tmp_path)).worksheets[0]
    ours = _book(content).worksheets[0]
    assert [[cell.value for cell in row[:8]] for row in again.iter_rows(max_row=4)] == [
        [cell.value for cell in row[:8]] for row in ours.iter_rows(max_row=4)
    ]
    for row, text in enumerate(HOSTILE, start=5):
        cell = again.cell(row, 1)
        assert cell.data_type == "s" and _tidy(cell.value) == _tidy(fit(text).strip() or "x")


def _cells(said: str) -> list[str]:
    """Return the cells that a line of «Fuentes» names: A2:C2, H2."""
    found: list[str] = []
    for part in said.split(", "):
        first, _colon, last = part.partition(":")
        low, high, row = _index(first), _index(last or first), re.sub(r"\D", "", first)
        found += [f"{get_column_letter(index)}{row}" for index in range(low, high + 1)]
    return found


def _index(name: str) -> int:
    return int(column_index_from_string(re.sub(r"\d", "", name)))


def _tidy(text: str) -> str:
    return " ".join(_NUMBERED.sub("_", text).split())
