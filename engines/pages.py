"""The page of engines: what each may do for the school, and how it is now."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from engines import cards, discovery, probe, rules, usage, words
from engines.cards import Card
from engines.labels import Label
from engines.rules import Allowance
from schools.admission import SchoolRequest, in_school
from schools.refusals import Refused
from schools.roles import Can


@require_safe
@in_school(Can.SEE_USAGE)
def show_engines(request: SchoolRequest) -> HttpResponse:
    """Show the installation's engines."""
    return _engines(request)


@require_POST
@in_school(Can.MANAGE_ENGINES)
def allow_engine(request: SchoolRequest) -> HttpResponse:
    """Keep what the school lets an engine do; where that is refused, show what was chosen with why."""
    given = request.POST
    name, tasks = given.get("engine", ""), given.getlist("tasks")
    is_enabled = "is_enabled" in given
    try:
        rules.allow(
            request.member,
            name,
            is_enabled=is_enabled,
            max_label=given.get("max_label", ""),
            # One that is turned off keeps no list of its own.
            tasks=tasks if tasks or is_enabled else None,
        )
    except rules.NoSuchEngine as error:
        raise Http404 from error
    except Refused as error:
        return _engines(request, refused=(name, error), status=400)
    said = _("Guardado: la escuela usa «%s».") if is_enabled else _("Guardado: la escuela no usa «%s».")
    messages.success(request, said % words.engine(name))
    return redirect(_address(request, name))


@require_POST
@in_school(Can.MANAGE_ENGINES)
def probe_engine(request: SchoolRequest) -> HttpResponse:
    """Ask an engine how it is, and say so on its card."""
    try:
        result = probe.ask(request.member.school_id, request.POST.get("engine", ""))
    except rules.NoSuchEngine as error:
        raise Http404 from error
    except Refused as error:
        messages.error(request, error.detail)
        return redirect("engines:engines", slug=request.member.slug)
    request.session["engine_probe"] = {
        "engine": result.engine,
        "is_well": result.is_well,
        "detail": result.detail,
    }
    return redirect(_address(request, result.engine))


@require_POST
@in_school(Can.MANAGE_ENGINES)
def find_engines(request: SchoolRequest) -> HttpResponse:
    """Look for an Ollama on this machine, and offer its models as entries for the installation's file."""
    found = discovery.find_ollama()
    offers = []
    if found is not None:
        known = {(card.engine.provider, card.engine.model) for card in cards.shelf(request.member).cards}
        offers = [
            {
                "model": model.name,
                "tasks": [words.task(task) for task in model.tasks],
                "entry": discovery.entry_for(found, model),
            }
            for model in found.usable
            if ("ollama", model.name) not in known
        ]
    return _engines(request, more={"looked": True, "ollama": found, "offers": offers})


def _engines(
    request: SchoolRequest,
    *,
    refused: tuple[str, Refused] | None = None,
    more: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    shelf = cards.shelf(request.member)
    shown = [
        _as_typed(card, request) if refused and refused[0] == card.engine.name else card
        for card in shelf.cards
    ]
    return render(
        request,
        "engines/engines.html",
        {
            "cards": shown,
            "mistakes": shelf.mistakes,
            "refused_engine": refused[0] if refused else "",
            "refusal": refused[1] if refused else None,
            "month": usage.month(request.member),
            "only_quotes": all(card.engine.provider == "quoting" for card in shelf.cards),
            "probed": request.session.pop("engine_probe", None),
            **(more or {}),
        },
        status=status,
    )


def _as_typed(card: Card, request: SchoolRequest) -> Card:
    """Return a card with what was chosen on it, kept or not."""
    given = request.POST
    label = given.get("max_label", "")
    tasks = frozenset(given.getlist("tasks"))
    return replace(
        card,
        allowance=Allowance(
            is_enabled="is_enabled" in given,
            max_label=Label(label) if label in tuple(Label) else card.allowance.max_label,
            tasks=tasks,
        ),
        tasks=cards.task_choices(card.engine, tasks),
    )


def _address(request: SchoolRequest, name: str) -> str:
    return f"{reverse('engines:engines', args=[request.member.slug])}#motor-{name}"
