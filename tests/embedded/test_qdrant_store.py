"""Packing in quiet moments changes no answer."""

import random
from pathlib import Path

import pytest
import qdrant_edge as edge

from embedded.qdrant_shapes import filter_of
from embedded.qdrant_store import Collection, NoSuchCollection, Store

WORDS = 3_000


def _fill(collection: Collection, dice: random.Random, *, points: int) -> None:
    for start in range(1, points + 1, 250):
        collection.update(
            edge.UpdateOperation.upsert_points(
                [
                    edge.Point(
                        number,
                        {"grams": edge.SparseVector(sorted(dice.sample(range(WORDS), 300)), [1.0] * 300)},
                        {"school_id": str(number % 3)},
                    )
                    for number in range(start, start + 250)
                ]
            )
        )


def _answers(collection: Collection, dice: random.Random) -> list[list[tuple[float, object]]]:
    school = filter_of({"must": [{"key": "school_id", "match": {"value": "1"}}]})
    queries = [sorted(dice.sample(range(WORDS), 12)) for _ in range(20)]
    return [
        [
            (round(found.score, 2), found.id)
            for found in collection.shard.query(
                edge.QueryRequest(
                    limit=2_000,
                    query=edge.Query.Nearest(edge.SparseVector(query, [1.0] * 12), using="grams"),
                    filter=school,
                    params=edge.SearchParams(idf=edge.IdfParams(corpus=school)),
                )
            )
        ]
        for query in queries
    ]


def test_packing_changes_no_answer_and_survives_a_restart(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.create("c", {"sparse_vectors": {"grams": {"modifier": "idf"}}})
    collection = store.get("c")
    collection.update(edge.UpdateOperation.create_field_index("school_id", edge.PayloadSchemaType.Keyword))
    _fill(collection, random.Random(1), points=5_000)
    collection.update(edge.UpdateOperation.delete_points(list(range(1, 500, 3))))
    before = [sorted(answer) for answer in _answers(collection, random.Random(2))]

    collection.flush(quiet_s=3600)
    assert collection.shard.info().segments_count == 1, "not while somebody asks"
    collection.flush(quiet_s=0)
    assert collection.shard.info().segments_count > 1
    assert [sorted(answer) for answer in _answers(collection, random.Random(2))] == before

    store.close()
    again = Store(tmp_path)
    assert [sorted(answer) for answer in _answers(again.get("c"), random.Random(2))] == before
    again.close()


def test_collection_cut_while_being_made_does_not_exist(tmp_path: Path) -> None:
    (tmp_path / ".draft-1" / "shard").mkdir(parents=True)
    store = Store(tmp_path)
    assert store.names() == []
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(NoSuchCollection):
        store.get("c")
