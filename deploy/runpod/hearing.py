"""What the worker does with a recording: checks what is asked, listens, says who spoke. Knows nothing of RunPod."""

import base64
import binascii
import ipaddress
import socket
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from math import exp
from pathlib import Path
from typing import Any, Protocol

RATE = 16_000
MOST_BYTES = 500 * 1024 * 1024  # of a recording behind an address
MOST_SPEAKERS = 20
CLIP_S = 28.0  # voice is joined to clips of so many seconds; each pays for half a minute
LONGEST_S = 30.0
_BATCH = 16


class Refused(Exception):
    """What is asked cannot be done as it is asked; `code` for programs, the words for whoever reads the log."""

    def __init__(self, code: str, words: str) -> None:
        super().__init__(f"{code}: {words}")
        self.code = code


@dataclass(frozen=True, slots=True)
class Asked:
    """A job's input, checked."""

    sound: bytes = b""
    address: str = ""
    language: str | None = None
    voice: tuple[tuple[float, float], ...] = ()
    has_words: bool = True
    diarizes: bool = False
    speakers: int | None = None
    least_speakers: int | None = None
    most_speakers: int | None = None
    beam: int = 5
    prompt: str | None = None
    translates: bool = False
    call_id: str = ""


class Diarizer(Protocol):
    """Says who speaks when."""

    def __call__(self, audio: Any, asked: Asked, /) -> list[dict[str, Any]]:
        """Return turns: {"start", "end", "speaker"}, speakers numbered from 1 as they are first heard."""


def read(given: Mapping[str, Any]) -> Asked:
    """Return a job's input; raise Refused."""
    encoded, address = given.get("audio_base64"), given.get("audio_url") or given.get("audio")
    if bool(encoded) == bool(address):
        raise Refused("no_audio", "give either audio_base64 or audio_url")
    language = given.get("language") or None
    if language is not None and not (isinstance(language, str) and language.isalpha() and len(language) <= 3):
        raise Refused("bad_language", "language is a code like es")
    return Asked(
        sound=_decoded(encoded) if encoded else b"",
        address=_address(address) if address else "",
        language=language,
        voice=_voice(given.get("voice") or ()),
        has_words=bool(given.get("word_timestamps", True)),
        diarizes=bool(given.get("diarize", False)),
        speakers=_count(given, "speakers"),
        least_speakers=_count(given, "min_speakers"),
        most_speakers=_count(given, "max_speakers"),
        beam=min(max(int(given.get("beam_size") or 5), 1), 10),
        prompt=str(given["initial_prompt"]) if given.get("initial_prompt") else None,
        translates=bool(given.get("translate", False)),
        call_id=str(given.get("call_id") or "")[:80],
    )


def listen(asked: Asked, model: Any, diarize: Diarizer | None = None) -> dict[str, Any]:
    """Return what a recording says, as `deploy/runpod/README.md` describes it; raise Refused."""
    from faster_whisper.audio import decode_audio

    with _file(asked) as path:
        try:
            audio = decode_audio(str(path), sampling_rate=RATE)
        except Exception as error:  # PyAV's errors have no other common class, and no sound is an IndexError
            raise Refused("bad_audio", "not a sound that can be decoded") from error
    if not len(audio):
        raise Refused("bad_audio", "a file without sound")
    seconds = len(audio) / RATE
    clips = list(_clips(asked.voice or _find_voice(audio)))
    segments: list[dict[str, Any]] = []
    language = asked.language or ""
    for batch in _batched(clips, _BATCH * 4):
        found, language = _hear(model, audio, batch, asked, language)
        segments.extend(found)
    for number, each in enumerate(segments):
        each["id"] = number
    turns = diarize(audio, asked) if asked.diarizes and diarize is not None and segments else []
    return {
        "segments": segments,
        "word_timestamps": [word for each in segments for word in each["words"]],
        "transcription": " ".join(each["text"].strip() for each in segments),
        "detected_language": language,
        "turns": turns,
        "seconds": round(seconds, 3),
        "call_id": asked.call_id,
    }


def _hear(
    model: Any, audio: Any, clips: list[tuple[float, float]], asked: Asked, language: str
) -> tuple[list[dict[str, Any]], str]:
    from faster_whisper import BatchedInferencePipeline

    heard, info = BatchedInferencePipeline(model).transcribe(
        audio,
        clip_timestamps=[{"start": start, "end": end} for start, end in clips],
        vad_filter=False,
        word_timestamps=asked.has_words,
        without_timestamps=False,  # with times of words it would hear the ends of clips twice
        language=language or None,
        task="translate" if asked.translates else "transcribe",
        beam_size=asked.beam,
        batch_size=_BATCH,
        initial_prompt=asked.prompt,
    )
    return sorted(map(_segment, heard), key=lambda each: each["start"]), str(info.language)


def _segment(told: Any) -> dict[str, Any]:
    """Return a segment in plain numbers: the library's are numpy's, which no JSON takes."""
    return {
        "start": round(float(told.start), 3),
        "end": round(float(told.end), 3),
        "text": str(told.text),
        "confidence": round(min(1.0, exp(float(told.avg_logprob))), 4),
        "avg_logprob": round(float(told.avg_logprob), 4),
        "no_speech_prob": round(float(told.no_speech_prob), 4),
        "compression_ratio": round(float(told.compression_ratio), 3),
        "words": [
            {
                "word": str(word.word),
                "start": round(float(word.start), 3),
                "end": round(float(word.end), 3),
                "probability": round(float(word.probability), 4),
            }
            for word in told.words or ()
        ],
    }


def _find_voice(audio: Any) -> Iterator[tuple[float, float]]:
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    options = VadOptions(min_speech_duration_ms=350, min_silence_duration_ms=200, speech_pad_ms=100)
    for each in get_speech_timestamps(audio, options):
        yield each["start"] / RATE, each["end"] / RATE


def _clips(voice: Any) -> Iterator[tuple[float, float]]:
    """Yield voice joined to clips that the model can hear at once; what never pauses is cut."""
    last: tuple[float, float] | None = None
    for begins, ends in voice:
        while ends - begins > LONGEST_S:
            if last is not None:
                yield last
            last, begins = (begins, begins + LONGEST_S), begins + LONGEST_S
        if last is not None and ends - last[0] <= CLIP_S:
            last = (last[0], ends)
        else:
            if last is not None:
                yield last
            last = (begins, ends)
    if last is not None:
        yield last


def _batched(clips: list[tuple[float, float]], size: int) -> Iterator[list[tuple[float, float]]]:
    rest = iter(clips)
    while batch := list(islice(rest, size)):
        yield batch


def _voice(given: Any) -> tuple[tuple[float, float], ...]:
    try:
        found = tuple((float(begins), float(ends)) for begins, ends in given)
    except (TypeError, ValueError) as error:
        raise Refused("bad_voice", "voice is a list of [from, to] in seconds") from error
    if any(not 0 <= begins < ends for begins, ends in found) or list(found) != sorted(found):
        raise Refused("bad_voice", "voice stands in order, each from before to")
    return found


def _count(given: Mapping[str, Any], name: str) -> int | None:
    count = given.get(name)
    if count is None:
        return None
    if isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MOST_SPEAKERS:
        raise Refused("bad_speakers", f"{name} is a number from 1 to {MOST_SPEAKERS}")
    return count


def _decoded(encoded: Any) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, TypeError, ValueError) as error:
        raise Refused("bad_audio", "audio_base64 is not base64") from error


def _address(given: Any) -> str:
    parts = urllib.parse.urlsplit(str(given))
    if parts.scheme != "https" or not parts.hostname:
        raise Refused("bad_url", "audio_url is a presigned https address")
    return str(given)


@contextmanager
def _file(asked: Asked) -> Iterator[Path]:
    with tempfile.NamedTemporaryFile(prefix="sound-") as file:
        if asked.address:
            _download(asked.address, Path(file.name))
        else:
            file.write(asked.sound)
            file.flush()
        yield Path(file.name)


def _download(address: str, path: Path) -> None:
    """Fetch a presigned address; nothing of the worker's own network, and no redirect to it."""
    host = urllib.parse.urlsplit(address).hostname or ""
    try:
        found = {ipaddress.ip_address(each[4][0]) for each in socket.getaddrinfo(host, 443)}
        if not found or any(not each.is_global for each in found):
            raise Refused("bad_url", "audio_url leads to no public machine")
        opener = urllib.request.build_opener(_NoRedirect)
        size = 0
        with opener.open(address, timeout=60) as answer, path.open("wb") as target:
            while piece := answer.read(1024 * 1024):
                size += len(piece)
                if size > MOST_BYTES:
                    raise Refused("too_large", f"the recording has more than {MOST_BYTES} bytes")
                target.write(piece)
    except OSError as error:
        raise Refused("bad_url", "audio_url could not be fetched") from error


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_options: Any) -> None:
        return None
