"""The tables and charts of a report: which cells of a planilla, and what they said when the section was made."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from planillas import charts, columns, values
from planillas.cells import EMPTY, Cell, Cells, Status
from planillas.charts import GROUPED, SUMMED, Shape
from planillas.columns import Column
from planillas.columns import Kind as ColumnKind
from planillas.models import Planilla, Row
from planillas.report_templates import Kind
from schools.refusals import Refused

ROWS_MOST = 300
COLUMNS_MOST, COLUMNS_USUAL = 8, 5
ROWS_READ_MOST = 100_000


class BadDrawing(Refused):
    """The table or the chart names what the planilla does not have."""

    code = "bad_drawing"


@dataclass(frozen=True, slots=True)
class Spec:
    """Which cells: `columns` of a table; of a chart what it counts `by`, what it sums (`of`, "": rows), its shape."""

    planilla: UUID
    columns: tuple[str, ...] = ()
    by: str = ""
    of: str = ""
    shape: str = Shape.BAR

    def to_json(self) -> dict[str, Any]:
        """Return it as a section keeps it."""
        return {
            "planilla": str(self.planilla),
            "columns": list(self.columns),
            "by": self.by,
            "of": self.of,
            "shape": str(self.shape),
        }


def spec_of(stored: Mapping[str, Any]) -> Spec | None:
    """Return what a section asks for; None while it asks for nothing."""
    if not stored.get("planilla"):
        return None
    return Spec(
        planilla=UUID(str(stored["planilla"])),
        columns=tuple(stored.get("columns", ())),
        by=str(stored.get("by", "")),
        of=str(stored.get("of", "")),
        shape=str(stored.get("shape") or Shape.BAR),
    )


def usual(planilla: Planilla, kind: str) -> Spec:
    """Return what is shown of a planilla where nobody chose: its first columns, or its rows by a column they share."""
    known = columns.from_json(planilla.columns)
    if kind == Kind.TABLE:
        return Spec(planilla.pk, tuple(each.key for each in known[:COLUMNS_USUAL]))
    liked = (ColumnKind.CHOICE, ColumnKind.YES_NO, ColumnKind.LIST, ColumnKind.DATE)
    by = min(
        (each for each in known if each.kind in GROUPED),
        key=lambda each: liked.index(each.kind) if each.kind in liked else len(liked),
        default=None,
    )
    return Spec(planilla.pk, by=by.key if by else "")


def check(planilla: Planilla, kind: str, spec: Spec) -> Spec:
    """Return the spec when the planilla has all that it names; raise BadDrawing."""
    known = {each.key: each for each in columns.from_json(planilla.columns)}
    if kind == Kind.TABLE:
        if not spec.columns or not set(spec.columns) <= set(known):
            raise BadDrawing(_("Elegir qué columnas de la planilla lleva la tabla."), field="columns")
        if len(spec.columns) > COLUMNS_MOST:
            raise BadDrawing(
                _("En una hoja entran hasta %d columnas: elegir menos.") % COLUMNS_MOST, field="columns"
            )
        return Spec(spec.planilla, tuple(key for key in known if key in spec.columns))
    if spec.by not in known or known[spec.by].kind not in GROUPED:
        raise BadDrawing(_("Elegir según qué columna se hace el gráfico."), field="by")
    if spec.of and (spec.of not in known or known[spec.of].kind not in SUMMED):
        raise BadDrawing(_("Solo se suman columnas de números o de importes."), field="of")
    if spec.shape not in Shape.values:
        raise BadDrawing(_("Un gráfico es de barras, de línea o de torta."), field="shape")
    return Spec(spec.planilla, (), spec.by, spec.of, spec.shape)


def make(planilla: Planilla, kind: str, spec: Spec) -> dict[str, Any]:
    """Return the spec with what the cells say now, as a section keeps it. Inside a scope."""
    known = {each.key: each for each in columns.from_json(planilla.columns)}
    made: dict[str, Any] = {"title": planilla.title, "rev": planilla.rev}
    if kind == Kind.TABLE:
        made |= _table(planilla, [known[key] for key in spec.columns if key in known])
    else:
        chart = charts.count(_rows(planilla), known[spec.by], known.get(spec.of))
        made |= {
            "by": chart.by,
            "of": chart.of,
            "labels": list(chart.labels),
            "values": list(chart.values),
            "shown": list(chart.shown),
            "without": chart.without,
        }
    return {**spec.to_json(), "made": made}


def told_state(status: str) -> str:
    """Return why a cell of a table has no value, in a word; empty where it may be read as it stands."""
    words = {
        Status.NO_EVIDENCE: _("sin evidencia"),
        Status.CONFLICT: _("en conflicto"),
        Status.INVALID: _("inválida"),
        Status.STALE: _("desactualizada"),
    }
    return words.get(Status(status), "")


def chart_heads(made: Mapping[str, Any]) -> tuple[str, str]:
    """Return the heads of a chart's data: what it goes by, and what it tells."""
    return str(made["by"]), _("Suma de %s") % made["of"] if made["of"] else _("Cantidad")


def chart_note(made: Mapping[str, Any]) -> str:
    """Return what a reader of a chart has to know: how many rows are not in it."""
    without = int(made.get("without", 0))
    if not without:
        return ""
    if without == 1:
        return _("Una fila no entra en el gráfico porque no tiene el dato.")
    return _("%d filas no entran en el gráfico porque no tienen el dato.") % without


def table_note(made: Mapping[str, Any]) -> str:
    """Return how many rows a table leaves out; empty where it has all."""
    left = int(made.get("total", 0)) - len(made.get("rows", ()))
    if left <= 0:
        return ""
    return _("Se muestran %(n)d de %(total)d filas.") % {"n": len(made["rows"]), "total": made["total"]}


def _table(planilla: Planilla, shown: list[Column]) -> dict[str, Any]:
    rows: list[list[list[str]]] = []
    for cells in _rows(planilla, most=ROWS_MOST):
        told = [(column, cells.get(column.key, EMPTY)) for column in shown]
        rows.append([[_said(cell, column), str(cell.status)] for column, cell in told])
    total = Row.objects.filter(planilla=planilla, deleted_at=None).count()
    return {"heads": [column.name for column in shown], "rows": rows, "total": total}


def _said(cell: Cell, column: Column) -> str:
    """Return a cell's value; of one that its source no longer bears out with a word about it."""
    shown = values.show(cell.value, column)
    return f"{shown} ({told_state(cell.status)})" if shown and cell.status == Status.STALE else shown


def _rows(planilla: Planilla, *, most: int = ROWS_READ_MOST) -> Iterator[Cells]:
    rows = Row.objects.filter(planilla=planilla, deleted_at=None).order_by("position", "pk")
    for row in rows[:most].iterator(chunk_size=1_000):
        yield row.read()
