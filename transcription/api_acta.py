"""The API of actas."""

from dataclasses import asdict, replace
from typing import Any
from uuid import UUID

from rest_framework import serializers, status
from rest_framework.response import Response
from rest_framework.views import APIView

from schools.admission import in_school
from schools.json_body import JsonBody
from schools.openapi import describe
from schools.roles import Can
from schools.shapes import Call, Shape, Time, read
from transcription import actas
from transcription.acta_content import (
    HOUR_MOST_CHARS,
    LINE_MOST_CHARS,
    PLACE_MOST_CHARS,
    TEXT_MOST_CHARS,
    TITLE_MOST_CHARS,
    WHAT_MOST_CHARS,
    Agreement,
    Attendee,
    Topic,
)
from transcription.actas import Entry


def _text(most: int, **options: Any) -> serializers.CharField:
    return serializers.CharField(max_length=most, allow_blank=True, required=False, default="", **options)


def _second() -> serializers.FloatField:
    return serializers.FloatField(
        required=False,
        allow_null=True,
        default=None,
        min_value=0,
        max_value=1e6,
        help_text="of the recording",
    )


class ActaAttendee(Shape):
    """Who was called to the meeting."""

    name = serializers.CharField(max_length=LINE_MOST_CHARS)
    role = _text(LINE_MOST_CHARS)
    is_present = serializers.BooleanField(required=False, default=True)
    from_s = _second()


class ActaTopic(Shape):
    """What was spoken of."""

    title = serializers.CharField(max_length=TITLE_MOST_CHARS)
    text = _text(TEXT_MOST_CHARS, trim_whitespace=False)
    from_s = _second()
    to_s = _second()


class ActaAgreement(Shape):
    """What is to be done, by whom, by when."""

    what = serializers.CharField(max_length=WHAT_MOST_CHARS)
    who = _text(LINE_MOST_CHARS)
    due = _text(LINE_MOST_CHARS)
    from_s = _second()
    to_s = _second()


class NewActa(Shape):
    """How to make an acta. `template`: the school's usual one when left out. `anew`: in place of the one there is.

    `rev`: the one that was read; 409 (`acta_changed`) for another.
    """

    template = serializers.UUIDField(required=False, allow_null=True, default=None)
    anew = serializers.BooleanField(required=False, default=False)
    rev = serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1)


class ActaChange(Shape):
    """What to change; what is left out stays. `rev`: the one that was read; 409 (`acta_changed`) for another."""

    rev = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    title = serializers.CharField(max_length=TITLE_MOST_CHARS, required=False)
    held_on = serializers.DateField(required=False, allow_null=True)
    hour = serializers.CharField(max_length=HOUR_MOST_CHARS, required=False, allow_blank=True)
    place = serializers.CharField(max_length=PLACE_MOST_CHARS, required=False, allow_blank=True)
    opening = serializers.CharField(max_length=TEXT_MOST_CHARS, required=False, allow_blank=True)
    closing = serializers.CharField(max_length=TEXT_MOST_CHARS, required=False, allow_blank=True)
    attendance = ActaAttendee(many=True, required=False)
    topics = ActaTopic(many=True, required=False)
    agreements = ActaAgreement(many=True, required=False)


class ActaShape(Shape):
    """An acta; each line with its seconds. `id`: its recording's and transcript's too."""

    id = serializers.UUIDField()
    rev = serializers.IntegerField()
    title = serializers.CharField()
    held_on = serializers.DateField(allow_null=True)
    hour = serializers.CharField(allow_blank=True)
    place = serializers.CharField(allow_blank=True)
    opening = serializers.CharField(allow_blank=True)
    closing = serializers.CharField(allow_blank=True)
    sections = serializers.ListField(
        child=serializers.CharField(), help_text="in the order in which they stand"
    )
    attendance = ActaAttendee(many=True)
    topics = ActaTopic(many=True)
    agreements = ActaAgreement(many=True)
    missing = serializers.ListField(
        child=serializers.CharField(), help_text="to be completed, in words for staff"
    )
    is_outdated = serializers.BooleanField(help_text="the transcript was corrected after it was made")
    template = serializers.UUIDField(allow_null=True)
    made_at = Time()
    edited_at = Time(allow_null=True)


class OneActa(APIView):
    """`transcripts/{id}/acta`"""

    parser_classes = (JsonBody,)

    @describe("get_acta", area="transcripts", gives=ActaShape)
    @in_school(Can.READ)
    def get(self, request: Call, recording_id: UUID) -> Response:
        """Return the acta of a recording; 404 (`no_acta`) where none was made."""
        return Response(of_acta(actas.get(request.member, recording_id)))

    @describe("make_acta", area="transcripts", takes=NewActa, gives=ActaShape, status=201)
    @in_school(Can.UPLOAD)
    def post(self, request: Call, recording_id: UUID) -> Response:
        """Make the acta out of transcript, summary and accepted tasks; 409 (`acta_exists`) unless `anew`."""
        given = read(NewActa, request)
        made = actas.make(
            request.member,
            recording_id,
            template_id=given["template"],
            anew=given["anew"],
            began_from=given.get("rev"),
        )
        return Response(of_acta(made), status=status.HTTP_201_CREATED)

    @describe("change_acta", area="transcripts", takes=ActaChange, gives=ActaShape)
    @in_school(Can.UPLOAD)
    def patch(self, request: Call, recording_id: UUID) -> Response:
        """Change what the acta says."""
        entry = actas.get(request.member, recording_id)
        given = read(ActaChange, request)
        rows: dict[str, Any] = {
            name: tuple(kind(**each) for each in given[name])
            for name, kind in (("attendance", Attendee), ("topics", Topic), ("agreements", Agreement))
            if name in given
        }
        names = ("title", "held_on", "hour", "place", "opening", "closing")
        facts = {name: given[name] for name in names if name in given}
        written = replace(entry.written, **facts, **rows)
        return Response(of_acta(actas.change(request.member, recording_id, written, began_from=given["rev"])))


def of_acta(entry: Entry) -> dict[str, Any]:
    """Return an acta as programs are sent it."""
    row = entry.row
    fields = {
        **asdict(entry.written),
        "id": row.recording_id,
        "rev": row.rev,
        "sections": entry.sections,
        "missing": entry.missing,
        "is_outdated": entry.is_outdated,
        "template": row.template_id,
        "made_at": row.made_at,
        "edited_at": row.edited_at,
    }
    return dict(ActaShape(fields).data)
