"""Collects the blocks of a document without pages: each one's place is its characters in the whole text.

Presentations are collected here too, each block in its slide.
"""

from collections.abc import Iterable, Iterator

from documents.blocks import Kind, ParsedBlock, table_text
from documents.parsers import tidy
from documents.parsers.base import (
    MAX_BLOCK_CHARS,
    MAX_BLOCKS,
    MAX_CELL_CHARS,
    MAX_DOCUMENT_CHARS,
    MAX_TABLE_COLUMNS,
    ParseTooBig,
)
from documents.places import Place, Text

ROWS_PER_BLOCK = 40

Row = tuple[str, ...]


class Flow:
    """Blocks in the order in which they are added; raises `ParseTooBig` over the limits of a document."""

    def __init__(self) -> None:
        self.blocks: list[ParsedBlock] = []
        self.place: Place | None = None  # of what is added from now on; None: its characters
        self._chars = 0

    def add(self, kind: Kind, text: str, *, level: int = 0) -> None:
        """Add one block, in several pieces when it is very long; nothing for an empty text."""
        text = tidy.lines(text) if kind is Kind.CODE else tidy.line(text)
        for piece in tidy.pieces(text):
            self._append(kind, piece, level=level)

    def add_table(self, rows: Iterable[Iterable[str]], *, header_rows: int = 0) -> None:
        """Add a table, in several blocks when it is long; its empty rows and columns are left out."""
        kept = trim_columns([row for row in (tuple(map(cell_text, row)) for row in rows) if any(row)])
        for part in portions(kept):
            self._append(Kind.TABLE, table_text(part), level=min(header_rows, len(part)), cells=part)
            header_rows = 0

    def add_picture(self, name: str, text: str) -> None:
        """Add a picture of the shelf with its description, which may be empty."""
        self._append(Kind.PICTURE, tidy.line(text)[:MAX_CELL_CHARS], picture=name)

    def first_heading(self) -> str | None:
        """Return the first heading of the highest level near the beginning."""
        headings = [block for block in self.blocks[:60] if block.kind is Kind.HEADING]
        best = min(headings, key=lambda block: block.level, default=None)
        return best.text if best else None

    def _append(
        self, kind: Kind, text: str, *, level: int = 0, cells: tuple[Row, ...] = (), picture: str = ""
    ) -> None:
        end = self._chars + len(text)
        if end > MAX_DOCUMENT_CHARS or len(self.blocks) >= MAX_BLOCKS:
            raise ParseTooBig("El archivo tiene demasiado texto para leerlo de una vez. Conviene dividirlo.")
        place = self.place or Text(self._chars, end)
        self.blocks.append(ParsedBlock(kind, text, place, level=level, cells=cells, picture=picture))
        self._chars = end + 1


def cell_text(raw: str) -> str:
    """Return a cell on one line and of bounded length."""
    return tidy.line(raw)[:MAX_CELL_CHARS]


def trim_columns(rows: list[Row]) -> list[Row]:
    """Return the rows of one width, without the columns that are empty at the left and at the right."""
    used = [index for row in rows for index, cell in enumerate(row) if cell]
    if not used:
        return []
    first, last = min(used), min(max(used) + 1, min(used) + MAX_TABLE_COLUMNS)
    return [tuple(row[index] if index < len(row) else "" for index in range(first, last)) for row in rows]


def portions(rows: list[Row]) -> Iterator[tuple[Row, ...]]:
    """Yield the rows in portions that make blocks of bounded length."""
    held: list[Row] = []
    chars = 0
    for row in rows:
        length = sum(map(len, row)) + 3 * len(row)
        if held and (len(held) >= ROWS_PER_BLOCK or chars + length > MAX_BLOCK_CHARS):
            yield tuple(held)
            held, chars = [], 0
        held.append(row)
        chars += length
    if held:
        yield tuple(held)
