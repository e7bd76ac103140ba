"""Runs against the table that wakes them: what is alive but in no sweep, and what is swept but at its end."""

from collections.abc import Collection, Iterable
from datetime import timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils import timezone

from pipeline import runs
from pipeline.advance import advance
from pipeline.models import Due, Run, RunState
from pipeline.stages import stages_of
from schools.differences import Look, Outcome
from schools.ids import RunId, SchoolId
from schools.scope import school_scope

_LIVE = (RunState.QUEUED, RunState.RUNNING)
_LEFT_AFTER = timedelta(minutes=10)  # a Due that belongs to no live run goes by itself when it is looked at


def check(school_id: SchoolId, look: Look) -> None:
    """Compare a school's runs with what the sweep will look at."""
    with school_scope(school_id):
        waking = Due.objects.filter(run_id=OuterRef("pk"), school_id=school_id)
        for run in Run.objects.filter(~Exists(waking), state__in=_LIVE).order_by("pk"):
            look.note("run_without_due", look.mended, run.pk)
            if look.mends:
                queue = next((each.queue for each in stages_of(run.kind) if each.name == run.stage), "cpu")
                Due.objects.get_or_create(run_id=run.pk, defaults={"school_id": school_id, "queue": queue})
        alive = Run.objects.filter(pk=OuterRef("run_id"), state__in=_LIVE)
        late = timezone.now() - _LEFT_AFTER
        left = Due.objects.filter(~Exists(alive), school_id=school_id, next_at__lt=late)
        for due in left.order_by("pk"):
            look.note("due_without_run", look.mended, due.pk)
            if look.mends:
                due.delete()


def at_work(subject_ids: Iterable[UUID]) -> set[UUID]:
    """Return the subjects that some run works on or will, whatever its kind. Inside a school scope."""
    live = Run.objects.filter(subject_id__in=list(subject_ids), state__in=_LIVE)
    return set(live.values_list("subject_id", flat=True))


def mend_by(school_id: SchoolId, kind: str, subject_ids: Collection[UUID]) -> dict[UUID, Outcome]:
    """Start runs of a kind and take each as far as it goes here; say what became of them.

    A worker that is quicker takes them as well: the lease decides.
    """
    with school_scope(school_id):
        started = {subject_id: runs.start(kind, subject_id) for subject_id in subject_ids}
    outcomes: dict[UUID, Outcome] = {}
    for subject_id, run_id in started.items():
        advance(school_id, run_id)
        with school_scope(school_id):
            state = Run.objects.values_list("state", flat=True).get(pk=run_id)
        outcomes[subject_id] = _outcome(RunState(state))
    return outcomes


def begin(school_id: SchoolId, kind: str, subject_id: UUID) -> RunId:
    """Start a run and leave it to the workers."""
    with school_scope(school_id):
        return runs.start(kind, subject_id)


def _outcome(state: RunState) -> Outcome:
    if state == RunState.DONE:
        return Outcome.MENDED
    return Outcome.UNDER_WAY if state in _LIVE else Outcome.LEFT
