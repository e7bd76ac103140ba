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
    PICTURE = "picture"
    NOTE = "note"  # a footnote, a speaker's note: read, but beside the running text


@dataclass(frozen=True, slots=True)
class ParsedBlock:
    """One piece of a document.

    `level`: of a heading 1 (highest) to 6; of a list item its depth from 0; of a table how many of its first
    rows are its header. A table's text is one line per row, cells joined by `CELL_SEPARATOR`, no line break
    inside a cell; a long table comes as several blocks, of which only the first has the header.
    `words` (pages only): see `places.pack_words`. `doubts`: which characters (first, last plus one) were recognised
    with little certainty. A picture's text is its description or caption, which may be empty, and `picture` the name
    of its `Picture`.
    """

    kind: Kind
    text: str
    place: Place
    level: int = 0
    cells: tuple[tuple[str, ...], ...] = ()
    words: bytes = b""
    doubts: tuple[tuple[int, int], ...] = ()
    picture: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """An image of a document, made anew from its pixels (PNG or JPEG), never the bytes that were found."""

    name: str  # "1.png", "2.jpg": unique in its document
    content: bytes


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside a file, which becomes a document of its own. `name`: its last part only, as it was found."""

    name: str
    content: bytes


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
    pictures: tuple[Picture, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    # A PDF that stands for the original in the viewer and for OCR, where browsers cannot show it: a photograph's.
    copy: bytes = b""


def table_text(rows: tuple[tuple[str, ...], ...]) -> str:
    """Return the text of a table's rows, one line each."""
    return "\n".join(CELL_SEPARATOR.join(row) for row in rows)
