"""The grid in which a planilla is reviewed, what its script asks for, and the versions that were approved."""

import json
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST, require_safe

from pipeline.models import ENDS, RunState
from planillas import approving, comparing, grid_shown, register, undoing, values
from planillas.cells import Status
from planillas.models import State
from planillas.register import Entry
from schools.admission import Member, SchoolRequest, in_school
from schools.refusals import Refused
from schools.roles import Can

# How a planilla is taken along: format, name, what for.
EXPORTS = (
    ("xlsx", lazy("Excel"), lazy("cada celda con su fuente")),
    ("ods", lazy("LibreOffice"), lazy("cada celda con su fuente")),
    ("csv", lazy("CSV"), lazy("solo los valores, para otros programas")),
    ("pdf", lazy("PDF"), lazy("para imprimir o enviar")),
)
DOCX = ("docx", lazy("Word"), lazy("en el modelo de la escuela"))


def render_grid(request: HttpRequest, entry: Entry) -> HttpResponse:
    """Show a planilla that is not being filled, to be reviewed."""
    told = entry.planilla
    exports = (*EXPORTS, DOCX) if told.format == "docx" else EXPORTS
    pending = approving.pending(cast(SchoolRequest, request).member, entry.id) if entry.may_approve else None
    return render(
        request,
        "planillas/planilla.html",
        {
            "entry": entry,
            "planilla": told,
            "columns": json.dumps(grid_shown.columns(entry.columns), ensure_ascii=False),
            "counts": grid_shown.counts(entry),
            "states": [(each.value, each.label, grid_shown.ICONS[each]) for each in Status],
            "is_approved": told.state == State.APPROVED,
            "is_failed": told.state == State.FAILED,
            "missing": _missing(entry, pending),
            "exports": exports,
            "refilling": entry.progress is not None and entry.progress.state not in ENDS,
            "refilling_error": _why_not_refilled(entry),
        },
    )


def _why_not_refilled(entry: Entry) -> str:
    """Return why the last filling again came to nothing, where it did and nothing was done since."""
    told = entry.progress
    is_failed = told is not None and told.kind == "refilling" and told.state == RunState.FAILED
    return told.error_detail if told is not None and is_failed else ""


@require_safe
@in_school(Can.READ)
def show_source(request: SchoolRequest, planilla_id: UUID, row_id: UUID) -> HttpResponse:
    """Show all that is known of a row's cell in `columna`, as the panel has it."""
    entry = _found(request.member, planilla_id)
    try:
        told = grid_shown.cell(request.member, entry, row_id, request.GET.get("columna", ""))
    except Refused as error:
        raise Http404 from error
    return render(request, "planillas/parts/cell.html", {"entry": entry, **told})


@require_safe
@in_school(Can.READ)
def show_history(request: SchoolRequest, planilla_id: UUID) -> HttpResponse:
    """Show what people did to the planilla, newest first."""
    entry = _found(request.member, planilla_id)
    edits = undoing.history(request.member, planilla_id)
    return render(
        request,
        "planillas/history.html",
        {"entry": entry, "edits": grid_shown.shown_edits(edits, entry), "most": undoing.HISTORY_MOST},
    )


@require_POST
@in_school(Can.APPROVE)
def approve(request: SchoolRequest, planilla_id: UUID) -> HttpResponse:
    """Approve the planilla as it stands; `knowingly`: also with cells to be looked at."""
    _found(request.member, planilla_id)
    rev = request.POST.get("rev", "")
    try:
        made = approving.approve(
            request.member,
            planilla_id,
            request.POST.get("note", ""),
            knowingly=request.POST.get("knowingly") == "1",
            began_from=int(rev) if rev.isascii() and rev.isdigit() and len(rev) < 10 else None,
        )
        messages.success(request, _("Planilla aprobada: versión %d.") % made.number)
    except Refused as error:
        messages.error(request, error.detail)
    return redirect("planillas:planilla", slug=request.member.slug, planilla_id=planilla_id)


@require_safe
@in_school(Can.READ)
def show_versions(request: SchoolRequest, planilla_id: UUID) -> HttpResponse:
    """Show the approved versions."""
    return _versions(request, _found(request.member, planilla_id))


@require_safe
@in_school(Can.READ)
def compare(request: SchoolRequest, planilla_id: UUID) -> HttpResponse:
    """Show what changed from version `a` to version `b` ("ahora": as it stands)."""
    entry = _found(request.member, planilla_id)
    a, b = (_number(request.GET.get(name, "")) for name in ("a", "b"))
    try:
        told = comparing.compare(request.member, planilla_id, a, b)
    except Refused as error:
        raise Http404 from error
    changed = [
        {
            "row": each.row,
            "column": each.column.name,
            "before": values.show(each.before, each.column),
            "after": values.show(each.after, each.column),
        }
        for each in told.changed
    ]
    return _versions(request, entry, a=a, b=b, told=told, changed=changed, most=comparing.TOLD_MOST)


def _versions(request: SchoolRequest, entry: Entry, **more: Any) -> HttpResponse:
    exports = (*EXPORTS, DOCX) if entry.planilla.format == "docx" else EXPORTS
    context = {"entry": entry, "planilla": entry.planilla, "exports": exports, "a": None, "b": None, **more}
    context["versions"] = approving.versions(request.member, entry.id)
    return render(request, "planillas/versions.html", context)


def _found(member: Member, planilla_id: UUID) -> Entry:
    try:
        return register.get(member, planilla_id)
    except register.NoSuchPlanilla as error:
        raise Http404 from error


def _missing(entry: Entry, pending: approving.Pending | None) -> list[str]:
    if pending is None:
        return []
    return grid_shown.missing(entry, pending.conflict, pending.stale, pending.invalid, pending.required)


def _number(given: str) -> int:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
