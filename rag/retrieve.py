"""Retrieval: a question into passages of this school that this member may read, best first."""

import time
from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from django.utils.translation import gettext as _

from documents import library, succession, versions
from documents.places import Place
from documents.versions import RULES, Force
from engines import base, config, router, spanish
from engines.errands import Errand, Labelled
from engines.errands import Purpose as For
from engines.spanish import Analysis
from rag import indexes, labelling, store
from rag.evidence import places_of_chunks
from rag.features import Candidate
from rag.models import Chunk
from rag.rerank import Scored, rerank
from rag.validity import SetAside, sort_out
from schools import unseen
from schools.admission import Member
from schools.ids import ChunkId, CollectionId, DocumentId, SchoolId
from schools.refusals import Refused
from schools.scope import school_scope

QUESTION_MOST_CHARS = 4_000
# Candidates asked of the store for each vector.
CANDIDATES = 60
MOST_RESULTS = 50
# Of those found, so many are put in order by an engine made for that, where the school has one.
RERANKED = 30


class BadQuestion(Refused):
    """The question is empty or too long."""

    code = "invalid"


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk that may answer, with its text as Postgres has it."""

    chunk_id: ChunkId
    document_id: DocumentId
    title: str
    heading_path: tuple[str, ...]
    ordinal: int
    text: str
    spans: Sequence[Sequence[int]]  # as models.Chunk keeps them
    score: float
    prior: float  # how likely it is the right one, 0–1
    support: float | None  # how much of the question's rare words it holds, 0–1
    why: dict[str, float]
    force: Force = RULES  # of its document, on the day asked


class _Row(NamedTuple):
    """What is asked of Postgres for a candidate; whole models of a hundred rows would cost more than the search."""

    chunk_id: ChunkId
    document_id: DocumentId
    title: str
    heading_path: list[str]
    ordinal: int
    text: str
    spans: list[list[int]]
    analysis: bytes
    valid_from: date | None
    valid_until: date | None
    sensitivity: str  # of its document
    is_tied: bool  # its document replaces another, or another one it


@dataclass(frozen=True, slots=True)
class Trace:
    """A search step by step, as the laboratory shows it."""

    index: str
    hits: Mapping[ChunkId, store.Hit]  # what each list of the store brought
    readable: frozenset[ChunkId]  # of those, what the member may read and the search may use
    passages: list[Passage]  # of those, the best
    set_aside: list[
        SetAside[Passage]
    ]  # of those, what does not rule where something that does answers as well


_COLUMNS = (
    "pk", "document_id", "document__title", "heading_path", "ordinal", "text", "spans", "analysis",
    "document__valid_from", "document__valid_until", "document__sensitivity", "is_tied",
)  # fmt: skip


def check_question(question: str) -> str:
    """Return the question tidied; raise BadQuestion."""
    question = " ".join(unseen.strip(question.replace("\0", " ")).split())
    if not question:
        raise BadQuestion(_("Falta escribir la pregunta."), field="text")
    if len(question) > QUESTION_MOST_CHARS:
        raise BadQuestion(
            _("La pregunta puede tener hasta %d caracteres.") % QUESTION_MOST_CHARS, field="text"
        )
    return question


def retrieve(
    member: Member,
    question: str,
    *,
    most: int,
    collections: Some[UUID] | None = None,
    at_date: date | None = None,
) -> list[Passage]:
    """Return the passages that best fit the question, at most `most`, best first.

    `collections` narrows what the member sees; `at_date` keeps what was in force that day; without it what does not
    rule today comes after all that does, where that answers as well. Raises store.StoreDown.
    """
    found = trace(
        member,
        question,
        most=most,
        collections=collections,
        at_date=at_date,
        only_in_force=at_date is not None,
    )
    return [*found.passages, *(each.passage for each in found.set_aside)][:most]


def trace(
    member: Member,
    question: str,
    *,
    most: int | None = None,
    collections: Some[UUID] | None = None,
    documents: frozenset[UUID] | None = None,
    at_date: date | None = None,
    only_in_force: bool = False,
    parts: Sequence[Labelled] = (),
    subject_id: UUID | None = None,
) -> Trace:
    """Return what `retrieve` does, with the steps that led there; `most` None: all that may be read.

    `documents`: of these alone; `at_date`: the day whose force counts, today when none is given. `parts`: what the
    question was made of, with labels that decide which engines may see it; its own when none are given. `subject_id`:
    the message that it is for.
    """
    index = indexes.active()
    shelves = _shelves(member, collections)
    if (shelves is not None and not shelves) or (documents is not None and not documents):
        return Trace(index=index.name, hits={}, readable=frozenset(), passages=[], set_aside=[])
    embedder = router.embedder(fingerprint=index.fingerprint) if index.fingerprint else None
    is_reranked = bool(config.load().rerank)
    errand = Errand(school_id=member.school_id, user_id=member.user_id, purpose=For.QUERY, subject_id=subject_id,
                    patience_s=2.0)  # fmt: skip
    if embedder is not None or is_reranked:
        errand = errand.showing(parts or [labelling.of_question(member, question)])
    vectors = spanish.query(question)
    hits = store.search(
        index.name,
        school_id=member.school_id,
        collections=shelves,
        documents=documents,
        stems=vectors.stems,
        grams=vectors.grams,
        dense=_dense(question, embedder, errand),
        limit=CANDIDATES,
    )
    by_id = {hit.chunk_id: hit for hit in hits}
    rows, forces = _readable(member, by_id, shelves=shelves, only=documents, on=at_date)
    if only_in_force:
        rows = {key: row for key, row in rows.items() if forces[row.document_id].is_in_force}
    all_rule = all(each.is_in_force for each in forces.values())
    ranked = rerank(
        question,
        [
            Candidate(
                chunk_id=row.chunk_id,
                analysis=Analysis.from_bytes(bytes(row.analysis)),
                stems_score=by_id[row.chunk_id].stems or None,
                grams_score=by_id[row.chunk_id].grams or None,
                dense_score=by_id[row.chunk_id].dense,
                title=row.title,
                heading_path=tuple(row.heading_path),
            )
            for row in rows.values()
        ],
        chunks_in_school=_chunks_in(member),
        dense_weight=embedder.weight if embedder else 0.0,
        # What answers in another's place may stand far below it, and so may what another order lifts.
        limit=most if all_rule and not is_reranked else None,
    )
    found = [_passage(rows[each.chunk_id], each, forces[rows[each.chunk_id].document_id]) for each in ranked]
    if is_reranked:
        found = _reordered(member, question, found, rows, errand)
    passages, set_aside = sort_out(found)
    return Trace(
        index=index.name,
        hits=by_id,
        readable=frozenset(rows),
        passages=_without(passages, set_aside)[:most],
        set_aside=set_aside,
    )


def _without(passages: list[Passage], set_aside: Sequence[SetAside[Passage]]) -> list[Passage]:
    """Return the passages as likely as if those set aside had not been found."""
    left = 1 - sum(each.passage.prior for each in set_aside)
    if not set_aside or left <= 0:
        return passages
    return [replace(each, prior=min(1.0, each.prior / left)) for each in passages]


def locate(member: Member, passages: Sequence[Passage]) -> list[tuple[Passage, Place]]:
    """Return each passage with its place in its document, without those that are gone meanwhile."""
    with school_scope(member.school_id):
        found = places_of_chunks(passages)
    return [(each, place) for each, place in zip(passages, found, strict=True) if place is not None]


def _chunks_in(member: Member) -> int:
    """Return about how many chunks the school has: it only sets the scale of how rare a word is."""
    return max(1, _counted(member.school_id, minute=int(time.monotonic() // 60)))


@lru_cache(maxsize=1_000)
def _counted(school_id: SchoolId, *, minute: int) -> int:
    """Return the school's number of chunks; counted at most once a minute."""
    with school_scope(school_id):
        return Chunk.objects.count()


def _shelves(member: Member, collections: Some[UUID] | None) -> frozenset[CollectionId] | None:
    if collections is None:
        return member.collections
    return frozenset(CollectionId(each) for each in collections if member.sees(each))


def _dense(question: str, embedder: router.EmbedderSpec | None, errand: Errand) -> list[float] | None:
    """Return the question's dense vector; None without an embedder that may see it and answers: words alone then."""
    if embedder is None:
        return None
    try:
        found = router.embed([question], errand, purpose="query", engine=embedder.engine)
    except base.EngineError:
        return None
    vector: list[float] = found[0].tolist()
    return vector


def _reordered(
    member: Member, question: str, found: list[Passage], rows: Mapping[ChunkId, _Row], errand: Errand
) -> list[Passage]:
    """Return the passages with the best of them in the order of an engine that may see them; else as they are.

    How likely each is goes with its new place; its own points stay, for the laboratory to tell.
    """
    best, rest = found[:RERANKED], found[RERANKED:]
    documents = {row.document_id: row for row in (rows[each.chunk_id] for each in best)}
    read = [labelling.of_document(row.title, row.sensitivity) for row in documents.values()]
    scores = router.rerank(
        question,
        ["\n".join([" › ".join([each.title, *each.heading_path]), each.text]) for each in best],
        replace(
            errand,
            purpose=For.RERANK,
            parts=(*errand.parts, *read),
            reread=lambda: [*errand.parts, *labelling.of_documents(member, documents)],
        ),
    )
    if scores is None:
        return found
    order = sorted(range(len(best)), key=lambda at: -scores[at])
    priors = sorted((each.prior for each in best), reverse=True)
    return [*(replace(best[at], prior=prior) for at, prior in zip(order, priors, strict=True)), *rest]


def _readable(
    member: Member,
    ids: Some[ChunkId],
    *,
    shelves: frozenset[CollectionId] | None,
    only: frozenset[UUID] | None,
    on: date | None,
) -> tuple[dict[ChunkId, _Row], dict[UUID, Force]]:
    """Return the chunks among these that the member may read, from Postgres, which alone decides.

    With them the force of each one's document.
    """
    with school_scope(member.school_id):
        documents = library.visible(member)
        if shelves is not None:
            documents = documents.filter(collection_id__in=shelves)
        if only is not None:
            documents = documents.filter(pk__in=only)
        # One array, where a list would be a hundred parameters that Django and psycopg take apart one by one.
        found = Chunk.objects.filter(document__in=documents).extra(
            select={
                "is_tied": "documents_document.supersedes_id IS NOT NULL OR EXISTS ("
                "SELECT FROM documents_document newer WHERE newer.supersedes_id = documents_document.id)"
            },
            where=["rag_chunk.id = ANY(%s)"],
            params=[list(ids)],
        )
        rows = [_Row(*values) for values in found.values_list(*_COLUMNS)]
        # Few documents have another version: the days of the others say it all, and cost no query.
        forces = succession.forces(member, {row.document_id for row in rows if row.is_tied}, on=on)
    day = on or versions.today(member)
    for row in rows:
        if row.document_id not in forces:
            forces[row.document_id] = versions.by_days(row.valid_from, row.valid_until, on=day)
    return {row.chunk_id: row for row in rows}, forces


def _passage(row: _Row, scored: Scored, force: Force) -> Passage:
    return Passage(
        chunk_id=row.chunk_id,
        document_id=row.document_id,
        title=row.title,
        heading_path=tuple(row.heading_path),
        ordinal=row.ordinal,
        text=row.text,
        spans=row.spans,
        score=scored.score,
        prior=scored.prior,
        support=scored.support,
        why=dict(scored.why),
        force=force,
    )
