"""What happens while a question is answered, one step after the other."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from rag.models import Message
from rag.retrieve import Passage


@dataclass(frozen=True, slots=True)
class Asked:
    """The question is kept; its answer can be stopped by this id from now on."""

    message_id: UUID


@dataclass(frozen=True, slots=True)
class Understood:
    """What is searched, when that is not the question as it was written; `by`: engine, rules or person."""

    question: str
    by: str


@dataclass(frozen=True, slots=True)
class Decided:
    """Which engine answers, and why."""

    message_id: UUID
    engine: str
    reason: str
    decision_id: UUID


@dataclass(frozen=True, slots=True)
class Sources:
    """What the engine is given, numbered as the answer will cite it."""

    passages: tuple[Passage, ...]


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the answer's text."""

    text: str


@dataclass(frozen=True, slots=True)
class Cited:
    """A citation that was checked against its source."""

    citation: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Done:
    """The answer, whole and kept."""

    message: Message


@dataclass(frozen=True, slots=True)
class Failed:
    """No answer, and why, in words for staff; the question is kept, and what was written of its answer."""

    message: Message
    code: str
    detail: str
    status: int = 503


Step = Asked | Understood | Decided | Sources | Token | Cited | Done | Failed
