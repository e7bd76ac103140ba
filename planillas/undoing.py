"""Taking back one's own last gestures, doing them again, and reading what was done to a planilla."""

from collections.abc import Sequence
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from planillas import changing, register
from planillas.changing import Changed, NoSuchRow, Opened, Unwritten
from planillas.models import Act, Edit, Row
from schools.admission import Member
from schools.ids import new_id
from schools.refusals import Refused
from schools.scope import school_scope

# What is no gesture to be taken back: it is one taken back, or a run's.
_NO_GESTURE = (Act.UNDO, Act.REDO, Act.REFILL)
HISTORY_MOST = 200


class NothingToUndo(Refused):
    """The person did nothing to this planilla that could be taken back, or done again."""

    code = "nothing_to_undo"
    status = 409


def undo(member: Member, planilla_id: UUID) -> Changed:
    """Take back the person's last gesture; what others changed since stays, and is told in `unwritten`.

    Raises as changing.opened, and NothingToUndo.
    """
    with changing.opened(member, planilla_id) as planilla:
        last = _own(planilla).filter(undone_at=None).order_by("-pk").first()
        if last is None:
            raise NothingToUndo(_("No hay ningún cambio propio para deshacer."))
        return _turn(planilla, last.batch, back=True)


def redo(member: Member, planilla_id: UUID) -> Changed:
    """Do the gesture again that the person took back last; a new gesture forgets those taken back. Raises as `undo`."""
    with changing.opened(member, planilla_id) as planilla:
        last = _own(planilla).exclude(undone_at=None).order_by("-undone_at", "-pk").first()
        if last is None or _own(planilla).filter(undone_at=None, at__gt=last.undone_at).exists():
            raise NothingToUndo(_("No hay ningún cambio propio para rehacer."))
        return _turn(planilla, last.batch, back=False)


def history(
    member: Member,
    planilla_id: UUID,
    *,
    row_id: UUID | None = None,
    column: str = "",
    limit: int = HISTORY_MOST,
) -> list[Edit]:
    """Return what people did, newest first: to the planilla, a row or a cell. Raises NoSuchPlanilla or NoSuchRow."""
    with school_scope(member.school_id):
        entry = register.get_within(member, planilla_id)
        edits = Edit.objects.filter(planilla=entry.planilla).select_related("by", "row").order_by("-pk")
        if row_id is not None:
            if not Row.objects.filter(planilla=entry.planilla, pk=row_id).exists():
                raise NoSuchRow(_("Una de esas filas no está en la planilla."))
            edits = edits.filter(row_id=row_id)
        if column:
            edits = edits.filter(column__in=(column, ""))
        return list(edits[:limit])


def _own(planilla: Opened) -> QuerySet[Edit]:
    mine = Edit.objects.filter(planilla=planilla.planilla, by_id=planilla.member.user_id)
    return mine.exclude(act__in=_NO_GESTURE)


def _turn(planilla: Opened, batch: UUID, *, back: bool) -> Changed:
    """Make what a gesture changed what it was before, or after it again."""
    edits = list(_own(planilla).filter(batch=batch).order_by("pk"))
    rows = planilla.rows(edit.row_id for edit in edits)
    gesture, now = new_id(), timezone.now()
    others = _touched_since(planilla, edits) if back else set()
    unwritten: list[Unwritten] = []
    act = Act.UNDO if back else Act.REDO
    # Rows come back before their cells do, and go after them.
    for edit in sorted(edits, key=lambda each: (each.column == "") is back):
        row = rows[edit.row_id]
        if edit.column:
            done = _turn_cell(row, edit, back=back)
        else:
            done = _turn_row(row, edit, back=back, is_touched=row.pk in others)
        if done:
            before, after = (edit.after, edit.before) if back else (edit.before, edit.after)
            planilla.note(row, act, gesture, column=edit.column, before=before, after=after)
        else:
            detail = _("Otra persona cambió esto después: se dejó como está.")
            unwritten.append(Unwritten(row.pk, edit.column, "planilla_changed", detail))
    # Also what could not be turned: it would stand before all earlier gestures for ever.
    stamp = now if back else None
    Edit.objects.filter(planilla=planilla.planilla, pk__in=[edit.pk for edit in edits]).update(
        undone_at=stamp
    )
    planilla.write()
    return planilla.left(batch=gesture, unwritten=unwritten, also=rows.values())


def _turn_cell(row: Row, edit: Edit, *, back: bool) -> bool:
    present, wanted = (edit.after, edit.before) if back else (edit.before, edit.after)
    told = row.read()
    if row.deleted_at is not None or changing.one(edit.column, told.get(edit.column)) != present:
        return False
    told[edit.column] = changing.cell_of(wanted, edit.column)
    row.write(told)
    return True


def _turn_row(row: Row, edit: Edit, *, back: bool, is_touched: bool) -> bool:
    """Take a row away, or bring it back."""
    to_go = (edit.act == Act.ADD_ROW) is back
    if is_touched or (row.deleted_at is not None) is to_go:
        return False
    row.deleted_at = timezone.now() if to_go else None
    return True


def _touched_since(planilla: Opened, edits: Sequence[Edit]) -> set[UUID]:
    """Return the rows that the gesture added and that others have written in since."""
    added = [edit.row_id for edit in edits if edit.act == Act.ADD_ROW]
    living = Edit.objects.filter(planilla=planilla.planilla, row_id__in=added, undone_at=None)
    written = living.exclude(batch=edits[0].batch).exclude(act__in=_NO_GESTURE)
    return set(written.values_list("row_id", flat=True)) if added else set()
