"""An acta as it is handed out, and the words that its formats share."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from transcription.acta_content import Written, to_be_completed
from transcription.exports.facts import day
from transcription.exports.told import clock


@dataclass(frozen=True, slots=True)
class Minutes:
    """An acta with what stands around it on paper."""

    written: Written
    school: str
    sections: tuple[str, ...]
    recording: str  # its title
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the acta: topics as headings with text, the others as a table."""

    heading: str
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    topics: tuple[tuple[str, str, str], ...] = ()  # title, text, minute
    empty: str = ""  # what stands there when there is nothing


def facts(minutes: Minutes) -> list[tuple[str, str]]:
    """Return what is known of the meeting: a name and a value each."""
    written, blank = minutes.written, to_be_completed()
    return [
        (_("Escuela"), minutes.school),
        (_("Fecha"), day(written.held_on) if written.held_on else blank),
        (_("Hora"), written.hour or blank),
        (_("Lugar"), written.place or blank),
        (_("Grabación"), minutes.recording),
    ]


def sections(minutes: Minutes) -> list[Section]:
    """Return the parts of the acta, in order."""
    made = {"attendance": _attendance, "topics": _topics, "agreements": _agreements}
    return [made[name](minutes.written) for name in minutes.sections]


def note(minutes: Minutes) -> str:
    """Return what is still to be completed, in a sentence; empty when nothing is."""
    return f"{to_be_completed()}: {'; '.join(minutes.missing)}." if minutes.missing else ""


def _attendance(written: Written) -> Section:
    rows = tuple(
        (each.name, each.role, _("Presente") if each.is_present else _("Ausente"), clock(each.from_s))
        for each in written.attendance
    )
    heads = (_("Nombre"), _("Cargo"), _("Asistencia"), _("Minuto"))
    return Section(_("Asistencia"), heads, rows, empty=to_be_completed())


def _topics(written: Written) -> Section:
    blank = to_be_completed()
    topics = tuple((each.title, each.text or blank, clock(each.from_s)) for each in written.topics)
    return Section(_("Temas tratados"), topics=topics, empty=blank)


def _agreements(written: Written) -> Section:
    blank = to_be_completed()
    rows = tuple(
        (each.what, each.who or blank, each.due or blank, clock(each.from_s)) for each in written.agreements
    )
    heads = (_("Qué"), _("Quién"), _("Para cuándo"), _("Minuto"))
    return Section(_("Acuerdos"), heads, rows, empty=blank)
