"""Where a row's cells come from, as lines that people read: one for each place, with the columns it speaks for."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from documents import reading
from documents.places import Page, Place, Time
from engines import words
from planillas import values
from planillas.cells import Cell, Cells, Evidence, Status
from planillas.exports.inert import fit
from planillas.exports.sheet import Sheet

QUOTE_MOST_CHARS = 1_000
BOXES_MOST = 40  # on one page, of a line that speaks for many cells


@dataclass(slots=True)
class Line:
    """What one place says: which columns it speaks for, and who read it.

    Of an edited cell: who edited it and when, without a place.
    """

    status: Status
    columns: list[int] = field(default_factory=list)  # indexes, in order
    says: str = ""  # a value between which a person has to choose, as people read it
    why: str = ""
    document_id: UUID | None = None
    places: list[Place] = field(default_factory=list)  # of one page, row or minute
    where: str = ""  # they in words
    quotes: list[str] = field(default_factory=list)
    by: str = ""  # an engine, or a person, as people read it
    engine: str = ""
    at: str = ""  # when it was edited, as people read it

    @property
    def quote(self) -> str:
        """Return the words found there."""
        quote = fit(" · ".join(self.quotes))
        return quote if len(quote) <= QUOTE_MOST_CHARS else quote[: QUOTE_MOST_CHARS - 1] + "…"

    def address(self, sheet: Sheet) -> str:
        """Return the address that opens the place; "" without one."""
        if self.document_id is None:
            return ""
        return sheet.address(self.document_id, _together(self.places), self.quotes[0])


class Lines:
    """Makes the lines of rows. `merged`: what one page, row or minute says of several columns is one line."""

    def __init__(self, sheet: Sheet, *, merged: bool) -> None:
        self._columns, self._people = sheet.columns, sheet.people
        self._merged, self._zone = merged, sheet.made_at.tzinfo
        self._readers = {"": _("Reglas, sin modelo")}

    def of(self, cells: Cells) -> list[Line]:
        """Return the lines of a row, in the order of its columns."""
        found: dict[object, Line] = {}
        merged, line = self._merged, None
        for index, column in enumerate(self._columns):
            cell = cells.get(column.key)
            if cell is None:
                continue
            if cell.status == Status.EDITED:
                found[index] = self._edited(index, cell)
            for evidence in cell.sources:
                if (
                    not merged
                    or line is None
                    or evidence.place is not line.places[-1]
                    or evidence.document_id is not line.document_id
                    or (cell.status, cell.engine, cell.why) != (line.status, line.engine, line.why)
                ):  # else it is the same as that before, as in most rows
                    line = self._found(found, cell, evidence)
                _join(line, index, evidence)
            for number, candidate in enumerate(cell.candidates):
                for evidence in candidate.sources:
                    each = self._line(cell, evidence, where(evidence.place))
                    each.says = values.show(candidate.value, column)
                    _join(each, index, evidence)
                    found[index, number, len(found)] = each
        return list(found.values())

    def _found(self, found: dict[object, Line], cell: Cell, evidence: Evidence) -> Line:
        said = where(evidence.place)
        name: tuple[object, ...] = (evidence.document_id, said, cell.status, cell.engine, cell.why)
        if not self._merged:
            name = (*name, evidence.place, evidence.quote)
        if name not in found:
            found[name] = self._line(cell, evidence, said)
        return found[name]

    def _line(self, cell: Cell, evidence: Evidence, said: str) -> Line:
        return Line(
            cell.status,
            why=cell.why,
            document_id=evidence.document_id,
            where=said,
            by=self._by(cell.engine),
            engine=cell.engine,
        )

    def _by(self, engine: str) -> str:
        if engine not in self._readers:
            self._readers[engine] = words.engine(engine)
        return self._readers[engine]

    def _edited(self, index: int, cell: Cell) -> Line:
        at = parse_datetime(cell.edited_at) if cell.edited_at else None
        return Line(
            cell.status,
            [index],
            by=self._people.get(cell.edited_by) or _("Una persona"),
            at=moment(at.astimezone(self._zone)) if at else "",
        )


def moment(at: datetime) -> str:
    """Return a moment as people write it: 3/5/2026 14:05."""
    return f"{at.day}/{at.month}/{at.year} {at:%H:%M}"


@lru_cache(maxsize=256)
def states() -> dict[Status, str]:
    """Return the states in words; translated once, as every cell asks."""
    return {each: str(each.label) for each in Status}


def where(place: Place) -> str:
    """Return a place in words."""
    # What is said of a page is the same for all the boxes on it.
    return _said(Page(place.page) if isinstance(place, Page) else place)


@lru_cache(maxsize=4096)
def _said(place: Place) -> str:
    return reading.say(place)


def _join(line: Line, index: int, evidence: Evidence) -> None:
    if not line.columns or line.columns[-1] != index:
        line.columns.append(index)
    if not line.quotes or (evidence.quote != line.quotes[-1] and evidence.quote not in line.quotes):
        line.quotes.append(evidence.quote)
    if not line.places or evidence.place is not line.places[-1]:
        line.places.append(evidence.place)


def _together(found: list[Place]) -> Place:
    first = found[0]
    if len(found) > 1 and isinstance(first, Page):
        boxes = dict.fromkeys(box for each in found if isinstance(each, Page) for box in each.boxes)
        return Page(first.page, tuple(boxes)[:BOXES_MOST])
    if len(found) > 1 and isinstance(first, Time):
        heard = [each for each in found if isinstance(each, Time)]
        return Time(min(each.from_s for each in heard), max(each.to_s for each in heard))
    return first
