"""The stages that take a deleted planilla or report away for good: its rows, its files, what was remembered of it."""

from collections.abc import Mapping
from uuid import UUID

from django.core.files.storage import default_storage

from pipeline.stages import Stage, Work
from planillas.models import Planilla, Report, Version
from schools import scope
from schools.scope import school_scope

# What hangs from what goes first. In SQL, as Django would load a hundred thousand rows to delete them.
_OF_A_PLANILLA = (
    "DELETE FROM planillas_edit WHERE school_id = %(school)s AND planilla_id = %(planilla)s",
    "DELETE FROM planillas_row WHERE school_id = %(school)s AND planilla_id = %(planilla)s",
    "DELETE FROM planillas_version WHERE school_id = %(school)s AND planilla_id = %(planilla)s",
    "DELETE FROM planillas_source WHERE school_id = %(school)s AND planilla_id = %(planilla)s",
)


def remove_planilla(work: Work) -> None:
    """Delete the files of a planilla marked as deleted, then its rows, which name them."""
    with school_scope(work.school_id):
        planilla = Planilla.objects.exclude(deleted_at=None).filter(pk=work.subject_id).first()
        versions = list(Version.objects.filter(planilla_id=work.subject_id))
    if planilla is None:
        return
    for key in [planilla.template_key, *(each.file_key for each in versions)]:
        default_storage.delete(key)
    with school_scope(work.school_id):
        work.hold()
        values: Mapping[str, UUID] = {"school": work.school_id, "planilla": planilla.pk}
        for statement in _OF_A_PLANILLA:
            scope.run(work.school_id, statement, values)
        planilla.delete()


def remove_report(work: Work) -> None:
    """Delete a report marked as deleted, its sections with it."""
    with school_scope(work.school_id):
        work.hold()
        report = Report.objects.exclude(deleted_at=None).filter(pk=work.subject_id).first()
        if report is not None:
            report.delete()


# They must come to an end one day, whatever is down meanwhile.
REMOVE_PLANILLA = Stage(name="remove", version=1, queue="cpu", run=remove_planilla, attempts=1000)
REMOVE_REPORT = Stage(name="remove", version=1, queue="cpu", run=remove_report, attempts=1000)
