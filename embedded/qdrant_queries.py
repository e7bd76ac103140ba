"""Searches in Qdrant's REST shape, read into the engine's: vectors, prefetched rankings, fusion, parameters."""

from __future__ import annotations  # the engine's type aliases exist in its stubs only

from typing import cast

import qdrant_edge as edge

from embedded import qdrant_shapes as shapes

_COMMON = ("query", "using", "prefetch", "filter", "params", "score_threshold", "limit")


def query_request(body: shapes.Value) -> edge.QueryRequest:
    """Return the search that this body asks for."""
    given = shapes.only(
        body,
        (*_COMMON, "offset", "with_vector", "with_payload"),
        what="query",
    )
    return edge.QueryRequest(
        limit=given.get("limit", 10),
        offset=given.get("offset", 0),
        query=_scoring(given),
        prefetches=_prefetches(given),
        filter=shapes.filter_of(given["filter"]) if "filter" in given else None,
        params=_search_params(given["params"]) if "params" in given else None,
        score_threshold=given.get("score_threshold"),
        with_vector=given.get("with_vector", False),
        with_payload=payload_selector(given.get("with_payload", False)),
    )


def _prefetches(given: shapes.Json) -> list[edge.Prefetch] | None:
    if "prefetch" not in given:
        return None
    wanted = given["prefetch"] if isinstance(given["prefetch"], list) else [given["prefetch"]]
    return [_prefetch(one) for one in wanted]


def _prefetch(body: shapes.Value) -> edge.Prefetch:
    given = shapes.only(body, _COMMON, what="prefetch")
    return edge.Prefetch(
        limit=given.get("limit", 10),
        query=_scoring(given),
        prefetches=_prefetches(given),
        filter=shapes.filter_of(given["filter"]) if "filter" in given else None,
        params=_search_params(given["params"]) if "params" in given else None,
        score_threshold=given.get("score_threshold"),
    )


def _scoring(given: shapes.Json) -> edge.ScoringQueryType | None:
    query = given.get("query")
    if query is None:
        return None
    if isinstance(query, dict) and "indices" not in query:
        known = shapes.only(query, ("nearest", "fusion", "rrf"), what="query")
        if "fusion" in known:
            return _fusion(known["fusion"], {})
        if "rrf" in known:
            return _fusion("rrf", shapes.only(known["rrf"], ("k", "weights"), what="rrf"))
        query = known["nearest"]
    if not isinstance(query, dict | list):
        raise shapes.NotImplementedHere(
            "query: only vectors and fusion are implemented, not the id of a point."
        )
    return edge.Query.Nearest(shapes.named_vector(query), using=given.get("using"))


def _fusion(kind: str, given: shapes.Json) -> edge.ScoringQueryType:
    # The stubs leave these nested classes out of their own union.
    if kind == "rrf":
        return cast("edge.ScoringQueryType", edge.Fusion.Rrf(given.get("k", 2), given.get("weights")))
    if kind == "dbsf":
        return cast("edge.ScoringQueryType", edge.Fusion.Dbsf())
    raise shapes.BadRequest(f"fusion: {kind!r} is unknown.")


def _search_params(body: shapes.Value) -> edge.SearchParams:
    given = shapes.only(body, ("exact", "hnsw_ef", "indexed_only", "idf"), what="params")
    idf = None
    if "idf" in given and given["idf"] != "global":
        corpus = shapes.only(given["idf"], ("corpus",), what="idf")
        idf = edge.IdfParams(corpus=shapes.filter_of(corpus["corpus"]) if "corpus" in corpus else None)
    return edge.SearchParams(
        exact=given.get("exact", False),
        hnsw_ef=given.get("hnsw_ef"),
        indexed_only=given.get("indexed_only", False),
        idf=idf,
    )


def payload_selector(value: shapes.Value) -> edge.WithPayloadType:
    """Return which fields of the payload are wanted."""
    if isinstance(value, bool):
        return value
    if isinstance(value, list):
        return edge.PayloadSelector.Include(value)
    chosen = shapes.only(value, ("include", "exclude"), what="with_payload")
    if "include" in chosen:
        return edge.PayloadSelector.Include(chosen["include"])
    return edge.PayloadSelector.Exclude(chosen.get("exclude", []))
