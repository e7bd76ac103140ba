"""Qdrant's REST shapes on one side, the engine's objects on the other.

Every reader is strict: a field that is not understood is an error, since leaving out half a filter would
answer with rows that nobody asked for.
"""

from __future__ import annotations  # the engine's type aliases exist in its stubs only

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import qdrant_edge as edge

Value = Any  # what json.loads returns: looked at field by field below
Json = Mapping[str, Value]


class BadRequest(Exception):
    """The request has a shape that Qdrant would refuse too."""


class NotImplementedHere(Exception):
    """Qdrant knows this; the embedded server does not."""


_DISTANCES = {
    "Cosine": edge.Distance.Cosine,
    "Euclid": edge.Distance.Euclid,
    "Dot": edge.Distance.Dot,
    "Manhattan": edge.Distance.Manhattan,
}
_SCHEMAS = {
    "integer": edge.PayloadSchemaType.Integer,
    "float": edge.PayloadSchemaType.Float,
    "bool": edge.PayloadSchemaType.Bool,
    "datetime": edge.PayloadSchemaType.Datetime,
}


def only(body: Value, known: Sequence[str], *, what: str) -> Json:
    """Return the object without its nulls, after making sure that it holds nothing unknown."""
    if not isinstance(body, dict):
        raise BadRequest(f"{what}: an object is expected.")
    given = {key: value for key, value in body.items() if value is not None}
    unknown = given.keys() - set(known)
    if unknown:
        raise NotImplementedHere(f"{what}: {', '.join(sorted(unknown))} is not implemented.")
    return given


# Ids, vectors, points


def point_id(value: Value) -> int | UUID:
    """Return the id of a point: an unsigned integer or a UUID."""
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    try:
        return UUID(value)
    except (ValueError, TypeError, AttributeError):
        raise BadRequest(f"{value!r} is neither an unsigned integer nor a UUID.") from None


def point_ids(values: Value) -> list[edge.PointId]:
    """Return a list of ids."""
    if not isinstance(values, list):
        raise BadRequest("ids: a list is expected.")
    return [point_id(value) for value in values]


def named_vector(value: Value) -> list[float] | edge.SparseVector:
    """Return a dense or a sparse vector."""
    if isinstance(value, dict):
        sparse = only(value, ("indices", "values"), what="sparse vector")
        indices, values = sparse.get("indices", []), sparse.get("values", [])
        if len(indices) != len(values):
            raise BadRequest("sparse vector: as many values as indices are expected.")
        if len(set(indices)) != len(indices):
            raise BadRequest("sparse vector: indices must be unique.")
        return edge.SparseVector(indices, values)
    if isinstance(value, list) and all(isinstance(number, int | float) for number in value):
        return value
    raise NotImplementedHere("vector: only dense and sparse vectors are implemented.")


def point(body: Value) -> edge.Point:
    """Return a point with its named vectors."""
    given = only(body, ("id", "vector", "payload"), what="point")
    if "id" not in given or not isinstance(given.get("vector"), dict):
        raise BadRequest("point: an id and an object of named vectors are expected.")
    vectors: dict[str, edge.NamedVector] = {
        name: named_vector(value) for name, value in given["vector"].items()
    }
    return edge.Point(point_id(given["id"]), vectors, given.get("payload") or {})


# Filters


def filter_of(body: Value) -> edge.Filter:
    """Return a filter."""
    given = only(body, ("must", "must_not", "should", "min_should"), what="filter")
    clauses = {
        name: [condition(one) for one in (given[name] if isinstance(given[name], list) else [given[name]])]
        for name in ("must", "must_not", "should")
        if name in given
    }
    least = None
    if "min_should" in given:
        wanted = only(given["min_should"], ("conditions", "min_count"), what="min_should")
        least = edge.MinShould([condition(one) for one in wanted["conditions"]], wanted["min_count"])
    return edge.Filter(**clauses, min_should=least)


def condition(body: Value) -> edge.ConditionType:
    """Return one condition of a filter; a filter can be one."""
    if not isinstance(body, dict):
        raise BadRequest("condition: an object is expected.")
    if "has_id" in body:
        return edge.HasIdCondition(set(point_ids(only(body, ("has_id",), what="condition")["has_id"])))
    for name, kind in (("is_empty", edge.IsEmptyCondition), ("is_null", edge.IsNullCondition)):
        if isinstance(body.get(name), dict):
            return kind(only(body, (name,), what="condition")[name]["key"])
    if "key" in body:
        return _field_condition(only(body, ("key", "match", "range"), what="condition"))
    return filter_of(body)


def _field_condition(given: Json) -> edge.FieldCondition:
    if "match" in given and "range" not in given:
        return edge.FieldCondition(given["key"], match=_match(given["match"]))
    if "range" in given and "match" not in given:
        limits = only(given["range"], ("gt", "gte", "lt", "lte"), what="range")
        if not all(isinstance(value, int | float) for value in limits.values()):
            raise NotImplementedHere("range: only numbers are implemented.")
        return edge.FieldCondition(given["key"], range=edge.RangeFloat(**limits))
    raise BadRequest("condition: either match or range is expected.")


def _match(body: Value) -> edge.MatchType:
    given = only(body, ("value", "any", "except"), what="match")
    if len(given) != 1:
        raise BadRequest("match: exactly one of value, any and except is expected.")
    ((kind, value),) = given.items()
    makers: dict[str, Callable[[Value], edge.MatchType]] = {
        "value": edge.MatchValue,
        "any": edge.MatchAny,
        "except": edge.MatchExcept,
    }
    return makers[kind](value)


# Collections


def vector_params(body: Value) -> edge.EdgeVectorParams:
    """Return how a dense vector is kept."""
    given = only(body, ("size", "distance", "on_disk"), what="vector parameters")
    if given.get("distance") not in _DISTANCES or not isinstance(given.get("size"), int):
        raise BadRequest("vector parameters: size and a known distance are expected.")
    return edge.EdgeVectorParams(given["size"], _DISTANCES[given["distance"]], on_disk=given.get("on_disk"))


def sparse_params(body: Value) -> edge.EdgeSparseVectorParams:
    """Return how a sparse vector is kept."""
    given = only(body, ("index", "modifier"), what="sparse vector parameters")
    index = only(given.get("index", {}), ("full_scan_threshold", "on_disk"), what="sparse index")
    modifier = given.get("modifier", "none")
    if modifier not in ("idf", "none"):
        raise NotImplementedHere(f"modifier: {modifier!r} is not implemented.")
    return edge.EdgeSparseVectorParams(
        full_scan_threshold=index.get("full_scan_threshold"),
        on_disk=index.get("on_disk"),
        modifier=edge.Modifier.Idf if modifier == "idf" else None,
        memory=edge.Memory.Cold,  # read from the disk as needed, once packed
    )


def field_schema(
    value: Value,
) -> edge.PayloadSchemaType | edge.KeywordIndexParams | edge.UuidIndexParams:
    """Return how a field of the payload is indexed."""
    given = only(
        value if isinstance(value, dict) else {"type": value},
        ("type", "is_tenant", "on_disk"),
        what="field_schema",
    )
    options = {"is_tenant": given.get("is_tenant"), "on_disk": given.get("on_disk")}
    if given.get("type") == "keyword":
        return edge.KeywordIndexParams(**options)
    if given.get("type") == "uuid":
        return edge.UuidIndexParams(**options)
    if given.get("type") in _SCHEMAS and options == {"is_tenant": None, "on_disk": None}:
        return _SCHEMAS[given["type"]]
    raise NotImplementedHere(f"field_schema: {value!r} is not implemented.")


# Answers


def record_json(record: edge.Record) -> dict[str, Value]:
    """Return a stored point as the client reads it."""
    return {"id": _id_json(record.id), "payload": record.payload, "vector": _vectors_json(record.vector)}


def scored_json(scored: edge.ScoredPoint) -> dict[str, Value]:
    """Return a found point as the client reads it."""
    return {
        "id": _id_json(scored.id),
        "version": scored.version,
        "score": scored.score,
        "payload": scored.payload,
        "vector": _vectors_json(scored.vector),
    }


def next_page_json(value: edge.PointId | None) -> int | str | None:
    """Return where the next page starts; None after the last."""
    return None if value is None else _id_json(value)


def _id_json(value: edge.PointId) -> int | str:
    return value if isinstance(value, int) else str(value)


def _vectors_json(value: Value) -> Value:
    if isinstance(value, dict):
        return {name: _vectors_json(one) for name, one in value.items()}
    if isinstance(value, edge.SparseVector):
        return {"indices": value.indices, "values": value.values}
    return value
