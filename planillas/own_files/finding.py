"""Where in a grid the table to fill is: its header, the rows to repeat, what each column is. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from engines.spanish import fold
from planillas.own_files import guessing, marks
from planillas.own_files.grid import Grid, Square

ROWS_LOOKED_AT = 120
MAX_COLUMNS = 256
MAX_HEADER_CHARS = 160
MIN_SCORE = 4

_TOTALS = re.compile(
    r"(sub)?total(es)?\b|promedios?\b|suma\b|sumas\b|media\b|maxim|minim|cantidad\b|firma|observaciones?:"
)
_NUMBERING = frozenset({
    "n", "no", "n.o", "nro", "n°", "num", "numero", "#", "orden", "item", "n de orden", "no de orden", "n.o de orden",
    "n° de orden", "nro de orden", "numero de orden",
})  # fmt: skip
_AMOUNT = re.compile(r"[-$€%\d.,/ ]*\d[-$€%\d.,/ ]*")
_RANGE = re.compile(r"\$?([A-Z]{1,3})\$?(\d+):\$?([A-Z]{1,3})\$?(\d+)")


@dataclass(frozen=True, slots=True)
class Header:
    """A column of the table: its header as people read it, its group's beside it, and why nothing goes below it."""

    column: int
    text: str
    group: str = ""
    is_formula: bool = False
    is_numbering: bool = False
    is_merged: bool = False


@dataclass(slots=True)
class Table:
    """A table to fill: rows `first` to `last` are filled, the last is repeated; so many `examples` are written over."""

    top: int
    bottom: int
    headers: list[Header]
    first: int
    last: int
    examples: int = 0
    is_marked: bool = False
    score: float = 0.0
    sample: dict[int, Square] = field(default_factory=dict)


def find(grid: Grid) -> Table | None:
    """Return the table of a grid that looks most like one to fill; None where there is none."""
    best: Table | None = None
    by_row: dict[int, list[int]] = {}
    for row, column in grid.squares:
        if row <= ROWS_LOOKED_AT and column <= MAX_COLUMNS:
            by_row.setdefault(row, []).append(column)
    for row in sorted(by_row):
        table = _headed_by(grid, row)
        if table is not None and (best is None or table.score > best.score):
            best = table
    return best if best is not None and best.score >= MIN_SCORE else None


def _headed_by(grid: Grid, bottom: int) -> Table | None:
    headers = _headers(grid, bottom)
    if not headers:
        return None
    columns = [each.column for each in headers]
    first = bottom + 1
    if _is_hint(grid, first, columns):
        first += 1
    marked = _is_marked(grid, first, columns)
    if len(headers) < 2 and not marked:
        return None
    texts = [each.text for each in headers]
    if not marked and sum(text.rstrip().endswith(":") for text in texts) * 2 >= len(texts):
        return None
    table = Table(
        top=_top(grid, bottom, columns),
        bottom=bottom,
        headers=headers,
        first=first,
        last=first,
        is_marked=marked,
    )
    if not marked and not _count_examples(grid, table, columns):
        return None
    table.last = _last(grid, table, columns)
    table.sample = {column: grid.at(first, column) for column in columns}
    table.headers = [_told(grid, table, each) for each in headers]
    table.score = _score(grid, table)
    return table


def _headers(grid: Grid, bottom: int) -> list[Header]:
    found: list[Header] = []
    columns = sorted({column for row, column in grid.squares if row <= bottom and column <= MAX_COLUMNS})
    for column in columns:
        square = grid.at(bottom, column)
        area = grid.merge_at(bottom, column)
        if area is not None:
            if area.left != column or area.bottom > bottom:
                continue
            square = grid.at(area.top, area.left)
        text = " ".join(square.text.split())
        if not text or square.formula or len(text) > MAX_HEADER_CHARS:
            continue
        if marks.MARK.search(text) or (_AMOUNT.fullmatch(text) and not text.isdecimal()):
            return []  # a row to fill, or one of values
        found.append(Header(column, text, _group(grid, bottom, column)))
    words = [each for each in found if re.search(r"[^\W\d]", each.text)]
    if not words or (len(words) < 2 and len(found) > 1 and len(words) * 40 < len(found)):
        return []
    return _together(grid, bottom, found)


def _together(grid: Grid, bottom: int, found: list[Header]) -> list[Header]:
    """Return the longest run of headers that stand side by side; merged cells bridge, and so does one empty column."""
    runs: list[list[Header]] = []
    end = -9
    for each in found:
        area = grid.merge_at(bottom, each.column)
        if each.column - end > 2:
            runs.append([])
        runs[-1].append(each)
        end = area.right if area is not None else each.column
    return max(runs, key=len)


def _group(grid: Grid, bottom: int, column: int) -> str:
    """Return what the merged cell above a header says of several columns."""
    above = grid.merge_at(bottom - 1, column) if bottom > 1 else None
    own = grid.merge_at(bottom, column)
    if above is None or above == own or above.right == above.left or above.bottom != bottom - 1:
        return ""
    inside = [c for c in range(above.left, above.right + 1) if grid.at(bottom, c).text.strip()]
    across = [c for row, c in grid.squares if row == bottom and grid.at(row, c).text.strip()]
    beside = [
        area
        for area in grid.merges
        if area != above
        and area.bottom >= above.top
        and area.top <= bottom
        and (area.right > area.left or area.bottom > area.top)
    ]
    if len(inside) < 2 or (len(across) <= len(inside) and not beside):
        return ""  # a title over everything
    return " ".join(grid.at(above.top, above.left).text.split())


def _top(grid: Grid, bottom: int, columns: Iterable[int]) -> int:
    tops = [area.top for column in columns if (area := grid.merge_at(bottom, column)) is not None]
    grouped = any(_group(grid, bottom, column) for column in columns)
    return min([*tops, bottom - 1 if grouped else bottom])


def _is_hint(grid: Grid, row: int, columns: Iterable[int]) -> bool:
    """Say whether a row only explains the header above it: (dd/mm/aaaa)."""
    texts = [text for column in columns if (text := grid.at(row, column).text.strip())]
    return bool(texts) and all(text.startswith("(") and text.endswith(")") for text in texts)


def _is_marked(grid: Grid, row: int, columns: list[int]) -> bool:
    """Say whether a row holds marks where the headers above it are, and nothing else."""
    written = {c: s for (r, c), s in grid.squares.items() if r == row and s.text.strip() and not s.formula}
    marked = [c for c, square in written.items() if marks.MARK.search(square.text)]
    if not marked or not any(c in columns for c in marked):
        return False
    rest = [square for c, square in written.items() if c not in marked]
    if any(not square.is_number for square in rest):
        return False
    names = [name for c in marked for name in marks.names(written[c].text)]
    if any(re.search(r":\s*\{\{", written[c].text) for c in marked) or all(map(marks.fact_of, names)):
        return False  # labels with their values; what is known anyway
    # A mark beside its label stands below no header, or below another mark's.
    return len([c for c in marked if c in columns]) * 2 > len(marked)


def _is_blank(grid: Grid, row: int, columns: Iterable[int], first: int) -> bool:
    """Say whether nothing is written in a row but what repeats: numbers that count, formulas of the row itself."""
    for position, column in enumerate(columns):
        square = grid.at(row, column)
        if square.formula:
            if any(
                int(top) < row and int(top) >= first for _a, top, _b, _c in _RANGE.findall(square.formula)
            ):
                return False  # a total of the rows above
            continue
        if not square.text.strip():
            continue
        if square.is_number and position == 0:
            continue
        return False
    return True


def _count_examples(grid: Grid, table: Table, columns: list[int]) -> bool:
    """Count the rows that are written below a header, to be written over; False where this is no header at all."""
    row = table.first
    if _is_blank(grid, row, columns, row):
        return True
    end = row
    while end <= grid.last_row and not _is_blank(grid, end, columns, row):
        if _is_total(grid, end, columns):
            break
        end += 1
    table.examples, table.last = end - row, end - 1
    return end > row  # a total right below: there is no row to fill


def _is_total(grid: Grid, row: int, columns: Iterable[int]) -> bool:
    for column in columns:
        square = grid.at(row, column)
        if (
            square.text
            and not square.is_number
            and not square.formula
            and _TOTALS.match(fold(square.text).strip())
        ):
            return True
        if square.formula and any(int(top) < row for _a, top, _b, _c in _RANGE.findall(square.formula)):
            return True
    return False


def _last(grid: Grid, table: Table, columns: list[int]) -> int:
    """Return the last of the rows that are drawn to be written in: as the first is, or within what is totalled."""
    first = table.first
    last = first + max(0, table.examples - 1)
    looks = [_looks(grid, row, columns) for row in (first, first + 1)]
    row = last + 1
    while row <= grid.last_row and _is_blank(grid, row, columns, first):
        look = _looks(grid, row, columns)
        ruled = sum(grid.at(row, column).is_ruled for column in columns)
        counted = grid.at(row, columns[0]).is_number
        if not counted and ruled * 2 < len(columns) and (look not in looks or not any(look)):
            break
        last = row
        row += 1
    # Totals that reach further than what is drawn.
    for below in range(last + 1, min(grid.last_row, last + 400) + 1):
        for column in columns:
            for _a, top, _b, bottom in _RANGE.findall(grid.at(below, column).formula):
                reach = int(bottom)
                if (
                    first <= int(top)
                    and last < reach < below
                    and all(_is_blank(grid, each, columns, first) for each in range(last + 1, reach + 1))
                ):
                    last = reach
    return last


def _looks(grid: Grid, row: int, columns: Iterable[int]) -> tuple[str, ...]:
    return tuple(grid.at(row, column).look for column in columns)


def _told(grid: Grid, table: Table, header: Header) -> Header:
    column = header.column
    square = grid.at(table.first, column)
    area = grid.merge_at(table.first, column)
    numbering = (
        column == table.headers[0].column
        and not marks.MARK.search(square.text)
        and (
            fold(header.text).strip(" .:") in _NUMBERING
            or (
                square.text.strip() == "1"
                and (table.last == table.first or grid.at(table.first + 1, column).is_number)
            )
        )
        and (square.is_number or not square.text.strip())
    )
    return Header(
        column,
        header.text,
        header.group,
        is_formula=bool(square.formula),
        is_numbering=numbering and not square.formula,
        is_merged=area is not None and (area.bottom > area.top or area.left != column),
    )


def _score(grid: Grid, table: Table) -> float:
    texts = [each.text for each in table.headers]
    known = sum(guessing.is_known(text) for text in texts)
    score = min(len(texts), 12) + 2.0 * min(known, 8)
    score += 100 if table.is_marked else 0
    columns = [each.column for each in table.headers]
    if any(grid.at(table.first, column).is_ruled or grid.at(table.first, column).look for column in columns):
        score += 3
    if all(
        grid.at(table.bottom, column).is_bold or not grid.at(table.bottom, column).text for column in columns
    ):
        score += 2
    if table.bottom == grid.last_row and not any(
        grid.at(table.top - 1, column).text for column in columns[1:]
    ):
        score += 2  # headers, and nothing below them yet
    if len(set(texts)) < len(texts) and table.top == table.bottom:
        score -= 2
    score -= sum(len(text) > 60 for text in texts)
    score -= sum(bool(re.search(r"\d{3,}|@", text)) for text in texts) * 2
    if table.examples:
        # Rows of words below words tell nothing of which of them is the header.
        score -= 2
        score += 2 if any(grid.at(table.first, column).is_number for column in columns) else 0
    return score
