"""The fourth wall: the vector store, through its only door."""

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import fields
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.conf import settings as django_settings

from engines import spanish
from rag import store
from rag.store import ForeignPoint, Hit, Point
from schools.ids import ChunkId, CollectionId, DocumentId, SchoolId, new_id
from schools.scope import NoSchool
from tests.house.tree import PRODUCT, ours, text
from tests.tenancy.qdrant_proxy import QdrantProxy

TEXT = "El estudiante que supere las veinticinco inasistencias perderá la regularidad."
INDEXED = spanish.index(TEXT)
ASKED = spanish.query("inasistencias regularidad")


@pytest.fixture(scope="module")
def index() -> Iterator[str]:
    """Return an index; each test brings schools of its own."""
    name = f"{django_settings.QDRANT_PREFIX}_walls_{uuid4().hex[:8]}"
    store.ensure(name, dimension=4)
    yield name
    store.drop(name)


@pytest.fixture
def proxy(index: str, settings: Any) -> Iterator[QdrantProxy]:
    """Stand before Qdrant and write down what is asked of it."""
    with QdrantProxy(settings.QDRANT_URL) as standing:
        settings.QDRANT_URL = standing.url
        yield standing


class Owner:
    """A school with one collection and one document in the index."""

    def __init__(self, index: str, *, count: int = 1, dense: list[float] | None = None) -> None:
        self.school = SchoolId(new_id())
        self.collection = CollectionId(new_id())
        self.document = DocumentId(new_id())
        self.chunks = [ChunkId(new_id()) for _ in range(count)]
        store.upsert(
            index,
            school_id=self.school,
            collection_id=self.collection,
            document_id=self.document,
            points=[Point(each, INDEXED.stems, INDEXED.grams, dense) for each in self.chunks],
        )


def _search(index: str, school: Any, collections: Any = None, **more: Any) -> list[Hit]:
    return store.search(
        index,
        school_id=school,
        collections=collections,
        stems=ASKED.stems,
        grams=ASKED.grams,
        limit=more.pop("limit", 10),
        **more,
    )


# Every function of the door that touches a school's points.
CALLS: dict[str, Callable[[str, Any], object]] = {
    "search": _search,
    "search_in_collections": lambda index, school: _search(
        index, school, frozenset({CollectionId(new_id())})
    ),
    "upsert": lambda index, school: store.upsert(
        index,
        school_id=school,
        collection_id=CollectionId(new_id()),
        document_id=DocumentId(new_id()),
        points=[Point(ChunkId(new_id()), INDEXED.stems, INDEXED.grams)],
    ),
    "shelve": lambda index, school: store.shelve(
        index, school_id=school, document_id=DocumentId(new_id()), collection_id=CollectionId(new_id())
    ),
    "forget": lambda index, school: store.forget(index, school_id=school, document_id=DocumentId(new_id())),
    "count": lambda index, school: store.count(index, school_id=school),
    "count_of_a_document": lambda index, school: store.count(
        index, school_id=school, document_id=DocumentId(new_id())
    ),
    "withdraw": lambda index, school: store.withdraw(
        index, school_id=school, document_id=DocumentId(new_id()), fence=1
    ),
    "scan": lambda index, school: list(store.scan(index, school_id=school)),
    "present": lambda index, school: store.present(index, school_id=school, ids=[new_id()]),
    "made_before": lambda index, school: store.made_before(
        index, school_id=school, made_of={ChunkId(new_id()): "a"}
    ),
    "discard": lambda index, school: store.discard(index, school_id=school, ids=[new_id()], fence=1),
    "elsewhere": lambda index, school: store.elsewhere(index, school_id=school, ids=[new_id()]),
}
# They touch no point of a school, or those of all of them.
OF_NO_SCHOOL = {"ensure", "drop", "ping"}
# They look past the wall: for points in the name of no school there is, and for a school's own in another's name.
# Ids and the name come back, nothing else; `manage.py reconcile` alone asks.
PAST_THE_WALL = {"strays", "purge", "elsewhere"}


def test_every_function_of_the_door_is_tried_here() -> None:
    public = {
        name
        for name, found in inspect.getmembers(store, inspect.isfunction)
        if found.__module__ == store.__name__ and not name.startswith("_")
    }
    tried = {name if name in public else name.partition("_")[0] for name in CALLS}
    assert public == tried | OF_NO_SCHOOL | PAST_THE_WALL
    for name in public - OF_NO_SCHOOL - (PAST_THE_WALL - CALLS.keys()):
        school = inspect.signature(getattr(store, name)).parameters["school_id"]
        assert school.kind is inspect.Parameter.KEYWORD_ONLY
        assert school.default is inspect.Parameter.empty


def test_past_the_wall_looks_reconcile_alone_and_sees_ids_and_names_only(index: str) -> None:
    """Red when another module calls one of them, or when one returns more of a point."""
    asking = {
        path
        for path in ours(".py", below=PRODUCT)
        if re.search(
            rf"\bstore\.(?:{'|'.join(PAST_THE_WALL)})\b|rag\.store import .*\b(?:strays|purge|elsewhere)",
            text(path),
        )
    }
    assert asking == {"rag/differences.py"}
    norte, sur = Owner(index), Owner(index)
    names = {each.id: each.school_id for each in store.strays(index, schools=[sur.school])}
    assert names[norte.chunks[0]] == str(norte.school)
    assert sur.chunks[0] not in names
    assert {each.name for each in fields(store.Stray)} == {"id", "school_id"}
    assert store.elsewhere(index, school_id=sur.school, ids=norte.chunks) == {
        norte.chunks[0]: str(norte.school)
    }
    assert store.elsewhere(index, school_id=norte.school, ids=norte.chunks) == {}


def test_a_late_writer_changes_and_deletes_nothing_of_a_later_one(index: str) -> None:
    """Fault 12 at the door. Red when `upsert` or `forget` leaves the fence out of its filter."""
    school, shelf, other, document = (new_id() for _ in range(4))
    old, both, new = (ChunkId(new_id()) for _ in range(3))

    def write(ids: list[ChunkId], collection: UUID, fence: int) -> None:
        store.upsert(
            index,
            school_id=SchoolId(school),
            collection_id=CollectionId(collection),
            document_id=DocumentId(document),
            points=[Point(each, INDEXED.stems, INDEXED.grams) for each in ids],
            fence=fence,
        )

    def there() -> dict[object, str]:
        return {each.id: each.collection_id for each in store.scan(index, school_id=SchoolId(school))}

    named: dict[str, Any] = {"school_id": SchoolId(school), "document_id": DocumentId(document)}
    write([both, new], shelf, 20)
    write([old, both], other, 10)
    assert there() == {old: str(other), both: str(shelf), new: str(shelf)}
    store.forget(index, **named, keep=[old, both], fence=10)
    assert there().keys() == {old, both, new}
    store.withdraw(index, **named, fence=10)
    assert there() == {both: str(shelf), new: str(shelf)}
    store.discard(index, school_id=SchoolId(school), ids=[both], fence=19)
    assert there().keys() == {both, new}
    store.forget(index, **named, keep=[new], fence=20)
    assert there().keys() == {new}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize("school", [None, "", " ", "norte", str(UUID(int=1)), 7, b"", []], ids=repr)
def test_without_a_school_nothing_is_asked_of_the_store(
    index: str, proxy: QdrantProxy, call: Callable[[str, Any], object], school: Any
) -> None:
    with pytest.raises(NoSchool):
        call(index, school)
    assert proxy.requests == []


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_every_request_names_the_school(
    index: str, proxy: QdrantProxy, call: Callable[[str, Any], object]
) -> None:
    school = SchoolId(new_id())
    call(index, school)
    assert len(proxy.requests) == 1
    assert '"school_id"' in proxy.bodies[0].decode().replace(" ", "")
    assert str(school) in proxy.bodies[0].decode()


def test_a_search_without_any_collection_finds_nothing_and_asks_nothing(
    index: str, proxy: QdrantProxy
) -> None:
    assert _search(index, SchoolId(new_id()), frozenset()) == []
    assert proxy.requests == []


def test_a_school_never_finds_anothers_chunk_though_their_vectors_are_the_same(index: str) -> None:
    dense = [0.5, 0.5, 0.5, 0.5]
    norte, sur = Owner(index, count=3, dense=dense), Owner(index, count=3, dense=dense)
    for mine in (norte, sur):
        found = _search(index, mine.school, dense=dense)
        assert {hit.chunk_id for hit in found} == set(mine.chunks)
        assert {hit.chunk_id for hit in _search(index, mine.school, frozenset({mine.collection}))} == set(
            mine.chunks
        )


def test_anothers_collection_is_an_empty_one(index: str) -> None:
    norte, sur = Owner(index), Owner(index)
    assert _search(index, sur.school, frozenset({norte.collection})) == []
    both = _search(index, sur.school, frozenset({norte.collection, sur.collection}))
    assert [hit.chunk_id for hit in both] == sur.chunks


def test_anothers_words_do_not_weigh_on_the_scores(index: str) -> None:
    """Scores would otherwise tell how common a word is among another school's documents."""
    norte = Owner(index, count=3)
    before = _search(index, norte.school)
    Owner(index, count=60)
    assert _search(index, norte.school) == before
    # And with more of its own documents they do change: the comparison above means something.
    store.upsert(
        index,
        school_id=norte.school,
        collection_id=norte.collection,
        document_id=norte.document,
        points=[
            Point(ChunkId(new_id()), other.stems, other.grams)
            for other in [spanish.index(f"Circular {n} sobre el acto") for n in range(30)]
        ],
    )
    assert _search(index, norte.school) != before


def test_what_is_done_to_anothers_document_touches_nothing(index: str) -> None:
    norte, sur = Owner(index), Owner(index)
    shelf = CollectionId(new_id())
    store.forget(index, school_id=sur.school, document_id=norte.document)
    store.shelve(index, school_id=sur.school, document_id=norte.document, collection_id=shelf)
    assert store.count(index, school_id=sur.school, document_id=norte.document) == 0
    assert store.count(index, school_id=norte.school, document_id=norte.document) == 1
    assert _search(index, norte.school, frozenset({norte.collection}))
    # The same by its owner does work.
    store.shelve(index, school_id=norte.school, document_id=norte.document, collection_id=shelf)
    assert _search(index, norte.school, frozenset({shelf}))
    store.forget(index, school_id=norte.school, document_id=norte.document)
    assert store.count(index, school_id=norte.school) == 0
    assert store.count(index, school_id=sur.school) == 1


@pytest.mark.parametrize("what", ["anothers", "none"])
def test_a_point_of_another_school_that_comes_back_all_the_same_is_an_alarm(
    index: str, proxy: QdrantProxy, what: str
) -> None:
    norte = Owner(index)
    assert _search(index, norte.school)
    mine = str(norte.school).encode()
    theirs = str(new_id()).encode()
    proxy.change = (
        (lambda body: body.replace(mine, theirs))
        if what == "anothers"
        else (lambda body: body.replace(b'"school_id"', b'"class_id"'))
    )
    with pytest.raises(ForeignPoint):
        _search(index, norte.school)


def test_points_carry_ids_and_no_text(index: str, proxy: QdrantProxy) -> None:
    Owner(index)
    sent = proxy.bodies[-1].decode()
    assert "inasistencias" not in sent
    assert "estudiante" not in sent
