"""A release in mid-stream: processes that are told to end say so to who listens, and hand over what they hold."""

import os
import signal
import threading
from contextlib import suppress

import httpx
import pytest
from django.utils import timezone

from documents.models import Document, Status
from pipeline.models import Due, Mark
from schools.scope import school_scope
from tests.conftest import RULES, Person, upload
from tests.faults import oracle, stores
from tests.faults.house import House, is_alive
from tests.faults.portal import answers, free_port, headers_of
from tests.pipeline.test_faults import LONG

pytestmark = [pytest.mark.faults, pytest.mark.slow]


@pytest.mark.parametrize("gate", ["embed-report-1", "parse-hold-1"])
def test_a_worker_told_to_end_hands_its_stage_over_at_once_and_at_no_cost_in_tries(
    house: House, fresh_queues: None, ana: Person, gate: str
) -> None:
    # Red when `setup_work_horse_signals` does not listen: the lease stays until it runs out, and a try is gone.
    house.close_gate(gate)
    worker = house.start("work")
    received = upload(ana, text=LONG)
    assert received.run_id is not None
    horse = house.at_gate(gate)
    os.kill(worker.pid, signal.SIGTERM)
    house.wait(lambda: not is_alive(horse) and not is_alive(worker.pid), within_s=60, what="they did not end")
    with school_scope(ana.school_id):
        mark = Mark.objects.get(stage=gate.partition("-")[0])
        assert (mark.attempts, mark.lease, mark.is_done) == (0, None, False)
    assert Due.objects.get(run_id=received.run_id).next_at <= timezone.now()
    house.start("work")
    house.start("schedule")

    def is_ready() -> bool:
        with school_scope(ana.school_id):
            return Document.objects.get().status == Status.READY

    house.wait(is_ready, within_s=60, what="nobody took it up")
    oracle.wait(stores.of_this_test())


@pytest.mark.long
def test_a_portal_told_to_end_says_so_on_every_open_stream(
    house: House, fresh_queues: None, ana: Person
) -> None:
    # Red when `closing.watched` does not listen: the stream is cut without a word.
    headers = headers_of(ana)
    received = upload(ana, text=RULES)  # nobody works: its run stays where it is, and the stream open
    port = free_port()
    web = house.start("web", str(port))
    house.wait(lambda: answers(port), within_s=60, what="the portal does not answer")
    lines: list[str] = []
    url = f"http://127.0.0.1:{port}/api/v1/schools/norte/runs/{received.run_id}/events"

    reading = threading.Thread(target=lambda: _append(lines, url, headers))
    reading.start()
    house.wait(lambda: "event: progress" in lines, within_s=60, what="the stream does not begin")
    os.kill(web.pid, signal.SIGTERM)
    reading.join(60)
    assert not reading.is_alive()
    assert "event: interrupted" in lines
    assert any("reiniciando" in line for line in lines)
    house.wait(lambda: not is_alive(web.pid), within_s=60, what="the portal did not end")


def _append(lines: list[str], url: str, headers: dict[str, str]) -> None:
    # Cut without a word: the test says so by what is missing.
    with (
        suppress(httpx.TransportError),
        httpx.stream("GET", url, headers=headers, trust_env=False, timeout=60) as answer,
    ):
        for line in answer.iter_lines():
            lines.append(line)
