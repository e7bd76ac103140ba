"""The tasks of a recording in people's hands: accepted, changed, ticked off, discarded, added."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from schools.admission import Member
from schools.refusals import Refused
from schools.scope import school_scope
from transcription import changing, transcripts
from transcription.models import Action, ActionState, Recording

TASK_MOST_CHARS = 500
OWNER_MOST_CHARS = 120
MOST_ACTIONS = 500


class NoSuchAction(Refused):
    """No such task in this recording."""

    code = "not_found"
    status = 404


class BadAction(Refused):
    """A task cannot be so."""

    code = "invalid"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person wants of a task; None leaves a field as it is. `clears_due`: it has no date any more."""

    owner: str | None = None
    task: str | None = None
    due: date | None = None
    clears_due: bool = False
    state: ActionState | None = None


def listed(member: Member, recording_id: UUID, *, states: tuple[str, ...] = ()) -> list[Action]:
    """Return the tasks of a recording in the order in which they were said; raise NoSuchRecording."""
    transcripts.get(member, recording_id)
    with school_scope(member.school_id):
        rows = Action.objects.filter(recording_id=recording_id)
        return list((rows.filter(state__in=states) if states else rows).order_by("from_s", "pk"))


def recording_of(member: Member, action_id: UUID) -> UUID:
    """Return the recording of a task that the member may see; raise NoSuchAction or NoSuchRecording."""
    with school_scope(member.school_id):
        found = Action.objects.filter(pk=action_id).values_list("recording_id", flat=True).first()
    if found is None:
        raise NoSuchAction(_("Esa tarea no existe."))
    return transcripts.get(member, found).id


def add(member: Member, recording_id: UUID, *, task: str, owner: str = "", due: date | None = None) -> Action:
    """Add a task that nobody heard, as open; raise NoSuchRecording, library.NotYours or BadAction."""
    with changing.opened(member, recording_id) as recording:
        if Action.objects.filter(recording=recording).count() >= MOST_ACTIONS:
            raise BadAction(_("La grabación ya tiene demasiadas tareas: %d como máximo.") % MOST_ACTIONS)
        row = Action(recording=recording, state=ActionState.OPEN, due=due)
        row.task, row.owner = _task(task), _owner(owner)
        return _kept(row, member)


def change(member: Member, recording_id: UUID, action_id: UUID, wanted: Wanted) -> Action:
    """Change a task; what a person touched is never made anew.

    Raises NoSuchRecording, library.NotYours, NoSuchAction or BadAction.
    """
    with changing.opened(member, recording_id) as recording:
        row = _row(recording, action_id)
        if wanted.task is not None:
            row.task = _task(wanted.task)
        if wanted.owner is not None:
            row.owner = _owner(wanted.owner)
        if wanted.clears_due or (wanted.due is not None and wanted.due != row.due):
            # The words said another day, or none: they would contradict what the person wrote.
            row.due, row.due_words = wanted.due, ""
        if wanted.state is not None:
            row.state = wanted.state
        elif row.state == ActionState.PROPOSED:
            row.state = ActionState.OPEN  # whoever corrects a task takes it for one
        return _kept(row, member)


def _row(recording: Recording, action_id: UUID) -> Action:
    row = Action.objects.select_for_update().filter(recording=recording, pk=action_id).first()
    if row is None:
        raise NoSuchAction(_("Esa tarea no está en la grabación."))
    return row


def _kept(row: Action, member: Member) -> Action:
    row.edited_by_id, row.edited_at = member.user_id, timezone.now()
    row.save()
    return row


def _task(text: str) -> str:
    clean = " ".join(text.replace("\0", "").split())
    if not clean:
        raise BadAction(_("Falta decir qué hay que hacer."), field="task")
    if len(clean) > TASK_MOST_CHARS:
        raise BadAction(
            _("La tarea es demasiado larga: %d caracteres como máximo.") % TASK_MOST_CHARS, field="task"
        )
    return clean


def _owner(text: str) -> str:
    clean = " ".join(text.replace("\0", "").split())
    if len(clean) > OWNER_MOST_CHARS:
        raise BadAction(
            _("El nombre es demasiado largo: %d caracteres como máximo.") % OWNER_MOST_CHARS, field="owner"
        )
    return clean
