"""The stage that writes a report, section by section; what is done is not done again."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from documents.models import Document, Status
from engines import base
from pipeline.stages import Cancelled, Later, Stage, Work
from planillas import draft_section, drawn, reports
from planillas.draft_section import Drafted, Source, Task, WritersBusy
from planillas.drawn import Spec
from planillas.models import Planilla, Report, ReportSource, Section, SectionState
from planillas.report_templates import Kind
from planillas.standing import Standing, Wanted
from rag.store import StoreDown
from schools.admission import Member
from schools.scope import school_scope

# So often it is waited for an engine that writes, before a section is filled with quotes or given up.
WAITS_MOST = 5
WAIT_S = 60.0
_READING = (Status.QUEUED, Status.PROCESSING)


def draft(work: Work) -> None:
    """Write the sections of the report that is the run's subject which nobody wrote yet."""
    with school_scope(work.school_id):
        report = Report.objects.filter(pk=work.subject_id, deleted_at=None).first()
        if report is None:
            raise Cancelled
        read = ReportSource.objects.filter(report=report, document__deleted_at=None, document__isnull=False)
        documents = [each.document for each in read.select_related("document").order_by("ordinal")]
        standing = _standing(work, report)
        member = standing.look()
    _wait_for(documents)
    sources = {each.pk: Source(each.pk, each.title, each.sha256) for each in documents}
    while True:
        with school_scope(work.school_id):
            sections = Section.objects.filter(report=report)
            total = sections.count()
            due = sections.filter(state=SectionState.WAITING)
            left, section = due.count(), due.order_by("ordinal").first()
        if section is None:
            _settle(work, report)
            return

        def report_on(done: int = total - left, total: int = total) -> None:
            work.report(done, total)
            standing.check()

        report_on()
        if section.kind == Kind.TEXT:
            wanted = Wanted(report_on)
            waits = int(section.told.get("waits", 0))
            task = Task(member, report, section, sources, waits < WAITS_MOST, wanted)
            made = _written(work, task, waits)
            wanted.check()
            _keep(work, standing, section, made)
        else:
            _draw(work, standing, report, section)


def _standing(work: Work, report: Report) -> Standing:
    """Return in whose name the sources are read: whoever sees the report sees them all."""

    def is_seen(member: Member) -> bool:
        return reports.visible(member).filter(pk=report.pk).exists()

    return Standing(work.school_id, work.asked_by or report.created_by_id, report.created_by_id, is_seen)


def _wait_for(documents: list[Document]) -> None:
    unread = next((each for each in documents if each.status in _READING), None)
    if unread is not None:
        raise Later(
            15.0, "a source is being read", told=_("Espera a que termine de leerse «%s».") % unread.title
        )


def _written(work: Work, task: Task, waits: int) -> Drafted:
    """Return a section drafted, or why it could not be; raise Later while that may pass."""
    if not task.sources:
        return Drafted(SectionState.EMPTY, told={"searched": 0, "titles": [], "reason": ""})
    try:
        return draft_section.write(task)
    except StoreDown as error:
        raise Later(30.0, "the store is down", told=error.detail) from error
    except WritersBusy as busy:
        raise _later(work, task.section, waits, _("Espera a que se libere el motor que redacta.")) from busy
    except base.EngineError as error:
        may_pass = isinstance(error, base.Unavailable) or (
            isinstance(error, base.NoEngine) and error.is_passing
        )
        if may_pass and waits < WAITS_MOST:
            raise _later(work, task.section, waits, error.detail) from error
        return Drafted(SectionState.FAILED, told={"code": error.code, "reason": error.detail})


def _later(work: Work, section: Section, waits: int, told: str) -> Later:
    with school_scope(work.school_id):
        work.hold()
        _of(section).update(told={**section.told, "waits": waits + 1})
    return Later(WAIT_S, "no engine that writes now", told=told)


def _keep(work: Work, standing: Standing, section: Section, made: Drafted) -> None:
    """Write what was drafted, unless a person took the section in hand meanwhile."""
    fields: dict[str, Any] = {"state": made.state, "told": made.told, "decision_id": made.decision_id}
    if made.state != SectionState.FAILED:  # what stood there before stays where nothing better came
        fields |= {"text": made.text, "citations": list(made.notes), "drafted_at": timezone.now()}
    with school_scope(work.school_id):
        work.hold()
        standing.look()
        _of(section).update(rev=section.rev + 1, **fields)


def _settle(work: Work, report: Report) -> None:
    """Take back that sources changed, where no section stands that was written before they did."""
    with school_scope(work.school_id):
        work.hold()
        before = Section.objects.filter(report=report, told__has_key="why").exclude(told__why="")
        if not before.exists():
            there = ReportSource.objects.filter(
                report=report, document__deleted_at=None, document__isnull=False
            )
            there.filter(is_stale=True).update(is_stale=False, why_stale="")


def _draw(work: Work, standing: Standing, report: Report, section: Section) -> None:
    """Make a table or a chart of what the cells say now."""
    with school_scope(work.school_id):
        work.hold()
        standing.look()
        planilla, spec = _asked(report, section)
        told: dict[str, Any] = {}
        made, state = section.drawn, SectionState.DRAFTED
        if planilla is None or spec is None:
            state = SectionState.EMPTY
            told = {"reason": _("El informe no tiene una planilla de la cual hacer la tabla o el gráfico.")}
        else:
            try:
                made = drawn.make(planilla, section.kind, drawn.check(planilla, section.kind, spec))
            except drawn.BadDrawing as error:
                state, told = SectionState.EMPTY, {"reason": error.detail}
        _of(section).update(
            rev=section.rev + 1, drawn=made, state=state, told=told, drafted_at=timezone.now()
        )


def _asked(report: Report, section: Section) -> tuple[Planilla | None, Spec | None]:
    """Return the planilla and the cells that a section shows: as was chosen, or the report's first one."""
    sheets: dict[UUID, Planilla] = {
        each.planilla.pk: each.planilla
        for each in ReportSource.objects.filter(
            report=report, planilla__deleted_at=None, planilla__isnull=False
        )
        .select_related("planilla")
        .order_by("ordinal")
        if each.planilla is not None
    }
    spec = drawn.spec_of(section.drawn)
    planilla = sheets.get(spec.planilla) if spec else next(iter(sheets.values()), None)
    if planilla is not None and spec is None:
        spec = drawn.usual(planilla, section.kind)
    return planilla, spec


def _of(section: Section) -> Any:
    """Return the section's row, as long as it is as it was read. Inside a scope."""
    return Section.objects.filter(pk=section.pk, rev=section.rev, state=SectionState.WAITING)


DRAFT = Stage(name="draft", version=1, queue="cpu", run=draft)
