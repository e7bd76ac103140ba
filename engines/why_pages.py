"""«¿Por qué este motor?»: of an answer that was given, and of work that is only planned."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from engines import amounts, decisions, words
from engines.base import Task
from engines.decisions import Call, Judged, NoSuchDecision, Told
from engines.labels import Label
from schools.admission import SchoolRequest, in_school
from schools.refusals import Refused
from schools.roles import Can

MOST_TOKENS = 10_000_000
MOST_MINUTES = 24 * 60


class BadPlan(Refused):
    """Nobody can plan this."""

    code = "invalid"


@dataclass(frozen=True, slots=True)
class Asked:
    """The form of a planned errand as it was filled in."""

    task: str = "chat"
    label: str = Label.INTERNAL.value
    size: str = "corta"
    tokens: str = ""
    minutes: str = ""


@require_safe
@in_school(Can.READ)
def show_decision(request: SchoolRequest, decision_id: UUID) -> HttpResponse:
    """Show why an engine was chosen, to whom it worked for and to who looks after engines."""
    try:
        told = decisions.get(request.member, decision_id)
    except NoSuchDecision as error:
        raise Http404 from error
    return render(request, "engines/decision.html", _shown(told))


@require_safe
@in_school(Can.SEE_USAGE)
def plan_errand(request: SchoolRequest) -> HttpResponse:
    """Show a form, and which engine would do what is filled in; nobody is called."""
    asked = _asked(request.GET)
    told, refusal = None, None
    if "tarea" in request.GET:
        try:
            told = _plan(request, asked)
        except Refused as error:
            refusal = error
    return render(
        request,
        "engines/explain.html",
        {
            "asked": asked,
            "refusal": refusal,
            "tasks": [(task, words.task(task)) for task in get_args(Task)],
            "labels": [(each.value, words.label(each)) for each in Label],
            **(_shown(told) if told else {}),
        },
        status=400 if refusal else 200,
    )


def _asked(given: Mapping[str, str]) -> Asked:
    return Asked(
        task=given.get("tarea", "chat")[:20],
        label=given.get("confidencialidad", Label.INTERNAL.value)[:20],
        size=given.get("largo", "corta")[:10],
        tokens=given.get("tokens", "")[:12],
        minutes=given.get("minutos", "")[:12],
    )


def _plan(request: SchoolRequest, asked: Asked) -> Told:
    task = decisions.task_of(asked.task)
    tokens = {"corta": decisions.USUAL_TOKENS, "larga": decisions.MANY_PAGES_TOKENS}.get(asked.size)
    seconds = None
    if task == "transcribe":
        tokens = None
        if asked.minutes:
            seconds = 60.0 * _number(asked.minutes, MOST_MINUTES, "minutes")
    elif asked.size == "tokens":
        tokens = _number(asked.tokens, MOST_TOKENS, "tokens")
    return decisions.plan(
        request.member, task=task, sensitivity=asked.label, tokens_in=tokens, seconds=seconds
    )


def _number(text: str, most: int, field: str) -> int:
    plain = text.replace(".", "").strip()
    if not (plain.isascii() and plain.isdigit()) or not 0 < int(plain) <= most:
        asked = _("Los minutos deben") if field == "minutes" else _("La cantidad de tokens debe")
        raise BadPlan(
            _("%(what)s ser un número entero de 1 a %(most)d.") % {"what": asked, "most": most}, field=field
        )
    return int(plain)


def _shown(told: Told) -> dict[str, Any]:
    """Return a decision in words."""
    return {
        "told": told,
        "task": words.task(told.task),
        "purpose": words.purpose(told.purpose),
        "label": words.label(told.label),
        "parts": [(part.what, words.label(part.label), part.label == told.label) for part in told.parts],
        "candidates": [_judged(each, told) for each in told.candidates],
        "refused": [_judged(each, told) for each in told.refused],
        "calls": [_call(each) for each in told.calls],
        "chosen": words.engine(told.chosen) if told.chosen else "",
        "cost": amounts.say(told.amount_u, told.currency) if told.amount_u else _("Sin costo"),
        "fallbacks": [words.engine(name) for name in told.fallbacks],
    }


def _judged(each: Judged, told: Told) -> dict[str, Any]:
    if each.est_u is None:
        estimate = _("costo desconocido")
    elif each.est_u:
        estimate = _("hasta %s") % amounts.say(each.est_u, told.currency)
    else:
        estimate = _("sin costo")
    return {
        "name": words.engine(each.engine),
        "place": words.runs(each.runs),
        "reasons": [text for _code, text in each.reasons],
        "estimate": estimate,
        "seconds": each.est_ms / 1000 if each.est_ms else None,
        "is_chosen": each.engine == told.chosen,
    }


def _call(call: Call) -> dict[str, Any]:
    return {
        "name": words.engine(call.engine),
        "model": call.model,
        "outcome": words.outcome(call.outcome),
        "is_well": call.outcome in ("ok", "stopped"),
        "is_open": call.is_open,
        "cost": amounts.say(call.est_u if call.is_open else call.amount_u, call.currency),
        "is_free": not call.amount_u and not call.is_open,
        "basis": words.basis(call.basis) if call.amount_u else "",
        "first_s": call.first_ms / 1000 if call.first_ms else None,
        "tokens_in": call.tokens_in,
        "tokens_out": call.tokens_out,
        "seconds": call.seconds,
    }
