"""What the player of a recording's page asks for: the sound, its loudness, and the words with their seconds."""

from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse
from django.views.decorators.http import require_safe

from documents import originals
from schools.admission import SchoolRequest, in_school
from schools.roles import Can
from transcription import transcripts
from transcription.pages import found_or_404

FLAC = "audio/flac"


@require_safe
@in_school(Can.READ)
def send_sound(request: SchoolRequest, recording_id: UUID) -> HttpResponseBase:
    """Send the sound that was prepared, whole or in the range that is asked for."""
    found = found_or_404(request.member, recording_id)
    if found.recording is None or not found.recording.has_sound:
        raise Http404
    document = found.entry.document
    return originals.respond_with(request, document.sound_key, media=FLAC, filename=f"{document.title}.flac")


@require_safe
@in_school(Can.READ)
def send_peaks(request: SchoolRequest, recording_id: UUID) -> HttpResponse:
    """Send how loud the sound is, one byte for every tenth of a second."""
    found = found_or_404(request.member, recording_id)
    peaks = transcripts.peaks(request.member, found.id)
    response = HttpResponse(peaks, content_type="application/octet-stream")
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response


@require_safe
@in_school(Can.READ)
def send_words(request: SchoolRequest, recording_id: UUID) -> HttpResponse:
    """Send what was said, word by word: segments in order, as corrections answer with them."""
    found = found_or_404(request.member, recording_id)
    told = [transcripts.as_json(each) for each in transcripts.segments(request.member, found.id)]
    response = JsonResponse({"segments": told}, json_dumps_params={"ensure_ascii": False})
    response["Cache-Control"] = "private, no-store"
    return response
