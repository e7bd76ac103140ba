"""The queue: messages with two ids and nothing else, and what a forged one can do."""

import base64
import json
import os
import pickle
import re
import sys
import zlib
from typing import Any

import django_rq
import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from rq.serializers import JSONSerializer
from rq.worker import SimpleWorker

from pipeline import jobs
from pipeline.advance import advance
from pipeline.models import Due, Run, RunState
from schools.ids import RunId, SchoolId, new_id
from schools.models import User
from schools.scope import NoSchool, school_scope
from tests.conftest import Person, upload
from tests.house.tree import PRODUCT, ours, text


def _queue(name: str) -> Any:
    return django_rq.get_queue(name, serializer=JSONSerializer)


@pytest.fixture(autouse=True)
def _empty_queues() -> Any:
    for name in settings.QUEUES:
        _queue(name).empty()
    yield
    for name in settings.QUEUES:
        _queue(name).empty()


@pytest.mark.parametrize("name", settings.QUEUES)
def test_a_message_carries_two_ids_and_nothing_else(name: str) -> None:
    school, run = SchoolId(new_id()), RunId(new_id())
    assert jobs.send(school, run, queue=name)
    queue = _queue(name)
    (job_id,) = queue.get_job_ids()
    raw = queue.connection.hgetall(f"rq:job:{job_id}")
    # JSON, not pickle: whoever could write to Redis could otherwise run code in a worker.
    function, _instance, arguments, named = json.loads(zlib.decompress(raw[b"data"]))
    assert (function, arguments, named) == ("pipeline.jobs.advance", [str(school), str(run)], {})
    assert b"meta" not in raw or json.loads(raw[b"meta"]) in ({}, [])


def test_a_message_that_names_another_school_moves_nothing_and_loses_nothing(
    ana: Person, zoe: Person
) -> None:
    received = upload(ana)
    assert received.run_id is not None
    before = Due.objects.get(pk=received.run_id).next_at

    advance(zoe.school_id, received.run_id)
    advance(SchoolId(new_id()), received.run_id)

    with school_scope(ana.school_id):
        assert Run.objects.get(pk=received.run_id).state == RunState.QUEUED
    assert Due.objects.get(pk=received.run_id).next_at == before
    # And the right one does move it.
    advance(ana.school_id, received.run_id)
    with school_scope(ana.school_id):
        assert Run.objects.get(pk=received.run_id).state == RunState.DONE


class Burst:
    """What a pickle of somebody else's would do: run code where it is opened."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.putenv, ("OPENED", "1")


PICKLED = pickle.dumps(Burst())


def test_whoever_writes_into_redis_runs_no_code_here(committed: None, ana: Person, client: Client) -> None:
    """Neither in the worker, nor on the administration's page of the queues, nor out of the cache.

    Red when "SERIALIZER" is taken out of RQ_QUEUES (the page), or "serializer" out of CACHES (the cache).
    """
    queue = _queue("fast")
    jobs.send(ana.school_id, RunId(new_id()), queue="fast")
    (job_id,) = queue.get_job_ids()
    for field, value in (("data", zlib.compress(PICKLED)), ("meta", PICKLED), ("result", PICKLED)):
        queue.connection.hset(f"rq:job:{job_id}", field, value)
    queue.connection.xadd(
        f"rq:results:{job_id}", {"type": 1, "return_value": base64.b64encode(PICKLED).decode()}
    )
    opened: list[object] = []

    def note(event: str, arguments: tuple[object, ...]) -> None:
        if event == "os.putenv" and arguments[:1] == (b"OPENED",):
            opened.append(arguments)

    sys.addaudithook(note)
    admin = User.objects.create_superuser("plataforma@example.org", "una-clave-larga-1")
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    client.raise_request_exception = False
    for page in ("", "queues/0/", f"queues/0/{job_id}/"):
        answered = client.get(reverse("admin:index") + "django_rq/dashboard/" + page)
        assert answered.status_code in (200, 500), page
    worker = SimpleWorker([queue], connection=queue.connection, serializer=JSONSerializer)
    worker.work(burst=True, logging_level="CRITICAL")
    cache.set("mine", [1.5, True, "y"])
    assert cache.get("mine") == [1.5, True, "y"]
    (stored,) = queue.connection.keys("*:1:mine")
    queue.connection.set(stored, PICKLED)
    with pytest.raises(ValueError):  # whichever JSON raises
        cache.get("mine")
    assert opened == []
    pickle.loads(PICKLED)  # and it would have been noticed
    assert opened


def test_no_pickle_is_read_or_written_by_us() -> None:
    """Every queue and every worker is opened with JSON; nothing of ours names another way."""
    found = {
        path
        for path in ours(".py", below=PRODUCT)
        if re.search(r"\b(pickle|marshal|shelve|dill)\b", text(path))
    }
    assert {path for path in found if re.search(r"import (pickle|marshal|shelve|dill)", text(path))} == set()
    opened = re.findall(r"get_queue\((.*)\)|RQ.*Serializer|\bPickle\w+", text("pipeline/jobs.py"))
    assert opened and all("serializer=JSONSerializer" in each for each in opened)
    assert {queue["SERIALIZER"] for queue in settings.RQ_QUEUES.values()} == {"rq.serializers.JSONSerializer"}
    kept: Any = settings.CACHES["default"]
    assert kept["OPTIONS"]["serializer"] == "config.plain_cache.Plain"


@pytest.mark.parametrize("school", ["", " ", "norte", "None", None, 7])
def test_a_message_without_a_school_does_nothing(ana: Person, school: Any) -> None:
    received = upload(ana)
    assert received.run_id is not None
    with pytest.raises((NoSchool, ValueError, AttributeError, TypeError)):
        jobs.advance(school, str(received.run_id))
    assert Due.objects.filter(pk=received.run_id).exists()
