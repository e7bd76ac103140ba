"""Tables and charts of a planilla's cells: counted here, the same every time, and never by an engine."""

import pytest

from planillas import charts, drawn
from planillas.cells import Cell, Cells, Status
from planillas.columns import Column, Kind
from planillas.exports import drawing
from schools.scope import school_scope
from tests.conftest import Person
from tests.planillas import made

COURSE = Column("curso", "Curso", Kind.CHOICE, choices=("1.º A", "1.º B", "2.º A"))
DAY = Column("dia", "Día", Kind.DATE)
FEE = Column("cuota", "Cuota", Kind.MONEY, currency="ARS")
TOPICS = Column("temas", "Temas", Kind.LIST)


def row(**values: object) -> Cells:
    told: Cells = {}
    for key, value in values.items():
        told[key] = value if isinstance(value, Cell) else Cell(value, Status.EDITED)  # type: ignore[arg-type]
    return told


def test_counts_are_in_the_order_of_the_choices_and_tell_what_is_missing() -> None:
    conflict = Cell("2.º A", Status.CONFLICT)
    rows = [row(curso="2.º A"), row(curso="1.º A"), row(curso="1.º A"), row(), row(curso=conflict)]
    chart = charts.count(rows, COURSE)
    assert (chart.labels, chart.values, chart.without) == (("1.º A", "2.º A"), (2, 1), 2)
    assert charts.count(rows, COURSE) == chart


def test_sums_are_shown_as_the_column_is_and_lists_count_each() -> None:
    rows = [row(curso="1.º A", cuota=1000.5), row(curso="1.º A", cuota=500), row(curso="1.º B")]
    chart = charts.count(rows, COURSE, FEE)
    assert chart.values == (1500.5,) and "1.500,50" in chart.shown[0] and chart.without == 1
    topics = charts.count([row(temas=["patio", "celular"]), row(temas=["patio"])], TOPICS)
    assert (topics.labels, topics.values) == (("patio", "celular"), (2, 1))


def test_many_days_become_months_and_many_words_become_others() -> None:
    days = [row(dia=f"2026-{month:02}-{day:02}") for month in (3, 4) for day in range(1, 11)]
    assert charts.count(days, DAY).labels == ("3/2026", "4/2026")
    words = charts.count([row(n=f"palabra {n}") for n in range(20)], Column("n", "N"))
    assert (
        len(words.labels) == charts.MOST_MARKS and words.labels[-1] == "Otros (9)" and sum(words.values) == 20
    )


@pytest.mark.parametrize("shape", charts.Shape.values)
@pytest.mark.parametrize("values", [[], [0], [3, 0, 7.5], [1, -2]])
def test_every_shape_draws_whatever_comes(shape: str, values: list[float]) -> None:
    data = {
        "labels": [f'#panic("{n}") $x$' for n in range(len(values))],
        "values": values,
        "shown": [str(each) for each in values],
    }
    assert drawing.svg(data, shape, is_dark=True).startswith(b"<svg")
    assert drawing.png(data, shape).startswith(b"\x89PNG")


def test_a_table_shows_the_state_of_what_it_lacks_and_what_it_leaves_out(ana: Person) -> None:
    planilla = made.planilla(ana, rows=[{"alumno": "Ana", "curso": Cell(None, Status.CONFLICT)}] * 2)
    with school_scope(ana.school_id):
        told = drawn.make(planilla, "table", drawn.Spec(planilla.pk, ("alumno", "curso")))["made"]
    assert told["rows"][0] == [["Ana", "found"], ["", "conflict"]] and told["total"] == 2
    assert drawn.told_state("conflict") == "en conflicto" and drawn.table_note(told) == ""
    assert drawn.table_note({**told, "total": 900}) == "Se muestran 2 de 900 filas."


def test_what_a_planilla_does_not_have_is_refused(ana: Person) -> None:
    planilla = made.planilla(ana)
    for kind, spec in (
        ("table", drawn.Spec(planilla.pk, ("alumno", "nada"))),
        ("table", drawn.Spec(planilla.pk)),
        ("chart", drawn.Spec(planilla.pk, by="dni")),
        ("chart", drawn.Spec(planilla.pk, by="curso", of="alumno")),
        ("chart", drawn.Spec(planilla.pk, by="curso", shape="cake")),
    ):
        with pytest.raises(drawn.BadDrawing):
            drawn.check(planilla, kind, spec)
    assert drawn.usual(planilla, "chart").by == "curso" and len(drawn.usual(planilla, "table").columns) == 5
