"""What an acta says, as values: those who were there, the topics, the agreements; read from and written to its row."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from schools.refusals import Refused
from transcription import placeholders
from transcription.exports.told import clean, one_line
from transcription.models import Acta

SECTIONS = ("attendance", "topics", "agreements")
ROWS_MOST = 200
TITLE_MOST_CHARS = 300
PLACE_MOST_CHARS = 200
HOUR_MOST_CHARS = 40
LINE_MOST_CHARS = 200
WHAT_MOST_CHARS = 1000
TEXT_MOST_CHARS = 10_000


class BadActa(Refused):
    """Something of the acta is missing or too long."""

    code = "invalid"


@dataclass(frozen=True, slots=True)
class Attendee:
    """Who was called to the meeting."""

    name: str
    role: str = ""
    is_present: bool = True
    from_s: float | None = None  # where they are first heard


@dataclass(frozen=True, slots=True)
class Topic:
    """What was spoken of."""

    title: str
    text: str = ""
    from_s: float | None = None
    to_s: float | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """What is to be done, by whom, by when."""

    what: str
    who: str = ""
    due: str = ""
    from_s: float | None = None
    to_s: float | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """All that a person may write in an acta."""

    title: str
    held_on: date | None = None
    hour: str = ""
    place: str = ""
    opening: str = ""
    closing: str = ""
    attendance: tuple[Attendee, ...] = ()
    topics: tuple[Topic, ...] = ()
    agreements: tuple[Agreement, ...] = ()


def to_be_completed() -> str:
    """Return what stands where something is missing."""
    return _("A completar")


def values(written: Written, school: str) -> dict[str, str]:
    """Return what stands for each placeholder."""
    blank = f"[{to_be_completed().lower()}]"
    present = [each.name for each in written.attendance if each.is_present]
    return {
        "escuela": school,
        "fecha": date_format(written.held_on, r"j \d\e F \d\e Y") if written.held_on else blank,
        "hora": written.hour or blank,
        "lugar": written.place or blank,
        "asistentes": _joined(present) or blank,
    }


def filled(written: Written, school: str, *, opening: str, closing: str) -> Written:
    """Return the acta with its opening and closing made of these texts."""
    known = values(written, school)
    return replace(
        written,
        opening=placeholders.render(opening, known),
        closing=placeholders.render(closing, known),
    )


def check(written: Written) -> Written:
    """Return the acta as it is kept, without empty rows; raise BadActa for what is missing or too long."""
    title = _within(one_line(written.title), TITLE_MOST_CHARS, _("El título"), "title")
    if not title:
        raise BadActa(_("Falta el título del acta."), field="title")
    for rows, field in (
        (written.attendance, "attendance"), (written.topics, "topics"), (written.agreements, "agreements"),
    ):  # fmt: skip
        if len(rows) > ROWS_MOST:
            raise BadActa(_("Hay más de %d filas.") % ROWS_MOST, field=field)
    return Written(
        title=title,
        held_on=written.held_on,
        hour=_within(one_line(written.hour), HOUR_MOST_CHARS, _("La hora"), "hour"),
        place=_within(one_line(written.place), PLACE_MOST_CHARS, _("El lugar"), "place"),
        opening=_text(written.opening, _("La apertura"), "opening"),
        closing=_text(written.closing, _("El cierre"), "closing"),
        attendance=tuple(filter(lambda each: each.name or each.role, map(_attendee, written.attendance))),
        topics=tuple(filter(lambda each: each.title or each.text, map(_topic, written.topics))),
        agreements=tuple(
            filter(lambda each: each.what or each.who or each.due, map(_agreement, written.agreements))
        ),
    )


def missing(written: Written, sections: Iterable[str] = SECTIONS) -> list[str]:
    """Return what is still to be completed, in words."""
    found = []
    if not written.held_on:
        found.append(_("la fecha"))
    if not written.hour:
        found.append(_("la hora"))
    if not written.place:
        found.append(_("el lugar"))
    sections = tuple(sections)
    if "attendance" in sections and not written.attendance:
        found.append(_("la asistencia"))
    if "topics" in sections:
        if not written.topics:
            found.append(_("los temas"))
        found += [_("qué se dijo de «%s»") % _short(each.title) for each in written.topics if not each.text]
    if "agreements" in sections:
        if not written.agreements:
            found.append(_("los acuerdos"))
        found += [_("quién: «%s»") % _short(each.what) for each in written.agreements if not each.who]
        found += [_("para cuándo: «%s»") % _short(each.what) for each in written.agreements if not each.due]
    return found


def of_row(row: Acta) -> Written:
    """Return what the row says."""
    content = row.content
    return Written(
        title=row.title,
        held_on=row.held_on,
        hour=str(content.get("hour", "")),
        place=row.held_at,
        opening=str(content.get("opening", "")),
        closing=str(content.get("closing", "")),
        attendance=tuple(Attendee(**_known(each, Attendee)) for each in content.get("attendance", ())),
        topics=tuple(Topic(**_known(each, Topic)) for each in content.get("topics", ())),
        agreements=tuple(Agreement(**_known(each, Agreement)) for each in content.get("agreements", ())),
    )


def put(row: Acta, written: Written) -> None:
    """Write into the row what a person may write; the rest of its content stays."""
    row.title, row.held_on, row.held_at = written.title, written.held_on, written.place
    row.content = {
        **row.content,
        "hour": written.hour,
        "opening": written.opening,
        "closing": written.closing,
        "attendance": [asdict(each) for each in written.attendance],
        "topics": [asdict(each) for each in written.topics],
        "agreements": [asdict(each) for each in written.agreements],
    }


def sections_of(row: Acta) -> tuple[str, ...]:
    """Return the sections that the acta has, in order."""
    kept = row.content.get("sections", SECTIONS)
    return tuple(each for each in kept if each in SECTIONS)


def _known(kept: Mapping[str, Any], kind: type) -> dict[str, Any]:
    return {name: kept[name] for name in kind.__slots__ if name in kept}  # type: ignore[attr-defined]  # slotted


def _attendee(each: Attendee) -> Attendee:
    return replace(
        each,
        name=_within(one_line(each.name), LINE_MOST_CHARS, _("El nombre"), "attendance"),
        role=_within(one_line(each.role), LINE_MOST_CHARS, _("El cargo"), "attendance"),
    )


def _topic(each: Topic) -> Topic:
    return replace(
        each,
        title=_within(one_line(each.title), TITLE_MOST_CHARS, _("El tema"), "topics"),
        text=_text(each.text, _("El texto de un tema"), "topics"),
    )


def _agreement(each: Agreement) -> Agreement:
    return replace(
        each,
        what=_within(one_line(each.what), WHAT_MOST_CHARS, _("El acuerdo"), "agreements"),
        who=_within(one_line(each.who), LINE_MOST_CHARS, _("El responsable"), "agreements"),
        due=_within(one_line(each.due), LINE_MOST_CHARS, _("El plazo"), "agreements"),
    )


def _text(text: str, what: str, field: str) -> str:
    return _within(clean(text).strip(), TEXT_MOST_CHARS, what, field)


def _within(text: str, most: int, what: str, field: str) -> str:
    if len(text) > most:
        raise BadActa(
            _("%(what)s puede tener hasta %(most)d caracteres.") % {"what": what, "most": most}, field=field
        )
    return text


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59].rstrip() + "…"


def _joined(names: list[str]) -> str:
    return _(" y ").join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)
