"""The shapes of search, conversations and answers in the API."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from rest_framework import serializers

from documents import places
from documents.api_shapes import PlaceField
from engines import amounts, config
from rag.answer import Decided, Sources
from rag.conversations import COMMENT_MOST_CHARS, TITLE_MOST_CHARS
from rag.models import AnswerStatus, Conversation, Message
from rag.retrieve import MOST_RESULTS, QUESTION_MOST_CHARS, Passage
from schools.shapes import Shape, Time, ids


class SearchQuery(Shape):
    """What to look for; `at_date`: only in what was in force that day."""

    query = serializers.CharField(max_length=QUESTION_MOST_CHARS)
    k = serializers.IntegerField(min_value=1, max_value=MOST_RESULTS, required=False, default=10)
    collections = ids()
    at_date = serializers.DateField(required=False, allow_null=True)


class Found(Shape):
    """A passage; `why` tells what spoke for it, `force_note` what to tell of a document that does not rule."""

    chunk_id = serializers.UUIDField()
    document_id = serializers.UUIDField()
    title = serializers.CharField()
    text = serializers.CharField()
    score = serializers.FloatField()
    place = PlaceField()
    why = serializers.DictField(child=serializers.FloatField())
    in_force = serializers.BooleanField()
    force_note = serializers.CharField(allow_blank=True)


class FoundList(Shape):
    """Passages, best first."""

    results = Found(many=True)


class NewConversation(Shape):
    """A conversation to begin; without a title it takes its first question's."""

    title = serializers.CharField(max_length=TITLE_MOST_CHARS, required=False, allow_blank=True, default="")


class ConversationChange(Shape):
    """Another name."""

    title = serializers.CharField(max_length=TITLE_MOST_CHARS)


class ConversationQuery(Shape):
    """Which conversations to list."""

    q = serializers.CharField(
        required=False, allow_blank=True, max_length=200, help_text="words of title or questions"
    )


class ConversationShape(Shape):
    """A person's questions in a row."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    created_at = Time()
    last_at = Time()


class Question(Shape):
    """A question. `engine`: refuse to answer with another than this one. `at_date`: by what ruled on that day.

    `is_private`: it may not leave the school's machines. `standalone_question`: how it is to be understood.
    """

    text = serializers.CharField(max_length=QUESTION_MOST_CHARS)
    prompt_id = serializers.UUIDField(required=False, allow_null=True)
    prompt_values = serializers.DictField(
        child=serializers.CharField(allow_blank=True, max_length=2_000),
        required=False,
        help_text="what stands for the prompt's variables; its own defaults where nothing is given",
    )
    engine = serializers.CharField(max_length=80, required=False, allow_null=True)
    is_private = serializers.BooleanField(required=False, default=False)
    standalone_question = serializers.CharField(
        max_length=QUESTION_MOST_CHARS, required=False, allow_null=True
    )
    collections = ids()
    at_date = serializers.DateField(required=False, allow_null=True)


class Citation(Shape):
    """A citation. `verified`: the quote was found, word for word, in its source.

    `in_force`: its document ruled on the day asked; when not, `force_note` says since when and what replaced it.
    """

    n = serializers.IntegerField()
    document_id = serializers.UUIDField()
    title = serializers.CharField()
    place = PlaceField(allow_null=True)
    quote = serializers.CharField()
    verified = serializers.BooleanField()
    # Answers from before documents had versions do not tell.
    in_force = serializers.BooleanField(default=True)
    force_note = serializers.CharField(default="", allow_blank=True)


class Cost(Shape):
    """What an answer cost; `amount` null: not known."""

    amount = serializers.CharField(allow_null=True)
    currency = serializers.CharField()


class NamedDocument(Shape):
    """A document by name."""

    document_id = serializers.UUIDField()
    title = serializers.CharField()


class SetAside(NamedDocument):
    """A document that does not rule and was not used, why, and the one that answered in its place."""

    why = serializers.CharField()
    instead = NamedDocument(allow_null=True)


class Searched(Shape):
    """What was searched: how many documents, the names of their collections, and those that came closest.

    `set_aside`: what would have answered as well, but does not rule on the day asked.
    """

    documents = serializers.IntegerField()
    collections = serializers.ListField(child=serializers.CharField())
    closest = NamedDocument(many=True)
    set_aside = SetAside(many=True, default=list)


class Answer(Shape):
    """A question and its answer."""

    id = serializers.UUIDField()
    question = serializers.CharField()
    text = serializers.CharField()
    status = serializers.ChoiceField(AnswerStatus.choices)
    citations = Citation(many=True)
    engine = serializers.CharField()
    decision_id = serializers.UUIDField()
    cost = Cost()
    standalone_question = serializers.CharField()
    searched = Searched(allow_null=True)
    at_date = serializers.DateField(allow_null=True)
    rating = serializers.IntegerField(allow_null=True)
    created_at = Time()


class Thread(ConversationShape):
    """A conversation with its messages, oldest first."""

    messages = Answer(many=True)


class Feedback(Shape):
    """What one thinks of an answer: 1, -1, or null to take it back."""

    rating = serializers.IntegerField(min_value=-1, max_value=1, allow_null=True)
    comment = serializers.CharField(
        max_length=COMMENT_MOST_CHARS, required=False, allow_blank=True, default=""
    )


class EvidenceQuery(Shape):
    """How the evidence comes: as JSON, or packed with its documents."""

    fmt = serializers.ChoiceField(choices=["json", "zip"], required=False, default="json")


class Proof(Citation):
    """A citation with its document's file; `document_sha256` null: it is no longer there, or out of one's reach."""

    document_sha256 = serializers.CharField(allow_null=True)


class Decision(Shape):
    """Which engine answered, and why."""

    id = serializers.UUIDField()
    engine = serializers.CharField()
    reason = serializers.CharField()


class Evidence(Shape):
    """All that an answer rests on."""

    id = serializers.UUIDField()
    question = serializers.CharField()
    answer = serializers.CharField()
    status = serializers.ChoiceField(AnswerStatus.choices)
    citations = Proof(many=True)
    engine = serializers.CharField()
    decision = Decision()
    created_at = Time()
    finished_at = Time(allow_null=True)


def of_passages(found: Sequence[tuple[Passage, places.Place]]) -> list[dict[str, Any]]:
    """Return the passages that search found, each with its place."""
    facts = ("chunk_id", "document_id", "title", "text", "score", "why")
    shown = [
        {
            **{name: getattr(passage, name) for name in facts},
            "place": places.to_json(place),
            "in_force": passage.force.is_in_force,
            "force_note": passage.force.note,
        }
        for passage, place in found
    ]
    return [dict(each) for each in Found(shown, many=True).data]


def of_conversation(row: Conversation) -> dict[str, Any]:
    """Return a conversation."""
    return dict(ConversationShape(row).data)


def of_thread(row: Conversation, messages: list[Message]) -> dict[str, Any]:
    """Return a conversation with its messages."""
    return {**of_conversation(row), "messages": [of_message(each) for each in messages]}


def of_message(message: Message) -> dict[str, Any]:
    """Return a question with its answer."""
    facts = (
        "id", "question", "text", "status", "citations", "engine", "decision_id", "standalone_question", "rating",
        "at_date", "created_at",
    )  # fmt: skip
    shown = {name: getattr(message, name) for name in facts}
    return dict(Answer({**shown, "searched": message.searched or None, "cost": _cost(message)}).data)


def of_decision(event: Decided) -> dict[str, Any]:
    """Return the first event of an answer."""
    return {
        "message_id": str(event.message_id),
        "engine": event.engine,
        "reason": event.reason,
        "decision_id": str(event.decision_id),
    }


def of_sources(event: Sources) -> list[dict[str, Any]]:
    """Return the passages that the engine is given, numbered as the answer will cite them."""
    return [
        {
            "n": n,
            "document_id": str(passage.document_id),
            "chunk_id": str(passage.chunk_id),
            "title": passage.title,
            "heading": " › ".join(passage.heading_path),
        }
        for n, passage in enumerate(event.passages, start=1)
    ]


def of_citation(citation: dict[str, Any]) -> dict[str, Any]:
    """Return a citation."""
    return dict(Citation(citation).data)


def of_evidence(message: Message, sha256_by_document: dict[UUID, str]) -> dict[str, Any]:
    """Return all that an answer rests on."""
    proofs = [
        {**each, "document_sha256": sha256_by_document.get(UUID(each["document_id"]))}
        for each in message.citations
    ]
    decision = {
        "id": message.decision_id,
        "engine": message.engine,
        "reason": message.decision.get("reason", ""),
    }
    return dict(
        Evidence(
            {
                "id": message.pk,
                "question": message.question,
                "answer": message.text,
                "status": message.status,
                "citations": proofs,
                "engine": message.engine,
                "decision": decision,
                "created_at": message.created_at,
                "finished_at": message.finished_at,
            }
        ).data
    )


def _cost(message: Message) -> dict[str, Any]:
    """Return what all calls for an answer cost, in the school's currency."""
    amount_u = message.decision.get("cost_u", 0)
    return {
        "amount": amounts.exact(amount_u) if amount_u else "0",
        "currency": message.decision.get("currency", config.DOLLAR),
    }
