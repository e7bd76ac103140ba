"""Approving: what stands in the way, what is kept of it, and what changed since."""

import gzip
import hashlib

import pytest
from django.core.files.storage import default_storage

from planillas import approving, comparing, editing, register
from planillas.editing import Change
from planillas.models import Planilla, Row, State
from schools.scope import school_scope
from tests.conftest import Person
from tests.planillas import made


def _ids(person: Person, planilla: Planilla) -> list[Row]:
    with school_scope(person.school_id):
        return list(Row.objects.filter(planilla=planilla, deleted_at=None).order_by("position"))


def _state(person: Person, planilla: Planilla) -> str:
    return register.get(person.member, planilla.pk).planilla.state


def test_what_stands_in_the_way_is_told_and_may_be_accepted(ana: Person, beto: Person, zoe: Person) -> None:
    a = made.document(beto, "Nómina", made.of_rows())
    said = made.conflict((7, made.evidence(a, 2, "7")), (8, made.evidence(a, 3, "8")))
    wrong = made.invalid("«x» no es un número", made.evidence(a, 3, "x"))
    planilla = made.planilla(
        beto, made.COLUMNS, [{"alumno": "A", "promedio": said}, {"promedio": wrong}], [a]
    )
    with pytest.raises(approving.NotReady) as told:
        approving.approve(ana.member, planilla.pk)
    assert told.value.extra == {"conflict": 1, "stale": 0, "invalid": 1, "required": {"alumno": 1}}
    for person, error in ((beto, approving.MayNotApprove), (zoe, register.NoSuchPlanilla)):
        with pytest.raises(error):
            approving.approve(person.member, planilla.pk, knowingly=True)
    with pytest.raises(approving.CannotApprove):
        approving.approve(ana.member, planilla.pk, knowingly=True, began_from=planilla.rev + 1)
    assert approving.approve(ana.member, planilla.pk, knowingly=True).number == 1
    assert _state(ana, planilla) == State.APPROVED


def test_a_version_is_kept_and_compared_with_what_came_after(ana: Person, zoe: Person) -> None:
    planilla = made.planilla(ana)
    rows = _ids(ana, planilla)
    first = approving.approve(ana.member, planilla.pk, "  Primera\nentrega ")
    assert (first.number, first.rows, first.note) == (1, 3, "Primera entrega")
    with default_storage.open(first.file_key, "rb") as file:
        content = file.read()
    assert hashlib.sha256(content).hexdigest() == first.sha256
    assert gzip.decompress(content).count(b"\n") == first.rows
    assert dict(approving.read(first)) == {row.pk: row.read() for row in rows}
    assert approving.approve(ana.member, planilla.pk).pk == first.pk, "approved twice alike it is one"
    assert comparing.compare(ana.member, planilla.pk, 1).is_same

    editing.change_cells(
        ana.member, planilla.pk, [Change(rows[0].pk, "promedio", "9"), Change(rows[0].pk, "dni", "")]
    )
    editing.remove_rows(ana.member, planilla.pk, [rows[1].pk])
    [added] = editing.add_row(ana.member, planilla.pk).rows
    editing.change_cells(ana.member, planilla.pk, [Change(added.pk, "alumno", "Zapata, Zoe")])
    assert _state(ana, planilla) == State.REVIEW
    second = approving.approve(ana.member, planilla.pk)
    assert [each.number for each in approving.versions(ana.member, planilla.pk)] == [2, 1]
    for later in (second.number, comparing.NOW):
        told = comparing.compare(ana.member, planilla.pk, 1, later)
        assert [each.row for each in told.added] == ["Zapata, Zoe"]
        assert [each.row for each in told.removed] == ["Benítez, Bruno"]
        assert {(each.column.key, each.before, each.after) for each in told.changed} == {
            ("promedio", 8.5, 9),
            ("dni", "44123456", None),
        }
    back = comparing.compare(ana.member, planilla.pk, 2, 1)
    assert [each.row for each in back.added] == ["Benítez, Bruno"] and back.changed_count == 2
    assert dict(approving.read(first))[rows[1].pk]["alumno"].value == "Benítez, Bruno", "never changed again"
    with pytest.raises(approving.NoSuchVersion):
        comparing.compare(ana.member, planilla.pk, 3)
    with pytest.raises(register.NoSuchPlanilla):
        comparing.compare(zoe.member, planilla.pk, 1)


@pytest.mark.parametrize(("rows", "state"), [((), State.REVIEW), (made.ROWS, State.FILLING)])
def test_what_is_empty_or_being_filled_is_not_approved(ana: Person, rows: tuple[()], state: State) -> None:
    planilla = made.planilla(ana, rows=rows, state=state)
    with pytest.raises(approving.CannotApprove):
        approving.approve(ana.member, planilla.pk, knowingly=True)
