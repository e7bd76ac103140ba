"""An XLSX as what it is made of: its sheets, strings, names and formats. Shared by reading and filling."""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from planillas.own_files.grid import address, number
from planillas.own_files.package import Package, broken, within

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELS = "http://schemas.openxmlformats.org/package/2006/relationships"
TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
BOOK_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"

_REF = re.compile(r"\$?([A-Za-z]{1,3})\$?([0-9]{1,7})")
_FORMATS = {
    **dict.fromkeys((14, 15, 16, 17, 22), "d"), **dict.fromkeys((18, 19, 20, 21, 45, 46, 47), "h"),
    1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 49: "@",
    **dict.fromkeys((5, 6, 7, 8, 42, 44), "$0.00"),
}  # fmt: skip


def q(name: str) -> str:
    """Return an element's name in the main namespace."""
    return f"{{{MAIN}}}{name}"


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A sheet of the workbook."""

    name: str
    part: str
    is_hidden: bool
    index: int


class Book:
    """The parts of a workbook that say what its cells hold."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.part = main_part(package)
        self.root = package.xml(self.part)
        if self.root.tag != q("workbook"):
            raise broken()
        self.rels = relations(package, self.part)
        self.sheets = list(self._sheets())
        self.strings = self._strings()
        self.formats = self._formats()
        self._trees: dict[str, etree._Element] = {}

    def tree(self, part: str) -> etree._Element:
        """Return a part as a tree that several share; it is only read."""
        if part not in self._trees:
            self._trees[part] = addressed(self.package.xml(part))
        return self._trees[part]

    @property
    def starts_1904(self) -> bool:
        """Say whether days are counted from 1904."""
        told = self.root.find(q("workbookPr"))
        return told is not None and told.get("date1904") in ("1", "true")

    def text(self, cell: etree._Element) -> str:
        """Return what a cell shows, a number as it is stored."""
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            inside = cell.find(q("is"))
            return "" if inside is None else said(inside)
        value = cell.findtext(q("v")) or ""
        if kind == "s":
            string = self.string(cell)
            return "" if string is None else said(string)
        return value

    def string(self, cell: etree._Element) -> etree._Element | None:
        """Return the shared string of a cell."""
        value = cell.findtext(q("v")) or ""
        return self.strings[int(value)] if value.isdecimal() and int(value) < len(self.strings) else None

    def format_of(self, cell: etree._Element) -> str:
        """Return the number format of a cell."""
        return self.format(cell.get("s", "0"))

    def format(self, style: str) -> str:
        """Return the number format of a style."""
        return self.formats[int(style)] if style.isdecimal() and int(style) < len(self.formats) else ""

    @property
    def styles_part(self) -> str | None:
        """Return the name of the part with the styles."""
        return next((target for kind, target in self.rels.values() if kind.endswith("/styles")), None)

    def _sheets(self) -> Iterator[SheetPart]:
        for index, each in enumerate(self.root.iterfind(f"{q('sheets')}/{q('sheet')}")):
            kind, target = self.rels.get(each.get(f"{{{REL}}}id", ""), ("", ""))
            if kind.endswith("/worksheet"):
                if target not in self.package.parts:
                    raise broken()
                yield SheetPart(
                    each.get("name", ""), target, each.get("state", "visible") != "visible", index
                )

    def _strings(self) -> list[etree._Element]:
        part = next((target for kind, target in self.rels.values() if kind.endswith("/sharedStrings")), None)
        return list(self.package.xml(part).iterfind(q("si"))) if part in self.package.parts else []

    def _formats(self) -> list[str]:
        part = self.styles_part
        if part is None or part not in self.package.parts:
            return []
        root = self.package.xml(part)
        own = {
            each.get("numFmtId", ""): each.get("formatCode", "")
            for each in root.iterfind(f"{q('numFmts')}/{q('numFmt')}")
        }
        return [
            own.get(number, "") or _FORMATS.get(int(number) if number.isdecimal() else 0, "")
            for each in root.iterfind(f"{q('cellXfs')}/{q('xf')}")
            for number in [each.get("numFmtId", "0")]
        ]


def addressed(root: etree._Element) -> etree._Element:
    """Return a sheet each of whose rows and cells says where it is: the first need not."""
    row_number = 0
    for row in root.iterfind(f"{q('sheetData')}/{q('row')}"):
        row_number = int(row.get("r", row_number + 1))
        if row.get("r") is None:
            row.set("r", str(row_number))
        column = 0
        for cell in row.iterfind(q("c")):
            at = split(cell.get("r", ""))
            column = at[1] if at is not None else column + 1
            if at is None:
                cell.set("r", address(row_number, column))
    return root


def split(reference: str) -> tuple[int, int] | None:
    """Return a cell's row and column."""
    found = _REF.fullmatch(reference)
    return (int(found[2]), number(found[1])) if found else None


def said(element: etree._Element) -> str:
    """Return the text of a string, without what is written above it to be pronounced."""
    return "".join(each.text or "" for each in element.iter(q("t")) if not within(each, q("rPh")))


def main_part(package: Package) -> str:
    """Return the name of the part that an office file opens with."""
    for kind, target in relations(package, "").values():
        if kind.endswith("/officeDocument"):
            if target not in package.parts:
                raise broken()
            return target
    raise broken()


def rels_name(part: str) -> str:
    """Return where the relations of a part stand."""
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{name}.rels")


def relations(package: Package, part: str) -> dict[str, tuple[str, str]]:
    """Return the relations of a part that lead to other parts: {id: (type, name of the part)}."""
    name = rels_name(part)
    if name not in package.parts:
        return {}
    found: dict[str, tuple[str, str]] = {}
    for each in package.xml(name).iterfind(f"{{{RELS}}}Relationship"):
        if each.get("TargetMode", "Internal").lower() != "external":
            found[each.get("Id", "")] = (each.get("Type", ""), target_of(part, each.get("Target", "")))
    return found


def target_of(part: str, target: str) -> str:
    """Return the name of the part that a relation's target means."""
    target = target.split("#")[0]
    if target.startswith("/"):
        return target.lstrip("/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(part), target))
