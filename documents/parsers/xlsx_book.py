"""The parts of an XLSX workbook: its sheets, its texts, its number formats, and the rows of one sheet as a stream."""

import datetime as dt
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from lxml import etree
from openpyxl.styles.numbers import BUILTIN_FORMATS

from documents.parsers import number_formats
from documents.parsers.base import MAX_CELL_CHARS, MAX_TABLE_COLUMNS, Broken
from documents.parsers.grid import Merge, Merges, NumberedRow
from documents.parsers.unzip import Archive

MAX_ROW = 1_048_576
MAX_MERGES = 20_000
MAX_TEXTS = 2_000_000
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")
_MERGE = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3}\d{1,7}):([A-Z]{1,3}\d{1,7})"')
_READ_BYTES = 1024 * 1024
_MOST_TAG_BYTES = 200
_DAMAGED = "La planilla está dañada y no se puede leer."


@dataclass(frozen=True, slots=True)
class Part:
    """A sheet of the workbook. `name`: of its XML inside the file."""

    title: str
    name: str
    is_hidden: bool
    is_chart: bool


class Book:
    """A workbook whose sheets are read one at a time, row by row."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        root = self._root("xl/workbook.xml")
        targets = {
            each.get("Id", ""): (each.get("Target", ""), each.get("Type", ""))
            for each in self._root("xl/_rels/workbook.xml.rels")
        }
        by_kind = {kind.rsplit("/", 1)[-1]: _name(target) for target, kind in targets.values()}
        flags = root.find("{*}workbookPr")
        self._from_1904 = flags is not None and flags.get("date1904") in ("1", "true")
        self.parts = [
            Part(
                each.get("name", ""),
                _name(target),
                is_hidden=each.get("state", "visible") != "visible",
                is_chart=bool(kind) and not kind.endswith("/worksheet"),
            )
            for each in root.iterfind("{*}sheets/{*}sheet")
            for target, kind in (targets.get(_relation(each), ("", "")),)
        ]
        self._texts = self._read_texts(by_kind.get("sharedStrings", "xl/sharedStrings.xml"))
        self._formats = self._read_formats(by_kind.get("styles", "xl/styles.xml"))
        self.uncalculated = 0  # formulas of the sheet being read that no program has ever computed
        self.is_too_wide = False

    def merges(self, part: Part) -> Merges:
        """Return the ranges of a sheet that were merged into one cell: in the file they stand behind its rows."""
        found: Merges = {}
        held, count = b"", 0
        with self._archive.open(part.name) as stream:
            while (data := stream.read(_READ_BYTES)) and count < MAX_MERGES:
                held += data
                last = 0
                for match in _MERGE.finditer(held):
                    (left, top), (right, bottom) = (_at(side.decode()) for side in match.groups())
                    found.setdefault(top, []).append(Merge(top, left, bottom, right))
                    last, count = match.end(), count + 1
                held = held[max(last, len(held) - _MOST_TAG_BYTES) :]
        return found

    def rows(self, part: Part) -> Iterator[NumberedRow]:
        """Yield the rows that hold anything, numbered as the spreadsheet does. Raises `Broken`."""
        self.uncalculated, self.is_too_wide = 0, False
        if part.name not in self._archive.names:
            raise Broken(_DAMAGED, code="broken_xlsx")
        before = 0
        with self._archive.open(part.name) as stream:
            for element in _elements(stream, "row"):
                at = _whole(element.get("r", ""))
                before = at if before < at <= MAX_ROW else before + 1
                row = self._row(element)
                if any(row):
                    yield before, row

    def _row(self, element: Any) -> tuple[str, ...]:
        cells: list[str] = []
        column = -1
        for cell in element:
            column += 1
            reference = cell.get("r")
            if reference is not None:
                column = _column(reference, otherwise=column)
            if column >= MAX_TABLE_COLUMNS:
                self.is_too_wide = self.is_too_wide or len(cell) > 0
                break
            shown = self._shown(cell)
            if shown:
                cells.extend([""] * (column + 1 - len(cells)))
                cells[column] = shown
        return tuple(cells)

    def _shown(self, cell: Any) -> str:
        kind, value, has_formula = cell.get("t", "n"), None, False
        for child in cell:
            tag = child.tag
            if not isinstance(tag, str):
                continue
            if tag.endswith("}v"):
                value = child.text
            elif tag.endswith("}is"):
                return _text(child)
            elif tag.endswith("}f"):
                has_formula = True
        if value is None:
            self.uncalculated += has_formula
            return ""
        match kind:
            case "n":
                return self._number(value, cell.get("s", "0"))
            case "s":
                at = _whole(value.strip(), otherwise=len(self._texts))
                return self._texts[at] if at < len(self._texts) else ""
            case "str":
                return str(value[:MAX_CELL_CHARS])
            case "b":
                return number_formats.truth(value.strip() not in ("0", "false"))
            case "d":
                return _iso(value, self._format(cell.get("s", "0")))
        return ""  # an error's name says nothing that a document means

    def _number(self, raw: str, style: str) -> str:
        try:
            value = float(raw)
        except ValueError:
            return ""
        if value != value or value in (float("inf"), float("-inf")):
            return ""
        number_format = self._format(style)
        if number_formats.is_date(number_format):
            return number_formats.serial(value, number_format, from_1904=self._from_1904)
        return number_formats.number(value, number_format)

    def _format(self, style: str) -> str:
        at = _whole(style)
        return self._formats[at] if at < len(self._formats) else number_formats.GENERAL

    def _root(self, name: str) -> Any:
        root = self._archive.xml(name)
        if root is None:
            raise Broken(_DAMAGED, code="broken_xlsx")
        return root

    def _read_texts(self, name: str) -> list[str]:
        if name not in self._archive.names:
            return []
        with self._archive.open(name) as stream:
            texts = []
            for element in _elements(stream, "si"):
                texts.append(_text(element))
                if len(texts) > MAX_TEXTS:
                    break
            return texts

    def _read_formats(self, name: str) -> list[str]:
        root = self._archive.xml(name)
        if root is None:
            return []
        own = {
            each.get("numFmtId", ""): each.get("formatCode", "")
            for each in root.iterfind("{*}numFmts/{*}numFmt")
        }
        found = []
        for each in root.iterfind("{*}cellXfs/{*}xf"):
            number = each.get("numFmtId", "0")
            builtin = BUILTIN_FORMATS.get(_whole(number), number_formats.GENERAL)
            found.append(own.get(number, builtin)[:255])
        return found


def _elements(stream: IO[bytes], name: str) -> Iterator[Any]:
    """Yield the elements of a name, each forgotten once the next is asked for."""
    try:
        for _, element in etree.iterparse(
            stream,
            tag=f"{{*}}{name}",
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
        ):
            if element.getroottree().docinfo.internalDTD is not None:
                raise Broken(
                    "El archivo contiene definiciones que no corresponden a un documento.", code="broken_xml"
                )
            yield element
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    except etree.XMLSyntaxError as error:
        raise Broken(_DAMAGED, code="broken_xlsx") from error


def _text(element: Any) -> str:
    """Return what a text says, without how it is pronounced."""
    parts = []
    for child in element:
        tag = child.tag
        if not isinstance(tag, str):
            continue
        if tag.endswith("}t"):
            parts.append(child.text or "")
        elif tag.endswith("}r"):
            parts += [
                each.text or "" for each in child if isinstance(each.tag, str) and each.tag.endswith("}t")
            ]
    return "".join(parts)[:MAX_CELL_CHARS]


def _whole(raw: str, *, otherwise: int = 0) -> int:
    return int(raw) if raw.isascii() and raw.isdigit() and len(raw) < 10 else otherwise


def _iso(value: str, number_format: str) -> str:
    try:
        return number_formats.moment(dt.datetime.fromisoformat(value.removesuffix("Z")), number_format)
    except ValueError:
        return value[:MAX_CELL_CHARS]


_COLUMNS: dict[str, int] = {}


def _column(reference: str, *, otherwise: int) -> int:
    letters = reference.rstrip("0123456789")
    column = _COLUMNS.get(letters)
    if column is None:
        match = _REFERENCE.match(reference)
        if match is None:
            return otherwise
        column = _COLUMNS[letters] = _at(match.group())[0]
    return column


def _at(reference: str) -> tuple[int, int]:
    """Return the column, from 0, and the row, from 1, of a reference such as AB12."""
    match = _REFERENCE.match(reference)
    assert match is not None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return column - 1, int(match[2])


def _relation(sheet: Any) -> str:
    return next((str(value) for key, value in sheet.attrib.items() if key.endswith("}id")), "")


def _name(target: str) -> str:
    """Return the name in the archive of what the workbook points to."""
    return posixpath.normpath(posixpath.join("/xl", target)).lstrip("/")
