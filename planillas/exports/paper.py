"""A report as it is handed out, and the words that its formats share; it needs no database any more."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from rag.prose import Block

TOC_LEAST = 5  # sections of a report that has a table of contents


@dataclass(frozen=True, slots=True)
class Note:
    """What a mark [n] cites. `address`: opens the source there; "" where it is gone."""

    n: int
    quote: str
    title: str
    place: str
    address: str
    is_verified: bool

    @property
    def text(self) -> str:
        """Return the note as it is printed."""
        where = ", ".join(part for part in (self.title, self.place) if part)
        said = f"«{self.quote}». {where}." if self.quote else f"{where}."
        return said if self.is_verified else _("%s (Cita sin comprobar.)") % said


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of a planilla. A cell: its text, and whether it only says why there is none."""

    heads: tuple[str, ...]
    rows: tuple[tuple[tuple[str, bool], ...], ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart, and its data for who cannot see it. `made`, `shape`: as planillas.drawn keeps them."""

    made: dict[str, Any]
    shape: str
    data: Table


@dataclass(frozen=True, slots=True)
class Part:
    """A section. `warning`: what a reader has to know before believing it; `origin`: of a table or a chart."""

    title: str
    blocks: tuple[Block, ...] = ()
    notes: dict[int, Note] = field(default_factory=dict)
    warning: str = ""
    table: Table | None = None
    drawing: Drawing | None = None
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """A report with what stands around it on paper. Times are the school's."""

    title: str
    school: str
    parts: tuple[Part, ...]
    sources: tuple[str, ...]
    revision: int
    changed_at: datetime
    approved_by: str = ""
    approved_at: datetime | None = None

    @property
    def has_contents(self) -> bool:
        """Say whether it is long enough for a table of contents."""
        return len(self.parts) >= TOC_LEAST

    @property
    def has_doubts(self) -> bool:
        """Say whether a sentence stands in it that no source holds."""
        return any(span.is_doubt for part in self.parts for block in part.blocks for span in block.spans)


def facts(paper: Paper) -> list[tuple[str, str]]:
    """Return what is known of a report: a name and a value each."""
    told = [
        (_("Escuela"), paper.school),
        (_("Fecha"), _day(paper.approved_at or paper.changed_at)),
        (_("Versión"), str(paper.revision)),
    ]
    if paper.approved_at:
        by = _("Aprobado por %s") % paper.approved_by if paper.approved_by else _("Aprobado")
        return [*told, (_("Estado"), by)]
    return [*told, (_("Estado"), _("Borrador, sin aprobar"))]


def doubt() -> str:
    """Return what the mark of a sentence without a source means."""
    return _("[?]: ninguna de las fuentes del informe sostiene la oración anterior.")


def sources_heading() -> str:
    """Return the heading of the list of sources."""
    return _("Fuentes")


def contents_heading() -> str:
    """Return the heading of the table of contents."""
    return _("Contenido")


def _day(when: datetime) -> str:
    return date_format(when, r"j \d\e F \d\e Y")
