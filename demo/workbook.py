"""Write rows as a workbook that a secretary would keep: headings, widths, frozen panes, real dates."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from demo.article import SCHOOL

WIDEST_CHARACTERS = 52
HEADER_ROW = 3

Value = str | int | float | date


def read_rows(path: Path) -> list[list[str]]:
    """Return the rows of a source table, its header first."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter=";"))


def write(sheets: Mapping[str, list[list[str]]], *, title: str, to: Path) -> None:
    """Write one sheet for each table: the title in the first row, the column names in the third."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, table in sheets.items():
        sheet: Worksheet = book.create_sheet(name)
        _fill(sheet, table, title=f"{title} · {name}")
    book.properties.title, book.properties.creator = title, SCHOOL
    book.save(to)


def write_csv(table: list[list[str]], *, to: Path, encoding: str) -> None:
    """Write a table as Spanish Excel exports it: semicolons and Windows line ends."""
    with to.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=";", lineterminator="\r\n").writerows(table)


def _fill(sheet: Worksheet, table: list[list[str]], *, title: str) -> None:
    sheet.append([SCHOOL])
    sheet.append([title])
    thin = Side(style="thin", color="BFBFBF")
    for row in table:
        sheet.append([_value(text) for text in row])
    for row_cells in sheet.iter_rows(min_row=HEADER_ROW, max_col=len(table[0])):
        for cell in row_cells:
            cell.border = Border(left=thin, right=thin, top=thin, bottom=thin)
            cell.alignment = Alignment(vertical="center", wrap_text=True)
            if isinstance(cell.value, date):
                cell.number_format = "dd/mm/yyyy"
    for head in sheet[HEADER_ROW]:
        head.font = Font(bold=True, color="FFFFFF")
        head.fill = PatternFill("solid", fgColor="7A1F3D")
    sheet["A1"].font, sheet["A2"].font = Font(color="595959"), Font(bold=True, size=14, color="7A1F3D")
    for column in range(len(table[0])):
        longest = max(len(row[column]) for row in table)
        width_characters = min(max(longest + 3, 11), WIDEST_CHARACTERS)
        sheet.column_dimensions[get_column_letter(column + 1)].width = width_characters
    sheet.freeze_panes = f"A{HEADER_ROW + 1}"
    sheet.auto_filter.ref = f"A{HEADER_ROW}:{get_column_letter(len(table[0]))}{sheet.max_row}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _value(text: str) -> Value | None:
    """Return what a cell holds: a date, a number or the text itself."""
    if not text:
        return None
    if len(text) == 10 and text[4:5] == "-" and text[7:8] == "-":
        return date.fromisoformat(text)
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        return text
