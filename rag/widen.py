"""The neighbourhood of a hit: what an engine that writes is given to read around each passage."""

from collections.abc import Sequence

from rag.models import Chunk
from rag.retrieve import Passage
from schools.admission import Member
from schools.scope import school_scope

# A document this short goes whole.
WHOLE_MOST_CHARS = 6_000
AROUND_MOST_CHARS = 3_000


def widen(member: Member, passages: Sequence[Passage]) -> dict[int, str]:
    """Return the text to read for each passage, by its number from 1.

    A short document goes whole; of a longer one the chunks before and after, as far as they share the passage's
    section and fit. What an earlier passage brought is not brought again.
    """
    widened: dict[int, str] = {}
    given: set[tuple[object, int]] = set()
    with school_scope(member.school_id):
        for n, passage in enumerate(passages, start=1):
            chunks = list(
                Chunk.objects.filter(document_id=passage.document_id)
                .only("id", "school_id", "document_id", "ordinal", "text", "heading_path")
                .order_by("ordinal")
            )
            chosen = _around(chunks, passage)
            fresh = [
                c for c in chosen if (c.document_id, c.ordinal) not in given or c.ordinal == passage.ordinal
            ]
            given.update((c.document_id, c.ordinal) for c in chosen)
            widened[n] = "\n".join(c.text for c in fresh) or passage.text
    return widened


def _around(chunks: Sequence[Chunk], passage: Passage) -> list[Chunk]:
    if sum(len(chunk.text) for chunk in chunks) <= WHOLE_MOST_CHARS:
        return list(chunks)
    at = next((i for i, chunk in enumerate(chunks) if chunk.ordinal == passage.ordinal), None)
    if at is None:
        return []
    section = passage.heading_path[:-1]
    chosen = [chunks[at]]
    room = AROUND_MOST_CHARS - len(chunks[at].text)
    for chunk in (*chunks[at + 1 : at + 2], *chunks[max(0, at - 1) : at]):
        if tuple(chunk.heading_path[: len(section)]) == section and len(chunk.text) <= room:
            chosen.append(chunk)
            room -= len(chunk.text)
    return sorted(chosen, key=lambda chunk: chunk.ordinal)
