"""The rows of a workbook's table, written one by one as the template's row is: styles, height, formulas, numbers."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from planillas.cells import Cells, Value
from planillas.columns import Column, Kind
from planillas.own_files import marks, package, shifting, written, xlsx_styles
from planillas.own_files.grid import letters, number
from planillas.own_files.shifting import Growth
from planillas.own_files.xlsx_book import Book, q, said, split
from planillas.own_files.xlsx_reading import kind_of_format
from planillas.own_files.xlsx_styles import Styles

MAX_CELL_CHARS = 32_767

_CODED = re.compile(r"_(x[0-9A-Fa-f]{4}_)")  # how the format writes characters; a value only looks like it
_DAY_ONE = date(1899, 12, 30)
_DAY_ONE_1904 = date(1904, 1, 1)
_MINUTES = 24 * 60

Emit = Callable[[int, int, Cells], str]
"""Takes the row in the sheet, the row in the planilla from 0 and its cells; returns the cell's XML."""


@dataclass(frozen=True, slots=True)
class Formats:
    """How the cells of one style take each kind of value."""

    book: Book
    styles: Styles

    def cell(self, at: str, style: str, value: Value | None, column: Column, prefix: str) -> str:
        """Return a cell that holds a value: typed where its format lets it, else as text that nothing runs."""
        look = f' s="{style}"' if style != "0" else ""
        if value is None:
            return f'<{prefix}c r="{at}"{look}/>'
        code = self.book.format(style)
        if code != "@":
            typed = self._typed(style, code, value, column)
            if typed is not None:
                style, told = typed
                look = f' s="{style}"' if style != "0" else ""
                return f'<{prefix}c r="{at}"{look}><{prefix}v>{told}</{prefix}v></{prefix}c>'
        return text_cell(at, look, written.shown(value, column), prefix)

    def prepare(self, style: str, column: Column) -> None:
        """Have the style made that a column's values will need, while styles can still be added."""
        kind, format = {
            Kind.DATE: (Kind.DATE, xlsx_styles.DATE),
            Kind.TIME: (Kind.TIME, xlsx_styles.TIME),
        }.get(column.kind, (None, 0))
        code = self.book.format(style)
        if kind is not None and code != "@" and kind_of_format(code) != kind:
            self.styles.with_format(style, format)

    def _typed(self, style: str, code: str, value: Value, column: Column) -> tuple[str, str] | None:
        if written.is_amount(value, column):
            return style, repr(value)
        if column.kind == Kind.DATE and (day := written.day(value)) is not None:
            serial = (day - (_DAY_ONE_1904 if self.book.starts_1904 else _DAY_ONE)).days
            if serial < (0 if self.book.starts_1904 else 61):
                return None  # before the calendar of spreadsheets, or in its wrong first two months
            return self._as(style, code, Kind.DATE, xlsx_styles.DATE, str(serial))
        if column.kind == Kind.TIME and (minutes := written.minutes(value)) is not None:
            return self._as(style, code, Kind.TIME, xlsx_styles.TIME, repr(minutes / _MINUTES))
        if column.kind == Kind.IDENTITY and kind_of_format(code) == Kind.INTEGER:
            plain = str(value).replace(".", "")
            if plain.isdecimal() and plain.isascii() and not plain.startswith("0") and len(plain) < 16:
                return style, plain  # the template shows it with its own points
        return None

    def _as(self, style: str, code: str, kind: Kind, format: int, told: str) -> tuple[str, str] | None:
        made = style if kind_of_format(code) == kind else self.styles.with_format(style, format)
        return None if made is None else (made, told)


def text_cell(at: str, look: str, text: str, prefix: str) -> str:
    """Return a cell of text, inert whatever it begins with."""
    told = coded(text[:MAX_CELL_CHARS])
    return (
        f'<{prefix}c r="{at}"{look} t="inlineStr"><{prefix}is><{prefix}t xml:space="preserve">{told}'
        f"</{prefix}t></{prefix}is></{prefix}c>"
    )


def coded(text: str) -> str:
    """Return a text as it stands inside an element of a workbook."""
    if "_x" in text:
        text = _CODED.sub(r"_x005F_\1", text)
    return escape(text) if "&" in text or "<" in text or ">" in text else text


class Rows:
    """The rows of a table: made of the template's own, which were taken out of its tree."""

    def __init__(
        self,
        formats: Formats,
        root: etree._Element,
        taken: Mapping[int, etree._Element],
        table: Mapping[str, Any],
        columns: Mapping[str, Column],
        growth: Growth,
        prefix: str,
    ) -> None:
        self._formats = formats
        self._table = table
        self._columns = columns
        self._growth = growth
        self._prefix = prefix
        self._root = root
        self._first, self._last = growth.first, growth.last
        self._models = {row: self._model(row, taken.get(row)) for row in range(self._first, self._last + 1)}

    def write(self, rows: Iterator[Cells], seen: Callable[[int, Cells], None]) -> Iterator[str]:
        """Yield the rows of a planilla as XML, then those of the template that stay empty.

        As many as there was room made for, also when rows came or went meanwhile.
        """
        room = self._last + self._growth.count + 1 - self._first
        index = -1
        for index, cells in enumerate(islice(rows, room)):
            seen(index, cells)
            yield self._row(self._first + index, index, cells)
        for row in range(self._first + index + 1, self._first + room):
            yield self._row(row, None, {})

    def _row(self, row: int, index: int | None, cells: Cells) -> str:
        attributes, emits = self._models[min(row, self._last)]
        inside = "".join([emit(row, -1 if index is None else index, cells) for emit in emits])
        return f'<{self._prefix}row r="{row}"{attributes}>{inside}</{self._prefix}row>'

    def _model(self, row: int, element: etree._Element | None) -> tuple[str, list[Emit]]:
        places: dict[str, dict[str, Any]] = dict(self._table["columns"])
        found: dict[int, etree._Element] = {}
        attributes = ""
        if element is not None:
            attributes = "".join(
                f" {name}={quoteattr(value)}"
                for name, value in package.attributes(element)
                if name not in ("r", "spans") and not name.startswith("{")
            )
            for cell in element.iterfind(q("c")):
                at = split(cell.get("r", ""))
                if at is not None:
                    found[at[1]] = cell
        emits = []
        for column in sorted({*found, *(number(each) for each in places)}):
            place, own = places.get(letters(column)), found.get(column)
            if place is not None:
                style = own.get("s", "0") if own is not None else self._style_of(column, element)
                emits.append(self._place(row, column, place, style, own))
            elif own is not None:
                emits.append(self._as_it_is(row, column, own))
        return attributes, emits

    def _style_of(self, column: int, row: etree._Element | None) -> str:
        if row is not None and row.get("customFormat") in ("1", "true"):
            return str(row.get("s", "0"))
        for each in self._root.iterfind(f"{q('cols')}/{q('col')}"):
            if int(each.get("min", "0")) <= column <= int(each.get("max", "0")):
                return str(each.get("style", "0"))
        return "0"

    def _place(
        self, row: int, column: int, place: Mapping[str, Any], style: str, cell: etree._Element | None
    ) -> Emit:
        letter, prefix, formats = letters(column), self._prefix, self._formats
        look = f' s="{style}"' if style != "0" else ""
        if "number" in place:
            start = int(place["number"])
            still = self._as_it_is(row, column, cell) if cell is not None else None

            def count(at: int, index: int, cells: Cells) -> str:
                if index < 0:
                    return still(at, index, cells) if still is not None else ""
                return f'<{prefix}c r="{letter}{at}"{look}><{prefix}v>{start + index}</{prefix}v></{prefix}c>'

            return count
        if "text" in place:
            text, keys = str(place["text"]), place["keys"]

            def compose(at: int, index: int, cells: Cells) -> str:
                def value(name: str) -> str:
                    given, of = _given(cells, keys.get(name, "")), self._columns.get(keys.get(name, ""))
                    return written.shown(given, of) if of is not None else ""

                if index < 0:
                    return f'<{prefix}c r="{letter}{at}"{look}/>'
                return text_cell(f"{letter}{at}", look, marks.replaced(text, value), prefix)

            return compose
        key = str(place["key"])
        of = self._columns.get(key)
        if of is not None:
            formats.prepare(style, of)

        def fill(at: int, index: int, cells: Cells) -> str:
            value = _given(cells, key) if of is not None else None
            if value is None or of is None:
                return f'<{prefix}c r="{letter}{at}"{look}/>'
            return formats.cell(f"{letter}{at}", style, value, of, prefix)

        return fill

    def _as_it_is(self, row: int, column: int, cell: etree._Element) -> Emit:
        """Return what writes a cell that the template repeats: its formula, or its own words."""
        letter, prefix = letters(column), self._prefix
        style = cell.get("s")
        look = f' s="{style}"' if style else ""
        formula = cell.find(q("f"))
        if formula is not None and formula.text:
            text, growth = str(formula.text), self._growth
            is_array = formula.get("t") == "array"

            def calculate(at: int, index: int, cells: Cells) -> str:
                told = escape(shifting.copied(growth, text, growth.sheet, by=at - row))
                array = f' t="array" ref="{letter}{at}"' if is_array else ""
                return f'<{prefix}c r="{letter}{at}"{look}><{prefix}f{array}>{told}</{prefix}f></{prefix}c>'

            return calculate
        kind = cell.get("t", "n")
        value = cell.findtext(q("v"))
        if kind == "inlineStr" or (kind == "str" and value):
            inside = cell.find(q("is"))
            text = said(inside) if inside is not None else str(value)
            return lambda at, index, cells: text_cell(f"{letter}{at}", look, text, prefix)
        if value is None:
            return lambda at, index, cells: f'<{prefix}c r="{letter}{at}"{look}/>'
        told = f' t="{kind}"' if kind != "n" else ""
        inner = f"<{prefix}v>{escape(value)}</{prefix}v>"
        return lambda at, index, cells: f'<{prefix}c r="{letter}{at}"{look}{told}>{inner}</{prefix}c>'


def _given(cells: Cells, key: str) -> Value | None:
    cell = cells.get(key)
    return None if cell is None else cell.value
