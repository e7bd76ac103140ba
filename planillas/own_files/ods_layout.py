"""What an ODS asks for, as a plan: its sheets as grids, with their formats, lists and names."""

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _
from lxml import etree

from planillas.columns import Kind
from planillas.own_files import marks, ods_formulas, ods_tree, xlsx_layout
from planillas.own_files.grid import Area, Grid, Rule, Square, address, number
from planillas.own_files.layouts import Plan
from planillas.own_files.ods_tree import MAX_UNROLLED, NS, q
from planillas.own_files.package import Package, words
from planillas.own_files.xlsx_book import SheetPart

MAX_COLUMNS = 256
MAX_SQUARES = 400_000

_KINDS = {
    "date-style": Kind.DATE,
    "time-style": Kind.TIME,
    "currency-style": Kind.MONEY,
    "percentage-style": Kind.NUMBER,
}
_ADDRESS = re.compile(
    r"\$?((?:'(?:[^']|'')*'|[^.'$:]+))?\.\$?([A-Z]{1,3})\$?(\d+)(?::\$?(?:[^.]*)\.\$?([A-Z]{1,3})\$?(\d+))?"
)
_LIST = re.compile(r"cell-content-is-in-list\((.*)\)\s*$", re.DOTALL)
_TYPES = {"date": Kind.DATE, "time": Kind.TIME, "whole-number": Kind.INTEGER, "decimal-number": Kind.NUMBER}
_VALUES = ("float", "percentage", "currency")


def plan(package: Package) -> Plan:
    """Return what a cleaned spreadsheet asks for."""
    root = package.xml("content.xml")
    styles = _Styles(package, root)
    tables = ods_tree.tables(root)
    named = dict(_named(root))
    read: list[tuple[Grid, SheetPart]] = []
    for index, table in enumerate(tables):
        name = table.get(q("table:name"), "")
        grid = _grid(table, styles)
        grid.names = {at: each for each, (sheet, at) in named.items() if sheet == name}
        read.append((grid, SheetPart(name, "content.xml", grid.is_hidden, index)))
    for grid, _sheet in read:
        grid.rules = list(_rules(root, tables, grid, [each for each, _part in read]))
    made = Plan("ods")
    chosen = xlsx_layout.choose(made, read)
    if chosen is not None:
        made.add_table(chosen[0], chosen[1], {"sheet": chosen[2].name})
    for grid, _sheet in read:
        if grid.is_hidden:
            continue
        own = chosen[1] if chosen is not None and chosen[0] is grid else None
        made.named += [
            {"name": name, "part": "content.xml", "sheet": grid.name, "cell": address(*at)}
            for name, at in xlsx_layout.add_cells(made, grid, own, has_table=chosen is not None)
        ]
    for paragraph in header_paragraphs(package):
        for name in marks.names(words(paragraph)):
            made.add_mark(name, _("encabezado o pie de página"), has_table=chosen is not None)
    return made


def header_paragraphs(package: Package) -> Iterator[etree._Element]:
    """Yield what is printed above and below each page."""
    if b"{" in package.parts.get("styles.xml", b""):
        yield from package.xml("styles.xml").iterfind(f"{q('office:master-styles')}//{q('text:p')}")


class _Styles:
    def __init__(self, package: Package, root: etree._Element) -> None:
        self._by_name: dict[str, etree._Element] = {}
        self._kinds: dict[str, Kind] = {}
        roots = [root, package.xml("styles.xml")] if "styles.xml" in package.parts else [root]
        for each in roots:
            for style in each.iter(q("style:style")):
                self._by_name.setdefault(style.get(q("style:name"), ""), style)
            for style in each.iter():
                if isinstance(style.tag, str) and style.tag.startswith(f"{{{NS['number']}}}"):
                    local = etree.QName(style).localname
                    if local in _KINDS:
                        self._kinds[style.get(q("style:name"), "")] = _KINDS[local]
                    elif local == "number-style":
                        digits = style.find(q("number:number"))
                        places = digits.get(q("number:decimal-places"), "") if digits is not None else ""
                        if places:
                            self._kinds[style.get(q("style:name"), "")] = (
                                Kind.INTEGER if places == "0" else Kind.NUMBER
                            )

    def kind(self, name: str) -> Kind | None:
        style = self._by_name.get(name)
        return None if style is None else self._kinds.get(style.get(q("style:data-style-name"), ""))

    def is_ruled(self, name: str) -> bool:
        properties = self._find(name, "style:table-cell-properties")
        if properties is None:
            return False
        return any(
            value not in ("none", "transparent", "")
            for key, value in properties.attrib.items()
            if etree.QName(key).localname.startswith(("border", "background-color"))
        )

    def is_bold(self, name: str) -> bool:
        properties = self._find(name, "style:text-properties")
        return properties is not None and properties.get(q("fo:font-weight")) == "bold"

    def is_shown(self, name: str) -> bool:
        properties = self._find(name, "style:table-properties")
        return properties is None or properties.get(q("table:display"), "true") != "false"

    def _find(self, name: str, tag: str) -> etree._Element | None:
        style = self._by_name.get(name)
        return None if style is None else style.find(q(tag))


def _grid(table: etree._Element, styles: _Styles) -> Grid:
    grid = Grid(
        table.get(q("table:name"), ""), is_hidden=not styles.is_shown(table.get(q("table:style-name"), ""))
    )
    usual = ods_tree.column_styles(table, MAX_COLUMNS)
    for run in ods_tree.rows(table):
        if run.count > MAX_UNROLLED:
            continue  # nothing but the emptiness below
        for cell in ods_tree.cells(run.element):
            if cell.element.tag == q("table:covered-table-cell"):
                continue
            square = _square(cell.element, styles, usual.get(cell.first, ""))
            if cell.first > MAX_COLUMNS or (
                not square.text and not square.formula and cell.count > MAX_UNROLLED
            ):
                break
            wide = int(cell.element.get(q("table:number-columns-spanned"), "1"))
            tall = int(cell.element.get(q("table:number-rows-spanned"), "1"))
            for row in range(run.first, run.first + run.count):
                for column in range(cell.first, min(cell.first + cell.count, MAX_COLUMNS + 1)):
                    if square.text or square.formula or square.look:
                        grid.squares[(row, column)] = square
                    if wide > 1 or tall > 1:
                        grid.merges.append(Area(row, column, row + tall - 1, column + wide - 1))
            if len(grid.squares) > MAX_SQUARES:
                return grid
    return grid


def _square(cell: etree._Element, styles: _Styles, usual: str) -> Square:
    style = cell.get(q("table:style-name"), usual)
    formula = cell.get(q("table:formula"), "")
    kind = cell.get(q("office:value-type"), "")
    return Square(
        text=ods_tree.text(cell),
        formula=ods_formulas.ranges(formula) if formula else "",
        is_number=kind in _VALUES,
        kind=styles.kind(style),
        look="" if style in ("", "Default") else style,
        is_ruled=styles.is_ruled(style),
        is_bold=styles.is_bold(style),
    )


def _named(root: etree._Element) -> Iterator[tuple[str, tuple[str, tuple[int, int]]]]:
    for each in root.iter(q("table:named-range")):
        found = _ADDRESS.fullmatch(each.get(q("table:cell-range-address"), ""))
        if (
            found is not None
            and found[1]
            and (found[4] is None or (found[4], found[5]) == (found[2], found[3]))
        ):
            yield each.get(q("table:name"), ""), (_unquoted(found[1]), (int(found[3]), number(found[2])))


def _rules(
    root: etree._Element, tables: list[etree._Element], grid: Grid, grids: list[Grid]
) -> Iterator[Rule]:
    told = {
        each.get(q("table:name"), ""): each.get(q("table:condition"), "")
        for each in root.iter(q("table:content-validation"))
    }
    table = next((each for each in tables if each.get(q("table:name"), "") == grid.name), None)
    if not told or table is None:
        return
    for run in ods_tree.rows(table):
        for cell in ods_tree.cells(run.element):
            condition = told.get(cell.element.get(q("table:content-validation-name"), ""), "")
            if not condition:
                continue
            area = Area(run.first, cell.first, run.first + run.count - 1, cell.first + cell.count - 1)
            listed = _LIST.search(condition)
            if listed is not None:
                yield Rule(area, Kind.CHOICE, _choices(listed[1], grid, grids))
            else:
                kind = next((kind for word, kind in _TYPES.items() if f"is-{word}" in condition), None)
                if kind is not None:
                    yield Rule(area, kind)


def _choices(told: str, grid: Grid, grids: list[Grid]) -> tuple[str, ...]:
    if told.lstrip().startswith('"'):
        return tuple(dict.fromkeys(each.replace('""', '"') for each in re.findall(r'"((?:[^"]|"")*)"', told)))
    found = _ADDRESS.fullmatch(told.strip().strip("[]"))
    if found is None:
        return ()
    name = _unquoted(found[1]) if found[1] else grid.name
    source = next((each for each in grids if each.name == name), None)
    if source is None:
        return ()
    area = Area(int(found[3]), number(found[2]), int(found[5] or found[3]), number(found[4] or found[2]))
    listed = [
        square.text.strip()
        for at, square in sorted(source.squares.items())
        if area.holds(*at) and square.text.strip()
    ]
    return tuple(dict.fromkeys(listed))[:500]


def _unquoted(name: str) -> str:
    return name[1:-1].replace("''", "'") if name.startswith("'") else name
