"""What RunPod's workers say of a job: words as they come, vectors, a transcript, what it took, how it failed.

Workers are many, and what stands in a job's `output` is each one's own: read is what RunPod's workers for vLLM, for
embeddings and for faster-whisper say, and plain text; what nobody knows is passed over.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from math import exp, isfinite
from typing import Any

from django.utils.translation import gettext as _

from engines import doubts, wire
from engines.base import (
    BadAnswer,
    Broken,
    Declined,
    Engine,
    EngineError,
    OutOfFunds,
    Sound,
    Spoken,
    TimedOut,
    TooLong,
    Transcript,
    Unavailable,
    Usage,
)

_TOO_LONG = ("context length", "maximum context", "too long", "prompt length")
_CUT = ("length", "max_tokens")
_REFUSED = ("content_filter", "refusal", "content policy")


@dataclass(frozen=True, slots=True)
class Job:
    """A job as RunPod tells of it; `status` "" when it does not say."""

    id: str
    status: str
    said: tuple[object, ...] = ()  # what came since it was last asked
    output: object = None  # all of it, at the end
    error: str = ""
    billed_s: float | None = None

    @property
    def is_over(self) -> bool:
        """Say whether nothing more will come; a status that nobody knows means that it goes on."""
        return self.status in ("COMPLETED", "FAILED", "CANCELLED", "TIMED_OUT")


def packed(body: Mapping[str, Any]) -> bytes:
    """Return JSON as it goes out."""
    return json.dumps(body, ensure_ascii=False).encode()


def read(told: Mapping[str, Any], *, engine: Engine) -> Job:
    """Return the job that RunPod tells of."""
    status, said, took = told.get("status"), told.get("stream"), told.get("executionTime")
    if not isinstance(status, str) or not status:
        raise wire.noted(Broken(engine=engine.name), "a job without a status")
    pieces = said if isinstance(said, list) else []
    # What waits before a machine takes the job (`delayTime`) is not billed.
    billed = float(took) / 1000 if isinstance(took, int | float) and not isinstance(took, bool) else None
    return Job(
        id=str(told.get("id") or ""),
        status=status,
        said=tuple(piece.get("output") for piece in pieces if isinstance(piece, dict)),
        output=told.get("output"),
        error=_words(told.get("error")),
        billed_s=billed,
    )


def raise_failure(job: Job, *, engine: Engine, has_words: bool) -> None:
    """Raise our error for a job that did not end well; return when it did, or goes on."""
    if job.status in ("FAILED", "CANCELLED", "TIMED_OUT"):
        raise wire.noted(_failure(job, engine, has_words), f"{job.status}: {job.error}")


def usage(job: Job, tokens: tuple[int | None, int | None] | None = None, *, is_cut: bool = False) -> Usage:
    """Return what a job took: seconds that are billed, and tokens where the worker counts them."""
    if tokens is None:
        tokens = _tokens(job.output) or (None, None)
    return Usage(tokens[0], tokens[1], seconds=job.billed_s, is_cut=is_cut)


def rows(job: Job, *, engine: Engine) -> list[list[float]]:
    """Return the vectors of a job, in the order of their texts."""
    data = job.output.get("data") if isinstance(job.output, dict) else job.output
    try:
        if isinstance(data, list) and data and isinstance(data[0], dict):
            if sorted(each["index"] for each in data) != list(range(len(data))):
                raise BadAnswer("vectors without their place", engine=engine.name)
            return [each["embedding"] for each in sorted(data, key=lambda each: each["index"])]
        if isinstance(data, list):
            return data
    except (KeyError, TypeError):
        pass
    raise BadAnswer("not vectors", engine=engine.name)


def listening(sound: Sound, *, model: str) -> dict[str, Any]:
    """Return what a worker is asked to write down: the keys of RunPod's own faster-whisper, and those of ours.

    Ours (deploy/runpod/) hears where `voice` says, tells voices apart when it can, and knows a call again.
    """
    return {
        "audio_base64": base64.b64encode(sound.path.read_bytes()).decode(),
        "model": model,
        "language": sound.language or None,
        "transcription": "plain_text",
        "word_timestamps": True,
        "enable_vad": False,
        "voice": [[round(start, 3), round(end, 3)] for start, end in sound.voice],
        "diarize": True,
        "speakers": sound.speakers,
        "call_id": sound.call_id,
    }


def transcript(job: Job, sound: Sound, *, engine: Engine) -> Transcript:
    """Return what a job of faster-whisper wrote down; what it made up is left out."""
    told = job.output
    try:
        if not isinstance(told, dict):
            raise TypeError
        words = [_spoken(each, "word") for each in told.get("word_timestamps") or ()]
        segments = [_segment(each, words) for each in told["segments"]]
        measures = [
            (
                _number(each, "avg_logprob"),
                _number(each, "no_speech_prob"),
                _number(each, "compression_ratio"),
            )
            for each in told["segments"]
        ]
        turns = tuple(
            (float(each["start"]), float(each["end"]), int(each["speaker"]))
            for each in told.get("turns") or ()
        )
    except (KeyError, TypeError, ValueError):
        raise BadAnswer("not the transcript of faster-whisper", engine=engine.name) from None
    found = told.get("detected_language")
    return Transcript(
        language=found if isinstance(found, str) and found else sound.language,
        seconds=sound.seconds,
        segments=tuple(
            doubts.sift(doubts.measured(segments, measures), has_voice=doubts.within(sound.voice))
        ),
        usage=Usage(None, None, seconds=job.billed_s),
        turns=turns,
    )


@dataclass(slots=True)
class Heard:
    """What the pieces of one answer said so far."""

    engine: Engine
    has_words: bool = False
    finish: str = ""
    tokens: tuple[int | None, int | None] | None = None

    def take(self, job: Job) -> Iterator[str]:
        """Yield the words that came since the last time; raise when the job failed."""
        for output in job.said:
            yield from self._read(output)
        raise_failure(job, engine=self.engine, has_words=self.has_words)

    def rest(self, job: Job) -> Iterator[str]:
        """Yield the whole answer of a worker that does not stream."""
        raise_failure(job, engine=self.engine, has_words=self.has_words)
        if not self.has_words:
            yield from self._read(job.output)

    def end(self, job: Job) -> Usage:
        """Return what it took; raise when it was refused or said nothing."""
        if self.finish in _REFUSED:
            raise Declined(engine=self.engine.name)
        if not self.has_words:
            raise BadAnswer("no words", engine=self.engine.name)
        return usage(job, self.tokens, is_cut=self.finish in _CUT)

    def _read(self, output: object) -> Iterator[str]:
        for part in output if isinstance(output, list) else [output]:
            if isinstance(part, dict):
                self.tokens = _tokens(part) or self.tokens
                self._raise_inner(part)
                for choice in _choices(part):
                    self.finish = _words(choice.get("finish_reason")) or self.finish
            if words := _words_of(part):
                self.has_words = True
                yield words

    def _raise_inner(self, part: Mapping[str, Any]) -> None:
        """Raise for an error that a worker tells as if it were an answer."""
        if error := _words(part.get("error")):
            job = Job(id="", status="FAILED", error=error)
            raise_failure(job, engine=self.engine, has_words=self.has_words)


def _failure(job: Job, engine: Engine, has_words: bool) -> EngineError:
    low = job.error.lower()
    if job.status == "TIMED_OUT":
        return TimedOut(engine=engine.name, is_first=not has_words)
    if job.status == "CANCELLED" or has_words:
        return Broken(engine=engine.name)
    if any(sign in low for sign in _TOO_LONG):
        return TooLong(engine=engine.name)
    if any(sign in low for sign in _REFUSED):
        return Declined(engine=engine.name)
    if "insufficient" in low and "fund" in low:
        return OutOfFunds(engine=engine.name)
    return Unavailable(_("El motor «%s» falló por dentro.") % engine.name, engine=engine.name)


def _words_of(part: object) -> str:
    """Return the words in a piece of output; none in what nobody knows."""
    if isinstance(part, str):
        return part
    if not isinstance(part, dict):
        return ""
    found: list[str] = []
    for choice in _choices(part):
        inner = choice.get("delta") or choice.get("message")
        if isinstance(tokens := choice.get("tokens"), list):
            found.extend(token for token in tokens if isinstance(token, str))
        else:
            said = inner.get("content") if isinstance(inner, dict) else choice.get("text")
            found.append(_words(said))
    return "".join(found) or _words(part.get("text"))


def _choices(part: Mapping[str, Any]) -> list[dict[str, Any]]:
    choices = part.get("choices")
    return [each for each in choices if isinstance(each, dict)] if isinstance(choices, list) else []


def _tokens(told: object) -> tuple[int | None, int | None] | None:
    """Return the tokens that a worker counted."""
    counted = told.get("usage") if isinstance(told, dict) else None
    if not isinstance(counted, dict):
        return None
    both = [
        next((counted[name] for name in names if isinstance(counted.get(name), int)), None)
        for names in (("input", "prompt_tokens"), ("output", "completion_tokens"))
    ]
    return both[0], both[1]


def _spoken(told: Mapping[str, Any], name: str) -> Spoken:
    return Spoken(
        text=str(told[name]).strip(),
        start_s=float(told["start"]),
        end_s=float(told["end"]),
        confidence=_confidence(told),
    )


def _segment(told: Mapping[str, Any], words: list[Spoken]) -> Spoken:
    """Return a segment with its own words, or with those of the whole that begin in it."""
    segment = _spoken(told, "text")
    own = told.get("words")
    mine = (
        [_spoken(each, "word") for each in own]
        if isinstance(own, list)
        else [word for word in words if segment.start_s <= word.start_s < segment.end_s]
    )
    return replace(segment, words=tuple(mine))


def _confidence(told: Mapping[str, Any]) -> float | None:
    """Return how sure the worker is, 0–1, of what it tells or of what its likelihood stands for."""
    for name in ("confidence", "probability"):
        if (sure := _number(told, name)) is not None:
            return min(1.0, max(0.0, sure))
    likelihood = _number(told, "avg_logprob")
    return None if likelihood is None else min(1.0, exp(likelihood))


def _number(told: Mapping[str, Any], name: str) -> float | None:
    found = told.get(name)
    return float(found) if isinstance(found, int | float) and isfinite(found) else None


def _words(value: object) -> str:
    return value if isinstance(value, str) else ""
