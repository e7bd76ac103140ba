"""The school's reports as a member sees them: listed, opened, begun, changed, approved, deleted."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from engines.spanish import fold
from pipeline import runs
from pipeline.runs import Progress
from planillas import hidden, report_sources, report_templates
from planillas.models import Report, ReportSource, Section, SectionState, Source, State
from planillas.report_sources import Chosen
from planillas.report_templates import Part
from schools.admission import Member
from schools.refusals import Refused
from schools.roles import Can
from schools.scope import school_scope
from transcription.exports.told import clean, one_line

RUNS = ("report",)  # keys of settings.PIPELINES
TITLE_MOST_CHARS = 200
INSTRUCTIONS_MOST_CHARS = 4_000


class NoSuchReport(Refused):
    """There is none of that id, or it was written from what the member may not see."""

    code = "not_found"
    status = 404


class NotYours(Refused):
    """Only whoever made the report, or whoever approves reports, may change it."""

    code = "forbidden"
    status = 403


class BadReport(Refused):
    """Something of the report is missing or too long."""

    code = "invalid"


class AtWork(Refused):
    """The report is being written at this moment."""

    code = "report_at_work"
    status = 409


class NotReady(Refused):
    """The report has sections that nobody wrote yet."""

    code = "report_not_ready"
    status = 409


@dataclass(frozen=True, slots=True)
class Entry:
    """A report, how far its writing is, and what the member may do with it."""

    report: Report
    progress: Progress | None
    may_change: bool
    may_approve: bool
    sections: tuple[Section, ...] = ()
    sources: tuple[ReportSource, ...] = ()

    @property
    def id(self) -> UUID:
        """Return the report's id."""
        return self.report.pk

    @property
    def is_at_work(self) -> bool:
        """Say whether it is being written now."""
        return self.report.state == State.FILLING

    @property
    def waiting(self) -> int:
        """Return how many sections nobody wrote yet."""
        return sum(each.state == SectionState.WAITING for each in self.sections)


def visible(member: Member) -> QuerySet[Report]:
    """Return the reports that the member may know of. Inside a scope.

    As register.visible for planillas: a report that was written from a document of a collection that the member may
    not see is not theirs to see, nor one with a planilla that was made from such a document.
    """
    rows = Report.objects.filter(deleted_at=None)
    if member.collections is None:
        return rows
    allowed = list(member.collections)
    own = ReportSource.objects.filter(report=OuterRef("pk"), planilla=None)
    through = Source.objects.filter(planilla__report_sources__report=OuterRef("pk"))
    return rows.exclude(hidden.was_read(own, allowed) | hidden.was_read(through, allowed))


def search(
    member: Member,
    *,
    query: str = "",
    state: str = "",
    before: UUID | None = None,
    after: UUID | None = None,
    limit: int = 50,
) -> list[Entry]:
    """Return reports without their sections, newest first: those older than `before`, or just newer than `after`."""
    with school_scope(member.school_id):
        rows = visible(member).select_related("template", "created_by")
        for word in fold(query.replace("\0", "")).split():
            rows = rows.filter(title_folded__contains=word)
        rows = rows.filter(state=state) if state else rows
        if after is not None:
            found = list(rows.filter(pk__gt=after).order_by("pk")[:limit])[::-1]
        else:
            rows = rows.filter(pk__lt=before) if before else rows
            found = list(rows.order_by("-pk")[:limit])
        return _entries(member, found)


def get(member: Member, report_id: UUID) -> Entry:
    """Return a report with its sections and sources; raise NoSuchReport."""
    with school_scope(member.school_id):
        return get_within(member, report_id)


def may_change(member: Member, report_id: UUID) -> bool | None:
    """Say whether a member may change a report; None where it is not there for them."""
    try:
        return get(member, report_id).may_change
    except NoSuchReport:
        return None


def get_within(member: Member, report_id: UUID, *, lock: bool = False) -> Entry:
    """Return a report, inside a scope; `lock`: until the scope ends nobody else changes it."""
    rows = visible(member).filter(pk=report_id).select_related("created_by", "approved_by", "template")
    row = rows.select_for_update(of=("self",)).first() if lock else rows.first()
    if row is None:
        raise NoSuchReport(_("No existe ese informe."))
    sections = Section.objects.filter(report=row).select_related("edited_by").order_by("ordinal")
    sources = ReportSource.objects.filter(report=row).select_related("document", "planilla")
    return _entries(member, [row], tuple(sections), tuple(sources.order_by("ordinal")))[0]


def changeable(member: Member, report_id: UUID) -> Entry:
    """Return a report locked to be changed, inside a scope; raise NoSuchReport or NotYours."""
    entry = get_within(member, report_id, lock=True)
    if not entry.may_change:
        raise NotYours(_("Solo quien hizo el informe, o quien puede aprobarlo, lo puede cambiar."))
    return entry


def start(
    member: Member,
    chosen: Chosen,
    *,
    parts: Sequence[Part],
    template_id: UUID | None = None,
    title: str = "",
    instructions: str = "",
) -> Entry:
    """Begin a report of these sections out of what was chosen; return it as it is being written.

    Raises BadReport, report_templates.BadTemplate, or as report_sources.find does.
    """
    name = checked_title(title)
    words = checked_instructions(instructions)
    checked = report_templates.check_parts(parts)
    found = report_sources.find(member, chosen)
    with school_scope(member.school_id):
        report = Report.objects.create(
            template_id=template_id, title=name, instructions=words, created_by_id=member.user_id
        )
        report_sources.keep(report, found)
        Section.objects.bulk_create(
            Section(
                report=report,
                ordinal=ordinal,
                title=part.title,
                prompt=part.prompt,
                words=part.words,
                kind=part.kind,
            )
            for ordinal, part in enumerate(checked)
        )
        runs.start("report", report.pk, asked_by=member.user_id)
        return get_within(member, report.pk)


def retry(member: Member, report_id: UUID) -> Entry:
    """Go on with a report whose writing failed or was cancelled; what was written stays."""
    with school_scope(member.school_id):
        entry = changeable(member, report_id)
        if entry.report.state != State.FAILED:
            raise AtWork(_("El informe no está detenido: no hay nada que retomar."))
        Section.objects.filter(report_id=report_id, state=SectionState.FAILED).update(
            state=SectionState.WAITING
        )
        set_to_work(member, entry.report)
        return get_within(member, report_id)


def cancel(member: Member, report_id: UUID) -> None:
    """Stop the writing; what was written stays."""
    with school_scope(member.school_id):
        changeable(member, report_id)
    # The locks are taken in the pipeline's order: its run before our report.
    with school_scope(member.school_id):
        runs.cancel_all(report_id)


def change(
    member: Member, report_id: UUID, *, title: str | None = None, instructions: str | None = None
) -> Entry:
    """Change a report's name, or what is asked for all of it; sections that are written stay as they are."""
    with school_scope(member.school_id):
        report = changeable(member, report_id).report
        report.title = report.title if title is None else checked_title(title)
        if instructions is not None:
            report.instructions = checked_instructions(instructions)
        touch(report)
        return get_within(member, report_id)


def approve(member: Member, report_id: UUID) -> Entry:
    """Approve a report as it stands; raise AtWork or NotReady."""
    with school_scope(member.school_id):
        entry = get_within(member, report_id, lock=True)
        if not entry.may_approve:
            raise NotYours(_("El informe lo aprueba la dirección o la secretaría."))
        if entry.is_at_work:
            raise AtWork(_("El informe todavía se está redactando: se puede aprobar cuando termine."))
        if entry.waiting or not entry.sections:
            raise NotReady(_("Hay secciones sin redactar: redactarlas o quitarlas antes de aprobar."))
        report = entry.report
        report.state, report.approved_at = State.APPROVED, timezone.now()
        report.approved_by_id = member.user_id
        report.save(update_fields=["state", "approved_at", "approved_by_id"])
        return get_within(member, report_id)


def delete(member: Member, report_id: UUID) -> None:
    """Take a report away."""
    cancel(member, report_id)
    with school_scope(member.school_id):
        changeable(member, report_id)
        Report.objects.filter(pk=report_id).update(deleted_at=timezone.now())
        runs.start("report_removal", report_id)


def touch(report: Report) -> None:
    """Keep a locked report that was changed: an approved one has to be approved again. Inside a scope."""
    if report.state == State.APPROVED:
        report.state, report.approved_by, report.approved_at = State.REVIEW, None, None
    report.rev += 1
    report.changed_at = timezone.now()
    report.save()


def set_to_work(member: Member, report: Report) -> None:
    """Let the waiting sections of a locked report be written, in the member's name. Inside a scope."""
    touch(report)
    Report.objects.filter(pk=report.pk).update(state=State.FILLING, error_code="", error_detail="")
    runs.start("report", report.pk, asked_by=member.user_id)


def checked_title(title: str) -> str:
    """Return a title tidied; raise BadReport."""
    title = one_line(title)
    if not 1 <= len(title) <= TITLE_MOST_CHARS:
        raise BadReport(_("El título debe tener de 1 a %d caracteres.") % TITLE_MOST_CHARS, field="title")
    return title


def checked_instructions(instructions: str) -> str:
    """Return what is asked for the whole report, tidied; raise BadReport."""
    words = clean(instructions).strip()
    if len(words) > INSTRUCTIONS_MOST_CHARS:
        raise BadReport(
            _("Las indicaciones pueden tener hasta %d caracteres.") % INSTRUCTIONS_MOST_CHARS,
            field="instructions",
        )
    return words


def _entries(
    member: Member,
    found: Sequence[Report],
    sections: tuple[Section, ...] = (),
    sources: tuple[ReportSource, ...] = (),
) -> list[Entry]:
    progress = runs.progress_of(RUNS, [row.pk for row in found])
    approves = member.may(Can.APPROVE)
    return [
        Entry(
            report=row,
            progress=progress.get(row.pk),
            may_change=member.may(Can.FILL) and (approves or row.created_by_id == member.user_id),
            may_approve=approves,
            sections=sections,
            sources=sources,
        )
        for row in found
    ]
