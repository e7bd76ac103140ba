"""A recording as its page shows it: what state it is in, what was said by whom, how it was written down."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from documents.models import Document, Status
from engines import words as engine_words
from pipeline import runs
from pipeline.models import ENDS
from schools.admission import Member
from schools.scope import school_scope
from transcription import transcripts
from transcription.brought import BROUGHT
from transcription.models import Part, Segment, SpeakersBy
from transcription.recordings import Listed
from transcription.templatetags.recordings import clock, unlocalized

COLOURS = 8
DOUBTFUL = 0.5  # words that were heard with less certainty are marked


@dataclass(frozen=True, slots=True)
class Line:
    """A segment as it stands on the page."""

    id: UUID
    rev: int
    t0: str  # its seconds, as scripts read them
    t1: str
    clock: str  # when it begins, as people do
    text: str
    speaker_id: UUID | None
    speaker: str
    colour: int  # 0: nobody was told apart
    goes_on: bool  # of the one who spoke before


@dataclass(frozen=True, slots=True)
class VoiceLine:
    """A speaker as the page lists them."""

    id: UUID
    name: str
    is_named: bool
    number: int
    colour: int
    seconds: float
    share: float
    segments: int


def colour_of(number: int) -> int:
    """Return which of the page's colours a speaker has, from 1."""
    return (number - 1) % COLOURS + 1


def voice_line(voice: transcripts.Voice) -> VoiceLine:
    """Return a speaker with their colour."""
    return VoiceLine(
        voice.id,
        voice.name,
        voice.is_named,
        voice.number,
        colour_of(voice.number),
        voice.seconds,
        voice.share,
        voice.segments,
    )


def state_of(document: Document, lines: Sequence[Line]) -> str:
    """Return what the page is about: working, failed, empty (nobody speaks) or ready."""
    if document.status in (Status.QUEUED, Status.PROCESSING):
        return "working"
    if document.status == Status.FAILED:
        return "failed"
    return "ready" if lines else "empty"


def context(member: Member, found: Listed) -> dict[str, Any]:
    """Return the transcript as the page shows it."""
    with school_scope(member.school_id):
        segments = list(transcripts.living(found.id))
        voices = [voice_line(each) for each in transcripts.voices(found.id)]
        removed = transcripts.removed(found.id) if found.entry.may_change else []
        parts = list(Part.objects.filter(recording_id=found.id).exclude(done_at=None).order_by("ordinal"))
        telling = runs.progress_of(("voices",), [found.id]).get(found.id)
    recording = found.recording
    lines = lines_of(segments)
    return {
        "state": state_of(found.entry.document, lines),
        "lines": lines,
        "voices": voices,
        "voice_choices": [
            {"id": str(each.id), "name": each.name, "is_named": each.is_named, "colour": each.colour}
            for each in voices
        ],
        "removed": lines_of(removed),
        "unheard": unheard(found.entry.document),
        "written_by": written_by(parts),
        "recording": recording,
        "is_telling_apart": telling is not None and telling.state not in ENDS,
        "is_approximate": recording is not None and recording.speakers_by == SpeakersBy.APPROXIMATE,
        "has_doubts": any(has_doubts(each) for each in segments),
    }


def lines_of(segments: Sequence[Segment]) -> list[Line]:
    """Return segments as they stand on the page, in the order given."""
    made: list[Line] = []
    for each in segments:
        made.append(
            Line(
                id=each.pk,
                rev=each.rev,
                t0=unlocalized(each.from_s),
                t1=unlocalized(each.to_s),
                clock=clock(each.from_s),
                text=each.text,
                speaker_id=each.speaker_id,
                speaker=each.speaker.shown if each.speaker else "",
                colour=colour_of(each.speaker.number) if each.speaker else 0,
                goes_on=bool(made) and each.speaker_id is not None and made[-1].speaker_id == each.speaker_id,
            )
        )
    return made


def unheard(document: Document) -> list[dict[str, Any]]:
    """Return what could not be heard and was not set aside: from_s and to_s (None: as a whole), reason."""
    told = [each for each in document.unreadable if not each.get("ignored")]
    return [
        {
            "from_s": (each["place"] or {}).get("from_s"),
            "to_s": (each["place"] or {}).get("to_s"),
            "reason": each["reason"],
        }
        for each in told
    ]


def has_doubts(segment: Segment) -> bool:
    """Say whether some word was heard with little certainty."""
    return any(word[3] is not None and word[3] < DOUBTFUL for word in segment.words)


def written_by(parts: Sequence[Part]) -> list[str]:
    """Return who wrote the transcript, and where, in words: most often one engine."""
    if any(part.runs == BROUGHT for part in parts):
        return [_("vino junto con la grabación")]
    pairs = dict.fromkeys((part.engine, part.runs) for part in parts if part.engine)
    return [
        _("%(engine)s, %(place)s")
        % {"engine": engine_words.engine(engine), "place": _lower(engine_words.runs(where))}
        for engine, where in pairs
    ]


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
