"""Rows as the page asks for them: sorted by what they are, found as people write them."""

import pytest

from planillas import rows
from planillas.changing import NoSuchColumn
from planillas.columns import Column, Kind
from planillas.models import Planilla
from planillas.register import NoSuchPlanilla
from planillas.rows import Asked, Sought
from tests.conftest import Person
from tests.planillas import made

COLUMNS = (
    *made.COLUMNS,
    # As a school names the days of a month, and as nobody should.
    Column("1", "1", Kind.INTEGER),
    Column("v__x' -- %s", "Rara"),
    Column("grupos", "Grupos", Kind.LIST),
)
ROWS = (
    {
        "alumno": "Zuviría",
        "nacimiento": "2014-05-03",
        "promedio": 10,
        "beca": True,
        "1": 3,
        "grupos": ["Coro"],
    },
    {"alumno": "Álvarez", "nacimiento": "2013-11-21", "promedio": 9.5, "beca": False, "1": 20},
    {"alumno": "ñandú", "nacimiento": "2014-12-01", "promedio": -1, "v__x' -- %s": "100%"},
    {"alumno": "Benítez", "cuota": 1234.5},
)


@pytest.fixture
def planilla(ana: Person) -> Planilla:
    return made.planilla(ana, COLUMNS, ROWS)


def _names(person: Person, planilla: Planilla, asked: Asked) -> str:
    found = rows.page(person.member, planilla.pk, asked)
    assert found.total == len(found.rows)
    return "".join(str(row.read()["alumno"].value)[0] for row in found.rows)


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        (Asked(), "ZÁñB"),
        (Asked(sort="alumno"), "ÁBñZ"),
        (Asked(sort="alumno", is_descending=True), "ZñBÁ"),
        (Asked(sort="promedio"), "ñÁZB"),  # as numbers, and the empty one last
        (Asked(sort="promedio", is_descending=True), "ZÁñB"),
        (Asked(sort="nacimiento"), "ÁZñB"),
        (Asked(sort="1"), "ZÁñB"),
        (Asked(sort="beca"), "ÁZñB"),
        (Asked(sort="v__x' -- %s"), "ñZÁB"),
        (Asked(sought=(Sought("alumno", "ALVAREZ"),)), "Á"),
        (Asked(sought=(Sought("alumno", "Ñandu"),)), "ñ"),
        (Asked(sought=(Sought("nacimiento", "03/05/2014"),)), "Z"),
        (Asked(sought=(Sought("nacimiento", "2014"),)), "Zñ"),
        (Asked(sought=(Sought("promedio", "9,5"),)), "Á"),
        (Asked(sought=(Sought("cuota", "$ 1.234,5"),)), "B"),
        (Asked(sought=(Sought("beca", "sí"),)), "Z"),
        (Asked(sought=(Sought("beca", state=rows.EMPTY),)), "ñB"),
        (Asked(sought=(Sought("1", state="found"), Sought("promedio", "1"))), "Z"),
        (Asked(sought=(Sought("v__x' -- %s", "0%"),)), "ñ"),
        (Asked(sought=(Sought("grupos", "coro"),)), "Z"),
        (Asked(text="coro"), "Z"),
        (Asked(text="benitez"), "B"),
        (Asked(text="%"), "ñ"),
        (Asked(state="no_evidence"), "ZÁñB"),
        (Asked(state="conflict"), ""),
    ],
)
def test_rows_are_sorted_and_found(ana: Person, planilla: Planilla, asked: Asked, names: str) -> None:
    assert _names(ana, planilla, asked) == names


def test_states_are_found_where_they_are(ana: Person) -> None:
    a = made.document(ana, "Nómina", made.of_rows())
    said = made.conflict((7, made.evidence(a, 2, "7")), (8, made.evidence(a, 3, "8")))
    wrong = made.invalid("«x» no es un número", made.evidence(a, 3, "x"))
    told = [
        {"alumno": "A", "promedio": said},
        {"alumno": "B", "promedio": wrong},
        {"alumno": "C", "promedio": 7},
    ]
    planilla = made.planilla(ana, made.COLUMNS, told, [a])
    for asked, names in (
        (Asked(state="conflict"), "A"),
        (Asked(state="invalid"), "B"),
        (Asked(sought=(Sought("promedio", state="conflict"),)), "A"),
        (Asked(sought=(Sought("dni", state="no_evidence"),)), "ABC"),
        (Asked(sought=(Sought("promedio", state="empty"),)), "AB"),
    ):
        assert _names(ana, planilla, asked) == names


def test_a_piece_is_a_piece_and_a_stranger_gets_none(ana: Person, zoe: Person, planilla: Planilla) -> None:
    page = rows.page(ana.member, planilla.pk, Asked(start=1, count=2))
    assert (page.total, [row.read()["alumno"].value for row in page.rows]) == (4, ["Álvarez", "ñandú"])
    assert rows.page(ana.member, planilla.pk, Asked(start=9), with_total=False).total is None
    with pytest.raises(NoSuchPlanilla):
        rows.page(zoe.member, planilla.pk, Asked())
    with pytest.raises(NoSuchColumn):
        rows.page(ana.member, planilla.pk, Asked(sort="ajena"))
    with pytest.raises(rows.BadState):
        rows.page(ana.member, planilla.pk, Asked(state="deleted_at"))
