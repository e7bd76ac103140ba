"""The API of the watched folder."""

from typing import Any

from django.conf import settings
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from documents import arrivals
from documents.models import Arrival, ArrivalState
from schools.admission import Member, in_school
from schools.openapi import describe
from schools.roles import Can
from schools.shapes import Call, Shape, Time, read


class ArrivalShape(Shape):
    """A file that came in through the folder; `state`: seen, taken or told."""

    path = serializers.CharField()
    state = serializers.ChoiceField(ArrivalState.choices)
    document_id = serializers.UUIDField(allow_null=True)
    error_code = serializers.CharField()
    error_detail = serializers.CharField()
    seen_at = Time()
    told_at = Time(allow_null=True)


class FolderShape(Shape):
    """The school's watched folder. `path`: on the server; `arrivals`: the newest 50, those under way first."""

    is_on = serializers.BooleanField()
    path = serializers.CharField()
    arrivals = ArrivalShape(many=True)


class FolderChange(Shape):
    """Whether the folder is watched."""

    is_on = serializers.BooleanField()


class WatchedFolder(APIView):
    """`watched-folder/`"""

    @describe("get_watched_folder", area="documents", gives=FolderShape)
    @in_school(Can.MANAGE_DOCUMENTS)
    def get(self, request: Call) -> Response:
        """Return the watched folder and what came in through it."""
        return Response(_shown(request.member))

    @describe("change_watched_folder", area="documents", takes=FolderChange, gives=FolderShape)
    @in_school(Can.MANAGE_SCHOOL)
    def patch(self, request: Call) -> Response:
        """Begin or cease to watch the folder; what comes in does so in the name of whoever began."""
        arrivals.watch(request.member, is_on=read(FolderChange, request)["is_on"])
        return Response(_shown(request.member))


def _shown(member: Member) -> dict[str, Any]:
    row = arrivals.watched(member)
    shown = {
        "is_on": row is not None and row.is_on,
        "path": str(settings.FOLDERS_DIR / member.slug),
        "arrivals": [_of(each) for each in arrivals.latest(member)],
    }
    return dict(FolderShape(shown).data)


def _of(arrival: Arrival) -> dict[str, Any]:
    return {
        "path": arrival.path,
        "state": arrival.state,
        "document_id": arrival.document_id,
        "error_code": arrival.error_code,
        "error_detail": arrival.error_detail,
        "seen_at": arrival.seen_at,
        "told_at": arrival.told_at,
    }
