"""Reports as screens show them: sections as safe HTML, notes with their addresses, words for what happened."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from documents import places, reading
from documents.places import UnknownPlace
from planillas import columns, drawn, report_sections
from planillas.charts import GROUPED, SUMMED, Shape
from planillas.models import Planilla, Section, SectionState, State
from planillas.report_templates import Kind
from planillas.reports import Entry
from rag import prose
from rag.cite import parse_answer
from rag.shown import ENGINES
from schools.admission import Member

# Of a report: its word, and the colour of its badge.
_STATES = {
    State.FILLING: (lazy("Redactándose"), "badge-busy"),
    State.REVIEW: (lazy("Por revisar"), "badge-warn"),
    State.APPROVED: (lazy("Aprobado"), "badge-good"),
    State.FAILED: (lazy("Sin terminar"), "badge-bad"),
}
_SECTION_BADGES = {
    SectionState.WAITING: "badge-busy",
    SectionState.DRAFTED: "badge",
    SectionState.QUOTED: "badge-warn",
    SectionState.EDITED: "badge-good",
    SectionState.EMPTY: "badge-warn",
    SectionState.STALE: "badge-warn",
    SectionState.FAILED: "badge-bad",
}


@dataclass(frozen=True, slots=True)
class ShownNote:
    """A note at the foot of its section. `url` "": its source is gone."""

    n: int
    title: str
    place_label: str
    quote: str
    is_verified: bool
    url: str


@dataclass(frozen=True, slots=True)
class ShownSection:
    """A section as the page has it."""

    row: Section
    number: int
    html: SafeString
    notes: tuple[ShownNote, ...]
    badge: str
    warning: str
    engine: str
    is_by_hand: bool
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[tuple[str, str], ...], ...] = ()  # text, or why there is none
    data_note: str = ""
    origin: str = ""
    is_behind: bool = False  # the planilla changed since the table or the chart was made

    @property
    def id(self) -> UUID:
        """Return the section's id."""
        return self.row.pk


def state(entry: Entry) -> tuple[str, str]:
    """Return a report's state in a word, and the class of its badge."""
    word, badge = _STATES[State(entry.report.state)]
    return str(word), badge


def states() -> list[tuple[str, str]]:
    """Return the states that a list is filtered by, with their words."""
    return [(str(value), str(word)) for value, (word, _badge) in _STATES.items()]


def sources(member: Member, entry: Entry) -> list[dict[str, Any]]:
    """Return what a report was written from; one that is gone has no address."""
    there = living(entry)
    found = []
    for each in entry.sources:
        url = ""
        if str(each.document_id) in there:
            url = reading.address(member.slug, str(each.document_id), None)
        elif each.planilla is not None and each.planilla.deleted_at is None:
            url = reverse("planillas:planilla", args=[member.slug, each.planilla_id])
        is_planilla = each.document_id is None and each.planilla_id is not None
        found.append({"row": each, "url": url, "is_planilla": is_planilla})
    return found


def sections(member: Member, entry: Entry) -> list[ShownSection]:
    """Return the sections of a report, in order."""
    there = living(entry)
    revs = {str(each.planilla_id): each.planilla.rev for each in entry.sources if each.planilla}
    return [
        _section(member, each, number, there, revs) for number, each in enumerate(entry.sections, start=1)
    ]


def living(entry: Entry) -> frozenset[str]:
    """Return the ids of the documents of a report that can be opened still."""
    return frozenset(
        str(each.document_id)
        for each in entry.sources
        if each.document is not None and each.document.deleted_at is None
    )


def warning(section: Section) -> str:
    """Return what a reader has to know before believing a section; empty when nothing."""
    told: Mapping[str, Any] = section.told
    match section.state:
        case SectionState.QUOTED:
            return _(
                "Sin un motor que redacte: son palabras textuales de las fuentes, para ordenar y completar a mano."
            )
        case SectionState.EMPTY if section.kind == Kind.TEXT:
            return _searched(told)
        case SectionState.EMPTY:
            return str(told.get("reason", ""))
        case SectionState.STALE:
            why = str(told.get("why") or _("Una de las fuentes cambió después de redactarla."))
            return f"{why} {_('Revisarla o redactarla de nuevo.')}"
        case SectionState.EDITED if told.get("why"):
            return f"{told['why']} {_('Revisar lo escrito.')}"
        case SectionState.FAILED:
            return f"{_('No se pudo redactar.')} {told.get('reason', '')}"
    return _("El texto llegó a su largo máximo y quedó cortado.") if told.get("is_cut") else ""


def supported(section: Section) -> Callable[[int], bool]:
    """Return the test whether a source holds a sentence of a section, by its number, or a person wrote it."""
    told = frozenset(map(prose.clean, section.told.get("unsupported", ())))
    sentences = parse_answer(prose.clean(section.text)) if told else ()
    doubted = {at for at, each in enumerate(sentences) if each.text in told}
    return lambda number: number not in doubted


def drawing_choices(entry: Entry) -> list[dict[str, Any]]:
    """Return what tables and charts may be made of: each planilla of the report with its columns."""
    return [
        _choice(each.planilla) for each in entry.sources if each.planilla and not each.planilla.deleted_at
    ]


def shapes() -> list[tuple[str, str]]:
    """Return the shapes of charts, with their names."""
    return [(str(value), str(label)) for value, label in Shape.choices]


def _choice(planilla: Planilla) -> dict[str, Any]:
    known = columns.from_json(planilla.columns)
    return {
        "id": planilla.pk,
        "title": planilla.title,
        "columns": known,
        "grouped": [each for each in known if each.kind in GROUPED],
        "summed": [each for each in known if each.kind in SUMMED],
    }


def _section(
    member: Member, row: Section, number: int, there: frozenset[str], revs: Mapping[str, int]
) -> ShownSection:
    notes = tuple(_note(member, each, there) for each in row.citations)
    links = {each.n: each.url or f"#nota-{row.pk}-{each.n}" for each in notes}
    html = prose.render(
        row.text,
        links=links,
        supported=supported(row),
        label=_("Fuente %d"),
        unsupported=_("Ninguna de las fuentes del informe sostiene esta oración."),
    )
    made: Mapping[str, Any] = row.drawn.get("made", {})
    told: dict[str, Any] = {}
    if made and row.kind == Kind.TABLE:
        told = {
            "heads": tuple(made["heads"]),
            "rows": tuple(
                tuple((text, "" if text else drawn.told_state(status)) for text, status in line)
                for line in made["rows"]
            ),
            "data_note": drawn.table_note(made),
        }
    elif made and row.kind == Kind.CHART:
        pairs = zip(made["labels"], made["shown"], strict=True)
        told = {
            "heads": drawn.chart_heads(made),
            "rows": tuple(((label, ""), (shown, "")) for label, shown in pairs),
            "data_note": drawn.chart_note(made),
        }
    return ShownSection(
        row=row,
        number=number,
        html=mark_safe(html),  # noqa: S308  # prose.render escapes every character of the text; the tags are its own
        notes=notes,
        badge=_SECTION_BADGES[SectionState(row.state)],
        warning=warning(row),
        engine=_engine(row.told),
        is_by_hand=report_sections.is_by_hand(row),
        origin=str(made.get("title", "")),
        is_behind=bool(made) and revs.get(str(row.drawn.get("planilla")), made["rev"]) != made["rev"],
        **told,
    )


def _note(member: Member, stored: Mapping[str, Any], there: frozenset[str]) -> ShownNote:
    try:
        place = places.from_json(stored["place"]) if stored.get("place") else None
    except UnknownPlace:
        place = None
    is_there = stored["document_id"] in there
    return ShownNote(
        n=stored["n"],
        title=stored["title"],
        place_label=reading.say(place),
        quote=stored["quote"],
        is_verified=stored["verified"],
        url=reading.address(member.slug, stored["document_id"], place, quote=stored["quote"])
        if is_there
        else "",
    )


def _engine(told: Mapping[str, Any]) -> str:
    name = str(told.get("engine", ""))
    return str(ENGINES.get(name, name))


def _searched(told: Mapping[str, Any]) -> str:
    count = int(told.get("searched", 0))
    if not count:
        return _("El informe no tiene documentos ni grabaciones de donde redactar esta sección.")
    titles = "; ".join(f"«{each}»" for each in told.get("titles", ()))
    rest = _(" y %d más") % (count - len(told["titles"])) if count > len(told.get("titles", ())) else ""
    said = _("Las fuentes no dicen nada de esto con claridad. Se buscó en %s.") % f"{titles}{rest}"
    return f"{said} {told['reason']}" if told.get("reason") else said
