"""What was recognised in the school's own file, drawn as the corner of the sheet that it is."""

import re
from dataclasses import dataclass

from planillas.own_files import Shown, ShownHeader, ShownMark

COLUMNS_MOST = 100
_ADDRESS = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")


@dataclass(frozen=True, slots=True)
class Square:
    """A cell of the picture: a header with what becomes of it, or nothing."""

    header: ShownHeader | None = None
    repeats: bool = False  # what is filled stands here, row after row


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the picture, numbered as the sheet numbers it."""

    number: int
    squares: tuple[Square, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A corner of the sheet. `letters` and `lines` are empty where the file numbers no cells, as a DOCX."""

    sheet: str
    row: str
    letters: tuple[str, ...]
    lines: tuple[Line, ...]
    headers: tuple[ShownHeader, ...]
    marks: tuple[ShownMark, ...]

    @property
    def is_empty(self) -> bool:
        """Say whether nothing was recognised."""
        return not (self.headers or self.marks)


def draw(shown: Shown) -> Picture:
    """Return the picture of what was recognised: the headers' rows, the row that is repeated and the one after it."""
    placed = {place: each for each in shown.header if (place := _place(each.address))}
    letters: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    if placed and len(placed) == len(shown.header):
        columns = range(min(at[1] for at in placed), max(at[1] for at in placed) + 1)[:COLUMNS_MOST]
        rows = sorted({at[0] for at in placed})
        repeated = _number_in(shown.row) or rows[-1] + 1
        filled = {at[1] for at, header in placed.items() if header.column}
        lines = tuple(
            Line(
                row,
                tuple(
                    Square(placed.get((row, column)), repeats=row >= repeated and column in filled)
                    for column in columns
                ),
            )
            for row in (*rows, repeated, repeated + 1)
        )
        letters = tuple(map(_letters, columns))
    return Picture(shown.sheet, shown.row, letters, lines, shown.header, shown.marks)


def _place(address: str) -> tuple[int, int] | None:
    """Return an address's row and column, from 1; None where it is in words."""
    found = _ADDRESS.fullmatch(address)
    if found is None:
        return None
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(found[2]), column


def _letters(column: int) -> str:
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _number_in(words: str) -> int | None:
    found = re.search(r"\d{1,7}", words)
    return int(found[0]) if found else None
