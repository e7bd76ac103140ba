"""A planilla put into a workbook by surgery on its parts: what is not touched stays byte for byte as it was."""

from collections.abc import Mapping
from functools import partial
from itertools import islice
from typing import IO, Any

from django.utils.translation import gettext as _
from lxml import etree

from planillas.cells import Cells
from planillas.exports.sheet import Sheet
from planillas.own_files import marks, ooxml_cleaning, shifting, text_runs, xlsx_growth, xlsx_layout
from planillas.own_files.package import Package, broken, within, write
from planillas.own_files.recognised import TooManyRows
from planillas.own_files.shifting import Growth
from planillas.own_files.written import Marked, marked
from planillas.own_files.xlsx_book import MAIN, Book, addressed, main_part, q, relations, split
from planillas.own_files.xlsx_reading import header_texts
from planillas.own_files.xlsx_rows import Formats, Rows
from planillas.own_files.xlsx_sources import Sources
from planillas.own_files.xlsx_styles import Styles

MAX_HEADER_CHARS = 255  # Excel takes a longer one for damage
ROWS_AT_ONCE = 500
_ROWS = "planilla-rows"


def fill(package: Package, layout: Mapping[str, Any], sheet: Sheet) -> None:
    """Put a planilla into a workbook."""
    book = Book(package)
    styles = Styles(book)
    known = marked(layout, sheet)
    formats = Formats(book, styles)
    table = layout["table"]
    target = table.get("part", "") if table else ""
    if table and target not in {each.part for each in book.sheets}:
        raise broken()
    for each in book.sheets:
        if each.part != target:
            _fill_marks(book, formats, each.part, known, layout)
    _fill_shapes(package, known)
    sources: Sources | None = None
    if sheet.sources:
        places = {
            place["key"]: letter for letter, place in table.get("columns", {}).items() if "key" in place
        }
        sources = Sources(book, styles, sheet, places, table.get("first", 1) if table else 1)
    if table:
        _fill_table(book, formats, table, sheet, known, layout, sources)
    elif sources is not None:
        for index, cells in enumerate(sheet.rows()):
            sources.see(index, cells)
    if sources is not None:
        sources.attach(book)
    _recalculate(book)
    if not table:
        styles.save()


def _fill_table(
    book: Book,
    formats: Formats,
    table: Mapping[str, Any],
    sheet: Sheet,
    known: Marked,
    layout: Mapping[str, Any],
    sources: Sources | None,
) -> None:
    package, part = book.package, str(table["part"])
    first, last = int(table["first"]), int(table["last"])
    growth = Growth(str(table["sheet"]), first, last, max(0, sheet.count - (last - first + 1)))
    root = addressed(package.xml(part))
    xlsx_growth.spread_shared(root)
    data = root.find(q("sheetData"))
    if data is None or not 1 <= first <= last:
        raise broken()
    below = max((int(row.get("r", "0")) for row in data.iterfind(q("row"))), default=0)
    if max(below, last) + growth.count > shifting.MAX_ROWS:
        raise TooManyRows(
            _("Son %d filas, más de las que entran en una hoja de la plantilla. Dividir la planilla.")
            % sheet.count,
            field=None,
        )
    taken = {}
    index = 0
    for position, row in enumerate(list(data.iterfind(q("row")))):
        number = int(row.get("r", "0"))
        if number < first:
            index = position + 1
        elif number <= last:
            taken[number] = row
            data.remove(row)
    _mark_cells(book, formats, root, known, layout, part)
    xlsx_growth.forget_values(root)
    if growth.count:
        xlsx_growth.move_sheet(growth, root)
        xlsx_growth.move_others(growth, book, part)
    xlsx_growth.forget_dependents(book, growth.sheet)
    data.insert(index, etree.ProcessingInstruction(_ROWS))
    prefix = f"{root.prefix}:" if root.prefix else ""
    columns = {each.key: each for each in sheet.columns}
    made = Rows(formats, root, taken, table, columns, growth, prefix)
    before, _pi, after = write(root).partition(f"<?{_ROWS} ?>".encode())

    def see(index: int, cells: Cells) -> None:
        if sources is not None:
            sources.see(index, cells)

    def stream(to: IO[bytes]) -> None:
        to.write(before)
        lines = made.write(sheet.rows(), see)
        while batch := list(islice(lines, ROWS_AT_ONCE)):
            to.write("".join(batch).encode("utf-8", "replace"))
        to.write(after)

    package.streams[part] = stream
    formats.styles.save()


def _fill_marks(book: Book, formats: Formats, part: str, known: Marked, layout: Mapping[str, Any]) -> None:
    root = addressed(book.package.xml(part))
    if _mark_cells(book, formats, root, known, layout, part):
        book.package.put(part, root)


def _mark_cells(
    book: Book, formats: Formats, root: etree._Element, known: Marked, layout: Mapping[str, Any], part: str
) -> bool:
    """Put values in the place of a sheet's marks and into its named cells; say whether there were any."""
    named = {each["cell"]: each["name"] for each in layout["named"] if each["part"] == part}
    changed = False
    for cell in list(root.iterfind(f"{q('sheetData')}/{q('row')}/{q('c')}")):
        if cell.find(q("f")) is not None:
            continue
        text = book.text(cell) if cell.get("t") in ("s", "inlineStr", "str") else ""
        name = marks.only_mark(text) or (named.pop(cell.get("r", ""), "") if not text else "")
        if name in known.values:
            _put(formats, cell, known, name)
            changed = True
        elif marks.MARK.search(text):
            changed |= _compose(book, cell, known)
    for at, name in named.items():  # cells that are not even drawn
        made = _cell_at(root, at) if name in known.values else None
        if made is not None:
            _put(formats, made, known, name)
            changed = True
    for element in header_texts(root):
        if element.text and marks.MARK.search(element.text):
            room = MAX_HEADER_CHARS - len(marks.MARK.sub("", element.text))
            element.text = marks.replaced(element.text, partial(_in_header, known, room))
            changed = True
    return changed


def _put(formats: Formats, cell: etree._Element, known: Marked, name: str) -> None:
    value, column = known.values[name]
    told = formats.cell(cell.get("r", ""), cell.get("s", "0"), value, column, "")
    made = etree.fromstring(f'<x xmlns="{MAIN}">{told}</x>')[0]
    for child in list(cell):
        cell.remove(child)
    cell.attrib.clear()
    cell.attrib.update(made.attrib)
    for child in list(made):
        cell.append(child)


def _compose(book: Book, cell: etree._Element, known: Marked) -> bool:
    """Replace marks within words, whose runs keep their formats."""
    kind = cell.get("t")
    source = book.string(cell) if kind == "s" else cell.find(q("is"))
    if source is None:
        return False
    inside = etree.fromstring(etree.tostring(source, with_tail=False))
    inside.tag = q("is")
    texts = [each for each in inside.iter(q("t")) if not within(each, q("rPh"))]
    if not text_runs.replace(texts, known.text):
        return False
    for child in list(cell):
        cell.remove(child)
    cell.set("t", "inlineStr")
    cell.append(inside)
    return True


def _cell_at(root: etree._Element, at: str) -> etree._Element | None:
    """Return a new cell of a sheet, in its place."""
    where = split(at)
    data = root.find(q("sheetData"))
    if where is None or data is None:
        return None
    row = next((each for each in data.iterfind(q("row")) if int(each.get("r", "0")) >= where[0]), None)
    if row is None or int(row.get("r", "0")) > where[0]:
        made = data.makeelement(q("row"), {"r": str(where[0])})
        if row is None:
            data.append(made)
        else:
            row.addprevious(made)
        row = made
    cell = row.makeelement(q("c"), {"r": at})
    after = next(
        (each for each in row.iterfind(q("c")) if (split(each.get("r", "")) or (0, 0))[1] > where[1]), None
    )
    if after is None:
        row.append(cell)
    else:
        after.addprevious(cell)
    return cell


def _fill_shapes(package: Package, known: Marked) -> None:
    for name in xlsx_layout.shapes(package):
        root = package.xml(name)
        replaced = [
            text_runs.replace(each, known.text, keep_space=False) for each in xlsx_layout.paragraphs(root)
        ]
        if any(replaced):
            package.put(name, root)


def _recalculate(book: Book) -> None:
    """Have everything calculated anew when the workbook is opened."""
    package = book.package
    for kind, target in relations(package, main_part(package)).values():
        if kind.endswith("/calcChain"):
            ooxml_cleaning.drop_part(package, target)
            ooxml_cleaning.unlink(package, book.part, target)
    told = book.root.find(q("calcPr"))
    if told is None:
        told = etree.Element(q("calcPr"))
        after = ("sheets", "functionGroups", "externalReferences", "definedNames")
        last = [each for each in book.root if etree.QName(each).localname in after]
        last[-1].addnext(told)
    told.set("fullCalcOnLoad", "1")
    package.put(book.part, book.root)


def _in_header(known: Marked, room: int, name: str) -> str:
    text = known.text(name)
    told = text.replace("&", "&&")
    return told if len(told) <= room else text.replace("&", " ")[: max(0, room)]
