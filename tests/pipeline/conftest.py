"""A kind of run for the tests, and its queue emptied."""

from collections.abc import Iterator
from typing import Any

import django_rq
import pytest
from rq.serializers import JSONSerializer

from pipeline import runs
from schools.ids import RunId, new_id
from schools.scope import school_scope
from tests.conftest import Person
from tests.faults.house import house as house
from tests.pipeline import trial


def queued(name: str) -> list[tuple[str, ...]]:
    """Return the arguments of the messages in a queue."""
    queue = django_rq.get_queue(name, serializer=JSONSerializer)
    return [tuple(job.args) for job in queue.jobs]


def empty_queues() -> None:
    """Lose every message, as a Redis that was emptied does."""
    django_rq.get_connection("cpu").flushdb()


@pytest.fixture(autouse=True)
def _empty_queues() -> Iterator[None]:
    empty_queues()
    yield
    empty_queues()


@pytest.fixture
def run_id(ana: Person, settings: Any) -> Iterator[RunId]:
    """Return a run of Norte that waits, of the kind whose stages the test writes."""
    trial.clear()
    trial.wire(settings)
    with school_scope(ana.school_id):
        started = runs.start("trial", new_id())
    yield started
    trial.clear()
    trial.forget()
