"""Measure how well and how fast voices are told apart: ./preceptor bench diarization [--data DIR].

On every sound of DIR/audio that has its truth beside it, and on conversations of two and three cut from them, each as
it is and made worse. Voice is found as the product finds it, not taken from the truth. DER by our own scorer
(tests/transcription/scoring.py), nothing counted within 0.25 s of the truth's boundaries. All of these sounds, or their
voices, were also used to choose the settings. Then seconds and memory for an hour and for three, each in a fresh
process, read from a stored FLAC as DIARIZE reads it.
"""

import argparse
import json
import multiprocessing
import os
import uuid
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from bench import processes, report
from bench.questions import BESIDE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

NEEDS_SERVICES = True

COLLAR_S = 0.25
PAUSES_S = (0.3, 0.6, 0.9)  # between two who speak, in the conversations that are cut
GOALS = {2: 0.05, 3: 0.15}  # of error, by how many speak
Turn: TypeAlias = tuple[float, float, str]
Samples: TypeAlias = "NDArray[np.float32]"
Spoken: TypeAlias = tuple[Samples, list[Turn]]


def measure(folder: Path, hours: list[int]) -> dict[str, Any]:
    """Return errors for each conversation, and what telling apart takes."""
    files = {path.stem: _spoken(path) for path in sorted(folder.glob("*.flac"))}
    told: dict[str, Any] = {}
    for name, spoken in {**files, **_cut(files)}.items():
        told[name] = {how: _judged(*worse) for how, worse in _made_worse(spoken)}
    longest = max(files.values(), key=lambda each: len(each[0]))[0]
    return {
        "collar_s": COLLAR_S,
        "error": told,
        "goals": GOALS,
        "cost": {f"{each} h": _fresh(longest, each) for each in hours},
    }


def _spoken(path: Path) -> Spoken:
    import numpy as np

    from transcription import flac

    with path.open("rb") as file:
        sound = np.concatenate(list(flac.read(file, 0, 36_000)))[:, 0].astype(np.float32) / np.float32(32_768)
    said = json.loads(path.with_suffix(".json").read_text("utf-8"))["segments"]
    return sound, [(each["t0"], each["t1"], each["speaker"]) for each in said]


def _cut(files: dict[str, Spoken]) -> dict[str, Spoken]:
    """Return conversations of each two, and of all, who speak in the files: what they say, in turn, once each."""
    said: dict[str, list[Samples]] = {}
    for sound, turns in files.values():
        for from_s, to_s, who in turns:
            said.setdefault(who, []).append(sound[int(from_s * 16_000) : int(to_s * 16_000)])
    groups = [*combinations(sorted(said), 2), *combinations(sorted(said), 3)]
    return {" + ".join(each): _joined({who: said[who] for who in each}, PAUSES_S) for each in groups}


def _joined(said: dict[str, list[Samples]], pauses_s: tuple[float, ...]) -> Spoken:
    import numpy as np

    order = [
        (who, piece)
        for pieces in zip(*said.values(), strict=False)
        for who, piece in zip(said, pieces, strict=True)
    ]
    sound, turns, at = [], [], 0
    for number, (who, piece) in enumerate(order):
        silence = np.zeros(int(pauses_s[number % len(pauses_s)] * 16_000), dtype=np.float32)
        at += len(silence)
        turns.append((at / 16_000, (at + len(piece)) / 16_000, who))
        at += len(piece)
        sound += [silence, piece]
    return np.concatenate(sound), turns


def _made_worse(spoken: Spoken) -> Iterator[tuple[str, Spoken]]:
    import numpy as np
    from scipy.signal import butter, sosfilt

    sound, turns = spoken
    yield "as it is", spoken
    loud = float(
        np.sqrt(np.mean([(sound[int(a * 16_000) : int(b * 16_000)] ** 2).mean() for a, b, _who in turns]))
    )
    noise = np.random.default_rng(1).standard_normal(len(sound)).astype(np.float32)
    for decibels in (20, 10):
        yield f"{decibels} dB over white noise", (sound + noise * loud * 10 ** (-decibels / 20), turns)
    band = butter(6, (300, 3_400), btype="bandpass", fs=16_000, output="sos")
    yield "telephone band", (sosfilt(band, sound).astype(np.float32), turns)
    pieces = [(who, sound[int(a * 16_000) : int(b * 16_000)]) for a, b, who in turns]
    ends = np.cumsum([len(piece) for _who, piece in pieces]) / 16_000
    close = [
        (float(end - len(piece) / 16_000), float(end), who)
        for end, (who, piece) in zip(ends, pieces, strict=True)
    ]
    yield "nobody pauses", (np.concatenate([piece for _who, piece in pieces]), close)


def _judged(sound: Samples, truth: list[Turn]) -> dict[str, Any]:
    import numpy as np

    from tests.transcription.scoring import error_rate
    from transcription.apart import by_voices
    from transcription.voice import Voice

    heard = Voice()
    heard.hear(np.clip(sound * 32_768, -32_768, 32_767).astype(np.int16))
    voice = heard.end()
    people = len({who for *_span, who in truth})
    found: dict[str, Any] = {"people": people}
    for name, count in (("number found", None), ("number given", people)):
        turns = by_voices(voice, lambda a, b: sound[int(a * 16_000) : int(b * 16_000)], count=count)
        found[name] = {
            "heard": len({who for *_span, who in turns}),
            "error": round(error_rate([(a, b, who) for a, b, who in turns], truth, collar_s=COLLAR_S), 3),
        }
    return found


def _fresh(sound: Samples, hours: int) -> dict[str, Any]:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as fresh:
        return fresh.submit(_cost, sound, hours).result()


def _cost(sound: Samples, hours: int) -> dict[str, Any]:
    from bench import product

    product.set_up()
    from django.core.files.storage import default_storage

    from documents.models import Document
    from transcription import apart, sounds
    from transcription.voice import Voice

    document = Document(pk=uuid.uuid4(), school_id=uuid.uuid4())
    times = round(hours * 3_600 * 16_000 / len(sound))
    heard = Voice()
    heard.hear((sound * 32_767).astype("int16"))
    once, seconds = heard.end(), len(sound) / 16_000
    voice = [(a + seconds * n, b + seconds * n) for n in range(times) for a, b in once]
    # In a process of its own, so that what making it took is not counted.
    maker = multiprocessing.get_context("fork").Process(
        target=_store, args=(document.sound_key, sound, times)
    )
    maker.start()
    maker.join()
    at_rest = processes.memory_of_one(os.getpid())
    began = os.times()
    with processes.Peak(os.getpid()) as peak:
        turns = apart.by_voices(voice, lambda a, b: sounds.samples(document, a, b).mean(axis=1))
    ended = os.times()
    default_storage.delete(document.sound_key)
    return {
        "seconds of sound": round(seconds * times),
        "stretches": len(voice),
        "turns": len(turns),
        "cpu_s": round(sum(ended[:4]) - sum(began[:4]), 1),
        "cpu_s an hour of sound": round((sum(ended[:4]) - sum(began[:4])) / (seconds * times) * 3_600, 1),
        "at rest, rss_mb": at_rest.rss_mb,
        "peak, rss_mb": peak.largest_process_rss_mb,
    }


def _store(key: str, sound: Samples, times: int) -> None:
    import tempfile

    from django.core.files.base import File
    from django.core.files.storage import default_storage

    from transcription import flac

    piece = (sound * 32_767).astype("int16")[:, None]
    with tempfile.TemporaryFile() as file:
        with flac.Writer(file, channels=1) as writer:
            for _again in range(times):
                writer.write(piece)
        file.seek(0)
        default_storage.save(key, File(file))


def _main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, default=BESIDE, help="folder with audio/")
    options.add_argument("--hours", type=int, nargs="*", default=[1, 3])
    given = options.parse_args()
    if not any((given.data / "audio").glob("*.flac")):
        options.exit(3, f"No hay datos en {given.data}: indicar la carpeta con --data.\n")
    report.write("diarization", measure(given.data / "audio", given.hours))


if __name__ == "__main__":
    _main()
