"""Answers by Anthropic's models (`/v1/messages`)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import anthropic
from anthropic.types import MessageParam, OutputConfigParam, RawMessageStreamEvent
from django.utils.translation import gettext as _

from engines import wire
from engines.base import (
    BadAnswer,
    Broken,
    ChatRequest,
    Declined,
    Engine,
    EngineError,
    Limits,
    OutOfFunds,
    Piece,
    Task,
    Text,
    Usage,
)
from engines.keys import Keys
from engines.prompting import Message, compose

TASKS: tuple[Task, ...] = ("chat",)

_ADDRESS = "https://api.anthropic.com"
_CUT = ("max_tokens", "model_context_window_exceeded")
# An error inside a stream comes with status 200: its type says which it would have been.
_STATUSES = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "overloaded_error": 529,
}
_FAILURES = (anthropic.APIError, *wire.LINE, *wire.SHAPE)


def make(engine: Engine, keys: Keys) -> "Anthropic":
    """Return the provider of an entry."""
    if not engine.model:
        raise keys.wrong("model", _("falta."))
    return Anthropic(
        engine=engine,
        address=keys.address("address", runs=engine.runs, default=_ADDRESS),
        secret=wire.secret(keys),
    )


@dataclass(frozen=True, slots=True)
class Anthropic:
    """One model of one account."""

    engine: Engine
    address: str
    secret: str = field(repr=False)

    async def stream(self, request: ChatRequest) -> AsyncIterator[Piece]:
        """Yield Texts and one Usage."""
        prompt = compose(request)
        heard = _Heard()
        is_open = False
        try:
            # Temperature is left out: its models refuse it.
            events = await self._client().messages.create(
                stream=True,
                model=self.engine.model,
                max_tokens=min(request.max_tokens, self.engine.max_out_tokens),
                messages=[_told(message) for message in prompt.messages],
                system=prompt.system or anthropic.omit,
                output_config=self._format(request),
            )
            async with events:
                is_open = True
                if "event-stream" not in events.response.headers.get("content-type", ""):
                    raise BadAnswer("no stream of events", engine=self.engine.name)
                async for event in events:
                    if words := heard.take(event):
                        yield Text(words)
        except _FAILURES as error:
            raise self._ours(error, is_open=is_open) from None
        yield heard.end(self.engine.name)

    def check(self) -> None:
        """Ask for the model's card, which costs nothing."""
        wire.ask(self._card(), engine=self.engine.name)

    def models(self) -> tuple[str, ...]:
        """Return the models that the key reaches."""
        return wire.ask(self._list(), engine=self.engine.name)

    async def _card(self) -> None:
        try:
            await self._client().models.retrieve(self.engine.model)
        except _FAILURES as error:
            raise self._ours(error) from None

    async def _list(self) -> tuple[str, ...]:
        try:
            return tuple([model.id async for model in self._client().models.list(limit=1000)])
        except _FAILURES as error:
            raise self._ours(error) from None

    def _client(self) -> anthropic.AsyncAnthropic:
        return _clients.get(self.address, self.secret, self.engine.limits)

    def _format(self, request: ChatRequest) -> OutputConfigParam | anthropic.Omit:
        if request.schema is None or "json_schema" not in self.engine.accepts:
            return anthropic.omit
        return {"format": {"type": "json_schema", "schema": dict(request.schema)}}

    def _ours(self, error: Exception, *, is_open: bool = False) -> EngineError:
        if isinstance(error, anthropic.APIStatusError):
            return self._of_status(error)
        if isinstance(error, (anthropic.APIConnectionError, *wire.LINE)):
            # The client wraps what happens to a line before an answer begins, and not what happens after.
            return wire.of_line(error.__cause__ or error, engine=self.engine.name, is_open=is_open)
        return BadAnswer(f"{type(error).__name__}: not what Anthropic documents", engine=self.engine.name)

    def _of_status(self, error: anthropic.APIStatusError) -> EngineError:
        said, code = wire.masked(error.message, self.secret), error.error_code or ""
        status = error.status_code
        if status == 200:
            status = _STATUSES.get(error.type or "", 500)
        if "spend_limit" in code or "billing" in code or "credit balance is too low" in said:
            return wire.noted(OutOfFunds(engine=self.engine.name), said)
        return wire.of_status(
            status,
            said,
            engine=self.engine,
            wait_s=wire.seconds(error.response.headers.get("retry-after")),
            is_too_long=status == 400 and ("too long" in said or "context" in said),
        )


@dataclass(slots=True)
class _Heard:
    """What the events of one answer said so far."""

    tokens_in: int | None = None
    tokens_out: int | None = None
    stop_reason: str = ""
    has_words: bool = False
    is_over: bool = False

    def take(self, event: RawMessageStreamEvent) -> str:
        """Return the words of an event, none for most and for those that nobody knows yet."""
        if event.type == "content_block_delta":
            # What the client does not know comes in the class of something it does: its `type` tells.
            if event.delta.type == "text_delta":
                self.has_words = self.has_words or bool(event.delta.text)
                return event.delta.text
        elif event.type == "message_start":
            self._count(event.message)
            self.tokens_out = None  # of the first token only
        elif event.type == "message_delta":
            self._count(event)
            self.stop_reason = event.delta.stop_reason or self.stop_reason
        elif event.type == "message_stop":
            self.is_over = True
        return ""

    def end(self, engine: str) -> Usage:
        """Return what it took; raise when it did not come to its end, or was refused."""
        if self.stop_reason == "refusal":
            raise Declined(engine=engine)
        if not self.is_over:
            raise Broken(engine=engine)
        if not self.has_words:
            raise BadAnswer("no words", engine=engine)
        return Usage(tokens_in=self.tokens_in, tokens_out=self.tokens_out, is_cut=self.stop_reason in _CUT)

    def _count(self, told: object) -> None:
        """Take over what is told of tokens, which is cumulative; a part that is not told stays as it was."""
        usage = getattr(told, "usage", None)
        parts = [
            getattr(usage, name, None)
            for name in ("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens")
        ]
        if isinstance(parts[0], int):
            self.tokens_in = sum(part for part in parts if isinstance(part, int))
        tokens_out = getattr(usage, "output_tokens", None)
        if isinstance(tokens_out, int):
            self.tokens_out = tokens_out


def _told(message: Message) -> MessageParam:
    if message.role == "user":
        return {"role": "user", "content": message.text}
    return {"role": "assistant", "content": message.text}


def _make_client(address: str, secret: str, limits: Limits) -> anthropic.AsyncAnthropic:
    timeout = wire.patience(limits)
    return anthropic.AsyncAnthropic(
        api_key=secret,
        base_url=address,
        max_retries=0,
        timeout=timeout,
        http_client=wire.client(timeout),
    )


_clients = wire.Kept(_make_client)
