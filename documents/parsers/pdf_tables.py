"""Tables of a PDF that are drawn with lines: the words of each cell, where the lines say the cells are."""

import ctypes
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import median

import pypdfium2
import pypdfium2.raw as pdfium

from documents.parsers.pdf_lines import Line, PageText, Word, around, shower
from documents.places import Box

NEAR_PT = 3.0  # lines closer than this are one
MIN_SIDE_PT = 8.0
MAX_LINE_WIDTH_PT = 2.5
MAX_PATHS = 4_000  # on a page; more is a drawing
MAX_GRID_LINES = 200

Segment = tuple[float, float, float, float]  # horizontal or vertical, x0 <= x1, y0 <= y1


@dataclass(frozen=True, slots=True)
class Table:
    box: Box
    cells: tuple[tuple[tuple[Word, ...], ...], ...]  # rows of cells of words


def find(page: pypdfium2.PdfPage, lines: Sequence[Line]) -> list[Table]:
    """Return the ruled tables of a page, of at least two rows and two columns."""
    if not lines:
        return []
    segments = list(_segments(page))
    words = [word for line in lines for word in line.words]
    tables = (_table(group, words) for group in _touching(segments) if len(group) >= 5)
    return [table for table in tables if table is not None]


def with_tables(page: pypdfium2.PdfPage, text: PageText) -> PageText:
    """Return the text of a page in which each ruled table is one line that holds its cells."""
    lines = list(text.lines)
    for table in find(page, lines):
        outside = [_without(line, table.box) for line in lines]
        words = tuple(word for row in table.cells for cell in row for word in cell)
        size = median(word.flat[3] - word.flat[1] for word in words)
        lines = [line for line in outside if line is not None]
        lines.append(Line(words, text.flatten(table.box), size, is_bold=False, cells=table.cells))
    return replace(text, lines=tuple(lines))


def _without(line: Line, box: Box) -> Line | None:
    """Return what of a line stands outside a table."""
    if line.cells or not any(holds(box, word) for word in line.words):
        return line
    words = tuple(word for word in line.words if not holds(box, word))
    return replace(line, words=words, box=around([word.flat for word in words])) if words else None


def holds(box: Box, word: Word) -> bool:
    """Say whether a word stands within a box."""
    x, y = (word.shown[0] + word.shown[2]) / 2, (word.shown[1] + word.shown[3]) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _segments(page: pypdfium2.PdfPage) -> Iterator[Segment]:
    """Yield the horizontal and vertical strokes of a page, as shown."""
    show = shower(page)
    raw = page.raw
    paths = 0
    for index in range(pdfium.FPDFPage_CountObjects(raw)):
        item = pdfium.FPDFPage_GetObject(raw, index)
        if pdfium.FPDFPageObj_GetType(item) != pdfium.FPDF_PAGEOBJ_PATH:
            continue
        paths += 1
        if paths > MAX_PATHS:
            return
        yield from _strokes(item, show)


def _strokes(path: object, show: Callable[[Box], Box]) -> Iterator[Segment]:
    """Yield what a path draws: its stroked sides, or itself as a filled sliver; a shaded area has none."""
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(path, fill, stroke)
    if not stroke.value:
        x0, y0, x1, y1 = (ctypes.c_float() for _ in range(4))
        pdfium.FPDFPageObj_GetBounds(path, x0, y0, x1, y1)
        if fill.value and min(x1.value - x0.value, y1.value - y0.value) <= MAX_LINE_WIDTH_PT:
            yield from _straight((x0.value, y0.value), (x1.value, y1.value), show)
        return
    matrix = pdfium.FS_MATRIX()
    pdfium.FPDFPageObj_GetMatrix(path, matrix)
    x, y = ctypes.c_float(), ctypes.c_float()
    before: tuple[float, float] | None = None
    begun: tuple[float, float] | None = None
    for index in range(min(pdfium.FPDFPath_CountSegments(path), MAX_PATHS)):
        piece = pdfium.FPDFPath_GetPathSegment(path, index)
        pdfium.FPDFPathSegment_GetPoint(piece, x, y)
        at = (
            matrix.a * x.value + matrix.c * y.value + matrix.e,
            matrix.b * x.value + matrix.d * y.value + matrix.f,
        )
        kind = pdfium.FPDFPathSegment_GetType(piece)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            begun = at
        elif kind == pdfium.FPDF_SEGMENT_LINETO and before:
            yield from _straight(before, at, show)
        if pdfium.FPDFPathSegment_GetClose(piece) and begun:
            yield from _straight(at, begun, show)
        before = at


def _straight(
    start: tuple[float, float], end: tuple[float, float], show: Callable[[Box], Box]
) -> Iterator[Segment]:
    box = show((min(start[0], end[0]), min(start[1], end[1]), max(start[0], end[0]), max(start[1], end[1])))
    wide, high = box[2] - box[0], box[3] - box[1]
    if max(wide, high) >= MIN_SIDE_PT and min(wide, high) <= MAX_LINE_WIDTH_PT:
        yield box


def _touching(segments: list[Segment]) -> list[list[Segment]]:
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
    xs, ys = _positions([one[0] for one in upright]), _positions([one[1] for one in level])
    if not (3 <= len(xs) <= MAX_GRID_LINES and 3 <= len(ys) <= MAX_GRID_LINES):
        return None
    columns, rows = len(xs) - 1, len(ys) - 1
    cells: list[list[list[Word]]] = [[[] for _ in range(columns)] for _ in range(rows)]
    box = (xs[0], ys[0], xs[-1], ys[-1])
    for word in words:
        if not holds(box, word):
            continue
        column = min(columns - 1, max(0, bisect_right(xs, (word.shown[0] + word.shown[2]) / 2) - 1))
        row = min(rows - 1, max(0, bisect_right(ys, (word.shown[1] + word.shown[3]) / 2) - 1))
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
