"""The worker that keeps what it loads: one process for all messages, whatever becomes of each, and gone when told."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import django_rq
import pytest

from pipeline import runs
from pipeline.models import Mark, Run, RunState
from schools.ids import new_id
from schools.scope import school_scope
from tests.conftest import Person
from tests.faults.house import House
from tests.pipeline import heard, trial

pytestmark = [pytest.mark.faults, pytest.mark.slow]


@pytest.fixture
def start(ana: Person, settings: Any) -> Callable[[], UUID]:
    """Return what starts a run of a kind that the listener takes, and gives its subject."""
    settings.PIPELINES = {**settings.PIPELINES, **heard.WIRED}
    settings.PIPELINE_SUBJECTS = {**settings.PIPELINE_SUBJECTS, **heard.SUBJECTS}
    trial.forget()

    def begin() -> UUID:
        subject_id = new_id()
        with school_scope(ana.school_id):
            runs.start(heard.KIND, subject_id)
        return subject_id

    return begin


def test_one_process_takes_all_messages_whatever_becomes_of_them_and_ends_when_told(
    house: House,  # the fixture
    tmp_path: Path,
    ana: Person,
    start: Callable[[], UUID],
) -> None:
    def taken() -> dict[str, str]:
        journal = tmp_path / "gates" / "heard"
        return dict(line.split() for line in journal.read_text().splitlines()) if journal.exists() else {}

    def state_of(subject_id: UUID) -> RunState:
        with school_scope(ana.school_id):
            return RunState(Run.objects.get(subject_id=subject_id).state)

    def wait_for(subject_id: UUID, state: RunState) -> None:
        house.wait(lambda: state_of(subject_id) == state, within_s=150, what=f"{subject_id} not {state}")

    listener = house.start("work", "--queues", "gpu")
    first = start()
    wait_for(first, RunState.DONE)

    held_bytes = _resident_bytes(listener.pid)
    many = [start() for _number in range(40)]
    wait_for(many[-1], RunState.DONE)
    assert _resident_bytes(listener.pid) - held_bytes < 16 * 2**20, "it keeps what it does not need"

    house.close_gate("break")
    failing = start()
    house.wait(lambda: str(failing) in taken(), within_s=20, what="the failing one was not taken")

    _cut_off_from_redis()
    third = start()
    house.start("schedule")  # which sends again what was lost
    wait_for(third, RunState.DONE)
    assert set(taken().values()) == {str(listener.pid)}, "one process for all"
    wait_for(failing, RunState.DONE)

    house.close_gate("hold")
    held = start()
    house.wait(lambda: str(held) in taken(), within_s=20, what="the last one was not taken")
    os.kill(listener.pid, signal.SIGTERM)
    listener.wait()  # ends though its stage does not
    (tmp_path / "gates" / "hold").unlink()
    again = house.start("work", "--queues", "gpu")
    wait_for(held, RunState.DONE)
    assert taken()[str(held)] == str(again.pid)
    with school_scope(ana.school_id):
        assert not Mark.objects.exclude(lease=None).exists()


def _resident_bytes(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _cut_off_from_redis() -> None:
    """End every connection to this test's database of Redis but our own."""
    redis = django_rq.get_connection("gpu")
    ours = {str(redis.client_id())}
    database = str(redis.connection_pool.connection_kwargs.get("db", 0))
    for client in redis.client_list():
        if client["db"] == database and client["id"] not in ours:
            redis.client_kill_filter(_id=client["id"])
