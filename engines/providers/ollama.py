"""Embeddings by an Ollama server (`/api/embed`)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from os import getpid
from time import monotonic

import httpx
import ollama
from django.utils.translation import gettext as _

from engines import vectors
from engines.base import (
    BadAnswer,
    Busy,
    Engine,
    EngineError,
    Misconfigured,
    Purpose,
    Task,
    TimedOut,
    TooLong,
    Unavailable,
    Unreachable,
    Vectors,
)
from engines.keys import Keys

TASKS: tuple[Task, ...] = ("embed",)

_CONNECT_TIMEOUT_S = 5.0
_LIST_TIMEOUT_S = 10.0
# All that the client lets through: its own, httpx's, and what JSON of another shape trips it into.
_FAILURES = (
    ollama.ResponseError,
    httpx.HTTPError,
    ConnectionError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
)
_LOOK_AGAIN_S = 60  # a model's name could come to mean a cloud's one while we run


def make(engine: Engine, keys: Keys) -> "Ollama":
    """Return the provider of an entry."""
    return Ollama(
        engine=engine,
        address=keys.address("address", runs=engine.runs, default="http://127.0.0.1:11434"),
        num_ctx=keys.whole("num_ctx", least=128, most=1_000_000, default=8192),
        timeout_s=keys.number("timeout_s", least=0.1, most=3600, default=120),
        keep_alive=keys.text("keep_alive", default="10m"),
        secret=keys.secret("api_key"),
    )


@dataclass(frozen=True, slots=True)
class Ollama:
    """One model of one server."""

    engine: Engine
    address: str
    num_ctx: int
    timeout_s: float
    keep_alive: str
    secret: str = field(repr=False)

    @property
    def variant(self) -> str:
        """Return nothing: the model says it all."""
        return ""

    def embed(self, texts: Sequence[str], *, purpose: Purpose) -> Vectors:
        """Return one row of length 1 per text."""
        if not texts:
            return vectors.checked([], engine=self.engine, count=0)
        self._refuse_cloud()
        prefix = self.engine.query_prefix if purpose == "query" else self.engine.index_prefix
        try:
            answer = self._client().embed(
                model=self.engine.model,
                input=[prefix + text for text in texts],
                truncate=False,  # the default cuts long texts and says nothing
                keep_alive=self.keep_alive,
                options={"num_ctx": self.num_ctx},
            )
        except _FAILURES as error:
            raise self._ours(error) from error
        return vectors.checked(answer.embeddings, engine=self.engine, count=len(texts))

    def check(self) -> None:
        """Raise the error that a call would meet, by embedding one word."""
        self.embed(["prueba"], purpose="index")

    def _client(self) -> ollama.Client:
        return _client(self.address, self.timeout_s, self.secret, getpid())

    def _refuse_cloud(self) -> None:
        """Raise when the model is not there, or when the server would send our texts on to somebody else."""
        try:
            here = _models(self.address, self.secret, int(monotonic() // _LOOK_AGAIN_S))
        except _FAILURES as error:
            raise self._ours(error) from error
        model = self.engine.model if ":" in self.engine.model else f"{self.engine.model}:latest"
        if model not in here:
            raise self._missing()
        if here[model]:
            raise Misconfigured(
                _("Ollama lo envía a un servicio de afuera; elegir un modelo instalado en el equipo."),
                entry=self.engine.name,
                key="model",
            )

    def _missing(self) -> Misconfigured:
        return Misconfigured(
            _("Ollama no tiene este modelo. Se instala con: ollama pull %s") % self.engine.model,
            entry=self.engine.name,
            key="model",
        )

    def _ours(self, error: Exception) -> EngineError:
        name = self.engine.name
        if isinstance(error, ollama.ResponseError):
            return self._of_status(error.status_code, str(error.error))
        if isinstance(error, httpx.HTTPStatusError):
            return self._of_status(error.response.status_code, error.response.text)
        if isinstance(error, httpx.TimeoutException):
            return (
                Unreachable(engine=name) if isinstance(error, httpx.ConnectTimeout) else TimedOut(engine=name)
            )
        if isinstance(error, httpx.TransportError | ConnectionError):
            return Unreachable(engine=name)
        return BadAnswer(f"{type(error).__name__}: not the JSON that Ollama documents", engine=name)

    def _of_status(self, status: int, said: str) -> EngineError:
        name, low = self.engine.name, said.lower()
        if status == 404:
            return self._missing()
        if status in (401, 403):
            return Misconfigured(_("el servidor no acepta la clave."), entry=name, key="api_key")
        if status in (429, 503):
            return Busy(engine=name)
        if "context length" in low or "input length" in low:
            return TooLong(engine=name)
        if status == 400 and "does not support" in low:
            return Misconfigured(_("este modelo no hace embeddings."), entry=name, key="model")
        if status >= 500:
            broken = Unavailable(_("El motor «%s» falló por dentro.") % name, engine=name)
            broken.add_note(f"{status}: {said[:500]}")
            return broken
        return BadAnswer(f"{status}: {said[:500]}", engine=name)


@lru_cache(maxsize=8)
def _client(address: str, timeout_s: float, secret: str, process: int) -> ollama.Client:
    """Return a client that keeps its connections; one for each process, since a fork cannot share them."""
    return ollama.Client(
        host=address,
        timeout=httpx.Timeout(timeout_s, connect=_CONNECT_TIMEOUT_S),
        headers=_headers(secret),
        follow_redirects=False,  # neither a redirect nor a proxy of the environment may carry texts elsewhere
        trust_env=False,
    )


@lru_cache(maxsize=8)
def _models(address: str, secret: str, period: int) -> dict[str, bool]:
    """Return the server's models, and of each whether it is worked by somebody else's cloud.

    Not by the client: its answer leaves out `remote_host`.
    """
    answer = httpx.get(
        f"{address}/api/tags",
        headers=_headers(secret),
        timeout=httpx.Timeout(_LIST_TIMEOUT_S, connect=_CONNECT_TIMEOUT_S),
        trust_env=False,
    )
    answer.raise_for_status()
    return {
        model["name"]: bool(model.get("remote_host") or model.get("remote_model"))
        for model in answer.json()["models"]
    }


def _headers(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"} if secret else {}
