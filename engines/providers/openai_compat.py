"""Whatever speaks OpenAI's protocol: vLLM, llama.cpp, LM Studio, rented machines; one address, or several alike."""

from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, TypeVar, cast

from django.utils.translation import gettext as _

from engines.base import (
    ChatRequest,
    Engine,
    EngineError,
    Misconfigured,
    Piece,
    Purpose,
    Ranked,
    Sound,
    Task,
    Transcript,
    Unavailable,
    Vectored,
)
from engines.keys import Keys
from engines.nodes import Nodes
from engines.providers import _openai_chat, _openai_work
from engines.providers._openai_line import Server

TASKS: tuple[Task, ...] = ("chat", "embed", "rerank", "transcribe")

T = TypeVar("T")
_TIMINGS = ("words", "segments", "none")


def make(engine: Engine, keys: Keys) -> "OpenAICompat":
    """Return the provider of an entry."""
    if not engine.model:
        raise keys.wrong("model", _("falta."))
    usual = "segments" if "whisper" in engine.model.lower() else "none"
    timing = keys.choice("timestamps", _TIMINGS, default=usual)
    return OpenAICompat(
        engine=engine,
        nodes=Nodes(_addresses(engine, keys), patience_s=engine.limits.first_token_s),
        secret=keys.secret("api_key"),
        sends_dimension=keys.flag("send_dimensions", default=False),
        timing=cast(_openai_work.Timing, timing),
    )


@dataclass(frozen=True, slots=True)
class OpenAICompat:
    """One model on one or several nodes."""

    engine: Engine
    nodes: Nodes
    secret: str = field(repr=False)
    sends_dimension: bool
    timing: _openai_work.Timing

    @property
    def variant(self) -> str:
        """Return nothing: the model says it all."""
        return ""

    async def stream(self, request: ChatRequest) -> AsyncIterator[Piece]:
        """Yield Texts and one Usage; another node is asked while there is none of either."""
        tried: list[str] = []
        has_begun = False
        while True:
            try:
                with self.nodes.use(tried) as visit:
                    answer = _openai_chat.completions(self._server(visit.address), request, of_maker=False)
                    async with aclosing(answer):
                        async for piece in answer:
                            has_begun = visit.has_begun = True
                            yield piece
                return
            except Unavailable as error:
                if has_begun or not self.nodes.may_go_on(error, tried):
                    raise

    def embed(self, texts: Sequence[str], *, purpose: Purpose) -> Vectored:
        """Return one row of length 1 per text."""
        return self._anywhere(
            lambda server: _openai_work.embed(
                server, texts, purpose=purpose, sends_dimension=self.sends_dimension
            )
        )

    def rerank(self, question: str, texts: Sequence[str]) -> Ranked:
        """Return one score per text."""
        return self._anywhere(lambda server: _openai_work.rerank(server, question, texts))

    def transcribe(self, sound: Sound) -> Transcript:
        """Return what a recording says."""
        return self._anywhere(lambda server: _openai_work.transcribe(server, sound, timing=self.timing))

    def check(self) -> None:
        """Ask every node for its list of models; raise for the first that does not do, noting which it is."""
        for address in self.nodes.addresses:
            try:
                known = self._server(address).models()
            except EngineError as error:
                error.add_note(address)
                raise
            if self.engine.model not in known:
                raise Misconfigured(
                    _("en %(address)s no está; tiene: %(models)s.")
                    % {"address": address, "models": ", ".join(known[:20]) or "—"},
                    entry=self.engine.name,
                    key="model",
                )

    def models(self) -> tuple[str, ...]:
        """Return the models that every node has."""
        lists = [self._server(address).models() for address in self.nodes.addresses]
        return tuple(model for model in lists[0] if all(model in each for each in lists))

    def _anywhere(self, work: Callable[[Server], Coroutine[Any, Any, T]]) -> T:
        tried: list[str] = []
        while True:
            try:
                with self.nodes.use(tried) as visit:
                    server = self._server(visit.address)
                    return server.done(work(server))
            except Unavailable as error:
                if not self.nodes.may_go_on(error, tried):
                    raise

    def _server(self, address: str) -> Server:
        return Server(engine=self.engine, address=address, secret=self.secret)


def _addresses(engine: Engine, keys: Keys) -> tuple[str, ...]:
    if not keys.has("addresses"):
        return (keys.address("address", runs=engine.runs, default=""),)
    found = keys.addresses("addresses", runs=engine.runs)
    if keys.has("address"):
        raise keys.wrong("address", _("sobra: las direcciones ya están en «addresses»."))
    if not found or len(set(found)) != len(found):
        raise keys.wrong("addresses", _("debe ser una lista de direcciones, sin repetir ninguna."))
    return found
