"""The pages by which recordings come in: a file, or the browser's own microphone."""

from uuid import UUID

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_POST, require_safe

from documents import label_page, uploads
from documents.forms import shelves_for
from documents.models import Sensitivity
from schools.admission import SchoolRequest, in_school
from schools.refusals import Refused
from schools.roles import Can
from transcription import estimate, recordings, told_estimate
from transcription.recordings import LANGUAGES, SPEAKERS_MOST, Wishes

LANGUAGE_NAMES = {
    "es": lazy("Castellano"),
    "ca": lazy("Catalán o valenciano"),
    "gl": lazy("Gallego"),
    "eu": lazy("Euskera"),
    "qu": lazy("Quechua"),
    "gn": lazy("Guaraní"),
    "pt": lazy("Portugués"),
    "en": lazy("Inglés"),
    "fr": lazy("Francés"),
    "it": lazy("Italiano"),
    "de": lazy("Alemán"),
    "": lazy("Averiguarlo del sonido"),
}
SECONDS_MOST = 24 * 3600


@require_safe
@in_school(Can.UPLOAD)
def show_new(request: SchoolRequest) -> HttpResponse:
    """Show the two ways in: a file that is chosen, and recording here."""
    return render(
        request,
        "transcription/new.html",
        {
            "collections": shelves_for(request.member),
            "labels": label_page.choices(),
            "languages": [(code, LANGUAGE_NAMES[code]) for code in LANGUAGES],
            "speakers_most": SPEAKERS_MOST,
            "accepted": ",".join(f".{extension}" for extension in recordings.EXTENSIONS),
            "max_upload_bytes": settings.MAX_RECORDING_BYTES,
        },
    )


@require_POST
@in_school(Can.UPLOAD)
def upload(request: SchoolRequest) -> HttpResponse:
    """Take a recording; answer the page's script in JSON, a plain form by leading to the recording."""
    wants_json = "application/json" in request.headers.get("Accept", "")
    file = request.FILES.get("file")
    try:
        if file is None:
            raise uploads.EmptyFile(_("Falta el archivo."), field="file")
        received = recordings.receive(
            request.member,
            file,
            facts=uploads.Facts(
                collection_id=_uuid(request.POST.get("collection", "")),
                title=request.POST.get("title", "").replace("\0", ""),
                sensitivity=label_page.given(request) or Sensitivity.UNKNOWN,
            ),
            wishes=wishes_of(request),
        )
    except Refused as error:
        if wants_json:
            return _problem(error)
        return render(request, "transcription/refused.html", {"reason": error.detail}, status=error.status)
    address = reverse("transcription:recording", args=[request.member.slug, received.document_id])
    if wants_json:
        body = {"id": str(received.document_id), "duplicate": received.is_duplicate, "url": address}
        return JsonResponse(body, status=200 if received.is_duplicate else 201)
    return redirect(address)


@require_GET
@in_school(Can.UPLOAD)
def tell_estimate(request: SchoolRequest) -> HttpResponse:
    """Tell who would transcribe so many seconds, in how long and for how much; nothing is called or spent."""
    seconds = min(_number(request.GET.get("segundos", "")), SECONDS_MOST)
    found = estimate.estimate(request.member, seconds=seconds, label=request.GET.get("etiqueta", ""))
    return JsonResponse({"text": told_estimate.say(found), "is_possible": bool(found.engine)})


def wishes_of(request: SchoolRequest) -> Wishes:
    """Return what a form says of the sound; what makes no sense counts as not said."""
    language = request.POST.get("language", "es")
    speakers = request.POST.get("speakers", "")
    count = int(speakers) if speakers.isascii() and speakers.isdigit() and len(speakers) < 4 else 0
    return Wishes(
        language=language if language in LANGUAGES else "es",
        speakers=count if 1 <= count <= SPEAKERS_MOST else None,
    )


def _problem(error: Refused) -> JsonResponse:
    body = {
        "type": "about:blank",
        "title": error.code,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
    }
    return JsonResponse(body, status=error.status, content_type="application/problem+json")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _number(text: str) -> float:
    try:
        found = float(text)
    except ValueError:
        return 0.0
    return found if 0 <= found < float("inf") else 0.0
