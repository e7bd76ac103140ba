"""The only door to Qdrant. Every call names a school; points carry ids only, and text is read from Postgres."""

import os
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

import httpx
from django.conf import settings
from django.utils.translation import gettext as _
from qdrant_client import QdrantClient, models
from qdrant_client.http.exceptions import ApiException, ResponseHandlingException, UnexpectedResponse

from engines.spanish import Sparse
from schools.ids import ChunkId, CollectionId, DocumentId, SchoolId
from schools.refusals import Refused
from schools.scope import NoSchool

TIMEOUT_S = 15
STEMS, GRAMS, DENSE = "stems", "grams", "dense"


class StoreDown(Refused):
    """Qdrant does not answer now."""

    code = "search_unavailable"
    status = 503


class ForeignPoint(RuntimeError):
    """Qdrant gave a point of another school although the filter named ours: never shown, always an alarm."""


@dataclass(frozen=True, slots=True)
class Point:
    """A chunk's vectors."""

    chunk_id: ChunkId
    stems: Sparse
    grams: Sparse
    dense: Sequence[float] | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that came back, with the score of each vector that found it."""

    chunk_id: ChunkId
    stems: float = 0.0
    grams: float = 0.0
    dense: float | None = None


def ensure(index: str, *, dimension: int | None) -> None:
    """Make the collection of an index with its payload indexes, unless it is there."""
    with _Errors():
        client = _client()
        if client.collection_exists(index):
            return
        vectors = (
            {DENSE: models.VectorParams(size=dimension, distance=models.Distance.COSINE)} if dimension else {}
        )
        sparse = models.SparseVectorParams(modifier=models.Modifier.IDF)
        try:
            client.create_collection(
                index, vectors_config=vectors, sparse_vectors_config={STEMS: sparse, GRAMS: sparse}
            )
        except UnexpectedResponse as error:
            if error.status_code != 409:  # made meanwhile by another worker
                raise
        tenant = models.KeywordIndexParams(type=models.KeywordIndexType.KEYWORD, is_tenant=True)
        client.create_payload_index(index, "school_id", field_schema=tenant)
        for name in ("collection_id", "document_id"):
            client.create_payload_index(index, name, field_schema=models.PayloadSchemaType.KEYWORD)


def upsert(
    index: str,
    *,
    school_id: SchoolId,
    collection_id: CollectionId,
    document_id: DocumentId,
    points: Sequence[Point],
) -> None:
    """Write the points of one document; the same ones again change nothing."""
    payload = {
        "school_id": str(_checked(school_id)),
        "collection_id": str(collection_id),
        "document_id": str(document_id),
    }
    rows = [
        models.PointStruct(id=str(point.chunk_id), payload=payload, vector=_vectors(point))
        for point in points
    ]
    with _Errors():
        _client().upsert(index, rows, wait=True)


def search(
    index: str,
    *,
    school_id: SchoolId,
    collections: frozenset[CollectionId] | None,
    documents: frozenset[UUID] | None = None,
    stems: Sparse,
    grams: Sparse,
    dense: Sequence[float] | None = None,
    limit: int,
) -> list[Hit]:
    """Return the best chunks of a school by each vector, at most `limit` a vector, unordered among each other.

    `collections` None: all of the school's; `documents` None: all of theirs. IDF is taken over the school, so that no
    school's words weigh on another's results.
    """
    if (collections is not None and not collections) or (documents is not None and not documents):
        return []
    school = _is("school_id", [_checked(school_id)])
    within = (("collection_id", collections), ("document_id", documents))
    wanted = models.Filter(must=[school, *(_is(key, ids) for key, ids in within if ids is not None)])
    params = models.SearchParams(idf=models.IdfCorpusParams(corpus=models.Filter(must=[school])))
    queries: list[tuple[str, Any]] = [
        (name, models.SparseVector(indices=vector.indices.tolist(), values=vector.values.tolist()))
        for name, vector in ((STEMS, stems), (GRAMS, grams))
        if len(vector.indices)
    ]
    if dense is not None:
        queries.append((DENSE, list(dense)))
    if not queries:
        return []
    requests = [
        models.QueryRequest(
            query=query,
            using=name,
            filter=wanted,
            limit=limit,
            params=None if name == DENSE else params,
            with_payload=["school_id"],
        )
        for name, query in queries
    ]
    with _Errors():
        # Not by the client's method of this name, which copies every request to look for texts to embed.
        answers = _client().http.search_api.query_batch_points(
            collection_name=index, query_request_batch=models.QueryRequestBatch(searches=requests)
        )
    scores: dict[ChunkId, dict[str, float]] = {}
    for (name, _query), answer in zip(queries, answers.result or (), strict=True):
        for point in answer.points:
            if (point.payload or {}).get("school_id") != str(school_id):
                raise ForeignPoint(f"point {point.id} of index {index} came back for school {school_id}")
            scores.setdefault(ChunkId(UUID(str(point.id))), {})[name] = point.score
    return [
        Hit(
            chunk_id=chunk_id,
            stems=found.get(STEMS, 0.0),
            grams=found.get(GRAMS, 0.0),
            dense=found.get(DENSE),
        )
        for chunk_id, found in scores.items()
    ]


def shelve(index: str, *, school_id: SchoolId, document_id: DocumentId, collection_id: CollectionId) -> None:
    """Note that a document stands in another collection."""
    with _Errors():
        _client().set_payload(
            index, {"collection_id": str(collection_id)}, points=_document(school_id, document_id), wait=True
        )


def forget(index: str, *, school_id: SchoolId, document_id: DocumentId, keep: Iterable[ChunkId] = ()) -> None:
    """Delete the points of a document, except those of the chunks to keep."""
    chosen = _document(school_id, document_id)
    kept = [str(chunk_id) for chunk_id in keep]
    if kept:
        chosen.must_not = [models.HasIdCondition(has_id=list(kept))]
    with _Errors():
        _client().delete(index, points_selector=models.FilterSelector(filter=chosen), wait=True)


def count(index: str, *, school_id: SchoolId, document_id: DocumentId | None = None) -> int:
    """Return how many points a school, or one of its documents, has."""
    chosen = (
        models.Filter(must=[_is("school_id", [_checked(school_id)])])
        if document_id is None
        else _document(school_id, document_id)
    )
    with _Errors():
        return _client().count(index, count_filter=chosen, exact=True).count


def drop(index: str) -> None:
    """Delete a retired index, for all schools."""
    with _Errors():
        _client().delete_collection(index)


def ping() -> None:
    """Return when Qdrant answers; raise StoreDown."""
    with _Errors():
        _client().get_collections()


def _document(school_id: SchoolId, document_id: DocumentId) -> models.Filter:
    return models.Filter(must=[_is("school_id", [_checked(school_id)]), _is("document_id", [document_id])])


def _is(key: str, values: Iterable[UUID]) -> models.FieldCondition:
    texts = sorted(str(value) for value in values)
    match = models.MatchValue(value=texts[0]) if len(texts) == 1 else models.MatchAny(any=texts)
    return models.FieldCondition(key=key, match=match)


def _checked(school_id: SchoolId) -> SchoolId:
    if not isinstance(school_id, UUID):
        raise NoSchool(f"a school is named by its UUID, not by {school_id!r}")
    return school_id


def _vectors(point: Point) -> dict[str, Any]:
    vectors: dict[str, Any] = {
        name: models.SparseVector(indices=vector.indices.tolist(), values=vector.values.tolist())
        for name, vector in ((STEMS, point.stems), (GRAMS, point.grams))
    }
    if point.dense is not None:
        vectors[DENSE] = list(point.dense)
    return vectors


class _Errors:
    """Turn every way in which Qdrant can be out of reach into StoreDown."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: object) -> None:
        unreachable = isinstance(error, ResponseHandlingException | httpx.TransportError) or (
            isinstance(error, UnexpectedResponse) and (error.status_code or 500) >= 500
        )
        if unreachable and isinstance(error, ApiException | httpx.TransportError):
            raise StoreDown(
                _("La búsqueda no está disponible en este momento. Probar de nuevo en un minuto.")
            ) from error


def _client() -> QdrantClient:
    return _client_of(os.getpid(), settings.QDRANT_URL)


@cache
def _client_of(pid: int, url: str) -> QdrantClient:
    """Return this process's client: sockets do not cross a fork."""
    with warnings.catch_warnings():
        # On one machine the key travels on loopback only; over a network the address is https.
        warnings.filterwarnings("ignore", message="Api key is used with an insecure connection")
        return QdrantClient(
            url=url,
            api_key=settings.QDRANT_API_KEY or None,
            timeout=TIMEOUT_S,
            check_compatibility=False,
        )
