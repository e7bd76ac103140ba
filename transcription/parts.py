"""The parts in which a recording is transcribed: each one call of an engine, cut where it is quiet longest. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

Stretch: TypeAlias = tuple[float, float]

PART_S = 300.0  # at most; a worker that dies loses no more than this
_EARLIEST = 0.6  # of it: from here on the longest silence is looked for
_TOGETHER_S = 2.0  # what was not understood, and stands so close, is told as one
_LEAST_S = 1.0  # shorter voice without words is a cough
_COVERED = 0.1  # of a stretch of voice, under which it counts as not understood


@dataclass(frozen=True, slots=True)
class Planned:
    """A stretch of the recording, with the voice in it; all seconds are the recording's."""

    from_s: float
    to_s: float
    voice: tuple[Stretch, ...]

    @property
    def seconds(self) -> float:
        """Return how long it is."""
        return self.to_s - self.from_s

    def inside(self) -> tuple[Stretch, ...]:
        """Return its voice in seconds of the part itself."""
        return tuple((begins - self.from_s, ends - self.from_s) for begins, ends in self.voice)


def plan(voice: Iterable[Sequence[float]], *, part_s: float = PART_S) -> list[Planned]:
    """Return the parts, in order; none is longer than `part_s`, and what lies between them is silence.

    `voice`: from second to second, in order. The same voice gives the same parts.
    """
    left = list(_cut(voice, part_s))
    parts: list[Planned] = []
    while left:
        begins = left[0][0]
        fits = [at for at, (_begins, ends) in enumerate(left) if ends - begins <= part_s]
        last = fits[-1] if fits else 0
        if last + 1 < len(left):
            last = _quietest(left, last, begins + _EARLIEST * part_s)
        taken, left = left[: last + 1], left[last + 1 :]
        parts.append(Planned(begins, taken[-1][1], tuple(taken)))
    return parts


def _quietest(voice: Sequence[Stretch], last: int, earliest_s: float) -> int:
    """Return the stretch before the longest silence, from `earliest_s` to the stretch `last`."""
    able = [at for at in range(last + 1) if voice[at][1] >= earliest_s] or [last]
    return max(able, key=lambda at: (voice[at + 1][0] - voice[at][1], at))


def _cut(voice: Iterable[Sequence[float]], part_s: float) -> Iterator[Stretch]:
    """Yield the voice with what never pauses cut into equal pieces."""
    for begins, ends in voice:
        if ends <= begins:
            continue
        count = max(1, -int(-(ends - begins) // part_s))
        edges = [begins + (ends - begins) * number / count for number in range(count)] + [float(ends)]
        yield from pairwise(edges)


def without_words(voice: Iterable[Stretch], spoken: Iterable[Stretch]) -> list[Stretch]:
    """Return where somebody speaks and nothing was written down, what is close together as one."""
    said = sorted(spoken)
    found: list[Stretch] = []
    for begins, ends in voice:
        covered = sum(max(0.0, min(ends, last) - max(begins, first)) for first, last in said)
        if ends - begins < _LEAST_S or covered >= _COVERED * (ends - begins):
            continue
        if found and begins - found[-1][1] <= _TOGETHER_S:
            found[-1] = (found[-1][0], ends)
        else:
            found.append((begins, ends))
    return found
