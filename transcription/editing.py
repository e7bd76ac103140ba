"""A person's corrections of what was said. Each is kept in the segment's history and goes to the index.

Who said it: transcription.speakers.
"""

from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from schools.admission import Member
from schools.refusals import Refused
from transcription import history, revising, speakers, transcripts, words
from transcription.changing import Changed, opened, segment_of, speaker_of, told
from transcription.models import Change, Segment

TEXT_MOST_CHARS = 5_000


class BadText(Refused):
    """The text is empty or too long."""

    code = "invalid"


class CannotSplit(Refused):
    """A segment is divided between two of its words."""

    code = "cannot_split"


class NothingToJoin(Refused):
    """No segment follows."""

    code = "nothing_to_join"
    status = 409


def edit_text(
    member: Member, recording_id: UUID, segment_id: UUID, *, text: str, rev: int, continues: bool = False
) -> Changed:
    """Write what was really said; words that stay keep their seconds.

    `continues`: the person goes on writing after a save of their own. Raises NoSuchRecording, NotYours, NoSuchSegment,
    Stale or BadText.
    """
    written = " ".join(text.split())
    if not 1 <= len(written) <= TEXT_MOST_CHARS or "\0" in written:
        raise BadText(_("El texto debe tener de 1 a %d caracteres.") % TEXT_MOST_CHARS, field="text")
    with opened(member, recording_id) as recording:
        # What was sent twice, or written by two alike, is no quarrel.
        segment = segment_of(recording, segment_id, rev, alike=written)
        if segment.text != written:
            known = transcripts.said(segment)
            history.keep(segment, Change.TEXT, member.user_id, continues=continues)
            segment.words = words.correct(known, written, from_s=segment.from_s, to_s=segment.to_s)
            segment.text = written
            segment.confidence = words.mean_confidence(segment.words)
            segment.save()
            revising.changed(recording)
        return told(recording, segment)


def set_speaker(
    member: Member, recording_id: UUID, segment_id: UUID, *, speaker_id: UUID | None, rev: int
) -> Changed:
    """Say who spoke; None: nobody knows. Raises as `edit_text`, and NoSuchSpeaker."""
    with opened(member, recording_id) as recording:
        segment = segment_of(recording, segment_id, rev)
        if segment.speaker_id != speaker_id:
            speaker = speaker_of(recording, speaker_id) if speaker_id else None
            history.keep(segment, Change.SPEAKER, member.user_id)
            segment.speaker = speaker
            segment.save()
            revising.changed(recording)
        return told(recording, segment)


def set_new_speaker(member: Member, recording_id: UUID, segment_id: UUID, *, name: str, rev: int) -> Changed:
    """Say that somebody spoke who is not among the speakers yet. Raises as `set_speaker` and speakers.new_speaker."""
    with opened(member, recording_id) as recording:
        segment_of(recording, segment_id, rev)
        speaker = speakers.new_speaker(member, recording_id, name=name)
        return set_speaker(member, recording_id, segment_id, speaker_id=speaker.pk, rev=rev)


def split(member: Member, recording_id: UUID, segment_id: UUID, *, at_word: int, rev: int) -> Changed:
    """Make two segments of one, the second from word `at_word` on (from 0). Raises as `edit_text`, and CannotSplit."""
    with opened(member, recording_id) as recording:
        segment = segment_of(recording, segment_id, rev)
        try:
            first, second = words.split(transcripts.said(segment), at_word)
        except ValueError:
            raise CannotSplit(_("Un fragmento se divide entre dos de sus palabras.")) from None
        history.keep(segment, Change.SPLIT, member.user_id)
        at_s = float(second[0][1])
        later = Segment.objects.create(
            recording=recording,
            speaker=segment.speaker,
            from_s=at_s,
            to_s=max(segment.to_s, at_s),
            text=words.text_of(second),
            words=second,
            confidence=words.mean_confidence(second),
            edited_by_id=member.user_id,
            edited_at=segment.edited_at,
        )
        segment.words, segment.text = first, words.text_of(first)
        segment.to_s = float(first[-1][2])
        segment.confidence = words.mean_confidence(first)
        segment.save()
        revising.changed(recording)
        return told(recording, segment, later)


def merge(member: Member, recording_id: UUID, segment_id: UUID, *, rev: int) -> Changed:
    """Join a segment with the next one; its speaker stays. Raises as `edit_text`, and NothingToJoin."""
    with opened(member, recording_id) as recording:
        segment = segment_of(recording, segment_id, rev)
        following = transcripts.living(recording.pk).filter(from_s__gte=segment.from_s).exclude(pk=segment.pk)
        later = next(
            (each for each in following if (each.from_s, each.pk) > (segment.from_s, segment.pk)), None
        )
        if later is None:
            raise NothingToJoin(_("No hay un fragmento después de este."))
        joined = [*transcripts.said(segment), *transcripts.said(later)]
        if len(words.text_of(joined)) > TEXT_MOST_CHARS:
            raise BadText(_("El texto debe tener de 1 a %d caracteres.") % TEXT_MOST_CHARS, field="text")
        history.keep(segment, Change.MERGE, member.user_id)
        history.keep(later, Change.MERGE, member.user_id)
        later.deleted_at = timezone.now()
        later.save()
        segment.words, segment.text = joined, words.text_of(joined)
        segment.to_s = max(segment.to_s, later.to_s)
        segment.confidence = words.mean_confidence(joined)
        segment.save()
        revising.changed(recording)
        return told(recording, segment, removed=(later.pk,))


def delete(member: Member, recording_id: UUID, segment_id: UUID, *, rev: int) -> Changed:
    """Take a segment out of the transcript; `restore` brings it back. Raises as `edit_text`."""
    with opened(member, recording_id) as recording:
        segment = segment_of(recording, segment_id, rev)
        history.keep(segment, Change.DELETE, member.user_id)
        segment.deleted_at = timezone.now()
        segment.save()
        revising.changed(recording)
        return told(recording, segment, removed=(segment.pk,))


def restore(member: Member, recording_id: UUID, segment_id: UUID, *, version: int, rev: int) -> Changed:
    """Make a segment what it was at revision `version`, also one that was taken away.

    Raises as `edit_text`, and history.NoSuchVersion.
    """
    with opened(member, recording_id) as recording:
        segment = segment_of(recording, segment_id, rev, even_deleted=True)
        back, gone = history.bring_back(segment, version, member.user_id)
        revising.changed(recording)
        return told(recording, segment, *back, removed=tuple(each.pk for each in gone))
