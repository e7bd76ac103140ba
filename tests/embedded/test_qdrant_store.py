"""Packing changes no answer, and neither does it that a collection stands in several parts."""

import random
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from embedded import qdrant_rest as rest
from embedded.qdrant_shapes import NotImplementedHere
from embedded.qdrant_store import NoSuchCollection, Store

WORDS = 3_000


def _ask(store: Store, method: str, path: str, body: Any = None) -> Any:
    return rest.handle(store, method, ("collections", *path.split("/")), body or {})


def _make(store: Store) -> None:
    _ask(store, "PUT", "c", {"sparse_vectors": {"grams": {"modifier": "idf"}}})
    schema = {"type": "keyword", "is_tenant": True}
    _ask(store, "PUT", "c/index", {"field_name": "school_id", "field_schema": schema})


def _id(number: int) -> str:
    return str(UUID(int=number))


def _fill(store: Store, dice: random.Random, *, points: int) -> None:
    for start in range(1, points + 1, 250):
        rows: list[dict[str, Any]] = [
            {
                "id": _id(number),
                "vector": {
                    "grams": {"indices": sorted(dice.sample(range(WORDS), 300)), "values": [1.0] * 300}
                },
                "payload": {"school_id": str(number % 3), "document_id": str(number % 7)},
            }
            for number in range(start, start + 250)
        ]
        for school in ("0", "1", "2"):  # as the application does: the points of one document at a time
            its = [row for row in rows if row["payload"] == {**row["payload"], "school_id": school}]
            _ask(store, "PUT", "c/points", {"points": its})


def _of(school: str) -> dict[str, Any]:
    return {"must": [{"key": "school_id", "match": {"value": school}}]}


def _answers(store: Store, dice: random.Random) -> list[list[tuple[float, str]]]:
    searches = [
        {
            "query": {"indices": sorted(dice.sample(range(WORDS), 12)), "values": [1.0] * 12},
            "using": "grams",
            "filter": _of(str(number % 3)),
            "params": {"idf": {"corpus": _of(str(number % 3))}},
            "limit": 2_000,
        }
        for number in range(15)
    ]
    found = _ask(store, "POST", "c/points/query/batch", {"searches": searches})
    return [sorted((round(each["score"], 2), each["id"]) for each in one["points"]) for one in found]


def _described(store: Store) -> dict[str, Any]:
    described: dict[str, Any] = _ask(store, "GET", "c")
    return described


def test_packing_changes_no_answer_and_survives_a_restart(tmp_path: Path) -> None:
    store = Store(tmp_path)
    _make(store)
    _fill(store, random.Random(1), points=4_500)
    _ask(store, "POST", "c/points/delete", {"points": [_id(number) for number in range(1, 500, 3)]})
    before = _answers(store, random.Random(2))

    store.get("c").flush(quiet_s=3600)
    assert _described(store)["segments_count"] == 1, "not while somebody asks"
    _fill(store, random.Random(1), points=1_000)
    store.get("c").flush(quiet_s=3600)
    assert _described(store)["segments_count"] > 1, "unless there is much to pack"
    _ask(store, "POST", "c/points/delete", {"points": [_id(number) for number in range(1, 500, 3)]})
    store.get("c").flush(quiet_s=0)
    assert _answers(store, random.Random(2)) == before

    store.close()
    again = Store(tmp_path)
    assert _answers(again, random.Random(2)) == before
    again.close()


def test_parts_answer_as_one(tmp_path: Path) -> None:
    """A collection in three parts and one in one answer alike, before and after a start.

    Red when a tenant's points are spread: `_place` giving the newest part always made the answers differ.
    """
    one, several = Store(_directory(tmp_path, "one")), Store(_directory(tmp_path, "several"), part_points=1)
    for store in (one, several):
        _make(store)
        _ask(store, "PUT", "c/index", {"field_name": "document_id", "field_schema": "keyword"})
        _fill(store, random.Random(1), points=250)
    assert len(several.get("c").parts) == 3, "one for each school"
    _same(one, several)

    for store in (one, several):
        _ask(
            store, "POST", "c/points/payload", {"payload": {"collection_id": "x"}, "points": [_id(5), _id(6)]}
        )
        _ask(store, "POST", "c/points/payload", {"payload": {"collection_id": "y"}, "filter": _of("2")})
        _ask(store, "POST", "c/points/delete", {"points": [_id(7), _id(9)]})
        more = {"must": [*_of("0")["must"], {"key": "document_id", "match": {"value": "3"}}]}
        _ask(store, "POST", "c/points/delete", {"filter": more})
    _same(one, several)

    several.close()
    several = Store(tmp_path / "several", part_points=1)
    _fill(one, random.Random(3), points=250)
    _fill(several, random.Random(3), points=250)  # known schools: no new part
    assert len(several.get("c").parts) == 3
    _same(one, several)
    one.close()
    several.close()


def test_parts_are_never_searched_without_their_tenant(tmp_path: Path) -> None:
    store = Store(tmp_path, part_points=1)
    _make(store)
    _fill(store, random.Random(1), points=250)
    vector = {"indices": [1], "values": [1.0]}
    for search in (
        {"query": vector, "using": "grams"},
        {"query": vector, "using": "grams", "filter": _of("1")},  # words weighed over which schools?
        {"query": vector, "using": "grams", "filter": _of("1"), "params": {"idf": {"corpus": _of("2")}}},
    ):
        with pytest.raises(NotImplementedHere):
            _ask(store, "POST", "c/points/query", search)
    with pytest.raises(NotImplementedHere):
        _ask(store, "POST", "c/points/payload", {"payload": {"school_id": "2"}, "filter": _of("1")})
    store.close()


def _same(one: Store, other: Store) -> None:
    asked: list[tuple[str, str, Any]] = [
        ("POST", "c/points/count", {}),
        ("POST", "c/points/count", {"filter": _of("1")}),
        ("POST", "c/points/count", {"filter": _of("nobody")}),
        ("POST", "c/points", {"ids": [_id(number) for number in range(1, 20)]}),
        *(("POST", "c/points/scroll", {"limit": 100, "offset": _id(number)}) for number in (1, 100, 240)),
        ("POST", "c/points/scroll", {"limit": 1_000, "filter": _of("2")}),
    ]
    for method, path, body in asked:
        here, there = (_ask(store, method, path, body) for store in (one, other))
        if isinstance(here, list):
            here, there = (sorted(answer, key=lambda each: str(each["id"])) for answer in (here, there))
        assert here == there, (path, body)
    assert _answers(one, random.Random(2)) == _answers(other, random.Random(2))


def _directory(parent: Path, name: str) -> Path:
    (parent / name).mkdir()
    return parent / name


def test_collection_cut_while_being_made_does_not_exist(tmp_path: Path) -> None:
    (tmp_path / ".draft-1" / "shard").mkdir(parents=True)
    store = Store(tmp_path)
    assert store.names() == []
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(NoSuchCollection):
        store.get("c")
