"""Tables of a PDF that are drawn with lines: the words of each cell, where the lines say the cells are."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import median

from documents.parsers.pdf_lines import Line, PageText, Word, around
from documents.parsers.pdf_objects import Segment
from documents.places import Box

NEAR_PT = 3.0  # lines closer than this are one
MAX_GRID_LINES = 200
MAX_SEGMENTS = 6_000  # on a page; more is a drawing
MIN_RULE_PT, MAX_RULES = 24.0, 400


@dataclass(frozen=True, slots=True)
class Table:
    box: Box
    cells: tuple[tuple[tuple[Word, ...], ...], ...]  # rows of cells of words


def find(segments: Iterable[Segment], lines: Sequence[Line]) -> list[Table]:
    """Return the ruled tables among lines, of at least two rows and two columns; strokes are as flat as they."""
    if not lines:
        return []
    distinct = list({_rounded(segment): segment for segment in segments}.values())
    if len(distinct) > MAX_SEGMENTS:
        return []
    words = [word for line in lines for word in line.words]
    tables = (_table(group, words) for group in _touching(distinct) if len(group) >= 4)
    return [table for table in tables if table is not None]


def with_tables(text: PageText, segments: Iterable[Segment]) -> PageText:
    """Return the text of a page in which each ruled table is one line that holds its cells."""
    flat = [text.flatten(segment) for segment in segments]
    lines = list(text.lines)
    for table in find(flat, lines):
        outside = [_without(line, table.box) for line in lines]
        words = tuple(word for row in table.cells for cell in row for word in cell)
        size = median(word.flat[3] - word.flat[1] for word in words)
        lines = [line for line in outside if line is not None]
        lines.append(Line(words, table.box, size, is_bold=False, cells=table.cells))
    rules = tuple(one for one in flat if one[2] - one[0] >= MIN_RULE_PT)[:MAX_RULES]
    return replace(text, lines=tuple(lines), rules=rules)


def _rounded(segment: Segment) -> tuple[int, int, int, int]:
    return round(segment[0]), round(segment[1]), round(segment[2]), round(segment[3])


def _without(line: Line, box: Box) -> Line | None:
    """Return what of a line stands outside a table."""
    if line.cells or not any(holds(box, word) for word in line.words):
        return line
    words = tuple(word for word in line.words if not holds(box, word))
    return replace(line, words=words, box=around([word.flat for word in words])) if words else None


def holds(box: Box, word: Word) -> bool:
    """Say whether a word stands within a box."""
    x, y = (word.flat[0] + word.flat[2]) / 2, (word.flat[1] + word.flat[3]) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _touching(segments: Sequence[Segment]) -> list[list[Segment]]:
    """Return the groups of strokes that touch one another."""
    groups: list[tuple[Box, list[Segment]]] = []
    for segment in segments:
        box, members = segment, [segment]
        apart = []
        for other, held in groups:
            near = any(_meet(segment, one) for one in held) if _meet(box, other) else False
            if near:
                box = (
                    min(box[0], other[0]),
                    min(box[1], other[1]),
                    max(box[2], other[2]),
                    max(box[3], other[3]),
                )
                members = held + members
            else:
                apart.append((other, held))
        groups = [*apart, (box, members)]
    return [members for _, members in groups]


def _meet(one: Box, other: Box) -> bool:
    return (
        one[0] <= other[2] + NEAR_PT
        and other[0] <= one[2] + NEAR_PT
        and one[1] <= other[3] + NEAR_PT
        and other[1] <= one[3] + NEAR_PT
    )


def _table(segments: list[Segment], words: list[Word]) -> Table | None:
    upright = [one for one in segments if one[3] - one[1] > one[2] - one[0]]
    level = [one for one in segments if one[3] - one[1] <= one[2] - one[0]]
    if not (upright and level):
        return None
    # A table may have no frame: its strokes still tell where it ends.
    sides = [min(one[0] for one in level), max(one[2] for one in level)]
    ends = [min(one[1] for one in upright), max(one[3] for one in upright)]
    xs = _positions([*(one[0] for one in upright), *sides])
    ys = _positions([*(one[1] for one in level), *ends])
    if not (3 <= len(xs) <= MAX_GRID_LINES and 3 <= len(ys) <= MAX_GRID_LINES):
        return None
    columns, rows = len(xs) - 1, len(ys) - 1
    cells: list[list[list[Word]]] = [[[] for _ in range(columns)] for _ in range(rows)]
    box = (xs[0], ys[0], xs[-1], ys[-1])
    for word in words:
        if not holds(box, word):
            continue
        column = min(columns - 1, max(0, bisect_right(xs, (word.flat[0] + word.flat[2]) / 2) - 1))
        row = min(rows - 1, max(0, bisect_right(ys, (word.flat[1] + word.flat[3]) / 2) - 1))
        middle = (ys[row] + ys[row + 1]) / 2
        while column > 0 and not any(
            abs(one[0] - xs[column]) < NEAR_PT and one[1] <= middle <= one[3] for one in upright
        ):
            column -= 1  # a cell over several columns
        centre = (xs[column] + xs[column + 1]) / 2
        while row > 0 and not any(
            abs(one[1] - ys[row]) < NEAR_PT and one[0] <= centre <= one[2] for one in level
        ):
            row -= 1  # a cell over several rows
        cells[row][column].append(word)
    kept = [row for row in cells if any(row)]
    shared = sum(
        1 for row in kept if sum(map(bool, row)) > 1
    )  # a frame around text has words in one cell only
    if len(kept) < 2 or 2 * shared < len(kept):
        return None
    return Table(box, tuple(tuple(tuple(cell) for cell in row) for row in kept))


def _positions(values: list[float]) -> list[float]:
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > NEAR_PT:
            found.append(value)
    return found
