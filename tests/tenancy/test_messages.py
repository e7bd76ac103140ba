"""The queue: messages with two ids and nothing else, and what a forged one can do."""

import json
import zlib
from typing import Any

import django_rq
import pytest
from django.conf import settings
from rq.serializers import JSONSerializer

from pipeline import jobs
from pipeline.advance import advance
from pipeline.models import Due, Run, RunState
from schools.ids import RunId, SchoolId, new_id
from schools.scope import NoSchool, school_scope
from tests.conftest import Person, upload


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


@pytest.mark.parametrize("school", ["", " ", "norte", "None", None, 7])
def test_a_message_without_a_school_does_nothing(ana: Person, school: Any) -> None:
    received = upload(ana)
    assert received.run_id is not None
    with pytest.raises((NoSchool, ValueError, AttributeError, TypeError)):
        jobs.advance(school, str(received.run_id))
    assert Due.objects.filter(pk=received.run_id).exists()
