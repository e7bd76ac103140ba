"""The only door to RQ: one job, `advance`, the message that asks for it, and the worker that takes it."""

import ctypes
import gc
import logging
import os
import signal
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import django_rq
from django.conf import settings
from django.db import connections
from redis.exceptions import RedisError
from rq.job import Job
from rq.queue import Queue
from rq.serializers import JSONSerializer
from rq.worker import Worker

from schools.ids import RunId, SchoolId

log = logging.getLogger(__name__)

_PR_SET_PDEATHSIG = 1


def send(school_id: SchoolId, run_id: RunId, *, queue: str) -> bool:
    """Send the message "look at this run"; say whether Redis took it.

    A message that is lost costs nothing: the sweep sends it again.
    """
    try:
        django_rq.get_queue(queue, serializer=JSONSerializer).enqueue(
            advance, str(school_id), str(run_id), job_timeout=-1, result_ttl=0, failure_ttl=300
        )
    except RedisError as error:
        log.warning("message for run %s not sent, the sweep will: %s", run_id, error)
        return False
    return True


def advance(school_id: str, run_id: str) -> None:
    """Take a run as far as its queue can."""
    from pipeline.advance import advance as take

    take(SchoolId(UUID(school_id)), RunId(UUID(run_id)))


class Horseman(Worker):
    """A worker whose work-horse dies with it and which leaves no database connection across the fork."""

    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        """Fork with no connection open: a child that closes a shared one ends the parent's."""
        connections.close_all()
        super().fork_work_horse(job, queue)

    def main_work_horse(self, job: Job, queue: Queue) -> Any:
        """Ask the kernel to end this child with its parent, then work."""
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() == 1:
            os._exit(1)  # the worker died between the fork and the line above
        return super().main_work_horse(job, queue)


def work(queues: Sequence[str]) -> None:
    """Take messages from the queues, first named first, until told to stop."""
    preload()
    # A work-horse is one thread and its heartbeat: two plain connections, no pool with threads of its own.
    for alias in connections:
        connections[alias].settings_dict["OPTIONS"].pop("pool", None)
    Horseman(
        [django_rq.get_queue(name, serializer=JSONSerializer) for name in queues],
        connection=django_rq.get_connection(queues[0]),
        serializer=JSONSerializer,
        # RQ's own recovery takes minutes by default; ours is the lease and the sweep, these keep RQ's lists tidy.
        worker_ttl=25,
        maintenance_interval=15,
        job_monitoring_interval=10,
        log_job_description=False,
    ).work(logging_level="WARNING")


def preload() -> None:
    """Import every stage before forking, so that no work-horse pays for it."""
    from pipeline.advance import advance as _advance  # noqa: F401  # the import itself is the point
    from pipeline.stages import stages_of

    for kind in settings.PIPELINES:
        for stage in stages_of(kind):
            if stage.preload is not None:
                stage.preload()
    # What is there now stays for good: a child that looks for garbage in it would copy every page of it.
    gc.collect()
    gc.freeze()
