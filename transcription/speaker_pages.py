"""Who spoke, as a recording's page sends it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from schools.admission import SchoolRequest, in_school
from schools.refusals import Refused
from schools.roles import Can
from transcription import speakers
from transcription.answering import as_json
from transcription.changing import Changed, NoSuchSpeaker
from transcription.pages import found_or_404


@require_POST
@in_school(Can.UPLOAD)
@as_json
def rename(request: SchoolRequest, recording_id: UUID, speaker_id: UUID) -> Changed:
    """Name a speaker in the whole recording."""
    return speakers.rename_speaker(
        request.member, recording_id, speaker_id, name=request.POST.get("name", "")
    )


@require_POST
@in_school(Can.UPLOAD)
@as_json
def merge(request: SchoolRequest, recording_id: UUID, speaker_id: UUID) -> Changed:
    """Make two speakers one."""
    into_id = speakers.id_from(request.POST.get("into", ""))
    if into_id is None:
        raise NoSuchSpeaker(_("Ese hablante no está en la grabación."))
    return speakers.merge_speakers(request.member, recording_id, speaker_id, into_id=into_id)


@require_POST
@in_school(Can.UPLOAD)
def tell_apart(request: SchoolRequest, recording_id: UUID) -> HttpResponse:
    """Find out again who spoke, with the number of people that a person gave."""
    found_or_404(request.member, recording_id)
    text = request.POST.get("speakers", "").strip()
    count = int(text) if text.isascii() and text.isdigit() and len(text) < 4 else None
    try:
        speakers.tell_apart(request.member, recording_id, speakers=count)
        messages.success(
            request, _("Se vuelven a distinguir las voces. Lo que una persona corrigió se conserva.")
        )
    except Refused as error:
        messages.error(request, error.detail)
    return redirect("transcription:recording", slug=request.member.slug, recording_id=recording_id)
