"""A template as it is kept: what it refuses, what keeps its key, and who was first."""

from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from django.core.files.storage import default_storage
from openpyxl import Workbook

from planillas import drafts, own_files, ready_made, templates
from planillas.columns import Column, Kind
from planillas.drafts import BadTemplate, Draft
from planillas.models import Planilla, Template
from schools.scope import school_scope
from tests.conftest import Person
from tests.planillas import made

DRAFT = Draft(
    name="Nómina  de\u202e 2.º B",
    row_is="un alumno",
    rows_expected=30,
    columns=(
        Column("", "Apellido y nombre", is_required=True, is_key=True, also=("Alumno", " alumno ", "")),
        Column("", "Año", Kind.INTEGER, currency="ARS", choices=("no", "va")),
        Column("", "Turno", Kind.CHOICE, choices=("Mañana", "Tarde", "mañana")),
        Column("", "Cuota", Kind.MONEY, currency="ars"),
        Column("", "¿…?"),
    ),
)


def _bad(**changes: Any) -> Draft:
    return replace(DRAFT, **changes)


def test_a_draft_is_tidied_and_what_its_kind_does_not_ask_for_is_left_out() -> None:
    checked = drafts.check(DRAFT)
    assert checked.name == "Nómina de 2.º B"
    assert [column.key for column in checked.columns] == [
        "apellido_y_nombre", "ano", "turno", "cuota", "columna",
    ]  # fmt: skip
    name, year, shift, fee, _last = checked.columns
    assert name.also == ("Alumno",)
    assert (year.choices, year.currency) == ((), "")
    assert shift.choices == ("Mañana", "Tarde")
    assert fee.currency == "ARS"
    assert drafts.check(checked) == checked


def test_a_column_keeps_its_key_when_it_is_renamed_and_a_new_one_never_takes_it() -> None:
    first = drafts.check(Draft("x", columns=(Column("", "Alumno"), Column("", "Curso"))))
    renamed = replace(first.columns[0], name="Estudiante")
    again = drafts.check(replace(first, columns=(Column("", "Alumno"), first.columns[1], renamed)))
    assert [(each.key, each.name) for each in again.columns] == [
        ("alumno_2", "Alumno"),
        ("curso", "Curso"),
        ("alumno", "Estudiante"),
    ]


@pytest.mark.parametrize(
    ("draft", "fields"),
    [
        (_bad(name=" \u200b\0".replace("\u200b", "")), {"name"}),
        (_bad(name="n" * 101, purpose="p" * 501, row_is="r" * 101), {"name", "purpose", "row_is"}),
        (_bad(rows_expected=0), {"rows_expected"}),
        (_bad(rows_expected=100_001), {"rows_expected"}),
        (_bad(columns=()), {"columns"}),
        (_bad(columns=tuple(Column("", f"c{n}") for n in range(101))), {"columns"}),
        (_bad(columns=(Column("", "Alumno"), Column("", " alúmno"))), {"columns.1.name"}),
        (_bad(columns=(Column("", ""), Column("", "x" * 101))), {"columns.0.name", "columns.1.name"}),
        (_bad(columns=(Column("a", "A"), Column("a", "B"), Column("../x", "C"))), {"columns.1.key", "columns.2.key"}),
        (_bad(columns=(Column("", "A", Kind.CHOICE),)), {"columns.0.choices"}),
        (_bad(columns=(Column("", "A", Kind.CHOICE, choices=("o" * 101,)),)), {"columns.0.choices"}),
        (_bad(columns=(Column("", "A", Kind.MONEY, currency="pesos"),)), {"columns.0.currency"}),
        (_bad(columns=(Column("", "A", meaning="m" * 501, width=2),)), {"columns.0.meaning", "columns.0.width"}),
        (_bad(columns=(Column("", "A", also=("B",)), Column("", "B"))), {"columns.0.also"}),
        (_bad(columns=(Column("", "A", also=("C",)), Column("", "B", also=("c",)))), {"columns.1.also"}),
    ],
)  # fmt: skip
def test_all_that_is_wrong_is_told_by_field(draft: Draft, fields: set[str]) -> None:
    with pytest.raises(BadTemplate) as refused:
        drafts.check(draft)
    assert {each.field for each in refused.value.problems} == fields
    assert refused.value.field in fields
    assert all(each["detail"] for each in refused.value.extra["errors"])


def test_a_template_is_kept_changed_and_deleted_and_its_planillas_stay(ana: Person, zoe: Person) -> None:
    kept = templates.create(ana.member, DRAFT)
    with pytest.raises(templates.NameTaken):
        templates.create(ana.member, replace(DRAFT, name="NÓMINA DE 2.º b"))
    assert templates.every(zoe.member) == []
    with pytest.raises(templates.NoSuchTemplate):
        templates.get(zoe.member, kept.pk)
    planilla = made.planilla(ana, sources=[], template_id=kept.pk)

    draft = templates.draft_of(templates.get(ana.member, kept.pk))
    changed = templates.change(ana.member, kept.pk, replace(draft, purpose="Para marzo"), began_from=1)
    assert changed.rev == 2
    with pytest.raises(templates.Overtaken) as overtaken:
        templates.change(ana.member, kept.pk, draft, began_from=1)
    assert overtaken.value.latest.purpose == "Para marzo"

    templates.delete(ana.member, kept.pk)
    assert templates.every(ana.member) == []
    templates.create(ana.member, DRAFT)  # its name is free again
    with school_scope(ana.school_id):
        assert Planilla.objects.get(pk=planilla.pk).deleted_at is None


def test_a_ready_made_one_is_copied_once_for_use_and_anew_to_be_changed(ana: Person) -> None:
    name = ready_made.planillas()[0].name
    used = templates.use_ready_made(ana.member, name)
    assert templates.use_ready_made(ana.member, name).pk == used.pk
    copied = templates.copy_ready_made(ana.member, name)
    assert copied.name == f"{used.name} (2)"
    templates.change(ana.member, used.pk, templates.draft_of(used))
    assert templates.use_ready_made(ana.member, name).pk == copied.pk
    with pytest.raises(templates.NoSuchTemplate):
        templates.copy_ready_made(ana.member, "ninguna")


def test_every_ready_made_one_may_be_kept_as_it_is() -> None:
    for ready in ready_made.planillas():
        draft = Draft(ready.title, ready.purpose, ready.row_is, ready.rows_expected, ready.columns)
        assert drafts.check(draft).columns == ready.columns


def workbook(*header: str) -> bytes:
    """Return a sheet of one header row."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Notas"
    sheet.append(list(header))
    written = BytesIO()
    book.save(written)
    return written.getvalue()


def test_an_own_file_is_kept_cleaned_and_its_columns_are_those_of_the_file(
    ana: Person, django_capture_on_commit_callbacks: Any
) -> None:
    kept = templates.upload(ana.member, workbook("Alumno", "DNI", "Nota"), "..\\mesa\\Notas 2026.xlsx")
    assert (kept.name, kept.format) == ("Notas 2026", "xlsx")
    assert [column.name for column in templates.columns_of(kept)] == ["Alumno", "DNI", "Nota"]
    assert templates.content_of(kept).startswith(b"PK")

    draft = templates.draft_of(kept)
    fewer = templates.change(ana.member, kept.pk, replace(draft, columns=draft.columns[:2]))
    assert len(templates.columns_of(fewer)) == 2
    templates.change(ana.member, kept.pk, draft)  # what the file has a place for may come back
    with pytest.raises(BadTemplate) as refused:
        templates.change(ana.member, kept.pk, replace(draft, columns=(*draft.columns, Column("", "Otra"))))
    assert refused.value.field == "columns.3.name"

    with django_capture_on_commit_callbacks(execute=True):
        templates.delete(ana.member, kept.pk)
    assert not default_storage.exists(kept.file_key)


def test_a_file_that_cannot_be_a_template_leaves_nothing(ana: Person) -> None:
    with pytest.raises(own_files.NotFillable):
        templates.upload(ana.member, b"PK\x03\x04 nada", "rota.xlsx")
    with school_scope(ana.school_id):
        assert not Template.objects.exists()
