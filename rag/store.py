"""The only door to Qdrant. Every call names a school; points carry ids only, and text is read from Postgres."""

import os
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
PAGE = 1_000
STEMS, GRAMS, DENSE = "stems", "grams", "dense"
FENCE = "fence"
MADE_OF = "made_of"


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
    made_of: str = ""  # of what text its dense vector is: a digest


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that came back, with the score of each vector that found it."""

    chunk_id: ChunkId
    stems: float = 0.0
    grams: float = 0.0
    dense: float | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """What stands in an index of a point, without its vectors; `id` is a number where it is none of ours."""

    id: UUID | int
    collection_id: str
    document_id: str


@dataclass(frozen=True, slots=True)
class Stray:
    """A point that belongs to no school there is."""

    id: UUID | int
    school_id: str


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
    fence: int | None = None,
) -> None:
    """Write the points of one document; the same ones again change nothing.

    `fence`: the moment since which the writer holds the document, by Postgres's clock. What a later holder wrote
    already stays as it is.
    """
    payload: dict[str, Any] = {
        "school_id": str(_checked(school_id)),
        "collection_id": str(collection_id),
        "document_id": str(document_id),
    }
    only = None
    if fence is not None:
        payload[FENCE] = fence
        only = _until(fence)
    rows = [
        models.PointStruct(
            id=str(point.chunk_id),
            payload={**payload, MADE_OF: point.made_of} if point.made_of else payload,
            vector=_vectors(point),
        )
        for point in points
    ]
    with _Errors():
        _client().upsert(index, rows, wait=True, update_filter=only)


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


def forget(
    index: str,
    *,
    school_id: SchoolId,
    document_id: DocumentId,
    keep: Iterable[ChunkId] = (),
    fence: int | None = None,
) -> None:
    """Delete the points of a document, except those of the chunks to keep and what a holder after `fence` wrote."""
    chosen = _document(school_id, document_id)
    if fence is not None:
        chosen.must = [*_listed(chosen.must), _until(fence)]
    kept = [str(chunk_id) for chunk_id in keep]
    if kept:
        chosen.must_not = [models.HasIdCondition(has_id=list(kept))]
    with _Errors():
        _client().delete(index, points_selector=models.FilterSelector(filter=chosen), wait=True)


def withdraw(index: str, *, school_id: SchoolId, document_id: DocumentId, fence: int) -> None:
    """Delete what one holder of a document wrote, and no other's."""
    mine = models.FieldCondition(key=FENCE, range=models.Range(gte=fence, lte=fence))
    chosen = _document(school_id, document_id)
    chosen.must = [*_listed(chosen.must), mine]
    with _Errors():
        _client().delete(index, points_selector=models.FilterSelector(filter=chosen), wait=True)


def scan(index: str, *, school_id: SchoolId) -> Iterator[Stored]:
    """Yield all points of a school in the order of their ids, page by page; none where there is no such index."""
    chosen = models.Filter(must=[_is("school_id", [_checked(school_id)])])
    return (
        Stored(
            id=_point_id(record.id),
            collection_id=str((record.payload or {}).get("collection_id", "")),
            document_id=str((record.payload or {}).get("document_id", "")),
        )
        for record in _scroll(index, chosen, payload=["collection_id", "document_id"])
    )


def present(index: str, *, school_id: SchoolId, ids: Iterable[UUID]) -> set[UUID]:
    """Return which of these points the school has."""
    chosen = models.Filter(must=[_is("school_id", [_checked(school_id)]), _has_id(ids)])
    return {UUID(str(record.id)) for record in _scroll(index, chosen, payload=False)}


def elsewhere(index: str, *, school_id: SchoolId, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Return which of a school's own points stand in another's name, and in whose. Ids only."""
    chosen = models.Filter(must=[_has_id(ids)], must_not=[_is("school_id", [_checked(school_id)])])
    found = _scroll(index, chosen, payload=["school_id"])
    return {UUID(str(record.id)): str((record.payload or {}).get("school_id", "")) for record in found}


def made_before(
    index: str, *, school_id: SchoolId, made_of: Mapping[ChunkId, str]
) -> dict[ChunkId, Sequence[float]]:
    """Return the dense vectors that stand there already and are of just these texts, named by their digests."""
    chosen = models.Filter(must=[_is("school_id", [_checked(school_id)]), _has_id(made_of)])
    found: dict[ChunkId, Sequence[float]] = {}
    for record in _scroll(index, chosen, payload=[MADE_OF], vectors=[DENSE]):
        chunk_id = ChunkId(UUID(str(record.id)))
        vector: Any = (record.vector or {}).get(DENSE) if isinstance(record.vector, dict) else None
        if vector and (record.payload or {}).get(MADE_OF) == made_of[chunk_id]:
            found[chunk_id] = vector
    return found


def discard(index: str, *, school_id: SchoolId, ids: Iterable[UUID | int], fence: int) -> None:
    """Delete points of a school by their ids, except what a holder after `fence` wrote."""
    school = _is("school_id", [_checked(school_id)])
    chosen = models.Filter(must=[school, _has_id(ids), _until(fence)])
    with _Errors():
        _client().delete(index, points_selector=models.FilterSelector(filter=chosen), wait=True)


def strays(index: str, *, schools: Iterable[SchoolId]) -> Iterator[Stray]:
    """Yield the points that stand in the name of none of these schools: ids and the name, for `reconcile` alone."""
    nobodys = models.Filter(must_not=[_is("school_id", schools)])
    for record in _scroll(index, nobodys, payload=["school_id"]):
        yield Stray(_point_id(record.id), str((record.payload or {}).get("school_id", "")))


def purge(index: str, *, schools: Iterable[SchoolId], ids: Iterable[UUID | int]) -> None:
    """Delete points that stand in the name of none of these schools: for `reconcile` alone."""
    chosen = models.Filter(must=[_has_id(ids)], must_not=[_is("school_id", schools)])
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


def _scroll(
    index: str, chosen: models.Filter, *, payload: bool | list[str], vectors: bool | list[str] = False
) -> Iterator[models.Record]:
    following: Any = None
    while True:
        with _Errors():
            try:
                records, following = _client().scroll(
                    index, chosen, limit=PAGE, offset=following, with_payload=payload, with_vectors=vectors
                )
            except UnexpectedResponse as error:
                if error.status_code != 404:
                    raise
                return
        yield from records
        if following is None:
            return


def _until(fence: int) -> models.Filter:
    """Return the condition that no holder after `fence` wrote a point; those from before there were fences are old."""
    written = models.Range(lte=fence)
    unmarked = models.IsEmptyCondition(is_empty=models.PayloadField(key=FENCE))
    return models.Filter(should=[models.FieldCondition(key=FENCE, range=written), unmarked])


def _has_id(ids: Iterable[UUID | int]) -> models.HasIdCondition:
    return models.HasIdCondition(has_id=[each if isinstance(each, int) else str(each) for each in ids])


def _point_id(value: Any) -> UUID | int:
    return value if isinstance(value, int) else UUID(str(value))


def _listed(conditions: Any) -> list[Any]:
    return list(conditions) if isinstance(conditions, list) else [conditions]


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
