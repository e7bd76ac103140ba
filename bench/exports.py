"""Measure how long a transcript of three hours takes in each format: ./preceptor bench exports [--hours H].

The words are those of a short meeting again and again; no database, no model.
"""

import argparse
import json
import resource
import time
from datetime import date
from pathlib import Path
from typing import Any

import django
from django.conf import settings

from bench import report
from transcription.exports.told import Line, Segment, Summary, Task, Told, Word

NEEDS_SERVICES = False

MEETING = (
    Path(__file__).resolve().parents[1] / "tests" / "transcription" / "sounds" / "reunion-tres-voces.json"
)


def transcript(hours: float) -> Told:
    """Return a transcript as long as asked for."""
    told = json.loads(MEETING.read_text("utf-8"))
    names = list(dict.fromkeys(each["speaker"] for each in told["segments"]))
    segments = []
    for time_round in range(round(hours * 3600 / told["seconds"])):
        begin_s = time_round * told["seconds"]
        segments += [_segment(each, names, begin_s) for each in told["segments"]]
    return Told(
        title="Claustro",
        school="Escuela Norte",
        recorded_on=date(2026, 3, 5),
        duration_s=hours * 3600,
        speakers=tuple(names),
        segments=tuple(segments),
        summary=Summary(bullets=(Line("Se decidió formar a los profesores.", 12.0, 15.0),)),
        tasks=(Task("Avisar a las familias", "Lucía", date(2026, 3, 6), from_s=31.2),),
        engines=("whisper-small",),
    )


def measure(hours: float) -> dict[str, Any]:
    """Return seconds and bytes of each format."""
    # Only now: what the formats say of dates and the like needs Django's settings.
    from transcription.exports import docx, md, pdf, srt, txt, vtt
    from transcription.exports import json as json_file

    told = transcript(hours)
    found: dict[str, Any] = {"hours": hours, "segments": len(told.segments)}
    for module in (txt, md, json_file, srt, vtt, docx, pdf):
        began = time.perf_counter()
        content = module.render(told)
        name = module.__name__.rpartition(".")[2]
        found[name] = {"seconds": round(time.perf_counter() - began, 2), "kB": len(content) // 1000}
    found["peak_memory_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return found


def _segment(each: dict[str, Any], names: list[str], begin_s: float) -> Segment:
    said = each["text"].split()
    from_s, to_s = begin_s + each["t0"], begin_s + each["t1"]
    step = (to_s - from_s) / len(said)
    words = tuple(
        Word(word, round(from_s + index * step, 3), round(from_s + (index + 1) * step, 3), 0.9)
        for index, word in enumerate(said)
    )
    return Segment(from_s, to_s, each["text"], names.index(each["speaker"]) + 1, each["speaker"], 0.9, words)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--hours", type=float, default=3.0)
    if not settings.configured:
        settings.configure(USE_I18N=True, LANGUAGE_CODE="es")
        django.setup()
    report.write("exports", measure(options.parse_args().hours))
