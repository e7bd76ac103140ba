"""What the house and every engine say to each other: questions, answers, vectors, and one tree of errors.

EngineError                 a call came to nothing; `engine` names it, the message may be shown to staff
├── Unavailable             may pass by itself: a later try, or another engine, can help
│   ├── Busy                it said so, and perhaps for how long (`wait_s`): rate (429) or overload (503, 529)
│   ├── Unreachable         nobody answers there
│   ├── Broken              the line broke in the middle, or the stream ended without its end
│   └── TimedOut            it took longer than its entry allows; `is_first`: before the first word
├── BadAnswer               it answered, but not what was asked: malformed, wrong count or size, not a number
├── TooLong                 the text does not fit in the model
├── Declined                it will not do this: the maker's own rules
├── Rejected                it does not understand our request: our mistake, no other try helps
├── OutOfFunds              the account with its maker has no money left
├── Misconfigured           `engines.yaml` or the machine behind it wants a technician; also a key that is not accepted
└── NoEngine                no engine may do this (see engines.router)
    └── OverBudget          none that costs nothing, and the school's month has no money left

`failure` of each is the class by which the router decides: how long the engine rests, whether another is asked.
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from engines.labels import Label
from engines.sound import Sound as Sound
from engines.sound import Spoken as Spoken
from schools.refusals import Refused

Task = Literal["chat", "embed", "rerank", "transcribe"]
Runs = Literal[
    "here", "ours", "outside"
]  # the school's own machines; a rented machine of ours; anybody else's
Purpose = Literal["index", "query"]
Vectors = NDArray[np.float32]


class Failure(StrEnum):
    """Why a call came to nothing, as far as the router cares."""

    RATE = "rate"
    OVERLOAD = "overload"
    MONEY = "money"
    AUTH = "auth"
    CONFIG = "config"
    BAD_REQUEST = "bad_request"
    POLICY = "policy"
    CONTEXT_OVERFLOW = "context_overflow"
    CONNECT = "connect"
    FIRST_TOKEN_TIMEOUT = "first_token_timeout"  # noqa: S105 – no password
    TIMEOUT = "timeout"
    BROKEN_STREAM = "broken_stream"
    BAD_OUTPUT = "bad_output"
    INTERNAL = "internal"  # a 5xx that says no more
    NO_ENGINE = "no_engine"


class EngineError(Refused):
    """A call to an engine came to nothing."""

    code = "engine_error"
    status = 503
    failure: Failure = Failure.INTERNAL

    def __init__(self, detail: str, *, engine: str = "") -> None:
        super().__init__(detail)
        self.engine = engine


class Unavailable(EngineError):
    """It may pass by itself."""

    code = "engine_unavailable"


class Busy(Unavailable):
    """The engine takes no more work now; `wait_s` is what it asked for, None when it did not say."""

    code = "engine_busy"
    failure = Failure.OVERLOAD

    def __init__(
        self, *, engine: str, wait_s: float | None = None, failure: Failure = Failure.OVERLOAD
    ) -> None:
        super().__init__(
            _("El motor «%s» está ocupado. Conviene intentar de nuevo en unos instantes.") % engine,
            engine=engine,
        )
        self.wait_s = wait_s
        self.failure = failure


class Unreachable(Unavailable):
    """Nobody answers at the engine's address."""

    code = "engine_unreachable"
    failure = Failure.CONNECT

    def __init__(self, *, engine: str) -> None:
        super().__init__(
            _("No se pudo llegar al motor «%s»: no responde o cortó la conexión.") % engine, engine=engine
        )


class Broken(Unavailable):
    """The line broke in the middle of an answer, or it ended without its end."""

    code = "engine_stream_broken"
    failure = Failure.BROKEN_STREAM

    def __init__(self, *, engine: str) -> None:
        super().__init__(_("El motor «%s» cortó la respuesta antes de terminarla.") % engine, engine=engine)


class TimedOut(Unavailable):
    """The engine took longer than its entry allows; `is_first`: nothing had come yet."""

    code = "engine_timed_out"
    status = 504

    def __init__(self, *, engine: str, is_first: bool = False) -> None:
        super().__init__(_("El motor «%s» tardó más de lo permitido.") % engine, engine=engine)
        self.failure = Failure.FIRST_TOKEN_TIMEOUT if is_first else Failure.TIMEOUT


class BadAnswer(EngineError):
    """The engine answered, but not what was asked. `flaw` is for the log: which rule the answer broke."""

    code = "engine_bad_answer"
    failure = Failure.BAD_OUTPUT
    status = 502

    def __init__(self, flaw: str, *, engine: str) -> None:
        super().__init__(_("El motor «%s» dio una respuesta que no sirve.") % engine, engine=engine)
        self.flaw = flaw
        self.add_note(flaw)


class TooLong(EngineError):
    """The text does not fit in the model."""

    code = "engine_text_too_long"
    failure = Failure.CONTEXT_OVERFLOW
    status = 422

    def __init__(self, *, engine: str) -> None:
        super().__init__(_("El texto es demasiado largo para el motor «%s».") % engine, engine=engine)


class Declined(EngineError):
    """The engine will not do this."""

    code = "engine_declined"
    failure = Failure.POLICY
    status = 422

    def __init__(self, *, engine: str) -> None:
        super().__init__(_("El motor «%s» se negó a responder este pedido.") % engine, engine=engine)


class Misconfigured(EngineError):
    """`engines.yaml`, or the machine behind an entry, wants a technician. `entry` and `key` say where."""

    code = "engine_misconfigured"
    failure = Failure.CONFIG

    def __init__(
        self, problem: str, *, entry: str = "", key: str = "", failure: Failure = Failure.CONFIG
    ) -> None:
        where = ", ".join(
            part
            for part in (_("motor «%s»") % entry if entry else "", _("clave «%s»") % key if key else "")
            if part
        )
        super().__init__(
            f"engines.yaml: {where}: {problem}" if where else f"engines.yaml: {problem}", engine=entry
        )
        self.entry = entry
        self.key = key
        self.problem = problem
        self.failure = failure


class Rejected(EngineError):
    """The engine does not understand our request. `flaw` is for the log: what it said."""

    code = "engine_rejected"
    status = 502
    failure = Failure.BAD_REQUEST

    def __init__(self, flaw: str, *, engine: str) -> None:
        super().__init__(_("El motor «%s» no aceptó el pedido.") % engine, engine=engine)
        self.flaw = flaw
        self.add_note(flaw)


class OutOfFunds(EngineError):
    """The account with the engine's maker has no money left, or its own limit of spending was reached."""

    code = "engine_out_of_funds"
    failure = Failure.MONEY

    def __init__(self, *, engine: str) -> None:
        super().__init__(
            _("La cuenta del motor «%s» no tiene crédito o llegó a su límite de gasto.") % engine,
            engine=engine,
        )


class NoEngine(EngineError):
    """No engine may do this; the message says why of each. `is_passing`: one may later, as things are."""

    code = "no_engine"
    failure = Failure.NO_ENGINE

    def __init__(self, detail: str, *, engine: str = "", is_passing: bool = False) -> None:
        super().__init__(detail, engine=engine)
        self.is_passing = is_passing


class OverBudget(NoEngine):
    """What is left of the school's month does not pay for it, and nothing that is free may do it."""

    code = "over_budget"
    status = 402


@dataclass(frozen=True, slots=True)
class Source:
    """A passage that an answer may lean on; `n` is the number it is cited by.

    `prior`: how likely it is the right one, 0–1; `support`: how much of the question's rare words it holds, 0–1, None
    when retrieval did not tell. `validity`: since when its document rules, or that it does not; empty: no more to say.
    `around`: the text with what stands about it, for an engine that writes; one that quotes must not wander off.
    """

    n: int
    title: str
    heading: str
    text: str
    prior: float = 0.0
    support: float | None = None
    validity: str = ""
    around: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """What was said before in the conversation."""

    role: Literal["question", "answer"]
    text: str


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A question and all that an engine may know to answer it; `instructions` say how it should.

    With `sources` the engine answers from them alone and cites them; without any it just does what is asked.
    `schema`: JSON Schema of the answer, which is then one JSON text. `call_id` names the attempt, for makers that can
    tell one from its repetition.
    """

    question: str
    sources: tuple[Source, ...] = ()
    instructions: str = ""
    history: tuple[Turn, ...] = ()
    max_tokens: int = 1_024
    temperature: float | None = 0.2
    schema: Mapping[str, object] | None = None
    call_id: str = ""


@dataclass(frozen=True, slots=True)
class Text:
    """The next words of an answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """The engine finds no answer in the sources; stands instead of Text; `reason` is for staff."""

    reason: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What the call took, the last piece of every answer. None: not known, which is never the same as 0.

    `tokens_out` holds whatever the maker bills as output, thoughts too. `seconds`: of the machine's time, where that
    is what is billed; of sound for a transcription.
    """

    tokens_in: int | None
    tokens_out: int | None
    seconds: float | None = None
    is_cut: bool = False  # the answer ended at its limit of tokens


Piece = Text | Refusal | Usage


@dataclass(frozen=True, slots=True)
class Vectored:
    """Vectors of length 1, one row per text, and what they took."""

    vectors: Vectors
    usage: Usage


@dataclass(frozen=True, slots=True)
class Ranked:
    """How well each text answers the question, in the order given; only their order means something."""

    scores: tuple[float, ...]
    usage: Usage


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was said in a recording, and what writing it down took.

    `turns`: who spoke from when to when, numbered from 1, where the engine can tell voices apart.
    """

    language: str
    seconds: float
    segments: tuple[Spoken, ...]
    usage: Usage
    turns: tuple[tuple[float, float, int], ...] = ()


class Checked(Protocol):
    """What every provider can be asked."""

    def check(self) -> None:
        """Raise the EngineError that a call would meet now, at no cost; return when there is none."""


@runtime_checkable
class ChatProvider(Checked, Protocol):
    """Answers questions."""

    def stream(self, request: ChatRequest) -> Iterator[Piece] | AsyncIterator[Piece]:
        """Yield either Texts or one Refusal, and one Usage at the end; raise an EngineError at any point.

        What works in this process gives a plain generator. What waits for a network is an async generator: the router
        runs it on one loop for the whole process, and closes it when nobody reads on; its `finally` lets the line go.
        """


@runtime_checkable
class EmbedProvider(Checked, Protocol):
    """Turns texts into vectors."""

    @property
    def variant(self) -> str:
        """Return what else makes its vectors unlike others of equal model, size and prefixes."""

    def embed(self, texts: Sequence[str], *, purpose: Purpose) -> Vectored:
        """Return one row of length 1 per text, (n, dimension); raise an EngineError."""


@runtime_checkable
class RerankProvider(Checked, Protocol):
    """Orders texts by how well they answer a question."""

    def rerank(self, question: str, texts: Sequence[str]) -> Ranked:
        """Return one score per text; raise an EngineError."""


@runtime_checkable
class TranscribeProvider(Checked, Protocol):
    """Writes down what is said in a recording."""

    def transcribe(self, sound: Sound) -> Transcript:
        """Return what a stretch of sound says; raise an EngineError."""


Provider = ChatProvider | EmbedProvider | RerankProvider | TranscribeProvider


@dataclass(frozen=True, slots=True)
class Price:
    """What an engine costs, in millionths of a US dollar; `version` says where that comes from, and of which day.

    `per_second_u`: of the machine's time, or of sound for a transcription.
    """

    in_per_million_u: int = 0
    out_per_million_u: int = 0
    per_second_u: int = 0
    version: str = ""

    @property
    def is_free(self) -> bool:
        """Say whether a call costs nothing."""
        return not (self.in_per_million_u or self.out_per_million_u or self.per_second_u)


FREE = Price(version="gratis")


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of an engine may be used at a time: calls at once, of them by one school; seconds of patience."""

    at_once: int = 4
    per_school: int = 4
    connect_s: float = 5.0
    first_token_s: float = 60.0
    total_s: float = 300.0


@dataclass(frozen=True, slots=True)
class Engine:
    """One entry of `engines.yaml`, as far as every provider has it."""

    name: str
    provider: str  # the file in `engines/providers/`
    tasks: tuple[Task, ...]
    runs: Runs
    model: str = ""
    region: str = ""
    max_label: Label = Label.MINORS  # the most sensitive text that it may be given, whatever a school allows
    price: Price | None = (
        FREE  # None: not known, which keeps an engine that is not the school's own from being used
    )
    limits: Limits = field(default_factory=Limits)
    context_tokens: int = 8_192  # question, sources and answer together
    max_out_tokens: int = 1_024
    accepts: frozenset[str] = frozenset({"temperature", "json_schema"})  # what its model takes
    languages: frozenset[str] = frozenset()  # that it is good at; empty: any
    dimension: int = 0
    weight: float = 0.0  # of its vector against the sparse ones, set by calibration
    query_prefix: str = ""
    index_prefix: str = ""
