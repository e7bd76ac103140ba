"""The neighbourhood of a hit: what an engine that writes is given to read around each passage."""

from collections.abc import Sequence

from django.db.models import Sum
from django.db.models.functions import Length

from rag.models import Chunk
from rag.retrieve import Passage
from schools.admission import Member
from schools.scope import school_scope

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
    given: set[tuple[object, int]] = set()
    with school_scope(member.school_id):
        for n, passage in enumerate(passages, start=1):
            chosen = _around(passage)
            fresh = [
                c for c in chosen if (c.document_id, c.ordinal) not in given or c.ordinal == passage.ordinal
            ]
            given.update((c.document_id, c.ordinal) for c in chosen)
            widened[n] = "\n".join(c.text for c in fresh) or passage.text
    return widened


def _around(passage: Passage) -> list[Chunk]:
    """Return all chunks of a short document, of a long one those about the passage. Inside a school scope."""
    chunks = Chunk.objects.filter(document_id=passage.document_id).order_by("ordinal")
    only = chunks.only("id", "school_id", "document_id", "ordinal", "text", "heading_path")
    if (chunks.aggregate(chars=Sum(Length("text")))["chars"] or 0) <= WHOLE_MOST_CHARS:
        return list(only)
    window = (passage.ordinal - AROUND_MOST_CHUNKS, passage.ordinal + AROUND_MOST_CHUNKS)
    return _grown(list(only.filter(ordinal__range=window)), passage)


def _grown(chunks: Sequence[Chunk], passage: Passage) -> list[Chunk]:
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


def _fits(chunks: Sequence[Chunk], at: int, *, shared: Sequence[str], room: int) -> bool:
    if not 0 <= at < len(chunks) or len(chunks[at].text) > room:
        return False
    return tuple(chunks[at].heading_path[: len(shared)]) == tuple(shared)
