"""The cells of a workbook's long sheets as XML: each with its own type, never guessed from its text.

Written here and not by XlsxWriter, which takes four times as long over them: see xlsx.py.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import TypeAlias

from planillas import values
from planillas.cells import Cell, Status, Value
from planillas.columns import Column, Kind
from planillas.exports import looks
from planillas.exports.inert import fit, is_dangerous
from planillas.exports.xlsx_formats import Palette

TEXT_MOST_CHARS = 32_767  # that Excel holds in a cell
_CUT = "… [sigue]"
_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")  # what Excel would read as a character by its number

Put: TypeAlias = Callable[[int, Cell], str]
"""Returns a cell as XML, given its row as Excel numbers it."""


@dataclass(slots=True)
class Met:
    """What was met while cells were written: how many lines the row's tallest text takes, and how many were cut."""

    lines: int = 1
    cut: int = 0  # texts longer than Excel holds


def put_for(letter: str, column: Column, palette: Palette, met: Met) -> Put:
    """Return what writes a column's cells."""
    chars = looks.width(column, looks.WIDTH_MOST)  # that fit in one line
    usual = {status: palette.of(column, status) for status in Status}
    as_text = {status: palette.of(column, status, as_text=True) for status in Status}
    inert = {status: palette.of(column, status, as_text=True, is_inert=True) for status in Status}
    typed, is_yes_no = TYPED.get(column.kind), column.kind == Kind.YES_NO
    words = {said: values.show(said, column) for said in (True, False)}

    def put(row: int, cell: Cell) -> str:
        value, status = cell.value, cell.status
        if value is None:
            return f'<c r="{letter}{row}" s="{usual[status]}"/>'
        if typed is not None and (number := typed(value)) is not None:
            return f'<c r="{letter}{row}" s="{usual[status]}"><v>{number!r}</v></c>'
        if type(value) is str and typed is None:
            shown = value
        else:
            shown = words[value is True] if is_yes_no and type(value) is bool else values.show(value, column)
        if not shown.isprintable():
            shown = fit(shown)
        if len(shown) > TEXT_MOST_CHARS // 2:  # it counts an emoji as two
            whole, shown = shown, held(shown)
            met.cut += shown is not whole
        if not shown:
            return f'<c r="{letter}{row}" s="{usual[status]}"/>'
        if len(shown) > chars or "\n" in shown:
            met.lines = max(met.lines, sum(1 + int(len(line) / chars) for line in shown.split("\n")))
        look = inert if is_dangerous(shown) else as_text if typed else usual
        return text_cell(f"{letter}{row}", look[status], shown)

    return put


def text_cell(name: str, look: int, text: str) -> str:
    """Return a cell that holds a text and nothing but a text; it must be fit, and not too long."""
    space = ' xml:space="preserve"' if text[:1].isspace() or text[-1:].isspace() or "\n" in text else ""
    return f'<c r="{name}" s="{look}" t="inlineStr"><is><t{space}>{escaped(text)}</t></is></c>'


def escaped(text: str) -> str:
    """Return a text as it stands in XML of Excel's."""
    if "&" in text or "<" in text or ">" in text:
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return _ESCAPED.sub("_x005F_", text) if "_x" in text else text


def attribute(text: str) -> str:
    """Return a text as it stands in an attribute."""
    return escaped(text).replace('"', "&quot;").replace("\n", " ")


def held(text: str) -> str:
    """Return as much of a text as a cell holds; the same text where that is all of it."""
    units = text.encode("utf-16-le")
    if len(units) <= 2 * TEXT_MOST_CHARS:
        return text
    return units[: 2 * (TEXT_MOST_CHARS - len(_CUT))].decode("utf-16-le", "ignore") + _CUT


def _serial(value: Value) -> int | None:
    found: date | None = looks.day(value)
    return found.toordinal() - looks.DAY_ZERO if found else None


TYPED: dict[Kind, Callable[[Value], int | float | None]] = {
    Kind.NUMBER: looks.number,
    Kind.INTEGER: looks.number,
    Kind.MONEY: looks.number,
    Kind.DATE: _serial,
    Kind.TIME: looks.part_of_day,
}
"""The number that a value is in a spreadsheet; None: it has to stand as text."""
