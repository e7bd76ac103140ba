"""The stage that makes segments and speakers of what was transcribed; what a person corrected stays."""

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

from django.utils import timezone

from pipeline.stages import Cancelled, Stage, Work
from schools.bulk import insert
from schools.scope import school_scope
from transcription import kept, words
from transcription.kept import Kept
from transcription.models import Part, Recording, Segment, SegmentVersion, Speaker
from transcription.segments import Draft, drafts
from transcription.stretches import Stretches

TOUCHED = 0.1  # of a second that a person gave to somebody: it says little of whose voice it is


def align(work: Work) -> None:
    """Make the segments anew, around those that a person edited or took away; names of speakers stay."""
    with school_scope(work.school_id):
        work.hold()
        recording = Recording.objects.select_for_update().filter(pk=work.subject_id).first()
        if recording is None:
            raise Cancelled
        parts = Part.objects.filter(recording=recording).order_by("ordinal")
        made = drafts([said for part in parts for said in part.spoken], recording.turns)
        before = list(Segment.objects.filter(recording=recording))
        by_channel = recording.channels == 2
        old = {each.pk: each for each in Speaker.objects.filter(recording=recording)}
        again = _heard_again(made, before, old)
        new = kept.besides(made, _kept(before, again if by_channel else {}), by_channel=by_channel)
        speakers = _speakers(recording, new, before, old, again)
        Segment.objects.filter(recording=recording, edited_at=None, deleted_at=None).delete()
        insert(
            [
                Segment(
                    school_id=recording.school_id,
                    recording=recording,
                    speaker=speakers.get(draft.speaker),
                    from_s=draft.from_s,
                    to_s=draft.to_s,
                    text=words.text_of(draft.words),
                    words=[list(word) for word in draft.words],
                    confidence=words.mean_confidence(draft.words),
                )
                for draft in new
            ]
        )
        recording.revision, recording.written_at = recording.revision + 1, timezone.now()
        recording.save(update_fields=["revision", "written_at"])


def _kept(before: Sequence[Segment], speakers: Mapping[int | None, Speaker]) -> list[Kept]:
    """Return what a person changed, with the words that it was made of before the first change."""
    rows = [each for each in before if each.edited_at or each.deleted_at]
    oldest: dict[UUID, SegmentVersion] = {}
    for version in SegmentVersion.objects.filter(segment__in=rows).order_by("-rev"):
        oldest[version.segment_id] = version
    return [
        Kept(
            from_s=each.from_s,
            to_s=each.to_s,
            signs=kept.signs([*each.words, *(oldest[each.pk].words if each.pk in oldest else ())]),
            channels=frozenset(
                number for number, speaker in speakers.items() if number and speaker.pk == each.speaker_id
            ),
        )
        for each in rows
    ]


def _speakers(
    recording: Recording,
    new: Sequence[Draft],
    before: Sequence[Segment],
    old: Mapping[UUID, Speaker],
    again: Mapping[int | None, Speaker],
) -> dict[int | None, Speaker]:
    """Return the speaker of each number, written down in the order in which they are heard now."""
    found: dict[int | None, Speaker] = dict(again)
    first: dict[UUID, tuple[float, Speaker]] = {}
    for draft in new:
        if draft.speaker is not None:
            speaker = found.setdefault(draft.speaker, Speaker(recording=recording))
            first.setdefault(speaker.pk, (draft.from_s, speaker))
    for segment in before:
        kept_of = old.get(segment.speaker_id) if segment.speaker_id else None
        if kept_of and (segment.edited_at or segment.deleted_at):
            from_s, _same = first.get(kept_of.pk, (segment.from_s, kept_of))
            first[kept_of.pk] = (min(from_s, segment.from_s), kept_of)
    Speaker.objects.filter(pk__in=old.keys() - first.keys()).delete()
    # Away first: no two may have one number, not for a moment.
    for offset in (1_000, 0):
        for place, (_from_s, row) in enumerate(sorted(first.values(), key=lambda each: each[0]), start=1):
            row.number = offset + place
            row.save()
    if recording.channels != 2:  # there a turn has the number of its channel
        order = {number: each.number for number, each in found.items() if each.pk in first}
        recording.turns = [[a, b, order[n]] for a, b, n in recording.turns if n in order]
        recording.save(update_fields=["turns"])
    return found


def _heard_again(
    made: Sequence[Draft], before: Sequence[Segment], old: Mapping[UUID, Speaker]
) -> dict[int | None, Speaker]:
    """Return of each number the speaker who was heard most there before, where there is one.

    One speaker gets one number, or all that are mostly theirs where a person made them of several voices.
    """
    earlier = Stretches((each.from_s, each.to_s, each) for each in before if each.speaker_id in old)
    shared: Counter[tuple[int, UUID]] = Counter()  # milliseconds
    for draft in made:
        for from_s, to_s, segment in earlier.about(draft.from_s, draft.to_s):
            if draft.speaker is not None and segment.speaker_id is not None:
                both_s = min(to_s, draft.to_s) - max(from_s, draft.from_s)
                weight = TOUCHED if segment.edited_at else 1
                shared[draft.speaker, segment.speaker_id] += round(1000 * weight * both_s)
    heard: Counter[int] = Counter()
    for (number, _key), length in shared.items():
        heard[number] += length
    found: dict[int | None, Speaker] = {}
    for (number, key), length in shared.most_common():
        is_free = old[key] not in found.values()
        if (
            length
            and number not in found
            and (is_free or (old[key].is_joined and 2 * length > heard[number]))
        ):
            found[number] = old[key]
    return found


ALIGN = Stage(name="align", version=1, queue="cpu", run=align, weight=0.5)
