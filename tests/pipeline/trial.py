"""A kind of run whose three stages do what the test tells them; wired by settings.PIPELINES like any other."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from pipeline.stages import Stage, Work, stages_of, subject_of

Doing = Callable[[Work], None]

JOURNAL: list[str] = []
_DOINGS: dict[str, list[Doing]] = {}


class Killed(BaseException):
    """What a stage raises to end as a killed worker does: nothing is tidied up."""


def plan(stage: str, *doings: Doing) -> None:
    """Set what the stage does the first time, the second … and nothing after that."""
    _DOINGS[stage] = list(doings)


def _play(name: str) -> Doing:
    def run(work: Work) -> None:
        JOURNAL.append(name)
        if planned := _DOINGS.get(name):
            planned.pop(0)(work)

    return run


class _Told:
    """Writes down what the subject of a run is told."""

    def started(self, subject_id: UUID) -> None:
        JOURNAL.append("started")

    def finished(self, subject_id: UUID) -> None:
        JOURNAL.append("finished")

    def failed(self, subject_id: UUID, *, code: str, reason: str) -> None:
        JOURNAL.append(f"failed: {code}")


FIRST = Stage(name="first", version=1, queue="cpu", run=_play("first"), weight=1)
SECOND = Stage(name="second", version=1, queue="cpu", run=_play("second"), weight=2)
THIRD = Stage(name="third", version=1, queue="cpu", run=_play("third"), weight=1)
SUBJECT = _Told()

# The same with a stage in the middle that was changed, or that is for another queue.
SECOND_CHANGED = replace(SECOND, version=2)
SECOND_ELSEWHERE = replace(SECOND, queue="gpu")


def wire(settings: Any, *, second: str = "SECOND") -> None:
    """Wire the kind of run, as a new release of the product would."""
    here = "tests.pipeline.trial"
    settings.PIPELINES = {
        **settings.PIPELINES,
        "trial": (f"{here}.FIRST", f"{here}.{second}", f"{here}.THIRD"),
    }
    settings.PIPELINE_SUBJECTS = {**settings.PIPELINE_SUBJECTS, "trial": f"{here}.SUBJECT"}
    forget()


def forget() -> None:
    """Let the wiring be read again."""
    stages_of.cache_clear()
    subject_of.cache_clear()


def clear() -> None:
    """Forget what was planned and what happened."""
    JOURNAL.clear()
    _DOINGS.clear()
