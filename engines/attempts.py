"""One call to one engine, from the money held for it to the money it cost."""

import logging
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from queue import Empty
from time import monotonic
from typing import TypeVar

from engines import estimate, health, ledger, prices
from engines.base import Busy, Engine, EngineError, Failure, Limits, Piece, Text, TimedOut, Usage
from engines.ledger import Held, Outcome
from engines.loop import Flow
from engines.routing import Candidate
from schools import scope

log = logging.getLogger(__name__)
T = TypeVar("T")

# How soon a stop is heard while nothing comes.
LISTEN_S = 0.2
# After these the engine may have worked, and its maker may ask for money: the estimate is booked, never 0.
_BILLED = frozenset(
    {
        Failure.FIRST_TOKEN_TIMEOUT,
        Failure.TIMEOUT,
        Failure.BROKEN_STREAM,
        Failure.BAD_OUTPUT,
        Failure.POLICY,
    }
)
# After these no other engine is asked: the mistake is ours and would only be made again.
_OURS = frozenset({Failure.BAD_REQUEST})


class Stopped(Exception):
    """Nobody wants the answer any more."""


def told_to_fall_back(failure: Failure) -> bool:
    """Say whether another engine is asked after a call came to nothing."""
    return failure not in _OURS


@dataclass(slots=True)
class Attempt:
    """A call under way. Ends by exactly one of `done`, `stopped` and `failed`, which give its place and money back."""

    candidate: Candidate
    held: Held
    call: str
    tokens_out: int = 0  # the most that was reckoned with
    started: float = field(default_factory=monotonic)
    first_ms: int | None = None
    shown: str = ""
    cost_u: int = 0
    is_over: bool = False

    @property
    def engine(self) -> Engine:
        """Return whom it calls."""
        return self.candidate.engine

    def read(
        self, stream: Iterator[Piece] | AsyncIterator[Piece], is_wanted: Callable[[], bool]
    ) -> Iterator[Piece]:
        """Yield what the engine says; raise an EngineError, or Stopped when nobody wants it any more."""
        if isinstance(stream, AsyncIterator):
            pieces = _in_time(Flow(stream), self.engine, is_wanted)
        else:
            pieces = _watched(stream, is_wanted)
        for piece in pieces:
            if isinstance(piece, Text):
                if self.first_ms is None:
                    self.first_ms = round((monotonic() - self.started) * 1000)
                self.shown += piece.text
            yield piece

    def done(self, usage: Usage | None) -> None:
        """Book what it took; by the estimate where the engine did not tell."""
        price = self.engine.price
        exact = prices.of_usage(price, usage) if price and usage else None
        if price is not None and price.is_free:
            exact = 0
        self._settle(
            usage,
            usd_u=self.held.est_usd_u if exact is None else exact,
            is_exact=exact is not None,
            outcome="ok",
        )
        self._leave(ms=round((monotonic() - self.started) * 1000))

    def stopped(self) -> None:
        """Book what was read and what was said so far, reckoned high: the maker tells nothing of what is cut off."""
        price = self.engine.price
        said = estimate.tokens(self.shown) if self.shown else 0
        reckoned = Usage(None, said or None, monotonic() - self.started)
        whole = self.held.est_usd_u
        if price is not None and price.out_per_million_u:
            unsaid = prices.cost_u(price, 0, max(0, self.tokens_out - said), 0.0)
            whole = max(0, whole - unsaid)
        self._settle(reckoned, usd_u=whole, is_exact=False, outcome="stopped")
        self._leave(is_known=False)

    def failed(self, error: EngineError) -> None:
        """Book or release, by whether the engine may have worked, and let it rest by how it failed."""
        if self.held.est_u and (self.shown or error.failure in _BILLED):
            self._settle(None, usd_u=self.held.est_usd_u, is_exact=False, outcome=error.failure)
        else:
            self._end(lambda: ledger.release(self.held, error.failure))
        asked_s = error.wait_s if isinstance(error, Busy) else None
        self._leave(failure=error.failure, asked_s=asked_s)
        log.warning("engine %s failed: %s %s", self.engine.name, error.failure, _flaw(error))

    def crashed(self) -> None:
        """Book the estimate for a call that a mistake of ours ended, wherever that was."""
        if not self.is_over:
            self._settle(None, usd_u=self.held.est_usd_u, is_exact=False, outcome="crashed")
            self._leave(is_known=False)

    def _settle(self, usage: Usage | None, *, usd_u: int, is_exact: bool, outcome: str) -> None:
        def book() -> None:
            self.cost_u = ledger.settle(
                self.held,
                Outcome(
                    usd_u=usd_u,
                    basis="usage" if is_exact else "estimate",
                    outcome=outcome,
                    tokens_in=usage.tokens_in if usage else None,
                    tokens_out=usage.tokens_out if usage else None,
                    seconds=usage.seconds if usage else None,
                    first_ms=self.first_ms,
                ),
                chosen=outcome in ("ok", "stopped") or bool(self.shown),
            )

        self._end(book)

    def _end(self, book: Callable[[], None]) -> None:
        if not self.is_over:
            self.is_over = True
            book()

    def _leave(
        self,
        *,
        failure: Failure | None = None,
        asked_s: float | None = None,
        ms: int | None = None,
        is_known: bool = True,
    ) -> None:
        health.leave(
            self.engine,
            self.held.school_id,
            self.call,
            failure=failure,
            asked_s=asked_s,
            ms=ms,
            is_known=is_known,
        )


def _watched(stream: Iterator[Piece], is_wanted: Callable[[], bool]) -> Iterator[Piece]:
    """Yield what this very process makes, in few pieces; after each ask whether the next is still wanted."""
    for piece in stream:
        yield piece
        if isinstance(piece, Text) and not is_wanted():
            raise Stopped


def _in_time(flow: Flow[Piece], engine: Engine, is_wanted: Callable[[], bool]) -> Iterator[Piece]:
    """Yield what comes over the line, words that came together as one piece, within the engine's limits of time."""
    limits: Limits = engine.limits
    last = end = monotonic()
    end += limits.total_s
    heard, is_first = last, True
    try:
        while True:
            now = monotonic()
            deadline = min(last + limits.first_token_s, end)
            if now >= deadline:
                raise TimedOut(engine=engine.name, is_first=is_first)
            if now - heard >= LISTEN_S:
                heard = now
                if not is_wanted():
                    yield from flow.ready()  # it was said, and is kept and paid for
                    raise Stopped
                # Whatever it asked: fifty that wait for a silent engine must not hold what the others need.
                scope.let_go()
            try:
                piece = flow.next(min(LISTEN_S, deadline - now))
            except Empty:
                continue
            except StopIteration:
                return
            last = monotonic()
            if isinstance(piece, Text):
                is_first = False
                text, rest = piece.text, []
                for more in flow.ready():
                    if not isinstance(more, Text):
                        rest.append(more)
                        break
                    text += more.text
                yield Text(text)
                yield from rest
            else:
                yield piece
    finally:
        flow.close()


def _flaw(error: EngineError) -> str:
    """Return what the log is told of a failure: never the maker's words, which may repeat ours."""
    return type(error.__cause__).__name__ if error.__cause__ else ""
