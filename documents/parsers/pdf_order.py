"""The order in which a reader goes through a PDF page; what repeats on every page is left out."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from documents.parsers.pdf_lines import Line, PageText

MARGIN_SHARE = 0.13  # of the page's height, at the top and at the bottom
MIN_MARGIN_PT = 60.0
MARGIN_LINES = 4
REPEATED_SHARE = 0.3  # of the pages
REPEATED_PAGES = 3
MIN_COLUMN_LINES = 4
MIN_COLUMN_CHARS = 18  # median per line: prose, not a table's cells
MAX_COLUMNS_DEPTH = 3
SAME_ROW_OVERLAP = 0.5

_DIGITS = re.compile(r"\d+")
_PAGE_NUMBER = re.compile(
    r"\W*(?:p[áa]g(?:ina)?\W*)?(?:\d{1,4}|[ivxlc]{1,6})(?:\s*(?:de|/|\|)\s*\d{1,4})?\W*", re.IGNORECASE
)
_NAMED_NUMBER = re.compile(r"\W*p[áa]g(?:ina)?\W*\d{1,4}(?:\s*(?:de|/|\|)\s*\d{1,4})?\W*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Column:
    lines: tuple[Line, ...]  # top to bottom
    left: float
    right: float

    @property
    def width(self) -> float:
        return max(1.0, self.right - self.left)


def columns(lines: Sequence[Line]) -> list[Column]:
    """Return the columns of one page in reading order; a line across them parts those above and below."""
    return [_column(part) for part in _split(list(lines), MAX_COLUMNS_DEPTH) if part]


class Repeated:
    """Headers, footers and page numbers, to be left out of every page.

    A header or footer stands near the edge and comes back, digits apart, on at least `REPEATED_PAGES` pages
    and `REPEATED_SHARE` of all.
    """

    def __init__(self) -> None:
        self._seen: Counter[tuple[str, int]] = Counter()
        self._pages = 0

    def see(self, page: PageText) -> None:
        """Take note of a page; all must be seen before any is asked about."""
        self._seen.update({_key(line) for line in _margin(page)})
        self._pages += 1

    def without(self, page: PageText) -> tuple[Line, ...]:
        """Return the lines of a page that are its own."""
        margin = _margin(page)
        if self._pages < REPEATED_PAGES:
            return tuple(
                line for line in page.lines if line not in margin or not _NAMED_NUMBER.fullmatch(line.text)
            )
        enough = max(REPEATED_PAGES, REPEATED_SHARE * self._pages)
        repeated = {id(line) for line in margin if self._seen[_key(line)] >= enough}
        rest = [line for line in page.lines if id(line) not in repeated]
        numbers = {id(line) for line in margin if _PAGE_NUMBER.fullmatch(line.text) and _is_alone(line, rest)}
        return tuple(line for line in rest if id(line) not in numbers)


def _margin(page: PageText) -> list[Line]:
    by_height = sorted((line for line in page.lines if not line.cells), key=lambda line: line.box[3])
    edge = max(MARGIN_SHARE * page.height, MIN_MARGIN_PT)
    top = [line for line in by_height[:MARGIN_LINES] if line.box[3] <= edge]
    bottom = [line for line in by_height[-MARGIN_LINES:] if line.box[1] >= page.height - edge]
    return top + bottom


def _is_alone(line: Line, others: list[Line]) -> bool:
    """Say whether nothing else stands on the line's row, as beside the number of a list item."""
    return not any(_is_same_row(line, other) for other in others if other is not line)


def _key(line: Line) -> tuple[str, int]:
    """Return what stays equal from page to page: the words, digits apart, and roughly the height."""
    return _DIGITS.sub("#", line.text.casefold()), round(line.box[1] / 24)


def _split(lines: list[Line], depth: int) -> list[list[Line]]:
    gutter = _gutter(lines) if depth else None
    if gutter is None:
        return [lines]
    parts: list[list[Line]] = []
    left: list[Line] = []
    right: list[Line] = []
    for line in sorted(lines, key=lambda line: line.box[1] + line.box[3]):
        if line.box[2] <= gutter:
            left.append(line)
        elif line.box[0] >= gutter:
            right.append(line)
        else:
            parts += [*_split(left, depth - 1), *_split(right, depth - 1), [line]]
            left, right = [], []
    return [*parts, *_split(left, depth - 1), *_split(right, depth - 1)]


def _gutter(lines: list[Line]) -> float | None:
    """Return where the page divides into two columns of prose, if it does."""
    if len(lines) < 2 * MIN_COLUMN_LINES:
        return None
    left_edge = min(line.box[0] for line in lines)
    width = max(line.box[2] for line in lines) - left_edge
    candidates = {round(line.box[0] - 1.0) for line in lines if line.box[0] > left_edge + 0.25 * width}
    best: tuple[int, float] | None = None
    for x, _ in Counter(candidates).most_common():
        crossing = sum(1 for line in lines if line.box[0] < x < line.box[2])
        if crossing > 0.25 * len(lines) or (best is not None and crossing >= best[0]):
            continue
        left = [line for line in lines if line.box[2] <= x]
        right = [line for line in lines if line.box[0] >= x]
        if _is_prose(left) and _is_prose(right) and _share_height(left, right):
            best = crossing, float(x)
    return best[1] if best else None


def _is_prose(lines: list[Line]) -> bool:
    return len(lines) >= MIN_COLUMN_LINES and median(len(line.text) for line in lines) >= MIN_COLUMN_CHARS


def _share_height(left: list[Line], right: list[Line]) -> bool:
    top = max(min(line.box[1] for line in left), min(line.box[1] for line in right))
    bottom = min(max(line.box[3] for line in left), max(line.box[3] for line in right))
    return bottom - top > 3 * median(line.size for line in left)


def _column(lines: list[Line]) -> Column:
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda line: (line.box[1] + line.box[3], line.box[0])):
        if rows and _is_same_row(rows[-1][-1], line):
            rows[-1].append(line)
        else:
            rows.append([line])
    merged = tuple(_merge(row) for row in rows)
    return Column(merged, min(line.box[0] for line in merged), max(line.box[2] for line in merged))


def _is_same_row(above: Line, line: Line) -> bool:
    if above.cells or line.cells:
        return False
    shared = min(above.box[3], line.box[3]) - max(above.box[1], line.box[1])
    height = min(above.box[3] - above.box[1], line.box[3] - line.box[1])
    return shared > SAME_ROW_OVERLAP * height


def _merge(row: list[Line]) -> Line:
    if len(row) == 1:
        return row[0]
    row = sorted(row, key=lambda line: line.box[0])
    boxes = [line.box for line in row]
    return Line(
        words=tuple(word for line in row for word in line.words),
        box=(boxes[0][0], min(b[1] for b in boxes), max(b[2] for b in boxes), max(b[3] for b in boxes)),
        size=max(row, key=lambda line: len(line.words)).size,
        is_bold=all(line.is_bold for line in row),
    )
