"""The only way to call an engine: decide, hold money, call, settle, and fall back when it comes to nothing.

The decision itself is pure (engines.routing); engines.plan reads what it goes by and does what it says.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TypeVar

import numpy as np

from engines import config, estimate, hearing
from engines.answering import Answering
from engines.attempts import told_to_fall_back
from engines.base import (
    ChatRequest,
    EmbedProvider,
    Engine,
    EngineError,
    Purpose,
    Sound,
    Task,
    Usage,
    Vectors,
)
from engines.errands import Errand
from engines.hearing import Heard
from engines.plan import Plan, decide
from engines.routing import QUOTING, Choice
from schools import unseen

BATCH = 64  # texts of one call
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class EmbedderSpec:
    """An embedder as its vectors know it: equal fingerprints mean vectors that may be compared."""

    engine: str
    model: str
    dimension: int
    weight: float
    fingerprint: str


def explain(
    errand: Errand, *, task: Task, tokens_in: int = 0, tokens_out: int = 0, seconds: float = 0.0
) -> Choice:
    """Return the decision that would be taken now, by the function that takes it; call nobody, write nothing."""
    return decide(errand, task, tokens_in, tokens_out, seconds)[0]


def answer(
    request: ChatRequest, errand: Errand, *, is_wanted: Callable[[], bool] = lambda: True
) -> Answering:
    """Decide who answers; its pieces are the answer.

    `is_wanted` is asked a few times a second, also while the engine is silent; False stops it. Raises NoEngine.
    """
    return Answering(request, errand, is_wanted)


def embed(texts: Sequence[str], errand: Errand, *, purpose: Purpose, engine: str | None = None) -> Vectors:
    """Return one row of length 1 per text, (n, dimension), by the named embedder or else the preferred one.

    Raises an EngineError: all texts have their vector, or none has.
    """
    spec = embedder() if engine is None else None
    name = engine or (spec.engine if spec else "")
    wished = replace(errand, wish=name)
    known = config.load()
    batches: list[Vectors] = []
    for at in range(0, len(texts), BATCH):
        batch = [unseen.strip(text) for text in texts[at : at + BATCH]]

        def call(name: str, batch: Sequence[str] = batch) -> tuple[Vectors, Usage]:
            found = known.embed[name].embed(batch, purpose=purpose)
            return found.vectors, found.usage

        batches.append(_once(wished, "embed", call, tokens_in=estimate.of_texts(batch)))
    if batches:
        return np.concatenate(batches)
    found = known.engine(name)
    return np.empty((0, found.dimension if found else 0), dtype=np.float32)


def rerank(question: str, texts: Sequence[str], errand: Errand) -> tuple[float, ...] | None:
    """Return how well each text answers the question; None when no engine may say, or none does."""
    known = config.load()
    if not known.rerank or not texts:
        return None
    question, texts = unseen.strip(question), [unseen.strip(text) for text in texts]

    def call(name: str) -> tuple[tuple[float, ...], Usage]:
        found = known.rerank[name].rerank(question, texts)
        return found.scores, found.usage

    tokens_in = estimate.of_texts(texts) + len(texts) * estimate.tokens(question)
    try:
        return _once(errand, "rerank", call, tokens_in=tokens_in)
    except EngineError:
        return None


def transcribe(sound: Sound, errand: Errand) -> Heard:
    """Return what a stretch of sound says and who wrote it down; raise an EngineError."""
    return hearing.hear(sound, errand)


def embedder(*, fingerprint: str | None = None) -> EmbedderSpec | None:
    """Return the preferred embedder, or the one whose vectors carry the fingerprint; None without one."""
    return next((spec for spec in embedders() if fingerprint in (None, spec.fingerprint)), None)


def embedders() -> tuple[EmbedderSpec, ...]:
    """Return every embedder of the installation, preferred first: an older collection's may stand below.

    Whether it may see a text is another question, asked for each text's school and label when it is called.
    """
    catalogue = config.load()
    return tuple(
        _spec(engine, catalogue.embed[engine.name])
        for engine in catalogue.engines
        if engine.name in catalogue.embed and engine.price is not None
    )


def has_writer() -> bool:
    """Say whether the installation has an engine that writes answers, and not only one that quotes."""
    return any(engine.provider != QUOTING for engine in config.load().engines if "chat" in engine.tasks)


def has_outside() -> bool:
    """Say whether the installation has an engine that does not work on the school's own machines."""
    return any(engine.runs != "here" for engine in config.load().engines)


def _once(
    errand: Errand,
    task: Task,
    call: Callable[[str], tuple[T, Usage]],
    *,
    tokens_in: int = 0,
) -> T:
    """Do what comes whole, by the first engine that does it."""
    plan = Plan(errand, task, tokens_in=tokens_in)
    last: EngineError | None = None
    for attempt in plan.attempts():
        try:
            found, usage = call(attempt.engine.name)
            attempt.done(usage)
            return found
        except EngineError as error:
            attempt.failed(error)
            last = error
            if not told_to_fall_back(error.failure):
                raise
        finally:
            attempt.crashed()
    raise last or plan.nobody()


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
