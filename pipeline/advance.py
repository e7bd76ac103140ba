"""The one runner of background work: takes a run from stage to stage, under a lease."""

import logging
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from types import TracebackType
from typing import TypeVar
from uuid import UUID, uuid4

from django.conf import settings
from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from pipeline import ending, jobs
from pipeline.models import ENDS, Due, Mark, Run, RunState
from pipeline.stages import Cancelled, Impossible, Later, LeaseLost, Stage, stages_of, subject_of
from schools import passing
from schools.ids import RunId, SchoolId, UserId
from schools.scope import school_scope

log = logging.getLogger(__name__)

T = TypeVar("T")

# A stage that tells its progress more often is heard this often.
REPORT_EVERY_S = 0.5
BACKOFF_S = (5, 30, 120)
# For so long a step of the machine waits for a database that starts again, before it leaves the rest to the sweep.
PATIENCE_S = 20.0
AWAY_WAIT_S, NO_ROOM_WAIT_S = 5.0, 30.0


def _lease() -> timedelta:
    return timedelta(seconds=settings.PIPELINE_LEASE_S)


@dataclass(slots=True)
class _Held:
    """A stage under our lease: what the stage is given as its Work."""

    school_id: SchoolId
    run_id: RunId
    subject_id: UUID
    mark_id: UUID
    lease: UUID
    asked_by: UserId | None = None
    _reported_at: float = field(default=0.0)

    def report(self, done: float, total: float) -> None:
        """Tell how far the work is; raise Cancelled or LeaseLost when it should stop."""
        now = time.monotonic()
        if now - self._reported_at < REPORT_EVERY_S:
            return
        self._reported_at = now
        share = done / total if total > 0 else 0.0
        with school_scope(self.school_id):
            if not Mark.objects.filter(pk=self.mark_id, lease=self.lease).update(
                share_done=min(max(share, 0.0), 1.0)
            ):
                raise LeaseLost
            if Run.objects.filter(pk=self.run_id, state=RunState.CANCELLED).exists():
                raise Cancelled

    def hold(self) -> None:
        """Lock the mark inside the transaction that writes; raise LeaseLost or Cancelled."""
        mark = Mark.objects.select_for_update(of=("self",)).filter(pk=self.mark_id, lease=self.lease)
        state = mark.values_list("run__state", flat=True).first()
        if state is None:
            raise LeaseLost
        if state == RunState.CANCELLED:
            raise Cancelled


class _Heartbeat(AbstractContextManager["_Heartbeat"]):
    """A thread that keeps the lease alive while the stage works, on a connection of its own."""

    def __init__(self, held: _Held) -> None:
        self._held = held
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def __enter__(self) -> "_Heartbeat":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _beat(self) -> None:
        try:
            while not self._stop.wait(settings.PIPELINE_HEARTBEAT_S):
                # A database that was away for a moment must not cost a long stage its lease.
                while not self._lengthen():
                    if self._stop.wait(1.0):
                        return
        except LeaseLost:
            return
        except Exception:
            # The lease runs out and the sweep sends the run to another worker; the stage itself finds out in hold().
            log.exception("heartbeat of run %s stopped", self._held.run_id)
        finally:
            connection.close()

    def _lengthen(self) -> bool:
        """Hold the stage for longer; say whether the database heard it."""
        until = timezone.now() + _lease()
        held = self._held
        try:
            with school_scope(held.school_id):
                if not Mark.objects.filter(pk=held.mark_id, lease=held.lease).update(lease_until=until):
                    raise LeaseLost
                Due.objects.filter(run_id=held.run_id).update(next_at=until)
        except DatabaseError as error:
            log.warning("heartbeat of run %s: %s", held.run_id, error)
            connection.close()
            return False
        return True


def advance(school_id: SchoolId, run_id: RunId) -> None:
    """Take a run as far as it goes on one queue; send it on when its next stage is for another.

    Safe to be called twice, at once, late or for a run that has ended.
    """
    queue: str | None = None
    while True:
        taken = passing.insist(lambda: _take(school_id, run_id, only=queue), patience_s=PATIENCE_S)  # noqa: B023  # called at once
        if taken is None:
            return
        stage, held = taken
        queue = stage.queue
        if not _perform(stage, held):
            return


def _take(school_id: SchoolId, run_id: RunId, *, only: str | None) -> tuple[Stage, _Held] | None:
    """Return the next stage under a fresh lease; None when there is nothing for us."""
    with school_scope(school_id):
        run = Run.objects.select_for_update().filter(pk=run_id).first()
        if run is None or run.state in ENDS:
            # The school too: a forged message that names another's run must not make the sweep forget it.
            Due.objects.filter(run_id=run_id, school_id=school_id).delete()
            return None
        marks = {mark.stage: mark for mark in Mark.objects.select_for_update().filter(run_id=run_id)}
        stage = _next(run, marks)
        now = timezone.now()
        if stage is None:
            run.state, run.finished_at, run.stage = RunState.DONE, now, ""
            run.save(update_fields=["state", "finished_at", "stage"])
            Due.objects.filter(run_id=run_id).delete()
            subject_of(run.kind).finished(run.subject_id)
            return None
        if only is not None and stage.queue != only:
            Due.objects.filter(run_id=run_id).update(queue=stage.queue, next_at=now + timedelta(seconds=10))
            there = stage.queue
            transaction.on_commit(lambda: jobs.send(school_id, run_id, queue=there))
            return None
        mark = marks.get(stage.name)
        if mark is None:
            mark = Mark(run_id=run_id, stage=stage.name, version=stage.version)
        elif mark.lease is not None and mark.lease_until is not None and mark.lease_until > now:
            return None  # somebody is at it
        if mark.version != stage.version:
            mark.version, mark.is_done, mark.attempts = stage.version, False, 0
        if mark.attempts >= stage.attempts:
            # The worker died at it every time (a failure that is told ends the run before): a poison file.
            _fail(run, code="gave_up", reason=_("El proceso se interrumpió varias veces con este archivo."))
            return None
        mark.attempts += 1
        mark.lease, mark.lease_until = uuid4(), now + _lease()
        mark.share_done, mark.started_at, mark.waits = 0.0, now, ""
        mark.save()
        if run.state == RunState.QUEUED:
            run.state, run.started_at = RunState.RUNNING, run.started_at or now
            subject_of(run.kind).started(run.subject_id)
        run.stage = stage.name
        run.save(update_fields=["state", "started_at", "stage"])
        Due.objects.filter(run_id=run_id).update(queue=stage.queue, next_at=mark.lease_until)
        return stage, _Held(
            school_id=school_id,
            run_id=run_id,
            subject_id=run.subject_id,
            mark_id=mark.pk,
            lease=mark.lease,
            asked_by=UserId(run.asked_by) if run.asked_by else None,
        )


def _next(run: Run, marks: dict[str, Mark]) -> Stage | None:
    """Return the first stage that is not done in its present version."""
    for stage in stages_of(run.kind):
        mark = marks.get(stage.name)
        if mark is None or not mark.is_done or mark.version != stage.version:
            return stage
    return None


def _perform(stage: Stage, held: _Held) -> bool:
    """Run one stage; say whether the run goes on here."""
    try:
        with _Heartbeat(held), ending.heard():
            stage.run(held)
    except (LeaseLost, Cancelled):
        return False
    except ending.Ending:
        connections.close_all()  # it may have been cut in the midst of a question
        _settle(lambda: _postpone(held, wait_s=0.0, error="", counts=False))
        return False
    except Later as later:
        wait_s, reason, told = later.wait_s, later.reason, later.told
        _settle(lambda: _postpone(held, wait_s=wait_s, error=reason, counts=False, told=told))
        return False
    except Impossible as impossible:
        code, why = impossible.code, impossible.reason
        _settle(lambda: _end_failed(held, code=code, reason=why))
        return False
    except Exception as error:
        log.exception("stage %s of run %s", stage.name, held.run_id)
        tried = error
        _settle(lambda: _stumble(stage, held, tried))
        return False
    return _settle(lambda: _finish(stage, held))


def _settle(write: Callable[[], T]) -> T:
    """Write down what became of a stage: undone or kept waiting by the database, again."""
    return passing.insist(write, patience_s=PATIENCE_S)


def _finish(stage: Stage, held: _Held) -> bool:
    with school_scope(held.school_id):
        run = _still_ours(held)
        if run is None:
            return False
        now = timezone.now()
        Mark.objects.filter(pk=held.mark_id).update(
            is_done=True, share_done=1.0, lease=None, lease_until=None, finished_at=now, error=""
        )
        # Those after it were made from what it wrote before.
        _undo_after(stage, run)
        Due.objects.filter(run_id=held.run_id).update(next_at=now + _lease())
    return True


def _end_failed(held: _Held, *, code: str, reason: str) -> None:
    with school_scope(held.school_id):
        if run := _still_ours(held):
            _fail(run, code=code, reason=reason)


def _undo_after(stage: Stage, run: Run) -> None:
    names = [each.name for each in stages_of(run.kind)]
    after = names[names.index(stage.name) + 1 :]
    Mark.objects.filter(run=run, stage__in=after).update(is_done=False, attempts=0)


def _still_ours(held: _Held) -> Run | None:
    """Return the run, locked, while the lease is ours and nobody took it back."""
    # Locks are taken in one order everywhere: run, mark, due, subject.
    run = Run.objects.select_for_update().get(pk=held.run_id)
    if not Mark.objects.select_for_update().filter(pk=held.mark_id, lease=held.lease).exists():
        return None
    return None if run.state in ENDS else run


def _stumble(stage: Stage, held: _Held, error: Exception) -> None:
    """Try again after a while, or give up when the tries are spent; what is not the file's fault costs none."""
    if passing.is_no_room(error):
        told = _("Espera a que haya espacio en disco.")
        _postpone(held, wait_s=NO_ROOM_WAIT_S, error=repr(error), counts=False, told=told)
        return
    if passing.is_away(error):
        _postpone(held, wait_s=AWAY_WAIT_S, error=repr(error), counts=False)
        return
    with school_scope(held.school_id):
        mark = Mark.objects.get(pk=held.mark_id)
        attempts = mark.attempts
        if attempts >= stage.attempts and (run := _still_ours(held)):
            Mark.objects.filter(pk=held.mark_id).update(error=repr(error)[:2000])
            _fail(run, code="internal", reason=_("Ocurrió un error inesperado al procesar el archivo."))
            return
    wait_s = BACKOFF_S[min(attempts, len(BACKOFF_S)) - 1]
    _postpone(held, wait_s=wait_s, error=repr(error), counts=True)


def _postpone(held: _Held, *, wait_s: float, error: str, counts: bool, told: str = "") -> None:
    with school_scope(held.school_id):
        if _still_ours(held) is None:
            return
        mark = Mark.objects.get(pk=held.mark_id)
        mark.lease = mark.lease_until = None
        mark.error, mark.waits = error[:2000], told[:500]
        mark.attempts -= 0 if counts else 1
        mark.save()
        Due.objects.filter(run_id=held.run_id).update(next_at=timezone.now() + timedelta(seconds=wait_s))


def _fail(run: Run, *, code: str, reason: str) -> None:
    # For whoever looks after the installation; the reason is the school's, and may name a file.
    log.warning("run %s (%s) of school %s failed at %s: %s", run.pk, run.kind, run.school_id, run.stage, code)
    run.state, run.finished_at = RunState.FAILED, timezone.now()
    run.error_code, run.error_detail = code, reason
    run.save(update_fields=["state", "finished_at", "error_code", "error_detail"])
    Due.objects.filter(run_id=run.pk).delete()
    Mark.objects.filter(run=run).update(lease=None, lease_until=None)  # nobody holds what has ended
    subject_of(run.kind).failed(run.subject_id, code=code, reason=reason)
