"""A planilla while it is being filled: what it is, how far it came, and the one way to write of it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone

from documents.models import Document
from pipeline.stages import Cancelled, Work
from planillas import columns, fill_prompt, filled
from planillas.asking import Desk
from planillas.columns import Column
from planillas.fill_prompt import Sheet
from planillas.filled import Filled
from planillas.gathering import Known
from planillas.models import Planilla, Source, State
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
    """A planilla at work. `lines`: of all its sources, to tell progress by; `done`: of them."""

    work: Work
    planilla: Planilla
    columns: tuple[Column, ...]
    sources: Sequence[Read]
    filled: Filled
    known: Known
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
        user_id = self.filled.refill.get("by") or self.planilla.created_by_id
        return Desk(
            school_id=self.school_id,
            planilla_id=self.planilla.pk,
            user_id=UserId(UUID(str(user_id))) if user_id else None,
            typed=fill_prompt.persons_words(self.sheet, self.columns),
        )

    def report(self) -> None:
        """Tell how far it is."""
        self.work.report(min(self.done, self.lines), self.lines)

    @contextmanager
    def writing(self) -> Iterator[int]:
        """Open the scope to write in, lease and planilla held; give the rev of what is written.

        How far it came is stored with what was written, or neither is.
        """
        with school_scope(self.school_id):
            self.work.hold()
            now = Planilla.objects.select_for_update().filter(pk=self.planilla.pk, deleted_at=None).first()
            if now is None:
                raise Cancelled
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
    """Return the planilla that is the run's subject; raise Cancelled where it was deleted."""
    with school_scope(work.school_id):
        planilla = Planilla.objects.filter(pk=work.subject_id, deleted_at=None).first()
        if planilla is None:
            raise Cancelled
        rows = Source.objects.filter(planilla_id=planilla.pk).select_related("document").order_by("ordinal")
        sources = [Read(each, _living(each.document)) for each in rows]
    shown = columns.from_json(planilla.columns)
    return Filling(
        work=work,
        planilla=planilla,
        columns=shown,
        sources=sources,
        filled=filled.from_json(planilla.filled),
        known=Known(work.school_id, planilla.pk, shown),
    )


def _living(document: Document | None) -> Document | None:
    return document if document is not None and document.deleted_at is None else None
