"""The store's sparse scores are those that bench/memory.py computes: what was learnt there holds here."""

from uuid import uuid4

import pytest

from bench.sparse_index import SparseIndex
from engines import spanish
from rag import store
from schools.ids import ChunkId, CollectionId, DocumentId, SchoolId, new_id

TEXTS = (
    "La cuota de abril vence el día 10.",
    "La reunión de familias de 5.º B será el 14 de marzo de 2026.",
    "El estudiante perderá la condición de regular al superar las veinticinco inasistencias.",
    "Las inasistencias se justifican por nota; la nota se entrega en preceptoría.",
)


@pytest.mark.parametrize(
    "question", ["inasistencias de un alumno regular", "reunión de 5to B", "Res. 1234/26"]
)
def test_the_store_scores_as_the_index_in_memory_does(question: str) -> None:
    index, school = f"scores_{uuid4().hex[:8]}", SchoolId(new_id())
    chunks = [ChunkId(new_id()) for _ in TEXTS]
    indexed = [spanish.index(text) for text in TEXTS]
    vectors = spanish.query(question)
    store.ensure(index, dimension=None)
    try:
        for owner, kept in ((school, chunks), (SchoolId(new_id()), [ChunkId(new_id()) for _ in TEXTS])):
            store.upsert(  # the second school: its words must not weigh on the first one's
                index,
                school_id=owner,
                collection_id=CollectionId(new_id()),
                document_id=DocumentId(new_id()),
                points=[store.Point(at, one.stems, one.grams) for at, one in zip(kept, indexed, strict=True)],
            )
        hits = store.search(
            index, school_id=school, collections=None, stems=vectors.stems, grams=vectors.grams, limit=10
        )
    finally:
        store.drop(index)
    found = {hit.chunk_id: (hit.stems, hit.grams) for hit in hits}
    stems = SparseIndex([one.stems for one in indexed]).scores(vectors.stems)
    grams = SparseIndex([one.grams for one in indexed]).scores(vectors.grams)
    for at, chunk_id in enumerate(chunks):
        assert found.get(chunk_id, (0.0, 0.0)) == pytest.approx((stems[at], grams[at]), rel=1e-4)
