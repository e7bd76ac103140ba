"""The pages where people ask."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from asgiref.sync import sync_to_async
from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from documents import collections as shelves
from documents import library, packing
from engines import router
from rag import answer, conversations, packs, prompts, shown
from rag.models import Conversation
from rag.retrieve import check_question
from schools import events, json_body
from schools.admission import Member, SchoolRequest, in_school
from schools.refusals import Refused
from schools.roles import Can

T = TypeVar("T")

LISTED = 60
EXAMPLES = (
    "¿Cuántas inasistencias puede tener un alumno antes de perder la regularidad?",
    "¿Qué autorización hace falta para una salida educativa?",
    "¿Cuándo empieza el receso de invierno?",
)


@require_safe
@in_school(Can.ASK)
def ask(request: SchoolRequest) -> HttpResponse:
    """Show an empty page to ask on."""
    return _show(request, None)


@require_safe
@in_school(Can.ASK)
def show_conversation(request: SchoolRequest, conversation_id: UUID) -> HttpResponse:
    """Show a conversation."""
    return _show(request, _conversation(request.member, conversation_id))


def _show(
    request: SchoolRequest,
    conversation: Conversation | None,
    *,
    text: str = "",
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    member = request.member
    query = request.GET.get("buscar", "").replace("\0", "")[:200]
    kept = conversations.messages(member, conversation.pk) if conversation else []
    listed = conversations.search(member, query=query, limit=LISTED)
    documents = library.count(member)
    return render(
        request,
        "rag/ask.html",
        {
            "conversation": conversation,
            "conversations": [
                {"id": one.pk, "title": one.title, "updated_at": one.last_at} for one in listed
            ],
            "query": query,
            "thread": [turn for message in kept for turn in shown.turns(member, message)],
            "collections": shelves.visible(member),
            "document_count": documents,
            "examples": EXAMPLES if documents else (),
            "prompts": (usable := prompts.offered(member)),
            "has_usual_prompt": any(prompt.is_default for prompt in usable),
            "can_leave": router.has_outside(),
            "text": text,
            "at_date": request.POST.get("at_date", ""),
            "is_private": bool(request.POST.get("is_private")),
            "prompt_id": request.POST.get("prompt_id", ""),
            "error": error,
        },
        status=status,
    )


@require_POST
@in_school(Can.ASK)
async def start(request: SchoolRequest) -> HttpResponseBase:
    """Begin a conversation with its first question."""
    return await _ask(request, None)


@require_POST
@in_school(Can.ASK)
async def post_message(request: SchoolRequest, conversation_id: UUID) -> HttpResponseBase:
    """Ask in a conversation."""
    return await _ask(request, conversation_id)


async def _ask(request: SchoolRequest, conversation_id: UUID | None) -> HttpResponseBase:
    """Answer as a stream to the page's script, or as a page to a plain form."""
    member = request.member
    streams = "text/event-stream" in request.headers.get("Accept", "")
    try:
        question = _question(request)
        if streams:
            conversation, told = await sync_to_async(_begin)(member, conversation_id, question)
            return events.stream(_tell(request, member, conversation, told, is_new=conversation_id is None))
        conversation = await sync_to_async(_ask_plainly)(member, conversation_id, question)
    except Refused as error:
        if error.status == 404:
            raise Http404 from error
        if streams:
            body = {"status": error.status, "code": error.code, "detail": error.detail}
            return JsonResponse(body, status=error.status, content_type="application/problem+json")
        found = await sync_to_async(_conversation)(member, conversation_id) if conversation_id else None
        return await sync_to_async(_show)(
            request, found, text=request.POST.get("text", ""), error=error.detail, status=error.status
        )
    return redirect("rag:conversation", slug=member.slug, conversation_id=conversation.pk)


@dataclass(frozen=True, slots=True)
class _Question:
    text: str
    collections: list[UUID] | None
    at_date: date | None
    prompt_id: UUID | None
    prompt_values: dict[str, str]
    is_private: bool
    standalone: str  # as a person wants it understood


def _question(request: SchoolRequest) -> _Question:
    """Return what is asked; raise Refused for a body that is not one of ours."""
    given: dict[str, Any]
    if request.content_type == "application/json":
        try:
            given = json_body.loads(request.body)
        except ValueError:
            given = {}
        if not isinstance(given, dict) or not given:
            raise Refused(_("El pedido no se entiende."))
    else:
        form = request.POST
        given = {
            "text": form.get("example") or form.get("text", ""),
            "collections": form.getlist("collections"),
            "is_private": bool(form.get("is_private")),
            **{name: form.get(name) for name in ("at_date", "prompt_id", "standalone_question")},
        }
        given["prompt_values"] = _values(form, given["prompt_id"] or "")
    named = given.get("collections")
    texts = [given.get(name) or "" for name in ("text", "at_date", "prompt_id", "standalone_question")]
    is_private = given.get("is_private", False)
    if not (all(isinstance(each, str) for each in texts) and isinstance(named, list | None)):
        raise Refused(_("El pedido no se entiende."))
    values = given.get("prompt_values") or {}
    if not (isinstance(values, dict) and all(isinstance(each, str) for each in values.values())):
        raise Refused(_("El pedido no se entiende."))
    if not isinstance(is_private, bool):
        raise Refused(_("El pedido no se entiende."))
    text, day, prompt_id, standalone = texts
    return _Question(
        text=text,
        collections=[
            _parsed(UUID, str(each), _("Una de las colecciones elegidas no existe.")) for each in named
        ]
        if named
        else None,
        at_date=_parsed(date.fromisoformat, day, _("La fecha no se entiende.")) if day else None,
        prompt_id=_parsed(UUID, prompt_id, _("La instrucción no existe.")) if prompt_id else None,
        prompt_values=values,
        is_private=is_private,
        standalone=standalone,
    )


def _values(form: QueryDict, prompt_id: str) -> dict[str, str]:
    """Return what a form gives for the variables of the prompt that was chosen: `v.<prompt>.<variable>`."""
    before = f"v.{prompt_id}."
    return {name.removeprefix(before): form.get(name, "") for name in form if name.startswith(before)}


def _parsed(read: Callable[[str], T], text: str, problem: str) -> T:
    try:
        return read(text)
    except ValueError:
        raise Refused(problem) from None


def _begin(
    member: Member, conversation_id: UUID | None, asked: _Question
) -> tuple[Conversation, Iterator[answer.Event]]:
    question = check_question(asked.text)
    if asked.collections is not None:
        shelves.seen(member, asked.collections)
    prompts.chosen(member, asked.prompt_id)
    conversation = (
        conversations.get(member, conversation_id)
        if conversation_id
        else conversations.start(member, title=question)
    )
    told = answer.ask(
        member,
        conversation.pk,
        text=question,
        collections=asked.collections,
        at_date=asked.at_date,
        prompt_id=asked.prompt_id,
        prompt_values=asked.prompt_values,
        is_private=asked.is_private,
        standalone_question=asked.standalone,
    )
    return conversation, told


def _ask_plainly(member: Member, conversation_id: UUID | None, asked: _Question) -> Conversation:
    conversation, told = _begin(member, conversation_id, asked)
    for _event in told:
        pass
    return conversation


async def _tell(
    request: SchoolRequest,
    member: Member,
    conversation: Conversation,
    told: Iterator[answer.Event],
    *,
    is_new: bool,
) -> AsyncIterator[events.Event]:
    async with events.from_thread(told) as steps:
        async for event in steps:
            match event:
                case answer.Asked(message_id):
                    first: dict[str, Any] = {
                        "message_id": str(message_id),
                        "stop_url": reverse("rag:stop", args=[member.slug, message_id]),
                    }
                    if is_new:
                        first["conversation"] = _addresses(member, conversation)
                    yield events.Event("asked", first)
                case answer.Understood(question):
                    yield events.Event("understood", {"text": question})
                case answer.Decided(message_id, engine, reason):
                    yield events.Event(
                        "decision", {"engine": engine, "reason": reason, "message_id": str(message_id)}
                    )
                case answer.Sources(passages):
                    yield events.Event(
                        "sources",
                        [{"n": n, "title": passage.title} for n, passage in enumerate(passages, start=1)],
                    )
                case answer.Token(text):
                    yield events.Event("token", {"text": text})
                case answer.Cited(citation):
                    yield events.Event("citation", shown.citation(member, citation))
                case answer.Done(message):
                    html = await events.in_thread(_article, request, member, message)
                    yield events.Event(
                        "done", {"id": str(message.pk), "status": message.status, "html": html}
                    )
                case answer.Failed(message, code, detail):
                    html = await events.in_thread(_article, request, member, message)
                    yield events.Event("error", {"code": code, "detail": detail, "html": html})


def _article(request: SchoolRequest, member: Member, message: Any) -> str:
    context = {"message": shown.answer(member, message), "school": {"slug": member.slug}}
    return render_to_string("rag/parts/message.html", context, request=request)


def _addresses(member: Member, conversation: Conversation) -> dict[str, str]:
    def of(name: str) -> str:
        return reverse(f"rag:{name}", args=[member.slug, conversation.pk])

    return {
        "id": str(conversation.pk),
        "title": conversation.title,
        "url": of("conversation"),
        "messages_url": of("messages"),
        "rename_url": of("rename"),
        "delete_url": of("delete"),
    }


@require_POST
@in_school(Can.ASK)
def rename(request: SchoolRequest, conversation_id: UUID) -> HttpResponse:
    """Give a conversation another name."""
    _conversation(request.member, conversation_id)
    try:
        conversations.rename(request.member, conversation_id, title=request.POST.get("title", ""))
    except conversations.BadTitle as error:
        messages.error(request, error.detail)
    return redirect("rag:conversation", slug=request.member.slug, conversation_id=conversation_id)


@require_POST
@in_school(Can.ASK)
def delete(request: SchoolRequest, conversation_id: UUID) -> HttpResponse:
    """Delete a conversation."""
    _conversation(request.member, conversation_id)
    conversations.delete(request.member, conversation_id)
    messages.success(request, _("Conversación borrada."))
    return redirect("rag:ask", slug=request.member.slug)


@require_POST
@in_school(Can.ASK)
def stop(request: SchoolRequest, message_id: UUID) -> HttpResponse:
    """Ask for an answer to end."""
    try:
        conversations.stop(request.member, message_id)
    except conversations.NoSuchConversation as error:
        raise Http404 from error
    return HttpResponse(status=204)


@require_POST
@in_school(Can.ASK)
def feedback(request: SchoolRequest, message_id: UUID) -> HttpResponse:
    """Keep an opinion on an answer; the same one again takes it back."""
    wanted = {"up": 1, "down": -1}.get(request.POST.get("value", ""))
    try:
        message = conversations.message(request.member, message_id)
    except conversations.NoSuchConversation as error:
        raise Http404 from error
    rating = None if message.rating == wanted else wanted
    message = conversations.rate(request.member, message_id, rating=rating, comment=message.comment)
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"value": {1: "up", -1: "down", None: ""}[message.rating]})
    return redirect("rag:conversation", slug=request.member.slug, conversation_id=message.conversation_id)


@require_safe
@in_school(Can.ASK)
def pack(request: SchoolRequest, message_id: UUID) -> HttpResponseBase:
    """Hand out the evidence pack of an answer."""
    try:
        packed = packs.pack(request.member, message_id)
    except conversations.NoSuchConversation as error:
        raise Http404 from error
    except packs.NotYet as error:
        messages.error(request, error.detail)
        return redirect("rag:ask", slug=request.member.slug)
    return packing.respond(request, packed, message_id)


def _conversation(member: Member, conversation_id: UUID) -> Conversation:
    try:
        return conversations.get(member, conversation_id)
    except conversations.NoSuchConversation as error:
        raise Http404 from error
