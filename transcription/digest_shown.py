"""Summary and tasks of a recording as its page shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from documents.versions import day_of
from engines import amounts, words
from schools.admission import Member
from schools.roles import Can
from transcription import digests
from transcription.digests import Entry, Made
from transcription.models import Action, ActionState
from transcription.recordings import Listed

SCRIPTLESS_CSS = "recording/digest.css"
_BADGES = {
    ActionState.PROPOSED: "badge-warn",
    ActionState.OPEN: "badge-busy",
    ActionState.DONE: "badge-good",
    ActionState.REJECTED: "",
}


@dataclass(frozen=True, slots=True)
class Tab:
    """A part of the recording's page."""

    id: str
    label: str
    template: str
    css: str = ""
    script: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A list of the summary; `empty`: what is told where it has no lines."""

    name: str
    title: str
    empty: str
    lines: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A task as it stands on the page."""

    id: UUID
    owner: str
    task: str
    due: date | None
    due_words: str
    is_late: bool
    state: str
    state_label: str
    badge: str
    quote: str
    from_s: float | None
    confidence: int | None  # per cent; None: a person's
    is_own: bool  # a person added it


def tabs() -> tuple[Tab, ...]:
    """Return what the recording's page shows of these beside the transcript."""
    return (
        Tab("resumen", _("Resumen"), "transcription/parts/digest.html", SCRIPTLESS_CSS),
        Tab("tareas", _("Tareas"), "transcription/parts/actions.html"),
    )


def context(member: Member, listed: Listed, *, today: date) -> dict[str, Any]:
    """Return what digest.html and actions.html expect."""
    entry = digests.of(member, listed)
    can_change = listed.entry.may_change and member.may(Can.UPLOAD)
    rows = [_row(each, today) for each in entry.actions]
    return {
        "digest": {
            "exists": entry.digest is not None,
            "sections": _sections(entry),
            "made": _told(entry),
            "where": words.runs(entry.made.runs) if entry.made.runs else "",
            "has_left": entry.made.runs not in ("", "here"),
            "cost": _cost(entry.made),
            "why_url": _why_url(member, entry.made),
            "edited": _edited(member, entry),
            "is_edited": entry.digest is not None and entry.digest.edited_at is not None,
            "is_outdated": entry.is_outdated,
            "is_making": entry.making is not None,
            "waits": entry.making.waits if entry.making else "",
            "seen": entry.seen,
        },
        "tasks": [row for row in rows if row.state != ActionState.REJECTED],
        "discarded": [row for row in rows if row.state == ActionState.REJECTED],
        "proposed": digests.proposed(entry.actions),
        "can_change_digest": can_change and entry.making is None,
        "task_most_chars": 500,
    }


def _sections(entry: Entry) -> tuple[Section, ...]:
    told = (
        ("bullets", _("Hechos y decisiones"), _("No se encontraron.")),
        ("risks", _("Riesgos y dependencias"), _("Nadie habló de riesgos ni de algo que falte.")),
        ("ideas", _("Ideas y propuestas"), _("No se encontraron.")),
        ("topics", _("Temas"), _("No se distinguen temas.")),
    )
    content = entry.digest.content if entry.digest else {}
    return tuple(Section(name, title, empty, _lines(content.get(name, ()))) for name, title, empty in told)


def _lines(kept: Sequence[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    return tuple({**line, "n": number} for number, line in enumerate(kept))


def _row(action: Action, today: date) -> Row:
    state = ActionState(action.state)
    return Row(
        id=action.pk,
        owner=action.owner,
        task=action.task,
        due=action.due,
        due_words=action.due_words,
        is_late=action.due is not None and action.due < today and state == ActionState.OPEN,
        state=state.value,
        state_label=str(state.label),
        badge=_BADGES[state],
        quote=action.quote,
        from_s=action.from_s,
        confidence=round(100 * action.confidence) if action.confidence is not None else None,
        is_own=action.confidence is None,
    )


def _told(entry: Entry) -> str:
    """Return who made the summary, in a sentence."""
    if entry.made.engine:
        return _("Hecho por «%s». Cada línea se apoya en palabras de la reunión, que se pueden escuchar.") % (
            words.engine(entry.made.engine)
        )
    return _("Hecho por reglas, sin un modelo: son frases textuales de la reunión.")


def _edited(member: Member, entry: Entry) -> str:
    digest = entry.digest
    if digest is None or digest.edited_at is None:
        return ""
    who = (digest.edited_by.name or digest.edited_by.email) if digest.edited_by else _("alguien")
    day = day_of(digest.edited_at, member)
    return _("Corregido por %(who)s el %(day)s.") % {"who": who, "day": day.strftime("%d/%m/%Y")}


def _cost(made: Made) -> str:
    if not made.engine:
        return ""
    return amounts.say(made.cost_u, made.currency) if made.cost_u else _("sin costo")


def _why_url(member: Member, made: Made) -> str:
    if made.decision_id is None or not member.may(Can.SEE_USAGE):
        return ""
    try:
        return reverse("engines:decision", args=[member.slug, made.decision_id])
    except NoReverseMatch:
        return ""
