"""What is read out of a source for a planilla: a source's blocks, and the records found in them. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from documents.blocks import ParsedBlock
from planillas.cells import Evidence, Value


@dataclass(frozen=True, slots=True)
class Numbered:
    """A block with its ordinal in its document."""

    ordinal: int
    block: ParsedBlock


@dataclass(frozen=True, slots=True)
class Reading:
    """A source as it is read: its blocks in order, which may be read once only and need not fit in memory."""

    document_id: UUID
    title: str
    format: str  # a name of documents.parsers
    blocks: Iterable[Numbered]


@dataclass(frozen=True, slots=True)
class Said:
    """That a source says a value of a column. `why`: it says something there that is no such value, in words.

    `also`: where the rest of the value stands, of one that is put together: surname and name in two cells.
    """

    value: Value | None
    evidence: Evidence
    confidence: float  # 0–1
    why: str = ""
    also: tuple[Evidence, ...] = ()

    @property
    def sources(self) -> tuple[Evidence, ...]:
        """Return every place that says it, in the order in which they say the value."""
        return (self.evidence, *self.also)


@dataclass(frozen=True, slots=True)
class Record:
    """What one place of a source says of one row: a line of a table, a form, a paragraph about somebody.

    `said`: by the column's key. `is_row`: it makes a row; otherwise it only tells of rows that are there. `engine`: who
    read it; "" for rules.
    """

    said: Mapping[str, Said]
    is_row: bool = True
    engine: str = ""
