"""The summary of a recording as a member reads it, corrects it, and has it made anew."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from engines.errands import Purpose
from engines.models import Charge, ChargeState
from pipeline import runs
from pipeline.models import ENDS
from pipeline.runs import Progress
from schools.admission import Member
from schools.ids import RunId
from schools.refusals import Refused
from schools.scope import school_scope
from transcription import changing, transcripts
from transcription.models import Action, ActionState, Digest, empty_digest
from transcription.recordings import Listed

PARTS = ("bullets", "risks", "ideas", "topics")
MOST_LINES = 30
LINE_MOST_CHARS = 500


class NoDigest(Refused):
    """The recording has no summary yet."""

    code = "no_digest"
    status = 404


class BadLine(Refused):
    """A line is too long, or there are too many."""

    code = "invalid"


class Overtaken(Refused):
    """The summary was changed or made anew meanwhile."""

    code = "stale"
    status = 409


class Line(TypedDict):
    """A line of a summary; seconds None where a person added it."""

    text: str
    from_s: float | None
    to_s: float | None


@dataclass(frozen=True, slots=True)
class Made:
    """Who made a summary, where, and what that took; all empty for rules."""

    engine: str = ""
    runs: str = ""
    cost_u: int = 0
    currency: str = ""
    decision_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A recording with its summary and tasks. `digest` None: none was made yet."""

    listed: Listed
    digest: Digest | None
    actions: tuple[Action, ...]
    making: Progress | None  # the work that makes it anew, while it lasts
    made: Made

    @property
    def is_outdated(self) -> bool:
        """Say whether the transcript was corrected after the summary was made."""
        recording = self.listed.recording
        return recording is not None and self.digest is not None and self.digest.revision < recording.revision

    @property
    def seen(self) -> str:
        """Return what tells this state of the summary from any other."""
        if self.digest is None:
            return ""
        return (self.digest.edited_at or self.digest.made_at).isoformat()


def get(member: Member, recording_id: UUID) -> Entry:
    """Return the summary and the tasks of a recording; raise NoSuchRecording."""
    return of(member, transcripts.get(member, recording_id))


def of(member: Member, listed: Listed) -> Entry:
    """Return the summary and the tasks of a recording that the member was shown."""
    with school_scope(member.school_id):
        digest = Digest.objects.filter(recording_id=listed.id).select_related("edited_by").first()
        actions = Action.objects.filter(recording_id=listed.id).order_by("from_s", "pk")
        making = runs.progress_of(("digesting",), [listed.id]).get(listed.id)
        return Entry(
            listed=listed,
            digest=digest,
            actions=tuple(actions),
            making=making if making and making.state not in ENDS else None,
            made=_made(digest) if digest else Made(),
        )


def write(member: Member, recording_id: UUID, content: Mapping[str, Sequence[Line]], *, seen: str) -> Entry:
    """Keep the summary as a person wrote it; `seen`: the state they read (`Entry.seen`), "" for none.

    Raises NoSuchRecording, library.NotYours, Overtaken or BadLine.
    """
    clean: dict[str, Any] = {name: [_clean(line) for line in content.get(name, ())] for name in PARTS}
    for name in PARTS:
        clean[name] = [line for line in clean[name] if line["text"]]
        if len(clean[name]) > MOST_LINES:
            raise BadLine(_("Son demasiadas líneas: %d como máximo.") % MOST_LINES, field=name)
    with changing.opened(member, recording_id) as recording:
        row = Digest.objects.select_for_update().filter(recording=recording).first()
        now = (row.edited_at or row.made_at).isoformat() if row else ""
        if now != seen:
            raise Overtaken(
                _("Otra persona cambió el resumen mientras tanto: conviene leerlo antes de seguir.")
            )
        row = row or Digest(
            recording=recording, made_by="", revision=recording.revision, content=empty_digest()
        )
        row.content = clean
        row.edited_by_id, row.edited_at = member.user_id, timezone.now()
        row.save()
    return get(member, recording_id)


def regenerate(member: Member, recording_id: UUID) -> RunId:
    """Have summary and tasks made anew out of the transcript as it is; raise NoSuchRecording or library.NotYours.

    What a person wrote into the summary goes; tasks that a person accepted, changed or discarded stay.
    """
    with changing.opened(member, recording_id) as recording:
        Digest.objects.filter(recording=recording).update(edited_by=None, edited_at=None)
        return runs.start("digesting", recording.pk)


def proposed(actions: Sequence[Action]) -> int:
    """Return how many tasks nobody has accepted or discarded."""
    return sum(each.state == ActionState.PROPOSED for each in actions)


def _clean(line: Line) -> dict[str, Any]:
    text = " ".join(str(line["text"]).replace("\0", "").split())
    if len(text) > LINE_MOST_CHARS:
        raise BadLine(
            _("La línea es demasiado larga: %d caracteres como máximo.") % LINE_MOST_CHARS, field="text"
        )
    return {"text": text, "from_s": line["from_s"], "to_s": line["to_s"]}


def _made(digest: Digest) -> Made:
    """Return who made a digest, with the cost of all calls for it. Inside a scope."""
    if not digest.made_by:
        return Made()
    rows = Charge.objects.filter(
        decision__subject_id=digest.recording_id, purpose=Purpose.SUMMARISE, state=ChargeState.SETTLED
    )
    told = list(rows.order_by("-pk").values_list("engine", "runs", "actual_u", "currency"))
    where = next((runs for engine, runs, *_rest in told if engine == digest.made_by), "")
    return Made(
        engine=digest.made_by,
        runs=where,
        cost_u=sum(cost for *_rest, cost, _currency in told),
        currency=told[0][3] if told else "",
        decision_id=digest.decision_id,
    )
