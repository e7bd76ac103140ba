"""The API of a transcript's summary and tasks."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from documents.api_shapes import Started
from schools.admission import in_school
from schools.idempotency import idempotent
from schools.openapi import describe
from schools.roles import Can
from schools.shapes import Call, Shape, Time, read
from transcription import actions, digests
from transcription.actions import OWNER_MOST_CHARS, TASK_MOST_CHARS, BadAction, Wanted
from transcription.digests import PARTS, NoDigest
from transcription.models import Action, ActionState

_DUE_HELP = "null: no day can be told; `due_words` may hold what was said"


class SummaryShape(Shape):
    """What a meeting came to. Each line: `text`, and `from` and `to`, the seconds in which it was said."""

    transcript_id = serializers.UUIDField()
    bullets = serializers.ListField(child=serializers.DictField(), help_text="facts and decisions")
    risks = serializers.ListField(child=serializers.DictField(), help_text="risks and dependencies")
    ideas = serializers.ListField(child=serializers.DictField())
    topics = serializers.ListField(
        child=serializers.DictField(), help_text="in the order in which they came up"
    )
    made_by = serializers.CharField(allow_blank=True, help_text="the engine; empty: by rules, word for word")
    is_edited = serializers.BooleanField(help_text="by a person")
    is_outdated = serializers.BooleanField(help_text="the transcript was corrected since")
    revision = serializers.IntegerField(help_text="of the transcript that it was made from")
    made_at = Time()


class ActionShape(Shape):
    """A task that somebody took on or was given, and the words that say so."""

    id = serializers.UUIDField()
    transcript_id = serializers.UUIDField()
    text = serializers.CharField(help_text="the words that say so; the task where a person added it")
    owner = serializers.CharField(allow_blank=True)
    task = serializers.CharField()
    due = serializers.DateField(allow_null=True, help_text=_DUE_HELP)
    due_words = serializers.CharField(allow_blank=True)
    source_span = serializers.DictField(
        allow_null=True, help_text="`from` and `to`, seconds of the recording"
    )
    quote = serializers.CharField(allow_blank=True)
    status = serializers.ChoiceField(ActionState.choices)
    confidence = serializers.FloatField(allow_null=True, help_text="0.65 to 1; null: a person's")


class Actions(Shape):
    """The tasks of a transcript, in the order in which they were said."""

    results = ActionShape(many=True)


class NewAction(Shape):
    """A task that nobody heard."""

    task = serializers.CharField(max_length=TASK_MOST_CHARS)
    owner = serializers.CharField(max_length=OWNER_MOST_CHARS, allow_blank=True, default="")
    due = serializers.DateField(allow_null=True, default=None)


class ActionChange(Shape):
    """What to change of a task; what is left out stays. `due` null: it has no date any more."""

    task = serializers.CharField(required=False, max_length=TASK_MOST_CHARS)
    owner = serializers.CharField(required=False, max_length=OWNER_MOST_CHARS, allow_blank=True)
    due = serializers.DateField(required=False, allow_null=True)
    status = serializers.ChoiceField(ActionState.choices, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a body that changes nothing."""
        if not attrs:
            raise serializers.ValidationError(_("Falta decir qué cambia."))
        return attrs


class Summary(APIView):
    """`transcripts/{id}/summary`"""

    @describe("get_summary", area="transcripts", gives=SummaryShape)
    @in_school(Can.READ)
    def get(self, request: Call, recording_id: UUID) -> Response:
        """Return the summary of a transcript; 404 `no_digest` while there is none."""
        entry = digests.get(request.member, recording_id)
        digest = entry.digest
        if digest is None:
            raise NoDigest(_("Esta grabación todavía no tiene resumen."))
        body = {
            "transcript_id": recording_id,
            **{name: [_line(each) for each in digest.content.get(name, ())] for name in PARTS},
            "made_by": digest.made_by,
            "is_edited": digest.edited_at is not None,
            "is_outdated": entry.is_outdated,
            "revision": digest.revision,
            "made_at": digest.made_at,
        }
        return Response(SummaryShape(body).data)

    @describe("make_summary", area="transcripts", gives=Started, status=202)
    @in_school(Can.UPLOAD)
    def post(self, request: Call, recording_id: UUID) -> Response:
        """Make summary and tasks anew; tasks that a person dealt with stay, corrections of the summary do not."""
        run_id = digests.regenerate(request.member, recording_id)
        found = digests.get(request.member, recording_id).listed.entry.document
        return Response(Started({"id": found.pk, "status": found.status, "run_id": run_id}).data, status=202)


class TranscriptActions(APIView):
    """`transcripts/{id}/actions`"""

    @describe(
        "list_actions",
        area="transcripts",
        gives=Actions,
        query=(
            OpenApiParameter(
                "status", str, enum=ActionState.values, description="only those; all when left out"
            ),
        ),
    )
    @in_school(Can.READ)
    def get(self, request: Call, recording_id: UUID) -> Response:
        """Return the tasks of a transcript."""
        wanted = request.query_params.get("status", "")
        if wanted and wanted not in ActionState.values:
            raise BadAction(_("Ese estado no existe."), field="status")
        rows = actions.listed(request.member, recording_id, states=(wanted,) if wanted else ())
        return Response(Actions({"results": [_of(each) for each in rows]}).data)

    @describe("create_action", area="transcripts", takes=NewAction, gives=ActionShape, creates=True)
    @in_school(Can.UPLOAD)
    @idempotent
    def post(self, request: Call, recording_id: UUID) -> Response:
        """Add a task."""
        made = actions.add(request.member, recording_id, **read(NewAction, request))
        return Response(ActionShape(_of(made)).data, status=201)


class OneAction(APIView):
    """`actions/{id}/`"""

    @describe("change_action", area="transcripts", takes=ActionChange, gives=ActionShape)
    @in_school(Can.UPLOAD)
    def patch(self, request: Call, action_id: UUID) -> Response:
        """Accept, correct, tick off or discard a task."""
        recording_id = actions.recording_of(request.member, action_id)
        given = read(ActionChange, request)
        wanted = Wanted(
            owner=given.get("owner"),
            task=given.get("task"),
            due=given.get("due"),
            clears_due="due" in given and given["due"] is None,
            state=ActionState(given["status"]) if "status" in given else None,
        )
        changed = actions.change(request.member, recording_id, action_id, wanted)
        return Response(ActionShape(_of(changed)).data)


def _line(kept: dict[str, Any]) -> dict[str, Any]:
    return {"text": kept.get("text", ""), "from": kept.get("from_s"), "to": kept.get("to_s")}


def _of(action: Action) -> dict[str, Any]:
    is_said = action.from_s is not None
    return {
        "id": action.pk,
        "transcript_id": action.recording_id,
        "text": action.quote or action.task,
        "owner": action.owner,
        "task": action.task,
        "due": action.due,
        "due_words": action.due_words,
        "source_span": {"from": action.from_s, "to": action.to_s} if is_said else None,
        "quote": action.quote,
        "status": action.state,
        "confidence": action.confidence,
    }
