"""What people do with summary and tasks on a recording's page."""

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from schools.admission import SchoolRequest, in_school
from schools.refusals import Refused
from schools.roles import Can
from transcription import actions, digests
from transcription.actions import BadAction, Wanted
from transcription.digests import PARTS, Line
from transcription.models import ActionState


def _back_to(tab: str) -> Callable[..., Callable[..., HttpResponse]]:
    """Go back to a part of the recording's page, with a refusal told there; what is missing into 404."""

    def decorate(view: Callable[..., str]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def wrapper(request: SchoolRequest, recording_id: UUID, **kwargs: Any) -> HttpResponse:
            try:
                messages.success(request, view(request, recording_id, **kwargs))
            except Refused as error:
                if error.status == 404:
                    raise Http404 from error
                messages.error(request, error.detail)
            found = redirect("transcription:recording", slug=request.member.slug, recording_id=recording_id)
            found["Location"] += f"#{tab}"
            return found

        return wrapper

    return decorate


@require_POST
@in_school(Can.UPLOAD)
@_back_to("resumen")
def change_digest(request: SchoolRequest, recording_id: UUID) -> str:
    """Keep the summary as a person wrote it: for each part `…` (texts) and `…_n` (number of the line, "" for new)."""
    entry = digests.get(request.member, recording_id)
    kept = entry.digest.content if entry.digest else {}
    content: dict[str, list[Line]] = {}
    for name in PARTS:
        texts, numbers = request.POST.getlist(name), request.POST.getlist(f"{name}_n")
        content[name] = [
            _line(text, number, kept.get(name, [])) for text, number in zip(texts, numbers, strict=False)
        ]
    digests.write(request.member, recording_id, content, seen=request.POST.get("seen", ""))
    return _("El resumen quedó corregido.")


@require_POST
@in_school(Can.UPLOAD)
@_back_to("resumen")
def regenerate(request: SchoolRequest, recording_id: UUID) -> str:
    """Have summary and tasks made anew."""
    digests.regenerate(request.member, recording_id)
    return _("El resumen y las tareas se están rehaciendo.")


@require_POST
@in_school(Can.UPLOAD)
@_back_to("tareas")
def add_action(request: SchoolRequest, recording_id: UUID) -> str:
    """Add a task."""
    actions.add(
        request.member,
        recording_id,
        task=request.POST.get("task", ""),
        owner=request.POST.get("owner", ""),
        due=_day(request.POST.get("due", "")),
    )
    return _("La tarea quedó agregada.")


@require_POST
@in_school(Can.UPLOAD)
@_back_to("tareas")
def change_action(request: SchoolRequest, recording_id: UUID, action_id: UUID) -> str:
    """Change a task's words, owner or date, or what has become of it; what is not sent stays."""
    sent = request.POST
    due = _day(sent["due"]) if "due" in sent else None
    wanted = Wanted(
        owner=sent.get("owner"),
        task=sent.get("task"),
        due=due,
        clears_due="due" in sent and due is None,
        state=_state(sent["state"]) if "state" in sent else None,
    )
    done = actions.change(request.member, recording_id, action_id, wanted)
    return {
        ActionState.OPEN: _("La tarea quedó pendiente."),
        ActionState.DONE: _("La tarea quedó hecha."),
        ActionState.REJECTED: _("La tarea quedó descartada."),
        ActionState.PROPOSED: _("La tarea quedó por confirmar."),
    }[ActionState(done.state)]


def _line(text: str, number: str, kept: list[dict[str, Any]]) -> Line:
    """Return a line as it was sent, with the seconds of the one that it corrects."""
    old = kept[int(number)] if number.isascii() and number.isdigit() and int(number) < len(kept) else {}
    return Line(text=text, from_s=old.get("from_s"), to_s=old.get("to_s"))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise BadAction(_("La fecha no se entiende."), field="due") from None


def _state(text: str) -> ActionState:
    try:
        return ActionState(text)
    except ValueError:
        raise BadAction(_("Ese estado no existe."), field="state") from None
