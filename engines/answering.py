"""An answer under way: its pieces as they come, whoever gives them, and what it cost in the end."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from uuid import UUID

from engines import config, estimate
from engines.attempts import Stopped, told_to_fall_back
from engines.base import ChatRequest, EngineError, Piece, Refusal, Text, Usage
from engines.errands import Errand
from engines.plan import Plan
from engines.prompting import NO_ANSWER
from engines.routing import QUOTING, Candidate
from schools import unseen


@dataclass(frozen=True, slots=True)
class Cost:
    """What something cost, in millionths of a currency."""

    amount_u: int
    currency: str


class Answering:
    """An answer under way. Who gives it may change until its first word: read it again at the end."""

    def __init__(self, request: ChatRequest, errand: Errand, is_wanted: Callable[[], bool]) -> None:
        """Decide; raise NoEngine when nobody may. Nothing is called before the first piece is asked for."""
        self._request, self._errand, self._is_wanted = request, errand, is_wanted
        self._is_closed = False
        self._plan = Plan(
            errand, "chat", tokens_in=estimate.of_request(request), tokens_out=request.max_tokens
        )
        self._show(self._plan.choice.candidates[0])
        self.cost = Cost(0, self._plan.standing.money.currency)
        self.fallbacks: tuple[str, ...] = ()  # engines that were tried before and failed
        self.is_partial = False  # it broke off after its first word
        self.is_stopped = False
        self.is_cut = False  # it came to its limit of tokens
        self.pieces: Iterator[Piece] = self._run()

    @property
    def decision_id(self) -> UUID:
        """Return the decision's name in the books."""
        return self._plan.decision_id

    def close(self) -> None:
        """Stop at once, from any thread, and book what it cost so far."""
        self._is_closed = True
        with suppress(ValueError):  # it is being read at this moment: the reader hears of it
            self.pieces.close()  # type: ignore[attr-defined]  # a generator's

    def _show(self, candidate: Candidate) -> None:
        self.engine = candidate.engine.name
        self.runs = candidate.engine.runs
        self.reason = candidate.reason
        self.only_quotes = candidate.engine.provider == QUOTING

    def _wanted(self) -> bool:
        return not self._is_closed and self._is_wanted()

    def _run(self) -> Iterator[Piece]:
        provider_of = config.load().chat
        last: EngineError | None = None
        for attempt in self._plan.attempts(self._wanted):
            self._show(attempt.candidate)
            usage: Usage | None = None
            request = replace(
                self._request,
                call_id=attempt.call,
                max_tokens=min(self._request.max_tokens, attempt.engine.max_out_tokens),
            )
            try:
                stream = provider_of[attempt.engine.name].stream(request)
                for piece in _refusals(_seen(attempt.read(stream, self._wanted)), request):
                    if isinstance(piece, Usage):
                        usage = piece
                    yield piece
                attempt.done(usage)
                self.is_cut = usage is not None and usage.is_cut
                return
            except EngineError as error:
                attempt.failed(error)
                last = error
                if attempt.shown:
                    self.is_partial = True
                    raise
                if not told_to_fall_back(error.failure):
                    raise
                self.fallbacks += (attempt.engine.name,)
            except (Stopped, GeneratorExit) as stop:
                attempt.stopped()
                self.is_stopped = True
                if isinstance(stop, GeneratorExit):
                    raise
                return
            finally:
                attempt.crashed()
                self.cost = Cost(self.cost.amount_u + attempt.cost_u, self.cost.currency)
        if not self._wanted():
            self.is_stopped = True
            return
        raise last or self._plan.nobody()


def _seen(pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Yield the pieces without what nobody would see in them: it is shown, kept and handed out as it stands here."""
    for piece in pieces:
        if not isinstance(piece, Text):
            yield piece
        elif text := unseen.strip_all(piece.text):
            yield Text(text)


def _refusals(pieces: Iterator[Piece], request: ChatRequest) -> Iterator[Piece]:
    """Yield the pieces, with the words by which a writing engine says that it finds no answer made a Refusal."""
    if not request.sources:
        yield from pieces
        return
    begun = ""
    state = "unknown"
    for piece in pieces:
        if not isinstance(piece, Text) or state == "answer":
            if state == "refusal" and isinstance(piece, Usage):
                yield Refusal(begun.strip().removeprefix(NO_ANSWER).strip())
                state = "answer"
            elif state == "unknown" and begun:
                yield Text(begun)
                state = "answer"
            yield piece
            continue
        begun += piece.text
        start = begun.lstrip()
        if state == "unknown" and not NO_ANSWER.startswith(start[: len(NO_ANSWER)]):
            yield Text(begun)
            state = "answer"
        elif start.startswith(NO_ANSWER):
            state = "refusal"
    if state == "refusal":
        yield Refusal(begun.strip().removeprefix(NO_ANSWER).strip())
    elif state == "unknown" and begun:
        yield Text(begun)
