"""Which engine does what, and the only way to call one.

First a pure choice with its reasons, then the call. Order in `engines.yaml` is preference.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from django.utils.translation import gettext as _

from engines import config
from engines.base import (
    ChatRequest,
    EmbedProvider,
    Engine,
    Misconfigured,
    Piece,
    Purpose,
    Task,
    Vectors,
)

BATCH = 64  # texts of one call


@dataclass(frozen=True, slots=True)
class Choice:
    """Who may do a task, best first, and who may not; each with the reason, in words for staff."""

    candidates: tuple[tuple[Engine, str], ...]
    refused: tuple[tuple[Engine, str], ...]


@dataclass(frozen=True, slots=True)
class Answering:
    """An answer under way: who gives it and why; pieces come as they are made, and may raise."""

    engine: str
    reason: str
    pieces: Iterator[Piece]


@dataclass(frozen=True, slots=True)
class EmbedderSpec:
    """An embedder as its vectors know it: equal fingerprints mean vectors that may be compared."""

    engine: str
    model: str
    dimension: int
    weight: float
    fingerprint: str


def choose(engines: Sequence[Engine], *, task: Task) -> Choice:
    """Return who may do the task, in the order of the file."""
    candidates: list[tuple[Engine, str]] = []
    refused: list[tuple[Engine, str]] = []
    for engine in engines:
        if task not in engine.tasks:
            refused.append((engine, _("No hace esta tarea.")))
        elif engine.runs == "outside":
            # Documents carry no label yet, and what has no label counts as confidential.
            refused.append((engine, reason_for(engine)))
        else:
            candidates.append((engine, reason_for(engine)))
    return Choice(candidates=tuple(candidates), refused=tuple(refused))


def reason_for(engine: Engine) -> str:
    """Return why an engine may or may not be given the school's texts: what its place means for them."""
    return {
        "here": _("Trabaja en el equipo de la escuela; nada sale."),
        "ours": _("Trabaja en un equipo alquilado por la escuela."),
        "outside": _("Trabaja fuera de la escuela, y un documento sin etiqueta no puede salir."),
    }[engine.runs]


def chat_engine() -> Engine:
    """Return the engine that answers questions."""
    return _first_for("chat")[0]


def answer(request: ChatRequest) -> Answering:
    """Start an answer. Nothing is called before its first piece is asked for."""
    engine, reason = _first_for("chat")
    provider = config.load().chat[engine.name]
    return Answering(engine=engine.name, reason=reason, pieces=provider.stream(request))


def embedder(*, fingerprint: str | None = None) -> EmbedderSpec | None:
    """Return the preferred embedder, or the one whose vectors carry the fingerprint; None without one."""
    return next((spec for spec in embedders() if fingerprint in (None, spec.fingerprint)), None)


def embedders() -> tuple[EmbedderSpec, ...]:
    """Return every embedder that may be called, preferred first: an older collection's may stand below."""
    catalogue = config.load()
    return tuple(
        _spec(engine, catalogue.embed[engine.name])
        for engine, _reason in choose(catalogue.engines, task="embed").candidates
    )


def embed(texts: Sequence[str], *, purpose: Purpose, engine: str | None = None) -> Vectors:
    """Return one row of length 1 per text, (n, dimension), by the named embedder or else the preferred one.

    Raises an EngineError: all texts have their vector, or none has.
    """
    catalogue = config.load()
    candidates = [known for known, _reason in choose(catalogue.engines, task="embed").candidates]
    chosen = next((known for known in candidates if engine in (None, known.name)), None)
    if chosen is None:
        raise Misconfigured(_("no hay un motor para «embed» que se pueda usar."), entry=engine or "")
    provider = catalogue.embed[chosen.name]
    batches = [provider.embed(texts[at : at + BATCH], purpose=purpose) for at in range(0, len(texts), BATCH)]
    return np.concatenate(batches) if batches else np.empty((0, chosen.dimension), dtype=np.float32)


def _first_for(task: Task) -> tuple[Engine, str]:
    choice = choose(config.load().engines, task=task)
    if not choice.candidates:
        raise Misconfigured(_("no hay un motor para «%s» que se pueda usar.") % task)
    return choice.candidates[0]


def _spec(engine: Engine, provider: EmbedProvider) -> EmbedderSpec:
    rules = (
        engine.provider,
        engine.model,
        str(engine.dimension),
        engine.query_prefix,
        engine.index_prefix,
        provider.variant,
    )
    return EmbedderSpec(
        engine=engine.name,
        model=engine.model,
        dimension=engine.dimension,
        weight=engine.weight,
        fingerprint=sha256("\0".join(rules).encode()).hexdigest()[:12],
    )
