"""What is done with one section of a report on its page: written over, moved, added, taken away, drafted again."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from planillas import report_form, report_sections, reports
from planillas.report_pages import act, found_or_404, page, section_or_404
from schools.admission import SchoolRequest, in_school
from schools.refusals import Refused
from schools.roles import Can


@require_POST
@in_school(Can.FILL)
def change(request: SchoolRequest, report_id: UUID, section_id: UUID) -> HttpResponse:
    """Keep what was written; where that is refused, show it again with why."""
    member = request.member
    entry = found_or_404(member, report_id)
    section_or_404(entry, section_id)
    try:
        report_sections.change(
            member,
            report_id,
            section_id,
            report_form.changes_of(request.POST),
            began_from=report_form.whole(request.POST.get("rev", "")),
        )
    except reports.NotYours as error:
        messages.error(request, error.detail)
        return act(request, report_id, lambda: None, at=section_id)
    except Refused as error:
        typed = {name: request.POST.get(name, "") for name in ("title", "text", "prompt", "words")}
        return page(request, entry, editing=section_id, typed=typed, error=error)
    return act(request, report_id, lambda: None, said=_("Sección guardada."), at=section_id)


@require_POST
@in_school(Can.FILL)
def draw(request: SchoolRequest, report_id: UUID, section_id: UUID) -> HttpResponse:
    """Make the table or the chart of a section of other cells, or of what they say now."""
    section_or_404(found_or_404(request.member, report_id), section_id)
    changes = report_sections.Changes(drawn=report_form.spec_of(request.POST))
    return act(
        request,
        report_id,
        lambda: report_sections.change(request.member, report_id, section_id, changes),
        at=section_id,
    )


@require_POST
@in_school(Can.FILL)
def redraft(request: SchoolRequest, report_id: UUID, section_id: UUID) -> HttpResponse:
    """Draft the section again, alone."""
    section_or_404(found_or_404(request.member, report_id), section_id)
    replacing = request.POST.get("replace") == "1"
    return act(
        request,
        report_id,
        lambda: report_sections.redraft(request.member, report_id, section_id, replacing=replacing),
        at=section_id,
    )


@require_POST
@in_school(Can.FILL)
def move(request: SchoolRequest, report_id: UUID, section_id: UUID) -> HttpResponse:
    """Put the section one place up or down."""
    section_or_404(found_or_404(request.member, report_id), section_id)
    by = -1 if request.POST.get("to") == "up" else 1
    return act(
        request,
        report_id,
        lambda: report_sections.move(request.member, report_id, section_id, by=by),
        at=section_id,
    )


@require_POST
@in_school(Can.FILL)
def remove(request: SchoolRequest, report_id: UUID, section_id: UUID) -> HttpResponse:
    """Take the section away."""
    section_or_404(found_or_404(request.member, report_id), section_id)
    return act(
        request,
        report_id,
        lambda: report_sections.remove(request.member, report_id, section_id),
        said=_("Sección quitada."),
    )


@require_POST
@in_school(Can.FILL)
def add(request: SchoolRequest, report_id: UUID) -> HttpResponse:
    """Add a section at the end, and draft it where that was asked for."""
    member = request.member
    found_or_404(member, report_id)

    def added() -> None:
        entry = report_sections.add(member, report_id, report_form.part_of(request.POST))
        if request.POST.get("do") == "draft":
            report_sections.redraft(member, report_id, entry.sections[-1].pk)

    return act(request, report_id, added)
