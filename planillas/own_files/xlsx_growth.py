"""A workbook after rows were put into one of its sheets: all that refers to what moved, and nothing else."""

import re

from lxml import etree
from openpyxl.formula.translate import Translator

from planillas.own_files import shifting
from planillas.own_files.grid import address
from planillas.own_files.package import drop, within, without
from planillas.own_files.shifting import Growth
from planillas.own_files.xlsx_book import Book, q, relations, split

_DRAWN = "{http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing}"
_CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
_XM = "{http://schemas.microsoft.com/office/excel/2006/main}"
_GROW = ("conditionalFormatting", "dataValidation", "ignoredError", "protectedRange")
_RANGES = ("dimension", "autoFilter", "sortState", "sortCondition")
_VML_ROW = re.compile(rb"(<x:Row>)\s*(\d+)\s*(</x:Row>)")
_VML_ANCHOR = re.compile(rb"(<x:Anchor>)([\d,\s-]+)(</x:Anchor>)")


def spread_shared(root: etree._Element) -> None:
    """Write out formulas that several cells share, so that each can move by itself."""
    masters: dict[str, tuple[str, str]] = {}
    cells = list(root.iterfind(f"{q('sheetData')}/{q('row')}/{q('c')}"))
    for cell in cells:
        formula = cell.find(q("f"))
        if formula is not None and formula.get("t") == "shared" and formula.text:
            masters[formula.get("si", "")] = (formula.text, cell.get("r", ""))
    for cell in cells:
        formula = cell.find(q("f"))
        if formula is None or formula.get("t") != "shared":
            continue
        text, origin = masters.get(formula.get("si", ""), ("", ""))
        if not formula.text and text:
            formula.text = Translator("=" + text, origin=origin).translate_formula(cell.get("r"))[1:]
        without(formula, "t", "ref", "si")


def forget_values(root: etree._Element) -> bool:
    """Take away what formulas came to when the template was saved; say whether there were any."""
    found = False
    for cell in root.iterfind(f"{q('sheetData')}/{q('row')}/{q('c')}"):
        if cell.find(q("f")) is not None:
            found = True
            value = cell.find(q("v"))
            if value is not None:
                cell.remove(value)
            without(cell, "t")
    return found


def forget_dependents(book: Book, sheet: str) -> None:
    """Take away what formulas of other sheets came to, where they read a sheet, or one that reads it."""
    said = {each.name: book.package.parts[each.part].decode("utf-8", "replace") for each in book.sheets}
    names = {
        each.get("name", ""): each.text or ""
        for each in book.root.iterfind(f"{q('definedNames')}/{q('definedName')}")
    }
    changed = {sheet}
    while True:
        # A sheet's own name may stand in it for other reasons: then its values are calculated anew for nothing.
        more = {
            name
            for name, text in (said | names).items()
            if name not in changed and any(shifting.mentions(_plain(text), each) for each in changed)
        }
        if not more:
            break
        changed |= more
    for each in book.sheets:
        if each.name in changed and each.name != sheet and "<f" in said[each.name].replace(":f", "<f"):
            root = book.package.xml(each.part)
            if forget_values(root):
                book.package.put(each.part, root)


def move_sheet(growth: Growth, root: etree._Element) -> None:
    """Move what stands below the table in its own sheet; the table's rows were taken out before."""
    for row in root.iterfind(f"{q('sheetData')}/{q('row')}"):
        at = growth.row(int(row.get("r", "0")))
        row.set("r", str(at))
        for cell in row.iterfind(q("c")):
            where = split(cell.get("r", ""))
            if where is not None:
                cell.set("r", address(at, where[1]))
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        local = etree.QName(element).localname
        if local in _GROW and element.get("sqref"):
            element.set("sqref", shifting.references(growth, element.get("sqref", "")))
        elif local in _RANGES and element.get("ref"):
            element.set("ref", shifting.references(growth, element.get("ref", "")))
        elif local == "hyperlink" and element.get("ref"):
            element.set("ref", shifting.placed(growth, element.get("ref", "")))
        elif local == "brk" and within(element, q("rowBreaks")):
            element.set("id", str(growth.end(int(element.get("id", "0")))))
        elif element.tag == f"{_DRAWN}row":
            _move_zero_based(growth, element)
        elif element.tag == f"{_XM}sqref":
            element.text = shifting.references(growth, element.text or "")
        elif _is_formula(element) and element.text:
            if element.tag == q("f") and element.get("ref"):
                element.set("ref", shifting.placed(growth, element.get("ref", "")))
            element.text = shifting.formula(growth, element.text, growth.sheet)
    _move_merges(growth, root)


def move_others(growth: Growth, book: Book, part: str) -> None:
    """Move what refers to the table's sheet from elsewhere: names, sheets, charts, drawings, tables, comments."""
    package = book.package
    changed = False
    for name in book.root.iterfind(f"{q('definedNames')}/{q('definedName')}"):
        text = name.text or ""
        told = shifting.formula(growth, text, "", single_grows=True)
        changed |= told != text
        name.text = told
    if changed:
        package.put(book.part, book.root)
    for sheet in book.sheets:
        if sheet.part != part:
            _move_formulas(growth, book, sheet.part, sheet.name)
    for other in list(package.parts):
        if other.startswith(("xl/charts/", "xl/chartsheets/")) and other.endswith(".xml"):
            _move_chart(growth, book, other)
        elif other.startswith("xl/pivotCache/pivotCacheDefinition"):
            _move_pivot(growth, book, other)
    for kind, target in relations(package, part).values():
        if target not in package.parts:
            continue
        if kind.endswith("/drawing"):
            _move_drawing(growth, book, target)
        elif kind.endswith("/table"):
            root = package.xml(target)
            for element in (root, *root.iter(q("autoFilter"), q("sortState"), q("sortCondition"))):
                element.set("ref", shifting.references(growth, element.get("ref", "")))
            package.put(target, root)
        elif kind.endswith(("/comments", "/threadedComment")):
            root = package.xml(target)
            for element in root.iter():
                if isinstance(element.tag, str) and element.get("ref"):
                    element.set("ref", shifting.placed(growth, element.get("ref", "")))
            package.put(target, root)
        elif kind.endswith("/vmlDrawing"):
            package.parts[target] = _moved_vml(growth, package.parts[target])


def _plain(data: str) -> str:
    return data.replace("&apos;", "'").replace("&amp;", "&")


def _is_formula(element: etree._Element) -> bool:
    return etree.QName(element).localname in ("f", "formula", "formula1", "formula2") and not len(element)


def _move_formulas(growth: Growth, book: Book, part: str, sheet: str) -> None:
    data = book.package.parts[part].decode("utf-8", "replace")
    if not shifting.mentions(_plain(data), growth.sheet):
        return
    root = book.package.xml(part)
    spread_shared(root)
    changed = False
    for element in root.iter():
        if isinstance(element.tag, str) and _is_formula(element) and element.text:
            told = shifting.formula(growth, element.text, sheet)
            changed |= told != element.text
            element.text = told
    if changed:
        book.package.put(part, root)


def _move_chart(growth: Growth, book: Book, part: str) -> None:
    root = book.package.xml(part)
    changed = False
    for element in list(root.iter(f"{_CHART}f")):
        text = element.text or ""
        told = shifting.formula(growth, text, "", single_grows=True)
        if told != text:
            element.text = told
            changed = True
            for kept in list(element.itersiblings()):
                if etree.QName(kept).localname in ("numCache", "strCache", "multiLvlStrCache"):
                    drop(kept)
    if changed:
        book.package.put(part, root)


def _move_pivot(growth: Growth, book: Book, part: str) -> None:
    root = book.package.xml(part)
    source = root.find(f"{q('cacheSource')}/{q('worksheetSource')}")
    if source is not None and source.get("sheet") == growth.sheet and source.get("ref"):
        source.set("ref", shifting.references(growth, source.get("ref", "")))
        root.set("refreshOnLoad", "1")
        book.package.put(part, root)


def _move_drawing(growth: Growth, book: Book, part: str) -> None:
    root = book.package.xml(part)
    moved = [_move_zero_based(growth, row) for row in root.iter(f"{_DRAWN}row")]
    if any(moved):
        book.package.put(part, root)


def _move_zero_based(growth: Growth, element: etree._Element) -> bool:
    row = int(element.text or "0")
    moved = growth.row(row + 1) - 1
    element.text = str(moved)
    return moved != row


def _moved_vml(growth: Growth, data: bytes) -> bytes:
    def row(found: re.Match[bytes]) -> bytes:
        return found[1] + str(growth.row(int(found[2]) + 1) - 1).encode() + found[3]

    def anchor(found: re.Match[bytes]) -> bytes:
        numbers = [int(each) for each in found[2].split(b",")]
        for index in (2, 6):
            if index < len(numbers):
                numbers[index] = growth.row(numbers[index] + 1) - 1
        return found[1] + b", ".join(str(each).encode() for each in numbers) + found[3]

    return _VML_ANCHOR.sub(anchor, _VML_ROW.sub(row, data))


def _move_merges(growth: Growth, root: etree._Element) -> None:
    merges = root.find(q("mergeCells"))
    if merges is None:
        return
    for each in list(merges):
        reference = each.get("ref", "")
        first, _colon, last = reference.partition(":")
        a, b = split(first), split(last or first)
        if a is None or b is None:
            continue
        if a[0] == b[0] == growth.last:  # of the repeated row: each copy has its own
            for row in range(growth.last + 1, growth.last + growth.count + 1):
                merges.append(
                    merges.makeelement(q("mergeCell"), {"ref": f"{address(row, a[1])}:{address(row, b[1])}"})
                )
        elif growth.first <= a[0] and b[0] == growth.last:
            each.set("ref", shifting.references(growth, reference))
        else:
            each.set("ref", shifting.placed(growth, reference))
    merges.set("count", str(len(merges)))
