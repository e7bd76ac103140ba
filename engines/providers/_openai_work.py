"""Vectors, recordings and rankings over OpenAI's protocol."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import exp, isfinite
from typing import Any, Literal

import openai

from engines import doubts, vectors, word_times
from engines.base import BadAnswer, Purpose, Ranked, Sound, Spoken, TooLong, Transcript, Usage, Vectored
from engines.providers._openai_line import FAILURES, Server

Timing = Literal["words", "segments", "none"]

MOST_SOUND_BYTES = 25 * 1024 * 1024
# Whisper says the language by its English name.
_LANGUAGES = {
    "spanish": "es",
    "english": "en",
    "portuguese": "pt",
    "french": "fr",
    "italian": "it",
    "german": "de",
}


async def embed(server: Server, texts: Sequence[str], *, purpose: Purpose, sends_dimension: bool) -> Vectored:
    """Return one row per text, by `/embeddings`."""
    engine = server.engine
    if not texts:
        return Vectored(vectors.checked([], engine=engine, count=0), Usage(0, 0))
    prefix = engine.query_prefix if purpose == "query" else engine.index_prefix
    try:
        answer = await server.client().embeddings.create(
            model=engine.model,
            input=[prefix + text for text in texts],
            dimensions=engine.dimension if sends_dimension else openai.omit,
        )
        rows = sorted(answer.data, key=lambda row: _place(row, answer.data))
        found = vectors.checked([row.embedding for row in rows], engine=engine, count=len(texts))
        return Vectored(found, Usage(_whole(getattr(answer, "usage", None), "prompt_tokens"), 0))
    except FAILURES as error:
        raise server.ours(error) from None


async def transcribe(server: Server, sound: Sound, *, timing: Timing) -> Transcript:
    """Return what a stretch of sound says, by `/audio/transcriptions`."""
    engine, language = server.engine, sound.language
    if sound.path.stat().st_size > MOST_SOUND_BYTES:
        raise TooLong(engine=engine.name)
    body: dict[str, Any] = {"model": engine.model, "response_format": "json"}
    if language:
        body["language"] = language
    if timing != "none":
        both = ["word", "segment"]
        body["response_format"] = "verbose_json"
        body["timestamp_granularities"] = both if timing == "words" else both[1:]
    content = await asyncio.to_thread(sound.path.read_bytes)
    try:
        # Not by its own name, which may be a person's.
        answer: Any = await server.client().audio.transcriptions.create(
            file=(f"sonido{sound.path.suffix}", content), **body
        )
        lasted = _number(getattr(answer, "duration", None)) or sound.seconds
        return Transcript(
            language=language or _language(getattr(answer, "language", None)),
            seconds=lasted,
            segments=_segments(answer, sound, seconds=lasted),
            usage=_heard(getattr(answer, "usage", None), seconds=lasted),
        )
    except FAILURES as error:
        raise server.ours(error) from None


async def rerank(server: Server, question: str, texts: Sequence[str]) -> Ranked:
    """Return one score per text, by `/rerank`, which several servers have and OpenAI has not."""
    if not texts:
        return Ranked((), Usage(0, 0))
    body = {"model": server.engine.model, "query": question, "documents": list(texts)}
    try:
        answer = await server.client().post("/rerank", body=body, cast_to=object)
    except FAILURES as error:
        raise server.ours(error) from None
    try:
        # JSON of a stranger's: another shape trips it here, and that is caught below.
        scores = {row["index"]: float(row["relevance_score"]) for row in answer["results"]}  # type: ignore[index]
        usage = answer.get("usage")  # type: ignore[attr-defined]
        found = tuple(scores[place] for place in range(len(texts)))
    except (TypeError, ValueError, LookupError, AttributeError) as error:
        raise BadAnswer("no score for each text", engine=server.engine.name) from error
    if len(scores) != len(texts) or not all(map(isfinite, found)):
        raise BadAnswer("scores for other texts, or that are no numbers", engine=server.engine.name)
    tokens = usage.get("prompt_tokens", usage.get("total_tokens")) if isinstance(usage, Mapping) else None
    return Ranked(found, Usage(tokens if isinstance(tokens, int) else None, 0))


def _place(row: object, rows: Sequence[object]) -> int:
    """Return where a row belongs; where it stands, if not every row says so."""
    if {_whole(each, "index") for each in rows} == set(range(len(rows))):
        return _whole(row, "index") or 0
    return 0  # `sorted` leaves equals in their order


def _segments(answer: Any, sound: Sound, *, seconds: float) -> tuple[Spoken, ...]:
    segments = getattr(answer, "segments", None) or ()
    words = [Spoken(each.word, each.start, each.end) for each in getattr(answer, "words", None) or ()]
    if not segments:
        whole = str(answer.text).strip()
        return (Spoken(whole, 0.0, seconds, tuple(words)),) if whole else ()
    starts = [float(each.start) for each in segments]
    spoken: list[list[Spoken]] = [[] for _each in segments]
    for word in words:
        spoken[max(sum(start <= word.start_s for start in starts) - 1, 0)].append(word)
    found = [_segment(each, said) for each, said in zip(segments, spoken, strict=True)]
    measures = [
        (
            _number(getattr(each, "avg_logprob", None)),
            _number(getattr(each, "no_speech_prob", None)),
            _number(getattr(each, "compression_ratio", None)),
        )
        for each in segments
    ]
    return tuple(doubts.sift(doubts.measured(found, measures), has_voice=doubts.within(sound.voice)))


def _segment(told: Any, words: Sequence[Spoken]) -> Spoken:
    text, start_s, end_s = str(told.text).strip(), float(told.start), float(told.end)
    settled = word_times.settle(_marked(words, text), start_s=start_s, end_s=end_s)
    return Spoken(text, start_s, end_s, settled, _confidence(told))


def _marked(words: Sequence[Spoken], text: str) -> Sequence[Spoken]:
    """Return the words with the marks that stand beside them in the text: they come without any."""
    written = text.split()
    if [_bare(word) for word in written] != [_bare(word.text) for word in words]:
        return words
    return [replace(word, text=shown) for word, shown in zip(words, written, strict=True)]


def _bare(word: str) -> str:
    return "".join(letter for letter in word.casefold() if letter.isalnum())


def _confidence(segment: object) -> float | None:
    likelihood = _number(getattr(segment, "avg_logprob", None))
    return None if likelihood is None else min(1.0, exp(likelihood))


def _heard(usage: object, *, seconds: float) -> Usage:
    return Usage(_whole(usage, "input_tokens"), _whole(usage, "output_tokens"), seconds=seconds)


def _language(told: object) -> str:
    name = told.lower() if isinstance(told, str) else ""
    return _LANGUAGES.get(name, name)


def _number(told: object) -> float | None:
    return float(told) if isinstance(told, int | float) and isfinite(told) else None


def _whole(told: object, name: str) -> int | None:
    number = getattr(told, name, None)
    return number if isinstance(number, int) else None
