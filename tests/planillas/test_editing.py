"""A person's changes: each kept with who and when, taken back as one gesture, and nobody's lost to another's."""

from typing import Any

import pytest

from planillas import changing, editing, register, undoing
from planillas.cells import Cell, Status
from planillas.editing import Change
from planillas.models import Act, Planilla, Row, State
from schools.ids import new_id
from schools.scope import school_scope
from tests.conftest import Person
from tests.planillas import made

THREE = 3


def _rows(person: Person, planilla: Planilla) -> list[Row]:
    with school_scope(person.school_id):
        return list(Row.objects.filter(planilla=planilla, deleted_at=None).order_by("position"))


def _cell(person: Person, planilla: Planilla, number: int, column: str) -> Cell:
    return _rows(person, planilla)[number].read().get(column, Cell())


def _with_conflict(person: Person) -> Planilla:
    a = made.document(person, "Nómina", made.of_rows())
    b = made.document(person, "Legajo", made.of_rows())
    said = made.conflict((7, made.evidence(a, 2, "Promedio: 7")), (8, made.evidence(b, 2, "Promedio: 8")))
    wrong = made.invalid("«mucho» no es un número", made.evidence(a, 3, "mucho"))
    return made.planilla(person, rows=[{"promedio": said}, {"promedio": wrong}], sources=[a, b])


@pytest.mark.parametrize(
    ("column", "given", "kept"),
    [
        ("alumno", "Álvarez, Ana María", "Álvarez, Ana María"),
        ("nacimiento", "4 de mayo de 2014", "2014-05-04"),
        ("promedio", "9,25", 9.25),
        ("promedio", 9, 9),
        ("beca", "no", False),
        ("curso", "2.º a", "2.º A"),
        ("observaciones", "=HYPERLINK(1)\0", "=HYPERLINK(1)"),
        ("dni", None, None),
        ("dni", "", None),
    ],
)
def test_a_cell_is_written_by_its_columns_kind_and_by_whom(
    ana: Person, column: str, given: object, kept: object
) -> None:
    planilla = made.planilla(ana, state=State.APPROVED)
    row = _rows(ana, planilla)[0]
    changed = editing.change_cells(ana.member, planilla.pk, [Change(row.pk, column, given)])
    cell = _cell(ana, planilla, 0, column)
    assert (cell.value, cell.status, cell.edited_by) == (kept, Status.EDITED, str(ana.user.pk))
    was = row.read().get(column)
    assert [each.value for each in cell.candidates] == ([was.value] if was else []), (
        "what its source said stays"
    )
    assert (changed.state, changed.rev) == (State.REVIEW, 2), (
        "what was approved is not what it shows any more"
    )
    [edit] = undoing.history(ana.member, planilla.pk, row_id=row.pk, column=column)
    assert (edit.by, edit.act) == (ana.user, Act.CLEAR if kept is None else Act.EDIT)
    undoing.undo(ana.member, planilla.pk)
    assert _cell(ana, planilla, 0, column) == (was or Cell())


def test_a_value_that_is_none_is_refused_alone_or_with_all(ana: Person) -> None:
    planilla = made.planilla(ana)
    first, second, _third = (row.pk for row in _rows(ana, planilla))
    changes = [Change(first, "promedio", "mucho"), Change(second, "promedio", "6,5")]
    with pytest.raises(editing.NotWritten) as refused:
        editing.change_cells(ana.member, planilla.pk, changes)
    assert refused.value.extra["cells"][0]["row"] == str(first) and refused.value.detail
    assert _cell(ana, planilla, 1, "promedio").value == 7
    changed = editing.change_cells(ana.member, planilla.pk, changes, cell_by_cell=True)
    assert [(each.row_id, each.code) for each in changed.unwritten] == [(first, "bad_value")]
    assert [_cell(ana, planilla, at, "promedio").value for at in (0, 1)] == [8.5, 6.5]


def test_a_person_settles_a_conflict_and_what_is_invalid(ana: Person) -> None:
    planilla = _with_conflict(ana)
    first, second = (row.pk for row in _rows(ana, planilla))
    editing.change_cells(
        ana.member, planilla.pk, [Change(first, "promedio", choose=1), Change(second, "promedio", "6")]
    )
    chosen = _cell(ana, planilla, 0, "promedio")
    assert (chosen.value, chosen.status, len(chosen.candidates)) == (8, Status.EDITED, 2)
    assert chosen.sources[0].quote == "Promedio: 8", "what was chosen keeps the place that says so"
    counts = register.get(ana.member, planilla.pk).counts
    assert (counts.conflict, counts.invalid, counts.edited) == (0, 0, 2)
    with pytest.raises(editing.NotWritten):
        editing.change_cells(ana.member, planilla.pk, [Change(first, "promedio", choose=2)])
    undoing.undo(ana.member, planilla.pk)
    assert register.get(ana.member, planilla.pk).counts.to_look_at == 2


def test_two_people_at_once_lose_nothing(ana: Person, beto: Person) -> None:
    planilla = made.planilla(beto)
    first, second, _third = _rows(ana, planilla)
    seen = planilla.rev
    editing.change_cells(
        ana.member, planilla.pk, [Change(first.pk, "promedio", "9", rev=first.rev)], began_from=seen
    )
    late = [
        Change(first.pk, "promedio", "4", rev=first.rev),
        Change(second.pk, "promedio", "4", rev=second.rev),
    ]
    with pytest.raises(changing.PlanillaChanged) as told:
        editing.change_cells(beto.member, planilla.pk, late, cell_by_cell=True)
    [present] = told.value.extra["rows"]
    assert present["id"] == str(first.pk) and present["cells"]["promedio"] == 9
    assert _cell(ana, planilla, 1, "promedio").value == 7, "nothing of it was written"
    with pytest.raises(changing.PlanillaChanged):
        editing.remove_rows(beto.member, planilla.pk, [first.pk], revs={first.pk: first.rev})
    # What says the same already (an answer was lost) is no quarrel, nor is a row that nobody touched.
    alike = [Change(first.pk, "promedio", "9", rev=first.rev), late[1]]
    changed = editing.change_cells(beto.member, planilla.pk, alike, began_from=seen)
    assert [_cell(ana, planilla, at, "promedio").value for at in (0, 1)] == [9, 4]
    assert changed.rev == seen + 2
    # Each takes back their own, and not what the other wrote over it.
    editing.change_cells(ana.member, planilla.pk, [Change(second.pk, "promedio", "5")])
    left = undoing.undo(beto.member, planilla.pk)
    assert [each.code for each in left.unwritten] == ["planilla_changed"]
    assert _cell(ana, planilla, 1, "promedio").value == 5
    undoing.undo(ana.member, planilla.pk)
    assert _cell(ana, planilla, 1, "promedio").value == 4


def test_rows_come_and_go_and_gestures_are_taken_back_in_turn(ana: Person) -> None:
    planilla = made.planilla(ana)
    first, second, third = _rows(ana, planilla)
    gesture = new_id()
    added = editing.add_row(ana.member, planilla.pk, after=first.pk, count=2, batch=gesture)
    again = editing.add_row(ana.member, planilla.pk, after=first.pk, count=2, batch=gesture)
    assert {row.pk for row in added.rows} == {row.pk for row in again.rows}, "asked twice, added once"
    new = [row.pk for row in added.rows]
    editing.change_cells(ana.member, planilla.pk, [Change(new[0], "alumno", "Zapata, Zoe")], batch=gesture)
    assert [row.pk for row in _rows(ana, planilla)] == [first.pk, *new, second.pk, third.pk]
    editing.remove_rows(ana.member, planilla.pk, [third.pk])
    full = [first.pk, *new, second.pk]
    for turn, rows, name in (
        (undoing.undo, [*full, third.pk], "Zapata, Zoe"),
        (undoing.undo, [first.pk, second.pk, third.pk], None),
        (undoing.redo, [*full, third.pk], "Zapata, Zoe"),
        (undoing.redo, full, "Zapata, Zoe"),
    ):
        turn(ana.member, planilla.pk)
        assert [row.pk for row in _rows(ana, planilla)] == rows
        told = {row.pk: row.read() for row in _rows(ana, planilla)}
        assert (told[new[0]]["alumno"].value if new[0] in told else None) == name
    with pytest.raises(undoing.NothingToUndo):
        undoing.redo(ana.member, planilla.pk)
    with pytest.raises(changing.PlanillaChanged) as refused:
        editing.change_cells(ana.member, planilla.pk, [Change(third.pk, "alumno", "Otra")])
    assert refused.value.gone == (third.pk,)
    acts = [edit.act for edit in undoing.history(ana.member, planilla.pk)]
    assert (acts.count(Act.UNDO), acts.count(Act.REDO)) == (4, 4)


def test_between_two_rows_there_is_always_room(ana: Person) -> None:
    planilla = made.planilla(ana)
    first = _rows(ana, planilla)[0].pk
    made_by_turns = [editing.add_row(ana.member, planilla.pk, after=first).rows[0].pk for _ in range(22)]
    assert [row.pk for row in _rows(ana, planilla)][1:23] == made_by_turns[::-1]


def _is(person: Person, planilla: Planilla, **fields: Any) -> None:
    with school_scope(person.school_id):
        Planilla.objects.filter(pk=planilla.pk).update(**fields)


def test_who_may_not_changes_nothing(ana: Person, beto: Person, zoe: Person) -> None:
    planilla, others = made.planilla(ana), made.planilla(zoe)
    row, foreign = _rows(ana, planilla)[0].pk, _rows(zoe, others)[0].pk
    elsewhere = _rows(ana, made.planilla(ana, title="Otra"))[0].pk

    def attempt(person: Person, row_id: Any, column: str = "alumno") -> None:
        editing.change_cells(person.member, planilla.pk, [Change(row_id, column, "X")])

    with pytest.raises(register.NoSuchPlanilla):
        attempt(zoe, row)
    with pytest.raises(register.NotYours):
        attempt(beto, row)
    for missing in (foreign, elsewhere, new_id()):
        with pytest.raises(changing.NoSuchRow):
            attempt(ana, missing)
        with pytest.raises(changing.NoSuchRow):
            editing.remove_rows(ana.member, planilla.pk, [row, missing])
        with pytest.raises(changing.NoSuchRow):
            editing.add_row(ana.member, planilla.pk, after=missing)
        with pytest.raises(changing.NoSuchRow):
            undoing.history(ana.member, planilla.pk, row_id=missing)
    with pytest.raises(changing.NoSuchColumn):
        attempt(ana, row, "ajena")
    with pytest.raises(undoing.NothingToUndo):
        undoing.undo(ana.member, planilla.pk)
    _is(ana, planilla, state=State.FILLING)
    with pytest.raises(changing.StillFilling):
        attempt(ana, row)
    assert _cell(ana, planilla, 0, "alumno").value == "Álvarez, Ana"
    assert len(_rows(ana, planilla)) == THREE and _cell(zoe, others, 0, "alumno").value == "Álvarez, Ana"
