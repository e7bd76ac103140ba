"""A planilla put into an ODS: its rows repeated in content.xml, all that refers below them moved along."""

import re
import tempfile
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import IO, Any
from xml.sax.saxutils import escape, quoteattr

from django.utils.translation import gettext as _
from lxml import etree

from planillas.cells import Cells, Value
from planillas.columns import Column, Kind
from planillas.exports.sheet import Sheet
from planillas.own_files import marks, ods_formulas, ods_tree, shifting, text_runs, written
from planillas.own_files.grid import letters, number
from planillas.own_files.ods_tree import NS, SVG, q
from planillas.own_files.package import Package, attributes, broken, without, write
from planillas.own_files.recognised import TooManyRows
from planillas.own_files.shifting import Growth
from planillas.own_files.written import Marked, marked

ROWS_AT_ONCE = 500
SPOOLED_BYTES = 8 * 1024 * 1024
MAX_LINES = shifting.MAX_ROWS - 10

_BEGIN, _NEXT, _END, _SOURCES = "planilla-rows", "planilla-next", "planilla-end", "planilla-sources"
_PLACE = re.compile(r"<\?planilla-cell (\d+)\?>")
_VALUES = ("office:value-type", "office:value", "office:date-value", "office:time-value", "office:boolean-value",
           "office:string-value", "office:currency", "calcext:value-type", "table:formula",
           "table:number-matrix-columns-spanned", "table:number-matrix-rows-spanned")  # fmt: skip
_REFERENCES = (
    "cell-range-address", "target-range-address", "print-ranges", "end-cell-address", "base-cell-address",
    "values-cell-range-address", "label-cell-address", "label-cell-range-address", "notify-on-update-of-ranges",
)  # fmt: skip
_FORMULAS = ("table:formula", "table:condition", "table:expression", "calcext:value")

Emit = Callable[[int, int, Cells], str]
"""Takes the row in the sheet, the row in the planilla from 0 (-1: none) and its cells; returns the cell's XML."""


def fill(package: Package, layout: Mapping[str, Any], sheet: Sheet) -> None:
    """Put a planilla into a spreadsheet."""
    known = marked(layout, sheet)
    root = package.xml("content.xml")
    for prefix in ("office", "table", "text"):
        if root.nsmap.get(prefix) != NS[prefix]:
            raise broken()
    table = layout["table"]
    rows = _Rows(root, table, sheet) if table else None
    _fill_marks(root, package, known, layout, rows.models if rows is not None else [])
    if rows is not None and rows.growth.count:
        _move(root, rows.growth, rows.table)
        _move_charts(package, rows.growth)
    for cell in root.iter(q("table:table-cell")):
        if cell.get(q("table:formula")) is not None:
            _forget(cell, but_formula=True)
    spread = root.find(f"{q('office:body')}/{q('office:spreadsheet')}")
    sources = _Sources(sheet, package, root, table) if sheet.sources else None
    if sources is not None:
        ods_tree.tables(root)[-1].addnext(etree.ProcessingInstruction(_SOURCES))
    if spread is None:
        raise broken()
    text, _pi, after = write(root).partition(f"<?{_SOURCES} ?>".encode())
    before, _pi, rest = text.partition(f"<?{_BEGIN} ?>".encode())
    middle, _pi, between = rest.partition(f"<?{_END} ?>".encode())
    models = [_PLACE.split(each) for each in middle.decode().split(f"<?{_NEXT} ?>") if each] if rows else []

    def see(index: int, cells: Cells) -> None:
        if sources is not None:
            sources.see(index, cells)

    def stream(to: IO[bytes]) -> None:
        to.write(before)
        if rows is not None:
            lines = rows.write(models, sheet.rows(), see)
            while batch := list(islice(lines, ROWS_AT_ONCE)):
                to.write("".join(batch).encode("utf-8", "replace"))
        else:
            for index, cells in enumerate(sheet.rows()):
                see(index, cells)
        to.write(between)
        if sources is not None:
            sources.write(to)
        to.write(after)

    package.streams["content.xml"] = stream


class _Rows:
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
        self.models[0].addprevious(etree.ProcessingInstruction(_BEGIN))
        for row in self.models[1:]:
            row.addprevious(etree.ProcessingInstruction(_NEXT))
        self.models[-1].addnext(etree.ProcessingInstruction(_END))
        self._give_back()

    def write(
        self, models: list[list[str]], rows: Iterator[Cells], seen: Callable[[int, Cells], None]
    ) -> Iterator[str]:
        """Yield the rows of a planilla, then those of the template that stay empty."""
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
        _forget(cell)
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
                return _typed(look, inside, "float", f'office:value="{start + index}"', str(start + index))

            return count
        if "text" in place:
            keys: Mapping[str, str] = place["keys"]

            def compose(at: int, index: int, cells: Cells) -> str:
                def value(name: str) -> str:
                    of = self._columns.get(keys.get(name, ""))
                    return written.shown(_given(cells, of.key), of) if of is not None else ""

                said = "" if index < 0 else marks.replaced(text, value)
                return _typed(look, inside, "string", "", said)

            return compose
        of = self._columns.get(str(place["key"]))
        return lambda at, index, cells: _cell(look, inside, _given(cells, of.key) if of else None, of)

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
        last = [run for run in ods_tree.rows(self.table) if run.count > 1]
        if last and self.growth.count:
            run = last[-1]
            left = max(1, run.count - self.growth.count)
            run.element.set(q("table:number-rows-repeated"), str(left))


class _Sources:
    """The sheet «Fuentes»: its lines are kept aside until the table is written."""

    def __init__(
        self, sheet: Sheet, package: Package, root: etree._Element, table: Mapping[str, Any]
    ) -> None:
        self._sheet = sheet
        self._places = {
            place["key"]: letter
            for letter, place in (table or {}).get("columns", {}).items()
            if "key" in place
        }
        self._first = int((table or {}).get("first", 1))
        names = {each.get(q("table:name"), "").lower() for each in ods_tree.tables(root)}
        self._name, count = str(_(written.NAME)), 2
        while self._name.lower() in names:
            self._name = f"{_(written.NAME)} ({count})"
            count += 1
        self._lines = tempfile.SpooledTemporaryFile(SPOOLED_BYTES)  # noqa: SIM115  # closed with the package
        package.open_files.callback(self._lines.close)
        self._count = 0
        self._left_out = 0

    def see(self, index: int, cells: Cells) -> None:
        """Take over where the cells of a row came from."""
        for told in written.sources(self._sheet, index + 1, cells):
            if self._count >= MAX_LINES:
                self._left_out += 1
                continue
            self._count += 1
            letter = self._places.get(told.column.key, "")
            texts = (
                f"{letter}{self._first + index}" if letter else "",
                str(told.row), told.column.name, told.value, told.state, told.document, told.place, told.quote,
                f"{told.read_at.day}/{told.read_at.month}/{told.read_at.year}" if told.read_at is not None else "",
            )  # fmt: skip
            cell = ""
            if told.url:
                link = f'xmlns:xlink={quoteattr(ods_tree.XLINK)} xlink:type="simple" xlink:href={quoteattr(told.url)}'
                words = f"<text:p><text:a {link}>{escape(_('Abrir'))}</text:a></text:p>"
                cell = f'<table:table-cell office:value-type="string">{words}</table:table-cell>'
            self._lines.write(_line(texts, cell).encode("utf-8", "replace"))

    def write(self, to: IO[bytes]) -> None:
        """Write the sheet."""
        heads = (
            _("Celda"), _("Fila"), _("Columna"), _("Valor"), _("Estado"), _("Documento"), _("Lugar"), _("Cita"),
            _("Leído"), _("Dirección"),
        )  # fmt: skip
        columns = '<table:table-column table:number-columns-repeated="10"/>'
        to.write(f"<table:table table:name={quoteattr(self._name)}>{columns}".encode())
        to.write(_line(heads, "").encode())
        self._lines.seek(0)
        while data := self._lines.read(1 << 20):
            to.write(data)
        if self._left_out:
            words = _("Hay %d fuentes más, que no entran en esta hoja.") % self._left_out
            to.write(_line((words,), "").encode())
        to.write(b"</table:table>")


def _cell(look: str, inside: str, value: Value | None, column: Column | None) -> str:
    if value is None or column is None:
        return f"<table:table-cell{look}>{inside}</table:table-cell>"
    said = written.shown(value, column)
    if written.is_amount(value, column):
        return _typed(look, inside, "float", f'office:value="{value!r}"', said)
    if column.kind == Kind.DATE and (day := written.day(value)) is not None:
        return _typed(look, inside, "date", f'office:date-value="{day.isoformat()}"', said)
    if column.kind == Kind.TIME and (minutes := written.minutes(value)) is not None:
        return _typed(
            look, inside, "time", f'office:time-value="PT{minutes // 60:02d}H{minutes % 60:02d}M00S"', said
        )
    return _typed(look, inside, "string", "", said)


def _typed(look: str, inside: str, kind: str, value: str, said: str) -> str:
    return f'<table:table-cell{look} office:value-type="{kind}" {value}>{_paragraphs(said)}{inside}</table:table-cell>'


def _paragraphs(text: str) -> str:
    """Return a text as paragraphs, its spaces kept."""
    lines = []
    for line in text.split("\n"):
        told = escape(line).replace("\t", "<text:tab/>")
        told = re.sub(" {2,}|^ | $", lambda found: f'<text:s text:c="{len(found[0])}"/>', told)
        lines.append(f"<text:p>{told}</text:p>")
    return "".join(lines)


def _line(texts: tuple[str, ...], rest: str) -> str:
    cells = "".join(_typed("", "", "string", "", text) if text else "<table:table-cell/>" for text in texts)
    return f"<table:table-row>{cells}{rest}</table:table-row>"


def _fill_marks(
    root: etree._Element,
    package: Package,
    known: Marked,
    layout: Mapping[str, Any],
    models: list[etree._Element],
) -> None:
    rows = set(models)
    named = {(each["sheet"], each["cell"]): each["name"] for each in layout["named"]}
    for table in ods_tree.tables(root):
        name = table.get(q("table:name"), "")
        for at in [cell for sheet, cell in named if sheet == name]:
            column, row = re.fullmatch(r"([A-Z]+)(\d+)", at).groups()  # type: ignore[union-attr]
            element = ods_tree.unroll_rows(table, int(row), int(row))[0]
            cell = ods_tree.unroll_cells(element, number(column))[number(column)]
            mark = named[(name, at)]
            if not ods_tree.text(cell) and mark in known.values and element not in rows:
                _replace(cell, known, mark)
        for row in table.iter(q("table:table-row")):
            if row in rows:
                continue
            for cell in row.iterfind(q("table:table-cell")):
                if cell.get(q("table:formula")) is not None:
                    continue
                only = marks.only_mark(ods_tree.text(cell))
                if only in known.values:
                    _replace(cell, known, only)
                else:
                    for paragraph in cell.iter(q("text:p")):
                        text_runs.replace(_strings(paragraph), known.text, keep_space=False)
    for paragraph in root.iterfind(f".//{q('table:shapes')}//{q('text:p')}"):
        text_runs.replace(_strings(paragraph), known.text, keep_space=False)
    if b"{" in package.parts.get("styles.xml", b""):
        styles = package.xml("styles.xml")
        changed = [
            text_runs.replace(_strings(each), known.text, keep_space=False)
            for each in styles.iterfind(f"{q('office:master-styles')}//{q('text:p')}")
        ]
        if any(changed):
            package.put("styles.xml", styles)


def _replace(cell: etree._Element, known: Marked, name: str) -> None:
    value, column = known.values[name]
    _forget(cell)
    for child in cell.findall(q("text:p")):
        cell.remove(child)
    names = " ".join(f"xmlns:{prefix}={quoteattr(uri)}" for prefix, uri in NS.items())
    made = etree.fromstring(f"<x {names}>{_cell('', '', value, column)}</x>")[0]
    for key, told in made.attrib.items():
        cell.set(key, told)
    for position, child in enumerate(list(made)):
        cell.insert(position, child)


class _String:
    """A text or a tail of an element, so that both can be read and replaced alike."""

    __slots__ = ("_element", "_name")

    def __init__(self, element: etree._Element, name: str) -> None:
        self._element = element
        self._name = name

    @property
    def text(self) -> str:
        """Return it."""
        return getattr(self._element, self._name) or ""

    @text.setter
    def text(self, text: str) -> None:
        setattr(self._element, self._name, text)


def _strings(paragraph: etree._Element) -> list[Any]:
    found: list[Any] = [_String(paragraph, "text")]
    for child in paragraph.iterdescendants():
        if isinstance(child.tag, str):
            found.append(_String(child, "text"))
        found.append(_String(child, "tail"))
    return found


def _move(root: etree._Element, growth: Growth, table: etree._Element) -> None:
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        for name in _FORMULAS:
            text = element.get(q(name))
            if text is not None:
                owner = next(element.iterancestors(q("table:table")), None)
                sheet = owner.get(q("table:name"), "") if owner is not None else ""
                if sheet == "" and (base := element.get(q("table:base-cell-address"))):
                    sheet = base.lstrip("$").rpartition(".")[0].strip("'")
                element.set(q(name), ods_formulas.formula(growth, text, sheet))
        _move_addresses(element, growth)


def _move_addresses(element: etree._Element, growth: Growth) -> bool:
    changed = False
    for key, value in attributes(element):
        local = etree.QName(key).localname
        if local in _REFERENCES and "." in value:
            told = ods_formulas.addresses(
                growth, value, grows=local not in ("end-cell-address", "base-cell-address")
            )
            changed |= told != value
            element.set(key, told)
    return changed


def _move_charts(package: Package, growth: Growth) -> None:
    for name in list(package.parts):
        if name.startswith("Object ") and name.endswith("/content.xml"):
            root = package.xml(name)
            moved = [_move_addresses(each, growth) for each in root.iter() if isinstance(each.tag, str)]
            for told in root.iter(f"{{{SVG}}}desc"):
                told.text = ods_formulas.addresses(growth, told.text or "")
            if any(moved):
                package.put(name, root)


def _forget(cell: etree._Element, *, but_formula: bool = False) -> None:
    for name in _VALUES:
        if not (but_formula and name.startswith("table:")):
            without(cell, q(name))
    if but_formula:
        for paragraph in cell.findall(q("text:p")):
            cell.remove(paragraph)


def _name(element: etree._Element, key: str) -> str:
    name = etree.QName(key)
    prefix = next((each for each, uri in element.nsmap.items() if uri == name.namespace and each), None)
    return f"{prefix}:{name.localname}" if prefix else name.localname


def _given(cells: Cells, key: str) -> Value | None:
    cell = cells.get(key)
    return None if cell is None else cell.value
