"""A planilla put into an ODS: its rows repeated in content.xml, all that refers below them moved along."""

import re
from collections.abc import Mapping
from itertools import islice
from typing import IO, Any
from xml.sax.saxutils import quoteattr

from lxml import etree

from planillas.cells import Cells
from planillas.exports.sheet import Sheet
from planillas.own_files import marks, ods_moving, ods_tree, text_runs
from planillas.own_files.grid import number
from planillas.own_files.ods_cells import cell as cell_of
from planillas.own_files.ods_cells import forget
from planillas.own_files.ods_rows import BEGIN, END, Rows
from planillas.own_files.ods_sources import Sources
from planillas.own_files.ods_tree import NS, q
from planillas.own_files.package import Package, broken, write
from planillas.own_files.written import Marked, marked

ROWS_AT_ONCE = 500
_SOURCES = "planilla-sources"


def fill(package: Package, layout: Mapping[str, Any], sheet: Sheet) -> None:
    """Put a planilla into a spreadsheet."""
    known = marked(layout, sheet)
    root = package.xml("content.xml")
    for prefix in ("office", "table", "text"):
        if root.nsmap.get(prefix) != NS[prefix]:
            raise broken()
    table = layout["table"]
    rows = Rows(root, table, sheet) if table else None
    _fill_marks(root, package, known, layout, rows.models if rows is not None else [])
    if rows is not None and rows.growth.count:
        ods_moving.move(root, rows.growth)
        ods_moving.move_charts(package, rows.growth)
    for cell in root.iter(q("table:table-cell")):
        if cell.get(q("table:formula")) is not None:
            forget(cell, but_formula=True)
    spread = root.find(f"{q('office:body')}/{q('office:spreadsheet')}")
    sources = Sources(sheet, package, root, table) if sheet.sources else None
    if sources is not None:
        ods_tree.tables(root)[-1].addnext(etree.ProcessingInstruction(_SOURCES))
    if spread is None:
        raise broken()
    text, _pi, after = write(root).partition(f"<?{_SOURCES} ?>".encode())
    before, _pi, rest = text.partition(f"<?{BEGIN} ?>".encode())
    middle, _pi, between = rest.partition(f"<?{END} ?>".encode())

    def see(index: int, cells: Cells) -> None:
        if sources is not None:
            sources.see(index, cells)

    def stream(to: IO[bytes]) -> None:
        to.write(before)
        if rows is not None:
            lines = rows.write(middle.decode(), sheet.rows(), see)
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
            column, row = re.fullmatch(r"([A-Z]+)(\d+)", at).groups()  # type: ignore[union-attr]  # as we wrote it
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
    forget(cell)
    for child in cell.findall(q("text:p")):
        cell.remove(child)
    names = " ".join(f"xmlns:{prefix}={quoteattr(uri)}" for prefix, uri in NS.items())
    made = etree.fromstring(f"<x {names}>{cell_of('', '', value, column)}</x>")[0]
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
