"""One part of a recording, written down by an engine and kept."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from documents.models import Document
from engines import labels, router
from engines.base import (
    BadAnswer,
    Busy,
    EngineError,
    Misconfigured,
    NoEngine,
    OutOfFunds,
    Sound,
    Spoken,
    Unavailable,
)
from engines.errands import Errand, Labelled, Purpose
from engines.hearing import Heard
from pipeline.stages import Cancelled, Impossible, Later, Work
from schools.scope import school_scope
from transcription import channels, estimate, sounds
from transcription.models import Part, Recording
from transcription.parts import Planned

WAIT_S = 60.0  # until an engine is looked for again
BUSY_S = 15.0
PATIENCE_S = 20.0  # for a place at an engine that is full


@dataclass(slots=True)
class _Written:
    """What was heard in a part so far, as its row keeps it."""

    language: str
    spoken: list[dict[str, Any]] = field(default_factory=list)
    turns: list[list[float]] = field(default_factory=list)
    heard: Heard | None = None


def write_down(
    work: Work,
    document: Document,
    recording: Recording,
    number: int,
    part: Planned,
    *,
    language: str,
    report: Callable[[float], None],
) -> str:
    """Have a part written down and keep it; return its language, "" when nothing was said in it.

    `report` is told the share done. Raises Later when nobody can do it now, Impossible when nobody ever will.
    """
    written = _Written(language)
    errand = _errand(work, document, recording)
    with tempfile.TemporaryDirectory(prefix="speech-") as folder:
        given = list(_sounds(document, recording, part, Path(folder)))
        for at, (channel, sound) in enumerate(given):

            def tell(share: float, before: int = at) -> None:
                report((before + share) / len(given))

            heard = _ask(errand, replace(sound, language=written.language, report=tell))
            _note(written, heard, part, channel)
    written.spoken.sort(key=lambda each: (each["from_s"], each["to_s"]))
    _keep(work, recording, number, part, written)
    return written.language if written.spoken else ""


def _sounds(
    document: Document, recording: Recording, part: Planned, folder: Path
) -> Iterator[tuple[int, Sound]]:
    """Yield the files to be heard with their channel: 0 for all there is, from 1 where each is a voice of its own."""
    path = folder / "part.flac"
    sounds.part(document, part.from_s, part.to_s, path)
    if recording.channels != 2:
        speakers = recording.speakers_asked
        yield 0, Sound(path=path, seconds=part.seconds, voice=part.inside(), speakers=speakers)
        return
    for number, file in enumerate(channels.split(path, folder), start=1):
        if voice := channels.voice_on(number, recording.turns, part):
            yield number, Sound(path=file, seconds=part.seconds, voice=voice, speakers=1)


def _ask(errand: Errand, sound: Sound) -> Heard:
    """Return what an engine hears; raise Later, Impossible, or BadAnswer, which the pipeline tries a few times."""
    try:
        return router.transcribe(sound, errand)
    except BadAnswer:
        raise
    except NoEngine as error:
        choice = router.explain(errand.fresh(), task="transcribe", seconds=sound.seconds)
        why = error.detail if choice.candidates else estimate.refusal(choice)
        told = _("La grabación espera un motor que la transcriba. %s") % why
        raise Later(WAIT_S, error.detail, told=told) from error
    except (Unavailable, Misconfigured, OutOfFunds) as error:
        wait_s = WAIT_S
        if isinstance(error, Unavailable):
            wait_s = error.wait_s if isinstance(error, Busy) and error.wait_s is not None else BUSY_S
        told = _("La grabación espera y no se pierde. %s") % error.detail
        raise Later(wait_s, error.detail, told=told) from error
    except EngineError as error:
        raise Impossible(error.detail, code=error.code) from error


def _errand(work: Work, document: Document, recording: Recording) -> Errand:
    def reread() -> list[Labelled]:
        with school_scope(work.school_id):
            living = Document.objects.filter(pk=document.pk, deleted_at=None)
            found = living.values_list("sensitivity", flat=True).first()
        if found is None:
            raise Cancelled
        return [Labelled(_("la grabación"), labels.of(found))]

    return Errand(
        school_id=work.school_id,
        purpose=Purpose.TRANSCRIBE,
        parts=tuple(reread()),
        subject_id=document.pk,
        language=recording.language or "es",
        patience_s=PATIENCE_S,
        reread=reread,
    )


def _note(written: _Written, heard: Heard, part: Planned, channel: int) -> None:
    """Add what was heard, in seconds of the whole recording."""
    transcript = heard.transcript
    found = [_stored(each, part.from_s) for each in transcript.segments]
    if channel:
        # Who spoke is known, also where both do at once.
        found = [{**each, "speaker": channel} for each in found]
        written.turns.extend([each["from_s"], each["to_s"], channel] for each in found)
    else:
        written.turns.extend(
            [round(begins + part.from_s, 3), round(ends + part.from_s, 3), who]
            for begins, ends, who in transcript.turns
        )
    written.spoken.extend(found)
    written.heard = heard
    if found:
        written.language = written.language or transcript.language[:8]


def _stored(spoken: Spoken, from_s: float) -> dict[str, Any]:
    return {
        "text": spoken.text,
        "from_s": round(spoken.start_s + from_s, 3),
        "to_s": round(spoken.end_s + from_s, 3),
        "confidence": _share(spoken.confidence),
        "words": [
            [
                word.text,
                round(word.start_s + from_s, 3),
                round(word.end_s + from_s, 3),
                _share(word.confidence),
            ]
            for word in spoken.words
        ],
    }


def _share(confidence: float | None) -> float | None:
    return None if confidence is None else round(confidence, 3)


def _keep(work: Work, recording: Recording, number: int, part: Planned, written: _Written) -> None:
    heard = written.heard
    with school_scope(work.school_id):
        work.hold()
        Part.objects.update_or_create(
            recording_id=recording.pk,
            ordinal=number,
            defaults={
                "from_s": part.from_s,
                "to_s": part.to_s,
                "engine": heard.engine if heard else "",
                "runs": heard.runs if heard else "",
                "decision_id": heard.decision_id if heard else None,
                "language": written.language,
                "spoken": written.spoken,
                "turns": sorted(written.turns),
                "done_at": timezone.now(),
            },
        )
