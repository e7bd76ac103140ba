"""A planilla on its way, as screens show it: how far it is, in rows and in words."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pipeline.models import RunState
from planillas import filled
from planillas.models import Planilla, Source, State
from planillas.register import Entry
from schools.admission import Member
from schools.scope import school_scope

_BADGES = {State.FILLING: "busy", State.REVIEW: "warn", State.APPROVED: "good", State.FAILED: "bad"}


@dataclass(frozen=True, slots=True)
class ListRow:
    """A planilla in the list."""

    entry: Entry
    state: str
    badge: str  # a kind of badge of the look
    stage: str
    share: float
    facts: str
    to_look_at: str  # what asks for a person, in words; "": nothing


@dataclass(frozen=True, slots=True)
class Shown:
    """How far a filling is. `error`: why it failed, in words; "" while it goes on."""

    is_busy: bool
    is_stopped: bool  # by a person
    share: float
    stage: str
    waits: str
    eta_s: int | None
    rows: int
    rows_expected: int | None
    found: int
    conflicts: int
    sources_read: int
    sources: int
    error: str

    def as_event(self) -> dict[str, Any]:
        """Return what the page's script is told."""
        return {
            "is_busy": self.is_busy,
            "share": round(self.share, 3),
            "stage": self.stage,
            "waits": self.waits,
            "eta_s": self.eta_s,
            "rows": self.rows,
            "found": self.found,
            "conflicts": self.conflicts,
            "sources_read": self.sources_read,
        }


def row(entry: Entry) -> ListRow:
    """Return a planilla as the list shows it."""
    planilla, counts = entry.planilla, entry.counts
    state = State(planilla.state)
    label, badge = str(state.label), _BADGES[state]
    if state == State.FAILED and planilla.error_code == "cancelled":
        label, badge = _("Detenida"), ""
    if state == State.APPROVED and planilla.rev != planilla.approved_rev:
        label, badge = _("Con cambios sin aprobar"), "warn"
    if entry.counts.rows or state != State.FILLING:
        facts = [ngettext("%d fila", "%d filas", counts.rows) % counts.rows]
    else:
        facts = []
    if planilla.version:
        facts.append(_("versión %d") % planilla.version)
    return ListRow(
        entry=entry,
        state=label,
        badge=badge,
        stage=_stage(entry, filled.from_json(planilla.filled)) if state == State.FILLING else "",
        share=entry.progress.progress if entry.progress else 0.0,
        facts=" · ".join(facts),
        to_look_at=_to_look_at(entry),
    )


def of(member: Member, entry: Entry) -> Shown:
    """Return how far a planilla's filling is."""
    planilla, progress = entry.planilla, entry.progress
    told = filled.from_json(planilla.filled)
    with school_scope(member.school_id):
        sources = Source.objects.filter(planilla_id=planilla.pk).count()
    is_busy = planilla.state == State.FILLING
    return Shown(
        is_busy=is_busy,
        is_stopped=planilla.state == State.FAILED and planilla.error_code == "cancelled",
        share=progress.progress if progress else 0.0,
        stage=_stage(entry, told),
        waits=progress.waits if progress and is_busy else "",
        eta_s=progress.eta_s if progress and is_busy else None,
        rows=entry.counts.rows,
        rows_expected=planilla.rows_expected,
        found=entry.counts.found,
        conflicts=entry.counts.conflict,
        sources_read=sum(each.is_done for each in told.sources.values()),
        sources=sources,
        error="" if is_busy else _error(planilla),
    )


def titles_of_sources(member: Member, planilla_id: UUID) -> list[str]:
    """Return the titles of what a planilla is filled from."""
    with school_scope(member.school_id):
        rows = Source.objects.filter(planilla_id=planilla_id).order_by("ordinal")
        return list(rows.values_list("title", flat=True))


def _stage(entry: Entry, told: filled.Filled) -> str:
    """Return what is being done, in words."""
    if entry.planilla.state != State.FILLING:
        return ""
    if entry.progress is None or entry.progress.state != RunState.RUNNING:
        return _("En espera de su turno")
    if told.engine.windows or told.engine.after or told.engine.calls:
        return _("Buscando con un modelo lo que falta")
    if told.has_asides:
        return _("Preparando lo que falta")
    return _("Leyendo tablas y datos rotulados")


def _error(planilla: Planilla) -> str:
    if planilla.error_code == "cancelled":
        return _("La detuvo una persona.")
    return planilla.error_detail or _("Algo falló al completarla. Se puede reintentar.")


def _to_look_at(entry: Entry) -> str:
    """Return what asks for a person's decision, in words."""
    counts = entry.counts
    told = (
        (counts.conflict, _("en conflicto")),
        (counts.invalid, ngettext("inválida", "inválidas", counts.invalid)),
        (counts.stale, ngettext("desactualizada", "desactualizadas", counts.stale)),
    )
    return ", ".join(f"{count} {words}" for count, words in told if count)
