"""How far the filling of a planilla came: another worker goes on from there, and nothing is done twice."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID

# How often an engine that rests, or a rented machine that is being turned on, is waited for.
MOST_WAITS = 6
MOST_TOLD = 40  # of one source


@dataclass(slots=True)
class OfSource:
    """What was read of one source by rules.

    `mark`: of what was read; `records`, `asides`: how many are in rows, and how many only tell of rows that are there;
    `read`: the blocks that rules made something of, [[first, last], …]; `told`: [[code, words], …].
    """

    mark: str = ""
    records: int = 0
    asides: int = 0
    is_done: bool = False
    read: list[list[int]] = field(default_factory=list)
    told: list[list[str]] = field(default_factory=list)

    def tell(self, code: str, words: str) -> None:
        """Remember what was seen and not used, once."""
        if len(self.told) < MOST_TOLD and [code, words] not in self.told:
            self.told.append([code, words])

    def note_read(self, ordinals: Iterable[int]) -> None:
        """Remember blocks that rules made something of; they mostly come in order."""
        for ordinal in sorted(set(ordinals)):
            last = self.read[-1] if self.read else None
            if last is not None and last[0] <= ordinal <= last[1] + 1:
                last[1] = max(last[1], ordinal)
            elif not any(first <= ordinal <= end for first, end in self.read[-20:]):
                self.read.append([ordinal, ordinal])

    def has_read(self) -> set[int]:
        """Return the blocks that rules made something of."""
        return {ordinal for first, last in self.read for ordinal in range(first, last + 1)}


@dataclass(slots=True)
class OfEngine:
    """What engines did.

    `windows`: how many of each source were asked for rows; `after`: the position of the last row whose cells were;
    `unproved`: values that were not accepted; `unusable`: calls that came to nothing; `waits`: how often it was waited
    for an engine; `hidden`: documents that no engine may see; `stopped`: why it ended early, in words for staff.
    """

    windows: dict[str, int] = field(default_factory=dict)
    after: float = 0.0
    calls: int = 0
    rows: int = 0
    cells: int = 0
    unproved: int = 0
    unusable: int = 0
    waits: int = 0
    hidden: int = 0
    stopped: str = ""
    is_done: bool = False


@dataclass(slots=True)
class Filled:
    """All of it. `refill`: what is asked of a run that fills again: {"batch", "by", "rows"?}."""

    sources: dict[str, OfSource] = field(default_factory=dict)
    has_asides: bool = False  # what only tells of rows was merged
    engine: OfEngine = field(default_factory=OfEngine)
    refill: dict[str, Any] = field(default_factory=dict)

    def of(self, document_id: UUID) -> OfSource:
        """Return what was read of a document."""
        return self.sources.setdefault(str(document_id), OfSource())


def from_json(stored: Mapping[str, Any]) -> Filled:
    """Return what `to_json` wrote; {} is the beginning."""
    return Filled(
        sources={name: OfSource(**each) for name, each in stored.get("sources", {}).items()},
        has_asides=bool(stored.get("has_asides")),
        engine=OfEngine(**stored.get("engine", {})),
        refill=dict(stored.get("refill", {})),
    )


def to_json(filled: Filled) -> dict[str, Any]:
    """Return the form that Planilla.filled keeps."""
    return asdict(filled)
