"""Answers and embeddings by an Ollama server (`/api/chat`, `/api/embed`)."""

from collections.abc import AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, cast

import httpx
import ollama
from django.utils.translation import gettext as _

from engines import discovery, loop, vectors, wire
from engines.base import (
    BadAnswer,
    Broken,
    ChatRequest,
    Engine,
    EngineError,
    Limits,
    Misconfigured,
    OutOfFunds,
    Piece,
    Purpose,
    Task,
    Text,
    Usage,
    Vectored,
)
from engines.keys import Keys
from engines.prompting import compose

TASKS: tuple[Task, ...] = ("chat", "embed")


class _NoAnswer(Exception):
    """The server answered with a status that is no success; Ollama's client would drop the headers."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__(response.status_code)
        self.response = response


_FAILURES = (_NoAnswer, ollama.ResponseError, *wire.LINE, *wire.SHAPE)
_LOOK_AGAIN_S = 60  # a model's name could come to mean a cloud's one while we run
_A_SECOND_NS = 1e9


def make(engine: Engine, keys: Keys) -> "Ollama":
    """Return the provider of an entry."""
    if not engine.model:
        raise keys.wrong("model", _("falta."))
    num_ctx = keys.whole("num_ctx", least=128, most=1_000_000, default=engine.context_tokens)
    if "chat" in engine.tasks and num_ctx < engine.context_tokens:
        # Beyond it Ollama drops the beginning of what it is told, and says nothing.
        raise keys.wrong("num_ctx", _("no puede ser menos que «context_tokens», %d.") % engine.context_tokens)
    return Ollama(
        engine=engine,
        address=keys.address("address", runs=engine.runs, default=discovery.ADDRESS),
        num_ctx=num_ctx,
        keep_alive=keys.text("keep_alive", default="10m"),
        is_thinking=keys.flag("think", default=False) if "chat" in engine.tasks else False,
        secret=keys.secret("api_key"),
    )


@dataclass(frozen=True, slots=True)
class Ollama:
    """One model of one server."""

    engine: Engine
    address: str
    num_ctx: int
    keep_alive: str
    is_thinking: bool
    secret: str = field(repr=False)

    @property
    def variant(self) -> str:
        """Return nothing: the model says it all."""
        return ""

    async def stream(self, request: ChatRequest) -> AsyncIterator[Piece]:
        """Yield Texts and one Usage."""
        await self._refuse_cloud()
        prompt = compose(request)
        messages = [{"role": message.role, "content": message.text} for message in prompt.messages]
        if prompt.system:
            messages.insert(0, {"role": "system", "content": prompt.system})
        options: dict[str, object] = {
            "num_ctx": self.num_ctx,
            "num_predict": min(request.max_tokens, self.engine.max_out_tokens),
        }
        if request.temperature is not None and "temperature" in self.engine.accepts:
            options["temperature"] = request.temperature
        has_schema = request.schema is not None and "json_schema" in self.engine.accepts
        last: ollama.ChatResponse | None = None
        has_words = False
        try:
            parts = await self._client().chat(
                model=self.engine.model,
                messages=messages,
                stream=True,
                think=self.is_thinking,
                format=dict(request.schema) if has_schema and request.schema else None,
                options=options,
                keep_alive=self.keep_alive,
            )
            async with aclosing(cast(Any, parts)):
                async for last in parts:
                    if last.message.content:
                        has_words = True
                        yield Text(last.message.content)
        except _FAILURES as error:
            raise self._ours(error, is_open=last is not None) from None
        if last is None or not last.done:
            raise Broken(engine=self.engine.name)
        if not has_words:
            raise BadAnswer("no words", engine=self.engine.name)
        yield Usage(
            tokens_in=last.prompt_eval_count,
            tokens_out=last.eval_count,
            seconds=_seconds(last.total_duration),
            is_cut=last.done_reason == "length",
        )

    def embed(self, texts: Sequence[str], *, purpose: Purpose) -> Vectored:
        """Return one row of length 1 per text."""
        if not texts:
            return Vectored(vectors.checked([], engine=self.engine, count=0), Usage(0, 0))
        prefix = self.engine.query_prefix if purpose == "query" else self.engine.index_prefix
        answer = loop.run(self._embed([prefix + text for text in texts]))
        return Vectored(
            vectors.checked(answer.embeddings, engine=self.engine, count=len(texts)),
            Usage(answer.prompt_eval_count, 0, seconds=_seconds(answer.total_duration)),
        )

    def check(self) -> None:
        """Look the model up in the server's lists: that it is there, is nobody else's, and does what the entry says."""
        card = wire.ask(self._card(), engine=self.engine.name)
        for task in self.engine.tasks:
            if card.tasks and task not in card.tasks:
                raise self._cannot(_("este modelo no hace la tarea «%s».") % task)
        if "embed" in self.engine.tasks and card.dimension not in (0, self.engine.dimension):
            raise self._cannot(_("el modelo da vectores de %d números.") % card.dimension, key="dimension")

    def models(self) -> tuple[str, ...]:
        """Return the models that the server has, without those that it would send on to somebody else."""
        tags = wire.ask(self._tags(), engine=self.engine.name)
        return tuple(name for name, tag in tags.items() if not discovery.model_of(tag, {}).is_cloud)

    async def _embed(self, texts: Sequence[str]) -> ollama.EmbedResponse:
        await self._refuse_cloud()
        try:
            return await self._client().embed(
                model=self.engine.model,
                input=texts,
                truncate=False,  # the default cuts long texts and says nothing
                keep_alive=self.keep_alive,
                options={"num_ctx": self.num_ctx},
            )
        except _FAILURES as error:
            raise self._ours(error) from None

    async def _refuse_cloud(self) -> dict[str, Any]:
        """Return the model's line of the list; raise when it has none, or says that others would read our texts."""
        tags = await self._tags()
        model = self.engine.model if ":" in self.engine.model else f"{self.engine.model}:latest"
        if model not in tags:
            raise self._missing()
        if discovery.model_of(tags[model], {}).is_cloud:
            raise self._cannot(
                _("Ollama lo envía a un servicio de afuera; elegir un modelo instalado en el equipo.")
            )
        return tags[model]

    async def _card(self) -> discovery.Model:
        tag = await self._refuse_cloud()
        try:
            answer = await self._lister().post("/api/show", json={"model": self.engine.model})
            return discovery.model_of(tag, answer.json())
        except _FAILURES as error:
            raise self._ours(error) from None

    async def _tags(self) -> dict[str, dict[str, Any]]:
        """Return the server's models by name, as it told within the last minute."""
        whose, now = (self.address, self.secret), monotonic()
        told_at, tags = _listed.get(whose, (-_LOOK_AGAIN_S, {}))
        if now - told_at < _LOOK_AGAIN_S:
            return tags
        try:
            # Not by Ollama's client: what it returns leaves out `remote_host`.
            answer = await self._lister().get("/api/tags")
            tags = {str(tag["name"]): dict(tag) for tag in answer.json()["models"]}
        except _FAILURES as error:
            raise self._ours(error) from None
        _listed[whose] = (now, tags)
        return tags

    def _client(self) -> ollama.AsyncClient:
        return _clients.get(self.address, self.secret, self.engine.limits)

    def _lister(self) -> httpx.AsyncClient:
        return _listers.get(self.address, self.secret, self.engine.limits)

    def _cannot(self, problem: str, *, key: str = "model") -> Misconfigured:
        return Misconfigured(problem, entry=self.engine.name, key=key)

    def _missing(self) -> Misconfigured:
        return self._cannot(
            _("Ollama no tiene este modelo. Se instala con: ollama pull %s") % self.engine.model
        )

    def _ours(self, error: Exception, *, is_open: bool = False) -> EngineError:
        if isinstance(error, _NoAnswer):
            return self._of_status(error.response)
        if isinstance(error, ollama.ResponseError):  # a line of a stream that had begun well
            return wire.noted(Broken(engine=self.engine.name), str(error.error))
        if isinstance(error, wire.LINE):
            return wire.of_line(error, engine=self.engine.name, is_open=is_open)
        return BadAnswer(
            f"{type(error).__name__}: not the JSON that Ollama documents", engine=self.engine.name
        )

    def _of_status(self, response: httpx.Response) -> EngineError:
        status, said = response.status_code, wire.masked(response.text, self.secret)
        low = said.lower()
        if status == 404:
            return self._missing()
        if status == 400 and "does not support thinking" in low:
            return self._cannot(_("este modelo no razona aparte: debe ser false."), key="think")
        if status == 400 and "does not support" in low:
            return self._cannot(_("este modelo no hace lo que se le pide."))
        if status == 429 and "usage limit" in low:  # of an account with Ollama's own cloud
            return wire.noted(OutOfFunds(engine=self.engine.name), said)
        return wire.of_status(
            status,
            said,
            engine=self.engine,
            wait_s=wire.seconds(response.headers.get("retry-after")),
            is_too_long="context length" in low or "input length" in low,
        )


def _seconds(nanoseconds: int | None) -> float | None:
    return None if nanoseconds is None else nanoseconds / _A_SECOND_NS


def _settings(secret: str, limits: Limits) -> dict[str, Any]:
    async def sign(request: httpx.Request) -> None:
        """Leave the entry's key and no other: the client would add the environment's."""
        request.headers.pop("authorization", None)
        if secret:
            request.headers["authorization"] = f"Bearer {secret}"

    return {
        "timeout": httpx.Timeout(limits.total_s, connect=limits.connect_s),
        "event_hooks": {"request": [sign], "response": [_judge]},
        # Neither a redirect nor a proxy of the environment may carry texts elsewhere.
        "follow_redirects": False,
        "trust_env": False,
        "verify": wire.trust(),
        "limits": httpx.Limits(max_connections=None, max_keepalive_connections=wire.KEPT_LINES),
    }


async def _judge(response: httpx.Response) -> None:
    if not response.is_success:
        await response.aread()
        raise _NoAnswer(response)


def _make_client(address: str, secret: str, limits: Limits) -> ollama.AsyncClient:
    return ollama.AsyncClient(host=address, **_settings(secret, limits))


def _make_lister(address: str, secret: str, limits: Limits) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=address, **_settings(secret, limits))


_clients, _listers = wire.Kept(_make_client), wire.Kept(_make_lister)
_listed: dict[tuple[str, str], tuple[float, dict[str, dict[str, Any]]]] = {}
