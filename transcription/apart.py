"""Who speaks when, by what the voices sound like. Pure; it imports what only the stage that tells them apart needs."""

from collections.abc import Callable, Sequence
from typing import Any

from transcription import grouping, turns, voices
from transcription.voices import Floats, Span


def by_voices(
    voice: Sequence[Span],
    read: Callable[[float, float], Floats],
    *,
    count: int | None = None,
    report: Callable[[float], None] = lambda _share: None,
) -> list[Any]:
    """Return who speaks when, as Recording.turns has it.

    `voice`: where somebody speaks. `read`: sound of one channel between two seconds; about a minute is asked for at
    once. `count`: how many speak, where a person said so.
    """
    windows = voices.windows(voice)
    if not windows:
        return []
    found = grouping.group(windows, voices.measure(windows, read, report=report), count=count)
    told = turns.of_windows(windows, found.distances, voice)
    return [[round(from_s, 3), round(to_s, 3), who] for from_s, to_s, who in told]
