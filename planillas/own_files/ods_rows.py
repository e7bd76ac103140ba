"""The rows of an ODS's table, written one by one as the template's row is."""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any
from xml.sax.saxutils import quoteattr

from django.utils.translation import gettext as _
from lxml import etree

from planillas.cells import Cells, Value
from planillas.exports.sheet import Sheet
from planillas.own_files import marks, ods_formulas, ods_tree, shifting, written
from planillas.own_files.grid import letters, number
from planillas.own_files.ods_cells import cell as cell_of
from planillas.own_files.ods_cells import forget, typed
from planillas.own_files.ods_tree import q
from planillas.own_files.package import attributes, broken
from planillas.own_files.recognised import TooManyRows
from planillas.own_files.shifting import Growth

BEGIN, NEXT, END = "planilla-rows", "planilla-next", "planilla-end"

_PLACE = re.compile(r"<\?planilla-cell (\d+)\?>")

Emit = Callable[[int, int, Cells], str]
"""Takes the row in the sheet, the row in the planilla from 0 (-1: none) and its cells; returns the cell's XML."""


class Rows:
    """The rows of a table, made of the template's own, whose cells to fill were replaced by marks of ours."""

    def __init__(self, root: etree._Element, table: Mapping[str, Any], sheet: Sheet) -> None:
        found = [each for each in ods_tree.tables(root) if each.get(q("table:name")) == table["sheet"]]
        if not found:
            raise broken()
        self.table = found[0]
        first, last = int(table["first"]), int(table["last"])
        self.growth = Growth(str(table["sheet"]), first, last, max(0, sheet.count - (last - first + 1)))
        self._check(sheet)
        self._columns = {each.key: each for each in sheet.columns}
        self._emits: list[Emit] = []
        self.models = ods_tree.unroll_rows(self.table, first, last)
        places: Mapping[str, Mapping[str, Any]] = table["columns"]
        end = max((number(each) for each in places), default=1)
        for offset, row in enumerate(self.models):
            end_here = max(
                [end, *(r.first for r in ods_tree.cells(row) if r.element.get(q("table:formula")))]
            )
            for column, cell in ods_tree.unroll_cells(row, end_here).items():
                place = places.get(letters(column))
                if cell.tag != q("table:table-cell"):
                    continue
                if place is not None or cell.get(q("table:formula")) is not None:
                    self._emits.append(self._emit(cell, first + offset, place))
                    mark = etree.ProcessingInstruction("planilla-cell", str(len(self._emits) - 1))
                    cell.addprevious(mark)
                    row.remove(cell)
        self.models[0].addprevious(etree.ProcessingInstruction(BEGIN))
        for row in self.models[1:]:
            row.addprevious(etree.ProcessingInstruction(NEXT))
        self.models[-1].addnext(etree.ProcessingInstruction(END))
        self._give_back()

    def write(
        self, written_out: str, rows: Iterator[Cells], seen: Callable[[int, Cells], None]
    ) -> Iterator[str]:
        """Yield the rows of a planilla, then those of the template that stay empty; `written_out`: the models."""
        models = [_PLACE.split(each) for each in written_out.split(f"<?{NEXT} ?>") if each]
        first = self.growth.first
        room = self.growth.last + self.growth.count + 1 - first
        index = -1
        for index, cells in enumerate(islice(rows, room)):
            seen(index, cells)
            yield self._row(models[min(index, len(models) - 1)], first + index, index, cells)
        for empty in range(index + 1, room):
            yield self._row(models[min(empty, len(models) - 1)], first + empty, -1, {})

    def _row(self, model: list[str], row: int, index: int, cells: Cells) -> str:
        made = [model[0]]
        for which, text in zip(model[1::2], model[2::2], strict=True):
            made.append(self._emits[int(which)](row, index, cells))
            made.append(text)
        return "".join(made)

    def _emit(self, cell: etree._Element, row: int, place: Mapping[str, Any] | None) -> Emit:
        formula = cell.get(q("table:formula"))
        still = etree.tostring(cell, with_tail=False, encoding="unicode") if place is not None else ""
        text = ods_tree.text(cell)
        forget(cell)
        look = "".join(f" {_name(cell, key)}={quoteattr(value)}" for key, value in attributes(cell))
        for paragraph in cell.findall(q("text:p")):
            cell.remove(paragraph)
        inside = "".join(etree.tostring(child, with_tail=False, encoding="unicode") for child in cell)

        if place is None:
            told, growth = str(formula), self.growth

            def calculate(at: int, index: int, cells: Cells) -> str:
                moved = ods_formulas.copied(growth, told, growth.sheet, by=at - row)
                return f"<table:table-cell{look} table:formula={quoteattr(moved)}>{inside}</table:table-cell>"

            return calculate
        if "number" in place:
            start = int(place["number"])

            def count(at: int, index: int, cells: Cells) -> str:
                if index < 0:
                    return still
                return typed(look, inside, "float", f'office:value="{start + index}"', str(start + index))

            return count
        if "text" in place:
            keys: Mapping[str, str] = place["keys"]

            def compose(at: int, index: int, cells: Cells) -> str:
                def value(name: str) -> str:
                    of = self._columns.get(keys.get(name, ""))
                    return written.shown(_given(cells, of.key), of) if of is not None else ""

                said = "" if index < 0 else marks.replaced(text, value)
                return typed(look, inside, "string", "", said)

            return compose
        of = self._columns.get(str(place["key"]))
        return lambda at, index, cells: cell_of(look, inside, _given(cells, of.key) if of else None, of)

    def _check(self, sheet: Sheet) -> None:
        written_to = max(
            (
                run.first + run.count - 1
                for run in ods_tree.rows(self.table)
                if run.count <= ods_tree.MAX_UNROLLED
                and any(len(each.element) for each in ods_tree.cells(run.element))
            ),
            default=0,
        )
        if max(written_to, self.growth.last) + self.growth.count > shifting.MAX_ROWS:
            raise TooManyRows(
                _("Son %d filas, más de las que entran en una hoja de la plantilla. Dividir la planilla.")
                % sheet.count,
                field=None,
            )

    def _give_back(self) -> None:
        """Take the rows that are put in from the emptiness at the sheet's end, which may not grow."""
        run = list(ods_tree.rows(self.table))[-1]
        if run.count > 1 and self.growth.count:
            run.element.set(q("table:number-rows-repeated"), str(max(1, run.count - self.growth.count)))


def _name(element: etree._Element, key: str) -> str:
    name = etree.QName(key)
    prefix = next((each for each, uri in element.nsmap.items() if uri == name.namespace and each), None)
    return f"{prefix}:{name.localname}" if prefix else name.localname


def _given(cells: Cells, key: str) -> Value | None:
    cell = cells.get(key)
    return None if cell is None else cell.value
