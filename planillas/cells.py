"""A cell of a planilla: its value, how it came by it, and where in the sources that stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeAlias
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from documents import places
from documents.places import Place

Value: TypeAlias = str | int | float | bool | list[str]
"""A value as its column's kind stores it (see planillas.values); a cell without one has None."""


class Status(models.TextChoices):
    """How a cell came by its value, or why it has none."""

    FOUND = "found", _("Encontrada")
    EDITED = "edited", _("Editada")
    NO_EVIDENCE = "no_evidence", _("Sin evidencia")
    CONFLICT = "conflict", _("En conflicto")
    STALE = "stale", _("Desactualizada")
    INVALID = "invalid", _("Inválida")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a source says a value. `quote`: its words there, as they stand; `block`: the ordinal of its block."""

    document_id: UUID
    block: int
    place: Place
    quote: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of the values between which a person has to choose."""

    value: Value
    sources: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell. `confidence`: 0–1, None where a person wrote it. `engine`: who read it; "" for rules or a person.

    `candidates`: of a CONFLICT, and what sources now say of a STALE or an EDITED one. `why`: of an INVALID or a STALE
    one, in words for staff. A FOUND value always has sources; see `filled`.
    """

    value: Value | None = None
    status: Status = Status.NO_EVIDENCE
    sources: tuple[Evidence, ...] = ()
    confidence: float | None = None
    candidates: tuple[Candidate, ...] = ()
    engine: str = ""
    why: str = ""
    edited_by: str = ""  # id of the user
    edited_at: str = ""  # ISO 8601, UTC

    @property
    def needs_a_person(self) -> bool:
        """Say whether somebody has to look at it."""
        return self.status in (Status.CONFLICT, Status.STALE, Status.INVALID)


EMPTY = Cell()
Cells: TypeAlias = dict[str, Cell]
"""The cells of a row by their column's key; a column without one is empty, without evidence."""


def found(value: Value, sources: Iterable[Evidence], *, confidence: float, engine: str = "") -> Cell:
    """Return a cell that was filled from its sources; a ValueError without any: no cell without a source, ever."""
    told = tuple(sources)
    if not told:
        raise ValueError("a found value without a source")
    return Cell(value, Status.FOUND, told, confidence, engine=engine)


def edited(cell: Cell, value: Value | None, *, by: UUID, at: datetime) -> Cell:
    """Return a cell as a person wrote it over; what its sources said stays beside it."""
    said = cell.candidates
    if cell.status in (Status.FOUND, Status.STALE) and cell.value is not None and cell.sources:
        said = (Candidate(cell.value, cell.sources),)
    return Cell(value, Status.EDITED, (), candidates=said, edited_by=str(by), edited_at=at.isoformat())


def stale(cell: Cell, why: str) -> Cell:
    """Return a cell whose source no longer says what it did."""
    return replace(cell, status=Status.STALE, why=why)


@dataclass(slots=True)
class Packed:
    """A row's cells as they are stored: evidence that several share is written once."""

    cells: dict[str, Any] = field(default_factory=dict)
    sources: list[dict[str, Any]] = field(default_factory=list)


def pack(cells: Mapping[str, Cell]) -> Packed:
    """Return cells as models.Row keeps them.

    `sources`: [{"d": document id, "b": block, "p": place}]; a cell: {"v", "s", "e": [[index of a source, quote], …],
    "c": confidence, "o": [[value, [[index, quote], …]], …], "by": engine, "why", "u": user, "at"}, what is empty left
    out.
    """
    packed = Packed()
    known: dict[tuple[UUID, int, Place], int] = {}

    def refer(evidence: Iterable[Evidence]) -> list[list[Any]]:
        return [[_index(packed, known, each), each.quote] for each in evidence]

    for key, cell in cells.items():
        if cell == EMPTY:
            continue
        stored: dict[str, Any] = {"s": str(cell.status)}
        if cell.value is not None:
            stored["v"] = cell.value
        if cell.sources:
            stored["e"] = refer(cell.sources)
        if cell.confidence is not None:
            stored["c"] = round(cell.confidence, 3)
        if cell.candidates:
            stored["o"] = [[each.value, refer(each.sources)] for each in cell.candidates]
        told = {"by": cell.engine, "why": cell.why, "u": cell.edited_by, "at": cell.edited_at}
        stored |= {name: value for name, value in told.items() if value}
        packed.cells[key] = stored
    return packed


def unpack(cells: Mapping[str, Any], sources: list[dict[str, Any]]) -> Cells:
    """Return what `pack` was given."""
    shared = [(UUID(each["d"]), int(each["b"]), places.from_json(each["p"])) for each in sources]

    def evidence(stored: Iterable[list[Any]]) -> tuple[Evidence, ...]:
        return tuple(
            Evidence(
                document_id=shared[index][0], block=shared[index][1], place=shared[index][2], quote=quote
            )
            for index, quote in stored
        )

    return {
        key: Cell(
            value=each.get("v"),
            status=Status(each["s"]),
            sources=evidence(each.get("e", ())),
            confidence=each.get("c"),
            candidates=tuple(Candidate(value, evidence(said)) for value, said in each.get("o", ())),
            engine=each.get("by", ""),
            why=each.get("why", ""),
            edited_by=each.get("u", ""),
            edited_at=each.get("at", ""),
        )
        for key, each in cells.items()
    }


def _index(packed: Packed, known: dict[tuple[UUID, int, Place], int], each: Evidence) -> int:
    name = (each.document_id, each.block, each.place)
    if name not in known:
        known[name] = len(packed.sources)
        packed.sources.append({"d": str(name[0]), "b": each.block, "p": places.to_json(each.place)})
    return known[name]
