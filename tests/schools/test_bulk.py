"""Many rows at once: what was given is what stands there, and the wall holds."""

import pytest
from django.db import DataError

from documents.models import Block, Document
from schools import bulk
from schools.ids import new_id
from schools.scope import NoSchool, TwoSchools, school_scope
from tests.conftest import Person
from tests.rows import Rows

HARD = "comillas \"dobles\", 'simples', \\barra, {llaves}, NULL, coma,\n\tsalto, ñandú 🏫, %s"


def _blocks(person: Person, count: int) -> list[Block]:
    document = Rows(person.user).one(Document)
    return [
        Block(
            document=document,
            ordinal=ordinal,
            kind="table",
            text=f"{HARD} {ordinal}",
            place={"kind": "sheet", "sheet": HARD, "rows": [1, ordinal]},
            cells=[[HARD, ""], ["", "b"]],
            words=bytes(range(256)),
        )
        for ordinal in range(count)
    ]


def test_rows_come_back_as_they_were_given(ana: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk, "BATCH", 3)  # so that the last statement is a short one
    with school_scope(ana.school_id):
        given = _blocks(ana, 8)
        bulk.insert(given)
        found = list(Block.objects.order_by("ordinal"))
    assert [row.pk for row in found] == [row.pk for row in given]
    for row, other in zip(found, given, strict=True):
        assert (row.text, row.place, row.cells, bytes(row.words)) == (
            other.text,
            other.place,
            other.cells,
            other.words,
        )


def test_nothing_to_write_writes_nothing(ana: Person) -> None:
    with school_scope(ana.school_id):
        bulk.insert([])
        assert not Block.objects.exists()


def test_a_row_of_another_school_is_refused(ana: Person) -> None:
    with school_scope(ana.school_id):
        rows = _blocks(ana, 2)
        rows[1].school_id = new_id()
        with pytest.raises(TwoSchools):
            bulk.insert(rows)
        assert not Block.objects.exists()


def test_outside_a_scope_nothing_is_written(ana: Person) -> None:
    with school_scope(ana.school_id):
        rows = _blocks(ana, 1)
    with pytest.raises(NoSchool):
        bulk.insert(rows)


def test_what_is_too_long_is_refused_and_not_cut(ana: Person) -> None:
    with school_scope(ana.school_id):
        rows = _blocks(ana, 2)
    rows[1].kind = "x" * 13
    with pytest.raises(DataError), school_scope(ana.school_id):
        bulk.insert(rows)
