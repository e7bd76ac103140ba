"""A planilla as a value that any format can be made of, and that needs no database any more."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from documents import places, reading
from documents.places import Page, Place
from planillas.cells import Cells, Evidence
from planillas.columns import Column
from schools.refusals import Refused

# What Excel takes as an address; a longer one loses the boxes on its page, or its quote.
ADDRESS_MOST_CHARS = 2_079


class TooLarge(Refused):
    """The planilla does not fit in the format."""

    code = "too_large_for_format"
    status = 413


@dataclass(frozen=True, slots=True)
class SourceTold:
    """A document or recording that cells were read from."""

    title: str
    sha256: str  # of its file as it was read
    read_at: datetime | None = None  # in the school's time
    is_gone: bool = False  # deleted since


@dataclass(frozen=True, slots=True)
class Sheet:
    """A planilla with all that is handed out of it. Times are the school's.

    `rows`: yields the cells of each row in order; may be called again, and holds few rows at a time. `base`: the
    portal's address, without a slash at its end.
    """

    title: str
    school: str
    slug: str
    columns: tuple[Column, ...]
    rows: Callable[[], Iterator[Cells]]
    count: int  # of rows
    made_at: datetime
    sources: Mapping[UUID, SourceTold] = field(default_factory=dict)
    people: Mapping[str, str] = field(default_factory=dict)  # names of who edited cells, by their id
    told: tuple[str, ...] = ()  # what could not be done, in words for staff
    row_is: str = ""
    version: int = 0  # 0: never approved, or changed since
    approved_by: str = ""
    approved_at: datetime | None = None
    base: str = ""
    planilla_url: str = ""

    def title_of(self, document_id: UUID) -> str:
        """Return a source's name."""
        told = self.sources.get(document_id)
        return told.title if told else ""

    def address(self, document_id: UUID, place: Place, quote: str = "") -> str:
        """Return the whole address that opens a source at a place; "" where the source is gone."""
        told = self.sources.get(document_id)
        if told is None or told.is_gone:
            return ""
        path = _path(self.slug, document_id, place, quote if isinstance(place, places.Slide) else "")
        if len(self.base) + len(path) > ADDRESS_MOST_CHARS:
            path = _path(
                self.slug, document_id, replace(place, boxes=()) if isinstance(place, Page) else place, ""
            )
        return self.base + path

    def open_at(self, evidence: Evidence) -> str:
        """Return the whole address that opens a cell's source at its place."""
        return self.address(evidence.document_id, evidence.place, evidence.quote)


@lru_cache(maxsize=4096)  # the cells of one row mostly share their place
def _path(slug: str, document_id: UUID, place: Place, quote: str) -> str:
    return reading.address(slug, document_id, place, quote=quote)
