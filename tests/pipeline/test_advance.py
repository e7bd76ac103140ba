"""The runner: stage by stage, under a lease; failing, waiting, cancelled, changed, and left by a dead worker."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from pipeline import runs
from pipeline.advance import advance
from pipeline.models import Due, Mark, Run, RunState
from pipeline.stages import Cancelled, Impossible, Later, LeaseLost, Work
from pipeline.sweep import sweep
from schools.ids import RunId, SchoolId
from schools.scope import school_scope
from tests.conftest import Person
from tests.pipeline import trial
from tests.pipeline.conftest import empty_queues, queued
from tests.pipeline.trial import JOURNAL, Killed, plan


def _run(person: Person, run_id: RunId) -> Run:
    with school_scope(person.school_id):
        return Run.objects.get(pk=run_id)


def _marks(person: Person, run_id: RunId) -> dict[str, Mark]:
    with school_scope(person.school_id):
        return {mark.stage: mark for mark in Mark.objects.filter(run_id=run_id).order_by("pk")}


def _due(run_id: RunId) -> Due | None:
    return Due.objects.filter(pk=run_id).first()


def _die(work: Work) -> None:
    raise Killed


def _expire(school_id: SchoolId) -> None:
    """Let the leases of a dead worker run out."""
    past = timezone.now() - timedelta(seconds=1)
    with school_scope(school_id):
        Mark.objects.exclude(lease=None).update(lease_until=past)
    Due.objects.update(next_at=past)


def test_a_run_goes_through_its_stages_in_order_and_tells_its_subject(ana: Person, run_id: RunId) -> None:
    advance(ana.school_id, run_id)
    assert JOURNAL == ["started", "first", "second", "third", "finished"]
    run = _run(ana, run_id)
    assert (run.state, run.stage) == (RunState.DONE, "")
    assert run.started_at is not None
    assert run.finished_at is not None
    marks = _marks(ana, run_id)
    assert all(mark.is_done and mark.lease is None and mark.attempts == 1 for mark in marks.values())
    assert _due(run_id) is None


def test_a_run_that_has_ended_is_not_worked_on_again(ana: Person, run_id: RunId) -> None:
    advance(ana.school_id, run_id)
    JOURNAL.clear()
    advance(ana.school_id, run_id)
    assert JOURNAL == []


def test_a_stage_for_another_queue_is_sent_there(
    committed: None, ana: Person, run_id: RunId, settings: Any
) -> None:
    trial.wire(settings, second="SECOND_ELSEWHERE")
    empty_queues()
    advance(ana.school_id, run_id)
    assert JOURNAL == ["started", "first"]
    assert queued("gpu") == [(str(ana.school_id), str(run_id))]
    due = _due(run_id)
    assert due is not None
    assert due.queue == "gpu"
    # There it goes on, and comes back for the third.
    advance(ana.school_id, run_id)
    assert JOURNAL == ["started", "first", "second"]
    assert queued("cpu") == [(str(ana.school_id), str(run_id))]
    advance(ana.school_id, run_id)
    assert JOURNAL[-1] == "finished"


def test_progress_is_the_weighted_share_of_the_stages(ana: Person, run_id: RunId) -> None:
    told = []

    def half(work: Work) -> None:
        work.report(5, 10)
        with school_scope(ana.school_id):
            found = runs.get(run_id)
        assert found is not None
        told.append((found.stage, found.progress, found.state))

    plan("first", half)
    plan("second", half)
    advance(ana.school_id, run_id)
    # Weights 1, 2, 1: half of the first is 1/8; the first and half of the second are 1/2.
    assert told == [("first", 0.125, RunState.RUNNING), ("second", 0.5, RunState.RUNNING)]
    with school_scope(ana.school_id):
        found = runs.get(run_id)
    assert found is not None
    assert found.progress == 1.0


@pytest.mark.parametrize(
    ("done", "total", "share"), [(20, 10, 1.0), (-1, 10, 0.0), (0, 0, 0.0), (3, 4, 0.75)]
)
def test_a_share_stays_between_nothing_and_all(
    ana: Person, run_id: RunId, done: float, total: float, share: float
) -> None:
    def report(work: Work) -> None:
        work.report(done, total)
        raise Killed

    plan("first", report)
    with pytest.raises(Killed):
        advance(ana.school_id, run_id)
    assert _marks(ana, run_id)["first"].share_done == share


def test_a_failure_is_tried_again_after_a_while_and_then_given_up(ana: Person, run_id: RunId) -> None:
    def fail(work: Work) -> None:
        raise ValueError("secret detail")

    plan("second", fail, fail, fail)
    waits = []
    for attempt in range(1, 4):
        advance(ana.school_id, run_id)
        mark = _marks(ana, run_id)["second"]
        assert (mark.attempts, mark.is_done, mark.lease) == (attempt, False, None)
        assert "secret detail" in mark.error
        if (due := _due(run_id)) is not None:
            waits.append((due.next_at - timezone.now()).total_seconds())
    assert [round(wait) for wait in waits] == [5, 30]
    run = _run(ana, run_id)
    assert (run.state, run.error_code) == (RunState.FAILED, "internal")
    # Staff are told that it failed, not the inside of the exception.
    assert "secret" not in run.error_detail
    assert JOURNAL == ["started", "first", "second", "second", "second", "failed: internal"]
    assert _due(run_id) is None


def test_a_failure_once_costs_nothing_but_time(ana: Person, run_id: RunId) -> None:
    def fail(work: Work) -> None:
        raise OSError

    plan("second", fail)
    advance(ana.school_id, run_id)
    advance(ana.school_id, run_id)
    assert JOURNAL == ["started", "first", "second", "second", "third", "finished"]


def test_what_cannot_be_done_now_is_done_later_at_no_cost_in_tries(ana: Person, run_id: RunId) -> None:
    def busy(work: Work) -> None:
        raise Later(40, "the store is down")

    plan("second", *[busy] * 7)
    for _again in range(7):
        advance(ana.school_id, run_id)
        mark = _marks(ana, run_id)["second"]
        assert (mark.attempts, mark.lease, mark.error) == (0, None, "the store is down")
        due = _due(run_id)
        assert due is not None
        assert 38 < (due.next_at - timezone.now()).total_seconds() <= 40
    advance(ana.school_id, run_id)
    assert _run(ana, run_id).state == RunState.DONE


def test_what_can_never_be_done_ends_the_run_with_words_for_staff(ana: Person, run_id: RunId) -> None:
    def refuse(work: Work) -> None:
        raise Impossible("El archivo está protegido con contraseña.", code="encrypted")

    plan("first", refuse)
    advance(ana.school_id, run_id)
    run = _run(ana, run_id)
    assert (run.state, run.error_code) == (RunState.FAILED, "encrypted")
    assert run.error_detail == "El archivo está protegido con contraseña."
    assert JOURNAL == ["started", "first", "failed: encrypted"]
    assert _due(run_id) is None


@pytest.mark.parametrize("when", ["report", "hold", "after"])
def test_a_run_cancelled_in_the_middle_of_a_stage_writes_nothing_more(
    ana: Person, run_id: RunId, when: str
) -> None:
    seen: list[type[BaseException]] = []

    def cancelled_meanwhile(work: Work) -> None:
        assert runs.cancel(ana.school_id, run_id)
        try:
            if when == "report":
                work.report(1, 2)
            if when == "hold":
                with school_scope(ana.school_id):
                    work.hold()
        except BaseException as error:
            seen.append(type(error))
            raise

    plan("second", cancelled_meanwhile)
    advance(ana.school_id, run_id)
    assert seen == ([] if when == "after" else [Cancelled])
    assert _run(ana, run_id).state == RunState.CANCELLED
    assert JOURNAL == ["started", "first", "second", "failed: cancelled"]
    assert not _marks(ana, run_id)["second"].is_done
    assert _due(run_id) is None
    assert not runs.cancel(ana.school_id, run_id)
    advance(ana.school_id, run_id)
    assert JOURNAL[-1] == "failed: cancelled"


def test_a_raised_version_does_that_stage_and_those_after_it_again(
    ana: Person, run_id: RunId, settings: Any
) -> None:
    plan("third", _die)
    with pytest.raises(Killed):
        advance(ana.school_id, run_id)
    assert [mark.is_done for mark in _marks(ana, run_id).values()] == [True, True, False]
    _expire(ana.school_id)
    JOURNAL.clear()

    trial.wire(settings, second="SECOND_CHANGED")
    advance(ana.school_id, run_id)

    assert JOURNAL == ["second", "third", "finished"]
    marks = _marks(ana, run_id)
    assert {name: mark.version for name, mark in marks.items()} == {"first": 1, "second": 2, "third": 1}


def test_a_raised_version_does_again_what_was_done_after_it(
    ana: Person, run_id: RunId, settings: Any
) -> None:
    """A release in the midst: the third stage had been done on top of the old second one."""
    advance(ana.school_id, run_id)
    with school_scope(ana.school_id):
        Run.objects.filter(pk=run_id).update(state=RunState.RUNNING)
    JOURNAL.clear()
    trial.wire(settings, second="SECOND_CHANGED")
    advance(ana.school_id, run_id)
    assert JOURNAL == ["second", "third", "finished"]


def test_only_one_of_two_workers_does_a_stage(ana: Person, run_id: RunId) -> None:
    def look_again(work: Work) -> None:
        advance(ana.school_id, run_id)  # another worker that was given the same message

    plan("first", look_again)
    plan("second", look_again)
    advance(ana.school_id, run_id)
    assert JOURNAL == ["started", "first", "second", "third", "finished"]


def test_a_late_worker_changes_nothing(ana: Person, run_id: RunId) -> None:
    """Stopped for longer than its lease, it wakes up when another has done its work."""
    seen: list[type[BaseException]] = []

    def sleeps_too_long(work: Work) -> None:
        _expire(ana.school_id)
        advance(ana.school_id, run_id)  # another worker takes it over, and to its end
        before = [(m.stage, m.is_done, m.finished_at, m.lease) for m in _marks(ana, run_id).values()]
        for ask in (_report, _hold):
            try:
                ask(ana, work)
            except LeaseLost as error:
                seen.append(type(error))
        assert [(m.stage, m.is_done, m.finished_at, m.lease) for m in _marks(ana, run_id).values()] == before
        # It may even return as if it had done something.

    plan("second", sleeps_too_long)
    advance(ana.school_id, run_id)
    assert seen == [LeaseLost, LeaseLost]
    assert JOURNAL == ["started", "first", "second", "second", "third", "finished"]
    assert _marks(ana, run_id)["second"].attempts == 2
    assert _run(ana, run_id).state == RunState.DONE


def _report(_person: Person, work: Work) -> None:
    work.report(1, 2)


def _hold(person: Person, work: Work) -> None:
    with school_scope(person.school_id):
        work.hold()


@pytest.mark.parametrize("how", ["fails", "later", "impossible"])
def test_a_late_workers_failure_is_nobodys(ana: Person, run_id: RunId, how: str) -> None:
    def fails_late(work: Work) -> None:
        _expire(ana.school_id)
        advance(ana.school_id, run_id)
        raise {
            "fails": ValueError(),
            "later": Later(60, "busy"),
            "impossible": Impossible("No.", code="broken"),
        }[how]

    plan("second", fails_late)
    advance(ana.school_id, run_id)
    assert _run(ana, run_id).state == RunState.DONE
    assert JOURNAL == ["started", "first", "second", "second", "third", "finished"]
    assert _due(run_id) is None


def test_a_killed_workers_stage_is_taken_up_when_its_lease_has_run_out(
    committed: None, ana: Person, run_id: RunId
) -> None:
    plan("second", _die)
    with pytest.raises(Killed):
        advance(ana.school_id, run_id)
    # Not before: it might be alive.
    advance(ana.school_id, run_id)
    assert sweep() == 0
    assert JOURNAL == ["started", "first", "second"]
    _expire(ana.school_id)
    empty_queues()
    assert sweep() == 1
    assert queued("cpu") == [(str(ana.school_id), str(run_id))]
    advance(ana.school_id, run_id)
    assert JOURNAL == ["started", "first", "second", "second", "third", "finished"]


def test_a_file_that_kills_its_worker_three_times_is_given_up(ana: Person, run_id: RunId) -> None:
    plan("first", _die, _die, _die, _die)
    for _death in range(3):
        with pytest.raises(Killed):
            advance(ana.school_id, run_id)
        _expire(ana.school_id)
    advance(ana.school_id, run_id)
    run = _run(ana, run_id)
    assert (run.state, run.error_code) == (RunState.FAILED, "gave_up")
    assert run.error_detail
    assert JOURNAL == ["started", "first", "first", "first", "failed: gave_up"]
    assert _due(run_id) is None


def test_a_subject_has_one_live_run_of_a_kind(ana: Person, run_id: RunId) -> None:
    with school_scope(ana.school_id):
        subject = Run.objects.get(pk=run_id).subject_id
        assert runs.start("trial", subject) == run_id
    advance(ana.school_id, run_id)
    with school_scope(ana.school_id):
        again = runs.start("trial", subject)
        assert again != run_id
        newest = runs.progress_of(["trial"], [subject])[subject]
    assert newest.run_id == again


def test_a_run_of_another_school_is_not_touched(ana: Person, zoe: Person, run_id: RunId) -> None:
    advance(zoe.school_id, run_id)
    assert not runs.cancel(zoe.school_id, run_id)
    assert JOURNAL == []
    with school_scope(zoe.school_id):
        assert runs.get(run_id) is None
        assert runs.progress_of(["trial"], [UUID(int=0)]) == {}
    advance(ana.school_id, run_id)
    assert JOURNAL[-1] == "finished"
