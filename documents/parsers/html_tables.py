"""Tables of HTML as rows of cells, whatever they span."""

from collections.abc import Callable

from lxml import html

from documents.parsers import grid, tidy
from documents.parsers.base import MAX_TABLE_COLUMNS

MAX_SPAN_COLUMNS = 50
MAX_SPAN_ROWS = 500
MAX_HEADER_ROWS = 3


def is_data(table: html.HtmlElement) -> bool:
    """Say whether a table holds data; pages laid out by tables nest them, have a single column, or say so."""
    if table.get("role") in ("presentation", "none") or table.find(".//table") is not None:
        return False
    rows = table.findall(".//tr")
    return bool(rows) and max(len(row.xpath("td|th")) for row in rows) > 1


def rows(
    table: html.HtmlElement, *, is_dropped: Callable[[html.HtmlElement], bool]
) -> tuple[list[list[str]], int]:
    """Return the rows of a table and how many of them are its header.

    A cell over several rows stands in each of them, so that every row can be read alone; a cell over several
    columns stands in its first, and the others are empty.
    """
    found: list[list[str]] = []
    header_rows = 0
    above: dict[int, tuple[str, int]] = {}  # by column: the text that hangs down, and for how many rows more
    for row in table.iter("tr"):
        cells = [cell for cell in row.xpath("td|th") if not is_dropped(cell)]
        texts, is_empty = _fill(cells, above)
        if is_empty:
            continue
        if len(found) == header_rows and cells and _is_header(row, cells):
            header_rows += 1
        found.append(texts)
    if not header_rows and found:
        header_rows = grid.header_length([tuple(row) for row in found])
    return found, min(header_rows, MAX_HEADER_ROWS)


def _fill(cells: list[html.HtmlElement], above: dict[int, tuple[str, int]]) -> tuple[list[str], bool]:
    """Return the texts of one row with what hangs into it from above, and whether its own cells are empty.

    Notes in `above` what hangs on.
    """
    texts: list[str] = []
    is_empty = True
    for cell in cells:
        _hang(texts, above)
        if len(texts) >= MAX_TABLE_COLUMNS:
            break
        text = tidy.line(" ".join(cell.itertext()))
        is_empty = is_empty and not text
        down = _span(cell, "rowspan", MAX_SPAN_ROWS) - 1
        for part in (text, *[""] * (_span(cell, "colspan", MAX_SPAN_COLUMNS) - 1)):
            if down:
                above[len(texts)] = (part, down)
            texts.append(part)
    while above and max(above) >= len(texts):
        _hang(texts, above)
        if above and max(above) >= len(texts):
            texts.append("")
    return texts, is_empty


def _hang(texts: list[str], above: dict[int, tuple[str, int]]) -> None:
    while (hanging := above.pop(len(texts), None)) is not None:
        text, left = hanging
        if left > 1:
            above[len(texts)] = (text, left - 1)
        texts.append(text)


def _is_header(row: html.HtmlElement, cells: list[html.HtmlElement]) -> bool:
    parent = row.getparent()
    return all(cell.tag == "th" for cell in cells) or (parent is not None and parent.tag == "thead")


def _span(cell: html.HtmlElement, name: str, most: int) -> int:
    span = str(cell.get(name, "1")).strip()
    return max(1, min(int(span), most)) if span.isascii() and span.isdigit() and len(span) < 9 else 1
