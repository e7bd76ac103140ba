"""Ask one engine how it is, now and not for long: for a person who waits in front of a page."""

import threading
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from time import monotonic

from django.db import connections
from django.utils.translation import gettext as _

from engines import config, health, words
from engines.base import EngineError, Failure
from engines.rules import NoSuchEngine
from schools.ids import SchoolId

PATIENCE_S = 8.0
# Asked at once by one process, whoever asks: what an engine keeps waiting holds a thread until its own limits end.
_PLACES = threading.BoundedSemaphore(4)
# A check proves that these are over. That an account has money again, or is not too busy, only a call would tell.
_PROVEN = frozenset({Failure.CONNECT, Failure.AUTH, Failure.CONFIG})


@dataclass(frozen=True, slots=True)
class Result:
    """How an engine answered; `detail` is for staff."""

    engine: str
    is_well: bool
    detail: str


def ask(school_id: SchoolId, name: str, *, patience_s: float = PATIENCE_S) -> Result:
    """Return how an engine is, at no cost; raise NoSuchEngine. One that is well again need not rest any longer."""
    known = config.load()
    engine = known.engine(name)
    if engine is None:
        raise NoSuchEngine(_("El motor no existe."))
    if not _PLACES.acquire(blocking=False):
        return Result(
            name, False, _("Ya se están probando otros motores. Conviene intentar en unos segundos.")
        )
    answers: SimpleQueue[EngineError | None] = SimpleQueue()
    provider = known.provider(name)
    crashed = EngineError(_("Algo falló de nuestro lado. Ya quedó registrado."), engine=name)

    def check() -> None:
        outcome: EngineError | None = crashed
        try:
            provider.check()
            outcome = None
        except EngineError as error:
            outcome = error
        finally:
            answers.put(outcome)
            _PLACES.release()
            connections.close_all()

    began = monotonic()
    threading.Thread(target=check, name=f"probe-{name}", daemon=True).start()
    try:
        error = answers.get(timeout=patience_s)
    except Empty:
        return Result(name, False, _("No respondió en %d segundos.") % round(patience_s))
    if error is not None:
        return Result(name, False, error.detail)
    rest = health.look([engine]).get(name)
    if rest is not None and rest.failure in _PROVEN:
        health.leave(engine, school_id, "probe")
    took_ms = round((monotonic() - began) * 1000)
    told = {"name": words.engine(name), "ms": took_ms}
    return Result(name, True, _("«%(name)s» responde (en %(ms)d ms). No costó nada.") % told)
