"""Planillas as values, as their files need them: no database."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from documents.places import Page, Time
from documents.places import Sheet as InSheet
from planillas import cells
from planillas.cells import Candidate, Cell, Cells, Evidence, Status
from planillas.columns import Column, Kind
from planillas.exports.sheet import Sheet, SourceTold
from tests.planillas.made import COLUMNS

LIST, MEETING, GONE = (UUID(int=number) for number in (1, 2, 3))
ANA = "00000000-0000-0000-0000-00000000000a"
READ_AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
SOURCES = {
    LIST: SourceTold("Nómina de alumnos", "a1" * 32, READ_AT),
    MEETING: SourceTold("Reunión de marzo", "b2" * 32, READ_AT),
    GONE: SourceTold("Lista vieja", "c3" * 32, READ_AT, is_gone=True),
}


def at(row: int, quote: str = "Álvarez, Ana | 44123456") -> Evidence:
    """Return a row of the list."""
    return Evidence(LIST, 0, InSheet("Nómina", (row, row)), quote)


def heard(from_s: float, quote: str) -> Evidence:
    """Return a second of the meeting."""
    return Evidence(MEETING, 4, Time(from_s, from_s + 4), quote)


def found(value: Any, *sources: Evidence, engine: str = "") -> Cell:
    """Return a cell that was found, in the list when nothing else is said."""
    return cells.found(value, sources or (at(2),), confidence=1.0, engine=engine)


ROWS: tuple[Cells, ...] = (
    {
        "alumno": found("Álvarez, Ana"),
        "dni": found("04123456"),
        "nacimiento": found("2014-05-03"),
        "curso": found("1.º A"),
        "promedio": found(8.5),
        "beca": found(True),
        "cuota": found(12500.5),
        "observaciones": found(
            "Llega a las 8.\nSe va a las 12.", heard(187, "llega a las ocho"), engine="quoting"
        ),
    },
    {
        "alumno": found("Benítez, Bruno", at(3, "Benítez, Bruno")),
        "dni": Cell(
            None,
            Status.CONFLICT,
            candidates=(
                Candidate("45987654", (at(3, "45.987.654"),)),
                Candidate("45987655", (Evidence(GONE, 0, Page(4, ((1.0, 2.0, 3.0, 4.0),)), "45987655"),)),
            ),
        ),
        "nacimiento": Cell(None, Status.INVALID, (at(3, "31/02/2014"),), 0.5, why="No hay un 31 de febrero."),
        "curso": cells.edited(found("1.º A", at(3)), "1.º B", by=UUID(ANA), at=READ_AT),
        "promedio": cells.stale(found(7, at(3, "7")), "El documento cambió."),
        "beca": found(False, at(3)),
    },
    {
        "alumno": found("Núñez & Cía <b>, Sofía", at(4), heard(3725, "y Sofía Núñez")),
        "observaciones": found("=1+1 llega tarde", at(4)),
    },
)


def sheet(rows: Sequence[Cells] = ROWS, columns: Sequence[Column] = COLUMNS, **facts: Any) -> Sheet:
    """Return a planilla."""
    told: Mapping[str, Any] = {
        "title": "Nómina 2026: 1.º y 2.º [A/B]",
        "school": "Escuela Norte & Sur",
        "slug": "norte",
        "made_at": READ_AT,
        "sources": SOURCES,
        "people": {ANA: "Ana Directora"},
        "told": ("Dos hojas del documento no se pudieron leer.",),
        "row_is": "un alumno",
        "base": "https://preceptor.example",
        "planilla_url": "https://preceptor.example/e/norte/planillas/1/",
        "count": len(rows),
        **facts,
    }
    return Sheet(columns=tuple(columns), rows=lambda: iter(rows), **told)


def of_texts(texts: Sequence[str], kind: Kind = Kind.TEXT) -> Sheet:
    """Return a planilla of one column that holds these texts, each of which also is its quote and its source's name."""
    rows = [{"a": found(text, at(number, text))} for number, text in enumerate(texts, start=2)]
    named = {LIST: SourceTold(texts[0], "a1" * 32, READ_AT)}
    return sheet(
        rows,
        (Column("a", texts[0], kind),),
        title=texts[0],
        school=texts[0],
        sources=named,
        told=tuple(texts),
    )
