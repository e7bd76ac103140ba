"""Where references lead once rows were put into a sheet: in formulas, ranges and lists of ranges. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from openpyxl.formula import Tokenizer
from openpyxl.formula.tokenizer import Token, TokenizerError

MAX_ROWS = 1_048_576

_CELL = re.compile(r"(\$?)([A-Za-z]{1,3})(\$?)([0-9]{1,7})")
_AREA = re.compile(rf"{_CELL.pattern}:{_CELL.pattern}")
_ROWS = re.compile(r"(\$?)([0-9]{1,7}):(\$?)([0-9]{1,7})")


@dataclass(frozen=True, slots=True)
class Growth:
    """`count` rows are put in below row `last` of a sheet, whose rows `first` to `last` are the table's."""

    sheet: str
    first: int
    last: int
    count: int

    def row(self, row: int) -> int:
        """Return where a row stands afterwards."""
        return min(row + self.count, MAX_ROWS) if row > self.last else row

    def end(self, row: int) -> int:
        """Return where a range's last row stands afterwards: one that ended with the table goes on doing so."""
        return min(row + self.count, MAX_ROWS) if row >= self.last else row


def references(growth: Growth, told: str) -> str:
    """Return a list of references (`C5 D7:E9`), as conditional formats and validations have them, after the growth."""
    return " ".join(grown(growth, each) for each in told.split())


def placed(growth: Growth, told: str) -> str:
    """Return references that only move, and never grow: a link, a merged cell, a comment."""
    return " ".join(
        _CELL.sub(lambda m: f"{m[1]}{m[2]}{m[3]}{growth.row(int(m[4]))}", each) for each in told.split()
    )


def formula(growth: Growth, text: str, sheet: str, *, single_grows: bool = False) -> str:
    """Return a formula of a sheet after the growth. A range that ends with the table grows with it.

    `single_grows`: so does the only row's single cell, as what a chart or a name shows.
    """

    def moved(reference: str) -> str:
        if single_grows and growth.first == growth.last and _CELL.fullmatch(reference):
            return grown(growth, reference, spread=True)
        return moved_one(growth, reference)

    return _each_reference(text, sheet, growth.sheet, moved)


def copied(growth: Growth, text: str, sheet: str, *, by: int) -> str:
    """Return a formula of the table's row as it stands `by` rows further down.

    What is relative goes along, as when a person copies it; what stands below the table moves with the growth, and a
    range that is held ($) to the table's last row ends with the table.
    """

    def moved(reference: str) -> str:
        return copied_one(growth, reference, by)

    def elsewhere(reference: str) -> str:
        return along(reference, by)

    return _each_reference(text, sheet, growth.sheet, moved, elsewhere if by else None)


def mentions(text: str, sheet: str) -> bool:
    """Say whether a formula of another sheet names one."""
    return sheet in text or sheet.replace("'", "''") in text


def _each_reference(
    text: str,
    sheet: str,
    of: str,
    moved: Callable[[str], str],
    elsewhere: Callable[[str], str] | None = None,
) -> str:
    try:
        tokens = Tokenizer("=" + text).items
    except (TokenizerError, IndexError):
        return text
    made = []
    for token in tokens:
        value = token.value
        if token.type == Token.OPERAND and token.subtype == Token.RANGE:
            prefix, mark, reference = value.rpartition("!")
            if "[" not in value:
                here = _unquoted(prefix) if mark else sheet
                if here == of:
                    value = prefix + mark + _replaced(reference, moved)
                elif elsewhere is not None:
                    value = prefix + mark + _replaced(reference, elsewhere)
        made.append(value)
    return "".join(made)


def _replaced(reference: str, moved: Callable[[str], str]) -> str:
    if _AREA.fullmatch(reference) or _CELL.fullmatch(reference) or _ROWS.fullmatch(reference):
        return moved(reference)
    return reference  # a name, a column


def moved_one(growth: Growth, reference: str) -> str:
    """Return one reference of a formula after the growth."""
    if ":" in reference:
        return grown(growth, reference)
    return _CELL.sub(lambda m: f"{m[1]}{m[2]}{m[3]}{growth.row(int(m[4]))}", reference)


def grown(growth: Growth, reference: str, *, spread: bool = False) -> str:
    """Return a range after the growth; a single cell of the table's last row becomes a range."""
    if area := _AREA.fullmatch(reference):
        a, b = sorted((int(area[4]), int(area[8])))
        return f"{area[1]}{area[2]}{area[3]}{growth.row(a)}:{area[5]}{area[6]}{area[7]}{growth.end(b)}"
    if rows := _ROWS.fullmatch(reference):
        return f"{rows[1]}{growth.row(int(rows[2]))}:{rows[3]}{growth.end(int(rows[4]))}"
    cell = _CELL.fullmatch(reference)
    if cell is None:
        return reference
    row = int(cell[4])
    start = f"{cell[1]}{cell[2]}{cell[3]}{growth.row(row)}"
    if row != growth.last or not growth.count:
        return start
    return f"{start}:{cell[1]}{cell[2]}{cell[3]}{growth.end(row)}"


def copied_one(growth: Growth, reference: str, by: int) -> str:
    """Return one reference of a row's formula, `by` rows further down; see `copied`."""

    def at(held: str, row: int, *, ends: bool) -> int:
        if held or row > growth.last:
            return growth.end(row) if ends else growth.row(row)
        # One row alone shows nobody how it goes on: only its neighbour above is taken to go along.
        if growth.first == growth.last and row < growth.first - 1:
            return row
        return min(row + by, MAX_ROWS)

    if area := _AREA.fullmatch(reference):
        top, bottom = at(area[3], int(area[4]), ends=False), at(area[7], int(area[8]), ends=True)
        return f"{area[1]}{area[2]}{area[3]}{top}:{area[5]}{area[6]}{area[7]}{bottom}"
    if rows := _ROWS.fullmatch(reference):
        return f"{rows[1]}{at(rows[1], int(rows[2]), ends=False)}:{rows[3]}{at(rows[3], int(rows[4]), ends=True)}"
    return _CELL.sub(lambda m: f"{m[1]}{m[2]}{m[3]}{at(m[3], int(m[4]), ends=False)}", reference)


def along(reference: str, by: int) -> str:
    """Return a reference to another sheet, `by` rows further down."""
    return _CELL.sub(lambda m: m[0] if m[3] else f"{m[1]}{m[2]}{min(int(m[4]) + by, MAX_ROWS)}", reference)


def _unquoted(name: str) -> str:
    return name[1:-1].replace("''", "'") if name.startswith("'") and name.endswith("'") else name
