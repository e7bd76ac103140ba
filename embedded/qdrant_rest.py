"""Which request does what: the table of the embedded Qdrant's REST."""

from __future__ import annotations  # the engine's type aliases exist in its stubs only

from collections.abc import Callable
from typing import Any
from uuid import UUID

import qdrant_edge as edge

from embedded import qdrant_queries as queries
from embedded import qdrant_shapes as shapes
from embedded.qdrant_parts import Collection, Part
from embedded.qdrant_store import Store, describe

TITLE = {"title": "qdrant - vector search engine", "version": "1.20.0", "commit": "embedded by preceptor"}

Body = Any  # what json.loads returned; qdrant_shapes looks at it field by field
Answer = Any  # what json.dumps takes


class EngineRefused(Exception):
    """The engine did not do what was asked."""

    def __init__(self, message: str, *, status: int) -> None:
        super().__init__(message)
        self.status = status


def handle(store: Store, method: str, parts: tuple[str, ...], body: Body) -> Answer:
    """Return the result of one request."""
    match (method, *parts):
        case ("GET", "collections"):
            return {"collections": [{"name": name} for name in store.names()]}
        case ("GET", "collections", name, "exists"):
            return {"exists": name in store.names()}
        case ("GET", "collections", name):
            return describe(store.get(name))
        case ("PUT", "collections", name):
            store.create(name, body)
            return True
        case ("DELETE", "collections", name):
            return store.delete(name)
        case (_, "collections", name, *rest):
            operation = _OPERATIONS.get((method, *rest))
            if operation is not None:
                return _run(operation, store.get(name), body)
            if (method, *rest[:1]) == ("DELETE", "index") and len(rest) == 2:
                return _done(store.get(name).delete_index(rest[1]))
    raise shapes.NotImplementedHere(f"{method} /{'/'.join(parts)}")


def _run(operation: Callable[[Collection, Body], Answer], collection: Collection, body: Body) -> Answer:
    try:
        return operation(collection, body)
    except Exception as error:
        if (
            type(error) is not Exception
        ):  # the engine has no class of its own: what it refuses is a bare Exception
            raise
        message = str(error)
        raise EngineRefused(message, status=500 if "Service internal" in message else 400) from error


def _done(number: int) -> Answer:
    return {"operation_id": number, "status": "completed"}


def _create_index(collection: Collection, body: Body) -> Answer:
    given = shapes.only(body, ("field_name", "field_schema"), what="index")
    return _done(collection.create_index(given["field_name"], given.get("field_schema")))


def _upsert(collection: Collection, body: Body) -> Answer:
    given = shapes.only(body, ("points", "update_filter"), what="upsert")
    condition = shapes.filter_of(given["update_filter"]) if "update_filter" in given else None
    return _done(collection.upsert(given["points"], condition))


def _query(collection: Collection, body: Body) -> Answer:
    request = queries.query_request(body)
    return {"points": [shapes.scored_json(one) for one in collection.one_of(body).shard.query(request)]}


def _query_batch(collection: Collection, body: Body) -> Answer:
    given = shapes.only(body, ("searches",), what="query batch")
    requests = [queries.query_request(one) for one in given["searches"]]
    parts = [collection.one_of(one) for one in given["searches"]]
    if all(part is parts[0] for part in parts):
        answers = parts[0].shard.query_batch(edge.QueryBatchRequest(requests)) if parts else []
    else:
        answers = [part.shard.query(request) for part, request in zip(parts, requests, strict=True)]
    return [{"points": [shapes.scored_json(one) for one in answer]} for answer in answers]


def _scroll(collection: Collection, body: Body) -> Answer:
    given = shapes.only(body, ("offset", "limit", "filter", "with_payload", "with_vector"), what="scroll")
    limit = given.get("limit", 10)
    request = edge.ScrollRequest(
        offset=shapes.point_id(given["offset"]) if "offset" in given else None,
        limit=limit,
        filter=shapes.filter_of(given["filter"]) if "filter" in given else None,
        with_payload=queries.payload_selector(given.get("with_payload", True)),
        with_vector=given.get("with_vector", False),
    )
    pages = [part.shard.scroll(request) for part in collection.of(given.get("filter"))]
    # Each part gives so many and says which comes next: the first so many of all are among them, and the next too.
    records = sorted(
        (record for page, _following in pages for record in page), key=lambda one: _order(one.id)
    )
    beyond = [one.id for one in records[limit:]] + [next_ for _page, next_ in pages if next_ is not None]
    return {
        "points": [shapes.record_json(record) for record in records[:limit]],
        "next_page_offset": shapes.next_page_json(min(beyond, key=_order, default=None)),
    }


def _order(point_id: edge.PointId) -> tuple[bool, int]:
    """Return where a point's id stands among others: numbers before UUIDs, as the engine has them."""
    return (False, point_id) if isinstance(point_id, int) else (True, UUID(str(point_id)).int)


def _retrieve(collection: Collection, body: Body) -> Answer:
    given = shapes.only(body, ("ids", "with_payload", "with_vector"), what="retrieve")
    ids = shapes.point_ids(given["ids"])
    payload = queries.payload_selector(given.get("with_payload", True))
    records = [
        record
        for part in collection.parts
        for record in part.shard.retrieve(
            ids, with_payload=payload, with_vector=given.get("with_vector", False)
        )
    ]
    return [shapes.record_json(record) for record in records]


def _count(collection: Collection, body: Body) -> Answer:
    given = shapes.only(body, ("filter", "exact"), what="count")
    wanted = shapes.filter_of(given["filter"]) if "filter" in given else None
    request = edge.CountRequest(exact=given.get("exact", True), filter=wanted)
    return {"count": sum(part.shard.count(request) for part in collection.of(given.get("filter")))}


def _set_payload(collection: Collection, body: Body) -> Answer:
    given = shapes.only(body, ("payload", "points", "filter", "key"), what="set payload")
    ids, wanted = _selected(given)
    payload, key = given["payload"], given.get("key")
    collection.require_payload(payload)
    if wanted is not None:
        operation = edge.UpdateOperation.set_payload_by_filter(wanted, payload, key)
        return _done(collection.update(collection.of(given["filter"]), operation))
    return _by_ids(collection, ids, lambda there: edge.UpdateOperation.set_payload(there, payload, key))


def _delete(collection: Collection, body: Body) -> Answer:
    given = shapes.only(body, ("points", "filter"), what="delete")
    ids, wanted = _selected(given)
    if wanted is None:
        return _by_ids(collection, ids, edge.UpdateOperation.delete_points)
    operation = edge.UpdateOperation.delete_points_by_filter(wanted)
    return _done(collection.update(collection.of(given["filter"]), operation))


def _by_ids(
    collection: Collection,
    ids: list[edge.PointId],
    make: Callable[[list[edge.PointId]], edge.UpdateOperation],
) -> Answer:
    found: list[tuple[Part, list[edge.PointId]]] = collection.holding(ids)
    for part, there in found:
        part.update(make(there))
    return _done(collection.number_of_write())


def _selected(given: shapes.Json) -> tuple[list[edge.PointId], edge.Filter | None]:
    if ("points" in given) == ("filter" in given):
        raise shapes.BadRequest("either points or a filter is expected.")
    if "filter" in given:
        return [], shapes.filter_of(given["filter"])
    return shapes.point_ids(given["points"]), None


_OPERATIONS: dict[tuple[str, ...], Callable[[Collection, Body], Answer]] = {
    ("PUT", "index"): _create_index,
    ("PUT", "points"): _upsert,
    ("POST", "points"): _retrieve,
    ("POST", "points", "query"): _query,
    ("POST", "points", "query", "batch"): _query_batch,
    ("POST", "points", "scroll"): _scroll,
    ("POST", "points", "count"): _count,
    ("POST", "points", "payload"): _set_payload,
    ("POST", "points", "delete"): _delete,
}
