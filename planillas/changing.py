"""What every change of a planilla by a person shares: who may, what is held still, what it leaves behind."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from planillas import cells, register
from planillas.cells import Cell
from planillas.columns import Column
from planillas.models import Act, Edit, Planilla, Row, State
from planillas.register import Entry
from schools.admission import Member
from schools.refusals import Refused
from schools.scope import school_scope

_OF_A_ROW = (
    "cells",
    "places",
    "keys",
    "rev",
    "found",
    "edited",
    "conflict",
    "stale",
    "invalid",
    "deleted_at",
)


class NoSuchRow(Refused):
    """No such row in this planilla."""

    code = "not_found"
    status = 404


class NoSuchColumn(Refused):
    """No such column in this planilla."""

    code = "no_such_column"


class StillFilling(Refused):
    """The planilla is being filled for the first time: a person's change would be lost in it."""

    code = "still_filling"
    status = 409


class TooManyAtOnce(Refused):
    """More cells or rows than one gesture may carry."""

    code = "too_many"


class PlanillaChanged(Refused):
    """Somebody else changed those cells meanwhile. Nothing was written.

    `present`: the rows as they are now; `gone`: those that were taken away.
    """

    code = "planilla_changed"
    status = 409

    def __init__(self, rev: int, present: Sequence[Row] = (), gone: Sequence[UUID] = ()) -> None:
        super().__init__(
            _(
                "Otra persona cambió esas celdas mientras tanto. No se perdió nada: revisar y repetir el cambio."
            )
        )
        self.rev, self.present, self.gone = rev, tuple(present), tuple(gone)

    @property
    def extra(self) -> dict[str, Any]:
        """Return what the answer carries beside the sentence: which rows, and how they are now."""
        return {
            "rev": self.rev,
            "rows": [
                {
                    "id": str(row.pk),
                    "rev": row.rev,
                    "cells": {key: told.get("v") for key, told in row.cells.items()},
                }
                for row in self.present
            ],
            "removed": [str(each) for each in self.gone],
        }


@dataclass(frozen=True, slots=True)
class Unwritten:
    """A cell that was not changed, and why, in words for staff."""

    row_id: UUID
    column: str
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Changed:
    """What a change left behind: the rows as they are now, those that are there no more, and what was not taken."""

    rev: int
    state: str
    rows: tuple[Row, ...] = ()
    removed: tuple[UUID, ...] = ()
    unwritten: tuple[Unwritten, ...] = ()
    batch: UUID | None = None


@dataclass(slots=True)
class Opened:
    """A planilla that is being changed: nobody else changes it until the scope ends."""

    entry: Entry
    member: Member
    rev: int  # of what is changed now
    edits: list[Edit] = field(default_factory=list)
    touched: dict[UUID, Row] = field(default_factory=dict)

    @property
    def planilla(self) -> Planilla:
        """Return the planilla."""
        return self.entry.planilla

    def column(self, key: str) -> Column:
        """Return a column; raise NoSuchColumn."""
        found = next((each for each in self.entry.columns if each.key == key), None)
        if found is None:
            raise NoSuchColumn(_("La planilla no tiene esa columna."), field="column")
        return found

    def rows(self, ids: Iterable[UUID]) -> dict[UUID, Row]:
        """Return rows, also those taken away, held until the scope ends; raise NoSuchRow where one is not here."""
        asked = set(ids)
        # Ordered, so that two who hold the same rows do not wait for each other forever.
        held = Row.objects.filter(planilla=self.planilla, pk__in=asked).order_by("pk").select_for_update()
        found = {row.pk: row for row in held}
        if len(found) != len(asked):
            raise NoSuchRow(_("Una de esas filas no está en la planilla."))
        return found

    def note(
        self, row: Row, act: Act, batch: UUID, *, column: str = "", before: Any = None, after: Any = None
    ) -> None:
        """Remember what was done to a row, and that it was touched."""
        self.touched[row.pk] = row
        self.edits.append(
            Edit(
                planilla=self.planilla,
                row=row,
                batch=batch,
                act=act,
                column=column,
                before=before or {},
                after=after or {},
                by_id=self.member.user_id,
            )
        )

    def write(self) -> None:
        """Store the rows that were touched, what was done to them, and that the planilla is not what it was."""
        if not self.touched:
            return
        for row in self.touched.values():
            row.rev = self.rev
        Row.objects.bulk_update(self.touched.values(), _OF_A_ROW, batch_size=500)
        Edit.objects.bulk_create(self.edits, batch_size=2_000)
        raise_rev(self.planilla)

    def left(
        self, *, batch: UUID | None = None, unwritten: Sequence[Unwritten] = (), also: Iterable[Row] = ()
    ) -> Changed:
        """Return what the change left behind."""
        rows = {row.pk: row for row in also} | self.touched
        return Changed(
            rev=self.rev if self.touched else self.planilla.rev,
            state=self.planilla.state,
            rows=tuple(row for row in rows.values() if row.deleted_at is None),
            removed=tuple(row.pk for row in rows.values() if row.deleted_at is not None),
            unwritten=tuple(unwritten),
            batch=batch if self.touched else None,
        )


@contextmanager
def opened(member: Member, planilla_id: UUID) -> Iterator[Opened]:
    """Open the scope with the planilla in it, locked; raise NoSuchPlanilla, NotYours or StillFilling."""
    with school_scope(member.school_id):
        entry = register.changeable(member, planilla_id)
        if entry.planilla.state == State.FILLING:
            raise StillFilling(
                _(
                    "La planilla todavía se está completando. Se podrá corregir cuando termine, o al detenerla."
                )
            )
        yield Opened(entry, member, entry.planilla.rev + 1)


def raise_rev(planilla: Planilla) -> None:
    """Note that a planilla was changed: what was approved is no longer what it shows. Inside a scope."""
    state = State.REVIEW if planilla.state == State.APPROVED else planilla.state
    now = timezone.now()
    Planilla.objects.filter(pk=planilla.pk).update(rev=F("rev") + 1, state=state, changed_at=now)
    planilla.rev, planilla.state, planilla.changed_at = planilla.rev + 1, state, now


def one(key: str, cell: Cell | None) -> dict[str, Any]:
    """Return one cell as an Edit keeps it; nothing for none."""
    packed = cells.pack({key: cell or cells.EMPTY})
    return {"cells": packed.cells, "places": packed.sources} if packed.cells else {}


def cell_of(kept: dict[str, Any], key: str) -> Cell:
    """Return the cell that `one` kept."""
    return cells.unpack(kept["cells"], kept["places"])[key] if kept else cells.EMPTY
