"""The stage that finds out who speaks when: by channel, as an engine told, or about, by the voices."""

from typing import Any

from documents.models import Document
from pipeline.stages import Cancelled, Stage, Work
from schools.scope import school_scope
from transcription import sounds
from transcription.models import Part, Recording, SpeakersBy


def diarize(work: Work) -> None:
    """Write who speaks when; as many speakers as a person said, where one did."""
    with school_scope(work.school_id):
        document = Document.objects.filter(pk=work.subject_id, deleted_at=None).first()
        recording = Recording.objects.filter(pk=work.subject_id).first()
        told = list(Part.objects.filter(recording_id=work.subject_id).values_list("turns", flat=True))
    if document is None or recording is None:
        raise Cancelled
    if recording.channels == 2:
        return  # who speaks on which channel was written with the sound
    asked = recording.speakers_asked
    # Of several parts, each engine's call has numbers of its own, which say nothing of each other.
    if len(told) == 1 and told[0] and asked in (None, len({who for *_span, who in told[0]})):
        turns, by = told[0], SpeakersBy.MODEL
    else:
        turns = _approximate(work, document, recording)
        by = SpeakersBy.APPROXIMATE if turns else SpeakersBy.NOBODY
    with school_scope(work.school_id):
        work.hold()
        Recording.objects.filter(pk=recording.pk).update(turns=turns, speakers_by=by)


def _approximate(work: Work, document: Document, recording: Recording) -> list[Any]:
    from transcription import apart

    return apart.by_voices(
        [(float(from_s), float(to_s)) for from_s, to_s in recording.voice],
        lambda from_s, to_s: sounds.samples(document, from_s, to_s).mean(axis=1),
        count=recording.speakers_asked,
        report=lambda share: work.report(share, 1.0),
    )


DIARIZE = Stage(name="diarize", version=1, queue="cpu", run=diarize, weight=2)
