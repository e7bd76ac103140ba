"""Answers, embeddings and transcriptions by Google's Gemini API."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any, cast

import httpx2
from django.utils.translation import gettext as _
from google import genai
from google.genai import errors, types
from google.genai.client import AsyncClient

from engines import loop, vectors, wire
from engines.base import (
    BadAnswer,
    Broken,
    ChatRequest,
    Declined,
    Engine,
    EngineError,
    Limits,
    Misconfigured,
    OutOfFunds,
    Piece,
    Purpose,
    Sound,
    Task,
    Text,
    Transcript,
    Usage,
    Vectored,
)
from engines.keys import Keys
from engines.prompting import compose
from engines.providers import _gemini_sound

TASKS: tuple[Task, ...] = ("chat", "embed", "transcribe")

_ADDRESS = "https://generativelanguage.googleapis.com"
_VERSION = "v1beta"  # the one that knows system instructions and JSON schemas
_CUT = ("MAX_TOKENS", "CONTINUATION")
_DECLINED = (
    "SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "ESCALATION", "MODEL_ARMOR",
)  # fmt: skip
_METHODS: Mapping[str, str] = {
    "chat": "generateContent",
    "embed": "embedContent",
    "transcribe": "generateContent",
}
# The client reads the JSON that a schema asked for by itself, however deep that is.
_FAILURES = (errors.APIError, *wire.LINE, *wire.SHAPE, RecursionError)


def make(engine: Engine, keys: Keys) -> "Gemini":
    """Return the provider of an entry."""
    if not engine.model:
        raise keys.wrong("model", _("falta."))
    if "transcribe" in engine.tasks and engine.max_out_tokens < _gemini_sound.LEAST_OUT_TOKENS:
        raise keys.wrong(
            "max_out_tokens", _("para transcribir, al menos %d.") % _gemini_sound.LEAST_OUT_TOKENS
        )
    return Gemini(
        engine=engine,
        address=keys.address("address", runs=engine.runs, default=_ADDRESS),
        # gemini-embedding-001 tells questions from passages by this; later models by the text's prefix.
        has_task_types=keys.flag("task_types", default=True) if "embed" in engine.tasks else False,
        secret=wire.secret(keys),
    )


@dataclass(frozen=True, slots=True)
class Gemini:
    """One model of one account."""

    engine: Engine
    address: str
    has_task_types: bool
    secret: str = field(repr=False)

    @property
    def variant(self) -> str:
        """Return whether vectors are made for their purpose."""
        return "task_types" if self.has_task_types else ""

    async def stream(self, request: ChatRequest) -> AsyncIterator[Piece]:
        """Yield Texts and one Usage."""
        heard = _Heard()
        opened: list[httpx2.Response] = []
        try:
            chunks = await self._client().models.generate_content_stream(
                model=self.engine.model, contents=_told(request), config=self._config(request)
            )
            async with aclosing(cast(AsyncGenerator[types.GenerateContentResponse, None], chunks)):
                while (chunk := await _next(chunks, opened)) is not None:
                    if words := heard.take(chunk):
                        yield Text(words)
        except _FAILURES as error:
            raise self._ours(error, is_open=bool(opened)) from None
        finally:
            # The client's generators, one within the other, would let go of the line some turns of the loop later.
            for response in opened:
                await response.aclose()
        yield heard.end(self.engine.name)

    def embed(self, texts: Sequence[str], *, purpose: Purpose) -> Vectored:
        """Return one row of length 1 per text, and the tokens where Gemini tells them."""
        if not texts:
            return Vectored(vectors.checked([], engine=self.engine, count=0), Usage(0, 0))
        prefix = self.engine.query_prefix if purpose == "query" else self.engine.index_prefix
        answer = loop.run(self._embed([prefix + text for text in texts], purpose))
        rows = [each.values or [] for each in answer.embeddings or []]
        told = answer.usage_metadata.prompt_token_count if answer.usage_metadata else None
        return Vectored(vectors.checked(rows, engine=self.engine, count=len(texts)), Usage(told, 0))

    def transcribe(self, sound: Sound) -> Transcript:
        """Return what a stretch of sound says, by sentences: it gives no times of words."""
        return loop.run(self._transcribe(sound))

    def check(self) -> None:
        """Ask for the model's card, which costs nothing, and see that it does what the entry says."""
        actions = wire.ask(self._card(), engine=self.engine.name).supported_actions
        for task in self.engine.tasks:
            if actions and _METHODS[task] not in actions:
                raise Misconfigured(
                    _("este modelo no hace la tarea «%s».") % task, entry=self.engine.name, key="model"
                )

    def models(self) -> tuple[str, ...]:
        """Return the models that the key reaches."""
        return wire.ask(self._list(), engine=self.engine.name)

    async def _embed(self, texts: Sequence[str], purpose: Purpose) -> types.EmbedContentResponse:
        kind = "RETRIEVAL_QUERY" if purpose == "query" else "RETRIEVAL_DOCUMENT"
        try:
            return await self._client().models.embed_content(
                model=self.engine.model,
                # Each a content of its own: of bare texts some models make one vector for all.
                contents=[types.Content(parts=[types.Part(text=text)]) for text in texts],
                config=types.EmbedContentConfig(
                    output_dimensionality=self.engine.dimension,
                    task_type=kind if self.has_task_types else None,
                ),
            )
        except _FAILURES as error:
            raise self._ours(error) from None

    async def _transcribe(self, sound: Sound) -> Transcript:
        contents, config = await asyncio.to_thread(_gemini_sound.asked, sound, self.engine)
        heard = _Heard()
        try:
            answer = await self._client().models.generate_content(
                model=self.engine.model, contents=contents, config=config
            )
            said = heard.take(answer)
        except _FAILURES as error:
            raise self._ours(error) from None
        usage = replace(heard.end(self.engine.name), seconds=sound.seconds)
        return _gemini_sound.transcript(said, sound, usage, engine=self.engine.name)

    async def _card(self) -> types.Model:
        try:
            return await self._client().models.get(model=self.engine.model)
        except _FAILURES as error:
            raise self._ours(error) from None

    async def _list(self) -> tuple[str, ...]:
        try:
            found = [model.name or "" async for model in await self._client().models.list()]
        except _FAILURES as error:
            raise self._ours(error) from None
        return tuple(name.removeprefix("models/") for name in found)

    def _client(self) -> AsyncClient:
        return _clients.get(self.address, self.secret, self.engine.limits)

    def _config(self, request: ChatRequest) -> types.GenerateContentConfig:
        has_schema = request.schema is not None and "json_schema" in self.engine.accepts
        return types.GenerateContentConfig(
            system_instruction=compose(request).system or None,
            max_output_tokens=min(request.max_tokens, self.engine.max_out_tokens),
            temperature=request.temperature if "temperature" in self.engine.accepts else None,
            response_mime_type="application/json" if has_schema else None,
            response_json_schema=dict(request.schema) if has_schema and request.schema else None,
            # Both would call again, and bill, behind the router's back.
            automatic_continuation=False,
            automatic_function_calling=types.AutomaticFunctionCallingConfig(disable=True),
        )

    def _ours(self, error: Exception, *, is_open: bool = False) -> EngineError:
        if isinstance(error, errors.APIError):
            return self._of_status(error)
        if isinstance(error, wire.LINE):
            return wire.of_line(error, engine=self.engine.name, is_open=is_open)
        return BadAnswer(
            f"{type(error).__name__}: not the JSON that Gemini documents", engine=self.engine.name
        )

    def _of_status(self, error: errors.APIError) -> EngineError:
        said = wire.masked(str(error.message), self.secret)
        status, told = int(error.code or 500), _Told.of(error.details)
        if status == 400 and (told.reason == "API_KEY_INVALID" or "API key" in said):
            status = 401
        # What a day allows is spent: no pause of minutes gives it back.
        if status == 429 and any("PerDay" in quota for quota in told.quotas):
            return wire.noted(OutOfFunds(engine=self.engine.name), said)
        headers = getattr(error.response, "headers", None) or {}
        wait_s = wire.seconds(told.wait)
        return wire.of_status(
            status,
            said,
            engine=self.engine,
            wait_s=wait_s if wait_s is not None else wire.seconds(headers.get("retry-after")),
            is_too_long=status == 400 and "exceeds" in said and ("token" in said or "payload size" in said),
        )


@dataclass(slots=True)
class _Heard:
    """What the chunks of one answer said so far."""

    tokens_in: int | None = None
    tokens_out: int | None = None
    finish: str = ""
    is_blocked: bool = False
    has_words: bool = False

    def take(self, chunk: types.GenerateContentResponse) -> str:
        """Return the words of a chunk, without the model's thoughts."""
        if chunk.prompt_feedback and chunk.prompt_feedback.block_reason:
            self.is_blocked = True
        if counted := chunk.usage_metadata:
            self.tokens_in = counted.prompt_token_count
            written = [counted.candidates_token_count, counted.thoughts_token_count]  # both are billed
            if any(part is not None for part in written):
                self.tokens_out = sum(part or 0 for part in written)
        if not chunk.candidates:
            return ""
        first = chunk.candidates[0]
        if first.finish_reason:
            self.finish = first.finish_reason.value
        parts = (first.content.parts if first.content else None) or []
        words = "".join(part.text or "" for part in parts if not part.thought)
        self.has_words = self.has_words or bool(words)
        return words

    def end(self, engine: str) -> Usage:
        """Return what it took; raise when it did not come to its end, or was refused."""
        if self.is_blocked or self.finish in _DECLINED:
            raise Declined(engine=engine)
        if not self.finish:
            raise Broken(engine=engine)
        if not self.has_words or self.finish not in ("STOP", *_CUT):
            raise BadAnswer(f"ended by {self.finish}", engine=engine)
        return Usage(tokens_in=self.tokens_in, tokens_out=self.tokens_out, is_cut=self.finish in _CUT)


@dataclass(frozen=True, slots=True)
class _Told:
    """What stands in the details of an error: its reason, how long to wait, which quotas are spent."""

    reason: str = ""
    wait: str = ""
    quotas: tuple[str, ...] = ()

    @classmethod
    def of(cls, body: Any) -> "_Told":
        """Return what a body tells; nothing when it is of another shape."""
        error = body.get("error", body) if isinstance(body, dict) else {}
        details = error.get("details") if isinstance(error, dict) else None
        groups = [each for each in details if isinstance(each, dict)] if isinstance(details, list) else []
        violations = [each for group in groups for each in group.get("violations") or ()]
        return cls(
            reason=next((str(group["reason"]) for group in groups if "reason" in group), ""),
            wait=next((str(group["retryDelay"]) for group in groups if "retryDelay" in group), ""),
            quotas=tuple(str(each.get("quotaId", "")) for each in violations if isinstance(each, dict)),
        )


def _told(request: ChatRequest) -> types.ContentListUnion:
    return [
        types.Content(
            role="user" if message.role == "user" else "model", parts=[types.Part(text=message.text)]
        )
        for message in compose(request).messages
    ]


# The answers that the step under way opens: the client keeps them to itself.
_opened: ContextVar[list[httpx2.Response] | None] = ContextVar("opened", default=None)


async def _next(
    chunks: AsyncIterator[types.GenerateContentResponse], opened: list[httpx2.Response]
) -> types.GenerateContentResponse | None:
    """Return the next chunk, None at the end; `opened` grows by the answers that this opens."""
    token = _opened.set(opened)
    try:
        return await anext(chunks, None)
    finally:
        _opened.reset(token)


async def _note(response: httpx2.Response) -> None:
    if (opened := _opened.get()) is not None:
        opened.append(response)


def _make_client(address: str, secret: str, limits: Limits) -> AsyncClient:
    timeout = wire.patience(limits)

    async def wait_for(request: httpx2.Request) -> None:
        request.extensions["timeout"] = timeout.as_dict()  # the client has one number for everything

    lines = wire.client(timeout)
    lines.event_hooks = {"request": [wait_for], "response": [_note]}
    return genai.Client(
        vertexai=False,  # whatever the environment says
        api_key=secret,
        http_options=types.HttpOptions(
            base_url=address,
            api_version=_VERSION,
            timeout=int(limits.total_s * 1000),
            retry_options=types.HttpRetryOptions(attempts=1),
            httpx_client=httpx2.Client(  # not used
                trust_env=False, follow_redirects=False, verify=wire.trust()
            ),
            httpx_async_client=lines,  # given, it also keeps the client from aiohttp, which tries again by itself
        ),
    ).aio


_clients = wire.Kept(_make_client)
