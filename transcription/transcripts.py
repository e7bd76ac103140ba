"""Transcripts as a member reads them: who spoke, what was said and when, and where words stand in it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Sum

from engines.spanish import fold
from schools.admission import Member
from schools.scope import school_scope
from transcription import recordings, words
from transcription.models import Recording, Segment, Speaker
from transcription.recordings import Listed

QUERY_MOST_CHARS = 200
HITS_MOST = 500


@dataclass(frozen=True, slots=True)
class Voice:
    """A speaker of a recording and how long they were heard."""

    id: UUID
    number: int
    name: str  # as people read it
    is_named: bool  # by a person
    seconds: float
    share: float  # of all that was spoken, 0–1
    segments: int


@dataclass(frozen=True, slots=True)
class Hit:
    """Where words stand in a transcript."""

    segment_id: UUID
    first: int  # its first and last word in the segment, from 0
    last: int
    from_s: float
    to_s: float
    text: str  # the whole segment's


def get(member: Member, recording_id: UUID) -> Listed:
    """Return a recording; raise recordings.NoSuchRecording for what the member may not see."""
    return recordings.get(member, recording_id)


def living(recording_id: UUID) -> QuerySet[Segment]:
    """Return the segments that are read, in order. Inside a scope."""
    rows = Segment.objects.filter(recording_id=recording_id, deleted_at=None)
    return rows.select_related("speaker").order_by("from_s", "pk")


def segments(
    member: Member, recording_id: UUID, *, after: UUID | None = None, limit: int | None = None
) -> list[Segment]:
    """Return what was said, in order, from the segment after that of id `after`; raise NoSuchRecording."""
    get(member, recording_id)
    with school_scope(member.school_id):
        rows = living(recording_id)
        if after is not None:
            last = Segment.objects.filter(recording_id=recording_id, pk=after).first()
            if last is None:
                return []
            rows = rows.filter(Q(from_s__gt=last.from_s) | Q(from_s=last.from_s, pk__gt=last.pk))
        return list(rows[:limit] if limit is not None else rows)


def removed(recording_id: UUID) -> list[Segment]:
    """Return the segments that a person took away and that did not go into another. Inside a scope."""
    rows = Segment.objects.filter(recording_id=recording_id, versions__change="delete")
    gone = rows.exclude(deleted_at=None).select_related("speaker").distinct().order_by("from_s", "pk")
    return list(gone[:200])


def voices(recording_id: UUID) -> list[Voice]:
    """Return the speakers in the order in which they were first heard. Inside a scope."""
    is_read = Q(segments__deleted_at=None)
    rows = Speaker.objects.filter(recording_id=recording_id).annotate(
        heard_s=Sum(F("segments__to_s") - F("segments__from_s"), filter=is_read),
        heard=Count("segments", filter=is_read),
    )
    found = list(rows.order_by("number"))
    total = sum(each.heard_s or 0.0 for each in found) or 1.0
    return [
        Voice(
            id=each.pk,
            number=each.number,
            name=each.shown,
            is_named=bool(each.name),
            seconds=round(each.heard_s or 0.0, 3),
            share=(each.heard_s or 0.0) / total,
            segments=each.heard,
        )
        for each in found
    ]


def speakers(member: Member, recording_id: UUID) -> list[Voice]:
    """Return who speaks in a recording, with the time of each; raise NoSuchRecording."""
    get(member, recording_id)
    with school_scope(member.school_id):
        return voices(recording_id)


def peaks(member: Member, recording_id: UUID) -> bytes:
    """Return how loud a recording is, one byte for every tenth of a second; raise NoSuchRecording."""
    get(member, recording_id)
    with school_scope(member.school_id):
        found = Recording.objects.filter(pk=recording_id).values_list("peaks", flat=True).first()
    return bytes(found or b"")


def find(member: Member, recording_id: UUID, query: str, *, limit: int = HITS_MOST) -> list[Hit]:
    """Return where the words of `query` stand one after the other; accents and capitals do not matter.

    The last word of the query may be the beginning of one. Raises NoSuchRecording.
    """
    get(member, recording_id)
    wanted = [each for word in query[:QUERY_MOST_CHARS].split() if (each := _bare(word))]
    if not wanted:
        return []
    found: list[Hit] = []
    for segment in segments(member, recording_id):
        told = said(segment)
        bare = [_bare(str(word[0])) for word in told]
        for first in _places(bare, wanted):
            last = first + len(wanted) - 1
            place = (float(told[first][1]), float(told[last][2]))
            found.append(Hit(segment.pk, first, last, *place, segment.text))
            if len(found) == limit:
                return found
    return found


def said(segment: Segment) -> list[words.Word]:
    """Return the words of a segment, which say its text exactly, each with its seconds."""
    return words.timed(segment.words, segment.text, from_s=segment.from_s, to_s=segment.to_s)


def as_json(segment: Segment, *, with_words: bool = True) -> dict[str, Any]:
    """Return a segment as the API and the page's script know it; its speaker must be loaded."""
    told: dict[str, Any] = {
        "id": str(segment.pk),
        "t0": round(segment.from_s, 3),
        "t1": round(segment.to_s, 3),
        "text": segment.text,
        "speaker": str(segment.speaker_id) if segment.speaker_id else None,
        "speaker_name": segment.speaker.shown if segment.speaker else "",
        "conf": segment.confidence,
        "rev": segment.rev,
        "edited": segment.edited_at is not None,
    }
    return {**told, "words": said(segment)} if with_words else told


def recording_of(recording_id: UUID) -> Recording:
    """Return a recording's row, locked for a change. Inside a scope."""
    return Recording.objects.select_for_update().defer("peaks", "voice").get(pk=recording_id)


def _places(told: Sequence[str], wanted: Sequence[str]) -> Iterable[int]:
    *whole, begun = wanted
    size = len(whole)
    for first in range(len(told) - size):
        if list(told[first : first + size]) == whole and told[first + size].startswith(begun):
            yield first


def _bare(word: str) -> str:
    return fold(word).strip(words.MARKS)
