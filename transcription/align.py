"""The stage that makes segments and speakers of what was transcribed; what a person corrected stays."""

from collections import Counter

from django.utils import timezone

from pipeline.stages import Cancelled, Stage, Work
from schools.bulk import insert
from schools.scope import school_scope
from transcription import words
from transcription.models import Part, Recording, Segment, Speaker
from transcription.segments import Draft, drafts


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
        kept = [each for each in before if each.edited_at or each.deleted_at]
        new = [draft for draft in made if not any(_overlap(draft, each) for each in kept)]
        speakers = _speakers(recording, made, before)
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


def _overlap(draft: Draft, segment: Segment) -> float:
    return max(0.0, min(draft.to_s, segment.to_s) - max(draft.from_s, segment.from_s))


def _speakers(recording: Recording, made: list[Draft], before: list[Segment]) -> dict[int | None, Speaker]:
    """Return the speaker of each number: the one who was heard most there before, or a new one."""
    old = {each.pk: each for each in Speaker.objects.filter(recording=recording)}
    shared: Counter[tuple[int, object]] = Counter()
    for segment in before:
        for draft in made:
            if draft.speaker is not None and segment.speaker_id in old:
                shared[draft.speaker, segment.speaker_id] += round(1000 * _overlap(draft, segment))
    found: dict[int | None, Speaker] = {}
    for (number, key), length in shared.most_common():
        if length and number not in found and key in old:
            found[number] = old.pop(key)  # type: ignore[call-overload]
    still = {each.speaker_id for each in before if each.edited_at or each.deleted_at}
    left = [each for each in old.values() if each.pk in still]
    Speaker.objects.filter(pk__in=[key for key in old if key not in still]).delete()
    numbers = dict.fromkeys(draft.speaker for draft in made if draft.speaker is not None)
    rows = [found.setdefault(number, Speaker(recording=recording)) for number in numbers]
    # Away first: no two may have one number, not for a moment.
    for offset in (1_000, 0):
        for place, row in enumerate([*rows, *left], start=1):
            row.number = offset + place
            row.save()
    order = {number: found[number].number for number in numbers}
    if recording.channels != 2:  # there a turn has the number of its channel
        recording.turns = [[a, b, order[n]] for a, b, n in recording.turns if n in order]
        recording.save(update_fields=["turns"])
    return found


ALIGN = Stage(name="align", version=1, queue="cpu", run=align, weight=0.5)
