"""An installation's engines for a test: entries put into its file, a school that lets them work, errands."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from engines import rules
from engines.base import ChatRequest, Piece, Source, Text
from engines.errands import Errand, Labelled, Purpose
from engines.labels import Label
from engines.models import Budget, Charge, Decision
from schools.admission import Member
from schools.scope import school_scope

QUESTION = ChatRequest(
    "¿Cuántas inasistencias injustificadas hacen perder la condición de regular?",
    sources=(
        Source(
            1,
            "Régimen",
            "Inasistencias",
            "Quien supere las veinticinco inasistencias injustificadas perderá la condición de regular.",
            prior=0.9,
        ),
    ),
    max_tokens=200,
)
QUOTING: Mapping[str, object] = {"name": "citas", "provider": "quoting", "runs": "here", "tasks": ["chat"]}
# Of an engine outside: a thousandth of a dollar for a thousand tokens read, two for a thousand written.
PRICE: Mapping[str, object] = {"input_per_million": 1, "output_per_million": 2}


def errand(member: Member, label: Label = Label.INTERNAL, **changes: Any) -> Errand:
    """Return an errand that shows an engine something of that label."""
    given: dict[str, Any] = {
        "school_id": member.school_id,
        "user_id": member.user_id,
        "purpose": Purpose.ANSWER,
        "parts": (Labelled("la pregunta", label),),
        "patience_s": 2.0,
    }
    return Errand(**{**given, **changes})


def allow(member: Member, *names: str, cap: str = "5", most: Label = Label.INTERNAL) -> None:
    """Let a school use these engines, up to a cap in dollars a month."""
    rules.plan(member, cap=Decimal(cap))
    for name in names:
        rules.allow(member, name, is_enabled=True, max_label=most.value)


def text(pieces: Iterator[Piece]) -> str:
    """Return the words of an answer."""
    return "".join(piece.text for piece in pieces if isinstance(piece, Text))


def books(member: Member) -> tuple[list[Decision], list[Charge], Budget | None]:
    """Return a school's decisions and charges, oldest first, and its budget."""
    with school_scope(member.school_id):
        return (
            list(Decision.objects.order_by("pk")),
            list(Charge.objects.order_by("pk")),
            Budget.objects.first(),
        )


def balance(member: Member) -> None:
    """Check that the books are right: the budget is the sum of its charges."""
    _decisions, charges, budget = books(member)
    spent = sum(each.actual_u for each in charges if each.state == "settled")
    held = sum(each.est_u for each in charges if each.state == "held")
    assert (spent, held) == ((budget.spent_u, budget.reserved_u) if budget else (0, 0))
