"""How the page's script is answered when a person corrects a transcript."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import Http404, HttpResponse, JsonResponse

from schools.admission import SchoolRequest
from schools.refusals import Refused
from transcription import transcripts
from transcription.changing import Changed, Stale
from transcription.shown import colour_of


def as_json(view: Callable[..., Changed]) -> Callable[..., HttpResponse]:
    """Answer with what a correction left behind, or why it was refused; what is missing into 404."""

    @wraps(view)
    def wrapper(request: SchoolRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return JsonResponse(_left(view(request, *args, **kwargs)))
        except Refused as error:
            if error.status == 404:
                raise Http404 from error
            return _problem(error)

    return wrapper


def _left(changed: Changed) -> dict[str, Any]:
    return {
        "revision": changed.recording.revision,
        "segments": [transcripts.as_json(each) for each in changed.segments if each.deleted_at is None],
        "removed": [str(each) for each in changed.removed],
        "voices": [
            {
                "id": str(each.id),
                "name": each.name,
                "is_named": each.is_named,
                "colour": colour_of(each.number),
                "seconds": each.seconds,
                "share": round(each.share, 4),
            }
            for each in changed.voices
        ],
    }


def _problem(error: Refused) -> HttpResponse:
    body: dict[str, Any] = {
        "type": "about:blank",
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
    }
    if isinstance(error, Stale):
        body |= error.extra
    return JsonResponse(body, status=error.status, content_type="application/problem+json")
