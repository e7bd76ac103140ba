"""The sweep: messages may be lost, Redis emptied or down; the work is not."""

import socket
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from documents import library
from documents.models import Status
from pipeline.models import Due
from pipeline.sweep import AGAIN_AFTER, sweep
from tests.conftest import Person, upload
from tests.pipeline.conftest import empty_queues, queued


def _let_time_pass() -> None:
    Due.objects.update(next_at=timezone.now() - timedelta(seconds=1))


def _dead_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def test_a_message_goes_out_when_the_upload_is_committed(committed: None, ana: Person) -> None:
    received = upload(ana)
    assert queued("cpu") == [(str(ana.school_id), str(received.run_id))]


def test_a_lost_message_is_sent_again(committed: None, ana: Person) -> None:
    received = upload(ana)
    empty_queues()
    assert queued("cpu") == []
    assert sweep() == 0  # it may still be on its way
    _let_time_pass()
    assert sweep() == 1
    assert queued("cpu") == [(str(ana.school_id), str(received.run_id))]


def test_a_message_that_waits_is_not_sent_at_every_sweep(committed: None, ana: Person) -> None:
    received = upload(ana)
    for _minute in range(3):  # the queue is long, and must not grow by what stands in it
        _let_time_pass()
        assert sweep() == 0
        assert queued("cpu") == [(str(ana.school_id), str(received.run_id))]
        assert Due.objects.get().next_at > timezone.now() + AGAIN_AFTER / 2


def test_with_redis_down_an_upload_is_taken_and_processed_when_it_is_back(
    committed: None, ana: Person, settings: Any, work_off: Callable[[], None]
) -> None:
    alive = settings.RQ_QUEUES
    settings.RQ_QUEUES = {
        name: {**queue, "URL": f"redis://127.0.0.1:{_dead_port()}/0"} for name, queue in alive.items()
    }
    answer = ana.program().post(
        "/api/v1/schools/norte/documents/",
        {"file": _file("# Acta\n\nSe reunió el consejo.")},
        format="multipart",
    )
    assert answer.status_code == 201, answer.content
    assert library.get(ana.member, answer.json()["id"]).document.status == Status.QUEUED
    _let_time_pass()
    assert sweep() == 0
    settings.RQ_QUEUES = alive
    assert queued("cpu") == []
    _let_time_pass()
    assert sweep() == 1
    assert len(queued("cpu")) == 1
    work_off()
    assert library.get(ana.member, answer.json()["id"]).document.status == Status.READY


def _file(text: str) -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("acta.md", text.encode())


def test_two_sweeps_at_once_send_each_run_once(committed: None, ana: Person) -> None:
    import threading

    from django.db import connection

    for number in range(40):
        upload(ana, name=f"acta-{number}.md", text=f"# Acta {number}\n\nSe reunió el consejo.")
    empty_queues()
    _let_time_pass()
    sent: list[int] = []

    def run() -> None:
        try:
            sent.append(sweep())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(sent) == 40
    assert len(set(queued("cpu"))) == len(queued("cpu")) == 40


@pytest.mark.parametrize("alive", [True, False])
def test_a_run_is_swept_only_once_its_worker_has_stopped_breathing(
    committed: None, ana: Person, alive: bool
) -> None:
    upload(ana)
    empty_queues()
    seconds = 5 if alive else -5
    Due.objects.update(next_at=timezone.now() + timedelta(seconds=seconds))
    assert sweep() == (0 if alive else 1)
