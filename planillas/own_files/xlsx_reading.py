"""What an XLSX asks for: its sheets as grids, and the marks and named cells outside the table."""

import re
from collections.abc import Iterator

from lxml import etree

from planillas.columns import Kind
from planillas.own_files.grid import Area, Grid, Rule, Square, number
from planillas.own_files.package import words
from planillas.own_files.xlsx_book import Book, SheetPart, q, split

MAX_SQUARES = 400_000
MAX_LISTED = 500

_X14 = "http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"
_XM = "http://schemas.microsoft.com/office/excel/2006/main"
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.')
_TARGET = re.compile(
    r"(?:(?:'((?:[^']|'')+)'|([^'!]+))!)?\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?"
)


def grids(book: Book) -> Iterator[tuple[SheetPart, Grid]]:
    """Yield each sheet of a workbook as a grid."""
    names = named_cells(book)
    looks = _Looks(book)
    for sheet in book.sheets:
        root = book.tree(sheet.part)
        grid = Grid(sheet.name, is_hidden=sheet.is_hidden)
        for cell in root.iterfind(f"{q('sheetData')}/{q('row')}/{q('c')}"):
            at = split(cell.get("r", ""))
            if at is not None:
                grid.squares[at] = _square(book, looks, cell)
                if len(grid.squares) > MAX_SQUARES:
                    break
        for merge in root.iterfind(f"{q('mergeCells')}/{q('mergeCell')}"):
            grid.merges.extend(areas(merge.get("ref", "")))
        grid.rules = list(_rules(book, sheet, root))
        grid.names = {at: name for name, (where, at) in names.items() if where == sheet.name}
        yield sheet, grid


def named_cells(book: Book) -> dict[str, tuple[str, tuple[int, int]]]:
    """Return the names of single cells: {name: (sheet, (row, column))}."""
    found: dict[str, tuple[str, tuple[int, int]]] = {}
    for each in book.root.iterfind(f"{q('definedNames')}/{q('definedName')}"):
        name = each.get("name", "")
        target = _TARGET.fullmatch((each.text or "").strip())
        if name.startswith("_xlnm") or target is None or each.get("hidden") == "1":
            continue
        sheet = (target[1] or target[2] or "").replace("''", "'")
        if sheet and (target[5] is None or (target[5], target[6]) == (target[3], target[4])):
            found[name] = (sheet, (int(target[4]), number(target[3])))
    return found


def header_texts(root: etree._Element) -> Iterator[etree._Element]:
    """Yield what is printed above and below each page of a sheet."""
    for each in root.iterfind(f"{q('headerFooter')}/*"):
        if isinstance(each.tag, str):
            yield each


def areas(references: str) -> list[Area]:
    """Return the areas that a list of references names."""
    found = []
    for each in references.replace("$", "").split():
        first, _colon, last = each.partition(":")
        a, b = split(first), split(last or first)
        if a is not None and b is not None:
            found.append(Area(a[0], a[1], b[0], b[1]))
    return found


def kind_of_format(code: str) -> Kind | None:
    """Return what a number format is for; None where it does not say."""
    if re.search(r"\[\$[^\]-]", code) or "€" in code or "$" in re.sub(r"\[[^\]]*\]", "", code):
        return Kind.MONEY
    first = _QUOTED.sub("", code.split(";")[0]).lower()
    if first in ("", "general", "@", "standard"):
        return None
    if "d" in first or "y" in first or ("m" in first and "h" not in first and "s" not in first):
        return Kind.DATE
    if "h" in first or "s" in first:
        return Kind.TIME
    if "0" in first or "#" in first:
        return Kind.NUMBER if "." in first or "%" in first else Kind.INTEGER
    return None


class _Looks:
    """Which styles are drawn to be written in: with borders or a colour."""

    def __init__(self, book: Book) -> None:
        part = book.styles_part
        self._ruled: list[bool] = []
        self._bold: list[bool] = []
        if part is None or part not in book.package.parts:
            return
        root = book.package.xml(part)
        borders = [
            any(side.get("style", "none") != "none" for side in each if isinstance(side.tag, str))
            for each in root.iterfind(f"{q('borders')}/{q('border')}")
        ]
        bold = [
            (b := each.find(q("b"))) is not None and b.get("val", "1") not in ("0", "false")
            for each in root.iterfind(f"{q('fonts')}/{q('font')}")
        ]
        for xf in root.iterfind(f"{q('cellXfs')}/{q('xf')}"):
            border, fill, font = (int(xf.get(name, "0")) for name in ("borderId", "fillId", "fontId"))
            self._ruled.append((border < len(borders) and borders[border]) or fill > 1)
            self._bold.append(font < len(bold) and bold[font])

    def ruled(self, style: str) -> bool:
        """Say whether a style has borders or a colour."""
        return style.isdecimal() and int(style) < len(self._ruled) and self._ruled[int(style)]

    def bold(self, style: str) -> bool:
        """Say whether a style is bold."""
        return style.isdecimal() and int(style) < len(self._bold) and self._bold[int(style)]


def _square(book: Book, looks: _Looks, cell: etree._Element) -> Square:
    style = cell.get("s", "0")
    formula = cell.find(q("f"))
    text = book.text(cell)
    code = book.format_of(cell)
    kind = kind_of_format(code)
    return Square(
        text=text,
        # A shared formula is written once; the others only say that they share it.
        formula=(formula.text or "?") if formula is not None else "",
        is_number=cell.get("t", "n") == "n" and bool(text),
        kind=kind,
        look="" if style == "0" else style,
        is_ruled=looks.ruled(style),
        is_bold=looks.bold(style),
    )


def _rules(book: Book, sheet: SheetPart, root: etree._Element) -> Iterator[Rule]:
    for each in root.iter(q("dataValidation"), f"{{{_X14}}}dataValidation"):
        is_new = each.tag.startswith(f"{{{_X14}}}")
        reference = each.findtext(f"{{{_XM}}}sqref") if is_new else each.get("sqref")
        formula = each.find(f"{{{_X14}}}formula1" if is_new else q("formula1"))
        said_there = words(formula).strip() if formula is not None else ""
        kind = {
            "list": Kind.CHOICE, "date": Kind.DATE, "time": Kind.TIME, "whole": Kind.INTEGER, "decimal": Kind.NUMBER,
        }.get(each.get("type", ""))  # fmt: skip
        if kind is None:
            continue
        choices = _choices(book, sheet, said_there) if kind == Kind.CHOICE else ()
        for area in areas(reference or ""):
            yield Rule(area, kind, choices)


def _choices(book: Book, sheet: SheetPart, formula: str, depth: int = 0) -> tuple[str, ...]:
    if formula.startswith('"') and formula.endswith('"'):
        return tuple(dict.fromkeys(each.strip() for each in formula[1:-1].split(",") if each.strip()))
    target = _TARGET.fullmatch(formula)
    if target is None:
        named = next(
            (
                (each.text or "").strip()
                for each in book.root.iterfind(f"{q('definedNames')}/{q('definedName')}")
                if each.get("name", "").lower() == formula.lower()
            ),
            "",
        )
        return _choices(book, sheet, named, depth + 1) if named and depth < 3 else ()
    name = (target[1] or target[2] or sheet.name).replace("''", "'")
    part = next((each.part for each in book.sheets if each.name == name), None)
    if part is None:
        return ()
    where = areas(formula.rpartition("!")[2])[0]
    found = []
    for cell in book.tree(part).iterfind(f"{q('sheetData')}/{q('row')}/{q('c')}"):
        at = split(cell.get("r", ""))
        if at is not None and where.holds(*at) and (text := book.text(cell).strip()):
            found.append(text)
    return tuple(dict.fromkeys(found[:MAX_LISTED]))
