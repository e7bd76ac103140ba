"""The API of transcripts as files."""

from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.views import APIView

from schools.admission import in_school
from schools.openapi import describe
from schools.rendering import Anything
from schools.roles import Can
from schools.shapes import Call
from transcription import exporting


class Export(APIView):
    """`transcripts/{id}/export`"""

    renderer_classes = (Anything,)

    @describe(
        "export_transcript",
        area="transcripts",
        gives=OpenApiResponse(OpenApiTypes.BINARY, "the file"),
        media=[each.MEDIA_TYPE for each in exporting.FORMATS.values()],
        also={(200, "application/json"): OpenApiTypes.OBJECT},
        query=(OpenApiParameter("fmt", str, enum=list(exporting.FORMATS), description="json when left out"),),
    )
    @in_school(Can.READ)
    def get(self, request: Call, recording_id: UUID) -> HttpResponse:
        """Return a transcript as a file; 409 while it has no words."""
        fmt = request.query_params.get("fmt", "json")
        return exporting.respond(exporting.export(request.member, recording_id, fmt))
