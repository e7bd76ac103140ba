"""What lies behind an answer: how a document was cut, and how a question is searched, by the functions that answer."""

from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from documents import collections as shelves
from documents import library, places
from documents.blocks import Kind
from documents.models import Block, Document
from documents.places import Place
from engines import asked
from engines.base import Source
from engines.routing import QUOTING
from rag import answer, tokens
from rag.answer import WhyNot
from rag.evidence import places_of_chunks
from rag.models import Chunk
from rag.rerank import learnt_weights
from rag.retrieve import Passage, Trace, check_question, locate, trace
from rag.sections import is_left_out
from schools.admission import Member
from schools.scope import school_scope

LISTS = ("stems", "grams", "dense")
# Told of passages beyond what may be chosen.
MOST_ELSEWHERE = 5


@dataclass(frozen=True, slots=True)
class Part:
    """The words of one block that a chunk holds; `doubts`: those of them that were recognised with little certainty."""

    ordinal: int
    kind: Kind
    level: int
    text: str
    is_whole: bool
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Cut:
    """A chunk as it is searched. `added`: the table's header that it repeats, which stands elsewhere."""

    chunk_id: UUID
    ordinal: int
    text: str
    heading_path: tuple[str, ...]
    tokens: int
    place: Place | None
    parts: tuple[Part, ...]
    added: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A block that no chunk holds."""

    ordinal: int
    kind: Kind
    text: str
    place: Place


@dataclass(frozen=True, slots=True)
class Found:
    """That one of the store's lists brought a chunk: at which rank among what may be read, with which score."""

    by: str  # one of LISTS
    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class Point:
    """What one feature added: `measured` (0 to 1) times `weight`; both None where it was not told apart."""

    name: str  # of features.NAMES, or "dense"
    measured: float | None
    weight: float | None
    points: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that was found. `n`: the number it is cited by; None: the engine is not given it, for `why_not`."""

    rank: int
    passage: Passage
    place: Place
    found: tuple[Found, ...]
    points: tuple[Point, ...]
    n: int | None
    why_not: WhyNot | None


@dataclass(frozen=True, slots=True)
class Aside:
    """A passage that steps back because its document does not rule; `why` in words for staff."""

    passage: Passage
    place: Place
    why: str


@dataclass(frozen=True, slots=True)
class Trial:
    """A question searched, up to the moment at which the engine would be called."""

    question: str
    words: tuple[str, ...]
    index: str
    counts: dict[str, int]  # chunks that each of LISTS brought; those that were not asked are missing
    candidates: tuple[Candidate, ...]
    aside: tuple[Aside, ...]
    elsewhere: tuple[tuple[Passage, Place], ...]  # better than what was given, outside the chosen collections
    sources: tuple[Source, ...]
    engine: str
    reason: str
    only_quotes: bool


def search(
    member: Member,
    question: str,
    *,
    collections: Some[UUID] | None = None,
    at_date: date | None = None,
) -> Trial:
    """Return how a question is searched; no engine is called.

    Raises BadQuestion, NoSuchCollection, store.StoreDown.
    """
    question = check_question(question)
    asked_of = None if collections is None else shelves.seen(member, collections)
    traced = trace(member, question, collections=asked_of, at_date=at_date)
    given = answer.vary(traced.passages)
    chosen = answer.would_answer(member, question, given)
    only_quotes = chosen is None or chosen.engine.provider == QUOTING
    return Trial(
        question=question,
        words=asked.read(question).forms,
        index=traced.index,
        counts={name: len(ranked) for name, ranked in _lists(traced).items()},
        candidates=_candidates(member, traced),
        aside=_aside(member, traced),
        elsewhere=_elsewhere(member, question, given, at_date=at_date) if asked_of is not None else (),
        sources=answer.compose(member, question, given, on=at_date).sources if given else (),
        engine=chosen.engine.name if chosen else "",
        reason=chosen.reason if chosen else "",
        only_quotes=only_quotes,
    )


def chunks(member: Member, document_id: UUID, *, after: int = -1, limit: int = 50) -> list[Cut]:
    """Return a document's chunks in order, from the one after ordinal `after`; raise NoSuchDocument."""
    document = library.get(member, document_id).document
    with school_scope(member.school_id):
        rows = list(
            Chunk.objects.filter(document_id=document.pk, ordinal__gt=after)
            .defer("analysis")
            .order_by("ordinal")[:limit]
        )
        found = places_of_chunks(rows)
        wanted = {span[0] for row in rows for span in row.spans}
        blocks = {
            block.ordinal: block
            for block in Block.objects.filter(document_id=document.pk, ordinal__in=wanted).defer(
                "words", "cells"
            )
        }
    return [_cut(row, place, blocks) for row, place in zip(rows, found, strict=True)]


def left_out(member: Member, document_id: UUID, *, first: int, last: int | None) -> list[LeftOut]:
    """Return the blocks from ordinal `first` to `last` (None: to the end) that no chunk holds."""
    document = library.get(member, document_id).document
    with school_scope(member.school_id):
        rows = Block.objects.filter(document_id=document.pk, ordinal__gte=first).defer("words", "cells")
        blocks = list((rows if last is None else rows.filter(ordinal__lte=last)).order_by("ordinal"))
    return [
        LeftOut(
            ordinal=block.ordinal,
            kind=Kind(block.kind),
            text=block.text,
            place=places.from_json(block.place),
        )
        for block in blocks
        if is_left_out(Kind(block.kind), block.text)
    ]


def count(member: Member, document: Document) -> tuple[int, int]:
    """Return how many chunks and blocks a document that the member may see has."""
    with school_scope(member.school_id):
        return (
            Chunk.objects.filter(document_id=document.pk).count(),
            Block.objects.filter(document_id=document.pk).count(),
        )


def _cut(row: Chunk, place: Place | None, blocks: dict[int, Block]) -> Cut:
    begins = min((span[1] for span in row.spans), default=0)
    return Cut(
        chunk_id=row.pk,
        ordinal=row.ordinal,
        text=row.text,
        heading_path=tuple(row.heading_path),
        tokens=round(tokens.estimate(row.text)),
        place=place,
        parts=tuple(_part(blocks[span[0]], *span[2:]) for span in row.spans if span[0] in blocks),
        added=row.text[:begins].strip("\n"),
    )


def _part(block: Block, start: int, length: int) -> Part:
    end = start + length
    return Part(
        ordinal=block.ordinal,
        kind=Kind(block.kind),
        level=block.level,
        text=block.text[start:end],
        is_whole=length >= len(block.text.rstrip()),
        doubts=tuple(block.text[a:b] for a, b in block.doubts if start <= a and b <= end),
    )


def _lists(traced: Trace) -> dict[str, list[tuple[UUID, float]]]:
    """Return what each list brought of what may be read, best first."""
    found: dict[str, list[tuple[UUID, float]]] = {}
    for name in LISTS:
        scored = [
            (chunk_id, score)
            for chunk_id, hit in traced.hits.items()
            if chunk_id in traced.readable and (score := getattr(hit, name))
        ]
        if scored:
            found[name] = sorted(scored, key=lambda each: -each[1])
    return found


def _candidates(member: Member, traced: Trace) -> tuple[Candidate, ...]:
    found: dict[UUID, list[Found]] = {}
    for name, ranked in _lists(traced).items():
        for rank, (chunk_id, score) in enumerate(ranked, start=1):
            found.setdefault(chunk_id, []).append(Found(by=name, rank=rank, score=score))
    there = {passage.chunk_id: place for passage, place in locate(member, traced.passages)}
    weights = learnt_weights()
    told, n = [], 0
    for rank, (passage, why_not) in enumerate(answer.select(traced.passages), start=1):
        n += why_not is None
        if passage.chunk_id not in there:
            continue  # cut anew meanwhile
        told.append(
            Candidate(
                rank=rank,
                passage=passage,
                place=there[passage.chunk_id],
                found=tuple(found.get(passage.chunk_id, ())),
                points=_points(passage, weights),
                n=n if why_not is None else None,
                why_not=why_not,
            )
        )
    return tuple(told)


def _points(passage: Passage, weights: Mapping[str, float]) -> tuple[Point, ...]:
    """Return what spoke for a passage, the most first. A dense score's weight is its embedder's own."""
    points = []
    for name, added in passage.why.items():
        weight = weights[name] if name != "dense" else None
        measured = added / weight if weight else None
        points.append(Point(name=name, measured=measured, weight=weight, points=added))
    return tuple(sorted(points, key=lambda each: -abs(each.points)))


def _aside(member: Member, traced: Trace) -> tuple[Aside, ...]:
    there = {
        passage.chunk_id: place
        for passage, place in locate(member, [each.passage for each in traced.set_aside])
    }
    return tuple(
        Aside(passage=each.passage, place=there[each.passage.chunk_id], why=each.why)
        for each in traced.set_aside
        if each.passage.chunk_id in there
    )


def _elsewhere(
    member: Member, question: str, given: Sequence[Passage], *, at_date: date | None
) -> tuple[tuple[Passage, Place], ...]:
    """Return what the engine would be given of all that the member sees, and is not given of the chosen collections."""
    everywhere = answer.vary(trace(member, question, most=answer.CONSIDERED, at_date=at_date).passages)
    mine = {passage.chunk_id for passage in given}
    others = [passage for passage in everywhere if passage.chunk_id not in mine]
    return tuple(locate(member, others[:MOST_ELSEWHERE]))
