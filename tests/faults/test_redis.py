"""Redis emptied, away, full, or refusing what is written: it carries messages only, and no message is the work."""

import hashlib
import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import django_rq
import httpx
import pytest
from django.test import Client

from documents.models import Document, Status
from pipeline.models import Due
from schools.scope import school_scope
from tests.conftest import PASSWORD, Person, upload
from tests.doubles.silent import Silent
from tests.faults import oracle, redis_server, stores
from tests.faults.house import House
from tests.faults.oracle import Acknowledged
from tests.faults.portal import answers, free_port, headers_of
from tests.pipeline.conftest import empty_queues

pytestmark = [pytest.mark.faults, pytest.mark.slow]
TEXT = "# Acta {0}\n\nSe reunió el consejo y acordó el punto {0}."


def _uploaded(person: Person, number: int) -> Acknowledged:
    text = TEXT.format(number)
    received = upload(person, name=f"acta-{number}.md", text=text)
    return Acknowledged(
        UUID(str(received.document_id)), person.school.pk, hashlib.sha256(text.encode()).hexdigest()
    )


def _ready(*people: Person) -> int:
    count = 0
    for person in people:
        with school_scope(person.school_id):
            count += Document.objects.filter(status=Status.READY).count()
    return count


@pytest.mark.long
def test_a_portal_killed_between_its_commit_and_the_message_loses_no_document(
    house: House, fresh_queues: None, ana: Person
) -> None:
    # Red when `runs.start` writes no Due, or when the scheduler does not sweep.
    headers = headers_of(ana)
    content = TEXT.format(1).encode()
    port = free_port()
    with Silent() as silent:
        web = house.start("web", str(port), given={"REDIS_URL": f"redis://127.0.0.1:{silent.port}/0"})
        house.wait(lambda: answers(port), within_s=60, what="the portal does not answer")
        told: list[int] = []
        asking = threading.Thread(target=lambda: told.extend(_post(port, headers, content)))
        asking.start()
        # It has committed, and waits for Redis to take the message.
        assert silent.reached.wait(60)
        os.kill(web.pid, signal.SIGKILL)
        asking.join()
    assert told == []  # nobody was told that it is there
    assert django_rq.get_queue("cpu").count == 0
    assert Due.objects.count() == 1
    house.start("work")
    house.start("schedule")
    house.wait(lambda: _ready(ana) == 1, within_s=60, what="the document was forgotten")
    oracle.wait(stores.of_this_test())
    # The program tries again, as it was not answered, and finds its one document.
    again = upload(ana, name="acta.md", text=TEXT.format(1))
    assert again.is_duplicate
    assert _ready(ana) == 1


def _post(port: int, headers: dict[str, str], content: bytes) -> list[int]:
    try:
        answer = httpx.post(
            f"http://127.0.0.1:{port}/api/v1/schools/norte/documents/",
            files={"file": ("acta.md", content)},
            headers=headers,
            trust_env=False,
            timeout=60,
        )
    except httpx.TransportError:
        return []
    return [answer.status_code]


@pytest.mark.long
def test_redis_emptied_with_a_hundred_documents_waiting_costs_only_time(
    house: House, fresh_queues: None, ana: Person, zoe: Person
) -> None:
    # Red when `sweep` sends nothing.
    promises = [_uploaded(person, number) for number in range(50) for person in (ana, zoe)]
    empty_queues()
    house.start("work")
    house.start("schedule")
    house.wait(lambda: _ready(ana, zoe) > 30, within_s=120, what="nothing is taken up")
    empty_queues()  # and once more, with workers at it
    house.wait(lambda: _ready(ana, zoe) == 100, within_s=300, what="not all are ready")
    oracle.wait(stores.of_this_test(), promises)


def _stopped(server: redis_server.RedisServer) -> None:
    server.stop()


def _full(server: redis_server.RedisServer) -> None:
    server.tell("SET", "ballast", "x" * 2_000_000)
    server.tell("CONFIG", "SET", "maxmemory-policy", "noeviction")
    server.tell("CONFIG", "SET", "maxmemory", "1mb")


def _replica(server: redis_server.RedisServer) -> None:
    server.tell("REPLICAOF", "127.0.0.1", "1")


def _started(server: redis_server.RedisServer) -> None:
    server.start()


def _emptied(server: redis_server.RedisServer) -> None:
    server.tell("CONFIG", "SET", "maxmemory", "0")
    server.tell("DEL", "ballast")


def _master(server: redis_server.RedisServer) -> None:
    server.tell("REPLICAOF", "NO", "ONE")


@pytest.mark.long
@pytest.mark.parametrize(
    ("trouble", "relief"),
    [(_stopped, _started), (_full, _emptied), (_replica, _master)],
    ids=["down", "full", "read-only"],
)
def test_a_redis_that_takes_nothing_delays_the_work_and_loses_none(
    house: House,
    ana: Person,
    settings: Any,
    tmp_path: Path,
    trouble: Callable[[redis_server.RedisServer], None],
    relief: Callable[[redis_server.RedisServer], None],
) -> None:
    # Red when `jobs.send` lets RedisError through (the upload answers 500), or workers end for good with Redis.
    with redis_server.running(tmp_path, free_port()) as server:
        settings.RQ_QUEUES = {
            name: {**queue, "URL": server.url} for name, queue in settings.RQ_QUEUES.items()
        }
        house.start("work", given={"REDIS_URL": server.url})
        house.start("schedule", given={"REDIS_URL": server.url})
        promises = [_uploaded(ana, 0)]
        house.wait(lambda: _ready(ana) == 1, within_s=60, what="it did not work before the trouble either")
        trouble(server)
        program = ana.program()
        for number in (1, 2, 3):
            file = TEXT.format(number).encode()
            answer = program.post(
                "/api/v1/schools/norte/documents/",
                {"file": _named(f"acta-{number}.md", file)},
                format="multipart",
            )
            assert answer.status_code == 201, answer.content
            promises.append(
                Acknowledged(UUID(answer.json()["id"]), ana.school.pk, hashlib.sha256(file).hexdigest())
            )
        assert _ready(ana) == 1
        relief(server)
        house.wait(lambda: _ready(ana) == 4, within_s=120, what="not taken up after Redis was back")
        oracle.wait(stores.of_this_test(), promises)


def _named(name: str, content: bytes) -> Any:
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile(name, content)


PAGES = (
    "/e/norte/",
    "/e/norte/biblioteca/",
    "/e/norte/preguntar/",
    "/e/norte/motores/",
    "/e/norte/personas/",
    "/cuenta/password/change/",
)


def test_with_redis_down_people_come_in_read_and_ask(
    ana: Person, settings: Any, work_off: Callable[[], None]
) -> None:
    # Red when CACHES names Django's own RedisCache: the login is a 500 (allauth counts failed ones there).
    dead = f"redis://127.0.0.1:{free_port()}/0"
    upload(ana)
    work_off()
    settings.RQ_QUEUES = {name: {**queue, "URL": dead} for name, queue in settings.RQ_QUEUES.items()}
    settings.REDIS_URL = dead
    settings.CACHES = {"default": {**settings.CACHES["default"], "LOCATION": dead}}
    ana.user.set_password(PASSWORD)
    ana.user.save()
    browser = Client()
    wrong = browser.post("/cuenta/login/", {"login": ana.user.email, "password": "otra-clave-1"})
    assert wrong.status_code == 200
    right = browser.post("/cuenta/login/", {"login": ana.user.email, "password": PASSWORD})
    assert right.status_code == 302, right.content
    for page in PAGES:
        answer = browser.get(page, follow=True)
        assert answer.status_code == 200, page
    started = ana.program().post("/api/v1/schools/norte/conversations/", {}, format="json")
    asked = ana.program().post(
        f"/api/v1/schools/norte/conversations/{started.json()['id']}/messages/",
        {"text": "¿Cuántas inasistencias injustificadas hacen perder la condición?"},
        format="json",
    )
    assert (asked.status_code, asked.json()["status"]) == (201, "quoted"), asked.content
    assert "redis" in browser.get("/health/ready").json()["checks"]
    assert browser.get("/health/ready").json()["checks"]["redis"] != "ok"
    # Who guesses is stopped all the same: each process counts for itself.
    guesses = [
        ana.program().post(
            "/api/v1/auth/login", {"email": ana.user.email, "password": "otra-clave-larga"}, format="json"
        )
        for _try in range(7)
    ]
    assert guesses[-1].status_code == 429
