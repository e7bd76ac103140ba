"""What is drawn on a PDF page beside its text: straight strokes, pictures, outlines."""

import ctypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium

from documents.parsers.pdf_lines import shower
from documents.places import Box

MIN_SIDE_PT = 8.0
MAX_LINE_WIDTH_PT = 2.5
MAX_OBJECTS = 60_000  # of a page, looked at
MAX_PATHS = 4_000  # on a page; more is a drawing
MAX_FORMS_DEPTH = 4
GRID = 24  # cells a side, to add up pictures that overlap

Segment = tuple[float, float, float, float]  # horizontal or vertical, x0 <= x1, y0 <= y1
_Point = tuple[float, float]
_Matrix = tuple[float, float, float, float, float, float]
_IDENTITY = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Drawn:
    segments: tuple[Segment, ...]  # as shown; none where they are so many that they are a drawing
    picture_share: float  # of the page, under pictures
    outline_points: int


def survey(page: pypdfium2.PdfPage) -> Drawn:
    """Return what is drawn on a page."""
    show = shower(page)
    width, height = page.get_size()
    covered: set[tuple[int, int]] = set()
    segments: list[Segment] = []
    paths = points = 0
    for item, kind, matrix in _objects(page):
        if kind == pdfium.FPDF_PAGEOBJ_IMAGE:
            covered.update(_cells(show(_bounds(item, matrix)), width, height))
        elif kind == pdfium.FPDF_PAGEOBJ_PATH:
            paths += 1
            points += max(0, pdfium.FPDFPath_CountSegments(item))
            if paths <= MAX_PATHS:
                segments += _strokes(item, matrix, show)
    return Drawn(tuple(segments) if paths <= MAX_PATHS else (), len(covered) / GRID**2, points)


def _objects(page: pypdfium2.PdfPage) -> Iterator[tuple[object, int, _Matrix | None]]:
    """Yield pictures and paths with the matrix of the forms that hold them; forms may hold forms."""
    left = MAX_OBJECTS
    waiting: list[tuple[object, _Matrix | None, int]] = [(page.raw, None, 0)]
    while waiting:
        holder, matrix, depth = waiting.pop()
        count = (pdfium.FPDFFormObj_CountObjects if depth else pdfium.FPDFPage_CountObjects)(holder)
        get = pdfium.FPDFFormObj_GetObject if depth else pdfium.FPDFPage_GetObject
        for index in range(min(count, left)):
            item = get(holder, index)
            kind = pdfium.FPDFPageObj_GetType(item)
            if kind == pdfium.FPDF_PAGEOBJ_FORM:
                if depth < MAX_FORMS_DEPTH:
                    own = _matrix(item)
                    waiting.append((item, own if matrix is None else _compose(own, matrix), depth + 1))
            elif kind in (pdfium.FPDF_PAGEOBJ_PATH, pdfium.FPDF_PAGEOBJ_IMAGE):
                yield item, kind, matrix
        left -= count
        if left <= 0:
            return


def _matrix(item: object) -> _Matrix:
    found = pdfium.FS_MATRIX()
    if not pdfium.FPDFPageObj_GetMatrix(item, found):
        return _IDENTITY
    return found.a, found.b, found.c, found.d, found.e, found.f


def _compose(inner: _Matrix, outer: _Matrix) -> _Matrix:
    a, b, c, d, e, f = inner
    x, y = _apply(outer, (e, f))
    return (
        outer[0] * a + outer[2] * b,
        outer[1] * a + outer[3] * b,
        outer[0] * c + outer[2] * d,
        outer[1] * c + outer[3] * d,
        x,
        y,
    )


def _apply(matrix: _Matrix, point: _Point) -> _Point:
    x, y = point
    return matrix[0] * x + matrix[2] * y + matrix[4], matrix[1] * x + matrix[3] * y + matrix[5]


def _bounds(item: object, matrix: _Matrix | None) -> Box:
    x0, y0, x1, y1 = (ctypes.c_float() for _ in range(4))
    if not pdfium.FPDFPageObj_GetBounds(item, x0, y0, x1, y1):
        return 0.0, 0.0, 0.0, 0.0
    box = x0.value, y0.value, x1.value, y1.value
    if matrix is None:
        return box
    (left, bottom), (right, top) = _apply(matrix, box[:2]), _apply(matrix, box[2:])
    return min(left, right), min(bottom, top), max(left, right), max(bottom, top)


def _cells(box: Box, width: float, height: float) -> Iterator[tuple[int, int]]:
    """Yield the cells of the page's grid whose middle a box covers."""
    if not (width > 0 and height > 0 and all(abs(side) < 1e7 for side in box)):
        return
    columns = _span(box[0] / width, box[2] / width)
    for row in _span(box[1] / height, box[3] / height):
        for column in columns:
            yield column, row


def _span(low: float, high: float) -> range:
    return range(max(0, round(low * GRID)), min(GRID, round(high * GRID)))


def _strokes(path: object, outer: _Matrix | None, show: Callable[[Box], Box]) -> Iterator[Segment]:
    """Yield what a path draws: its stroked sides, or itself as a filled sliver; a shaded area has none."""
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDFPath_GetDrawMode(path, fill, stroke)
    if not stroke.value:
        if fill.value:
            x0, y0, x1, y1 = _bounds(path, outer)
            if min(x1 - x0, y1 - y0) <= MAX_LINE_WIDTH_PT:
                yield from _straight((x0, y0), (x1, y1), show)
        return
    matrix = _matrix(path)
    if outer is not None:
        matrix = _compose(matrix, outer)
    x, y = ctypes.c_float(), ctypes.c_float()
    before: _Point | None = None
    begun: _Point | None = None
    for index in range(min(pdfium.FPDFPath_CountSegments(path), MAX_PATHS)):
        piece = pdfium.FPDFPath_GetPathSegment(path, index)
        pdfium.FPDFPathSegment_GetPoint(piece, x, y)
        at = _apply(matrix, (x.value, y.value))
        kind = pdfium.FPDFPathSegment_GetType(piece)
        if kind == pdfium.FPDF_SEGMENT_MOVETO:
            begun = at
        elif kind == pdfium.FPDF_SEGMENT_LINETO and before:
            yield from _straight(before, at, show)
        if pdfium.FPDFPathSegment_GetClose(piece) and begun:
            yield from _straight(at, begun, show)
        before = at


def _straight(start: _Point, end: _Point, show: Callable[[Box], Box]) -> Iterator[Segment]:
    box = show((min(start[0], end[0]), min(start[1], end[1]), max(start[0], end[0]), max(start[1], end[1])))
    wide, high = box[2] - box[0], box[3] - box[1]
    if max(wide, high) >= MIN_SIDE_PT and min(wide, high) <= MAX_LINE_WIDTH_PT:
        yield box
