"""ODS: every sheet as tables with row numbers. Each cell's text stands in the file as the program showed it."""

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import etree

from documents.blocks import ParsedDocument
from documents.parsers import number_formats
from documents.parsers.base import MAX_CELL_CHARS, MAX_TABLE_COLUMNS, Broken, Progress, ignore_progress
from documents.parsers.grid import Merge, Merges, NumberedRow
from documents.parsers.unzip import Archive
from documents.parsers.workbook import MAX_SHEET_ROWS, MAX_SHEETS, Workbook, title_of

MAX_ROW = 1_048_576
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_ERROR_KIND = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}value-type"
_CELLS = (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell")
_DIGITS = re.compile(r"\d[\d.,]*(?<![.,])")
_TURN = str.maketrans(",.", ".,")
_DAMAGED = "La planilla está dañada y no se puede leer."


def parse(path: Path, progress: Progress = ignore_progress) -> ParsedDocument:
    """Return what a workbook shows, without comments; hidden sheets say so."""
    with Archive(path, must_have="content.xml") as archive:
        workbook, reader = Workbook(), _Reader()
        with archive.open("content.xml") as stream:
            for index, (name, is_hidden) in enumerate(reader.sheets(stream)):
                if index >= MAX_SHEETS:
                    break
                title = title_of(name, index)
                workbook.add(title, reader.rows(), merges=reader.merges, is_hidden=is_hidden)
                if reader.is_too_wide:
                    workbook.tell_too_wide(title)
                if reader.uncalculated:
                    workbook.tell_uncalculated(title, reader.uncalculated)
                progress(index + 1, index + 2)
                if reader.is_broken:
                    break
        meta = archive.xml("meta.xml")
        declared = meta.find(".//{http://purl.org/dc/elements/1.1/}title") if meta is not None else None
        progress(1, 1)
        return workbook.document(declared.text if declared is not None else "")


class _Reader:
    """Goes once through the file: a sheet, then its rows, then the next sheet."""

    def __init__(self) -> None:
        self._hidden_styles: set[str] = set()
        self._events: Iterator[tuple[str, Any]] = iter(())
        self._start()

    def _start(self) -> None:
        self.merges: Merges = {}  # of the sheet being read, up to the row that came last
        self.uncalculated = 0
        self.is_too_wide = self.is_broken = False

    def sheets(self, stream: Any) -> Iterator[tuple[str, bool]]:
        """Yield each sheet's name and whether it is hidden; `rows` gives its rows before the next is asked for."""
        self._events = self._read(stream)
        for event, element in self._events:
            if event == "start" and element.tag == f"{_TABLE}table" and _is_sheet(element):
                self._start()
                style = element.get(f"{_TABLE}style-name", "")
                yield element.get(f"{_TABLE}name", ""), style in self._hidden_styles

    def rows(self) -> Iterator[NumberedRow]:
        """Yield the rows of the sheet that hold anything. Raises `Broken`."""
        number = 1
        try:
            for event, element in self._events:
                if event == "end" and element.tag == f"{_TABLE}table" and _is_sheet(element):
                    return
                if event == "end" and element.tag == f"{_TABLE}table-row":
                    repeated = _count(element, "number-rows-repeated", most=MAX_ROW)
                    row = self._row(element, number)
                    if any(row):
                        for offset in range(min(repeated, MAX_SHEET_ROWS + 1)):
                            yield number + offset, row
                    number += repeated
        except Broken:
            self.is_broken = True
            raise

    def _read(self, stream: Any) -> Iterator[tuple[str, Any]]:
        tags = (f"{_TABLE}table", f"{_TABLE}table-row", f"{_STYLE}style")
        try:
            for event, element in etree.iterparse(
                stream,
                events=("start", "end"),
                tag=tags,
                resolve_entities=False,
                no_network=True,
                load_dtd=False,
                huge_tree=False,
            ):
                if element.getroottree().docinfo.internalDTD is not None:
                    raise Broken(_DAMAGED, code="broken_xml")
                if event == "end" and element.tag == f"{_STYLE}style":
                    self._learn_style(element)
                yield event, element
                if event == "end":
                    element.clear()
                    while element.getprevious() is not None:
                        del element.getparent()[0]
        except etree.XMLSyntaxError as error:
            raise Broken(_DAMAGED, code="broken_ods") from error

    def _learn_style(self, style: Any) -> None:
        shown = style.find(f"{_STYLE}table-properties")
        if shown is not None and shown.get(f"{_TABLE}display") == "false":
            self._hidden_styles.add(style.get(f"{_STYLE}name", ""))

    def _row(self, element: Any, number: int) -> tuple[str, ...]:
        cells: list[str] = []
        column = 0
        for cell in element.iterchildren(*_CELLS):
            repeated = _count(cell, "number-columns-repeated", most=MAX_ROW)
            shown = self._shown(cell)
            if shown and column + repeated > MAX_TABLE_COLUMNS:
                self.is_too_wide = True
            if shown and column < MAX_TABLE_COLUMNS:
                cells.extend([""] * (column - len(cells)))
                cells.extend([shown] * min(repeated, MAX_TABLE_COLUMNS - column))
                right = column + _count(cell, "number-columns-spanned", most=MAX_TABLE_COLUMNS) - 1
                bottom = number + _count(cell, "number-rows-spanned", most=MAX_ROW) - 1
                if right > column or bottom > number:
                    self.merges.setdefault(number, []).append(Merge(number, column, bottom, right))
            column += repeated
        return tuple(cells)

    def _shown(self, cell: Any) -> str:
        if len(cell) == 0 and f"{_OFFICE}value-type" not in cell.attrib:
            self.uncalculated += f"{_TABLE}formula" in cell.attrib
            return ""
        if cell.get(_ERROR_KIND) == "error":
            return ""
        paragraphs = ["".join(_letters(each)) for each in cell.iterchildren(f"{_TEXT}p", f"{_TEXT}h")]
        text = "\n".join(paragraphs)[:MAX_CELL_CHARS]
        match cell.get(f"{_OFFICE}value-type"):
            case "boolean":
                return number_formats.truth(cell.get(f"{_OFFICE}boolean-value") == "true")
            case "date":
                return _moment(cell.get(f"{_OFFICE}date-value", "")) or text
            case "float" | "currency":
                return _number(text, cell.get(f"{_OFFICE}value", ""))
            case "percentage":
                return _number(text, cell.get(f"{_OFFICE}value", ""), is_percent=True)
        return text or cell.get(f"{_OFFICE}string-value", "")[:MAX_CELL_CHARS]


def _letters(element: Any) -> Iterator[str]:
    """Yield the text of a paragraph, its spaces and breaks written out, without notes."""
    yield element.text or ""
    for child in element:
        if child.tag == f"{_TEXT}s":
            yield " "
        elif child.tag in (f"{_TEXT}line-break", f"{_TEXT}tab"):
            yield "\n"
        elif isinstance(child.tag, str) and child.tag != f"{_OFFICE}annotation":
            yield from _letters(child)
        yield child.tail or ""


def _moment(value: str) -> str:
    try:
        return number_formats.moment(dt.datetime.fromisoformat(value))
    except ValueError:
        return ""


def _number(text: str, raw: str, *, is_percent: bool = False) -> str:
    """Return a number as it was shown, its comma and points turned round where the program spoke English."""
    try:
        value = float(raw) * (100 if is_percent else 1)
    except ValueError:
        return text
    if not text:
        return number_formats.number(float(raw), "0.##%" if is_percent else number_formats.GENERAL)
    digits = _DIGITS.search(text)
    if digits and not _says(digits.group().translate(_TURN), value) and _says(digits.group(), value):
        text = text.translate(_TURN)
    return re.sub(r"(?<=\d)%", " %", text)


def _says(english: str, value: float) -> bool:
    """Say whether digits written as in English are a value, as far as they show it."""
    whole, _, part = english.partition(".")
    try:
        shown = float(f"{whole.replace(',', '')}.{part}")
    except ValueError:
        return False
    return "," not in part and abs(shown - abs(value)) <= 0.5 * 10 ** -len(part) * 1.0001


def _count(element: Any, name: str, *, most: int) -> int:
    raw = element.get(f"{_TABLE}{name}", "1")
    return max(1, min(int(raw), most)) if raw.isascii() and raw.isdigit() and len(raw) < 12 else 1


def _is_sheet(table: Any) -> bool:
    parent = table.getparent()
    return parent is not None and parent.tag == f"{_OFFICE}spreadsheet"
