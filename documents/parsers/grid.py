"""Rows of a sheet become blocks: tables with their header found, titles above them, all with row numbers."""

from collections.abc import Iterable, Iterator, Sequence

from documents.blocks import Kind, ParsedBlock, table_text
from documents.parsers.flow import Row, cell_text, portions, trim_columns
from documents.places import Sheet

LOOK_AHEAD_ROWS = 5
MAX_RUN_ROWS = 20_000
MAX_HEADER_CELL_CHARS = 120

NumberedRow = tuple[int, Row]  # as the spreadsheet counts, from 1


def blocks(rows: Iterable[NumberedRow], *, sheet: str) -> Iterator[ParsedBlock]:
    """Yield the blocks of one sheet; empty rows separate its tables."""
    columns = 0
    for run in _runs(rows):
        first = run[0][0]
        cells = trim_columns([tuple(map(cell_text, row)) for _, row in run])
        titles = _titles(cells) if len(cells) > 1 or _filled(cells[0]) == 1 else 0
        for offset in range(titles):
            text = next(cell for cell in cells[offset] if cell)
            kind = (
                Kind.HEADING
                if offset == 0 and len(text) <= MAX_HEADER_CELL_CHARS and len(cells) > 1
                else Kind.PARAGRAPH
            )
            level = 2 if kind is Kind.HEADING else 0
            yield ParsedBlock(kind, text, Sheet(sheet, (first + offset, first + offset)), level=level)
        first += titles
        table = trim_columns(cells[titles:])
        header_rows = header_length(table, continues=bool(table) and len(table[0]) == columns)
        for part in portions(table):
            place = Sheet(sheet, (first, first + len(part) - 1))
            yield ParsedBlock(
                Kind.TABLE, table_text(part), place, level=min(header_rows, len(part)), cells=part
            )
            first, header_rows = first + len(part), 0
        columns = len(table[0]) if table else columns


def header_length(rows: Sequence[Row], *, continues: bool = False) -> int:
    """Return how many of the first rows are the header: 0, 1, or 2 where groups stand above names.

    `continues`: a table of as many columns went before, so that only a plain header counts as one.
    """
    if len(rows) < 2 or len(rows[0]) < 2:
        return 0
    width = len(rows[0])
    if _is_header(rows[0], at_least=width if continues else max(2, round(0.6 * width))):
        values = [cell for row in rows[1:LOOK_AHEAD_ROWS] for cell in row if cell]
        looks_alike = not any(map(_is_value, values)) and continues
        return 0 if looks_alike else 1
    is_grouped = (
        len(rows) > 2 and 0 < _filled(rows[0]) < _filled(rows[1]) and not any(map(_is_value, rows[0]))
    )
    return 2 if is_grouped and _is_header(rows[1], at_least=max(2, round(0.6 * width))) else 0


def _runs(rows: Iterable[NumberedRow]) -> Iterator[list[NumberedRow]]:
    """Yield stretches of rows that follow on each other and are not empty."""
    run: list[NumberedRow] = []
    for number, row in rows:
        if not any(row):
            continue
        if run and (number != run[-1][0] + 1 or len(run) >= MAX_RUN_ROWS):
            yield run
            run = []
        run.append((number, row))
    if run:
        yield run


def _titles(cells: Sequence[Row]) -> int:
    """Return how many rows at the top hold one text each, as titles and notes do above a table."""
    count = 0
    for row in cells:
        if _filled(row) != 1 or _is_value(next(cell for cell in row if cell)) or (len(row) == 1 and count):
            break
        count += 1
    return count if len(cells[0]) > 1 or len(cells) == 1 else 0


def _is_header(row: Row, *, at_least: int) -> bool:
    filled = [cell for cell in row if cell]
    return (
        len(filled) >= at_least
        and not any(_is_value(cell) or len(cell) > MAX_HEADER_CELL_CHARS for cell in filled)
        and len({cell.casefold() for cell in filled}) >= 0.7 * len(filled)
    )


def _filled(row: Row) -> int:
    return sum(1 for cell in row if cell)


def _is_value(cell: str) -> bool:
    """Say whether a cell holds a number, a date, an amount: what data is and names of columns are not."""
    letters = sum(char.isalpha() for char in cell)
    digits = sum(char.isdigit() for char in cell)
    return (
        digits > 0
        and digits >= letters
        and not (digits == 4 and letters == 0 and cell.isdigit() and "1900" <= cell <= "2100")
    )
