"""The line to a server that speaks OpenAI's protocol, and what its failures mean."""

from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import httpx2
import openai

from engines import loop, wire
from engines.base import BadAnswer, Declined, Engine, EngineError, Limits, OutOfFunds, TimedOut

T = TypeVar("T")

# All that the client lets through: its own, the line's, and what an answer of another shape trips it into.
FAILURES = (openai.OpenAIError, *wire.LINE, *wire.SHAPE)

_MONEY = {
    "insufficient_quota",
    "credit_balance_exhausted",
    "billing_hard_limit_reached",
    "billing_not_active",
}
_POLICY = {"content_filter", "content_policy_violation", "moderation_blocked"}
_TOO_LONG = {"context_length_exceeded", "exceed_context_size_error", "string_above_max_length"}
_TOO_LONG_WORDS = ("maximum context length", "context length", "context size", "context window")
# An error inside a stream comes with status 200: its code or type says which it would have been.
_STATUSES = {
    "invalid_api_key": 401,
    "authentication_error": 401,
    "permission_error": 403,
    "model_not_found": 404,
    "not_found_error": 404,
    "rate_limit_exceeded": 429,
    "rate_limit_error": 429,
    "server_overloaded": 503,
    "overloaded_error": 503,
    "unavailable_error": 503,
    "invalid_request_error": 400,
    "invalid_prompt": 400,
    **dict.fromkeys(_TOO_LONG, 400),
}


@dataclass(frozen=True, slots=True)
class Server:
    """One server's address and our key for it; "" for a server that wants none."""

    engine: Engine
    address: str
    secret: str = field(repr=False)

    def client(self) -> openai.AsyncOpenAI:
        """Return the running loop's client."""
        return _clients.get(self.address, self.secret, self.engine.limits)

    def done(self, work: Coroutine[Any, Any, T]) -> T:
        """Do on the loop what is no stream, and return what comes of it."""
        try:
            return loop.run(work, timeout_s=self.engine.limits.total_s)
        except TimeoutError:
            raise TimedOut(engine=self.engine.name) from None

    def models(self) -> tuple[str, ...]:
        """Return the models that the server lists, at no cost."""
        return wire.ask(self._list(), engine=self.engine.name)

    def check_model(self) -> None:
        """Ask for the model's card, which costs nothing; raise what a call would meet."""
        wire.ask(self._card(), engine=self.engine.name)

    async def _list(self) -> tuple[str, ...]:
        try:
            return tuple([str(model.id) async for model in self.client().models.list()])
        except FAILURES as error:
            raise self.ours(error) from None

    async def _card(self) -> None:
        try:
            await self.client().models.retrieve(self.engine.model)
        except FAILURES as error:
            raise self.ours(error) from None

    def ours(self, error: Exception, *, is_open: bool = False) -> EngineError:
        """Return our error for one of FAILURES; `is_open`: an answer had begun."""
        name = self.engine.name
        if isinstance(error, openai.APIStatusError):
            return self.meant(
                error.body,
                status=error.status_code,
                wait_s=_wait_s(error.response.headers),
                said=error.message,
            )
        if isinstance(error, openai.APIConnectionError):
            return wire.of_line(error.__cause__ or error, engine=name, is_open=is_open)
        if isinstance(error, wire.LINE):
            return wire.of_line(error, engine=name, is_open=is_open)
        if isinstance(error, openai.APIError) and isinstance(error.body, Mapping):
            return self.meant(error.body, said=error.message)
        return BadAnswer(f"{type(error).__name__}: not what OpenAI documents", engine=name)

    def meant(
        self, told: object, *, status: int = 0, wait_s: float | None = None, said: str = ""
    ) -> EngineError:
        """Return our error for the `error` of an answer, or of an event: {code, type, message}."""
        parts = told if isinstance(told, Mapping) else {}
        code, kind = str(parts.get("code") or ""), str(parts.get("type") or "")
        said = f"{status or ''} {code} {kind}: {parts.get('message') or said}".strip()
        if self.secret:
            said = said.replace(self.secret, "…")  # some repeat the key that they refuse
        if {code, kind} & _MONEY:
            return wire.noted(OutOfFunds(engine=self.engine.name), said)
        if {code, kind} & _POLICY:
            return wire.noted(Declined(engine=self.engine.name), said)
        if not status or code == "model_not_found":  # a key that does not reach the model gives 403
            status = _STATUSES.get(code) or _STATUSES.get(kind) or (int(code) if code.isdecimal() else 500)
        is_too_long = bool({code, kind} & _TOO_LONG) or any(
            words in said.lower() for words in _TOO_LONG_WORDS
        )
        return wire.of_status(
            status, said, engine=self.engine, wait_s=wait_s, is_too_long=400 <= status < 429 and is_too_long
        )


def _wait_s(headers: Mapping[str, str]) -> float | None:
    milliseconds = wire.seconds(headers.get("retry-after-ms"))
    return milliseconds / 1_000 if milliseconds is not None else wire.seconds(headers.get("retry-after"))


def _make_client(address: str, secret: str, limits: Limits) -> openai.AsyncOpenAI:
    timeout = wire.patience(limits)
    lines = wire.client(timeout)
    if not secret:
        lines.event_hooks = {"request": [_without_key]}
    left_out: dict[str, Any] = {"OpenAI-Organization": openai.Omit(), "OpenAI-Project": openai.Omit()}
    return openai.AsyncOpenAI(
        api_key=secret or "-",  # without one the client would take OPENAI_API_KEY, for any server
        base_url=address,
        max_retries=0,
        timeout=timeout,
        http_client=lines,
        default_headers=left_out,
    )


async def _without_key(request: httpx2.Request) -> None:
    request.headers.pop("authorization", None)


_clients = wire.Kept(_make_client)
