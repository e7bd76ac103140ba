"""Answers over OpenAI's protocol: chat completions, which everybody speaks, and its own newer Responses."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import openai
from openai.types.chat import ChatCompletionChunk
from openai.types.responses import ResponseStreamEvent

from engines.base import BadAnswer, Broken, ChatRequest, Declined, EngineError, Piece, Text, Usage
from engines.prompting import compose
from engines.providers._openai_line import FAILURES, Server

E = TypeVar("E", contravariant=True)
_SCHEMA = "respuesta"


def completions(server: Server, request: ChatRequest, *, of_maker: bool) -> AsyncGenerator[Piece, None]:
    """Yield what `/chat/completions` answers; `of_maker`: by OpenAI itself, who has keys that others refuse."""
    prompt = compose(request)
    system = [{"role": "system", "content": prompt.system}] if prompt.system else []
    body: dict[str, Any] = {
        "model": server.engine.model,
        "messages": [*system, *({"role": each.role, "content": each.text} for each in prompt.messages)],
        "stream": True,
        "stream_options": {"include_usage": True},
        "max_completion_tokens" if of_maker else "max_tokens": _most(server, request),
        **_temperature(server, request),
        **_named(request),
    }
    if of_maker:
        body["store"] = False
    if schema := _schema(server, request):
        body["response_format"] = {"type": "json_schema", "json_schema": schema}
    return _told(server, lambda client: client.chat.completions.create(**body), _Completion(server))


def responses(server: Server, request: ChatRequest) -> AsyncGenerator[Piece, None]:
    """Yield what `/responses` answers; nothing is kept there."""
    prompt = compose(request)
    body: dict[str, Any] = {
        "model": server.engine.model,
        "input": [{"role": each.role, "content": each.text} for each in prompt.messages],
        "stream": True,
        "store": False,
        "max_output_tokens": _most(server, request),
        **_temperature(server, request),
        **_named(request),
    }
    if prompt.system:
        body["instructions"] = prompt.system
    if schema := _schema(server, request):
        body["text"] = {"format": {"type": "json_schema", **schema}}
    return _told(server, lambda client: client.responses.create(**body), _Response(server))


class _Ear(Protocol[E]):
    """Hears the events of one answer."""

    def take(self, event: E) -> str:
        """Return an event's words, none for most and for those that nobody knows yet."""

    def end(self) -> Usage:
        """Return what it took; raise when it did not come to its end."""


async def _told(
    server: Server, begin: Callable[[openai.AsyncOpenAI], Awaitable[Any]], ear: _Ear[Any]
) -> AsyncGenerator[Piece, None]:
    is_open = False
    try:
        async with await begin(server.client()) as events:
            is_open = True
            if "event-stream" not in events.response.headers.get("content-type", ""):
                raise BadAnswer("no stream of events", engine=server.engine.name)
            async for event in events:
                if words := ear.take(event):
                    yield Text(words)
    except FAILURES as error:
        raise server.ours(error, is_open=is_open) from None
    yield ear.end()


@dataclass(slots=True)
class _Completion:
    """What the chunks of one completion said so far."""

    server: Server
    tokens_in: int | None = None
    tokens_out: int | None = None
    reason: str = ""
    has_words: bool = False

    def take(self, event: ChatCompletionChunk) -> str:
        # The client fills in nothing that a server leaves out, so any part may be missing.
        if usage := getattr(event, "usage", None):
            self.tokens_in, self.tokens_out = (
                _whole(usage, "prompt_tokens"),
                _whole(usage, "completion_tokens"),
            )
        words = ""
        for choice in getattr(event, "choices", None) or ():
            delta = getattr(choice, "delta", None)
            if getattr(delta, "refusal", None):
                raise Declined(engine=self.server.engine.name)
            self.reason = getattr(choice, "finish_reason", None) or self.reason
            words += getattr(delta, "content", None) or ""
        self.has_words = self.has_words or bool(words)
        return words

    def end(self) -> Usage:
        name = self.server.engine.name
        if self.reason == "content_filter":
            raise Declined(engine=name)
        if not self.reason:
            raise Broken(engine=name)
        if not self.has_words:
            raise BadAnswer("no words", engine=name)
        return Usage(self.tokens_in, self.tokens_out, is_cut=self.reason == "length")


@dataclass(slots=True)
class _Response:
    """What the events of one response said so far."""

    server: Server
    usage: Usage | None = None  # None: not at its end yet
    has_words: bool = False

    def take(self, event: ResponseStreamEvent) -> str:
        # What the client does not know comes in the class of something it does: its `type` tells.
        if event.type == "response.output_text.delta":
            self.has_words = self.has_words or bool(event.delta)
            return event.delta
        if event.type == "response.refusal.delta":
            raise Declined(engine=self.server.engine.name)
        if event.type == "response.completed":
            self.usage = _counted(event.response)
        elif event.type == "response.incomplete":
            details = getattr(event.response, "incomplete_details", None)
            if getattr(details, "reason", None) == "content_filter":
                raise Declined(engine=self.server.engine.name)
            self.usage = _counted(event.response, is_cut=True)
        elif event.type == "response.failed":
            raise self._failed(getattr(event.response, "error", None))
        elif event.type == "error":
            raise self._failed(event)
        return ""

    def end(self) -> Usage:
        name = self.server.engine.name
        if self.usage is None:
            raise Broken(engine=name)
        if not self.has_words:
            raise BadAnswer("no words", engine=name)
        return self.usage

    def _failed(self, told: object) -> EngineError:
        parts = {part: getattr(told, part, None) for part in ("code", "message")}
        return self.server.meant(parts)


def _counted(response: object, *, is_cut: bool = False) -> Usage:
    usage = getattr(response, "usage", None)
    return Usage(_whole(usage, "input_tokens"), _whole(usage, "output_tokens"), is_cut=is_cut)


def _whole(told: object, name: str) -> int | None:
    number = getattr(told, name, None)
    return number if isinstance(number, int) else None


def _most(server: Server, request: ChatRequest) -> int:
    return min(request.max_tokens, server.engine.max_out_tokens)


def _temperature(server: Server, request: ChatRequest) -> dict[str, Any]:
    if request.temperature is None or "temperature" not in server.engine.accepts:
        return {}
    return {"temperature": request.temperature}


def _named(request: ChatRequest) -> dict[str, Any]:
    """Return how the maker's log names this attempt."""
    return {"extra_headers": {"X-Client-Request-Id": request.call_id}} if request.call_id else {}


def _schema(server: Server, request: ChatRequest) -> dict[str, Any] | None:
    if request.schema is None or "json_schema" not in server.engine.accepts:
        return None
    return {"name": _SCHEMA, "schema": dict(request.schema), "strict": _is_closed(request.schema)}


def _is_closed(schema: object) -> bool:
    """Tell whether a schema is of the kind that OpenAI holds strictly: every object lists all it has, all needed."""
    if isinstance(schema, list | tuple):
        return all(_is_closed(each) for each in schema)
    if not isinstance(schema, Mapping):
        return True
    if schema.get("type") == "object":
        names = schema.get("properties", {})
        if schema.get("additionalProperties") is not False or set(names) != set(schema.get("required", ())):
            return False
        return all(_is_closed(each) for each in names.values())
    return all(_is_closed(each) for each in schema.values())
