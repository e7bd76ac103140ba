"""The API of search and answers."""

from collections.abc import AsyncIterator, Iterator
from typing import Any
from uuid import UUID

from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from documents import collections as shelves
from documents import library, packing
from engines import config
from rag import answer, conversations, packs, prompts, retrieve
from rag.api_shapes import (
    Answer,
    ConversationChange,
    ConversationQuery,
    ConversationShape,
    Evidence,
    EvidenceQuery,
    Feedback,
    FoundList,
    NewConversation,
    Question,
    SearchQuery,
    Thread,
    of_citation,
    of_conversation,
    of_decision,
    of_evidence,
    of_message,
    of_passages,
    of_sources,
    of_thread,
)
from rag.models import Conversation
from schools import events
from schools.admission import Member, in_school
from schools.idempotency import Promise, idempotent, promise_of
from schools.openapi import EVENT, STREAM, describe
from schools.paging import page
from schools.rendering import EventStreamRenderer, wants_events
from schools.roles import Can
from schools.shapes import Call, page_of, read, read_query


class Search(APIView):
    """`search/`"""

    @describe("search", area="search", takes=SearchQuery, gives=FoundList)
    @in_school(Can.READ)
    def post(self, request: Call) -> Response:
        """Return the passages that best fit a question, of the documents that I may see."""
        given, member = read(SearchQuery, request), request.member
        found = retrieve.retrieve(
            member,
            given["query"],
            most=given["k"],
            collections=_asked(member, given),
            at_date=given.get("at_date"),
        )
        return Response({"results": of_passages(retrieve.locate(member, found))})


class Conversations(APIView):
    """`conversations/`"""

    @describe(
        "list_conversations",
        area="conversations",
        gives=page_of(ConversationShape),
        query=(ConversationQuery,),
        lists=True,
    )
    @in_school(Can.ASK)
    def get(self, request: Call) -> Response:
        """Return my conversations, newest first."""
        asked, member = read_query(ConversationQuery, request), request.member

        def fetch(before: UUID | None, after: UUID | None, limit: int) -> list[Conversation]:
            return conversations.search(
                member, query=asked.get("q", ""), before=before, after=after, limit=limit
            )

        return Response(page(request, fetch, of_conversation))

    @describe(
        "start_conversation",
        area="conversations",
        takes=NewConversation,
        gives=ConversationShape,
        creates=True,
    )
    @in_school(Can.ASK)
    @idempotent
    def post(self, request: Call) -> Response:
        """Begin a conversation."""
        made = conversations.start(request.member, title=read(NewConversation, request)["title"])
        return Response(of_conversation(made), status=status.HTTP_201_CREATED)


class OneConversation(APIView):
    """`conversations/{id}/`"""

    @describe("get_conversation", area="conversations", gives=Thread)
    @in_school(Can.ASK)
    def get(self, request: Call, conversation_id: UUID) -> Response:
        """Return a conversation with its messages."""
        row = conversations.get(request.member, conversation_id)
        return Response(of_thread(row, conversations.messages(request.member, conversation_id)))

    @describe("rename_conversation", area="conversations", takes=ConversationChange, gives=ConversationShape)
    @in_school(Can.ASK)
    def patch(self, request: Call, conversation_id: UUID) -> Response:
        """Give a conversation another name."""
        title = read(ConversationChange, request)["title"]
        return Response(of_conversation(conversations.rename(request.member, conversation_id, title=title)))

    @describe("delete_conversation", area="conversations")
    @in_school(Can.ASK)
    def delete(self, request: Call, conversation_id: UUID) -> Response:
        """Delete a conversation with its messages."""
        conversations.delete(request.member, conversation_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class Messages(APIView):
    """`conversations/{id}/messages/`"""

    renderer_classes = (JSONRenderer, EventStreamRenderer)

    @describe(
        "ask",
        area="conversations",
        takes=Question,
        gives=Answer,
        media="application/json",
        also={(200, STREAM): EVENT},
        creates=True,
    )
    @in_school(Can.ASK)
    @idempotent
    def post(self, request: Call, conversation_id: UUID) -> HttpResponseBase:
        """Ask; the answer comes whole, or as it is written when text/event-stream is accepted.

        Events: `decision`, `sources`, `token` and `citation` as they come; then `done` with the whole answer, or
        `error` with code and detail.
        """
        given, member = read(Question, request), request.member
        conversations.get(member, conversation_id)
        asked: dict[str, Any] = {
            "text": given["text"],
            "collections": _asked(member, given),
            "at_date": given.get("at_date"),
            "engine": given.get("engine"),
            "prompt_id": given.get("prompt_id"),
            "prompt_values": given.get("prompt_values", {}),
            "is_private": given["is_private"],
            "standalone_question": given.get("standalone_question"),
        }
        _check_wishes(member, given)
        if not wants_events(request):
            whole = answer.ask_whole(member, conversation_id, **asked)
            return Response(of_message(whole), status=status.HTTP_201_CREATED)
        told = answer.ask(member, conversation_id, **asked)
        return events.stream(_tell(told, promise_of(request)))


class Rate(APIView):
    """`messages/{id}/feedback`"""

    @describe("rate_answer", area="conversations", takes=Feedback, gives=Answer)
    @in_school(Can.ASK)
    def post(self, request: Call, message_id: UUID) -> Response:
        """Keep what I think of an answer."""
        given = read(Feedback, request)
        message = conversations.rate(
            request.member, message_id, rating=given["rating"], comment=given["comment"]
        )
        return Response(of_message(message))


class Stop(APIView):
    """`messages/{id}/stop`"""

    @describe("stop_answer", area="conversations")
    @in_school(Can.ASK)
    def post(self, request: Call, message_id: UUID) -> Response:
        """Ask for an answer that is being written to end; one that has ended stays as it is."""
        conversations.stop(request.member, message_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class Prove(APIView):
    """`messages/{id}/evidence`"""

    @describe(
        "get_evidence",
        area="conversations",
        gives=Evidence,
        media="application/json",
        also={(200, "application/zip"): OpenApiTypes.BINARY},
        query=(EvidenceQuery,),
    )
    @in_school(Can.ASK)
    def get(self, request: Call, message_id: UUID) -> HttpResponseBase:
        """Return all that an answer rests on: its citations with their documents' SHA-256, the engine, the times.

        `fmt=zip`: the evidence pack, with the documents and a manifest that a program in it verifies.
        """
        if read_query(EvidenceQuery, request)["fmt"] == "zip":
            return packing.respond(request._request, packs.pack(request.member, message_id), message_id)
        message = conversations.message(request.member, message_id)
        cited = {UUID(each["document_id"]) for each in message.citations}
        sha256 = {entry.id: entry.document.sha256 for entry in library.some(request.member, cited)}
        return Response(of_evidence(message, sha256))


def _asked(member: Member, given: dict[str, Any]) -> frozenset[UUID] | None:
    return shelves.seen(member, given["collections"]) if "collections" in given else None


def _check_wishes(member: Member, given: dict[str, Any]) -> None:
    """Raise ValidationError for an engine that does not answer, or a prompt that the member may not use."""
    if given.get("engine") is not None and given["engine"] not in config.load().chat:
        raise ValidationError({"engine": [_("Ese motor no está disponible para responder.")]})
    try:
        if given.get("prompt_id") is not None:
            prompts.chosen(member, given["prompt_id"])
    except prompts.NoSuchPrompt as error:
        raise ValidationError({"prompt_id": [error.detail]}) from error


async def _tell(told: Iterator[answer.Event], promise: Promise | None) -> AsyncIterator[events.Event]:
    try:
        async with events.from_thread(told) as steps:
            async for event in steps:
                match event:
                    case answer.Decided():
                        yield events.Event("decision", of_decision(event))
                    case answer.Sources():
                        yield events.Event("sources", of_sources(event))
                    case answer.Token(text):
                        yield events.Event("token", {"text": text})
                    case answer.Cited(citation):
                        yield events.Event("citation", of_citation(citation))
                    case answer.Done(message):
                        whole = of_message(message)
                        if promise is not None:
                            await events.in_thread(promise.keep, status.HTTP_201_CREATED, whole)
                        yield events.Event("done", whole)
                    case answer.Failed(_message, code, detail):
                        yield events.Event("error", {"code": code, "detail": detail})
    finally:
        if promise is not None:
            await events.in_thread(promise.drop)
