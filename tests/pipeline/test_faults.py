"""Workers killed in the middle of each stage, as real processes: the document is ready soon, and whole."""

import os
import signal
import time
from uuid import UUID

import pytest

from documents.models import Block, Document, Status
from pipeline.models import Due, Mark, Run, RunState
from rag import indexes, store
from rag.models import Chunk, Placement
from schools.ids import DocumentId
from schools.scope import school_scope
from tests.conftest import Person, upload
from tests.faults.house import House, is_alive
from tests.pipeline.conftest import empty_queues

pytestmark = [pytest.mark.faults, pytest.mark.slow]

# Enough for two batches of chunks, so that a worker can die between them.
LONG = "# Régimen académico\n\n" + "\n\n".join(
    f"## Artículo {n}. Asunto {n}\n\n"
    + f"El estudiante del curso {n} que supere las {n} inasistencias deberá presentar el formulario {n} en secretaría. "
    * 6
    for n in range(1, 121)
)
READY_WITHIN_S = 60.0


def _document(person: Person) -> Document:
    with school_scope(person.school_id):
        return Document.objects.get()


def _is_ready(*people: Person) -> bool:
    return all(_document(person).status == Status.READY for person in people)


def _assert_whole(*people: Person) -> None:
    """Nothing lost, nothing twice, nothing in another school."""
    index = indexes.active().name
    texts: list[list[str]] = []
    for person in people:
        with school_scope(person.school_id):
            document = Document.objects.get()
            chunks = list(Chunk.objects.order_by("ordinal"))
            blocks = list(Block.objects.order_by("ordinal").values_list("ordinal", "text"))
            assert [ordinal for ordinal, _text in blocks] == list(range(len(blocks)))
            assert [chunk.ordinal for chunk in chunks] == list(range(len(chunks)))
            assert {chunk.document_id for chunk in chunks} == {document.pk}
            assert Placement.objects.count() == 1
            assert Run.objects.get().state == RunState.DONE
            assert {mark.stage: mark.is_done for mark in Mark.objects.all()} == {
                "parse": True,
                "cut": True,
                "embed": True,
            }
            assert not Mark.objects.exclude(lease=None).exists()
            headings = [text for _ordinal, text in blocks if text.startswith("Artículo")]
        assert headings == [f"Artículo {n}. Asunto {n}" for n in range(1, 121)]
        assert len(chunks) > 64
        of_document = store.count(index, school_id=person.school_id, document_id=DocumentId(document.pk))
        assert of_document == len(chunks)
        assert store.count(index, school_id=person.school_id) == len(chunks)
        texts.append([chunk.text for chunk in chunks])
    assert all(each == texts[0] for each in texts)
    assert not Due.objects.exists()


GATES = {
    "parse": "parse-hold-1",  # read, and in the transaction that writes the blocks
    "cut": "cut-report-40",  # some chunks are made
    "cut_writing": "cut-hold-1",
    "embed": "embed-report-1",  # the first batch is in Qdrant, the second is not
    "embed_writing": "embed-hold-2",
}


@pytest.mark.parametrize("gate", GATES.values(), ids=GATES)
@pytest.mark.parametrize("victim", ["horse", "worker"])
def test_a_worker_killed_in_the_middle_of_a_stage_loses_and_doubles_nothing(
    house: House, ana: Person, zoe: Person, gate: str, victim: str
) -> None:
    house.close_gate(gate)
    worker = house.start("work")
    house.start("schedule")
    for person in (ana, zoe):
        upload(person, text=LONG)

    horse = house.at_gate(gate)
    os.kill(horse if victim == "horse" else worker.pid, signal.SIGKILL)
    killed_at = time.monotonic()
    house.wait(lambda: not is_alive(horse), within_s=30, what="the work-horse outlived its worker")
    if victim == "worker":
        worker.wait()
        house.start("work")  # as the supervisor does

    house.wait(lambda: _is_ready(ana, zoe), within_s=READY_WITHIN_S, what="not ready in time")
    assert time.monotonic() - killed_at < READY_WITHIN_S
    _assert_whole(ana, zoe)


def test_housekeeping_that_comes_to_nothing_does_not_end_the_sweep(house: House, ana: Person) -> None:
    house.close_gate("trouble")
    troubles = house.gates / "troubles"
    house.start("schedule")
    enough = 4  # at least: one that lost the lock would not come to the second
    house.wait(
        lambda: troubles.exists() and len(troubles.read_text()) >= enough,
        within_s=60,
        what="it stopped looking",
    )
    house.start("work")
    upload(ana, text=LONG)
    house.wait(lambda: _is_ready(ana), within_s=READY_WITHIN_S, what="not ready in time")


@pytest.mark.long
def test_with_the_real_times_a_killed_workers_document_is_ready_within_a_minute(
    house: House, ana: Person
) -> None:
    house.close_gate("embed-report-1")
    worker = house.start("work", quick=False)
    house.start("schedule", quick=False)
    upload(ana, text=LONG)
    house.at_gate("embed-report-1")
    worker.kill()
    killed_at = time.monotonic()
    worker.wait()
    house.start("work", quick=False)
    house.wait(lambda: _is_ready(ana), within_s=READY_WITHIN_S, what="not ready within a minute")
    # It was the lease that was waited for, not luck: nobody took over a stage that might be alive.
    assert time.monotonic() - killed_at > 15
    _assert_whole(ana)


def test_a_worker_that_was_stopped_for_longer_than_its_lease_writes_nothing_when_it_wakes(
    house: House, ana: Person
) -> None:
    house.close_gate("embed-report-1")
    house.start("work")
    house.start("schedule")
    upload(ana, text=LONG)
    horse = house.at_gate("embed-report-1")
    os.kill(horse, signal.SIGSTOP)
    house.start("work")
    house.wait(lambda: _is_ready(ana), within_s=READY_WITHIN_S, what="not taken over")
    _assert_whole(ana)
    before = _finished_at(ana)

    house.open_gate("embed-report-1")
    os.kill(horse, signal.SIGCONT)
    house.wait(lambda: not is_alive(horse), within_s=20, what="the late worker did not end")
    assert _finished_at(ana) == before
    _assert_whole(ana)


def _finished_at(person: Person) -> object:
    with school_scope(person.school_id):
        return list(Mark.objects.order_by("pk").values_list("pk", "attempts", "finished_at", "is_done"))


def test_a_file_that_kills_every_worker_is_given_up_and_the_next_one_goes_on(
    house: House, ana: Person, zoe: Person
) -> None:
    house.start("work")
    house.start("schedule")
    gates = ["parse-hold-1"] * 3
    house.close_gate(gates[0])
    upload(ana, text=LONG)
    for death in range(3):
        horse = house.at_gate(gates[death])
        if death < 2:
            house.close_gate(gates[death + 1])
        os.kill(horse, signal.SIGKILL)
        house.open_gate(gates[death])
    house.wait(lambda: _document(ana).status == Status.FAILED, within_s=30, what="not given up")
    document = _document(ana)
    assert document.error_code == "gave_up"
    assert document.error_detail
    upload(zoe, text=LONG)
    house.wait(lambda: _is_ready(zoe), within_s=30, what="the worker did not go on")
    _assert_whole_of(zoe)


def _assert_whole_of(person: Person) -> None:
    with school_scope(person.school_id):
        count = Chunk.objects.count()
    assert store.count(indexes.active().name, school_id=person.school_id) == count > 64


@pytest.mark.long
def test_redis_emptied_with_twenty_documents_waiting_costs_only_time(house: House, ana: Person) -> None:
    received = {
        upload(ana, name=f"acta-{n}.md", text=f"# Acta {n}\n\nSe reunió el consejo.").document_id
        for n in range(20)
    }
    empty_queues()
    house.start("work")
    house.start("schedule")

    def done() -> set[UUID]:
        with school_scope(ana.school_id):
            return set(Document.objects.filter(status=Status.READY).values_list("pk", flat=True))

    house.wait(lambda: done() == received, within_s=READY_WITHIN_S, what="not all are ready")
    with school_scope(ana.school_id):
        assert Chunk.objects.count() == store.count(indexes.active().name, school_id=ana.school_id)
