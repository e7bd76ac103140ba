"""What a stage is, and what it may say of its work.

A stage takes ids, reads state again, may run twice, and carries a version: raising it redoes that stage and those
after it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Literal, Protocol
from uuid import UUID

from django.conf import settings
from django.utils.module_loading import import_string

from schools.ids import SchoolId, UserId

Queue = Literal["fast", "cpu", "gpu"]


class Later(Exception):
    """The work cannot be done now (an engine is busy, a store is down): again after `wait_s`, at no cost in tries.

    `told`: what staff are told that it waits for.
    """

    def __init__(self, wait_s: float, reason: str, *, told: str = "") -> None:
        super().__init__(reason)
        self.wait_s = wait_s
        self.told = told
        self.reason = reason


class Impossible(Exception):
    """The work can never be done as things are (a broken file): the run fails, with words for staff."""

    def __init__(self, reason: str, *, code: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code


class LeaseLost(Exception):
    """Somebody else holds the work now: stop, and write nothing."""


class Cancelled(Exception):
    """A person took the work back."""


class Work(Protocol):
    """One stage of one run, as the stage sees it."""

    @property
    def school_id(self) -> SchoolId: ...

    @property
    def subject_id(self) -> UUID: ...

    @property
    def asked_by(self) -> UserId | None:
        """Return in whose name the work reads; None where it is the school's own."""

    def report(self, done: float, total: float) -> None:
        """Tell how far the work is. Raises Cancelled or LeaseLost when it should stop."""

    def hold(self) -> None:
        """Make sure, inside the transaction that writes, that the lease is still ours; raise LeaseLost.

        Locks the mark until the transaction ends, so that a late worker changes no row.
        """


@dataclass(frozen=True, slots=True)
class Stage:
    """One step of a pipeline."""

    name: str
    version: int
    queue: Queue
    run: Callable[[Work], None]
    # Share of a run's time that this stage usually takes, for the progress that people see.
    weight: float = 1.0
    attempts: int = 3
    # What a worker imports before it forks, so that no work-horse pays for it.
    preload: Callable[[], None] | None = None


@cache
def stages_of(kind: str) -> tuple[Stage, ...]:
    """Return the stages of a kind of run, in order, as settings.PIPELINES wires them."""
    return tuple(import_string(path) for path in settings.PIPELINES[kind])


@cache
def subject_of(kind: str) -> "Subject":
    """Return who is told of a run's fate, as settings.PIPELINE_SUBJECTS wires it."""
    found: Subject = import_string(settings.PIPELINE_SUBJECTS[kind])
    return found


class Subject(Protocol):
    """What a run is about: a document, a recording. Called inside the school's scope."""

    def started(self, subject_id: UUID) -> None:
        """Note that work has begun."""

    def finished(self, subject_id: UUID) -> None:
        """Note that the last stage is done."""

    def failed(self, subject_id: UUID, *, code: str, reason: str) -> None:
        """Note that the run ended without its result."""
