"""The page of an acta, and what is downloaded of a recording."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from schools.admission import Member, SchoolRequest, in_school
from schools.refusals import Refused
from schools.roles import Can
from transcription import acta_content, acta_form, acta_templates, actas, exporting
from transcription.acta_form import Typed
from transcription.pages import found_or_404
from transcription.recordings import Listed

_LIMITS = {
    "title": acta_content.TITLE_MOST_CHARS,
    "hour": acta_content.HOUR_MOST_CHARS,
    "place": acta_content.PLACE_MOST_CHARS,
    "line": acta_content.LINE_MOST_CHARS,
    "what": acta_content.WHAT_MOST_CHARS,
    "text": acta_content.TEXT_MOST_CHARS,
}


@require_safe
@in_school(Can.READ)
def export(request: SchoolRequest, recording_id: UUID) -> HttpResponse:
    """Hand a transcript out as a file."""
    found_or_404(request.member, recording_id)
    try:
        return exporting.respond(
            exporting.export(request.member, recording_id, request.GET.get("fmt", "docx"))
        )
    except Refused as error:
        return _refuse(request, error, "transcription:recording", recording_id)


@require_safe
@in_school(Can.READ)
def show(request: SchoolRequest, recording_id: UUID) -> HttpResponse:
    """Show a recording's acta as a document to be corrected, or what is needed to make it."""
    listed = found_or_404(request.member, recording_id)
    entry = actas.find(request.member, recording_id)
    typed = acta_form.of_written(entry.written, entry.row.rev) if entry else None
    return _page(request, listed, entry, typed)


@require_POST
@in_school(Can.UPLOAD)
def make(request: SchoolRequest, recording_id: UUID) -> HttpResponse:
    """Make the acta, or make it anew where the form says so."""
    found_or_404(request.member, recording_id)
    try:
        actas.make(
            request.member,
            recording_id,
            template_id=_uuid(request.POST.get("template", "")),
            anew=request.POST.get("anew") == "1",
            began_from=acta_form.rev_of(request.POST),
        )
        messages.success(request, _("El acta está armada: conviene revisarla antes de usarla."))
    except Refused as error:
        messages.error(request, error.detail)
    return redirect("transcription:acta", slug=request.member.slug, recording_id=recording_id)


@require_POST
@in_school(Can.UPLOAD)
def change(request: SchoolRequest, recording_id: UUID) -> HttpResponse:
    """Keep what was written; where that is refused, show it again with why."""
    listed = found_or_404(request.member, recording_id)
    entry = actas.find(request.member, recording_id)
    if entry is None or not listed.entry.may_change:
        messages.error(request, _("El acta no se puede cambiar."))
        return redirect("transcription:acta", slug=request.member.slug, recording_id=recording_id)
    typed = acta_form.of_post(request.POST)
    try:
        actas.change(request.member, recording_id, typed.checked, began_from=typed.began_from)
    except actas.Overtaken as error:
        # What is saved next comes on top of what the other wrote.
        typed = Typed(typed.written, error.latest.row.rev, typed.held_on)
        return _page(request, listed, error.latest, typed, error=error)
    except Refused as error:
        return _page(request, listed, entry, typed, error=error)
    messages.success(request, _("Acta guardada."))
    return redirect("transcription:acta", slug=request.member.slug, recording_id=recording_id)


@require_safe
@in_school(Can.READ)
def download(request: SchoolRequest, recording_id: UUID) -> HttpResponse:
    """Hand the acta out as a file."""
    found_or_404(request.member, recording_id)
    try:
        return exporting.respond(actas.export(request.member, recording_id, request.GET.get("fmt", "docx")))
    except Refused as error:
        return _refuse(request, error, "transcription:acta", recording_id)


def _refuse(request: SchoolRequest, error: Refused, name: str, recording_id: UUID) -> HttpResponse:
    """Say on the page it came from why there is no file."""
    messages.error(request, error.detail)
    return redirect(name, slug=request.member.slug, recording_id=recording_id)


def _page(
    request: SchoolRequest,
    listed: Listed,
    entry: actas.Entry | None,
    typed: Typed | None,
    *,
    error: Refused | None = None,
) -> HttpResponse:
    return render(
        request,
        "transcription/acta.html",
        {
            "document": listed.entry.document,
            "may_change": listed.entry.may_change,
            "has_words": listed.has_words and bool(listed.recording and listed.recording.written_at),
            "entry": entry,
            "typed": typed,
            "formats": list(actas.FORMATS),
            "limits": _LIMITS,
            "error": error.detail if error else "",
            "error_field": (error.field or "") if error else "",
            "is_overtaken": isinstance(error, actas.Overtaken),
            **_templates(request.member),
        },
        status=error.status if error else 200,
    )


def _templates(member: Member) -> dict[str, Any]:
    return {"templates": acta_templates.every(member)} if member.may(Can.UPLOAD) else {"templates": []}


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        raise Http404 from None
