"""Who spoke in a recording: named, made one, told apart again."""

from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from pipeline import runs
from schools.admission import Member
from schools.ids import RunId
from schools.refusals import Refused
from transcription import revising, transcripts
from transcription.changing import Changed, NoSuchSpeaker, opened, speaker_of, told
from transcription.models import Change, Segment, SegmentVersion, Speaker
from transcription.recordings import SPEAKERS_MOST

NAME_MOST_CHARS = 80
VOICES_MOST = 99  # of one recording, those included that a person added


class BadName(Refused):
    """The name is too long."""

    code = "invalid"


class NameTaken(Refused):
    """Another speaker of the recording has this name already: the two can be made one."""

    code = "name_taken"
    status = 409


class TooManySpeakers(Refused):
    """More speakers than a recording can have."""

    code = "too_many_speakers"


def new_speaker(member: Member, recording_id: UUID, *, name: str = "") -> Speaker:
    """Return one speaker more; raise NoSuchRecording, NotYours, BadName, NameTaken or TooManySpeakers."""
    given = _name(name)
    with opened(member, recording_id) as recording:
        every = list(Speaker.objects.filter(recording=recording).order_by("number"))
        _check_name(given, every)
        number = max((each.number for each in every), default=0) + 1
        if number > VOICES_MOST:
            raise TooManySpeakers(_("Una grabación puede tener hasta %d hablantes.") % VOICES_MOST)
        return Speaker.objects.create(recording=recording, number=number, name=given)


def rename_speaker(member: Member, recording_id: UUID, speaker_id: UUID, *, name: str) -> Changed:
    """Name a speaker in the whole recording; "" takes the name away.

    Raises NoSuchRecording, NotYours, NoSuchSpeaker, BadName or NameTaken.
    """
    given = _name(name)
    with opened(member, recording_id) as recording:
        speaker = speaker_of(recording, speaker_id)
        if speaker.name != given:
            _check_name(given, list(Speaker.objects.filter(recording=recording).exclude(pk=speaker_id)))
            speaker.name = given
            speaker.save(update_fields=["name"])
            revising.changed(recording)
        return told(recording)


def merge_speakers(member: Member, recording_id: UUID, speaker_id: UUID, *, into_id: UUID) -> Changed:
    """Make two speakers one: all that the first said, the second said. Raises as `rename_speaker`."""
    with opened(member, recording_id) as recording:
        speaker, into = speaker_of(recording, speaker_id), speaker_of(recording, into_id)
        if speaker.pk == into.pk:
            return told(recording)
        said = list(transcripts.living(recording.pk).filter(speaker=speaker))
        now = timezone.now()
        SegmentVersion.objects.bulk_create(
            SegmentVersion(
                segment=each,
                rev=each.rev,
                change=Change.SPEAKER,
                text=each.text,
                words=each.words,
                speaker_name=speaker.shown,
                from_s=each.from_s,
                to_s=each.to_s,
                changed_by_id=member.user_id,
                changed_at=now,
            )
            for each in said
        )
        # Not marked as edited: who spoke can be told apart again, and then these are to follow.
        for each in said:
            each.speaker, each.rev = into, each.rev + 1
        Segment.objects.bulk_update(said, ["speaker", "rev"])
        Segment.objects.filter(recording=recording, speaker=speaker).update(speaker=into)
        if recording.channels != 2:  # there a turn has the number of its channel, not of its speaker
            recording.turns = [
                [from_s, to_s, into.number if number == speaker.number else number]
                for from_s, to_s, number in recording.turns
            ]
            recording.save(update_fields=["turns"])
        into.is_joined = True
        into.save(update_fields=["is_joined"])
        speaker.delete()
        revising.changed(recording)
        return told(recording, *said)


def tell_apart(member: Member, recording_id: UUID, *, speakers: int | None) -> RunId:
    """Find out again who spoke, given how many people did (None: nobody knows); speakers made one may be two again.

    Raises NoSuchRecording, NotYours or TooManySpeakers.
    """
    if speakers is not None and not 1 <= speakers <= SPEAKERS_MOST:
        raise TooManySpeakers(_("Pueden ser de 1 a %d personas.") % SPEAKERS_MOST, field="speakers")
    with opened(member, recording_id) as recording:
        recording.speakers_asked = speakers
        recording.save(update_fields=["speakers_asked"])
        Speaker.objects.filter(recording=recording).update(is_joined=False)
        return runs.start("voices", recording.pk)


def id_from(text: str) -> UUID | None:
    """Return the id that a form names; None for none."""
    if not text:
        return None
    try:
        return UUID(text)
    except ValueError:
        raise NoSuchSpeaker(_("Ese hablante no está en la grabación.")) from None


def _name(text: str) -> str:
    given = " ".join(text.split())
    if len(given) > NAME_MOST_CHARS or "\0" in given:
        raise BadName(_("El nombre puede tener hasta %d caracteres.") % NAME_MOST_CHARS, field="name")
    return given


def _check_name(name: str, others: list[Speaker]) -> None:
    if name and any(each.shown.casefold() == name.casefold() for each in others):
        raise NameTaken(_("Ya hay un hablante que se llama %s. Se pueden unir los dos.") % name, field="name")
