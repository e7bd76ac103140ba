"""Measure how a recording becomes sound: ./preceptor bench sound [MINUTES …].

Decoding in the confined child, FLAC, peaks and voice, as NORMALISE does them; each length in a fresh process. Memory:
the larger of worker and child, and both together. Length must cost time alone.
"""

import argparse
import multiprocessing
import os
import resource
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from bench import processes, report

NEEDS_SERVICES = False

SPOKEN = report.ROOT / "tests" / "transcription" / "sounds" / "reunion-tres-voces.flac"
SHORT, LONG, LONGEST = 10, 180, 360  # minutes
GOAL_MORE_MB = 300


def measure(minutes: list[int]) -> dict[str, Any]:
    """Return seconds and memory for recordings of each length, one channel and two."""
    found: dict[str, Any] = {}
    for channels in (1, 2):
        of_each = {each: _fresh(each, channels) for each in minutes if channels == 1 or each < LONGEST}
        found[f"{channels} channel{'s' * (channels - 1)}"] = {
            f"{each} min": figures for each, figures in of_each.items()
        }
        if {SHORT, LONG} <= of_each.keys():
            more = of_each[LONG]["both together, pss_mb"] - of_each[SHORT]["both together, pss_mb"]
            found[f"3 h more than 10 min, {channels}"] = {"pss_mb": round(more, 1), "goal_mb": GOAL_MORE_MB}
    return found


def _fresh(minutes: int, channels: int) -> dict[str, Any]:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as fresh:
        return fresh.submit(_hear, minutes, channels).result()


def _hear(minutes: int, channels: int) -> dict[str, Any]:
    from transcription import listening

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "original.mp3"
        # In a process of its own, so that what making it took is not counted.
        maker = multiprocessing.get_context("fork").Process(target=_make, args=(path, minutes, channels))
        maker.start()
        maker.join()
        at_rest = processes.memory(os.getpid())
        with processes.Peak(os.getpid()) as peak, path.open("rb") as source:
            began_at, began_cpu_s = time.monotonic(), _cpu_s()
            sound = listening.hear(
                source, size_bytes=path.stat().st_size, folder=folder, report=lambda _share: None
            )
            seconds, cpu_s = time.monotonic() - began_at, _cpu_s() - began_cpu_s
        return {
            "megabytes": round(path.stat().st_size / 1e6, 1),
            "flac_megabytes": round(sound.path.stat().st_size / 1e6, 1),
            "heard_s": round(sound.decoded.seconds, 1),
            "stretches": len(sound.voice),
            "channels kept": sound.channels,
            "seconds": round(seconds, 1),
            "cpu_s": round(cpu_s, 1),
            "seconds of sound per CPU second": round(sound.decoded.seconds / cpu_s),
            "at rest, rss_mb": at_rest.rss_mb,
            "largest process, rss_mb": peak.largest_process_rss_mb,
            "both together, pss_mb": peak.together.pss_mb,
        }


def _cpu_s() -> float:
    """Return the CPU seconds of this process and of its children that have ended."""
    used = [resource.getrusage(whose) for whose in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _make(path: Path, minutes: int, channels: int) -> None:
    """Write an MP3 of speech, said again until it is long enough: its frames stand alone and may follow each other."""
    import numpy as np

    from tests.transcription import sound_files
    from transcription import flac

    with SPOKEN.open("rb") as file:
        spoken = np.concatenate(list(flac.read(file, 0, 3_600)))
    if channels == 2:  # one speaker on each side, in turn
        silent = np.zeros_like(spoken)
        spoken = np.concatenate([np.hstack([spoken, silent]), np.hstack([silent, spoken])])
    made = sound_files.Made(
        "", "mp3", "libmp3lame", flac.RATE, options=(("write_xing", "0"), ("id3v2_version", "0"))
    )
    once = sound_files.pack(made, spoken, encoder={"reservoir": "0"})
    with path.open("wb") as target:
        for _again in range(round(minutes * 60 * flac.RATE / len(spoken))):
            target.write(once)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("minutes", nargs="*", type=int, help="10, 180 and 360 unless told")
    report.write("sound", measure(options.parse_args().minutes or [SHORT, LONG, LONGEST]))
