"""What is known of a recording beside its words, as tables: tasks, agreements, who was there, each with its seconds."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from django.utils.translation import gettext as _

from documents.blocks import Kind, ParsedBlock, table_text
from documents.places import Time
from planillas.records import Numbered
from transcription import acta_content
from transcription.models import Acta, Action, ActionState, Recording

FROM = 1_000_000_000
"""The ordinal of the first of them: far behind every block that a document may have."""


def facts(recording_id: UUID) -> list[Numbered]:
    """Return what is known of a recording; a task that a person rejected is not. Inside a scope."""
    whole = Recording.objects.filter(pk=recording_id).values_list("duration_s", "document__title").first()
    if whole is None:
        return []
    acta = Acta.objects.filter(recording_id=recording_id).first()
    held_on = f"{acta.held_on:%d/%m/%Y}" if acta and acta.held_on else ""
    blocks = [*_tasks(recording_id, whole[0] or 0.0, (whole[1], held_on))]
    if acta is not None:
        blocks += _minutes(acta, whole[0] or 0.0, (acta.title or whole[1], held_on))
    return [Numbered(FROM + at, block) for at, block in enumerate(blocks)]


def _tasks(recording_id: UUID, whole_s: float, meeting: tuple[str, str]) -> Iterator[ParsedBlock]:
    rows = Action.objects.filter(recording_id=recording_id).exclude(state=ActionState.REJECTED)
    header = (_("Tarea"), _("Responsable"), _("Fecha límite"), _("Estado"), *_meeting())
    # What is only proposed has no state that anybody gave it.
    states = {ActionState.OPEN: _("Pendiente"), ActionState.DONE: _("Cumplido")}
    for each in rows.order_by("from_s", "pk"):
        due = f"{each.due:%d/%m/%Y}" if each.due else each.due_words
        state = states.get(ActionState(each.state), "")
        cells = (each.task, each.owner, due, state, *meeting)
        yield _table(header, cells, each.from_s, each.to_s, whole_s)


def _minutes(row: Acta, whole_s: float, meeting: tuple[str, str]) -> Iterator[ParsedBlock]:
    written = acta_content.of_row(row)
    for agreement in written.agreements:
        cells = (agreement.what, agreement.who, agreement.due, *meeting)
        header = (_("Acuerdo"), _("Responsable"), _("Plazo"), *_meeting())
        yield _table(header, cells, agreement.from_s, agreement.to_s, whole_s)
    for person in written.attendance:
        cells = (person.name, person.role, _("Sí") if person.is_present else _("No"), *meeting)
        header = (_("Nombre"), _("Función"), _("Presente"), *_meeting())
        yield _table(header, cells, person.from_s, None, whole_s)


def _meeting() -> tuple[str, str]:
    return _("Reunión"), _("Fecha de la reunión")


def _table(
    header: tuple[str, ...], cells: Sequence[str], from_s: float | None, to_s: float | None, whole_s: float
) -> ParsedBlock:
    """Return a table of one row: each row has seconds of its own, and so is a block."""
    line = tuple(" ".join(each.split()) for each in cells)
    place = Time(0.0, whole_s) if from_s is None else Time(from_s, max(from_s, to_s or from_s))
    return ParsedBlock(
        kind=Kind.TABLE, text=table_text((header, line)), place=place, level=1, cells=(header, line)
    )
