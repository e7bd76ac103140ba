"""What a parser hands on: the pieces of a document in reading order, each with its place."""

from dataclasses import dataclass
from enum import StrEnum

from documents.places import Place

CELL_SEPARATOR = " | "


class Kind(StrEnum):
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    TABLE = "table"
    QUOTE = "quote"
    CODE = "code"


@dataclass(frozen=True, slots=True)
class ParsedBlock:
    """One piece of a document.

    `level`: of a heading 1 (highest) to 6; of a list item its depth from 0; of a table how many of its first
    rows are its header. A table's text is one line per row, cells joined by `CELL_SEPARATOR`, no line break
    inside a cell; a long table comes as several blocks, of which only the first has the header.
    `words` (PDF only): see `places.pack_words`.
    """

    kind: Kind
    text: str
    place: Place
    level: int = 0
    cells: tuple[tuple[str, ...], ...] = ()
    words: bytes = b""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A part that was not read, and why, in Spanish, for staff; `place` None: the whole document."""

    place: Place | None
    reason: str
    code: str


@dataclass(frozen=True, slots=True)
class ParsedDocument:
    blocks: tuple[ParsedBlock, ...]
    title: str | None
    pages: int | None
    unreadable: tuple[Unreadable, ...] = ()


def table_text(rows: tuple[tuple[str, ...], ...]) -> str:
    """Return the text of a table's rows, one line each."""
    return "\n".join(CELL_SEPARATOR.join(row) for row in rows)
