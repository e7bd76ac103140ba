"""A planilla while it is being filled: what it is, how far it came, and the one way to write of it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone

from documents.models import Document
from engines.base import ChatRequest
from engines.errands import Errand
from pipeline.stages import Cancelled, Work
from planillas import asking, columns, fill_prompt, filled, register
from planillas.asking import Answer, Desk, Unusable
from planillas.columns import Column
from planillas.fill_prompt import Sheet
from planillas.filled import Filled
from planillas.gathering import Known
from planillas.models import Planilla, Source, State
from planillas.standing import Standing, Wanted
from schools.admission import Member
from schools.ids import SchoolId, UserId
from schools.scope import school_scope


@dataclass(frozen=True, slots=True)
class Read:
    """A source with its document as it is now; None: it is gone."""

    source: Source
    document: Document | None

    @property
    def id(self) -> UUID:
        """Return the document's id, also after it is gone."""
        return self.source.document_id_then


@dataclass(slots=True)
class Filling:
    """A planilla at work. `lines`: of all its sources, to tell progress by; `done`: of them; `standing`: who asked."""

    work: Work
    planilla: Planilla
    columns: tuple[Column, ...]
    sources: Sequence[Read]
    filled: Filled
    known: Known
    standing: Standing
    lines: float = 1.0
    done: float = 0.0

    @property
    def school_id(self) -> SchoolId:
        """Return the school."""
        return self.work.school_id

    @property
    def sheet(self) -> Sheet:
        """Return what the planilla is about, as engines are told it."""
        return Sheet(self.planilla.title, self.planilla.row_is, self.planilla.instructions)

    @property
    def desk(self) -> Desk:
        """Return for whom engines are asked."""
        user_id = self.standing.user_id
        return Desk(
            school_id=self.school_id,
            planilla_id=self.planilla.pk,
            user_id=UserId(user_id) if user_id else None,
            typed=fill_prompt.persons_words(self.sheet, self.columns),
        )

    def report(self) -> None:
        """Tell how far it is; raise what ends it: Cancelled, LeaseLost or standing.NoLonger."""
        self.work.report(min(self.done, self.lines), self.lines)
        self.standing.check()

    def ask(self, request: ChatRequest, errand: Errand) -> Answer:
        """Return what an engine that writes answers, as long as it is wanted; raise as asking.ask, or as report."""
        wanted = Wanted(self.report)
        try:
            return asking.ask(request, errand, is_wanted=wanted)
        except Unusable:
            wanted.check()
            raise

    @contextmanager
    def writing(self) -> Iterator[int]:
        """Open the scope to write in, lease and planilla held; give the rev of what is written.

        How far it came is stored with what was written, or neither is. Raises standing.NoLonger, and then nothing is.
        """
        with school_scope(self.school_id):
            self.work.hold()
            now = Planilla.objects.select_for_update().filter(pk=self.planilla.pk, deleted_at=None).first()
            if now is None:
                raise Cancelled
            self.standing.look()
            yield now.rev + 1
            # What was approved is no longer what it shows.
            state = State.REVIEW if now.state == State.APPROVED else now.state
            self._save(rev=now.rev + 1, state=state)

    def save(self, **fields: Any) -> None:
        """Store how far it came, and other fields of the planilla, where no cell was written."""
        with school_scope(self.school_id):
            self.work.hold()
            self._save(**fields)

    def _save(self, **fields: Any) -> None:
        stored = filled.to_json(self.filled)
        Planilla.objects.filter(pk=self.planilla.pk).update(
            filled=stored, changed_at=timezone.now(), **fields
        )


def opened(work: Work) -> Filling:
    """Return the planilla that is the run's subject; raise Cancelled where it was deleted, or standing.NoLonger."""
    with school_scope(work.school_id):
        planilla = Planilla.objects.filter(pk=work.subject_id, deleted_at=None).first()
        if planilla is None:
            raise Cancelled
        told = filled.from_json(planilla.filled)
        standing = _standing(work, planilla, told)
        standing.look()
        rows = Source.objects.filter(planilla_id=planilla.pk).select_related("document").order_by("ordinal")
        sources = [Read(each, _living(each.document)) for each in rows]
    shown = columns.from_json(planilla.columns)
    return Filling(
        work=work,
        planilla=planilla,
        columns=shown,
        sources=sources,
        filled=told,
        known=Known(work.school_id, planilla.pk, shown),
        standing=standing,
    )


def _standing(work: Work, planilla: Planilla, told: Filled) -> Standing:
    def is_seen(member: Member) -> bool:
        return register.visible(member).filter(pk=planilla.pk).exists()

    by = told.refill.get("by")  # of a run that was begun before runs knew who asked for them
    user_id = work.asked_by or (UUID(by) if by else planilla.created_by_id)
    return Standing(work.school_id, user_id, planilla.created_by_id, is_seen)


def _living(document: Document | None) -> Document | None:
    return document if document is not None and document.deleted_at is None else None
