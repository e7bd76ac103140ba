"""JSON: everything, for programs; words as the API gives them."""

import json
from typing import Any

from transcription.exports.told import Line, Segment, Summary, Task, Told

MEDIA_TYPE = "application/json"


def render(told: Told) -> bytes:
    """Return the transcript with its words, its summary and its tasks."""
    content = {
        "title": told.title,
        "school": told.school,
        "recorded_on": told.recorded_on.isoformat() if told.recorded_on else None,
        "duration_s": told.duration_s,
        "language": told.language,
        "engines": list(told.engines),
        "speakers_by": told.speakers_by,
        "warnings": list(told.warnings),
        "speakers": list(told.speakers),
        "segments": [_segment(each) for each in told.segments],
        "summary": _summary(told.summary) if told.summary else None,
        "actions": [_task(each) for each in told.tasks],
    }
    return json.dumps(content, ensure_ascii=False, indent=1, allow_nan=False).encode()


def _segment(each: Segment) -> dict[str, Any]:
    return {
        "t0": each.from_s,
        "t1": each.to_s,
        "text": each.text,
        "speaker": each.number,
        "speaker_name": each.speaker,
        "conf": each.confidence,
        "edited": each.is_edited,
        "words": [[word.text, word.from_s, word.to_s, word.confidence] for word in each.words],
    }


def _summary(summary: Summary) -> dict[str, Any]:
    return {
        "bullets": [_line(each) for each in summary.bullets],
        "risks": [_line(each) for each in summary.risks],
        "ideas": [_line(each) for each in summary.ideas],
        "topics": [_line(each) for each in summary.topics],
        "made_by": summary.made_by or None,
        "is_outdated": summary.is_outdated,
    }


def _line(each: Line) -> dict[str, Any]:
    return {"text": each.text, "t0": each.from_s, "t1": each.to_s}


def _task(each: Task) -> dict[str, Any]:
    return {
        "task": each.task,
        "owner": each.owner,
        "due": each.due.isoformat() if each.due else None,
        "due_words": each.due_words,
        "state": each.state_code,
        "quote": each.quote,
        "t0": each.from_s,
    }
