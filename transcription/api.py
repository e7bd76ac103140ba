"""The API of recordings: brought in, listed, described, written down again."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiResponse, inline_serializer
from rest_framework import serializers, status
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from rest_framework.views import APIView

from documents import library, uploads
from documents.api_shapes import DocumentChange, Started, Uploaded, changes_of, facts_of, of_received
from schools.admission import in_school
from schools.idempotency import idempotent
from schools.json_body import JsonBody
from schools.openapi import describe
from schools.paging import page
from schools.roles import Can
from schools.shapes import Call, page_of, read, read_query
from transcription import estimate, recordings, told_estimate
from transcription.api_shapes import (
    EstimateQuery,
    NewRecording,
    NewTranscript,
    RecordingQuery,
    RecordingShape,
    of_recording,
)
from transcription.recordings import Listed, Wishes

# Beside the file, what multipart itself and the other fields take.
_FORM_BYTES = 64 * 1024
_ESTIMATE = inline_serializer(
    "TranscriptionEstimate",
    {
        "engine": serializers.CharField(allow_null=True),
        "runs": serializers.CharField(allow_null=True, help_text="here, ours or outside"),
        "seconds": serializers.FloatField(allow_null=True, help_text="that it would take"),
        "cost": serializers.JSONField(help_text="amount and currency; null: not known"),
        "text": serializers.CharField(help_text="in words for staff"),
    },
)


class Recordings(APIView):
    """`recordings/`"""

    parser_classes = (MultiPartParser,)

    @describe(
        "list_recordings",
        area="recordings",
        gives=page_of(RecordingShape),
        query=(RecordingQuery,),
        lists=True,
    )
    @in_school(Can.READ)
    def get(self, request: Call) -> Response:
        """Return the recordings that I may see, newest first."""
        asked, member = read_query(RecordingQuery, request), request.member

        def fetch(before: UUID | None, after: UUID | None, limit: int) -> list[Listed]:
            return recordings.search(
                member, query=asked.get("q", ""), before=before, after=after, limit=limit
            )

        return Response(page(request, fetch, of_recording))

    @describe(
        "upload_recording",
        area="recordings",
        takes={"multipart/form-data": NewRecording},
        gives=Uploaded,
        also={200: OpenApiResponse(Uploaded, "the school had these bytes already")},
        creates=True,
    )
    @in_school(Can.UPLOAD)
    def post(self, request: Call) -> HttpResponseBase:
        """Upload a recording, which is transcribed in the background."""
        # Before anything of the body is read: a file that is too large is not even spooled.
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdigit() and int(length) > settings.MAX_RECORDING_BYTES + _FORM_BYTES:
            raise uploads.TooLarge(
                _("La grabación pesa más de %d MB.") % (settings.MAX_RECORDING_BYTES // 1000**2), field="file"
            )
        return self._receive(request)

    @idempotent
    def _receive(self, request: Call) -> Response:
        given = read(NewRecording, request)
        received = recordings.receive(
            request.member,
            given["file"],
            facts=facts_of(given),
            wishes=_wishes(given),
        )
        code = status.HTTP_200_OK if received.is_duplicate else status.HTTP_201_CREATED
        return Response(of_received(received), status=code)


class OneRecording(APIView):
    """`recordings/{id}/`"""

    parser_classes = (JsonBody,)

    @describe("get_recording", area="recordings", gives=RecordingShape)
    @in_school(Can.READ)
    def get(self, request: Call, recording_id: UUID) -> Response:
        """Return a recording and how far its transcription is."""
        return Response(of_recording(recordings.get(request.member, recording_id)))

    @describe("change_recording", area="recordings", takes=DocumentChange, gives=RecordingShape)
    @in_school(Can.UPLOAD)
    def patch(self, request: Call, recording_id: UUID) -> Response:
        """Change a recording's title, shelf or label."""
        recordings.get(request.member, recording_id)
        given = read(DocumentChange, request)
        library.change(
            request.member,
            recording_id,
            changes=changes_of(given),
        )
        return Response(of_recording(recordings.get(request.member, recording_id)))

    @describe("delete_recording", area="recordings")
    @in_school(Can.UPLOAD)
    def delete(self, request: Call, recording_id: UUID) -> Response:
        """Delete a recording with its transcript and all that was made of it."""
        recordings.get(request.member, recording_id)
        library.delete(request.member, [recording_id])
        return Response(status=status.HTTP_204_NO_CONTENT)


class Transcripts(APIView):
    """`transcripts/`"""

    parser_classes = (JsonBody,)

    @describe("transcribe_again", area="transcripts", takes=NewTranscript, gives=Started, status=202)
    @in_school(Can.UPLOAD)
    @idempotent
    def post(self, request: Call) -> Response:
        """Write a recording down again, in a language or with a number of speakers; corrections stay."""
        given = read(NewTranscript, request)
        run_id = recordings.transcribe(request.member, given["recording"], wishes=_wishes(given))
        found = recordings.get(request.member, given["recording"])
        body = Started({"id": found.id, "status": found.entry.document.status, "run_id": run_id}).data
        return Response(body, status=status.HTTP_202_ACCEPTED)


class Estimate(APIView):
    """`recordings/estimate`"""

    @describe("estimate_transcription", area="recordings", query=(EstimateQuery,), gives=_ESTIMATE)
    @in_school(Can.UPLOAD)
    def get(self, request: Call) -> Response:
        """Return who would transcribe so many seconds, in how long and for how much; nothing is called or spent."""
        asked = read_query(EstimateQuery, request)
        found = estimate.estimate(request.member, seconds=asked["seconds"], label=asked["sensitivity"])
        return Response(told_estimate.as_json(found))


def _wishes(given: dict[str, Any]) -> Wishes:
    return Wishes(language=given["language"], speakers=given.get("speakers"))
