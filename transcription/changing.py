"""What every correction of a transcript shares: who may, the recording held still, what it leaves behind."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from documents.library import NotYours
from schools.admission import Member
from schools.refusals import Refused
from schools.scope import school_scope
from transcription import transcripts
from transcription.models import Recording, Segment, Speaker
from transcription.recordings import NoSuchRecording


class NoSuchSegment(Refused):
    """No such segment in this recording, or one that was taken away."""

    code = "not_found"
    status = 404


class NoSuchSpeaker(Refused):
    """No such speaker in this recording."""

    code = "not_found"
    status = 404


class Stale(Refused):
    """Somebody else changed the segment meanwhile; `present` is what it says now."""

    code = "stale"
    status = 409

    def __init__(self, present: Segment) -> None:
        super().__init__(_("Otra persona cambió este fragmento mientras tanto. No se perdió nada."))
        self.present = present

    @property
    def extra(self) -> dict[str, Any]:
        """Return what the answer carries beside the sentence."""
        return {"segment": transcripts.as_json(self.present)}


@dataclass(frozen=True, slots=True)
class Changed:
    """What a correction left behind: the segments as they are now, and those that are there no more."""

    recording: Recording
    segments: tuple[Segment, ...] = ()
    removed: tuple[UUID, ...] = ()
    voices: tuple[transcripts.Voice, ...] = ()

    @property
    def segment(self) -> Segment:
        """Return the segment that was corrected."""
        return self.segments[0]


@contextmanager
def opened(member: Member, recording_id: UUID) -> Iterator[Recording]:
    """Open the scope with the recording in it, locked; raise NoSuchRecording or NotYours."""
    found = transcripts.get(member, recording_id)
    if not found.entry.may_change:
        raise NotYours(
            _("Solo quien subió la grabación, o quien administra la biblioteca, puede corregirla.")
        )
    if found.recording is None:
        raise NoSuchRecording(_("La grabación todavía no tiene transcripción."))
    with school_scope(member.school_id):
        yield transcripts.recording_of(recording_id)


def segment_of(
    recording: Recording, segment_id: UUID, rev: int, *, alike: str = "", even_deleted: bool = False
) -> Segment:
    """Return a segment to be changed; raise NoSuchSegment, or Stale unless it is `rev` or says `alike` already."""
    rows = Segment.objects.filter(recording=recording, pk=segment_id).select_related("speaker")
    segment = rows.first() if even_deleted else rows.filter(deleted_at=None).first()
    if segment is None:
        raise NoSuchSegment(_("Ese fragmento ya no está en la transcripción."))
    if segment.rev != rev and segment.text != alike:
        raise Stale(segment)
    return segment


def speaker_of(recording: Recording, speaker_id: UUID) -> Speaker:
    """Return a speaker; raise NoSuchSpeaker."""
    speaker = Speaker.objects.filter(recording=recording, pk=speaker_id).first()
    if speaker is None:
        raise NoSuchSpeaker(_("Ese hablante no está en la grabación."))
    return speaker


def told(recording: Recording, *segments: Segment, removed: tuple[UUID, ...] = ()) -> Changed:
    """Return what a correction left behind."""
    return Changed(recording, segments, removed, tuple(transcripts.voices(recording.pk)))
