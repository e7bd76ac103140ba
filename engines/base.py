"""What the house and every engine say to each other: questions, answers, vectors, and one tree of errors.

EngineError                 a call came to nothing; `engine` names it, the message may be shown to staff
├── Unavailable             may pass by itself: a later try, or another engine, can help
│   ├── Busy                it said so, and perhaps for how long (`wait_s`)
│   ├── Unreachable         nobody answers there, or the line broke
│   └── TimedOut            it took longer than its entry allows
├── BadAnswer               it answered, but not what was asked: malformed, wrong count or size, not a number
├── TooLong                 the text does not fit in the model
├── Declined                it will not do this: the maker's own rules
└── Misconfigured           `engines.yaml` or the machine behind it wants a technician
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from schools.refusals import Refused

Task = Literal["chat", "embed"]
Runs = Literal[
    "here", "ours", "outside"
]  # the school's own machines; a rented machine of ours; anybody else's
Purpose = Literal["index", "query"]
Vectors = NDArray[np.float32]


class EngineError(Refused):
    """A call to an engine came to nothing."""

    code = "engine_error"
    status = 503

    def __init__(self, detail: str, *, engine: str = "") -> None:
        super().__init__(detail)
        self.engine = engine


class Unavailable(EngineError):
    """It may pass by itself."""

    code = "engine_unavailable"


class Busy(Unavailable):
    """The engine takes no more work now; `wait_s` is what it asked for, None when it did not say."""

    code = "engine_busy"

    def __init__(self, *, engine: str, wait_s: float | None = None) -> None:
        super().__init__(
            _("El motor «%s» está ocupado. Conviene intentar de nuevo en unos instantes.") % engine,
            engine=engine,
        )
        self.wait_s = wait_s


class Unreachable(Unavailable):
    """Nobody answers at the engine's address, or the line broke in the middle."""

    code = "engine_unreachable"

    def __init__(self, *, engine: str) -> None:
        super().__init__(
            _("No se pudo llegar al motor «%s»: no responde o cortó la conexión.") % engine, engine=engine
        )


class TimedOut(Unavailable):
    """The engine took longer than its entry allows."""

    code = "engine_timed_out"
    status = 504

    def __init__(self, *, engine: str) -> None:
        super().__init__(_("El motor «%s» tardó más de lo permitido.") % engine, engine=engine)


class BadAnswer(EngineError):
    """The engine answered, but not what was asked. `flaw` is for the log: which rule the answer broke."""

    code = "engine_bad_answer"
    status = 502

    def __init__(self, flaw: str, *, engine: str) -> None:
        super().__init__(_("El motor «%s» dio una respuesta que no sirve.") % engine, engine=engine)
        self.flaw = flaw
        self.add_note(flaw)


class TooLong(EngineError):
    """The text does not fit in the model."""

    code = "engine_text_too_long"
    status = 422

    def __init__(self, *, engine: str) -> None:
        super().__init__(_("El texto es demasiado largo para el motor «%s».") % engine, engine=engine)


class Declined(EngineError):
    """The engine will not do this."""

    code = "engine_declined"
    status = 422

    def __init__(self, *, engine: str) -> None:
        super().__init__(_("El motor «%s» se negó a responder este pedido.") % engine, engine=engine)


class Misconfigured(EngineError):
    """`engines.yaml`, or the machine behind an entry, wants a technician. `entry` and `key` say where."""

    code = "engine_misconfigured"

    def __init__(self, problem: str, *, entry: str = "", key: str = "") -> None:
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


@dataclass(frozen=True, slots=True)
class Source:
    """A passage that an answer may lean on; `n` is the number it is cited by.

    `prior`: how likely it is the right one, 0–1; `support`: how much of the question's rare words it holds, 0–1, None
    when retrieval did not tell. `validity`: since when its document rules, or that it does not; empty: no more to say.
    """

    n: int
    title: str
    heading: str
    text: str
    prior: float = 0.0
    support: float | None = None
    validity: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """What was said before in the conversation."""

    role: Literal["question", "answer"]
    text: str


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A question and all that an engine may know to answer it; `instructions` say how it should."""

    question: str
    sources: tuple[Source, ...] = ()
    instructions: str = ""
    history: tuple[Turn, ...] = ()


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
    """What the call took, the last piece of every answer. None: not known, which is never the same as 0."""

    tokens_in: int | None
    tokens_out: int | None
    seconds: float | None
    cost_usd: Decimal | None


Piece = Text | Refusal | Usage


@runtime_checkable
class ChatProvider(Protocol):
    """Answers questions."""

    def stream(self, request: ChatRequest) -> Iterator[Piece]:
        """Yield either Texts or one Refusal, and one Usage at the end; raise an EngineError at any point."""

    def check(self) -> None:
        """Raise the EngineError that a call would meet now; return when there is none."""


@runtime_checkable
class EmbedProvider(Protocol):
    """Turns texts into vectors."""

    @property
    def variant(self) -> str:
        """Return what else makes its vectors unlike others of equal model, size and prefixes."""

    def embed(self, texts: Sequence[str], *, purpose: Purpose) -> Vectors:
        """Return one row of length 1 per text, (n, dimension); raise an EngineError."""

    def check(self) -> None:
        """Raise the EngineError that a call would meet now; return when there is none."""


Provider = ChatProvider | EmbedProvider


@dataclass(frozen=True, slots=True)
class Engine:
    """One entry of `engines.yaml`, as far as every provider has it."""

    name: str
    provider: str  # the file in `engines/providers/`
    tasks: tuple[Task, ...]
    runs: Runs
    model: str = ""
    dimension: int = 0
    weight: float = 0.0  # of its vector against the sparse ones, set by calibration
    query_prefix: str = ""
    index_prefix: str = ""
