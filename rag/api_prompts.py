"""The API of the prompt library."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from rest_framework import serializers, status
from rest_framework.response import Response
from rest_framework.views import APIView

from engines import amounts
from rag import prompt_trial, prompts
from rag.api_shapes import Citation, Cost, of_citation
from rag.models import PromptVersion
from rag.prompt_facts import (
    ASKERS,
    NAME_MOST_CHARS,
    NOTE_MOST_CHARS,
    PURPOSE_MOST_CHARS,
    Facts,
    Task,
    Words,
)
from rag.prompt_text import LABEL_MOST_CHARS, VALUE_MOST_CHARS, Variable
from rag.prompt_text import NAME_MOST_CHARS as VARIABLE_MOST_CHARS
from rag.prompt_trial import Side
from rag.prompts import Entry
from rag.retrieve import QUESTION_MOST_CHARS
from schools.admission import in_school
from schools.idempotency import idempotent
from schools.openapi import describe
from schools.paging import over, page
from schools.roles import Can, Role
from schools.shapes import Call, Shape, Time, page_of, read


class PromptVariable(Shape):
    """A variable that a text names as {{name}}; `default` stands there where no value is given."""

    name = serializers.CharField(max_length=VARIABLE_MOST_CHARS)
    label = serializers.CharField(  # type: ignore[assignment]  # a field here, taken off the class by DRF
        max_length=LABEL_MOST_CHARS, required=False, allow_blank=True, default=""
    )
    default = serializers.CharField(
        max_length=VALUE_MOST_CHARS, required=False, allow_blank=True, default="", trim_whitespace=False
    )


class NewPrompt(Shape):
    """A prompt to make. `roles` null: for everyone who asks. `is_default`: the task's earlier one no longer is."""

    name = serializers.CharField(max_length=NAME_MOST_CHARS)
    purpose = serializers.CharField(
        max_length=PURPOSE_MOST_CHARS, required=False, allow_blank=True, default=""
    )
    task = serializers.CharField(
        max_length=20, required=False, default=Task.ANSWER, help_text=f"one of: {', '.join(Task.values)}"
    )
    is_default = serializers.BooleanField(required=False, default=False)
    roles = serializers.ListField(
        child=serializers.ChoiceField([role.value for role in ASKERS]),
        required=False,
        allow_null=True,
        allow_empty=False,
        max_length=len(ASKERS),
        default=None,
    )
    text = serializers.CharField(trim_whitespace=False)
    variables = PromptVariable(many=True, required=False, default=list)
    note = serializers.CharField(max_length=NOTE_MOST_CHARS, required=False, allow_blank=True, default="")


class PromptChange(NewPrompt):
    """What to change; what is left out stays. Another text, or other variables, make another version.

    `version`: refuse (409, `prompt_changed`) when that is not the latest any more. `restore`: take the text and the
    variables of that version.
    """

    version = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)
    restore = serializers.IntegerField(min_value=1, max_value=2**31 - 1, required=False)


class PromptVersionShape(Shape):
    """One text of a prompt; never changed."""

    number = serializers.IntegerField()
    text = serializers.CharField()
    variables = PromptVariable(many=True)
    note = serializers.CharField(allow_blank=True)
    created_at = Time()
    created_by = serializers.CharField(allow_null=True)


class PromptShape(Shape):
    """A prompt with the text of its latest version, `version`."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    purpose = serializers.CharField(allow_blank=True)
    task = serializers.CharField()
    is_default = serializers.BooleanField()
    roles = serializers.ListField(child=serializers.CharField(), allow_null=True)
    version = serializers.IntegerField()
    text = serializers.CharField()
    variables = PromptVariable(many=True)
    created_at = Time()
    changed_at = Time()


class PromptTry(Shape):
    """A question to try versions with, side by side; null: without any instruction."""

    text = serializers.CharField(max_length=QUESTION_MOST_CHARS)
    versions = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**31 - 1, allow_null=True),
        min_length=1,
        max_length=2,
    )


class PromptSide(Shape):
    """What came of one version. `error`: why there is no answer, or why it is not whole."""

    version = serializers.IntegerField(allow_null=True)
    instructions = serializers.CharField(allow_blank=True, help_text="what the engine was told")
    text = serializers.CharField(allow_blank=True)
    status = serializers.CharField()
    citations = Citation(many=True)
    engine = serializers.CharField(allow_blank=True)
    cost = Cost()
    error = serializers.CharField(allow_blank=True)


class PromptSides(Shape):
    """One question with each of the versions, in the order asked for."""

    sides = PromptSide(many=True)


class Prompts(APIView):
    """`prompts/`"""

    @describe("list_prompts", area="prompts", gives=page_of(PromptShape), lists=True)
    @in_school(Can.ASK)
    def get(self, request: Call) -> Response:
        """Return the prompts that I may use, newest first; all of them for who writes prompts."""
        fetch = over(prompts.visible(request.member))

        def entries(before: UUID | None, after: UUID | None, limit: int) -> list[Entry]:
            return prompts.entries(request.member, fetch(before, after, limit))

        return Response(page(request, entries, of_prompt))

    @describe("create_prompt", area="prompts", takes=NewPrompt, gives=PromptShape, creates=True)
    @in_school(Can.WRITE_PROMPTS)
    @idempotent
    def post(self, request: Call) -> Response:
        """Make a prompt with its first version."""
        given = read(NewPrompt, request)
        made = prompts.create(request.member, _facts(given), _words(given))
        return Response(of_prompt(made), status=status.HTTP_201_CREATED)


class OnePrompt(APIView):
    """`prompts/{id}/`"""

    @describe("get_prompt", area="prompts", gives=PromptShape)
    @in_school(Can.ASK)
    def get(self, request: Call, prompt_id: UUID) -> Response:
        """Return a prompt with its latest text."""
        return Response(of_prompt(prompts.get(request.member, prompt_id)))

    @describe("change_prompt", area="prompts", takes=PromptChange, gives=PromptShape)
    @in_school(Can.WRITE_PROMPTS)
    def patch(self, request: Call, prompt_id: UUID) -> Response:
        """Change a prompt; another text makes another version."""
        entry = prompts.get(request.member, prompt_id)
        given = read(PromptChange, request, partial=True)
        changed = prompts.change(
            request.member,
            prompt_id,
            facts=_changed(entry, given),
            words=_new_words(request, entry, given),
            began_from=given.get("version"),
        )
        return Response(of_prompt(changed))

    @describe("delete_prompt", area="prompts")
    @in_school(Can.WRITE_PROMPTS)
    def delete(self, request: Call, prompt_id: UUID) -> Response:
        """Take a prompt out of the library; answers that were given with it keep its text."""
        prompts.delete(request.member, prompt_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class Versions(APIView):
    """`prompts/{id}/versions/`"""

    @describe("list_prompt_versions", area="prompts", gives=page_of(PromptVersionShape), lists=True)
    @in_school(Can.ASK)
    def get(self, request: Call, prompt_id: UUID) -> Response:
        """Return a prompt's versions, newest first."""

        def fetch(before: UUID | None, after: UUID | None, limit: int) -> list[PromptVersion]:
            return prompts.versions(request.member, prompt_id, before=before, after=after, limit=limit)

        return Response(page(request, fetch, of_version))


class Try(APIView):
    """`prompts/{id}/try`"""

    @describe("try_prompt", area="prompts", takes=PromptTry, gives=PromptSides)
    @in_school(Can.WRITE_PROMPTS)
    def post(self, request: Call, prompt_id: UUID) -> Response:
        """Answer a question with each of the versions; nothing is kept but what it cost."""
        prompts.get(request.member, prompt_id)
        given = read(PromptTry, request)
        chosen = [
            None if number is None else prompts.version(request.member, prompt_id, number)
            for number in given["versions"]
        ]
        trial = prompt_trial.run(request.member, given["text"], chosen)
        return Response({"sides": [of_side(side) for side in trial.sides]})


def of_side(side: Side) -> dict[str, Any]:
    """Return one answer of a trial as programs are sent it."""
    fields = {
        "version": side.version.number if side.version else None,
        "instructions": side.instructions,
        "text": side.text,
        "status": side.turn.status,
        "citations": [of_citation(each) for each in side.citations],
        "engine": side.engine,
        "cost": amounts.to_json(side.cost.amount_u, side.cost.currency)
        if side.cost
        else {"amount": None, "currency": "USD"},
        "error": side.error,
    }
    return dict(PromptSide(fields).data)


def of_prompt(entry: Entry) -> dict[str, Any]:
    """Return a prompt as programs are sent it."""
    row = entry.prompt
    fields = {
        "id": row.pk,
        "name": row.name,
        "purpose": row.purpose,
        "task": row.task,
        "is_default": row.is_default,
        "roles": row.roles,
        "version": entry.latest.number,
        "text": entry.latest.text,
        "variables": entry.latest.variables,
        "created_at": row.created_at,
        "changed_at": row.changed_at,
    }
    return dict(PromptShape(fields).data)


def of_version(row: PromptVersion) -> dict[str, Any]:
    """Return a version as programs are sent it."""
    fields = {
        "number": row.number,
        "text": row.text,
        "variables": row.variables,
        "note": row.note,
        "created_at": row.created_at,
        "created_by": row.created_by.name if row.created_by else None,
    }
    return dict(PromptVersionShape(fields).data)


def _facts(given: dict[str, Any]) -> Facts:
    return Facts(given["name"], given["purpose"], given["task"], given["is_default"], _roles(given["roles"]))


def _changed(entry: Entry, given: dict[str, Any]) -> Facts:
    """Return a prompt's facts with those in the body in their place."""
    changed: dict[str, Any] = {
        name: given[name] for name in ("name", "purpose", "task", "is_default") if name in given
    }
    if "roles" in given:
        changed["roles"] = _roles(given["roles"])
    return replace(entry.facts, **changed)


def _words(given: dict[str, Any]) -> Words:
    return Words(given["text"], _variables(given["variables"]), given["note"])


def _new_words(request: Call, entry: Entry, given: dict[str, Any]) -> Words | None:
    """Return the words that the body asks for; None: it says nothing of them."""
    if "restore" in given:
        old = prompts.words_of(prompts.version(request.member, entry.id, given["restore"]))
        return replace(old, note=given.get("note") or prompts.says_restored(given["restore"]))
    if "text" not in given and "variables" not in given:
        return None
    kept = prompts.words_of(entry.latest)
    return Words(
        given.get("text", kept.text),
        _variables(given["variables"]) if "variables" in given else kept.variables,
        given.get("note", ""),
    )


def _variables(given: list[dict[str, str]]) -> tuple[Variable, ...]:
    return tuple(Variable(each["name"], each.get("label", ""), each.get("default", "")) for each in given)


def _roles(given: list[str] | None) -> frozenset[Role] | None:
    return None if given is None else frozenset(Role(each) for each in given)
