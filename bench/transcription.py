"""Measure how sound becomes words: ./preceptor bench transcription [--model DIR] [--sound FILE …] [--minutes N].

The product's way (a recording received, decoded, written down part by part, kept) against the bare faster-whisper on
the same file in the same run, by turns: same model, same threads, same beam. Without --model: the very small Whisper of
the tests, which is so fast that everything around it weighs more than beside a real one. All in CPU seconds.
"""

import argparse
import os
import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from bench import product, report

if TYPE_CHECKING:
    from uuid import UUID

    from schools.admission import Member

T = TypeVar("T")

NEEDS_SERVICES = True

GOAL = 1.1
_RATE = 16_000
_SOUNDS = report.ROOT / "tests" / "transcription" / "sounds"
_VOICE = {"min_speech_duration_ms": 350, "min_silence_duration_ms": 200, "speech_pad_ms": 100}


@dataclass(frozen=True, slots=True)
class Way:
    """How a model is run, the same in both ways."""

    model: Path
    threads: int
    beam: int
    clip_s: float
    batch: int


def measure(sounds: Sequence[Path], way: Way, *, minutes: float, times: int) -> dict[str, Any]:
    """Return real-time factors of both ways, medians of several turns, and what the product's parts take."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        seconds = 0.0
        _configure(way, Path(folder))
        member = product.new_director()
        bare, ours, stages = [], [], []
        heard: tuple[int, int] = (0, 0)
        for turn in range(times + 1):
            # Not the same file twice: that would be one document.
            file, seconds = _long(sounds, Path(folder) / f"reunion-{turn}.flac", minutes=minutes, mark=turn)
            bare_s, bare_words = _timed(partial(_bare, file, way))
            ours_s, (ours_words, parts) = _timed(partial(_ours, member, file))
            heard = bare_words, ours_words
            if turn:  # the first of each loads the model and fills caches
                bare.append(bare_s / seconds)
                ours.append(ours_s / seconds)
                stages.append(parts)
    factor = statistics.median(ours) / statistics.median(bare)
    transcribe = statistics.median(each["transcribe"] for each in stages)
    return {
        "sound": {
            "seconds": round(seconds, 1),
            "model": way.model.name,
            "threads": way.threads,
            "beam": way.beam,
        },
        "words": {"bare": heard[0], "ours": heard[1]},
        "real-time factor, bare faster-whisper": round(statistics.median(bare), 4),
        "real-time factor, our whole way": round(statistics.median(ours), 4),
        "of it, decoding and voice activity": round(
            statistics.median(each["normalise"] for each in stages) / seconds, 4
        ),
        "of it, writing down": round(transcribe / seconds, 4),
        "whole way / bare": round(factor, 3),
        "writing down / bare": round(transcribe / seconds / statistics.median(bare), 3),
        "goal": GOAL,
    }


def _timed(work: Callable[[], T]) -> tuple[float, T]:
    """Return the CPU seconds of this process and its ended children: others work on the same machine."""
    began = os.times()
    found = work()
    ended = os.times()
    return sum(ended[:4]) - sum(began[:4]), found


def _bare(file: Path, way: Way) -> int:
    """Return how many words faster-whisper hears by itself: decoded, voice found, in batches, with times of words."""
    from faster_whisper import BatchedInferencePipeline
    from faster_whisper.audio import decode_audio
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    from engines import clips

    audio = decode_audio(str(file))
    voice = [
        (each["start"] / _RATE, each["end"] / _RATE)
        for each in get_speech_timestamps(audio, VadOptions(**_VOICE))
    ]
    segments, _info = BatchedInferencePipeline(_model(way)).transcribe(
        audio,
        clip_timestamps=[{"start": a, "end": b} for a, b in clips.join(voice, clip_s=way.clip_s)],
        vad_filter=False,
        word_timestamps=True,
        without_timestamps=False,
        language="es",
        beam_size=way.beam,
        batch_size=way.batch,
    )
    return sum(len(each.words or ()) for each in segments)


_models: dict[Way, Any] = {}


def _model(way: Way) -> Any:
    from faster_whisper import WhisperModel

    if way not in _models:
        _models[way] = WhisperModel(
            str(way.model), device="cpu", compute_type="int8", cpu_threads=way.threads, local_files_only=True
        )
    return _models[way]


def _ours(member: "Member", file: Path) -> tuple[int, dict[str, float]]:
    """Return how many words the product hears, and the seconds of its stages: received, decoded, written down."""
    from django.core.files.base import ContentFile

    from documents import uploads
    from schools.scope import school_scope
    from transcription import recordings
    from transcription.models import Part
    from transcription.normalise import NORMALISE
    from transcription.speech import TRANSCRIBE

    content = ContentFile(file.read_bytes(), name=file.name)
    received = recordings.receive(
        member, content, facts=uploads.Facts(), wishes=recordings.Wishes(language="es")
    )
    took = {}
    for name, stage in (("normalise", NORMALISE), ("transcribe", TRANSCRIBE)):
        took[name], _none = _timed(partial(stage.run, _Job(member, received.document_id)))
    with school_scope(member.school_id):
        rows = list(Part.objects.filter(recording_id=received.document_id).values_list("spoken", flat=True))
    return sum(len(each["words"]) for said in rows for each in said), took


class _Job:
    """A stage's work, without the runner: its queue and its lease are measured elsewhere."""

    def __init__(self, member: "Member", subject_id: "UUID") -> None:
        self.school_id, self.subject_id, self.asked_by = member.school_id, subject_id, None

    def report(self, done: float, total: float) -> None:
        """Tell nobody."""

    def hold(self) -> None:
        """Hold nothing: nobody else is at it."""


def _configure(way: Way, folder: Path) -> None:
    """Let the product transcribe by that model."""
    import yaml
    from django.conf import settings

    entry = {
        "name": "whisper",
        "provider": "faster_whisper",
        "runs": "here",
        "tasks": ["transcribe"],
        "model": way.model.name,
        "directory": str(way.model),
        "device": "cpu",
        "compute_type": "int8",
        "threads": way.threads,
        "beam": way.beam,
        "clip_s": way.clip_s,
        "batch": way.batch,
    }
    settings.ENGINES_FILE = folder / "engines.yaml"
    settings.ENGINES_FILE.write_text(yaml.safe_dump({"engines": [entry]}))


def _long(sounds: Sequence[Path], path: Path, *, minutes: float, mark: int) -> tuple[Path, float]:
    """Write sounds one after the other, again and again, until there are so many minutes; return file and seconds."""
    import numpy as np
    from faster_whisper.audio import decode_audio

    from transcription import flac

    given = np.concatenate([decode_audio(str(each)) for each in sounds])
    count = max(1, round(minutes * 60 * _RATE / len(given)))
    samples = (np.tile(given, count) * 32_767).astype(np.int16)[:, None]
    samples[0] = mark
    with path.open("wb") as target, flac.Writer(target, channels=1) as writer:
        writer.write(samples)
    return path, len(samples) / _RATE


def _main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--model", type=Path, help="folder of a Whisper for CTranslate2")
    options.add_argument("--sound", type=Path, nargs="*", default=sorted(_SOUNDS.glob("*.flac")))
    options.add_argument("--minutes", type=float, default=3.0)
    options.add_argument("--times", type=int, default=3)
    options.add_argument("--threads", type=int, default=1)
    options.add_argument("--beam", type=int, default=1)
    given = options.parse_args()
    product.set_up()
    with tempfile.TemporaryDirectory(prefix="whisper-") as folder:
        if given.model is None:
            from tests.transcription import mini_whisper

            way = Way(mini_whisper.build(Path(folder) / "mini"), given.threads, given.beam, clip_s=0, batch=4)
        else:
            way = Way(given.model.resolve(), given.threads, given.beam, clip_s=28, batch=4)
        report.write("transcription", measure(given.sound, way, minutes=given.minutes, times=given.times))


if __name__ == "__main__":
    _main()
