"""The pages of planillas: their list, one while it is filled, and what is done with a whole one."""

import time
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from pipeline import runs
from planillas import filling_shown, grid_pages, naming, register, staleness, starting
from planillas.models import State
from planillas.register import Entry
from schools import events
from schools.admission import Member, SchoolRequest, in_school, readmit
from schools.refusals import Refused
from schools.roles import Can

PER_PAGE = 50
TICK_S = 0.8


@require_safe
@in_school(Can.READ)
def show_list(request: SchoolRequest) -> HttpResponse:
    """Show the planillas that a member may see."""
    query = request.GET.get("q", "").replace("\0", "")[:200]
    state = request.GET.get("estado", "")
    state = state if state in State.values else ""
    before, after = _id(request.GET.get("antes", "")), _id(request.GET.get("despues", ""))
    # One more than is shown tells whether there is a page beyond.
    found = register.search(
        request.member, query=query, state=state, before=before, after=after, limit=PER_PAGE + 1
    )
    has_more = len(found) > PER_PAGE
    entries = found[-PER_PAGE:] if after else found[:PER_PAGE]
    return render(
        request,
        "planillas/planillas.html",
        {
            "rows": [filling_shown.row(each) for each in entries],
            "is_busy": any(each.planilla.state == State.FILLING for each in entries),
            "older": entries[-1].id if entries and (has_more or after) else None,
            "newer": entries[0].id if entries and (has_more if after else before) else None,
            "query": query,
            "state": state,
            "states": State.choices,
            "is_first": before is None and after is None,
        },
    )


@require_safe
@in_school(Can.READ)
def show(request: SchoolRequest, planilla_id: UUID) -> HttpResponseBase:
    """Show a planilla: how far its filling is, or why it failed; otherwise its grid."""
    entry = found_or_404(request.member, planilla_id)
    wants_rows = "filas" in request.GET  # those of one that failed half way
    if entry.planilla.state == State.FILLING or (entry.planilla.state == State.FAILED and not wants_rows):
        shown = filling_shown.of(request.member, entry)
        return render(request, "planillas/filling.html", {"entry": entry, "shown": shown})
    staleness.look(request.member, planilla_id)
    return grid_pages.render_grid(request, entry)


@require_GET
@in_school(Can.READ)
async def watch(request: SchoolRequest, planilla_id: UUID) -> HttpResponseBase:
    """Tell, as server-sent events, how far the filling of a planilla is, until there is none."""
    await events.in_thread(found_or_404, request.member, planilla_id)
    return events.stream(_changes(request.member, planilla_id))


async def _changes(member: Member, planilla_id: UUID) -> AsyncIterator[events.Event]:
    told: dict[str, Any] | None = None
    while True:
        began = time.monotonic()
        now = await events.in_thread(_look, member, planilla_id)
        if now is None:
            return
        if now != told:
            told = now
            yield events.Event("planilla", now)
        if not now["is_busy"]:
            return
        await events.rest(TICK_S, since=began)


def _look(member: Member, planilla_id: UUID) -> dict[str, Any] | None:
    """Return how far the work is; None when the member may not see the planilla any more."""
    admitted = readmit(member)
    if admitted is None or not admitted.may(Can.READ):
        return None
    try:
        entry = register.get(admitted, planilla_id)
    except register.NoSuchPlanilla:
        return None
    return filling_shown.of(admitted, entry).as_event()


@require_POST
@in_school(Can.FILL)
def retry(request: SchoolRequest, planilla_id: UUID) -> HttpResponse:
    """Go on where a filling failed or was stopped."""
    return _act(
        request,
        planilla_id,
        lambda: starting.retry(request.member, planilla_id),
        _("La planilla vuelve a completarse, desde donde quedó."),
    )


@require_POST
@in_school(Can.FILL)
def refill(request: SchoolRequest, planilla_id: UUID) -> HttpResponse:
    """Fill the stale cells again, or all cells of the rows that are named."""
    rows = [_id(each) for each in request.POST.getlist("rows")]
    chosen = [each for each in rows if each is not None] if rows else None
    return _act(
        request,
        planilla_id,
        lambda: starting.refill(request.member, planilla_id, chosen),
        _("Se vuelven a completar las celdas. Lo que corrigió una persona no se toca."),
    )


@require_POST
@in_school(Can.FILL)
def cancel(request: SchoolRequest, planilla_id: UUID) -> HttpResponse:
    """Stop the filling of a planilla; the rows that were found stay."""

    def stop() -> None:
        entry = register.get(request.member, planilla_id)
        if not entry.may_change:
            raise register.NotYours(
                _("Solo quien hizo la planilla, o quien puede aprobarla, la puede detener.")
            )
        if entry.progress is not None:
            runs.cancel(request.member.school_id, entry.progress.run_id)

    return _act(request, planilla_id, stop, _("La planilla se detuvo. Lo que ya se completó queda."))


@require_POST
@in_school(Can.FILL)
def rename(request: SchoolRequest, planilla_id: UUID) -> HttpResponse:
    """Give a planilla another title."""
    title = request.POST.get("title", "")
    return _act(
        request,
        planilla_id,
        lambda: naming.rename(request.member, planilla_id, title),
        _("Título cambiado."),
    )


@require_POST
@in_school(Can.FILL)
def delete(request: SchoolRequest, planilla_id: UUID) -> HttpResponse:
    """Take a planilla away."""
    found_or_404(request.member, planilla_id)
    try:
        register.delete(request.member, planilla_id)
    except Refused as error:
        messages.error(request, error.detail)
        return redirect("planillas:planilla", slug=request.member.slug, planilla_id=planilla_id)
    messages.success(request, _("Planilla borrada."))
    return redirect("planillas:planillas", slug=request.member.slug)


def found_or_404(member: Member, planilla_id: UUID) -> Entry:
    """Return a planilla; raise Http404 where the member knows of none."""
    try:
        return register.get(member, planilla_id)
    except register.NoSuchPlanilla as error:
        raise Http404 from error


def _act(request: SchoolRequest, planilla_id: UUID, act: Callable[[], object], done: str) -> HttpResponse:
    """Do it and say so, or say why not; either way the planilla is shown."""
    found_or_404(request.member, planilla_id)
    try:
        act()
        messages.success(request, done)
    except Refused as error:
        messages.error(request, error.detail)
    return redirect("planillas:planilla", slug=request.member.slug, planilla_id=planilla_id)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
