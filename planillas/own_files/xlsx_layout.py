"""What a workbook asks for, as a plan: the sheet to fill, its table, the marks and the named cells."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from lxml import etree

from planillas.own_files import finding, marks
from planillas.own_files.finding import Table
from planillas.own_files.grid import Grid, address
from planillas.own_files.layouts import Plan
from planillas.own_files.package import Package
from planillas.own_files.xlsx_book import Book, SheetPart, q
from planillas.own_files.xlsx_reading import grids, header_texts

_DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/main}"


def plan(package: Package) -> Plan:
    """Return what a cleaned workbook asks for."""
    book = Book(package)
    read = list(grids(book))
    made = Plan("xlsx")
    chosen = choose(made, [(grid, sheet) for sheet, grid in read])
    if chosen is not None:
        grid, table, sheet = chosen
        made.add_table(grid, table, {"sheet": sheet.name, "part": sheet.part})
    for sheet, grid in read:
        if not sheet.is_hidden:
            _add_marks(
                made, book, sheet, grid, chosen[1] if chosen and chosen[2] == sheet else None, bool(chosen)
            )
    if any(name.startswith("xl/pivotTables/") for name in package.parts):
        made.told.append(_("Las tablas dinámicas se actualizan al abrir el archivo."))
    for text in _shape_texts(package):
        for mark in marks.names(text):
            made.add_mark(mark, _("cuadro de texto"), has_table=bool(chosen))
        made.texts.append(text)
    return made


def choose(plan: Plan, grids: list[tuple[Grid, SheetPart]]) -> tuple[Grid, Table, SheetPart] | None:
    """Return the table to fill of those that the visible sheets have; tell of the others."""
    found = [
        (grid, table, sheet)
        for grid, sheet in grids
        if not grid.is_hidden and (table := finding.find(grid)) is not None
    ]
    for grid, _sheet in grids:
        plan.texts += [square.text for square in grid.squares.values() if "{" in square.text]
    if not found:
        return None
    best = max(found, key=lambda each: each[1].score)
    grid, table, _sheet = best
    plan.where = _("hoja «%s»") % grid.name
    plan.titles = [
        *(square.text for (row, _c), square in sorted(grid.squares.items()) if row < table.top),
        grid.name,
    ]
    others = [each[0].name for each in found if each[0] is not grid]
    if others:
        plan.told.append(
            _("Se completa la hoja «%(sheet)s». También tienen encabezados y quedan como están: %(others)s.")
            % {"sheet": grid.name, "others": ", ".join(f"«{name}»" for name in others)}
        )
    hidden = [grid.name for grid, _sheet in grids if grid.is_hidden]
    if hidden:
        plan.told.append(_("Las hojas ocultas se conservan: %s.") % ", ".join(f"«{name}»" for name in hidden))
    return best


def add_cells(
    plan: Plan, grid: Grid, table: Table | None, *, has_table: bool
) -> Iterator[tuple[str, tuple[int, int]]]:
    """Take over the marks of a sheet outside its table; yield the named cells that are empty."""
    prefix = "" if table is not None else _("hoja «%s», ") % grid.name
    for (row, column), square in sorted(grid.squares.items()):
        if square.formula or (table is not None and table.first <= row <= table.last):
            continue
        for name in marks.names(square.text):
            plan.add_mark(name, prefix + address(row, column), has_table=has_table)
    for at, name in sorted(grid.names.items()):
        if table is not None and table.first <= at[0] <= table.last:
            continue
        if not grid.at(*at).text.strip() and not grid.at(*at).formula:
            plan.add_mark(name, prefix + address(*at), has_table=has_table)
            yield name, at


def shapes(package: Package) -> list[str]:
    """Return the names of the drawings that may have marks in them."""
    return [
        name
        for name, data in package.parts.items()
        if name.startswith("xl/drawings/drawing") and name.endswith(".xml") and b"{" in data
    ]


def paragraphs(root: etree._Element) -> Iterator[list[etree._Element]]:
    """Yield the texts of each paragraph of a drawing."""
    for paragraph in root.iter(f"{_DRAWING}p"):
        yield list(paragraph.iter(f"{_DRAWING}t"))


def _shape_texts(package: Package) -> Iterator[str]:
    for name in shapes(package):
        for texts in paragraphs(package.xml(name)):
            yield "".join(each.text or "" for each in texts)


def _add_marks(
    plan: Plan, book: Book, sheet: SheetPart, grid: Grid, table: Table | None, has_table: bool
) -> None:
    plan.named += [
        {"name": name, "part": sheet.part, "sheet": sheet.name, "cell": address(*at)}
        for name, at in add_cells(plan, grid, table, has_table=has_table)
    ]
    root = book.tree(sheet.part)
    for each in header_texts(root):
        for name in marks.names(each.text or ""):
            plan.add_mark(name, _("encabezado o pie de página"), has_table=has_table)
    if table is not None and root.find(q("sheetProtection")) is not None:
        plan.told.append(_("La hoja está protegida: sigue protegida después de completarla."))
