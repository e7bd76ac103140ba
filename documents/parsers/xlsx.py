"""XLSX: every visible sheet as tables with row numbers, values as a person reads them in Spanish."""

import datetime as dt
import re
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from documents.blocks import Kind, ParsedBlock, ParsedDocument, Unreadable
from documents.parsers import grid, tidy
from documents.parsers.base import (
    MAX_BLOCKS,
    MAX_DOCUMENT_CHARS,
    MAX_TABLE_COLUMNS,
    Broken,
    ParseTooBig,
    Progress,
    ignore_progress,
)
from documents.parsers.unzip import Archive
from documents.places import Sheet

MAX_SHEETS = 256
MAX_ROWS = 300_000  # of one workbook, empty ones apart
_BRACKETS = re.compile(r'\[[^\]]*\]|"[^"]*"|\\.')
_DECIMALS = re.compile(r"0\.(0+)")


def parse(path: Path, progress: Progress = ignore_progress) -> ParsedDocument:
    """Return what a workbook shows: of formulas the last computed value; hidden sheets are told, not read."""
    with Archive(path, must_have="xl/workbook.xml"):
        pass  # unpacked once, counting, before openpyxl opens it
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of styles and extensions that no one reads here
            with path.open(
                "rb"
            ) as file:  # by its name openpyxl would refuse a stored original, which has no ending
                return _read(file, progress)
    except (
        zipfile.BadZipFile,
        InvalidFileException,
        KeyError,
        ValueError,
        IndexError,
        AttributeError,
        TypeError,
        SyntaxError,
    ) as error:
        # What openpyxl raises on damaged workbooks is whatever its code trips over.
        raise Broken("La planilla está dañada y no se puede leer.", code="broken_xlsx") from error


def _read(file: BinaryIO, progress: Progress) -> ParsedDocument:
    book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
    try:
        blocks: list[ParsedBlock] = []
        unreadable: list[Unreadable] = []
        names = book.sheetnames[:MAX_SHEETS]
        if not names:
            raise Broken("La planilla está dañada: no tiene hojas.", code="broken_xlsx")
        count = _Count()
        for index, name in enumerate(names):
            sheet: Any = book[name]
            title = tidy.line(name) or f"Hoja {index + 1}"
            if not hasattr(sheet, "iter_rows"):
                unreadable.append(
                    Unreadable(None, f"La hoja «{title}» es un gráfico y no se leyó.", "chart_sheet")
                )
                continue
            if sheet.sheet_state != "visible":
                unreadable.append(
                    Unreadable(None, f"La hoja «{title}» está oculta y no se leyó.", "hidden_sheet")
                )
                continue
            found = []
            for block in grid.blocks(_rows(sheet, count), sheet=title):
                found.append(block)
                count.check(block, len(blocks) + len(found))
            if found:
                blocks += [
                    ParsedBlock(Kind.HEADING, title, Sheet(title, _first_row(found[0])), level=1),
                    *found,
                ]
            if count.is_too_wide:
                reason = (
                    f"La hoja «{title}» tiene datos después de la columna {MAX_TABLE_COLUMNS}: no se leyeron."
                )
                unreadable.append(Unreadable(None, reason, "too_many_columns"))
                count.is_too_wide = False
            progress(index + 1, len(names))
        declared = tidy.line(book.properties.title or "")
        return ParsedDocument(
            tuple(blocks), declared if len(declared) >= 6 else None, None, tuple(unreadable)
        )
    finally:
        book.close()


def _first_row(block: ParsedBlock) -> tuple[int, int]:
    row = block.place.rows[0] if isinstance(block.place, Sheet) else 1
    return row, row


class _Count:
    """Stops a workbook that has more than is read."""

    def __init__(self) -> None:
        self.rows = 0
        self.is_too_wide = False  # the sheet being read
        self.chars = 0

    def row(self) -> None:
        self.rows += 1
        if self.rows > MAX_ROWS:
            raise ParseTooBig(
                f"La planilla tiene más de {MAX_ROWS} filas con datos. Conviene dividirla.",
                code="too_many_rows",
            )

    def check(self, block: ParsedBlock, blocks: int) -> None:
        self.chars += len(block.text)
        if self.chars > MAX_DOCUMENT_CHARS or blocks > MAX_BLOCKS:
            raise ParseTooBig("La planilla tiene demasiado texto para leerla de una vez. Conviene dividirla.")


def _rows(sheet: Any, count: _Count) -> Iterator[grid.NumberedRow]:
    sheet.reset_dimensions()  # a sheet may claim XFD1048576 and hold three cells
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        if not cells:
            continue
        row = tuple(
            _shown(cell.value, cell) if cell.value is not None else "" for cell in cells[:MAX_TABLE_COLUMNS]
        )
        if any(cell.value is not None for cell in cells[MAX_TABLE_COLUMNS:]):
            count.is_too_wide = True
        if any(row):
            count.row()
            yield number, row


def _shown(value: object, cell: Any) -> str:
    match value:
        case str():
            return "" if cell.data_type == "e" else value
        case bool():
            return "Sí" if value else "No"
        case int() | float():
            return shown_number(value, str(cell.number_format or "General"))
        case dt.datetime():
            has_time = value.time() != dt.time(0)
            return f"{value:%d/%m/%Y %H:%M}" if has_time else f"{value:%d/%m/%Y}"
        case dt.date():
            return f"{value:%d/%m/%Y}"
        case dt.time():
            return f"{value:%H:%M}"
        case dt.timedelta():
            minutes = round(value.total_seconds() / 60)
            return f"{minutes // 60}:{minutes % 60:02d}"
    return str(value)


def shown_number(value: float, number_format: str) -> str:
    """Return a number as its format shows it, with the Spanish comma and points: 1.234,50; 25 %; $ 300,00."""
    pattern = _BRACKETS.sub(
        lambda match: match.group() if "$" in match.group() or "€" in match.group() else "", number_format
    )
    pattern = pattern.split(";")[0]
    is_percent = "%" in pattern
    if is_percent:
        value *= 100
    decimals = _DECIMALS.search(pattern)
    if decimals:
        text = f"{value:,.{min(len(decimals.group(1)), 10)}f}"
    elif isinstance(value, int) or (value.is_integer() and abs(value) < 1e15):
        text = f"{int(value):,}"
    elif "0" in pattern:
        text = f"{value:,.0f}"
    else:
        text = f"{value:,.10g}"
    text = (
        text.translate(str.maketrans(",.", ".,"))
        if "," in pattern
        else text.replace(",", "").replace(".", ",")
    )
    currency = next((sign for sign in ("$", "€") if sign in pattern), "")
    return f"{currency} {text}".strip() + (" %" if is_percent else "")
