"""What is asked of the router: what for, for whom, and how sensitive all of it is."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from uuid import UUID

from engines import labels
from engines.labels import Label
from schools.ids import SchoolId, UserId


class Purpose(StrEnum):
    """What a call is for, as the ledger tells it."""

    ANSWER = "answer"
    REWRITE = "rewrite"  # a follow-up made to stand alone
    TRY_OUT = "try_out"  # of a prompt
    INDEX = "index"  # a document's vectors
    QUERY = "query"  # a question's vector
    RERANK = "rerank"
    TRANSCRIBE = "transcribe"
    SUMMARISE = "summarise"  # a recording
    FILL = "fill"  # a planilla's rows and cells
    DRAFT = "draft"  # a report's sections
    GPU = "gpu"  # a rented machine's time


@dataclass(frozen=True, slots=True)
class Labelled:
    """A part of what an engine would be given, in words for staff, and how sensitive it is."""

    what: str
    label: Label


@dataclass(frozen=True, slots=True)
class Errand:
    """One thing to be done for a school.

    `parts`: everything that an engine would see, each with its label; the strictest decides. An errand without parts
    counts as confidential. `wish`: refuse any engine but this one. `patience_s`: how long to wait for a place at an
    engine that is full. `reread`: the parts with their labels as they are now, asked before each other engine is tried.
    """

    school_id: SchoolId
    purpose: Purpose
    parts: tuple[Labelled, ...] = ()
    user_id: UserId | None = None
    subject_id: UUID | None = None
    wish: str | None = None
    language: str = "es"
    patience_s: float = 30.0
    reread: Callable[[], Sequence[Labelled]] | None = field(default=None, compare=False, repr=False)

    @property
    def label(self) -> Label:
        """Return the strictest label of its parts."""
        return labels.strictest(part.label for part in self.parts)

    def showing(self, parts: Iterable[Labelled]) -> "Errand":
        """Return the errand with more for the engine to see."""
        return replace(self, parts=(*self.parts, *parts))

    def fresh(self) -> "Errand":
        """Return the errand with its parts as they are labelled now."""
        return self if self.reread is None else replace(self, parts=tuple(self.reread()))
