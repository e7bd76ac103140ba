"""The neighbourhood of a hit: what an engine that writes is given to read around each passage."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from rag.retrieve import Passage
from schools import scope
from schools.admission import Member

# A document this short goes whole.
WHOLE_MOST_CHARS = 6_000
AROUND_MOST_CHARS = 2_000
# Chunks looked at on either side: more of them do not fit.
AROUND_MOST_CHUNKS = 30


def widen(member: Member, passages: Sequence[Passage]) -> dict[int, str]:
    """Return the text to read for each passage, by its number from 1.

    A short document goes whole; of a longer one what stands around: the rest of the passage's section first, then the
    sections beside it under the same heading, as far as they fit. What an earlier passage brought is not brought again.
    """
    widened: dict[int, str] = {}
    given: set[tuple[UUID, int]] = set()
    near = _near(member, passages)
    for n, passage in enumerate(passages, start=1):
        chosen = near.around(passage)
        fresh = [c for c in chosen if (c.document_id, c.ordinal) not in given or c.ordinal == passage.ordinal]
        given.update((c.document_id, c.ordinal) for c in chosen)
        widened[n] = "\n".join(c.text for c in fresh) or passage.text
    return widened


class _Chunk(NamedTuple):
    """What is asked of Postgres for a chunk near a passage."""

    document_id: UUID
    ordinal: int
    text: str
    heading_path: list[str]


@dataclass(frozen=True, slots=True)
class _Near:
    """Every chunk that may be given, by its document, in order; the short documents are there whole."""

    chunks: Mapping[UUID, Sequence[_Chunk]]
    short: frozenset[UUID]

    def around(self, passage: Passage) -> Sequence[_Chunk]:
        """Return all chunks of a short document, of a long one those about the passage."""
        chunks = self.chunks.get(passage.document_id, ())
        if passage.document_id in self.short:
            return chunks
        low, high = passage.ordinal - AROUND_MOST_CHUNKS, passage.ordinal + AROUND_MOST_CHUNKS
        return _grown([each for each in chunks if low <= each.ordinal <= high], passage)


def _near(member: Member, passages: Sequence[Passage]) -> _Near:
    """Return what is near any of the passages: one statement for all, as the first word waits for it."""
    values = {
        "school": member.school_id,
        "documents": [passage.document_id for passage in passages],
        "ordinals": [passage.ordinal for passage in passages],
        "whole": WHOLE_MOST_CHARS,
        "most": AROUND_MOST_CHUNKS,
    }
    found: dict[UUID, list[_Chunk]] = {}
    short: set[UUID] = set()
    for document_id, ordinal, text, heading_path, is_short in scope.run(member.school_id, _NEAR, values):
        found.setdefault(document_id, []).append(_Chunk(document_id, ordinal, text, json.loads(heading_path)))
        if is_short:
            short.add(document_id)
    return _Near(chunks=found, short=frozenset(short))


_NEAR = """
WITH wanted AS (
  SELECT * FROM unnest(%(documents)s::uuid[], %(ordinals)s::int[]) AS wanted (document_id, ordinal)
), sizes AS (
  SELECT document_id, sum(length(text)) <= %(whole)s AS is_short FROM rag_chunk
  WHERE school_id = %(school)s AND document_id = ANY(%(documents)s::uuid[]) GROUP BY document_id
)
SELECT chunk.document_id, chunk.ordinal, chunk.text, chunk.heading_path::text, sizes.is_short
FROM rag_chunk AS chunk JOIN sizes USING (document_id)
WHERE chunk.school_id = %(school)s AND (sizes.is_short OR EXISTS (SELECT FROM wanted
  WHERE wanted.document_id = chunk.document_id
    AND chunk.ordinal BETWEEN wanted.ordinal - %(most)s AND wanted.ordinal + %(most)s))
ORDER BY chunk.document_id, chunk.ordinal
"""


def _grown(chunks: Sequence[_Chunk], passage: Passage) -> list[_Chunk]:
    at = next((i for i, chunk in enumerate(chunks) if chunk.ordinal == passage.ordinal), None)
    if at is None:
        return []
    first = last = at
    room = AROUND_MOST_CHARS - len(chunks[at].text)
    for shared in (passage.heading_path, passage.heading_path[:-1]):
        is_open = [True, True]
        while any(is_open):
            for side, beside in ((0, last + 1), (1, first - 1)):
                is_open[side] = is_open[side] and _fits(chunks, beside, shared=shared, room=room)
                if is_open[side]:
                    first, last = min(first, beside), max(last, beside)
                    room -= len(chunks[beside].text)
    return list(chunks[first : last + 1])


def _fits(chunks: Sequence[_Chunk], at: int, *, shared: Sequence[str], room: int) -> bool:
    if not 0 <= at < len(chunks) or len(chunks[at].text) > room:
        return False
    return tuple(chunks[at].heading_path[: len(shared)]) == tuple(shared)
