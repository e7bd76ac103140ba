"""Answers as screens show them: safe HTML, citations with their addresses, words for what happened."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from documents import places, reading
from rag import prose
from rag import told as telling
from rag.cite import parse_answer
from rag.models import AnswerStatus, Message
from schools.admission import Member
from schools.scope import school_scope

ENGINES = {"quoting": "Citas textuales, sin modelo de lenguaje"}
_RATINGS = {1: "up", -1: "down", None: ""}


@dataclass(frozen=True, slots=True)
class Turn:
    """A question or an answer of a thread."""

    id: UUID
    role: str  # user | assistant
    created_at: datetime
    text: str = ""
    html: str = ""
    status: str = ""
    standalone_question: str = ""
    citations: tuple[dict[str, Any], ...] = ()
    searched: tuple[dict[str, str], ...] = ()
    searched_count: int = 0
    searched_collections: str = ""
    rewritten_by: str = ""  # "" (nobody), engine, rules or person
    question: str = ""  # of an answer, as it was asked
    conversation_id: UUID | None = None
    collections: tuple[str, ...] = ()  # it was asked of these alone
    is_private: bool = False
    prompt_id: str = ""
    prompt_name: str = ""
    prompt_values: dict[str, str] = field(default_factory=dict)
    told: telling.Told = field(default_factory=telling.Told)
    feedback: str = ""
    at_date: date | None = None
    warnings: tuple[dict[str, str], ...] = ()  # of cited documents that do not rule: title, note
    set_aside: tuple[dict[str, str], ...] = ()  # title, why, url of what was used instead


def turns(member: Member, message: Message) -> list[Turn]:
    """Return a message as the two turns of a thread."""
    return [
        Turn(
            id=message.pk,
            role="user",
            created_at=message.created_at,
            text=message.question,
            at_date=message.at_date,
            is_private=message.is_private,
        ),
        answer(member, message),
    ]


def answer(member: Member, message: Message) -> Turn:
    """Return a message's answer."""
    citations = tuple(citation(member, each) for each in message.citations)
    return Turn(
        id=message.pk,
        role="assistant",
        created_at=message.finished_at or message.created_at,
        html=_html(message, {each["n"]: each["url"] for each in reversed(citations)}),
        status=message.status,
        standalone_question=message.standalone_question
        if message.standalone_question != message.question
        else "",
        citations=citations,
        searched=tuple(_near(member, each) for each in message.searched.get("closest", ())),
        searched_count=message.searched.get("documents", 0),
        searched_collections=", ".join(message.searched.get("collections", ())),
        rewritten_by=message.rewritten_by,
        question=message.question,
        conversation_id=message.conversation_id,
        collections=tuple(message.collections or ()),
        is_private=message.is_private,
        **_prompt(member, message),
        told=telling.of(member, message),
        feedback=_RATINGS.get(message.rating, ""),
        at_date=message.at_date,
        warnings=tuple(
            {each["document_id"]: _warning(each) for each in citations if not each["in_force"]}.values()
        ),
        set_aside=tuple(_aside(member, each) for each in message.searched.get("set_aside", ())),
    )


def _prompt(member: Member, message: Message) -> dict[str, Any]:
    """Return which instruction of the school went with the question."""
    if message.prompt_version_id is None:
        return {}
    with school_scope(member.school_id):
        prompt = message.prompt_version.prompt
        return {
            "prompt_id": str(prompt.pk),
            "prompt_name": prompt.name,
            "prompt_values": message.prompt_values,
        }


def _warning(cited: dict[str, Any]) -> dict[str, str]:
    return {"title": cited["title"], "note": cited["force_note"]}


def _aside(member: Member, stored: dict[str, Any]) -> dict[str, str]:
    """Return a document that was not used, with the address of the one that answered in its place."""
    instead = stored["instead"]
    return {
        "title": stored["title"],
        "why": stored["why"],
        "url": reading.address(member.slug, instead["document_id"], None) if instead else "",
    }


def _near(member: Member, stored: dict[str, Any]) -> dict[str, str]:
    """Return a sentence that came close, with the address that opens it."""
    place = places.from_json(stored["place"])
    return {
        "title": stored["title"],
        "quote": stored["quote"],
        "place_label": reading.say(place),
        "url": reading.address(member.slug, stored["document_id"], place, quote=stored["quote"]),
        "force_note": stored.get("force_note", ""),
    }


def citation(member: Member, stored: dict[str, Any]) -> dict[str, Any]:
    """Return a citation with its place in words and the address that opens it."""
    place = places.from_json(stored["place"]) if stored.get("place") else None
    return {
        "n": stored["n"],
        "document_id": stored["document_id"],
        "title": stored["title"],
        "place": stored["place"],
        "place_label": reading.say(place),
        "quote": stored["quote"],
        "verified": stored["verified"],
        "in_force": stored.get("in_force", True),
        "force_note": stored.get("force_note", ""),
        "url": reading.address(member.slug, stored["document_id"], place, quote=stored["quote"]),
    }


def _html(message: Message, links: dict[int, str]) -> SafeString:
    is_told = message.status not in (AnswerStatus.REFUSED, AnswerStatus.FAILED)
    if not (is_told or message.citations or message.decision.get("is_partial")):
        return SafeString("")
    supported = _supported(message)
    # prose.render escapes every character of the text; the tags are its own.
    return mark_safe(  # noqa: S308
        prose.render(
            message.text,
            links=links,
            supported=supported.__contains__,
            label=_("Fuente %d"),
            unsupported=_("Ninguna fuente de la escuela sostiene esta oración."),
        )
    )


def _supported(message: Message) -> frozenset[int]:
    """Return which sentences have a citation of their own that was verified.

    Citations are kept in the order of the marks, without those of numbers that no source has.
    """
    left = list(reversed(message.citations))
    found: set[int] = set()
    for at, sentence in enumerate(parse_answer(prose.clean(message.text))):
        for mark in sentence.marks:
            if left and left[-1]["n"] == mark and left.pop()["verified"]:
                found.add(at)
    return frozenset(found)
