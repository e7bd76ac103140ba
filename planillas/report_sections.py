"""The sections of a report in people's hands: written over, added, moved, taken away, drafted again."""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from planillas import drawn, notes, register, report_templates
from planillas.drawn import Spec
from planillas.models import Section, SectionState
from planillas.report_templates import PARTS_MOST, Kind, Part
from planillas.reports import AtWork, BadReport, Entry, changeable, get_within, set_to_work, touch
from schools.admission import Member
from schools.refusals import Refused
from schools.scope import school_scope
from transcription.exports.told import clean

TEXT_MOST_CHARS = 40_000


class NoSuchSection(Refused):
    """The report has no such section."""

    code = "not_found"
    status = 404


class Overtaken(Refused):
    """Somebody else wrote the section meanwhile."""

    code = "section_changed"
    status = 409


class WrittenByHand(Refused):
    """A person wrote the section: drafting it again replaces that, and has to be asked for."""

    code = "section_edited"
    status = 409


@dataclass(frozen=True, slots=True)
class Changes:
    """What to change in a section; None: leave. `drawn`: of a table or chart."""

    title: str | None = None
    prompt: str | None = None
    words: int | None = None
    text: str | None = None
    drawn: Spec | None = None


def find(entry: Entry, section_id: UUID) -> Section:
    """Return a section of a report; raise NoSuchSection."""
    found = next((each for each in entry.sections if each.pk == section_id), None)
    if found is None:
        raise NoSuchSection(_("El informe no tiene esa sección."))
    return found


def change(
    member: Member, report_id: UUID, section_id: UUID, changes: Changes, *, began_from: int | None = None
) -> Entry:
    """Keep what a person wrote; raise Overtaken where `began_from` is not the section's rev any more.

    Raises too BadReport, report_templates.BadTemplate, notes.UnknownNote, and as drawn.check does.
    """
    with school_scope(member.school_id):
        entry = changeable(member, report_id)
        section = _held(entry, section_id)
        if began_from is not None and began_from != section.rev:
            raise Overtaken(
                _(
                    "Otra persona cambió esta sección mientras tanto: copiar lo escrito, recargar y volver a pegarlo."
                )
            )
        _describe(section, changes)
        if changes.text is not None:
            _write(member, section, changes.text)
        if changes.drawn is not None:
            _draw(member, entry, section, changes.drawn)
        section.rev += 1
        section.save()
        touch(entry.report)
        return get_within(member, report_id)


def add(member: Member, report_id: UUID, part: Part, *, after: UUID | None = None) -> Entry:
    """Put an empty section after another, or at the end; it waits to be drafted or written."""
    checked = report_templates.check_part(part)
    with school_scope(member.school_id):
        entry = changeable(member, report_id)
        if len(entry.sections) >= PARTS_MOST:
            raise BadReport(_("Un informe tiene hasta %d secciones.") % PARTS_MOST, field="title")
        at = find(entry, after).ordinal + 1 if after else len(entry.sections)
        Section.objects.filter(report_id=report_id, ordinal__gte=at).update(ordinal=F("ordinal") + 1)
        Section.objects.create(
            report=entry.report,
            ordinal=at,
            title=checked.title,
            prompt=checked.prompt,
            words=checked.words,
            kind=checked.kind,
        )
        touch(entry.report)
        return get_within(member, report_id)


def move(member: Member, report_id: UUID, section_id: UUID, *, by: int) -> Entry:
    """Put a section so many places further down, or up; at the ends it stays."""
    with school_scope(member.school_id):
        entry = changeable(member, report_id)
        order = list(entry.sections)
        section = find(entry, section_id)
        at = order.index(section)
        order.insert(max(0, min(len(order) - 1, at + by)), order.pop(at))
        _number(order)
        touch(entry.report)
        return get_within(member, report_id)


def remove(member: Member, report_id: UUID, section_id: UUID) -> Entry:
    """Take a section away."""
    with school_scope(member.school_id):
        entry = changeable(member, report_id)
        section = find(entry, section_id)
        Section.objects.filter(pk=section_id).delete()
        _number([each for each in entry.sections if each.pk != section.pk])
        touch(entry.report)
        return get_within(member, report_id)


def redraft(member: Member, report_id: UUID, section_id: UUID, *, replacing: bool = False) -> Entry:
    """Let a section be drafted again, alone; `replacing`: also where a person wrote it.

    Raises AtWork while the report is being written, and WrittenByHand.
    """
    with school_scope(member.school_id):
        entry = changeable(member, report_id)
        section = _held(entry, section_id)
        if entry.is_at_work:
            raise AtWork(_("El informe se está redactando: esperar a que termine."))
        if is_by_hand(section) and not replacing:
            raise WrittenByHand(
                _("Esta sección la escribió una persona: hay que aceptar que se reemplace lo escrito.")
            )
        section.state = SectionState.WAITING
        section.told = {}
        section.rev += 1
        section.save()
        set_to_work(member, entry.report)
        return get_within(member, report_id)


def redraft_waiting(member: Member, report_id: UUID) -> Entry:
    """Let every section that nobody wrote yet, or whose sources changed, be drafted; what people wrote stays."""
    with school_scope(member.school_id):
        entry = changeable(member, report_id)
        if entry.is_at_work:
            raise AtWork(_("El informe se está redactando: esperar a que termine."))
        stale = (SectionState.STALE, SectionState.FAILED)
        due = [each for each in entry.sections if each.state in stale and not is_by_hand(each)]
        Section.objects.filter(pk__in=[each.pk for each in due]).update(
            state=SectionState.WAITING, rev=F("rev") + 1
        )
        if due or entry.waiting:
            set_to_work(member, entry.report)
        return get_within(member, report_id)


def is_by_hand(section: Section) -> bool:
    """Say whether a person wrote in the section since it was drafted."""
    if section.state not in (SectionState.EDITED, SectionState.STALE) or section.edited_at is None:
        return False
    return section.drafted_at is None or section.edited_at > section.drafted_at


def _held(entry: Entry, section_id: UUID) -> Section:
    """Return a section as it is now, held until the scope ends: what writes it takes no hold of the report."""
    return Section.objects.select_for_update().get(pk=find(entry, section_id).pk)


def _describe(section: Section, changes: Changes) -> None:
    part = Part(section.title, section.prompt, section.words, section.kind)
    asked = {
        name: value
        for name, value in (("title", changes.title), ("prompt", changes.prompt), ("words", changes.words))
        if value is not None
    }
    checked = report_templates.check_part(replace(part, **asked))  # type: ignore[arg-type]  # each its own type
    section.title, section.prompt, section.words = checked.title, checked.prompt, checked.words


def _write(member: Member, section: Section, text: str) -> None:
    text = clean(text).strip()
    if len(text) > TEXT_MOST_CHARS:
        raise BadReport(
            _("El texto de una sección puede tener hasta %d caracteres.") % TEXT_MOST_CHARS, field="text"
        )
    if text == section.text and section.state != SectionState.WAITING:
        return
    told: dict[str, Any] = section.told
    kept = notes.keep(text, section.citations, told.get("unsupported", ()))
    section.text, section.citations = kept.text, list(kept.notes)
    # Whoever writes over a section has read it: what was told of its sources is dealt with.
    section.told = {**told, "unsupported": list(kept.unsupported), "why": ""}
    section.edited_by_id, section.edited_at = member.user_id, timezone.now()
    if section.kind == Kind.TEXT:
        section.state = SectionState.EDITED


def _draw(member: Member, entry: Entry, section: Section, spec: Spec) -> None:
    """Make the table or chart anew as it is asked for now."""
    if section.kind == Kind.TEXT:
        raise BadReport(_("Esta sección es un texto: no lleva tabla ni gráfico."), field="drawn")
    allowed = {each.planilla_id for each in entry.sources if each.planilla_id}
    if spec.planilla not in allowed:
        raise drawn.BadDrawing(_("Elegir una de las planillas del informe."), field="planilla")
    planilla = register.get_within(member, spec.planilla).planilla
    section.drawn = drawn.make(planilla, section.kind, drawn.check(planilla, section.kind, spec))
    section.state, section.drafted_at = SectionState.DRAFTED, timezone.now()


def _number(order: list[Section]) -> None:
    for ordinal, each in enumerate(order):
        each.ordinal = ordinal
    Section.objects.bulk_update(order, ["ordinal"])
