"""Corrections of a transcript as its page sends them; answered in JSON for its script."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from schools.admission import SchoolRequest, in_school
from schools.refusals import Refused
from schools.roles import Can
from transcription import editing, history, speakers
from transcription.answering import as_json
from transcription.changing import Changed
from transcription.pages import found_or_404


class BadNumber(Refused):
    """A number was left out, or is none."""

    code = "invalid"


@require_POST
@in_school(Can.UPLOAD)
@as_json
def edit_text(request: SchoolRequest, recording_id: UUID, segment_id: UUID) -> Changed:
    """Write what was really said."""
    return editing.edit_text(
        request.member,
        recording_id,
        segment_id,
        text=request.POST.get("text", ""),
        rev=number(request, "rev"),
        continues=request.POST.get("continues") == "1",
    )


@require_POST
@in_school(Can.UPLOAD)
@as_json
def set_speaker(request: SchoolRequest, recording_id: UUID, segment_id: UUID) -> Changed:
    """Say who spoke: `speaker` by id, "new" for somebody who is not in the list, "" for nobody known."""
    member, chosen = request.member, request.POST.get("speaker", "")
    rev = number(request, "rev")
    if chosen == "new":
        return editing.set_new_speaker(
            member, recording_id, segment_id, name=request.POST.get("name", ""), rev=rev
        )
    return editing.set_speaker(member, recording_id, segment_id, speaker_id=speakers.id_from(chosen), rev=rev)


@require_POST
@in_school(Can.UPLOAD)
@as_json
def split(request: SchoolRequest, recording_id: UUID, segment_id: UUID) -> Changed:
    """Divide a segment before a word."""
    at_word, rev = number(request, "word"), number(request, "rev")
    return editing.split(request.member, recording_id, segment_id, at_word=at_word, rev=rev)


@require_POST
@in_school(Can.UPLOAD)
@as_json
def merge(request: SchoolRequest, recording_id: UUID, segment_id: UUID) -> Changed:
    """Join a segment with the next one."""
    return editing.merge(request.member, recording_id, segment_id, rev=number(request, "rev"))


@require_POST
@in_school(Can.UPLOAD)
@as_json
def delete(request: SchoolRequest, recording_id: UUID, segment_id: UUID) -> Changed:
    """Take a segment out of the transcript."""
    return editing.delete(request.member, recording_id, segment_id, rev=number(request, "rev"))


@require_safe
@in_school(Can.READ)
def show_history(request: SchoolRequest, recording_id: UUID, segment_id: UUID) -> HttpResponse:
    """Show what a segment was before, and who changed it."""
    found = found_or_404(request.member, recording_id)
    return render(
        request,
        "transcription/parts/history.html",
        {
            "versions": history.of(request.member, recording_id, segment_id),
            "can_change": found.entry.may_change,
        },
    )


@require_POST
@in_school(Can.UPLOAD)
@as_json
def restore(request: SchoolRequest, recording_id: UUID, segment_id: UUID) -> Changed:
    """Make a segment what it was."""
    version, rev = number(request, "version"), number(request, "rev")
    return editing.restore(request.member, recording_id, segment_id, version=version, rev=rev)


def number(request: SchoolRequest, name: str) -> int:
    """Return a whole number of the form; raise BadNumber."""
    text = request.POST.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise BadNumber(_("Falta un dato del pedido, o no se entiende."), field=name)
    return int(text)
