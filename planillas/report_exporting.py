"""Handing a report out: what it says gathered for a member, in the format asked for."""

from collections.abc import Mapping
from datetime import datetime
from importlib import import_module
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from documents import places, reading
from documents.places import UnknownPlace
from planillas import drawn, report_shown, reports
from planillas.exports.paper import Drawing, Note, Paper, Part, Table
from planillas.models import Section
from planillas.report_templates import Kind
from planillas.reports import Entry
from rag import prose
from schools.admission import Member
from schools.refusals import Refused
from transcription.exporting import File, file_name

FORMATS = ("docx", "pdf", "md")


class UnknownFormat(Refused):
    """No such format."""

    code = "unknown_format"


def export(member: Member, report_id: UUID, fmt: str) -> File:
    """Return a report as a file; raise reports.NoSuchReport or UnknownFormat."""
    if fmt not in FORMATS:
        raise UnknownFormat(_("Formato desconocido. Los que hay: %s.") % ", ".join(FORMATS), field="fmt")
    entry = reports.get(member, report_id)
    module = import_module(f"planillas.exports.report_{fmt}")
    content: bytes = module.render(gather(member, entry))
    return File(file_name(entry.report.title, fmt), module.MEDIA_TYPE, content)


def gather(member: Member, entry: Entry) -> Paper:
    """Return what a report says with all that is handed out of it."""
    report = entry.report
    there = report_shown.living(entry)
    return Paper(
        title=report.title,
        school=member.school_name,
        parts=tuple(_part(member, each, there) for each in entry.sections),
        sources=tuple(each.title for each in entry.sources),
        revision=report.rev,
        changed_at=_local(member, report.changed_at),
        approved_by=_name(report.approved_by),
        approved_at=_local(member, report.approved_at) if report.approved_at else None,
    )


def _part(member: Member, section: Section, there: frozenset[str]) -> Part:
    made: Mapping[str, Any] = section.drawn.get("made", {})
    drawing, table, origin = None, None, ""
    if made and section.kind == Kind.CHART:
        data = Table(drawn.chart_heads(made), _pairs(made), drawn.chart_note(made))
        drawing = Drawing(dict(made), str(section.drawn.get("shape", "")), data)
    elif made and section.kind == Kind.TABLE:
        table = _table(made)
    if made:
        origin = _("Datos de la planilla «%s».") % made.get("title", "")
    supported = report_shown.supported(section)
    return Part(
        title=section.title,
        blocks=tuple(prose.parse(section.text, supported=supported)),
        notes={each["n"]: _note(member, each, there) for each in section.citations},
        warning=report_shown.warning(section),
        table=table,
        drawing=drawing,
        origin=origin,
    )


def _pairs(made: Mapping[str, Any]) -> tuple[tuple[tuple[str, bool], ...], ...]:
    return tuple(
        ((str(label), False), (str(shown), False))
        for label, shown in zip(made["labels"], made["shown"], strict=True)
    )


def _table(made: Mapping[str, Any]) -> Table:
    rows = tuple(
        tuple((text, False) if text else (drawn.told_state(status), True) for text, status in row)
        for row in made["rows"]
    )
    return Table(tuple(made["heads"]), rows, drawn.table_note(made))


def _note(member: Member, stored: Mapping[str, Any], there: frozenset[str]) -> Note:
    try:
        place = places.from_json(stored["place"]) if stored.get("place") else None
    except UnknownPlace:
        place = None
    address = ""
    if stored["document_id"] in there:
        path = reading.address(member.slug, stored["document_id"], place, quote=stored["quote"])
        address = settings.PUBLIC_URL.rstrip("/") + path
    return Note(
        n=stored["n"],
        quote=" ".join(stored["quote"].split()),
        title=stored["title"],
        place=reading.say(place) if place else "",
        address=address,
        is_verified=stored["verified"],
    )


def _local(member: Member, moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo(member.time_zone))


def _name(user: Any) -> str:
    return (user.name or user.email) if user else ""
