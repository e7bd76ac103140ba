"""What proves an answer, or stands in its place: checked citations, what was searched, what came closest."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from documents import collections as shelves
from documents import library, places
from engines import quoting
from rag.cite import Citation, Sentence, check_mark, find, mark_unsupported, parse_answer
from rag.evidence import place_in_chunk
from rag.models import AnswerStatus, Chunk, Message
from rag.retrieve import Passage, Trace
from rag.widen import AROUND_MOST_CHUNKS
from schools.admission import Member
from schools.scope import school_scope

CLOSEST = 3
# What was set aside is told of where it was this likely to be the right one, against the likeliest of its kind.
WORTH_NAMING = 0.1


def check_citations(
    member: Member,
    text: str,
    passages: Sequence[Passage],
    texts: Mapping[int, str],
    around: Mapping[int, str] | None = None,
) -> list[dict[str, Any]]:
    """Return the citations of an answer, each found in its source at its exact place, or marked as not found.

    `around`: what the engine was given to read about each passage, by its number; words that stand only there are
    cited where they stand.
    """
    found: list[dict[str, Any]] = []
    about = {n: _about(passage) for n, passage in enumerate(passages, start=1)}
    for checked in mark_unsupported(parse_answer(text), texts, about):
        for citation in checked.citations:
            if not 1 <= citation.n <= len(passages):
                continue
            passage = passages[citation.n - 1]
            with school_scope(member.school_id):
                chunk = Chunk.objects.filter(pk=passage.chunk_id).first()
                if not citation.verified and around and citation.n in around:
                    citation, chunk = _beside(citation, checked.sentence, passage, chunk, around[citation.n])
                found.append(_entry(citation, passage, chunk))
    return found


def _about(passage: Passage) -> str:
    return " › ".join([passage.title, *passage.heading_path])


def _beside(
    citation: Citation, sentence: Sentence, passage: Passage, chunk: Chunk | None, around: str
) -> tuple[Citation, Chunk | None]:
    """Return the citation as another chunk that the engine was given proves it. Inside a school scope."""
    window = (passage.ordinal - AROUND_MOST_CHUNKS, passage.ordinal + AROUND_MOST_CHUNKS)
    near = Chunk.objects.filter(document_id=passage.document_id, ordinal__range=window).defer("analysis")
    for other in sorted(near, key=lambda one: abs(one.ordinal - passage.ordinal)):
        if other.pk != passage.chunk_id and other.text in around:
            proved = check_mark(citation.n, sentence, other.text, _about(passage))
            if proved.verified:
                return proved, other
    return citation, chunk


def _entry(citation: Citation, passage: Passage, chunk: Chunk | None) -> dict[str, Any]:
    """Return a citation as it is kept. Inside a school scope."""
    entry: dict[str, Any] = {
        "n": citation.n,
        "document_id": str(passage.document_id),
        "chunk_id": str(chunk.pk if chunk is not None else passage.chunk_id),
        "title": passage.title,
        "place": None,
        "block": None,
        "quote": citation.quote,
        "verified": citation.verified,
        "in_force": passage.force.is_in_force,
        "force_note": passage.force.note,
    }
    if chunk is not None:
        span = find(citation.quote, chunk.text) if citation.verified else None
        start, end = span or (0, len(chunk.text))
        if (where := place_in_chunk(chunk, start, end)) is not None:
            entry["place"] = places.to_json(where.place)
            entry["block"] = where.block_ordinal
    return entry


def searched(member: Member, message: Message, passages: Sequence[Passage], found: Trace) -> dict[str, Any]:
    """Return what was searched; for an answer that found none, the sentences that came closest as well."""
    asked = message.collection_ids()
    names = [row.name for row in shelves.visible(member) if asked is None or row.pk in asked]
    return {
        "documents": library.count(member, collections=asked),
        "collections": names,
        "closest": _closest(member, message, passages) if message.status == AnswerStatus.REFUSED else [],
        "set_aside": _set_aside(message, found),
    }


def _set_aside(message: Message, found: Trace) -> list[dict[str, Any]]:
    """Return the documents that do not rule and would have answered as well, with what answered in their place."""
    cited = {each["document_id"] for each in message.citations}
    best = max((each.passage.prior for each in found.set_aside), default=0.0)
    named: dict[UUID, dict[str, Any]] = {}
    for each in found.set_aside:
        passage, instead = each.passage, each.instead
        if str(instead.document_id) in cited and passage.prior >= WORTH_NAMING * best:
            entry = {
                "document_id": str(passage.document_id),
                "title": passage.title,
                "why": each.why,
                "instead": {"document_id": str(instead.document_id), "title": instead.title},
            }
            named.setdefault(passage.document_id, entry)
    return list(named.values())


def _closest(member: Member, message: Message, passages: Sequence[Passage]) -> list[dict[str, Any]]:
    """Return the best sentence of each of the best passages, with its place, for a person to judge."""
    given = [
        quoting.Passage(each.text, prior=each.prior, heading=each.title, support=each.support)
        for each in passages
    ]
    found: list[dict[str, Any]] = []
    for quote in quoting.quote(message.standalone_question, given, most=CLOSEST).quotes:
        passage = passages[quote.passage_index]
        with school_scope(member.school_id):
            chunk = Chunk.objects.filter(pk=passage.chunk_id).first()
            where = place_in_chunk(chunk, quote.start, quote.end) if chunk is not None else None
        if where is None:
            continue
        found.append(
            {
                "document_id": str(passage.document_id),
                "title": passage.title,
                "quote": " ".join(passage.text[quote.start : quote.end].split()),
                "place": places.to_json(where.place),
                "force_note": passage.force.note,
            }
        )
    return found
