"""Runs as the rest of the house sees them: started, watched, cancelled."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from pipeline import jobs
from pipeline.models import ENDS, Due, Mark, Run, RunState
from pipeline.stages import Stage, stages_of, subject_of
from schools import scope
from schools.ids import RunId, SchoolId, UserId
from schools.scope import school_scope

# A message that was lost with its process is sent again by the sweep after this.
FIRST_LOOK = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is, as people are told."""

    run_id: RunId
    subject_id: UUID
    kind: str
    state: RunState
    stage: str
    progress: float  # 0–1 over all stages
    eta_s: int | None
    waits: str  # for what, in words for staff; empty: it does not
    error_code: str
    error_detail: str
    created_at: datetime
    finished_at: datetime | None


def start(kind: str, subject_id: UUID, *, asked_by: UserId | None = None) -> RunId:
    """Begin work on a subject, in the transaction that made it; return the run.

    `asked_by`: in whose name it reads; None for the school's own work. Called inside a school scope. A subject with a
    live run gets that one back.
    """
    live = Run.objects.filter(
        kind=kind, subject_id=subject_id, state__in=(RunState.QUEUED, RunState.RUNNING)
    ).first()
    if live is not None:
        return RunId(live.pk)
    first = stages_of(kind)[0]
    run = Run.objects.create(kind=kind, subject_id=subject_id, stage=first.name, asked_by=asked_by)
    school_id = scope.current()
    Due.objects.create(
        run_id=run.pk, school_id=school_id, queue=first.queue, next_at=timezone.now() + FIRST_LOOK
    )
    transaction.on_commit(lambda: jobs.send(school_id, RunId(run.pk), queue=first.queue))
    return RunId(run.pk)


def cancel(school_id: SchoolId, run_id: RunId) -> bool:
    """Take a run back; say whether it was still alive. The worker at it stops at its next report."""
    with school_scope(school_id):
        run = Run.objects.select_for_update().filter(pk=run_id).first()
        if run is None or run.state in ENDS:
            return False
        run.state = RunState.CANCELLED
        run.finished_at = timezone.now()
        run.save(update_fields=["state", "finished_at"])
        Due.objects.filter(run_id=run_id).delete()
        subject_of(run.kind).failed(run.subject_id, code="cancelled", reason="")
    return True


def cancel_all(subject_id: UUID) -> None:
    """Take back every live run of a subject. Inside a school scope."""
    for run in Run.objects.filter(subject_id=subject_id, state__in=(RunState.QUEUED, RunState.RUNNING)):
        cancel(scope.current(), RunId(run.pk))


def progress_of(kinds: Collection[str], subject_ids: Iterable[UUID]) -> dict[UUID, Progress]:
    """Return the newest run of these kinds for each subject. Inside a school scope."""
    runs = Run.objects.filter(kind__in=kinds, subject_id__in=list(subject_ids)).order_by(
        "subject_id", "-created_at", "-pk"
    )
    newest = list(runs.distinct("subject_id"))
    marks: dict[UUID, list[Mark]] = {}
    for mark in Mark.objects.filter(run_id__in=[run.pk for run in newest]):
        marks.setdefault(mark.run_id, []).append(mark)
    now = timezone.now()
    return {run.subject_id: describe(run, marks.get(run.pk, []), now=now) for run in newest}


def ended_since(kinds: Collection[str], moment: datetime) -> set[UUID]:
    """Return the subjects of the runs of these kinds that came to an end since a moment. Inside a school scope."""
    return set(
        Run.objects.filter(kind__in=kinds, finished_at__gte=moment).values_list("subject_id", flat=True)
    )


def get(run_id: RunId) -> Progress | None:
    """Return one run. Inside a school scope."""
    run = Run.objects.filter(pk=run_id).first()
    return describe(run, list(Mark.objects.filter(run_id=run_id)), now=timezone.now()) if run else None


def describe(run: Run, marks: list[Mark], *, now: datetime) -> Progress:
    """Return a run's progress from its marks."""
    by_stage = {mark.stage: mark for mark in marks}
    stages = stages_of(run.kind)
    share = sum(stage.weight * _share(stage, by_stage.get(stage.name)) for stage in stages)
    share = 1.0 if run.state == RunState.DONE else share / sum(stage.weight for stage in stages)
    return Progress(
        run_id=RunId(run.pk),
        subject_id=run.subject_id,
        kind=run.kind,
        state=RunState(run.state),
        stage=run.stage,
        progress=round(share, 4),
        eta_s=_eta_s(run, share, now),
        waits=_waits(run, by_stage.get(run.stage)),
        error_code=run.error_code,
        error_detail=run.error_detail,
        created_at=run.created_at,
        finished_at=run.finished_at,
    )


def _share(stage: Stage, mark: Mark | None) -> float:
    if mark is None or mark.version != stage.version:
        return 0.0
    return 1.0 if mark.is_done else min(mark.share_done, 1.0)


def _waits(run: Run, mark: Mark | None) -> str:
    return mark.waits if mark is not None and run.state not in ENDS and mark.lease is None else ""


def _eta_s(run: Run, share: float, now: datetime) -> int | None:
    if run.state != RunState.RUNNING or run.started_at is None or share < 0.05:
        return None
    elapsed_s = (now - run.started_at).total_seconds()
    return max(1, round(elapsed_s / share * (1 - share)))
