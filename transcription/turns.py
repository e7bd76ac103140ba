"""Turns of speakers out of windows whose voices were told apart."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import numpy as np

from transcription.voices import Floats, Span, Window

Turn: TypeAlias = tuple[float, float, int]
"""Seconds from and to, and the number of the speaker, from 1 in the order in which they are first heard."""

CHANGE_COST = 2.0  # of another voice in the middle of a stretch, in the distances of windows
JOINED_S = 0.5  # a shorter silence of one speaker is part of the turn
SHORTEST_S = 0.2


def of_windows(windows: Sequence[Window], distances: Floats, voice: Sequence[Span]) -> list[Turn]:
    """Return the turns: in each voice stretch the likeliest course of voices, and no turn across a silence."""
    found: list[Turn] = []
    first = 0
    while first < len(windows):
        last = first
        while last < len(windows) and windows[last].voice == windows[first].voice:
            last += 1
        found += _stretch(windows[first:last], distances[first:last], voice[windows[first].voice])
        first = last
    return numbered(joined(found))


def joined(turns: Iterable[Turn], *, joined_s: float = JOINED_S) -> list[Turn]:
    """Return turns in order, those of one speaker that follow each other closely as one."""
    found: list[Turn] = []
    for turn in sorted(turns):
        if found and found[-1][2] == turn[2] and turn[0] - found[-1][1] <= joined_s:
            found[-1] = (found[-1][0], max(found[-1][1], turn[1]), turn[2])
        elif turn[1] - turn[0] >= SHORTEST_S:
            found.append(turn)
    return found


def numbered(turns: Iterable[Turn]) -> list[Turn]:
    """Return turns with their speakers numbered from 1 as they are first heard."""
    numbers: dict[int, int] = {}
    ordered = sorted(turns)
    return [(from_s, to_s, numbers.setdefault(who, len(numbers) + 1)) for from_s, to_s, who in ordered]


def _stretch(windows: Sequence[Window], distances: Floats, span: Span) -> list[Turn]:
    course = _course(distances)
    turns: list[Turn] = []
    start = span[0]
    for at, who in enumerate(course):
        if at + 1 < len(course) and course[at + 1] == who:
            continue
        end = span[1] if at + 1 == len(course) else (_middle(windows[at]) + _middle(windows[at + 1])) / 2
        turns.append((start, end, who))
        start = end
    return turns


def _course(distances: Floats) -> list[int]:
    """Return the voice of each window where all together, and every change, cost least (Viterbi)."""
    costs = distances[0].astype(float)
    came: list[np.ndarray[tuple[int], np.dtype[np.int64]]] = []
    everyone = np.arange(distances.shape[1])
    for row in distances[1:]:
        change = costs.min() + CHANGE_COST
        came.append(np.where(costs <= change, everyone, costs.argmin()))
        costs = np.minimum(costs, change) + row
    course = [int(costs.argmin())]
    for previous in reversed(came):
        course.append(int(previous[course[-1]]))
    return course[::-1]


def _middle(window: Window) -> float:
    return (window.from_s + window.to_s) / 2
