"""The only door to RQ: one job, `advance`, the message that asks for it, and the two kinds of worker that take it.

A `Horseman` forks for each message: what a stage holds goes with it. A `Listener` works in its own process, so that a
model which took half a minute to load is there for the next recording.
"""

import ctypes
import gc
import logging
import os
import re
import secrets
import signal
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, TypeVar
from uuid import UUID

import django_rq
from django.conf import settings
from django.db import connections
from redis.exceptions import RedisError
from rq.job import Job
from rq.queue import Queue
from rq.serializers import JSONSerializer
from rq.worker import SimpleWorker, Worker

from pipeline import ending
from schools.ids import RunId, SchoolId

log = logging.getLogger(__name__)

# What is taken one message after the other by a process that keeps what it loaded.
IN_PROCESS = ("gpu",)
_REDIS_AGAIN_S = 2.0
_RUN = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PR_SET_PDEATHSIG = 1
_ENDS = (signal.SIGTERM, signal.SIGINT)


def send(school_id: SchoolId, run_id: RunId, *, queue: str) -> bool:
    """Send the message "look at this run"; say whether Redis took it.

    A message that is lost costs nothing: the sweep sends it again.
    """
    try:
        django_rq.get_queue(queue, serializer=JSONSerializer).enqueue(
            advance,
            str(school_id),
            str(run_id),
            # Begins with the run, so that `waiting` need not look into each message.
            job_id=f"{run_id}-{secrets.token_hex(4)}",
            job_timeout=-1,
            result_ttl=0,
            failure_ttl=300,
        )
    except RedisError as error:
        log.warning("message for run %s not sent, the sweep will: %s", run_id, error)
        return False
    return True


def waiting(queue: str) -> frozenset[RunId]:
    """Return the runs that a message waits for in a queue; none when Redis does not say."""
    try:
        ids = django_rq.get_queue(queue, serializer=JSONSerializer).get_job_ids()
    except RedisError:
        return frozenset()
    return frozenset(RunId(UUID(found[0])) for each in ids if (found := _RUN.match(each)))


def advance(school_id: str, run_id: str) -> None:
    """Take a run as far as its queue can."""
    from pipeline.advance import advance as take

    take(SchoolId(UUID(school_id)), RunId(UUID(run_id)))


class Horseman(Worker):
    """A worker whose work-horse dies with it and which leaves no database connection across the fork."""

    is_told_to_end = False
    max_connection_wait_time = 5.0  # RQ's own: a minute after Redis is back

    def fork_work_horse(self, job: Job, queue: Queue) -> None:
        """Fork with no connection open: a child that closes a shared one ends the parent's."""
        connections.close_all()
        # Not before the child has ears of its own: with the worker's it would go on as a second worker.
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)
        try:
            super().fork_work_horse(job, queue)
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)

    def main_work_horse(self, job: Job, queue: Queue) -> Any:
        """Ask the kernel to end this child with its parent, then work."""
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != self.pid:
            os._exit(1)  # the worker died between the fork and the line above
        return super().main_work_horse(job, queue)

    def setup_work_horse_signals(self) -> None:
        """Let the work-horse hear that the worker was told to end: what it holds goes to another at once."""
        super().setup_work_horse_signals()  # type: ignore[no-untyped-call]  # RQ's own
        ending.listen()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)

    def request_stop(self, signum: int, frame: Any) -> None:
        """Note that the end was asked for, also when Redis is away at that moment."""
        self.is_told_to_end = True
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]  # RQ's own

    def handle_warm_shutdown_request(self) -> None:
        """Pass the wish to end on to the work-horse, and not to what it started, which it ends by itself."""
        if self.horse_pid:
            with suppress(ProcessLookupError):
                os.kill(self.horse_pid, signal.SIGTERM)


class Listener(SimpleWorker):
    """A worker that works in its own process and forks nothing; told to end, it ends at once.

    What it was at is taken up again when the lease has run out, as after a crash: there is one way to recover.
    """

    max_connection_wait_time = 5.0  # as above

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.is_told_to_end = False
        self._is_done = threading.Event()
        self._beating: threading.Thread | None = None

    def subscribe(self) -> None:
        """Take no commands of RQ's: people's wishes are in the database."""

    def request_stop(self, signum: int, frame: Any) -> None:
        """Note that the end was asked for; called while there is nothing to do."""
        self.is_told_to_end = True
        super().request_stop(signum, frame)  # type: ignore[no-untyped-call]  # RQ's own

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Work, and leave no connection, no lock and no memory behind."""
        # A stage may be in a library's code for minutes, where no handler of Python's would be heard.
        _end_at_once()
        try:
            super().execute_job(job, queue)
        finally:
            self._stop_beating()
            self._install_signal_handlers()  # type: ignore[no-untyped-call]  # RQ's own
            connections.close_all()
            give_memory_back()

    def prepare_job_execution(self, job: Job, remove_from_intermediate_queue: bool = False) -> None:
        """Begin to tell RQ that this job lives."""
        super().prepare_job_execution(job, remove_from_intermediate_queue)
        self._is_done.clear()
        self._beating = threading.Thread(target=self._beat, args=(job,), name="rq-heartbeat", daemon=True)
        self._beating.start()

    def handle_execution_ended(self, job: Job, queue: Queue, heartbeat_ttl: int) -> None:
        """Stop telling it, before the lists are put in order."""
        self._stop_beating()
        super().handle_execution_ended(job, queue, heartbeat_ttl)

    def _beat(self, job: Job) -> None:
        while not self._is_done.wait(self.job_monitoring_interval):
            try:
                self.maintain_heartbeats(job)
            except RedisError as error:
                log.warning("RQ was not told that its job lives: %s", error)

    def _stop_beating(self) -> None:
        self._is_done.set()
        if self._beating is not None:
            self._beating.join()
            self._beating = None


_AnyWorker = TypeVar("_AnyWorker", Horseman, Listener)


def work(queues: Sequence[str]) -> None:
    """Take messages from the queues, first named first, until told to stop."""
    # A work-horse is one thread and its heartbeat: two plain connections, no pool with threads of its own.
    for alias in connections:
        connections[alias].settings_dict["OPTIONS"].pop("pool", None)
    if set(queues) <= set(IN_PROCESS):
        _take_messages(Listener, queues)
    else:
        preload()
        _take_messages(Horseman, queues)


def _take_messages(kind: type[_AnyWorker], queues: Sequence[str]) -> None:
    """Take messages, and go on with what is loaded when Redis was away, full or would not be written to."""
    while True:
        worker: _AnyWorker | None = None
        try:
            worker = _worker(kind, queues)
            worker.work(logging_level="WARNING")
        except RedisError as error:
            log.warning("Redis is away: %s", error)
        if worker is not None and worker.is_told_to_end:
            return
        _end_at_once()
        time.sleep(_REDIS_AGAIN_S)


def _end_at_once() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


def _worker(kind: type[_AnyWorker], queues: Sequence[str]) -> _AnyWorker:
    return kind(
        [django_rq.get_queue(name, serializer=JSONSerializer) for name in queues],
        connection=django_rq.get_connection(queues[0]),
        serializer=JSONSerializer,
        # RQ's own recovery takes minutes by default; ours is the lease and the sweep, these keep RQ's lists tidy.
        worker_ttl=25,
        maintenance_interval=15,
        job_monitoring_interval=10,
        log_job_description=False,
    )


def give_memory_back() -> None:
    """Let go of what the last job needed: a process that lives for weeks must not keep the largest of all."""
    gc.collect()
    with suppress(AttributeError):  # no such call where the C library is not GNU's
        ctypes.CDLL(None).malloc_trim(0)


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
