"""Where the words of a chunk stand in the original: the place a citation opens."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias
from uuid import UUID

from documents import places
from documents.models import Block
from documents.places import Page, Place, Sheet, Text, Time
from rag.chunk import Span, locate_in_blocks
from rag.models import Chunk

Piece: TypeAlias = tuple[int, int, int]  # block ordinal, first character in its text, last plus one


@dataclass(frozen=True, slots=True)
class Found:
    """A place, and the block it begins in."""

    place: Place
    block_ordinal: int


class Spanning(Protocol):
    """What is asked of a chunk: its row, or a passage made from it."""

    @property
    def document_id(self) -> UUID: ...

    @property
    def text(self) -> str: ...

    @property
    def spans(self) -> Sequence[Sequence[int]]: ...


def place_in_chunk(chunk: Chunk, start: int, end: int) -> Found | None:
    """Return where `chunk.text[start:end]` stands in its document. Inside a school scope.

    Words that the chunk adds of itself (a table's repeated header) have no place; a span with none but those is
    placed with the chunk. None when its blocks are gone: the document is being processed again at this moment.
    """
    pieces = _pieces(chunk.spans, start, end, of=len(chunk.text))
    return _place(pieces, _blocks({chunk.document_id: pieces}).get(chunk.document_id, {}))


def places_of_chunks(chunks: Sequence[Spanning]) -> list[Place | None]:
    """Return the place of each whole chunk, as `place_in_chunk` does, for all of them in one query."""
    pieces = [_pieces(chunk.spans, 0, len(chunk.text), of=len(chunk.text)) for chunk in chunks]
    wanted: dict[UUID, list[Piece]] = {}
    for chunk, its in zip(chunks, pieces, strict=True):
        wanted.setdefault(chunk.document_id, []).extend(its)
    blocks = _blocks(wanted)
    found = [
        _place(its, blocks.get(chunk.document_id, {})) for chunk, its in zip(chunks, pieces, strict=True)
    ]
    return [each.place if each else None for each in found]


def _pieces(stored: Sequence[Sequence[int]], start: int, end: int, *, of: int) -> Sequence[Piece]:
    spans = [Span(*numbers) for numbers in stored]
    return locate_in_blocks(spans, start, end) or locate_in_blocks(spans, 0, of)


def _blocks(wanted: Mapping[UUID, Sequence[Piece]]) -> dict[UUID, dict[int, Block]]:
    """Return the blocks that the pieces of each document stand in, by document and ordinal."""
    keys = sorted({(document_id, piece[0]) for document_id, pieces in wanted.items() for piece in pieces})
    # A Q for each document would take Django longer than the query takes.
    rows = Block.objects.extra(
        where=["(document_id, ordinal) IN (SELECT * FROM unnest(%s::uuid[], %s::int[]))"],
        params=[[document_id for document_id, _ in keys], [ordinal for _, ordinal in keys]],
    )
    found: dict[UUID, dict[int, Block]] = {}
    for block in rows.defer("cells"):
        found.setdefault(block.document_id, {})[block.ordinal] = block
    return found


def _place(pieces: Sequence[Piece], blocks: Mapping[int, Block]) -> Found | None:
    found = [
        places.locate(
            places.from_json(block.place), words=bytes(block.words), text=block.text, start=first, end=last
        )
        for ordinal, first, last in pieces
        if (block := blocks.get(ordinal)) is not None
    ]
    if not found:
        return None
    return Found(place=_joined(found), block_ordinal=pieces[0][0])


def _joined(found: list[Place]) -> Place:
    """Return one place for stretches that follow one another; across pages, the one where it begins."""
    first = found[0]
    match first:
        case Page(page, boxes):
            rest = [other.boxes for other in found[1:] if isinstance(other, Page) and other.page == page]
            return Page(page, (*boxes, *(box for more in rest for box in more)))
        case Sheet(sheet, rows):
            same = [other.rows for other in found if isinstance(other, Sheet) and other.sheet == sheet]
            return Sheet(sheet, (min(rows[0], *(r[0] for r in same)), max(rows[1], *(r[1] for r in same))))
        case Time(from_s, to_s):
            return Time(from_s, max(to_s, *(other.to_s for other in found if isinstance(other, Time))))
        case Text(start, _end):
            return Text(start, max(other.end for other in found if isinstance(other, Text)))
    return first
