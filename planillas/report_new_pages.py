"""The page on which a report is begun: its template, what it is written from, and what will happen."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from documents import collections
from planillas import (
    choosing,
    new_pages,
    register,
    report_foretelling,
    report_form,
    report_sources,
    report_templates,
    reports,
)
from planillas.report_form import Typed
from planillas.report_templates import BadTemplate, Template
from schools.admission import Member, SchoolRequest, in_school
from schools.refusals import Refused
from schools.roles import Can

PLANILLAS_SHOWN = 60


@require_http_methods(["GET", "HEAD", "POST"])
@in_school(Can.FILL)
def show(request: SchoolRequest) -> HttpResponse:
    """Show the page, with a template or sources that the address names; begin a report."""
    typed = report_form.new_of(request.POST if request.method == "POST" else request.GET)
    if request.method != "POST" or request.POST.get("do") == "search":
        return _page(request, typed)
    try:
        report_id = _start(request.member, typed)
    except Refused as error:
        return _page(request, typed, error=error)
    return redirect("reports:report", slug=request.member.slug, report_id=report_id)


@require_POST
@in_school(Can.FILL)
def foretell(request: SchoolRequest) -> HttpResponse:
    """Tell what would happen with what is chosen; nothing is called or spent."""
    typed = report_form.new_of(request.POST)
    return render(
        request, "planillas/parts/report_foretold.html", {"foretold": _foretold(request.member, typed)}
    )


def _start(member: Member, typed: Typed) -> UUID:
    if not typed.template:
        raise BadTemplate(_("Falta elegir una plantilla."), field="template")
    template = report_templates.chosen(member, typed.template)
    entry = reports.start(
        member,
        typed.chosen,
        parts=template.parts,
        template_id=template.id,
        title=typed.title.strip() or template.name,
        instructions=typed.instructions,
    )
    return entry.id


def _page(request: HttpRequest, typed: Typed, *, error: Refused | None = None) -> HttpResponse:
    member: Member = request.member  # type: ignore[attr-defined]  # admitted by the views
    search = new_pages.search_of(request.POST if request.method == "POST" else request.GET)
    context: dict[str, Any] = {
        "typed": typed,
        "templates": report_templates.every(member),
        "ready_made": report_templates.ready_made(),
        "chosen": _chosen(member, typed.template),
        "shelves": collections.visible(member),
        "planillas": register.search(member, limit=PLANILLAS_SHOWN),
        "picked": choosing.picked(member, typed.documents),
        "picked_ids": frozenset(typed.documents),
        "search": search,
        "found": choosing.find(member, search),
        "kinds": ((choosing.DOCUMENTS, _("Solo documentos")), (choosing.RECORDINGS, _("Solo grabaciones"))),
        "limits": {"title": reports.TITLE_MOST_CHARS, "instructions": reports.INSTRUCTIONS_MOST_CHARS},
        "sources_most": report_sources.SOURCES_MOST,
        "foretold": _foretold(member, typed),
        "error": error,
    }
    return render(request, "planillas/report_new.html", context, status=error.status if error else 200)


def _foretold(member: Member, typed: Typed) -> report_foretelling.Foretold:
    return report_foretelling.foretell(member, documents=typed.documents, collections=typed.collections)


def _chosen(member: Member, name: str) -> Template | None:
    try:
        return report_templates.chosen(member, name) if name else None
    except report_templates.NoSuchTemplate:
        return None
