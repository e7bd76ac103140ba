"""A document's blocks looked through in order: a table is known by its header, however many blocks it takes."""

from dataclasses import dataclass, field
from datetime import date

from documents.blocks import CELL_SEPARATOR
from documents.blocks import Kind as BlockKind
from documents.personal_data import Columns, Finding, Kind, Tally, columns_of, find

MOST_SAMPLES = 5  # of a kind


@dataclass(frozen=True, slots=True)
class Sample:
    """One finding, and the block that holds it."""

    ordinal: int
    finding: Finding


@dataclass(slots=True)
class Reader:
    """What was found so far, block after block: counts, and the first places of each kind."""

    on: date
    tally: Tally = field(default_factory=Tally)
    samples: dict[Kind, list[Sample]] = field(default_factory=dict)
    _columns: Columns | None = None
    _was_table: bool = False

    def read(self, ordinal: int, kind: str, level: int, text: str) -> None:
        """Look through the next block."""
        self._enter(kind, level, text)
        findings = find(text, on=self.on, columns=self._columns)
        self.tally.add(findings)
        for each in findings:
            kept = self.samples.setdefault(each.kind, [])
            if len(kept) < MOST_SAMPLES and all(each.masked != other.finding.masked for other in kept):
                kept.append(Sample(ordinal, each))

    def _enter(self, kind: str, level: int, text: str) -> None:
        """Know a table by its header; its later blocks have none."""
        is_table = kind == BlockKind.TABLE
        if not is_table:
            self._columns = None
        elif level or not self._was_table:
            header = text.split("\n", max(1, level))[max(1, level) - 1]
            self._columns = columns_of(header.split(CELL_SEPARATOR))
        self._was_table = is_table
