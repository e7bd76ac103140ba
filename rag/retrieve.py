"""Retrieval: a question into passages of this school that this member may read, best first."""

import time
from collections.abc import Collection as Some
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from documents import library
from documents.places import Place
from engines import base, router, spanish
from engines.spanish import Analysis
from rag import indexes, store
from rag.evidence import places_of_chunks
from rag.features import Candidate
from rag.models import Chunk
from rag.rerank import Scored, rerank
from schools.admission import Member
from schools.ids import ChunkId, CollectionId, DocumentId, SchoolId
from schools.refusals import Refused
from schools.scope import school_scope

QUESTION_MOST_CHARS = 4_000
# Candidates asked of the store for each vector.
CANDIDATES = 60
MOST_RESULTS = 50


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


_COLUMNS = ("pk", "document_id", "document__title", "heading_path", "ordinal", "text", "spans", "analysis")


def check_question(question: str) -> str:
    """Return the question tidied; raise BadQuestion."""
    question = " ".join(question.replace("\0", " ").split())
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

    `collections` narrows what the member sees; `at_date` keeps what was in force that day. Raises store.StoreDown.
    """
    shelves = _shelves(member, collections)
    if shelves is not None and not shelves:
        return []
    index = indexes.active()
    embedder = router.embedder(fingerprint=index.fingerprint) if index.fingerprint else None
    vectors = spanish.query(question)
    hits = store.search(
        index.name,
        school_id=member.school_id,
        collections=shelves,
        stems=vectors.stems,
        grams=vectors.grams,
        dense=_dense(question, embedder),
        limit=CANDIDATES,
    )
    by_id = {hit.chunk_id: hit for hit in hits}
    rows = _readable(member, by_id, shelves=shelves, at_date=at_date)
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
        limit=most,
    )
    return [_passage(rows[scored.chunk_id], scored) for scored in ranked]


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


def _dense(question: str, embedder: router.EmbedderSpec | None) -> list[float] | None:
    """Return the question's dense vector; None without an embedder, or when it does not answer: words alone then."""
    if embedder is None:
        return None
    try:
        vector: list[float] = router.embed([question], purpose="query", engine=embedder.engine)[0].tolist()
    except base.EngineError:
        return None
    return vector


def _readable(
    member: Member, ids: Some[ChunkId], *, shelves: frozenset[CollectionId] | None, at_date: date | None
) -> dict[ChunkId, _Row]:
    """Return the chunks among these that the member may read, from Postgres, which alone decides."""
    with school_scope(member.school_id):
        documents = library.visible(member)
        if shelves is not None:
            documents = documents.filter(collection_id__in=shelves)
        if at_date is not None:
            documents = documents.filter(
                Q(valid_from=None) | Q(valid_from__lte=at_date),
                Q(valid_until=None) | Q(valid_until__gte=at_date),
            )
        # One array, where a list would be a hundred parameters that Django and psycopg take apart one by one.
        found = Chunk.objects.filter(document__in=documents).extra(
            where=["rag_chunk.id = ANY(%s)"], params=[list(ids)]
        )
        rows = [_Row(*values) for values in found.values_list(*_COLUMNS)]
    return {row.chunk_id: row for row in rows}


def _passage(row: _Row, scored: Scored) -> Passage:
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
    )
