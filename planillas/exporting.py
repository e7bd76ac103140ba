"""Handing a planilla out as a file: gathered for a member, in the format asked for, under a name of its own."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import IO, Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from planillas import approving, columns, own_files, register
from planillas.cells import Cells
from planillas.exports.separators import Separator
from planillas.exports.sheet import Sheet, SourceTold
from planillas.models import Edit, Planilla, Row, Source, Version
from schools.admission import Member
from schools.models import User
from schools.refusals import Refused
from schools.scope import school_scope
from transcription.exporting import file_name

DRAWN = ("xlsx", "ods", "csv", "pdf")
FORMATS = (*DRAWN, "docx")
PIECE = 500  # rows read at a time
# The mark that what converts to PDF is not installed; the planilla is typeset then.
_MISSING = "converter_missing"
MEDIA_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "csv": "text/csv; charset=utf-8",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


class UnknownFormat(Refused):
    """No such format, or not for this planilla."""

    code = "unknown_format"


class NotYetFilled(Refused):
    """The planilla has no rows to hand out."""

    code = "no_rows"
    status = 409


@dataclass(frozen=True, slots=True)
class Options:
    """How a file is wanted. `is_own`: in the template's own file, where it has one of the format."""

    is_own: bool = True
    separator: Separator | None = None  # of CSV; None: as the school's country has it


@dataclass(frozen=True, slots=True)
class File:
    """A file to be handed out. `content`: open at its beginning; gone from disk when it is closed."""

    name: str
    media_type: str
    content: IO[bytes]


class _Format(Protocol):
    def write(self, sheet: Sheet, file: IO[bytes]) -> None: ...


def formats(planilla: Planilla) -> tuple[str, ...]:
    """Return the formats that a planilla is handed out in, the template's own first."""
    own = (planilla.format,) if planilla.format else ()
    return tuple(dict.fromkeys((*own, *DRAWN)))


def export(
    member: Member, planilla_id: UUID, fmt: str, *, version: int | None = None, options: Options | None = None
) -> File:
    """Return a planilla as a file: as it stands, or as it was approved.

    Raises register.NoSuchPlanilla, approving.NoSuchVersion, UnknownFormat, NotYetFilled, or what the format cannot
    hold (a Refused of its module).
    """
    asked = options or Options()
    planilla = register.get(member, planilla_id).planilla
    if fmt not in formats(planilla):
        raise UnknownFormat(_unknown(planilla, fmt), field="fmt")
    sheet = gather(member, planilla_id, version=version)
    if not sheet.count:
        raise NotYetFilled(_("La planilla todavía no tiene filas: se puede descargar cuando las tenga."))
    name = f"{sheet.title} v{version}" if version else sheet.title
    content = tempfile.TemporaryFile()  # noqa: SIM115  # whoever is given it closes it
    try:
        _write(planilla, sheet, fmt, asked, member, content)
        content.seek(0)
    except BaseException:
        content.close()
        raise
    return File(file_name(name, fmt), MEDIA_TYPES[fmt], content)


def gather(member: Member, planilla_id: UUID, *, version: int | None = None) -> Sheet:
    """Return what a planilla says; raises as `export` does."""
    entry = register.get(member, planilla_id)
    planilla, zone = entry.planilla, ZoneInfo(member.time_zone)
    kept = approving.version(member, planilla_id, version) if version else _approved(member, planilla)
    with school_scope(member.school_id):
        told = list(Source.objects.filter(planilla=planilla))
        by = Edit.objects.filter(planilla=planilla).exclude(by=None).values("by_id").distinct()
        names = User.objects.filter(Q(pk__in=by) | Q(pk=kept.approved_by_id if kept else None))
        people = {str(each.pk): each.get_full_name() for each in names}
    base = settings.PUBLIC_URL.rstrip("/")
    sheet = Sheet(
        title=planilla.title,
        school=member.school_name,
        slug=member.slug,
        columns=entry.columns,
        rows=lambda: _living(member, planilla_id),
        count=entry.counts.rows,
        made_at=timezone.now().astimezone(zone),
        sources={each.document_id_then: _told(each, zone) for each in told},
        people=people,
        told=tuple(str(each["text"]) for each in planilla.told if each.get("text")),
        row_is=planilla.row_is,
        base=base,
        planilla_url=base + reverse("planillas:planilla", args=[member.slug, planilla_id]),
    )
    if kept is None:
        return sheet
    sheet = replace(
        sheet,
        version=kept.number,
        approved_by=people.get(str(kept.approved_by_id), ""),
        approved_at=kept.approved_at.astimezone(zone),
    )
    if version is None:
        return sheet
    return replace(
        sheet, columns=columns.from_json(kept.columns), rows=lambda: _as_approved(kept), count=kept.rows
    )


def _write(
    planilla: Planilla, sheet: Sheet, fmt: str, asked: Options, member: Member, file: IO[bytes]
) -> None:
    if asked.is_own and planilla.format == fmt:
        file.write(_own(planilla, sheet))
        return
    if asked.is_own and planilla.format == "docx" and fmt == "pdf":
        try:
            file.write(own_files.as_pdf(_own(planilla, sheet), "docx"))
            return
        except own_files.NotFillable as error:
            if error.code != _MISSING:
                raise
    _module(fmt, asked, member).write(sheet, file)


def _own(planilla: Planilla, sheet: Sheet) -> bytes:
    try:
        with default_storage.open(planilla.template_key, "rb") as stored:
            content = stored.read()
    except FileNotFoundError as error:
        raise own_files.NotFillable(
            _("El archivo de la plantilla ya no está en el servidor. Descargar la planilla en otro formato."),
            code="template_lost",
            field=None,
        ) from error
    return own_files.fill(content, planilla.layout, sheet)


def _module(fmt: str, asked: Options, member: Member) -> _Format:
    # Only now: nothing of this is needed to start, and each brings what it writes with.
    from planillas.exports import csv, ods, pdf, separators, xlsx

    if fmt == "csv":
        return csv.Csv(asked.separator or separators.of_zone(member.time_zone))
    modules: dict[str, Any] = {"xlsx": xlsx, "ods": ods, "pdf": pdf}
    found: _Format = modules[fmt]
    return found


def _unknown(planilla: Planilla, fmt: str) -> str:
    there = ", ".join(each.upper() for each in formats(planilla))
    if fmt == "docx":
        return _("Solo una planilla de una plantilla DOCX se descarga así. Los formatos que hay: %s.") % there
    return _("Formato desconocido. Los que hay: %s.") % there


def _approved(member: Member, planilla: Planilla) -> Version | None:
    """Return the version that a planilla still is, cell by cell."""
    if not planilla.version or planilla.approved_rev != planilla.rev:
        return None
    return approving.version(member, planilla.pk, planilla.version)


def _living(member: Member, planilla_id: UUID) -> Iterator[Cells]:
    """Yield the rows as they stand, a piece at a time: no scope stays open while they are written down."""
    after: tuple[float, UUID] | None = None
    while True:
        with school_scope(member.school_id):
            rows = Row.objects.filter(planilla_id=planilla_id, deleted_at=None)
            if after is not None:
                rows = rows.filter(Q(position=after[0], pk__gt=after[1]) | Q(position__gt=after[0]))
            piece = list(rows.order_by("position", "pk")[:PIECE])
        for row in piece:
            yield row.read()
        if len(piece) < PIECE:
            return
        after = (piece[-1].position, piece[-1].pk)


def _as_approved(kept: Version) -> Iterator[Cells]:
    for _row_id, cells in approving.read(kept):
        yield cells


def _told(source: Source, zone: ZoneInfo) -> SourceTold:
    read_at: datetime | None = source.read_at
    return SourceTold(
        title=source.title,
        sha256=source.sha256,
        read_at=read_at.astimezone(zone) if read_at else None,
        is_gone=source.document_id is None,
    )
