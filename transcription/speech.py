"""The stage that writes down what is said, part by part; each part is kept as soon as it is done, and never redone.

Parts that are done stay with a new try, whoever wrote them: to have them written anew they are deleted first, as
transcription.recordings.transcribe does for another language. A part that nobody can do now waits, with all that
comes after it; what was done before it is safe.
"""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from documents import places
from documents.models import Document
from documents.places import Time
from pipeline.stages import Cancelled, Impossible, Stage, Work
from schools.scope import school_scope
from transcription import brought, dictation, parts
from transcription.exports.told import clock
from transcription.models import Part, Recording
from transcription.parts import Planned

NOT_UNDERSTOOD = "not_understood"  # code of what this stage tells of a recording


def transcribe(work: Work) -> None:
    """Write down every part that is not written down yet, in order; tell what was not understood."""
    document, recording = _read(work)
    with school_scope(work.school_id):
        if brought.is_whole(recording):
            return
    planned = parts.plan(recording.voice)
    done = _settle(work, recording, planned)
    total_s = sum(each.seconds for each in planned) or 1.0
    done_s = sum(planned[number].seconds for number in done)
    language = recording.language or next((done[number] for number in sorted(done) if done[number]), "")
    for number, part in enumerate(planned):
        if number in done:
            continue
        work.report(done_s, total_s)

        def report(share: float, before_s: float = done_s, part_s: float = part.seconds) -> None:
            work.report(before_s + share * part_s, total_s)

        heard = dictation.write_down(
            work, document, recording, number, part, language=language, report=report
        )
        language = language or heard
        done_s += part.seconds
    _tell(work, recording, planned)


def _read(work: Work) -> tuple[Document, Recording]:
    with school_scope(work.school_id):
        document = Document.objects.filter(pk=work.subject_id, deleted_at=None).first()
        recording = Recording.objects.filter(pk=work.subject_id).first()
    if document is None or recording is None:
        raise Cancelled
    if not recording.has_sound:
        raise Impossible(_("La grabación no tiene sonido que se pueda oír."), code="no_sound")
    return document, recording


def _settle(work: Work, recording: Recording, planned: Sequence[Planned]) -> dict[int, str]:
    """Take away what is not of this plan; return the language of the parts that are done, by number."""
    with school_scope(work.school_id):
        work.hold()
        done: dict[int, str] = {}
        for row in Part.objects.filter(recording_id=recording.pk):
            if not _is_of(row, planned):
                row.delete()  # of another sound, or of other voice in it
            elif row.done_at is not None:
                done[row.ordinal] = row.language if row.spoken else ""
        return done


def _is_of(row: Part, planned: Sequence[Planned]) -> bool:
    if row.ordinal >= len(planned):
        return False
    part = planned[row.ordinal]
    return abs(row.from_s - part.from_s) < 0.01 and abs(row.to_s - part.to_s) < 0.01


def _tell(work: Work, recording: Recording, planned: Sequence[Planned]) -> None:
    """Tell where somebody speaks and nothing was written down; what a person set aside stays so."""
    with school_scope(work.school_id):
        work.hold()
        rows = Part.objects.filter(recording_id=recording.pk).values_list("spoken", flat=True)
        spoken = [(each["from_s"], each["to_s"]) for said in rows for each in said]
        missed = parts.without_words([each for part in planned for each in part.voice], spoken)
        document = Document.objects.select_for_update().get(pk=recording.pk)
        ignored = [each["place"] for each in document.unreadable if each.get("ignored")]
        others = [each for each in document.unreadable if each["code"] != NOT_UNDERSTOOD]
        document.unreadable = [*others, *(_missed(*each, ignored=ignored) for each in missed)]
        document.save(update_fields=["unreadable"])


def _missed(from_s: float, to_s: float, *, ignored: Sequence[dict[str, Any]]) -> dict[str, Any]:
    place = places.to_json(Time(round(from_s, 1), round(to_s, 1)))
    reason = _("De %(a)s a %(b)s se oye una voz, y no se entendió lo que dice.")
    return {
        "place": place,
        "reason": reason % {"a": clock(from_s), "b": clock(to_s)},
        "code": NOT_UNDERSTOOD,
        "ignored": place in ignored,
    }


TRANSCRIBE = Stage(name="transcribe", version=1, queue="gpu", run=transcribe, weight=10)
