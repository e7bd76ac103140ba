"""Due dates as they are said, and the days that are meant."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from transcription import due_dates

SAID: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "due_dates.yaml").read_text("utf-8"))


def test_there_are_enough() -> None:
    assert len(SAID) >= 40


@pytest.mark.parametrize("case", SAID, ids=[f"{each['said']} ({each['met']})" for each in SAID])
def test_what_was_said_becomes_a_day(case: dict[str, Any]) -> None:
    found = due_dates.find(case["said"], case["met"])
    assert (found.day if found else None) == case["due"]
    if "words" in case:
        assert (found.words if found else "") == case["words"]
    if found:
        assert case["said"][found.start : found.end] == found.words


def test_every_day_of_a_week_lies_ahead() -> None:
    for day in range(1, 29):
        on = date(2026, 2, day)
        for name in ("lunes", "miércoles", "domingo"):
            found = due_dates.find(f"lo mando el {name}", on)
            assert found and found.day and 1 <= (found.day - on).days <= 7
