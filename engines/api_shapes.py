"""The shapes of engines, decisions, usage and budget in the API."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from engines import amounts
from engines.base import Price
from engines.cards import Card
from engines.decisions import Call, Judged, Told
from engines.labels import Label
from engines.models import AtCap
from engines.routing import place_text
from engines.rules import MOST_CAP
from engines.usage import BY, Line, Month, Report
from schools.shapes import Shape, Time

MOST_TOKENS = 10_000_000
MOST_SECONDS = 7 * 24 * 3_600
_LABELS = "public, internal, confidential or minors"


class Amount(Shape):
    """Money: an exact decimal, and a currency of three letters."""

    amount = serializers.CharField()
    currency = serializers.CharField()


class EnginePrice(Shape):
    """What the maker asks, in US dollars; `version`: where that comes from."""

    input_per_million = serializers.CharField()
    output_per_million = serializers.CharField()
    per_second = serializers.CharField()
    version = serializers.CharField(allow_blank=True)


class Allowed(Shape):
    """What the school lets an engine do."""

    is_enabled = serializers.BooleanField()
    max_label = serializers.CharField(help_text=_LABELS)
    tasks = serializers.ListField(child=serializers.CharField())


class EngineShape(Shape):
    """An engine and its health. `runs`: here, ours (rented by the school) or outside."""

    name = serializers.CharField()
    provider = serializers.CharField()
    model = serializers.CharField(allow_blank=True)
    tasks = serializers.ListField(child=serializers.CharField())
    runs = serializers.CharField()
    region = serializers.CharField(allow_blank=True)
    usable = serializers.BooleanField(help_text="may be given the school's texts, as things are")
    reason = serializers.CharField()
    healthy = serializers.BooleanField(help_text="does not rest after failures; nobody was called to know it")
    detail = serializers.CharField(allow_blank=True, help_text="how it is now")
    max_label = serializers.CharField(help_text="the most sensitive that its entry lets it see")
    allowed = Allowed()
    price = EnginePrice(allow_null=True)


class EngineChange(Shape):
    """What the school lets an engine do; what is left out stays."""

    is_enabled = serializers.BooleanField(required=False)
    max_label = serializers.CharField(max_length=20, required=False)
    tasks = serializers.ListField(
        child=serializers.CharField(max_length=20), required=False, allow_empty=False, max_length=10
    )


class EngineCheck(Shape):
    """How an engine answered when it was asked just now."""

    engine = serializers.CharField()
    healthy = serializers.BooleanField()
    detail = serializers.CharField()


class Planned(Shape):
    """Work that is only planned. `sensitivity`: what is not known, or left out, counts as confidential."""

    task = serializers.CharField(max_length=20, help_text="chat, embed, rerank or transcribe")
    sensitivity = serializers.CharField(max_length=40, required=False, allow_null=True, allow_blank=True)
    tokens_in = serializers.IntegerField(min_value=0, max_value=MOST_TOKENS, required=False, allow_null=True)
    seconds = serializers.FloatField(min_value=0, max_value=MOST_SECONDS, required=False, allow_null=True)


class Reason(Shape):
    """A stable word, and a sentence that staff may read."""

    code = serializers.CharField()
    text = serializers.CharField()


class JudgedEngine(Shape):
    """An engine in a decision. `est`: the most that it may cost, null when nobody knows."""

    engine = serializers.CharField()
    runs = serializers.CharField()
    reasons = Reason(many=True)
    est = Amount(allow_null=True)
    est_ms = serializers.IntegerField(allow_null=True)


class Choice(Shape):
    """A decision that would be taken: who may, best first, and who may not. `engine` null: nobody may."""

    task = serializers.CharField()
    sensitivity = serializers.CharField(help_text=_LABELS)
    engine = serializers.CharField(allow_null=True)
    candidates = JudgedEngine(many=True)
    refused = JudgedEngine(many=True)


class LabelSource(Shape):
    """A part of what the engine would see, and how sensitive it is."""

    what = serializers.CharField()
    sensitivity = serializers.CharField(help_text=_LABELS)


class ChargeShape(Shape):
    """A call, its cost, and what became of it. `basis`: usage, estimate or expired."""

    engine = serializers.CharField()
    model = serializers.CharField(allow_blank=True)
    state = serializers.ChoiceField(["held", "over"])
    outcome = serializers.CharField(allow_blank=True)
    cost = Amount()
    basis = serializers.CharField(allow_blank=True)
    tokens_in = serializers.IntegerField(allow_null=True)
    tokens_out = serializers.IntegerField(allow_null=True)
    seconds = serializers.FloatField(allow_null=True)


class TakenDecision(Choice):
    """A decision that was taken; `engine`: who did it in the end."""

    id = serializers.UUIDField()
    purpose = serializers.CharField()
    created_at = Time()
    label_sources = LabelSource(many=True)
    charges = ChargeShape(many=True)
    fallbacks = serializers.ListField(child=serializers.CharField())
    cost = Amount()


# `from` is no name that a class can give a field.
_SPAN = {
    "from": serializers.DateField(
        required=False, help_text="first day; the first of the month when left out"
    ),
    "to": serializers.DateField(required=False, help_text="last day, included; today when left out"),
}
UsageQuery: type[Shape] = type(
    "UsageQuery",
    (Shape,),
    {
        "__module__": __name__,
        "__doc__": "What to add up: days in the school's time zone.",
        **_SPAN,
        "by": serializers.ChoiceField(BY, required=False, default="day"),
    },
)


class UsageLine(Shape):
    """What one of them cost in one currency. `key`: a day, a person's id (or empty), a task or an engine."""

    key = serializers.CharField(allow_blank=True)
    name = serializers.CharField()
    cost = Amount()
    calls = serializers.IntegerField()
    estimated = serializers.IntegerField(help_text="calls whose cost is an estimate")
    tokens_in = serializers.IntegerField()
    tokens_out = serializers.IntegerField()
    seconds = serializers.FloatField()


UsageShape: type[Shape] = type(
    "UsageShape",
    (Shape,),
    {
        "__module__": __name__,
        "__doc__": "The ledger's settled charges, added up.",
        "by": serializers.ChoiceField(BY),
        "from": serializers.DateField(),
        "to": serializers.DateField(),
        "totals": Amount(many=True),
        "calls": serializers.IntegerField(),
        "results": UsageLine(many=True),
    },
)


class BudgetShape(Shape):
    """How the school's calendar month stands, and what the school chose about it."""

    month = serializers.DateField(help_text="its first day, in the school's time zone")
    cap = Amount()
    spent = Amount()
    held = Amount()
    left = Amount()
    used_percent = serializers.IntegerField()
    is_warned = serializers.BooleanField()
    is_over = serializers.BooleanField()
    warn_percent = serializers.IntegerField()
    at_cap = serializers.ChoiceField(AtCap.choices)
    question_sensitivity = serializers.CharField(help_text=_LABELS)


class Cap(Shape):
    """A month's cap; without a currency in the school's own."""

    amount = serializers.DecimalField(
        max_digits=16, decimal_places=6, min_value=Decimal(0), max_value=Decimal(MOST_CAP)
    )
    currency = serializers.CharField(max_length=3, required=False)


class BudgetChange(Shape):
    """What the school chooses about its money; what is left out stays."""

    cap = Cap(required=False)
    warn_percent = serializers.IntegerField(min_value=1, max_value=100, required=False)
    at_cap = serializers.ChoiceField(AtCap.choices, required=False)
    question_sensitivity = serializers.CharField(max_length=20, required=False, help_text=_LABELS)

    def validate_question_sensitivity(self, value: str) -> str:
        """Refuse what is no label."""
        if value not in tuple(Label):
            raise serializers.ValidationError(_("La confidencialidad elegida no existe."))
        return value


def of_card(card: Card) -> dict[str, Any]:
    """Return an engine."""
    engine = card.engine
    against = list(card.obstacles)
    if not card.allowance.is_enabled:
        against = [_("La escuela no lo habilitó.")]
    return {
        "name": engine.name,
        "provider": engine.provider,
        "model": engine.model,
        "tasks": list(engine.tasks),
        "runs": engine.runs,
        "region": engine.region,
        "usable": card.is_used,
        "reason": " ".join([place_text(engine), *against]),
        "healthy": card.now.level != "bad",
        "detail": card.now.detail,
        "max_label": engine.max_label.value,
        "allowed": {
            "is_enabled": card.allowance.is_enabled,
            "max_label": card.allowance.max_label.value,
            "tasks": [task.value for task in card.tasks if task.is_chosen],
        },
        "price": _price(engine.price),
    }


def of_told(told: Told) -> dict[str, Any]:
    """Return a decision; with what followed from it when it was taken."""
    first = told.candidates[0].engine if told.candidates else None
    shown: dict[str, Any] = {
        "task": told.task,
        "sensitivity": told.label.value,
        "engine": first if told.id is None else told.chosen or None,
        "candidates": [_judged(each, told.currency) for each in told.candidates],
        "refused": [_judged(each, told.currency) for each in told.refused],
    }
    if told.id is None or told.at is None:
        return shown
    return {
        **shown,
        "id": str(told.id),
        "purpose": told.purpose,
        "created_at": Time().to_representation(told.at),
        "label_sources": [{"what": part.what, "sensitivity": part.label.value} for part in told.parts],
        "charges": [_charge(call) for call in told.calls],
        "fallbacks": list(told.fallbacks),
        "cost": amounts.to_json(told.amount_u, told.currency),
    }


def of_report(report: Report) -> dict[str, Any]:
    """Return a report."""
    return {
        "by": report.by,
        "from": report.first.isoformat(),
        "to": report.last.isoformat(),
        "totals": [amounts.to_json(amount_u, currency) for currency, amount_u in report.totals.items()],
        "calls": report.calls,
        "results": [_line(line) for line in report.lines],
    }


def of_month(month: Month, question_label: Label) -> dict[str, Any]:
    """Return how a month stands."""
    money = {"cap": month.cap_u, "spent": month.spent_u, "held": month.held_u, "left": month.left_u}
    return {
        "month": month.first.isoformat(),
        **{name: amounts.to_json(amount_u, month.currency) for name, amount_u in money.items()},
        "used_percent": month.percent,
        "is_warned": month.is_warned,
        "is_over": month.is_over,
        "warn_percent": month.warn_percent,
        "at_cap": month.at_cap.value,
        "question_sensitivity": question_label.value,
    }


def _price(price: Price | None) -> dict[str, str] | None:
    if price is None:
        return None
    return {
        "input_per_million": amounts.exact(price.in_per_million_u),
        "output_per_million": amounts.exact(price.out_per_million_u),
        "per_second": amounts.exact(price.per_second_u),
        "version": price.version,
    }


def _judged(each: Judged, currency: str) -> dict[str, Any]:
    return {
        "engine": each.engine,
        "runs": each.runs,
        "reasons": [{"code": code, "text": text} for code, text in each.reasons],
        "est": None if each.est_u is None else amounts.to_json(each.est_u, currency),
        "est_ms": each.est_ms,
    }


def _charge(call: Call) -> dict[str, Any]:
    return {
        "engine": call.engine,
        "model": call.model,
        "state": "held" if call.is_open else "over",
        "outcome": call.outcome,
        "cost": amounts.to_json(call.est_u if call.is_open else call.amount_u, call.currency),
        "basis": call.basis,
        "tokens_in": call.tokens_in,
        "tokens_out": call.tokens_out,
        "seconds": call.seconds,
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "key": line.key,
        "name": line.name,
        "cost": amounts.to_json(line.amount_u, line.currency),
        "calls": line.calls,
        "estimated": line.reckoned,
        "tokens_in": line.tokens_in,
        "tokens_out": line.tokens_out,
        "seconds": line.seconds,
    }
