"""Whether what planillas and reports were made from still says so.

A document that was read anew, replaced or removed is held against the planillas that name it as a source, in its own
run. That a newer version begins to rule on a later day is seen by `look`, when somebody opens the planilla.
"""

import logging
from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from django.db import OperationalError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from documents import succession
from documents.models import Document
from documents.versions import State as Force
from documents.versions import Version
from pipeline import runs
from pipeline.stages import Cancelled, LeaseLost, Stage, Work
from planillas import outdated_sections, readings
from planillas.filling import Filling
from planillas.models import Planilla, ReportSource, Source, State
from planillas.rechecking import Check
from schools.admission import Member
from schools.scope import school_scope

log = logging.getLogger(__name__)

MOST_OLDER = 20  # versions before a document that are looked at


def recheck(work: Work) -> None:
    """Hold the planillas and reports that were made from the run's subject against what it says now.

    Costs two queries where none was.
    """
    with school_scope(work.school_id):
        document = Document.objects.filter(pk=work.subject_id).first()
        older = _older(document)
        asked = [work.subject_id, *older]
        there = document if document is not None and document.deleted_at is None else None
        of_planillas, of_reports = (
            Source.objects.filter(document_id_then__in=asked),
            ReportSource.objects.filter(id_then__in=asked),
        )
        if there is not None:  # of one that is gone no words stay, in what was taken away neither
            of_planillas = of_planillas.filter(planilla__deleted_at=None)
            of_reports = of_reports.filter(report__deleted_at=None)
        sources, reports = list(of_planillas), of_reports.exists()
    for source in sources:
        if there is None:
            if source.document_id_then == work.subject_id:
                check(work, source, None, moved_to=document.collection_id if document else None)
            continue
        try:
            if source.document_id_then == work.subject_id:
                check(work, source, there, moved_to=there.collection_id)
            else:
                _check_replaced(work, source, there)
        except (LeaseLost, Cancelled, OperationalError):
            raise
        except Exception:
            # A document that was read well is not to fail for a planilla that was once made from it.
            log.exception("source %s of planilla %s", source.pk, source.planilla_id)
            _note_unknown(work, source)
    if reports:
        outdated_sections.check(work, work.subject_id, there)


def keep_up(filling: Filling) -> None:
    """Hold a planilla that was just filled against sources that changed meanwhile: their own runs left it alone."""
    with school_scope(filling.school_id):
        now = list(Source.objects.filter(planilla_id=filling.planilla.pk).select_related("document"))
    for source in now:
        document = source.document
        there = document if document is not None and document.deleted_at is None else None
        if source.mark and (there is None or there.status in readings.READY):
            check(filling.work, source, there, is_filling=True)


def check(
    work: Work,
    source: Source,
    document: Document | None,
    *,
    is_filling: bool = False,
    moved_to: UUID | None = None,
) -> None:
    """Hold a planilla's cells against one of its sources; None: it is gone. At once where nothing changed."""
    mark = readings.mark(work.school_id, document) if document else ""
    if document is not None and source.mark == mark:
        return
    planilla = _planilla(work, source.planilla_id, is_filling=is_filling, is_gone=document is None)
    if planilla is None:
        return
    checked = Check(
        work, planilla, source.document_id_then, document.pk if document else None, title=source.title
    )
    checked.run()
    if document is None and planilla.state == State.FILLING and not is_filling:
        mark = source.mark  # words of it may still be written: the filling looks again at its end
    facts: dict[str, object] = {"mark": mark, "is_stale": True, "why_stale": _("El documento se borró.")}
    if document is not None:
        facts |= told_of(stale=checked.stale, new_rows=checked.new_rows)
    if moved_to is not None:
        # Who could see it where it stood last may see the planilla after it is gone.
        facts["collection_id"] = moved_to
    with school_scope(work.school_id):
        work.hold()
        Source.objects.filter(pk=source.pk).update(**facts)


def look(member: Member, planilla_id: UUID) -> None:
    """Note which sources of a planilla a newer document replaces by now, and have its cells held against that.

    Two queries where nothing is new.
    """
    with school_scope(member.school_id):
        known = Source.objects.filter(planilla_id=planilla_id, is_stale=False, document__deleted_at=None)
        newer = successors(member, list(known.values_list("document_id_then", flat=True)))
        if not newer:
            return
        known.filter(document_id_then__in=newer).update(is_stale=True, why_stale=_replaced())
        for each in set(newer.values()):
            runs.start("rechecking", each)


def successors(member: Member, document_ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Return, of the documents that a newer one replaces today, which does. Inside a scope."""
    forces = succession.forces(member, document_ids)
    return {
        each: force.by.id
        for each, force in forces.items()
        if force.state == Force.REPLACED and isinstance(force.by, Version)
    }


def _check_replaced(work: Work, source: Source, newer: Document) -> None:
    planilla = _planilla(work, source.planilla_id)
    if planilla is None or (newer.valid_from and newer.valid_from > _today()):
        return
    Check(work, planilla, source.document_id_then, newer.pk, title=source.title).run()
    with school_scope(work.school_id):
        work.hold()
        Source.objects.filter(pk=source.pk).update(is_stale=True, why_stale=_replaced())


def _planilla(
    work: Work, planilla_id: UUID, *, is_filling: bool = False, is_gone: bool = False
) -> Planilla | None:
    """Return a planilla to hold against its source; None while its filling, which looks itself at its end, goes on.

    `is_gone`: the source is, and its words go at once, from a planilla that was taken away too.
    """
    with school_scope(work.school_id):
        rows = Planilla.objects.filter(pk=planilla_id)
        rows = rows if is_gone else rows.filter(deleted_at=None)
        return (rows if is_filling or is_gone else rows.exclude(state=State.FILLING)).first()


def told_of(*, stale: int, new_rows: int) -> dict[str, object]:
    """Return what is told of a source: how many cells it no longer bears out, and rows that it has and we have not."""
    told = []
    if stale:
        text = ngettext(
            "El documento cambió: %d celda ya no coincide.",
            "El documento cambió: %d celdas ya no coinciden.",
            stale,
        )
        told.append(text % stale)
    if new_rows:
        text = ngettext(
            "Tiene %d fila que no está en la planilla.",
            "Tiene %d filas que no están en la planilla.",
            new_rows,
        )
        told.append(text % new_rows)
    return {"is_stale": bool(told), "why_stale": " ".join(told)}


def _note_unknown(work: Work, source: Source) -> None:
    with school_scope(work.school_id):
        work.hold()
        why = _("El documento cambió y no se pudo comprobar qué celdas dependen de él.")
        Source.objects.filter(pk=source.pk).update(is_stale=True, why_stale=why)


def _replaced() -> str:
    return _("Otro documento más nuevo lo reemplaza.")


def _older(document: Document | None) -> Collection[UUID]:
    """Return the documents that one replaces, directly or not. Inside a scope."""
    found: list[UUID] = []
    at = document.supersedes_id if document is not None and document.deleted_at is None else None
    while at is not None and at not in found and len(found) < MOST_OLDER:
        found.append(at)
        at = Document.objects.filter(pk=at).values_list("supersedes_id", flat=True).first()
    return found


def _today() -> date:
    return timezone.now().date()


RECHECK = Stage(name="recheck", version=1, queue="cpu", run=recheck, weight=0.1)
