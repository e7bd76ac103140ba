"""What a document asks for, as a plan: the table to fill, the marks and the content controls."""

from django.utils.translation import gettext as _
from lxml import etree

from planillas.own_files import docx_tree, finding, marks
from planillas.own_files.docx_tree import w
from planillas.own_files.finding import Table
from planillas.own_files.grid import Grid
from planillas.own_files.layouts import Plan
from planillas.own_files.package import Package

MAX_TABLES = 200


def plan(package: Package) -> Plan:
    """Return what a cleaned document asks for."""
    main, *others = docx_tree.parts(package)
    root = package.xml(main)
    made = Plan("docx")
    chosen = _choose(made, root)
    repeated: list[etree._Element] = []
    if chosen is not None:
        index, element, grid, table = chosen
        made.where = _("tabla %d del documento") % (index + 1)
        made.titles = _titles(root, element)
        made.add_table(grid, table, {"index": index})
        for told in made.headers:
            told["at"] = _("columna %s") % told["at"].rstrip("0123456789")
        repeated = docx_tree.rows(element)[table.first - 1 : table.last]
    _add_marks(made, root, _("texto"), repeated, has_table=chosen is not None)
    for part in others:
        _add_marks(made, package.xml(part), _("encabezado o pie de página"), [], has_table=chosen is not None)
    return made


def _choose(plan: Plan, root: etree._Element) -> tuple[int, etree._Element, Grid, Table] | None:
    found = []
    for index, element in enumerate(root.iter(w("tbl"))):
        if index >= MAX_TABLES:
            break
        grid = docx_tree.grid(element)
        table = finding.find(grid)
        if table is not None and _is_for_rows(grid, table):
            found.append((index, element, grid, table))
    if len(found) > 1:
        plan.told.append(
            _("El documento tiene %d tablas con encabezados: se completa una, las demás quedan como están.")
            % len(found)
        )
    return max(found, key=lambda each: each[3].score) if found else None


def _is_for_rows(grid: Grid, table: Table) -> bool:
    """Say whether a table repeats rows: forms are tables too, with labels where rows would be."""
    if table.is_marked or table.last > grid.last_row:
        return table.is_marked  # below the last row there is none to repeat
    written = [c for (row, c), square in grid.squares.items() if row == table.bottom and square.text]
    drawn = [c for row, c in grid.squares if row == table.bottom]
    return len(written) == len(drawn) == len(table.headers)


def _titles(root: etree._Element, table: etree._Element) -> list[str]:
    said = []
    for paragraph in root.iter(w("p")):
        if any(each is table for each in paragraph.iterancestors(w("tbl"))):
            break
        said.append("".join(each.text or "" for each in docx_tree.texts(paragraph)))
    return said[-8:][::-1]


def _add_marks(
    plan: Plan, root: etree._Element, where: str, repeated: list[etree._Element], *, has_table: bool
) -> None:
    rows = set(repeated)
    for paragraph in root.iter(w("p")):
        if rows and any(each in rows for each in paragraph.iterancestors(w("tr"))):
            continue
        text = "".join(each.text or "" for each in docx_tree.texts(paragraph))
        if "{" in text:
            plan.texts.append(text)
        for name in marks.names(text):
            plan.add_mark(name, where, has_table=has_table)
    for control in root.iter(w("sdt")):
        if rows and any(each in rows for each in control.iterancestors(w("tr"))):
            continue
        if name := docx_tree.control_name(control):
            plan.add_mark(name, _("control de contenido"), has_table=has_table)
