"""A person's changes of a planilla: its cells and its rows. Each gesture is kept: who, when, what it was.

Taking them back and reading what was done: planillas.undoing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from planillas import cells, changing, identity, placing, values
from planillas.cells import Cell, Status
from planillas.changing import Changed, Opened, PlanillaChanged, TooManyAtOnce, Unwritten
from planillas.columns import Column
from planillas.models import Act, Edit, Row
from schools.admission import Member
from schools.ids import new_id
from schools.refusals import Refused

CELLS_MOST = 5_000  # of one request; a larger paste comes in several that share a batch
ROWS_MOST = 1_000


class NotWritten(Refused):
    """Some of the values are none of their column's; nothing was written. `cells`: which, and why."""

    code = "bad_value"

    def __init__(self, unwritten: Sequence[Unwritten]) -> None:
        super().__init__(unwritten[0].detail, field=unwritten[0].column)
        self.cells = tuple(unwritten)

    @property
    def extra(self) -> dict[str, Any]:
        """Return each of the cells, and why."""
        return {
            "cells": [
                {"row": str(each.row_id), "column": each.column, "code": each.code, "detail": each.detail}
                for each in self.cells
            ]
        }


class NoSuchCandidate(Refused):
    """The cell has no such value to choose."""

    code = "no_such_candidate"


@dataclass(frozen=True, slots=True)
class Change:
    """One cell to be changed.

    `value`: as a person wrote it or a program sends it; None or "" empties the cell. `choose`: instead, the number
    (from 0) of one of the cell's candidates. `rev`: of the row, as it was seen; None: not asked.
    """

    row_id: UUID
    column: str
    value: object = None
    choose: int | None = None
    rev: int | None = None


def change_cells(
    member: Member,
    planilla_id: UUID,
    changes: Sequence[Change],
    *,
    began_from: int | None = None,
    cell_by_cell: bool = False,
    batch: UUID | None = None,
) -> Changed:
    """Write cells, all as one gesture; return the rows as they are then.

    `began_from`: the planilla's rev that was seen: raises PlanillaChanged, with nothing written, when one of the rows
    was changed since, but never for what says the same already. `cell_by_cell`: what is no value of its column is
    left out and told in `Changed.unwritten`; without it raises NotWritten and writes nothing. `batch`: of a gesture
    that came in several requests. Raises as changing.opened, and NoSuchRow, NoSuchColumn, TooManyAtOnce.
    """
    if len(changes) > CELLS_MOST:
        raise TooManyAtOnce(_("Se pueden cambiar hasta %d celdas por vez.") % CELLS_MOST)
    gesture, at = batch or new_id(), timezone.now()
    with changing.opened(member, planilla_id) as planilla:
        rows = planilla.rows(each.row_id for each in changes)
        told = {row_id: row.read() for row_id, row in rows.items()}
        wanted, unwritten = _wanted(planilla, told, changes, at=at)
        _hold_to(planilla, rows, wanted, began_from=began_from)
        if unwritten and not cell_by_cell:
            raise NotWritten(unwritten)
        for change, cell, act in wanted:
            row, present = rows[change.row_id], told[change.row_id]
            before = present.get(change.column)
            if _alike(before, cell):
                continue
            present[change.column] = cell
            planilla.note(
                row,
                act,
                gesture,
                column=change.column,
                before=changing.one(change.column, before),
                after=changing.one(change.column, cell),
            )
        for row in planilla.touched.values():
            row.write(told[row.pk])
            row.keys = _keys(row, told[row.pk], planilla.entry.columns)
        planilla.write()
        return planilla.left(batch=gesture, unwritten=unwritten, also=rows.values())


def add_row(
    member: Member,
    planilla_id: UUID,
    *,
    after: UUID | None = None,
    count: int = 1,
    batch: UUID | None = None,
) -> Changed:
    """Add empty rows behind a row, or at the end; return them.

    `batch`: a gesture's own id: asked for again with it (an answer was lost), the rows are not added twice. Raises as
    changing.opened, and NoSuchRow, TooManyAtOnce.
    """
    if not 1 <= count <= ROWS_MOST:
        raise TooManyAtOnce(_("Se pueden agregar de 1 a %d filas por vez.") % ROWS_MOST)
    gesture = batch or new_id()
    with changing.opened(member, planilla_id) as planilla:
        if after is not None:
            planilla.rows([after])
        known = _added(planilla, gesture) if batch else []
        if known:
            return planilla.left(also=known)
        positions = placing.behind(planilla.planilla, after, count=count)
        made = [
            Row(planilla=planilla.planilla, position=position, made_by="person", rev=planilla.rev)
            for position in positions
        ]
        Row.objects.bulk_create(made)
        for row in made:
            planilla.note(row, Act.ADD_ROW, gesture)
        planilla.write()
        return planilla.left(batch=gesture)


def remove_rows(
    member: Member,
    planilla_id: UUID,
    rows: Iterable[UUID],
    *,
    revs: Mapping[UUID, int] | None = None,
    began_from: int | None = None,
) -> Changed:
    """Take rows away; `undoing.undo` brings them back.

    Raises as `change_cells`; what is away already is no quarrel.
    """
    asked = list(rows)
    if len(asked) > ROWS_MOST:
        raise TooManyAtOnce(_("Se pueden quitar hasta %d filas por vez.") % ROWS_MOST)
    gesture, now = new_id(), timezone.now()
    with changing.opened(member, planilla_id) as planilla:
        found = planilla.rows(asked)
        moved = [
            row
            for row in found.values()
            if row.deleted_at is None and _moved(row, (revs or {}).get(row.pk), began_from=began_from)
        ]
        if moved:
            raise PlanillaChanged(planilla.planilla.rev, moved)
        for row in found.values():
            if row.deleted_at is None:
                row.deleted_at = now
                planilla.note(row, Act.REMOVE_ROW, gesture)
        planilla.write()
        return planilla.left(batch=gesture, also=found.values())


def _wanted(
    planilla: Opened, told: Mapping[UUID, cells.Cells], changes: Sequence[Change], *, at: datetime
) -> tuple[list[tuple[Change, Cell, Act]], list[Unwritten]]:
    """Return the cells as they are to be, and those that cannot be so."""
    wanted: list[tuple[Change, Cell, Act]] = []
    unwritten: list[Unwritten] = []
    for change in changes:
        column = planilla.column(change.column)
        present = told[change.row_id].get(change.column, cells.EMPTY)
        try:
            wanted.append((change, *_become(planilla, present, change, column, at=at)))
        except (values.BadValue, NoSuchCandidate) as error:
            unwritten.append(Unwritten(change.row_id, change.column, error.code, error.detail))
    return wanted, unwritten


def _become(
    planilla: Opened, present: Cell, change: Change, column: Column, *, at: datetime
) -> tuple[Cell, Act]:
    by = planilla.member.user_id
    if change.choose is not None:
        if not 0 <= change.choose < len(present.candidates):
            raise NoSuchCandidate(_("Ese valor ya no está entre los que se pueden elegir."))
        chosen = present.candidates[change.choose]
        # A person's word, so that no run writes over it; and still with the place that says so.
        made = replace(cells.edited(present, chosen.value, by=by, at=at), sources=chosen.sources)
        return replace(made, candidates=present.candidates), Act.CHOOSE
    value = values.accept(change.value, column)
    return cells.edited(present, value, by=by, at=at), Act.CLEAR if value is None else Act.EDIT


def _hold_to(
    planilla: Opened,
    rows: Mapping[UUID, Row],
    wanted: Sequence[tuple[Change, Cell, Act]],
    *,
    began_from: int | None,
) -> None:
    """Raise PlanillaChanged where somebody else was faster."""
    moved: dict[UUID, Row] = {}
    for change, cell, _act in wanted:
        row = rows[change.row_id]
        is_alike = row.deleted_at is None and _alike(row.read().get(change.column), cell)
        if row.deleted_at is not None or (_moved(row, change.rev, began_from=began_from) and not is_alike):
            moved[row.pk] = row
    if moved:
        raise PlanillaChanged(
            planilla.planilla.rev,
            [row for row in moved.values() if row.deleted_at is None],
            [row.pk for row in moved.values() if row.deleted_at is not None],
        )


def _moved(row: Row, seen: int | None, *, began_from: int | None) -> bool:
    if seen is not None:
        return row.rev != seen
    return began_from is not None and row.rev > began_from


def _alike(present: Cell | None, cell: Cell) -> bool:
    """Say whether a cell says already what a person wants it to, on a person's word or as it was found.

    A stale, invalid or disputed one is never alike: writing the same over it is how a person settles it.
    """
    if present is None:
        return cell.value is None
    settled = present.status in (Status.EDITED, Status.FOUND)
    # 1 and True are equal to Python, and two values to a planilla.
    same = present.value == cell.value and type(present.value) is type(cell.value)
    return settled and same and (not cell.sources or present.sources == cell.sources)


def _keys(row: Row, told: cells.Cells, columns: Sequence[Column]) -> list[str]:
    """Return what the row is known by: also what it was, so that a refill still knows it by its source's words."""
    said = {key: cell.value for key, cell in told.items() if cell.value is not None}
    return list(dict.fromkeys([*identity.keys(said, columns), *row.keys]))


def _added(planilla: Opened, batch: UUID) -> list[Row]:
    edits = Edit.objects.filter(
        planilla=planilla.planilla, batch=batch, act=Act.ADD_ROW, by_id=planilla.member.user_id
    )
    return [edit.row for edit in edits.select_related("row")]
