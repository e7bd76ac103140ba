"""An ODS's sheets: their rows and cells as they are counted, though they are written once and repeated."""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

NS = {
    "office": "urn:oasis:names:tc:opendocument:xmlns:office:1.0",
    "table": "urn:oasis:names:tc:opendocument:xmlns:table:1.0",
    "text": "urn:oasis:names:tc:opendocument:xmlns:text:1.0",
    "style": "urn:oasis:names:tc:opendocument:xmlns:style:1.0",
    "number": "urn:oasis:names:tc:opendocument:xmlns:datastyle:1.0",
    "fo": "urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0",
    "calcext": "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
    "chart": "urn:oasis:names:tc:opendocument:xmlns:chart:1.0",
}
XLINK = "http://www.w3.org/1999/xlink"
SVG = "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"
SCRIPT = "urn:oasis:names:tc:opendocument:xmlns:script:1.0"
MANIFEST = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
MAX_UNROLLED = 2_000  # of empty cells or rows that are written once

_ROW_HOLDERS = ("table-header-rows", "table-rows", "table-row-group")


def q(name: str) -> str:
    """Return an element's whole name: q("table:table")."""
    prefix, _colon, local = name.partition(":")
    return f"{{{NS[prefix]}}}{local}"


@dataclass(frozen=True, slots=True)
class Run:
    """An element that stands for `count` rows or columns, from `first`."""

    element: etree._Element
    first: int
    count: int


def tables(root: etree._Element) -> list[etree._Element]:
    """Return the sheets of a spreadsheet."""
    return list(root.iterfind(f"{q('office:body')}/{q('office:spreadsheet')}/{q('table:table')}"))


def rows(table: etree._Element) -> Iterator[Run]:
    """Yield the rows of a sheet."""
    first = 1
    for element in _rows(table):
        count = max(1, int(element.get(q("table:number-rows-repeated"), "1")))
        yield Run(element, first, count)
        first += count


def cells(row: etree._Element) -> Iterator[Run]:
    """Yield the cells of a row."""
    first = 1
    for element in row:
        if element.tag in (q("table:table-cell"), q("table:covered-table-cell")):
            count = max(1, int(element.get(q("table:number-columns-repeated"), "1")))
            yield Run(element, first, count)
            first += count


def text(cell: etree._Element) -> str:
    """Return what a cell shows."""
    return "\n".join("".join(_said(paragraph)) for paragraph in cell.iterfind(q("text:p")))


def unroll_rows(table: etree._Element, first: int, last: int) -> list[etree._Element]:
    """Return the rows `first` to `last`, each as an element of its own, made where there was none."""
    for run in list(rows(table)):
        end = run.first + run.count - 1
        if run.count > 1 and run.first <= last and end >= first:
            _split(run, first, last, q("table:number-rows-repeated"))
    found = [run.element for run in rows(table) if first <= run.first <= last]
    end = max((run.first + run.count - 1 for run in rows(table)), default=0)
    while len(found) < last - first + 1:
        made = etree.Element(q("table:table-row"))
        end += 1
        after = [run.element for run in rows(table)]
        if after:
            after[-1].addnext(made)
        else:
            table.append(made)
        if end >= first:
            found.append(made)
    return found


def unroll_cells(row: etree._Element, last: int) -> dict[int, etree._Element]:
    """Return a row's cells up to a column, each as an element of its own, made where there was none."""
    for run in list(cells(row)):
        if run.count > 1 and run.first <= last:
            _split(run, run.first, last, q("table:number-columns-repeated"))
    found = {run.first: run.element for run in cells(row) if run.first <= last}
    for column in range(1, last + 1):
        if column not in found:
            found[column] = etree.SubElement(row, q("table:table-cell"))
    return found


def column_styles(table: etree._Element, last: int) -> dict[int, str]:
    """Return the style that each column's cells have where they have none of their own."""
    found: dict[int, str] = {}
    column = 1
    for element in table.iter(q("table:table-column")):
        count = max(1, int(element.get(q("table:number-columns-repeated"), "1")))
        style = element.get(q("table:default-cell-style-name"))
        if style:
            found |= dict.fromkeys(range(column, min(column + count, last + 1)), style)
        column += count
        if column > last:
            break
    return found


def _rows(parent: etree._Element) -> Iterator[etree._Element]:
    for child in parent:
        if child.tag == q("table:table-row"):
            yield child
        elif isinstance(child.tag, str) and etree.QName(child).localname in _ROW_HOLDERS:
            yield from _rows(child)


def _split(run: Run, first: int, last: int, repeated: str) -> None:
    """Cut a repeated element: what is before `first` and after `last` stays together."""
    end = run.first + run.count - 1
    pieces = []
    if run.first < first:
        pieces.append(first - run.first)
    pieces += [1] * (min(end, last) - max(run.first, first) + 1)
    if end > last:
        pieces.append(end - last)
    del run.element.attrib[repeated]
    tail = run.element.tail
    run.element.tail = None
    source = etree.tostring(run.element, with_tail=False)
    at = run.element
    for number, count in enumerate(pieces):
        piece = run.element if number == 0 else etree.fromstring(source)
        if count > 1:
            piece.set(repeated, str(count))
        if number:
            at.addnext(piece)
            at = piece
    at.tail = tail


def _said(paragraph: etree._Element) -> Iterator[str]:
    yield paragraph.text or ""
    for child in paragraph:
        if isinstance(child.tag, str):
            local = etree.QName(child).localname
            if local == "s":
                yield " " * int(child.get(q("text:c"), "1"))
            elif local == "tab":
                yield "\t"
            elif local == "line-break":
                yield "\n"
            elif local not in ("annotation", "note"):
                yield from _said(child)
        yield child.tail or ""
