"""Which request does what: the table of the embedded Qdrant's REST."""

from __future__ import annotations  # the engine's type aliases exist in its stubs only

from collections.abc import Callable
from typing import Any

import qdrant_edge as edge

from embedded import qdrant_queries as queries
from embedded import qdrant_shapes as shapes
from embedded.qdrant_store import Collection, Store, describe

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
                return _done(store.get(name).update(edge.UpdateOperation.delete_field_index(rest[1])))
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
    schema = shapes.field_schema(given.get("field_schema"))
    return _done(collection.update(edge.UpdateOperation.create_field_index(given["field_name"], schema)))


def _upsert(collection: Collection, body: Body) -> Answer:
    given = shapes.only(body, ("points", "update_filter"), what="upsert")
    condition = shapes.filter_of(given["update_filter"]) if "update_filter" in given else None
    points = [shapes.point(one) for one in given["points"]]
    collection.require_vectors(given["points"])
    return _done(collection.update(edge.UpdateOperation.upsert_points(points, condition)))


def _query(collection: Collection, body: Body) -> Answer:
    return {
        "points": [shapes.scored_json(one) for one in collection.shard.query(queries.query_request(body))]
    }


def _query_batch(collection: Collection, body: Body) -> Answer:
    given = shapes.only(body, ("searches",), what="query batch")
    requests = [queries.query_request(one) for one in given["searches"]]
    answers = collection.shard.query_batch(edge.QueryBatchRequest(requests))
    return [{"points": [shapes.scored_json(one) for one in answer]} for answer in answers]


def _scroll(collection: Collection, body: Body) -> Answer:
    given = shapes.only(body, ("offset", "limit", "filter", "with_payload", "with_vector"), what="scroll")
    records, following = collection.shard.scroll(
        edge.ScrollRequest(
            offset=shapes.point_id(given["offset"]) if "offset" in given else None,
            limit=given.get("limit", 10),
            filter=shapes.filter_of(given["filter"]) if "filter" in given else None,
            with_payload=queries.payload_selector(given.get("with_payload", True)),
            with_vector=given.get("with_vector", False),
        )
    )
    return {
        "points": [shapes.record_json(record) for record in records],
        "next_page_offset": shapes.next_page_json(following),
    }


def _retrieve(collection: Collection, body: Body) -> Answer:
    given = shapes.only(body, ("ids", "with_payload", "with_vector"), what="retrieve")
    records = collection.shard.retrieve(
        shapes.point_ids(given["ids"]),
        with_payload=queries.payload_selector(given.get("with_payload", True)),
        with_vector=given.get("with_vector", False),
    )
    return [shapes.record_json(record) for record in records]


def _count(collection: Collection, body: Body) -> Answer:
    given = shapes.only(body, ("filter", "exact"), what="count")
    wanted = shapes.filter_of(given["filter"]) if "filter" in given else None
    return {"count": collection.shard.count(edge.CountRequest(exact=given.get("exact", True), filter=wanted))}


def _set_payload(collection: Collection, body: Body) -> Answer:
    given = shapes.only(body, ("payload", "points", "filter", "key"), what="set payload")
    ids, wanted = _selected(given)
    if wanted is not None:
        operation = edge.UpdateOperation.set_payload_by_filter(wanted, given["payload"], given.get("key"))
    else:
        operation = edge.UpdateOperation.set_payload(ids, given["payload"], given.get("key"))
    return _done(collection.update(operation))


def _delete(collection: Collection, body: Body) -> Answer:
    ids, wanted = _selected(shapes.only(body, ("points", "filter"), what="delete"))
    if wanted is None:
        return _done(collection.update(edge.UpdateOperation.delete_points(ids)))
    return _done(collection.update(edge.UpdateOperation.delete_points_by_filter(wanted)))


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
