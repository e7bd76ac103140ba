"""What providers on a network share: patience, lines that are kept open, and what a failure of either means.

Two families of exceptions reach us, httpx's and httpx2's, since makers' clients speak through one or the other.
"""

import asyncio
import os
from collections.abc import Callable, Coroutine, Hashable
from functools import lru_cache
from ssl import SSLContext
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

import httpx
import httpx2
from django.utils.translation import gettext as _

from engines import loop
from engines.base import (
    BadAnswer,
    Broken,
    Busy,
    Declined,
    Engine,
    EngineError,
    Failure,
    Limits,
    Misconfigured,
    OutOfFunds,
    Rejected,
    TimedOut,
    TooLong,
    Unavailable,
    Unreachable,
)
from engines.keys import Keys

C = TypeVar("C")

_ASKING_S = 10.0
_NOTE_CHARACTERS = 500
KEPT_LINES = 20
# What a line does to us. `ConnectionError` is what ollama's client makes of a refused one.
LINE = (httpx.TransportError, httpx2.TransportError, ConnectionError)
_NEVER_MADE = (
    httpx.ConnectError, httpx2.ConnectError, httpx.ConnectTimeout, httpx2.ConnectTimeout,
    httpx.UnsupportedProtocol, httpx2.UnsupportedProtocol,
)  # fmt: skip
# What an answer of another shape than the documented one trips a client, or us, into.
SHAPE = (ValueError, TypeError, KeyError, AttributeError, httpx.DecodingError, httpx2.DecodingError)


class Kept(Generic[C]):
    """Clients that keep their lines, one for each running loop, process and key: a fork or another loop has its own."""

    def __init__(self, build: Callable[..., C]) -> None:
        """`build`: makes a client from the key's parts."""
        self._build = build
        self._of_loop: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[tuple[Hashable, ...], C]] = (
            WeakKeyDictionary()
        )

    def get(self, *key: Hashable) -> C:
        """Return the running loop's client."""
        clients = self._of_loop.setdefault(asyncio.get_running_loop(), {})
        whole = (os.getpid(), *key)
        if whole not in clients:
            clients[whole] = self._build(*key)
        return clients[whole]


def patience(limits: Limits) -> httpx2.Timeout:
    """Return how long a line may take; the router ends a call that takes too long on the whole."""
    return httpx2.Timeout(limits.total_s, connect=limits.connect_s)


def client(timeout: httpx2.Timeout) -> httpx2.AsyncClient:
    """Return a client that neither a redirect nor a proxy of the environment can lead elsewhere."""
    return httpx2.AsyncClient(
        timeout=timeout,
        trust_env=False,
        follow_redirects=False,
        verify=trust(),
        # The router counts the calls at once: here no line has to wait for another.
        limits=httpx2.Limits(max_connections=None, max_keepalive_connections=KEPT_LINES),
    )


@lru_cache(maxsize=1)
def trust() -> SSLContext:
    """Return the certificates that this machine trusts."""
    return httpx2.create_ssl_context()  # reading the machine's certificates takes 0.1 s


def ask(work: Coroutine[Any, Any, C], *, engine: str) -> C:
    """Do on the loop what a maker answers without much thought and at no cost, and return what comes of it."""
    try:
        return loop.run(work, timeout_s=_ASKING_S)
    except TimeoutError:
        raise TimedOut(engine=engine) from None


def secret(keys: Keys) -> str:
    """Return the key for a maker that serves nobody without one."""
    found = keys.secret("api_key")
    if not found:
        raise keys.wrong("api_key_env", _("falta: sin una clave, este proveedor no atiende."))
    return found


def of_line(error: BaseException, *, engine: str, is_open: bool = False) -> EngineError:
    """Return our error for a line that failed; `is_open`: an answer had begun.

    A line that broke after the request went out may have been worked on, and billed: only one that was never made
    counts as unreachable.
    """
    if isinstance(error, _NEVER_MADE) or (isinstance(error, ConnectionError) and not is_open):
        return Unreachable(engine=engine)
    if isinstance(error, httpx.TimeoutException | httpx2.TimeoutException):
        return TimedOut(engine=engine, is_first=not is_open)
    return Broken(engine=engine)


def of_status(
    status: int, said: str, *, engine: Engine, wait_s: float | None = None, is_too_long: bool = False
) -> EngineError:
    """Return our error for an answer that is none, with the maker's words in its notes.

    `wait_s`: what it asked us to wait; `is_too_long`: the maker's words say that the text does not fit.
    """
    return noted(_meant(status, said, engine, wait_s, is_too_long), said)


def noted(error: EngineError, said: str) -> EngineError:
    """Return the error with what the maker said, cut, where a log shows it and staff do not see it."""
    error.add_note(said[:_NOTE_CHARACTERS])
    return error


def masked(said: str, secret: str) -> str:
    """Return a maker's words without our key, which some repeat when they refuse it."""
    return said.replace(secret, "…") if secret else said


def seconds(text: str | None) -> float | None:
    """Return what `Retry-After: 7` or `30s` stand for, None for anything else."""
    try:
        found = float((text or "").strip().removesuffix("s"))
    except ValueError:
        return None
    return found if 0 <= found < float("inf") else None


def _meant(status: int, said: str, engine: Engine, wait_s: float | None, is_too_long: bool) -> EngineError:
    name = engine.name
    if status == 413 or is_too_long:
        return TooLong(engine=name)
    if status == 402:
        return OutOfFunds(engine=name)
    if status in (401, 403):
        return Misconfigured(
            _("el proveedor no acepta la clave."), entry=name, key="api_key", failure=Failure.AUTH
        )
    if status == 404:
        return Misconfigured(
            _("el proveedor no tiene el modelo «%s», o la clave no lo alcanza.") % engine.model,
            entry=name,
            key="model",
        )
    if status == 451:  # what a filter before a server of one's own says
        return Declined(engine=name)
    if status == 429:
        return Busy(engine=name, wait_s=wait_s, failure=Failure.RATE)
    if status in (503, 529):
        return Busy(engine=name, wait_s=wait_s)
    if status in (408, 409) or status >= 500:
        return Unavailable(_("El motor «%s» falló por dentro.") % name, engine=name)
    if status >= 400:
        return Rejected(f"status {status}", engine=name)
    return BadAnswer(f"an answer with status {status}", engine=name)
