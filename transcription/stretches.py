"""Things that last from one second to another, found by when they last. Pure."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class Stretches(Generic[T]):
    """Things with their seconds, in order; they may overlap."""

    def __init__(self, things: Iterable[tuple[float, float, T]]) -> None:
        self._things = sorted(things, key=lambda each: each[:2])
        self._starts = [each[0] for each in self._things]
        self._longest_s = max((to_s - from_s for from_s, to_s, _thing in self._things), default=0.0)

    def about(self, from_s: float, to_s: float) -> Iterator[tuple[float, float, T]]:
        """Yield what lasts while these seconds do, or touches them, each with its own seconds."""
        for at in range(bisect_left(self._starts, from_s - self._longest_s), len(self._things)):
            begins, ends, _thing = self._things[at]
            if begins > to_s:
                return
            if ends >= from_s:
                yield self._things[at]
