"""Windows of sound put together by voice, and how many voices there are.

What varies inside one phrase is not the voice, so every measure is weighed against that. A number of voices is
believed only while the two halves of a phrase, each heard by itself, are found to be the same voice.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from transcription.voices import Floats, Window

MOST_VOICES = 10
PHRASE_S = 2.5  # of which one voice is measured; a longer stretch is several
AGREEING = 0.7  # of the phrases of every voice, both halves must be its own
LEAST_PHRASES = 3  # that prove a voice to be one more
MEASURES_KEPT = 8
BLEND = 0.3  # of what was seen of the measures' ties, towards none: phrases are few


@dataclass(frozen=True, slots=True)
class Grouping:
    """For each window (rows) how unlike each voice (columns) it is: squared, 1 is usual for its own."""

    distances: Floats

    @property
    def count(self) -> int:
        """Return how many voices there are."""
        return int(self.distances.shape[1])


def group(windows: Sequence[Window], measures: Floats, *, count: int | None = None) -> Grouping:
    """Return the voices of windows, as many as `count`, or as many as the sound itself proves."""
    phrases = _phrases(windows)
    most = min(MOST_VOICES, int(phrases.max()) + 1)
    wanted = min(count, most) if count else _count(windows, phrases, measures, most)
    if wanted == 1:
        return Grouping(np.zeros((len(windows), 1), dtype=np.float32))
    centres, rows = _centres(windows, phrases, _weighed(measures, phrases, ties=1 - BLEND), wanted)
    distances = ((rows[:, None] - centres[None]) ** 2).sum(axis=2)
    return Grouping((distances / max(float(distances.min(axis=1).mean()), 1e-6)).astype(np.float32))


def _phrases(windows: Sequence[Window]) -> "np.ndarray[Any, np.dtype[np.int64]]":
    """Return the number of the phrase that each window is of: a stretch, or a part of a long one."""
    numbers, number, start, voice = [], -1, 0.0, -1
    for window in windows:
        if window.voice != voice or (window.from_s + window.to_s) / 2 >= start + PHRASE_S:
            number, start, voice = number + 1, window.from_s, window.voice
        numbers.append(number)
    return np.array(numbers)


def _weighed(measures: Floats, phrases: Any, *, ties: float) -> Floats:
    """Return the measures so that inside a phrase each varies by 1, and by `ties` of it without the others."""
    rows = (measures - measures.mean(axis=0)) / (measures.std(axis=0) + 1e-6)
    inside = rows - _means(rows, phrases)[phrases]
    spread = inside.T @ inside / max(1, len(rows) - int(phrases.max()) - 1)
    spread = ties * spread + (1 - ties) * np.diag(np.diag(spread)) + 1e-3 * np.eye(len(spread))
    values, axes = np.linalg.eigh(spread)
    return np.asarray(rows @ (axes / np.sqrt(values)) @ axes.T, dtype=np.float32)


def _means(rows: Floats, phrases: Any) -> Floats:
    sums = np.zeros((int(phrases.max()) + 1, rows.shape[1]))
    np.add.at(sums, phrases, rows)
    return np.asarray(sums / np.bincount(phrases)[:, None], dtype=np.float32)


def _centres(windows: Sequence[Window], phrases: Any, rows: Floats, count: int) -> tuple[Floats, Floats]:
    """Return the middles of the voices and the windows, both along the directions in which phrases differ."""
    from sklearn.cluster import KMeans

    flat, means = _flat(rows, phrases)
    lengths = np.bincount(phrases, weights=[window.to_s - window.from_s for window in windows])
    weights = np.minimum(lengths, PHRASE_S)
    found = KMeans(count, n_init=10, random_state=0).fit(means, sample_weight=weights)
    return np.asarray(found.cluster_centers_, dtype=np.float32), flat


def _flat(rows: Floats, phrases: Any) -> tuple[Floats, Floats]:
    means = _means(rows, phrases)
    middle = means.mean(axis=0)
    axes = np.linalg.svd(means - middle, full_matrices=False)[2][:MEASURES_KEPT].T
    return (rows - middle) @ axes, (means - middle) @ axes


def _count(windows: Sequence[Window], phrases: Any, measures: Floats, most: int) -> int:
    """Return how many voices are proved by phrases whose two halves, each heard by itself, are the same voice."""
    rows = _weighed(measures, phrases, ties=0)
    halves = list(_halves(windows, phrases))
    count = 1
    while count < most and len(halves) >= LEAST_PHRASES * (count + 1):
        centres, flat = _centres(windows, phrases, rows, count + 1)
        heard = np.array([[_nearest(flat[half], centres) for half in both] for both in halves])
        for voice in range(count + 1):
            both, either = (heard == voice).all(axis=1).sum(), (heard == voice).any(axis=1).sum()
            if both < LEAST_PHRASES or both < AGREEING * either:
                return count
        count += 1
    return count


def _halves(windows: Sequence[Window], phrases: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the windows of the first and of the second half of each phrase that is long enough."""
    middles = np.array([(window.from_s + window.to_s) / 2 for window in windows])
    for phrase in np.split(np.arange(len(windows)), np.flatnonzero(np.diff(phrases)) + 1):
        middle = (windows[phrase[0]].from_s + windows[phrase[-1]].to_s) / 2
        first, second = phrase[middles[phrase] < middle], phrase[middles[phrase] > middle]
        if len(first) and len(second):
            yield first, second


def _nearest(rows: Floats, centres: Floats) -> int:
    return int(((rows.mean(axis=0) - centres) ** 2).sum(axis=1).argmin())
