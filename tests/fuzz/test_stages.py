"""The runner of background work, driven at random: whatever happens in whatever order, it ends and does all once.

Workers die before and after they wrote, fail, wait, are too slow and wake up; people cancel and begin anew. A model
would be as long as the runner: what is held against it are the promises of docs/architecture.md.
"""

import os
from contextlib import suppress
from datetime import timedelta
from typing import Any

import hypothesis
from django.db import transaction
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from pipeline import runs
from pipeline.advance import advance
from pipeline.models import ENDS, Due, Mark, Run, RunState
from pipeline.stages import Cancelled, Impossible, Later, LeaseLost, Work
from schools.ids import RunId, new_id
from schools.scope import school_scope
from tests.conftest import Person
from tests.pipeline import trial
from tests.pipeline.trial import JOURNAL, Killed, plan

STAGES = ("first", "second", "third")
HAPPENS = ["dies first", "dies after", "fails", "waits", "refuses", "is cancelled", "goes well"]
HAPPENS += ["is too slow", "is too slow and refuses"]
MOST_MOVES = 60
RUNS, MOVES = (200, 40) if os.environ.get("PRECEPTOR_TEST_LONG") else (12, 16)


class Worked(RuleBasedStateMachine):
    """One subject, its runs one after the other, and any number of workers."""

    person: Person

    def __init__(self) -> None:
        super().__init__()
        trial.clear()
        for stage in STAGES:
            plan(stage, *[self._act_of(stage)] * 10_000)
        self.script: list[str] = []
        self.effects: list[tuple[RunId, str]] = []
        self.wrong: list[str] = []  # said inside a stage, where the runner takes any exception for a failure
        self.subject = new_id()
        self.run_ids: list[RunId] = []
        self._around = transaction.atomic()
        self._around.__enter__()
        self.begin()

    # --- what a stage does ---------------------------------------------------------------------------------------

    def _act_of(self, stage: str) -> Any:
        return lambda work: self._act(stage, work)

    def _act(self, stage: str, work: Work) -> None:
        match self.script.pop(0) if self.script else "goes well":
            case "dies first":
                raise Killed
            case "fails":
                raise ValueError
            case "waits":
                raise Later(5, "busy")
            case "refuses":
                raise Impossible("No se puede.", code="broken")
            case "is cancelled":
                runs.cancel(self.person.school_id, self.run_ids[-1])
                self._write(stage, work)
                self.wrong.append("written after it was cancelled")
            case "is too slow" | "is too slow and refuses" as what:
                self.time_passes()
                self.work()  # another worker, who is given the same message
                if what.endswith("refuses"):
                    raise Impossible("No se puede.", code="late")
                try:
                    self._write(stage, work)
                except (Cancelled, LeaseLost):
                    return  # as one that writes nothing and thinks it did
            case "dies after":
                self._write(stage, work)
                raise Killed
            case _:
                self._write(stage, work)

    def _write(self, stage: str, work: Work) -> None:
        run_id = self.run_ids[-1]
        with school_scope(self.person.school_id):
            work.hold()
            mark = Mark.objects.get(run_id=run_id, stage=stage)
            if mark.is_done:
                self.wrong.append("written again after it was done")
            if Run.objects.get(pk=run_id).state in ENDS:
                self.wrong.append("written for a run that has ended")
            self.effects.append((run_id, stage))

    # --- what happens --------------------------------------------------------------------------------------------

    @rule(what=st.lists(st.sampled_from(HAPPENS), min_size=1, max_size=4))
    def will_happen(self, what: list[str]) -> None:
        self.script = what

    @rule()
    def work(self) -> None:
        with suppress(Killed):
            advance(self.person.school_id, self.run_ids[-1])

    @rule()
    def an_old_message_comes_again(self) -> None:
        before = list(JOURNAL)
        if len(self.run_ids) > 1:
            advance(self.person.school_id, self.run_ids[0])
            assert before == JOURNAL

    @rule()
    def time_passes(self) -> None:
        past = timezone.now() - timedelta(seconds=1)
        with school_scope(self.person.school_id):
            Mark.objects.exclude(lease=None).update(lease_until=past)
        Due.objects.update(next_at=past)

    @rule()
    def a_person_cancels(self) -> None:
        runs.cancel(self.person.school_id, self.run_ids[-1])

    @precondition(lambda self: self.run_ids)
    @rule()
    def begin(self) -> None:
        """Begin, or begin anew: a live run is given back."""
        with school_scope(self.person.school_id):
            run_id = runs.start("trial", self.subject)
        if not self.run_ids or run_id != self.run_ids[-1]:
            self.run_ids.append(run_id)

    # --- what holds ----------------------------------------------------------------------------------------------

    @invariant()
    def what_lives_is_due_and_what_ended_is_not(self) -> None:
        assert not self.wrong
        with school_scope(self.person.school_id):
            found = {run.pk: run for run in Run.objects.filter(subject_id=self.subject)}
            due = set(Due.objects.filter(run_id__in=found).values_list("run_id", flat=True))
            marks = list(Mark.objects.filter(run_id__in=found))
        live = {pk for pk, run in found.items() if run.state not in ENDS}
        assert due == live, "a run that nobody will take up again, or one that is taken up for ever"
        assert len(live) <= 1
        assert all(mark.attempts <= 3 for mark in marks)
        ended = sum(each == "finished" or each.startswith("failed") for each in JOURNAL)
        assert ended == len(found) - len(live), "the end of each run is told once"
        for run in found.values():
            if run.state == RunState.DONE:
                mine = [mark for mark in marks if mark.run_id == run.pk]
                assert all(mark.is_done and mark.lease is None for mark in mine)
                done = [stage for run_id, stage in self.effects if run_id == run.pk]
                assert list(dict.fromkeys(done)) == list(STAGES), "every stage, in order"
            if run.state == RunState.FAILED:
                assert run.error_code and run.error_detail
                assert run.error_code != "late", "ended by one whose lease had run out"

    def teardown(self) -> None:
        """Let it come to its end: with nothing more in its way it does so in a few moves."""
        try:
            self.script = []
            with school_scope(self.person.school_id):
                live = Run.objects.filter(subject_id=self.subject).exclude(state__in=ENDS).exists()
            for _ in range(MOST_MOVES if live else 0):
                self.time_passes()
                self.work()
            self.what_lives_is_due_and_what_ended_is_not()
            assert not Due.objects.filter(run_id__in=self.run_ids).exists()
        finally:
            transaction.set_rollback(True)
            self._around.__exit__(None, None, None)
            trial.clear()


def test_work_ends_and_is_done_once_whatever_happens(ana: Person, settings: Any) -> None:
    """Red when `_still_ours` asks for no lease, when `_fail` leaves the row of `Due`, when hold() does not look."""
    trial.wire(settings)
    machine = type("Machine", (Worked,), {"person": ana})
    try:
        run_state_machine_as_test(
            machine, settings=hypothesis.settings(max_examples=RUNS, stateful_step_count=MOVES)
        )
    finally:
        trial.clear()
        trial.forget()
