"""The pages of reports: their list, one of them to be read and corrected, and what is done with it whole."""

import time
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from planillas import report_exporting, report_form, report_sections, report_shown, report_templates, reports
from planillas.models import State
from planillas.report_templates import Kind
from planillas.reports import Entry
from schools import events
from schools.admission import Member, SchoolRequest, in_school, readmit
from schools.refusals import Refused
from schools.roles import Can
from transcription import exporting

PER_PAGE = 30
TICK_S = 0.7
_LIMITS = {
    "title": report_templates.TITLE_MOST_CHARS,
    "prompt": report_templates.PROMPT_MOST_CHARS,
    "text": report_sections.TEXT_MOST_CHARS,
    "instructions": reports.INSTRUCTIONS_MOST_CHARS,
    "words_least": report_templates.WORDS_LEAST,
    "words_most": report_templates.WORDS_MOST,
    "words_usual": report_templates.WORDS_USUAL,
}


@require_safe
@in_school(Can.READ)
def show_list(request: SchoolRequest) -> HttpResponse:
    """Show the reports that a member may see."""
    query, state = request.GET.get("q", "")[:200], request.GET.get("estado", "")
    before, after = (report_form.uuid(request.GET.get(name, "")) for name in ("antes", "despues"))
    found = reports.search(
        request.member,
        query=query,
        state=state if state in State.values else "",
        before=before,
        after=after,
        limit=PER_PAGE + 1,
    )
    rows = found[-PER_PAGE:] if after else found[:PER_PAGE]
    is_more = len(found) > PER_PAGE
    return render(
        request,
        "planillas/reports.html",
        {
            "rows": [(each, *report_shown.state(each)) for each in rows],
            "older": rows[-1].id if rows and (is_more or after) else None,
            "newer": rows[0].id if rows and (is_more if after else before) else None,
            "is_first": not before and not after,
            "query": query,
            "state": state,
            "states": report_shown.states(),
        },
    )


@require_safe
@in_school(Can.READ)
def show(request: SchoolRequest, report_id: UUID) -> HttpResponse:
    """Show a report as a document; `editar` names the section that is being written over."""
    entry = found_or_404(request.member, report_id)
    return page(request, entry, editing=report_form.uuid(request.GET.get("editar", "")))


@require_GET
@in_school(Can.READ)
async def watch(request: SchoolRequest, report_id: UUID) -> HttpResponseBase:
    """Tell, as server-sent events, how far the writing is, until it is done."""
    await events.in_thread(found_or_404, request.member, report_id)
    return events.stream(_changes(request.member, report_id))


async def _changes(member: Member, report_id: UUID) -> AsyncIterator[events.Event]:
    told: dict[str, Any] | None = None
    while True:
        began = time.monotonic()
        now = await events.in_thread(_look, member, report_id)
        if now is None:
            return
        if now != told:
            told = now
            yield events.Event("report", now)
        if not now["is_busy"]:
            return
        await events.rest(TICK_S, since=began)


def _look(member: Member, report_id: UUID) -> dict[str, Any] | None:
    """Return how far the writing is; None when the member may not see the report any more."""
    admitted = readmit(member)
    try:
        entry = reports.get(admitted, report_id) if admitted else None
    except reports.NoSuchReport:
        return None
    if entry is None:
        return None
    return {
        "is_busy": entry.is_at_work,
        "done": len(entry.sections) - entry.waiting,
        "total": len(entry.sections),
        "waits": entry.progress.waits if entry.progress else "",
    }


@require_POST
@in_school(Can.FILL)
def retry(request: SchoolRequest, report_id: UUID) -> HttpResponse:
    """Go on with what was stopped."""
    return act(request, report_id, lambda: reports.retry(request.member, report_id))


@require_POST
@in_school(Can.FILL)
def cancel(request: SchoolRequest, report_id: UUID) -> HttpResponse:
    """Stop the writing."""
    return act(request, report_id, lambda: reports.cancel(request.member, report_id))


@require_POST
@in_school(Can.FILL)
def redraft(request: SchoolRequest, report_id: UUID) -> HttpResponse:
    """Draft again what became stale or was never written."""
    return act(request, report_id, lambda: report_sections.redraft_waiting(request.member, report_id))


@require_POST
@in_school(Can.FILL)
def change(request: SchoolRequest, report_id: UUID) -> HttpResponse:
    """Change the title, or what is asked for the whole report."""
    return act(
        request,
        report_id,
        lambda: reports.change(
            request.member,
            report_id,
            title=request.POST.get("title"),
            instructions=request.POST.get("instructions"),
        ),
        said=_("Guardado."),
    )


@require_POST
@in_school(Can.APPROVE)
def approve(request: SchoolRequest, report_id: UUID) -> HttpResponse:
    """Approve the report as it stands."""
    return act(
        request,
        report_id,
        lambda: reports.approve(request.member, report_id),
        said=_("Informe aprobado. Si después se cambia algo, vuelve a quedar por revisar."),
    )


@require_POST
@in_school(Can.FILL)
def delete(request: SchoolRequest, report_id: UUID) -> HttpResponse:
    """Take the report away."""
    found_or_404(request.member, report_id)
    try:
        reports.delete(request.member, report_id)
    except Refused as error:
        messages.error(request, error.detail)
        return _back(request, report_id)
    messages.success(request, _("Informe borrado."))
    return redirect("reports:reports", slug=request.member.slug)


@require_safe
@in_school(Can.READ)
def export(request: SchoolRequest, report_id: UUID) -> HttpResponse:
    """Hand the report out as a file."""
    found_or_404(request.member, report_id)
    try:
        return exporting.respond(
            report_exporting.export(request.member, report_id, request.GET.get("fmt", "docx"))
        )
    except Refused as error:
        messages.error(request, error.detail)
        return _back(request, report_id)


@require_safe
@in_school(Can.READ)
def draw(request: SchoolRequest, report_id: UUID, section_id: UUID) -> HttpResponse:
    """Send the chart of a section as a picture, for the light theme or the dark one; an empty one while it has none."""
    from planillas.exports import drawing

    entry = found_or_404(request.member, report_id)
    section = section_or_404(entry, section_id)
    made = section.drawn.get("made") if section.kind == Kind.CHART else None
    is_dark = request.GET.get("tema") == "oscuro"
    svg = drawing.svg(made, section.drawn.get("shape", ""), is_dark=is_dark) if made else drawing.NOTHING
    response = HttpResponse(svg, content_type=drawing.SVG)
    response["Content-Security-Policy"] = "sandbox; default-src 'none'; style-src 'unsafe-inline'"
    response["Cache-Control"] = "private, no-store"  # a right may be withdrawn
    return response


def page(
    request: SchoolRequest,
    entry: Entry,
    *,
    editing: UUID | None = None,
    typed: dict[str, str] | None = None,
    error: Refused | None = None,
) -> HttpResponse:
    """Return the page of a report; `typed`: what stands in the form of the section that is being written over."""
    member = request.member
    word, badge = report_shown.state(entry)
    return render(
        request,
        "planillas/report.html",
        {
            "entry": entry,
            "report": entry.report,
            "sections": report_shown.sections(member, entry),
            "state": word,
            "badge": badge,
            "choices": report_shown.drawing_choices(entry) if entry.may_change else [],
            "shapes": report_shown.shapes(),
            "kinds": Kind.choices,
            "formats": report_exporting.FORMATS,
            "sources": report_shown.sources(member, entry),
            "editing": editing if entry.may_change else None,
            "typed": typed or {},
            "error": error,
            "limits": _LIMITS,
        },
        status=error.status if error else 200,
    )


def act(
    request: SchoolRequest,
    report_id: UUID,
    call: Callable[[], object],
    *,
    said: str = "",
    at: UUID | None = None,
) -> HttpResponse:
    """Do something to a report, say what came of it, and show it again, at a section where one is named."""
    found_or_404(request.member, report_id)
    try:
        call()
        if said:
            messages.success(request, said)
    except Refused as error:
        messages.error(request, error.detail)
    return _back(request, report_id, at)


def found_or_404(member: Member, report_id: UUID) -> Entry:
    """Return a report; raise Http404 where the member knows of none."""
    try:
        return reports.get(member, report_id)
    except reports.NoSuchReport as error:
        raise Http404 from error


def section_or_404(entry: Entry, section_id: UUID) -> Any:
    """Return a section; raise Http404 where the report has none of that id."""
    try:
        return report_sections.find(entry, section_id)
    except report_sections.NoSuchSection as error:
        raise Http404 from error


def _back(request: SchoolRequest, report_id: UUID, at: UUID | None = None) -> HttpResponse:
    address = reverse("reports:report", kwargs={"slug": request.member.slug, "report_id": report_id})
    return redirect(f"{address}#seccion-{at}" if at else address)
