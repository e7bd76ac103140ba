"""What is known of a recording beside its words, as tables: tasks, agreements, who was there, each with its seconds."""

from collections.abc import Iterator, Sequence
from datetime import date
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
    row = (
        Recording.objects.filter(pk=recording_id).select_related("document").defer("peaks", "voice", "turns")
    )
    recording = row.first()
    if recording is None:
        return []
    acta = Acta.objects.filter(recording_id=recording_id).first()
    held_on = _day(acta.held_on) if acta else ""
    # What is said of each: which meeting, and of which day.
    meeting = (recording.document.title, held_on)
    blocks = [*_tasks(recording, meeting), *_minutes(recording, acta, meeting)]
    return [Numbered(FROM + at, block) for at, block in enumerate(blocks)]


def _tasks(recording: Recording, meeting: tuple[str, str]) -> Iterator[ParsedBlock]:
    rows = Action.objects.filter(recording_id=recording.pk).exclude(state=ActionState.REJECTED)
    # As whoever follows up agreements says it; of what nobody confirmed there is nothing to say.
    states = {ActionState.OPEN: _("Pendiente"), ActionState.DONE: _("Cumplido")}
    header = (_("Tarea"), _("Responsable"), _("Fecha límite"), _("Estado"), *_of_meeting())
    for each in rows.order_by("from_s", "pk"):
        state = states.get(ActionState(each.state), "")
        cells = (each.task, each.owner, _day(each.due), state, *meeting)
        yield _table(header, cells, each.from_s, each.to_s, recording.duration_s)


def _minutes(recording: Recording, acta: Acta | None, meeting: tuple[str, str]) -> Iterator[ParsedBlock]:
    if acta is None:
        return
    written = acta_content.of_row(acta)
    for agreement in written.agreements:
        cells = (agreement.what, agreement.who, agreement.due, *meeting)
        header = (_("Acuerdo"), _("Responsable"), _("Plazo"), *_of_meeting())
        yield _table(header, cells, agreement.from_s, agreement.to_s, recording.duration_s)
    for person in written.attendance:
        cells = (person.name, person.role, _("Sí") if person.is_present else _("No"), *meeting)
        header = (_("Nombre"), _("Función"), _("Presente"), *_of_meeting())
        yield _table(header, cells, person.from_s, None, recording.duration_s)


def _of_meeting() -> tuple[str, str]:
    return _("Reunión"), _("Fecha de la reunión")


def _day(day: date | None) -> str:
    return f"{day:%d/%m/%Y}" if day else ""


def _table(
    header: tuple[str, ...],
    cells: Sequence[str],
    from_s: float | None,
    to_s: float | None,
    whole_s: float | None,
) -> ParsedBlock:
    """Return a table of one row: each row has seconds of its own, and so is a block."""
    line = tuple(" ".join(each.split()) for each in cells)
    place = Time(0.0, whole_s or 0.0) if from_s is None else Time(from_s, max(from_s, to_s or from_s))
    return ParsedBlock(
        kind=Kind.TABLE, text=table_text((header, line)), place=place, level=1, cells=(header, line)
    )
