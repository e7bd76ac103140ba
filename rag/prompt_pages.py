"""The pages of the prompt library."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rag import prompt_diff, prompt_form, prompt_text, prompt_trial, prompts
from rag.models import PromptVersion
from rag.prompt_facts import ASKERS, NAME_MOST_CHARS, NOTE_MOST_CHARS, PURPOSE_MOST_CHARS, TASKS
from rag.prompt_form import Typed
from rag.prompts import Entry
from rag.retrieve import QUESTION_MOST_CHARS
from schools.admission import Member, SchoolRequest, in_school
from schools.refusals import Refused
from schools.roles import Can, Role

PER_PAGE = 50
VERSIONS_SHOWN = 8
_LIMITS = {
    "text": prompt_text.TEXT_MOST_CHARS,
    "name": NAME_MOST_CHARS,
    "purpose": PURPOSE_MOST_CHARS,
    "note": NOTE_MOST_CHARS,
    "label": prompt_text.LABEL_MOST_CHARS,
    "value": prompt_text.VALUE_MOST_CHARS,
}


@require_safe
@in_school(Can.ASK)
def list_prompts(request: SchoolRequest) -> HttpResponse:
    """Show the prompts that a member may look at."""
    member = request.member
    rows = prompts.visible(member)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("pagina", "1"))
    shown = [
        {"entry": entry, "who": _who(entry.facts.roles)}
        for entry in prompts.entries(member, list(page.object_list))
    ]
    return render(
        request,
        "rag/prompts.html",
        {"rows": shown, "page": page, "total": len(rows), "examples": prompt_form.EXAMPLES},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@in_school(Can.WRITE_PROMPTS)
def new_prompt(request: SchoolRequest) -> HttpResponse:
    """Show an empty form, or one with an example in it; make a prompt."""
    if request.method != "POST":
        example = prompt_form.EXAMPLES.get(request.GET.get("ejemplo", ""))
        return _form(request, example.typed if example else Typed())
    typed = prompt_form.of_post(request.POST)
    try:
        made = prompts.create(request.member, typed.facts, typed.words)
    except Refused as error:
        return _form(request, typed, error=error)
    messages.success(request, _("Instrucción guardada."))
    return redirect("prompts:prompt", slug=request.member.slug, prompt_id=made.id)


@require_safe
@in_school(Can.ASK)
def show_prompt(request: SchoolRequest, prompt_id: UUID) -> HttpResponse:
    """Show a prompt: its form to who may write, its text to who may use it."""
    entry = _entry(request.member, prompt_id)
    return _form(request, prompt_form.of_entry(entry), entry=entry)


@require_POST
@in_school(Can.WRITE_PROMPTS)
def change_prompt(request: SchoolRequest, prompt_id: UUID) -> HttpResponse:
    """Keep what was typed; where that is refused, show it again with why."""
    entry = _entry(request.member, prompt_id)
    typed = prompt_form.of_post(request.POST)
    try:
        changed = prompts.change(
            request.member, prompt_id, facts=typed.facts, words=typed.words, began_from=typed.began_from
        )
    except prompts.NoSuchPrompt as error:
        raise Http404 from error
    except Refused as error:
        return _form(request, typed, entry=entry, error=error)
    if changed.latest.number != entry.latest.number:
        messages.success(request, _("Guardada como versión %d.") % changed.latest.number)
    else:
        messages.success(request, _("Cambios guardados."))
    return redirect("prompts:prompt", slug=request.member.slug, prompt_id=prompt_id)


@require_safe
@in_school(Can.ASK)
def show_version(request: SchoolRequest, prompt_id: UUID, number: int) -> HttpResponse:
    """Show a version and what differs between it and another one, the one before it unless another is named."""
    entry, versions = _versions(request.member, prompt_id)
    shown = _numbered(versions, str(number))
    named = request.GET.get("con", str(number - 1) if number > 1 else "")
    other = _numbered(versions, named) if named else None
    if shown is None or (named and other is None):
        raise Http404
    context: dict[str, Any] = {"entry": entry, "version": shown, "versions": versions, "other": other}
    if other is not None:
        context["comparison"] = _compared(other, shown.text, prompt_text.from_json(shown.variables))
    return render(request, "rag/prompt_version.html", context)


@require_POST
@in_school(Can.WRITE_PROMPTS)
def restore_version(request: SchoolRequest, prompt_id: UUID, number: int) -> HttpResponse:
    """Make an old version's text the latest again."""
    try:
        entry = prompts.restore(request.member, prompt_id, number)
    except prompts.NoSuchPrompt as error:
        raise Http404 from error
    messages.success(request, _("El texto de la versión %d vuelve a ser el actual.") % number)
    return redirect("prompts:prompt", slug=request.member.slug, prompt_id=entry.id)


@require_POST
@in_school(Can.WRITE_PROMPTS)
def delete_prompt(request: SchoolRequest, prompt_id: UUID) -> HttpResponse:
    """Take a prompt out of the library."""
    _entry(request.member, prompt_id)
    prompts.delete(request.member, prompt_id)
    messages.success(request, _("Instrucción borrada."))
    return redirect("prompts:prompts", slug=request.member.slug)


@require_http_methods(["GET", "HEAD", "POST"])
@in_school(Can.WRITE_PROMPTS)
def try_prompt(request: SchoolRequest, prompt_id: UUID) -> HttpResponse:
    """Answer one question with two versions, side by side."""
    entry, versions = _versions(request.member, prompt_id)
    asked = request.POST if request.method == "POST" else request.GET
    latest = entry.latest.number
    names = [asked.get("a", str(latest - 1) if latest > 1 else ""), asked.get("b", str(latest))]
    chosen = [_numbered(versions, name) for name in names]
    if any(name and version is None for name, version in zip(names, chosen, strict=True)):
        raise Http404
    text = asked.get("pregunta", "")
    trial, error = None, None
    if request.method == "POST":
        try:
            trial = prompt_trial.run(request.member, text, chosen)
        except Refused as refused:
            error = refused
    return render(
        request,
        "rag/prompt_try.html",
        {
            "entry": entry,
            "versions": versions,
            "chosen": [version.number if version else 0 for version in chosen],
            "text": text[:QUESTION_MOST_CHARS],
            "most_chars": QUESTION_MOST_CHARS,
            "trial": trial,
            "only_quotes": trial is not None and any(side.only_quotes for side in trial.sides),
            "error": error.detail if error else "",
        },
        status=error.status if error else 200,
    )


def _form(
    request: SchoolRequest, typed: Typed, *, entry: Entry | None = None, error: Refused | None = None
) -> HttpResponse:
    """Show the page of one prompt, with what was typed and why it was refused."""
    conflict = None
    if isinstance(error, prompts.Overtaken) and error.latest is not None:
        conflict = {
            "latest": error.latest,
            "comparison": _compared(error.latest, typed.text, typed.variables),
        }
        # What is saved next comes on top of what was just shown.
        typed = replace(typed, began_from=error.latest.number)
    versions = prompts.versions(request.member, entry.id) if entry else []
    return render(
        request,
        "rag/prompt.html",
        {
            "entry": entry,
            "typed": typed,
            "who": _who(entry.facts.roles) if entry else "",
            "askers": [(role.value, role.label) for role in ASKERS],
            "tasks": [(task.value, task.label) for task in TASKS],
            "built_in": prompt_text.BUILT_IN.items(),
            "limits": _LIMITS,
            "error": error.detail if error else "",
            "error_field": (error.field or "") if error else "",
            "conflict": conflict,
            "versions": versions[:VERSIONS_SHOWN],
            "older": versions[VERSIONS_SHOWN:],
        },
        status=error.status if error else 200,
    )


def _compared(old: PromptVersion, text: str, variables: tuple[prompt_text.Variable, ...]) -> dict[str, Any]:
    return {
        "is_same": old.text == text,
        "lines": prompt_diff.compare(old.text, text),
        "variables": prompt_diff.variables_changed(prompt_text.from_json(old.variables), variables),
    }


def _who(roles: frozenset[Role] | None) -> str:
    """Return who may use a prompt, in words."""
    if roles is None:
        return _("Quien pueda preguntar")
    return ", ".join(str(role.label) for role in ASKERS if role in roles)


def _entry(member: Member, prompt_id: UUID) -> Entry:
    try:
        return prompts.get(member, prompt_id)
    except prompts.NoSuchPrompt as error:
        raise Http404 from error


def _versions(member: Member, prompt_id: UUID) -> tuple[Entry, list[PromptVersion]]:
    return _entry(member, prompt_id), prompts.versions(member, prompt_id)


def _numbered(versions: list[PromptVersion], name: str) -> PromptVersion | None:
    return next((version for version in versions if str(version.number) == name), None)
