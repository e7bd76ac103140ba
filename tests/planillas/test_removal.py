"""What is deleted is gone: rows, what was remembered of them, versions and their files; other planillas stay."""

from collections.abc import Callable

from django.core.files.storage import default_storage

from planillas import approving, editing, register, reports
from planillas.models import Edit, Planilla, Report, Row, Section, Source, Version
from schools.scope import school_scope
from tests.conftest import Person
from tests.planillas import made


def test_a_deleted_planilla_leaves_nothing_behind(ana: Person, work_off: Callable[[], None]) -> None:
    kept, gone = made.planilla(ana, title="Queda"), made.planilla(ana, title="Se va")
    with school_scope(ana.school_id):
        row = Row.objects.filter(planilla=gone)[0]
    editing.change_cells(ana.member, gone.pk, [editing.Change(row.pk, "alumno", "Ruiz, Eva")])
    version = approving.approve(ana.member, gone.pk, knowingly=True)
    assert default_storage.exists(version.file_key)
    register.delete(ana.member, gone.pk)
    work_off()
    assert not default_storage.exists(version.file_key)
    with school_scope(ana.school_id):
        assert list(Planilla.objects.values_list("pk", flat=True)) == [kept.pk]
        for model in (Row, Source):
            assert set(model.objects.values_list("planilla_id", flat=True)) == {kept.pk}
        assert not Edit.objects.exists() and not Version.objects.exists()


def test_a_deleted_report_leaves_nothing_behind(ana: Person, work_off: Callable[[], None]) -> None:
    with school_scope(ana.school_id):
        report = Report.objects.create(title="Memoria", state="review", created_by=ana.user)
        Section.objects.create(report=report, ordinal=0, title="Matrícula", text="Hubo 40.", state="edited")
    reports.delete(ana.member, report.pk)
    work_off()
    with school_scope(ana.school_id):
        assert not Report.objects.exists() and not Section.objects.exists()
