"""Background work through the API: watched, streamed to its end, cancelled, and unseen by strangers."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from documents import collections, uploads, watching
from pipeline.models import Run, RunState
from schools.ids import new_id
from schools.models import Membership
from schools.roles import Role
from schools.scope import school_scope
from tests.conftest import Person, join, upload
from tests.programs import send
from tests.streams import read

RUNS = "/api/v1/schools/norte/runs/"


def test_a_run_is_told_from_its_queue_to_its_end(ana: Person, work_off: Callable[[], None]) -> None:
    received = upload(ana)
    program, path = ana.program(), f"{RUNS}{received.run_id}/"
    waiting = program.get(path).json()
    assert (waiting["state"], waiting["progress"], waiting["document_id"]) == (
        "queued",
        0.0,
        str(received.document_id),
    )
    work_off()
    done = program.get(path).json()
    assert (done["state"], done["progress"], done["error"]) == ("done", 1.0, None)
    assert done["finished_at"] >= done["created_at"]


def test_the_stream_of_an_ended_run_is_its_end(ana: Person, document: uploads.Received) -> None:
    response = ana.program().get(f"{RUNS}{document.run_id}/events", headers={"Accept": "text/event-stream"})
    assert response.status_code == 200
    assert response["Content-Type"] == "text/event-stream"
    told = read(response)
    assert [name for name, _run in told] == ["done"]
    assert told[0][1]["id"] == str(document.run_id)


@pytest.mark.usefixtures("committed")
def test_the_stream_follows_a_run_that_moves(
    ana: Person, work_off: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "TICK_S", 0.05)
    received = upload(ana)
    response = ana.program().get(f"{RUNS}{received.run_id}/events")
    worker = threading.Timer(0.3, _in_own_thread, [work_off])
    worker.start()
    told = read(response)
    worker.join()
    assert told[0][0] == "progress"
    assert told[-1][0] == "done"
    shares = [run["progress"] for _name, run in told]
    assert shares == sorted(shares)
    assert [name for name, _run in told[:-1]] == ["progress"] * (len(told) - 1)


def _in_own_thread(work: Callable[[], None]) -> None:
    from django.db import connections

    try:
        work()
    finally:
        connections.close_all()


@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize("loss", ["suspended", "narrowed"])
def test_a_stream_ends_with_the_right_to_see_it(
    ana: Person, beto: Person, monkeypatch: pytest.MonkeyPatch, loss: str
) -> None:
    monkeypatch.setattr(watching, "TICK_S", 0.05)
    received = upload(ana)
    response = beto.program().get(f"{RUNS}{received.run_id}/events")
    change: dict[str, Any] = {"is_active": False} if loss == "suspended" else {"collections": []}
    worker = threading.Timer(0.2, _change, [beto, change])
    worker.start()
    told = read(response)
    worker.join()
    assert [name for name, _run in told] == ["progress"]


def _change(person: Person, change: dict[str, Any]) -> None:
    def write() -> None:
        Membership.objects.filter(pk=person.membership.pk).update(**change)

    _in_own_thread(write)


def test_a_run_is_cancelled_once_and_for_all(ana: Person) -> None:
    received = upload(ana)
    program, path = ana.program(), f"{RUNS}{received.run_id}/"
    for _twice in range(2):
        cancelled = program.post(path + "cancel")
        assert cancelled.status_code == 200
        assert (cancelled.json()["state"], cancelled.json()["error"]["code"]) == ("cancelled", "cancelled")
    assert [name for name, _run in read(program.get(path + "events"))] == ["cancelled"]


def test_housekeeping_is_not_cancelled(ana: Person, document: uploads.Received) -> None:
    shelf = collections.create(ana.member, name="Otra")
    path = f"/api/v1/schools/norte/documents/{document.document_id}/"
    assert ana.program().patch(path, {"collection": str(shelf.pk)}, format="json").status_code == 200
    with school_scope(ana.school_id):
        run = Run.objects.get(kind="shelving")
    refused = ana.program().post(f"{RUNS}{run.pk}/cancel")
    assert (refused.status_code, refused.json()["code"]) == (409, "not_cancellable")


def test_each_role_may_do_its_part(ana: Person, beto: Person) -> None:
    received = upload(ana)
    path = f"{RUNS}{received.run_id}/"
    reader = join(ana.school, "rita@norte.example", Role.READER).program()
    for program in (reader, beto.program()):
        assert program.get(path).status_code == 200
        assert program.post(path + "cancel").status_code == 403
    with school_scope(ana.school_id):
        assert Run.objects.get().state == RunState.QUEUED
    own = upload(beto, text="# De Beto")
    assert beto.program().post(f"{RUNS}{own.run_id}/cancel").status_code == 200


def test_a_run_is_unseen_by_strangers_and_by_who_may_not_see_its_document(
    ana: Person, beto: Person, zoe: Person
) -> None:
    received = upload(ana)
    Membership.objects.filter(pk=beto.membership.pk).update(collections=[])
    for person, school in ((zoe, "sur"), (zoe, "norte"), (beto, "norte")):
        for method, tail in (("GET", ""), ("GET", "events"), ("POST", "cancel")):
            base = f"/api/v1/schools/{school}/runs/"
            foreign = send(person.program(), method, f"{base}{received.run_id}/{tail}", {})
            missing = send(person.program(), method, f"{base}{new_id()}/{tail}", {})
            assert foreign.status_code == missing.status_code == 404
            assert foreign.content == missing.content
    assert ana.program().get(f"{RUNS}{received.run_id}/").json()["state"] == "queued"
