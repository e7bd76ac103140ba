"""Measure the rules for tasks, dates and summaries: ./preceptor bench tasks [--hours H].

Precision and recall on the labelled meetings of tests/transcription/tasks (`judged` is what counts: nothing was tuned
on it), the due dates that are understood, and how long the rules take for a long meeting made of those. No model, no
database.
"""

import argparse
import time
from itertools import cycle
from pathlib import Path
from typing import Any

import django
import yaml
from django.conf import settings

from bench import report

NEEDS_SERVICES = False

_DATES = Path(__file__).resolve().parents[1] / "tests" / "transcription" / "due_dates.yaml"


def measure(hours: float) -> dict[str, Any]:
    """Return the figures."""
    from tests.transcription import task_set

    found: dict[str, Any] = {}
    for half in ("judged", "developed"):
        score = task_set.score(half)
        found[half] = {
            "meetings": len(task_set.meetings(half)),
            "labelled tasks": score.labelled,
            "found": score.found,
            "precision": round(score.precision, 3),
            "precision with the right date": round(score.precision_with_due, 3),
            "recall": round(score.recall, 3),
        }
    return found | {"due dates": _dates(), "a long meeting": _long(hours)}


def _dates() -> dict[str, int]:
    from transcription import due_dates

    cases = yaml.safe_load(_DATES.read_text("utf-8"))
    right = 0
    for case in cases:
        due = due_dates.find(case["said"], case["met"])
        right += (due.day if due else None) == case["due"]
    return {"expressions": len(cases), "right": right}


def _long(hours: float) -> dict[str, Any]:
    from tests.transcription import task_set
    from transcription.phrases import Utterance
    from transcription.summary import summarise
    from transcription.tasks import extract

    meetings = task_set.meetings("developed")
    said: list[Utterance] = []
    at = 0.0
    for meeting in cycle(meetings):
        for each in meeting.said:
            length = each.to_s - each.from_s
            said.append(Utterance(each.speaker, at, at + length, each.text, str(len(said))))
            at += length + 0.6
        if at > hours * 3600:
            break
    began = time.perf_counter()
    extract(said, on=meetings[0].held_on)
    tasks_s = time.perf_counter() - began
    began = time.perf_counter()
    summarise(said)
    return {
        "hours": hours,
        "words": sum(len(each.text.split()) for each in said),
        "seconds for its tasks": round(tasks_s, 2),
        "seconds for its summary": round(time.perf_counter() - began, 2),
    }


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--hours", type=float, default=3.0)
    if not settings.configured:
        settings.configure(USE_I18N=True, LANGUAGE_CODE="es")
        django.setup()
    report.write("tasks", measure(options.parse_args().hours))
