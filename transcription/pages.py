"""The pages of recordings: their list, and one of them to be read and heard."""

import time
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_POST, require_safe

from documents import library
from documents import shown as documents_shown
from documents.models import Status
from pipeline import runs
from pipeline.models import ENDS
from schools import events
from schools.admission import Member, SchoolRequest, in_school, readmit
from schools.refusals import Refused
from schools.roles import Can
from schools.scope import school_scope
from transcription import digest_shown, recordings, shown
from transcription.recordings import Listed, NoSuchRecording

PER_PAGE = 50
TICK_S = 0.7
AT_WORK = (Status.QUEUED, Status.PROCESSING)
# How a transcript is taken along: format, name, what for.
EXPORTS = (
    ("docx", lazy("Word"), lazy("para corregir o imprimir")),
    ("pdf", lazy("PDF"), lazy("para imprimir o enviar")),
    ("txt", lazy("Texto"), lazy("solo lo que se dijo")),
    ("md", lazy("Texto con formato"), lazy("Markdown")),
    ("srt", lazy("Subtítulos SRT"), lazy("para un video")),
    ("vtt", lazy("Subtítulos VTT"), lazy("para una página web")),
    ("json", lazy("Datos"), lazy("cada palabra con su segundo, para programas")),
)
ALONE = ("digest-body", "tasks-body")  # what may be drawn again without the transcript
SPEEDS = ("0.75", "1", "1.25", "1.5", "1.75", "2")


@require_safe
@in_school(Can.READ)
def show_list(request: SchoolRequest) -> HttpResponse:
    """Show the recordings that a member may see."""
    query = request.GET.get("q", "").replace("\0", "")[:200]
    page = recordings.page(
        request.member, query=query, number=request.GET.get("pagina", "1"), per_page=PER_PAGE
    )
    rows = [
        {"document": documents_shown.row(each.entry), "recording": each.recording, "speakers": each.speakers}
        for each in page.object_list
    ]
    return render(request, "transcription/recordings.html", {"rows": rows, "page": page, "query": query})


@require_safe
@in_school(Can.READ)
def show(request: SchoolRequest, recording_id: UUID) -> HttpResponse:
    """Show a recording, open at second `t` and marked until `hasta` where they are given."""
    found = found_or_404(request.member, recording_id)
    context = {
        "document": documents_shown.row(found.entry),
        "tabs": digest_shown.tabs(),
        **digest_shown.context(request.member, found, today=timezone.localdate()),
    }
    if request.headers.get("HX-Target", "") in ALONE:
        # Summary and tasks ask again while they are made; of three hours the rest is large.
        return render(request, "transcription/parts/tabs.html", context)
    context |= {
        **shown.context(request.member, found),
        "speeds": SPEEDS,
        "exports": EXPORTS,
        "speakers_most": recordings.SPEAKERS_MOST,
    }
    return render(request, "transcription/recording.html", context)


@require_GET
@in_school(Can.READ)
async def watch(request: SchoolRequest, recording_id: UUID) -> HttpResponseBase:
    """Tell, as server-sent events, how far the work on a recording is, until there is none."""
    await events.in_thread(found_or_404, request.member, recording_id)
    return events.stream(_changes(request.member, recording_id))


async def _changes(member: Member, recording_id: UUID) -> AsyncIterator[events.Event]:
    told: dict[str, Any] | None = None
    while True:
        began = time.monotonic()
        now = await events.in_thread(_look, member, recording_id)
        if now is None:
            return
        if now != told:
            told = now
            yield events.Event("recording", now)
        if not now["is_busy"]:
            return
        await events.rest(TICK_S, since=began)


def _look(member: Member, recording_id: UUID) -> dict[str, Any] | None:
    """Return how far the work is; None when the member may not see the recording any more."""
    admitted = readmit(member)
    if admitted is None:
        return None
    try:
        found = recordings.get(admitted, recording_id)
    except NoSuchRecording:
        return None
    with school_scope(member.school_id):
        telling = runs.progress_of(("voices",), [recording_id]).get(recording_id)
    is_telling = telling is not None and telling.state not in ENDS
    return {
        **documents_shown.state(found.entry),
        "is_telling_apart": is_telling,
        "is_busy": is_telling or found.entry.document.status in AT_WORK,
    }


@require_POST
@in_school(Can.UPLOAD)
def retry(request: SchoolRequest, recording_id: UUID) -> HttpResponse:
    """Try again what did not come to its end; parts that were transcribed are not transcribed twice."""
    found_or_404(request.member, recording_id)
    try:
        library.retry(request.member, recording_id)
        messages.success(request, _("La grabación vuelve a procesarse, desde donde quedó."))
    except Refused as error:
        messages.error(request, error.detail)
    return redirect("transcription:recording", slug=request.member.slug, recording_id=recording_id)


def found_or_404(member: Member, recording_id: UUID) -> Listed:
    """Return a recording; raise Http404 where the member knows of none."""
    try:
        return recordings.get(member, recording_id)
    except NoSuchRecording as error:
        raise Http404 from error
