"""Tables of a DOCX as rows of cells.

A cell merged over columns gives its text to the first of them; one merged over rows gives it to every row, so
that each row can be read and quoted by itself.
"""

from collections.abc import Callable, Iterable, Iterator

from lxml import etree

from documents.parsers import tidy
from documents.parsers.base import MAX_TABLE_COLUMNS
from documents.parsers.docx_numbers import W
from documents.parsers.docx_styles import is_on
from documents.parsers.docx_text import WRAPPERS

MAX_SPAN = 64
MAX_ROW_CELLS = 4 * MAX_TABLE_COLUMNS
CellText = Callable[[etree._Element], str]


def rows(table: etree._Element, text_of: CellText) -> Iterator[list[str]]:
    """Yield the cells of each row that was not deleted."""
    above: dict[int, str] = {}
    for row in rows_of(table):
        texts: list[str] = [""] * _number(row.find(f"{W}trPr"), "gridBefore", 0)
        for cell in cells_of(row):
            properties = cell.find(f"{W}tcPr")
            text = text_of(cell)
            if _continues(properties, "vMerge"):
                text = text or above.get(len(texts), "")
            above[len(texts)] = text
            texts += [text, *[""] * (_number(properties, "gridSpan", 1) - 1)]
            if len(texts) >= MAX_ROW_CELLS:
                break
        yield texts


def rows_of(table: etree._Element) -> Iterator[etree._Element]:
    """Yield the rows of a table that were not deleted."""
    for child in table:
        if child.tag == f"{W}tr":
            properties = child.find(f"{W}trPr")
            if properties is None or properties.find(f"{W}del") is None:
                yield child
        elif child.tag in WRAPPERS:
            yield from rows_of(child)


def cells_of(row: etree._Element) -> Iterable[etree._Element]:
    """Yield the cells of a row that were not deleted."""
    for child in row:
        if child.tag == f"{W}tc":
            properties = child.find(f"{W}tcPr")
            if properties is None or properties.find(f"{W}cellDel") is None:
                yield child
        elif child.tag in WRAPPERS:
            yield from cells_of(child)


def is_frame(table: etree._Element) -> bool:
    """Say whether a table has one column, which makes it a frame around text."""
    return all(len(list(cells_of(row))) <= 1 for row in rows_of(table))


def marked_header_rows(table: etree._Element) -> int:
    """Return how many of the first rows repeat on every page."""
    count = 0
    for row in rows_of(table):
        if not is_on(row.find(f"{W}trPr"), "tblHeader"):
            break
        count += 1
    return count


def flat(table: etree._Element, text_of: CellText) -> str:
    """Return a small table on one line."""
    return tidy.line(" ".join(cell for row in rows(table, text_of) for cell in row))


def is_small(table: etree._Element) -> bool:
    """Say whether a table has a single row or column, so that its words read well on one line."""
    found = list(rows_of(table))
    return len(found) < 2 or is_frame(table)


def _continues(properties: etree._Element | None, name: str) -> bool:
    merge = None if properties is None else properties.find(f"{W}{name}")
    return merge is not None and merge.get(f"{W}val") != "restart"


def _number(properties: etree._Element | None, name: str, default: int) -> int:
    found = None if properties is None else properties.find(f"{W}{name}")
    text = "" if found is None else str(found.get(f"{W}val", ""))
    return min(int(text), MAX_SPAN) if text.isdigit() and len(text) < 6 else default
