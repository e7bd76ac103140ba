"""Qdrant down, or silent after it did what it was asked: the document waits and comes out whole."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest

from documents import library
from documents.models import Block, Status
from documents.uploads import Received
from pipeline import runs
from pipeline.advance import advance
from pipeline.models import Due, Mark
from pipeline.stages import LeaseLost
from rag import conversations, cut, embed, indexes, retrieve, store
from rag.models import Chunk
from schools.ids import SchoolId
from schools.scope import school_scope
from tests.conftest import Person, upload
from tests.tenancy.qdrant_proxy import QdrantProxy


def test_with_qdrant_down_a_document_waits_at_no_cost_in_tries(
    ana: Person, settings: Any, work_off: Callable[[], None]
) -> None:
    indexes.ensure()
    received = upload(ana)
    assert received.run_id is not None
    alive = settings.QDRANT_URL
    settings.QDRANT_URL = "http://127.0.0.1:9"
    for _try in range(5):
        advance(ana.school_id, received.run_id)
        assert library.get(ana.member, received.document_id).document.status == Status.PROCESSING
        with school_scope(ana.school_id):
            assert Mark.objects.get(stage="embed").attempts == 0
    # The library and the conversations do not need it.
    assert library.count(ana.member) == 1
    conversations.start(ana.member)
    settings.QDRANT_URL = alive
    work_off()
    assert library.get(ana.member, received.document_id).document.status == Status.READY
    assert not Due.objects.exists()


def test_an_upsert_whose_answer_was_lost_is_done_again_and_doubles_nothing(
    ana: Person, settings: Any, work_off: Callable[[], None]
) -> None:
    index = indexes.active().name
    received = upload(ana)
    assert received.run_id is not None
    with QdrantProxy(settings.QDRANT_URL) as proxy:
        alive, settings.QDRANT_URL = settings.QDRANT_URL, proxy.url
        proxy.silent_on = "/points"
        advance(ana.school_id, received.run_id)
        settings.QDRANT_URL = alive
        assert any("/points" in request for request in proxy.requests)
    assert library.get(ana.member, received.document_id).document.status == Status.PROCESSING
    with school_scope(ana.school_id):
        chunks = Chunk.objects.count()
    assert store.count(index, school_id=ana.school_id) == chunks > 0  # it had been carried out
    work_off()
    assert library.get(ana.member, received.document_id).document.status == Status.READY
    assert store.count(index, school_id=ana.school_id) == chunks


@pytest.mark.long
@pytest.mark.faults
def test_a_minute_without_qdrant_costs_a_minute(
    ana: Person, beto: Person, settings: Any, work_off: Callable[[], None]
) -> None:
    """Fault 10 with the real time. Red when StoreDown ends the stage instead of asking for later."""
    indexes.ensure()
    received = upload(ana, name="otro.md", text="# Otro\n\nEl comedor abre los lunes.")
    assert received.run_id is not None
    alive, settings.QDRANT_URL = settings.QDRANT_URL, "http://127.0.0.1:9"
    until = time.monotonic() + 60
    while time.monotonic() < until:
        advance(ana.school_id, received.run_id)
        shown = library.get(ana.member, received.document_id).document
        assert (shown.status, shown.error_code) == (Status.PROCESSING, "")
        time.sleep(5)
    settings.QDRANT_URL = alive
    work_off()
    assert library.get(ana.member, received.document_id).document.status == Status.READY
    assert [
        each.document_id for each in retrieve.retrieve(beto.member, "¿cuándo abre el comedor?", most=1)
    ] == [received.document_id]


class _Died(BaseException):
    """The worker was killed here."""


@dataclass(slots=True)
class _Worker:
    """A worker to whom something happens at the nth time that it makes sure of its lease, or tells its progress."""

    school_id: SchoolId
    subject_id: UUID
    at: tuple[str, int]
    happens: Callable[[], None]
    asked_by: Any = None
    is_late: bool = False
    counts: Counter[str] = field(default_factory=Counter)

    def report(self, done: float, total: float) -> None:
        self._come_by("report")

    def hold(self) -> None:
        if self.is_late:
            raise LeaseLost
        self._come_by("hold")

    def _come_by(self, event: str) -> None:
        self.counts[event] += 1
        if (event, self.counts[event]) == self.at:
            self.happens()
            self.is_late = True


def _change(person: Person) -> None:
    """Let the document say something else."""
    with school_scope(person.school_id):
        for block in Block.objects.all():
            block.text = block.text.replace("veinticinco", "treinta")
            block.save(update_fields=["text"])


def _chunks(person: Person) -> list[UUID]:
    with school_scope(person.school_id):
        return list(Chunk.objects.order_by("pk").values_list("pk", flat=True))


@pytest.mark.parametrize("at", [("hold", 2), ("report", 1)], ids=["before_its_points", "before_its_purge"])
def test_a_late_worker_of_an_old_reading_leaves_nothing_and_takes_nothing_away(
    ana: Person, document: Received, work_off: Callable[[], None], at: tuple[str, int]
) -> None:
    """Fault 12. Red when `embed` gives no fence (v2's points are gone), or withdraws nothing (v1's stay)."""
    old = _chunks(ana)

    def second_reading() -> None:
        _change(ana)
        with school_scope(ana.school_id):
            runs.start("reindexing", document.document_id)
        work_off()

    late = _Worker(ana.school_id, document.document_id, at, second_reading)
    with pytest.raises(LeaseLost):
        embed.embed(late)
    new = _chunks(ana)
    assert set(new) != set(old)
    assert [point.id for point in store.scan(indexes.active().name, school_id=ana.school_id)] == new


def test_a_worker_killed_between_the_new_reading_and_the_purge_of_the_old_shows_the_new_alone(
    ana: Person, document: Received, work_off: Callable[[], None]
) -> None:
    """Fault 13. Red when `retrieve` takes a passage's text from the index, or the purge is not done again."""
    old, index = _chunks(ana), indexes.active().name
    with school_scope(ana.school_id):
        runs.start("reindexing", document.document_id)
    _change(ana)

    def die() -> None:
        raise _Died

    cut.cut(_Worker(ana.school_id, document.document_id, ("", 0), die))
    with pytest.raises(_Died):
        embed.embed(_Worker(ana.school_id, document.document_id, ("report", 1), die))
    new = _chunks(ana)
    there = {point.id for point in store.scan(index, school_id=ana.school_id)}
    assert there == {*old, *new} and set(old) - set(new)
    found = retrieve.retrieve(ana.member, "¿cuántas inasistencias?", most=10)
    assert {each.chunk_id for each in found} <= set(new)
    assert "treinta" in found[0].text

    work_off()
    assert [point.id for point in store.scan(index, school_id=ana.school_id)] == new
