"""What an answer took: every call for it, what they cost together, and whom its texts went to."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from engines import config
from engines.base import Failure
from engines.errands import Purpose
from engines.models import Charge, ChargeState, Decision
from rag.models import Message
from schools.admission import Member
from schools.scope import school_scope


@dataclass(frozen=True, slots=True)
class Call:
    """A call to an engine for an answer."""

    engine: str
    runs: str  # here, ours or outside
    purpose: str
    outcome: str

    def to_json(self) -> dict[str, str]:
        """Return the call as a message keeps it."""
        return {"engine": self.engine, "runs": self.runs, "purpose": self.purpose, "outcome": self.outcome}


@dataclass(frozen=True, slots=True)
class Paid:
    """All calls for an answer, in order, and their cost in millionths of a currency."""

    calls: tuple[Call, ...]
    cost_u: int

    def to_json(self) -> dict[str, Any]:
        """Return what a message keeps: the cost, who failed before, and whom the texts went to outside the school."""
        failed = [
            call.to_json()
            for call in self.calls
            if call.purpose == Purpose.ANSWER and call.outcome not in ("ok", "stopped", "")
        ]
        abroad: dict[str, dict[str, str]] = {}
        for call in self.calls:
            if call.runs != "here" and call.outcome != Failure.CONNECT:
                abroad.setdefault(call.engine, call.to_json() | {"region": region(call.engine)})
        is_called = any(call.purpose == Purpose.ANSWER for call in self.calls)
        return {
            "cost_u": self.cost_u,
            "is_called": is_called,
            "failed": failed,
            "abroad": list(abroad.values()),
        }


def of(member: Member, message: Message) -> Paid:
    """Return what was called for a message: rewriting, vectors, order and answer."""
    with school_scope(member.school_id):
        rows = list(
            Charge.objects.filter(decision__subject_id=message.pk)
            .order_by("pk")
            .values_list("engine", "runs", "purpose", "outcome", "state", "actual_u")
        )
    spent = sum(actual_u for *_rest, state, actual_u in rows if state == ChargeState.SETTLED)
    return Paid(tuple(Call(*row[:4]) for row in rows), spent)


def decision_id(member: Member, message: Message) -> UUID | None:
    """Return the decision about who answers a message; None when it did not come to one."""
    with school_scope(member.school_id):
        found = Decision.objects.filter(subject_id=message.pk, purpose=Purpose.ANSWER).order_by("-pk")
        return found.values_list("pk", flat=True).first()


def region(engine: str) -> str:
    """Return where an engine stands, as its entry says."""
    found = config.load().engine(engine)
    return found.region if found else ""


def model(engine: str) -> str:
    """Return the model behind an engine, as its entry says."""
    found = config.load().engine(engine)
    return found.model if found else ""
