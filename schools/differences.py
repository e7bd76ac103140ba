"""What a comparison of the stores found: counted by kind, with a few examples, whatever its size."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Any

EXAMPLES_MOST = 20


class Outcome(StrEnum):
    """What became of a difference."""

    MENDED = "mended"
    UNDER_WAY = "under_way"  # work that mends it has begun and comes to its end by itself
    LEFT = "left"  # a person must see to it
    FOUND = "found"  # nothing was to be mended


@dataclass(slots=True)
class Count:
    """How many differences of a kind there were, and what became of them."""

    outcomes: dict[Outcome, int] = field(default_factory=dict)
    examples: list[str] = field(default_factory=list)

    @property
    def total(self) -> int:
        """Return how many there were."""
        return sum(self.outcomes.values())

    def to_json(self) -> dict[str, Any]:
        """Return the count as programs read it."""
        told: dict[str, Any] = {each.value: self.outcomes.get(each, 0) for each in Outcome}
        return {**told, "total": self.total, "examples": self.examples}


@dataclass(slots=True)
class Look:
    """One comparison: what it may do, and what it has found so far.

    `mends`: False to say only what differs. `deep`: read every file for its SHA-256. `grace`: a file younger than this
    may belong to an upload under way.
    """

    mends: bool = True
    deep: bool = False
    grace: timedelta = timedelta(hours=1)
    counts: dict[str, Count] = field(default_factory=dict)
    busy: int = 0  # documents left alone, as somebody works on them

    def note(self, code: str, outcome: Outcome, subject: object, *, times: int = 1) -> None:
        """Count a difference."""
        count = self.counts.setdefault(code, Count())
        count.outcomes[outcome] = count.outcomes.get(outcome, 0) + times
        if len(count.examples) < EXAMPLES_MOST:
            count.examples.append(str(subject))

    def found(self, code: str) -> int:
        """Return how many differences of a kind there were."""
        return self.counts[code].total if code in self.counts else 0

    @property
    def mended(self) -> Outcome:
        """Return what becomes of a difference that can be mended at once."""
        return Outcome.MENDED if self.mends else Outcome.FOUND

    def codes(self) -> Iterator[str]:
        """Yield the kinds that were found, in order."""
        yield from sorted(self.counts)
