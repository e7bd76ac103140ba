"""Tables of OpenDocument files as rows of cells.

A cell merged over columns gives its text to the first of them; one merged over rows gives it to every row. Counts of
repetition are believed only as far as a table is read: a few bytes may claim a million columns.
"""

from collections.abc import Callable, Iterator

from lxml import etree

from documents.parsers.base import MAX_TABLE_COLUMNS
from documents.parsers.odf import TABLE

MAX_ROWS = 20_000  # of one table
MAX_REPEATED_ROWS = 200  # of a row that is not empty
CellText = Callable[[etree._Element], str]

_ROW_GROUPS = frozenset(f"{TABLE}{name}" for name in ("table-header-rows", "table-rows", "table-row-group"))


def rows(table: etree._Element, text_of: CellText) -> Iterator[list[str]]:
    """Yield the cells of each visible row."""
    spans: dict[int, tuple[int, str]] = {}  # column: rows still to fill, text
    count = 0
    for row in rows_of(table):
        texts = _row(row, spans, text_of)
        times = min(_number(row, "number-rows-repeated"), MAX_REPEATED_ROWS) if any(texts) else 1
        for _ in range(times):
            count += 1
            if count > MAX_ROWS:
                return
            yield list(texts)


def rows_of(table: etree._Element) -> Iterator[etree._Element]:
    """Yield the visible rows of a table."""
    for child in table:
        if child.tag == f"{TABLE}table-row":
            if child.get(f"{TABLE}visibility", "visible") == "visible":
                yield child
        elif child.tag in _ROW_GROUPS and child.get(f"{TABLE}display", "true") != "false":
            yield from rows_of(child)


def cells_of(row: etree._Element) -> Iterator[etree._Element]:
    """Yield the cells of a row that hold text of their own."""
    yield from row.iterchildren(f"{TABLE}table-cell")


def marked_header_rows(table: etree._Element) -> int:
    """Return how many rows are marked as the header."""
    return sum(len(list(rows_of(found))) for found in table.iterchildren(f"{TABLE}table-header-rows"))


def is_frame(table: etree._Element) -> bool:
    """Say whether a table has one column, which makes it a frame around text."""
    for row in rows_of(table):
        cells = list(cells_of(row))
        if len(cells) > 1 or any(_number(cell, "number-columns-repeated") > 1 for cell in cells):
            return False
    return True


def is_small(table: etree._Element) -> bool:
    """Say whether a table has a single row or column, so that its words read well on one line."""
    return len(list(rows_of(table))) < 2 or is_frame(table)


def _row(row: etree._Element, spans: dict[int, tuple[int, str]], text_of: CellText) -> list[str]:
    texts: list[str] = []
    for cell in row.iterchildren(f"{TABLE}table-cell", f"{TABLE}covered-table-cell"):
        is_covered = cell.tag == f"{TABLE}covered-table-cell"
        text = "" if is_covered else text_of(cell)
        for _ in range(min(_number(cell, "number-columns-repeated"), MAX_TABLE_COLUMNS)):
            if len(texts) >= MAX_TABLE_COLUMNS:
                return texts
            column = len(texts)
            left, above = spans.pop(column, (0, ""))
            if is_covered:
                texts.append(above)
                if left > 1:
                    spans[column] = left - 1, above
            else:
                texts.append(text)
                over = _number(cell, "number-rows-spanned")
                if over > 1 and text:
                    spans[column] = over - 1, text
    return texts


def _number(element: etree._Element, name: str) -> int:
    text = str(element.get(f"{TABLE}{name}", "1"))
    return max(1, int(text)) if text.isdigit() and len(text) < 10 else 1
