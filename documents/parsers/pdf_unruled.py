"""Tables of a PDF that nothing but white space holds together: rows by baselines, columns by common gaps."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from documents import outline
from documents.parsers.pdf_lines import Line, Word, around
from documents.places import Box

MIN_ROWS = 3
MIN_GUTTER = 0.5  # of the line's height, in every row
WIDE_GAP = 0.8  # of the line's height: between words this parts cells
MAX_ROW_DISTANCE = 3.4  # of the line's height, from one row to the next
PARTIAL_SHARE = 0.6  # of the column's width: a shorter line may be a part of a row
MAX_PARTIALS = 4  # in succession, within a table
MAX_STRAY_SHARE = 0.12  # of the gaps of its rows that no gutter explains
PROSE_CHARS, PROSE_FILL = 18, 0.72
MAX_CELL_CHARS = 600
ROW_JUMP = 1.14  # from the distance of lines in a cell to that of rows

_VALUE = re.compile(r"[^\W\d_]{0,3}[\s$%€.,:/–-]*\d[\d\s$%€.,:/°ºª–-]*[^\W\d_]{0,2}\.?|[-–—✓✔☐☑xX]")
_NUMBER = re.compile(r"\d{1,4}")

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Row:
    """A line with its words, as fragments that wide gaps part."""

    line: Line
    fragments: tuple[tuple[Word, ...], ...]

    @property
    def spans(self) -> list[Interval]:
        return [(part[0].flat[0], max(word.flat[2] for word in part)) for part in self.fragments]


def with_tables(lines: Sequence[Line], *, rules: Sequence[Box] = ()) -> tuple[Line, ...]:
    """Return the lines of one column, top to bottom, in which each table is one line that holds its cells.

    `rules`: horizontal strokes, flat; they part rows. Source of the idea: gutters as in pdfplumber's text
    strategy, but by votes of the rows, so that a heading over several columns does no harm.
    """
    if sum(map(_has_gap, lines)) < MIN_ROWS:
        return tuple(lines)
    rows = [_row(line) for line in lines]
    kept: list[Line] = []
    at = 0
    for first, last in _regions(rows):
        kept += lines[at:first]
        for part in _tables(rows[first:last], rules):
            kept += [part] if isinstance(part, Line) else [row.line for row in part]
        at = last
    return (*kept, *lines[at:]) if at else tuple(lines)


def _has_gap(line: Line) -> bool:
    wide = WIDE_GAP * line.size
    before = line.box[2]
    for word in line.words:
        box = word.flat
        if box[0] - before >= wide:
            return not line.cells
        before = box[2]
    return False


def _row(line: Line) -> _Row:
    if line.cells:
        return _Row(line, ())
    words = sorted(line.words, key=lambda word: word.flat[0])
    parts: list[list[Word]] = [[words[0]]]
    for before, word in pairwise(words):
        if word.flat[0] - before.flat[2] >= MIN_GUTTER * line.size:
            parts.append([word])
        else:
            parts[-1].append(word)
    return _Row(line, tuple(map(tuple, parts)))


def _is_tabular(row: _Row) -> bool:
    return any(right[0] - left[1] >= WIDE_GAP * row.line.size for left, right in pairwise(row.spans))


def _regions(rows: Sequence[_Row]) -> Iterator[tuple[int, int]]:
    """Yield stretches of rows (first, last plus one) of which a table may be made."""
    whole = [row.line.box for row in rows if row.fragments]
    if not whole:
        return
    width = max(box[2] for box in whole) - min(box[0] for box in whole)
    tabular = [bool(row.fragments) and _is_tabular(row) for row in rows]
    if sum(tabular) < MIN_ROWS:
        return
    at = 0
    while at < len(rows):
        if not tabular[at]:
            at += 1
            continue
        end, last = at + 1, at + 1
        while end < len(rows) and end - last < MAX_PARTIALS and _goes_on(rows[end - 1], rows[end], width):
            end += 1
            if tabular[end - 1]:
                last = end
        if sum(tabular[at:last]) >= MIN_ROWS:
            yield at, max(last, end)
        at = max(last, end)


def _goes_on(above: _Row, row: _Row, width: float) -> bool:
    if not row.fragments or not 0.6 < row.line.size / above.line.size < 1.6:
        return False
    distance = row.line.box[3] - above.line.box[3]
    if distance > MAX_ROW_DISTANCE * max(row.line.size, above.line.size):
        return False
    return _is_tabular(row) or row.line.box[2] - row.line.box[0] < PARTIAL_SHARE * width


def _tables(rows: Sequence[_Row], rules: Sequence[Box]) -> Iterator[Line | Sequence[_Row]]:
    """Yield tables and what lies between them; a stretch that is none is tried in parts."""
    first = next((at for at, row in enumerate(rows) if len(row.fragments) > 1), len(rows))
    if first:
        yield rows[:first]
        rows = rows[first:]
    if sum(map(_is_tabular, rows)) < MIN_ROWS:
        yield rows
        return
    for end in _ends(rows):
        table = _table(rows[:end], rules)
        if table is not None:
            yield table
            if end < len(rows):
                yield from _tables(rows[end:], rules)
            return
    cut = _largest_distance(rows)
    yield from _tables(rows[:cut], rules)
    yield from _tables(rows[cut:], rules)


def _ends(rows: Sequence[_Row]) -> Iterator[int]:
    """Yield where a table may end: with all lines that may belong to it, or with its last full row."""
    last = max(at for at, row in enumerate(rows) if len(row.fragments) > 1) + 1
    distances = [low.line.box[3] - high.line.box[3] for high, low in pairwise(rows)]
    pitch = min(distances[: last - 1], default=0.0)
    end = last
    while end < len(rows) and distances[end - 1] <= 1.05 * pitch:
        end += 1
    is_within = end > last and rows[last].line.box[0] > rows[last - 1].line.box[0] + rows[last].line.size
    if end > last and (is_within or max(distances[: last - 1]) >= ROW_JUMP * pitch):
        yield end
    yield last


def _largest_distance(rows: Sequence[_Row]) -> int:
    distances = [
        (low.line.box[3] - high.line.box[3]) / max(high.line.size, low.line.size)
        for high, low in pairwise(rows)
    ]
    return distances.index(max(distances)) + 1


def _table(rows: Sequence[_Row], rules: Sequence[Box]) -> Line | None:
    gutters = _gutters(rows)
    if not gutters or _stray_share(rows, gutters) > MAX_STRAY_SHARE:
        return None
    cells = [_cells(row, gutters) for row in rows]
    if not _is_table(cells):
        return None
    merged = _merged(rows, cells, rules)
    if len(merged) < 2:
        return None
    words = tuple(word for row in merged for cell in row for word in cell)
    box = around([word.flat for word in words])
    return Line(words, box, median(row.line.size for row in rows), is_bold=False, cells=tuple(merged))


def _gutters(rows: Sequence[_Row]) -> list[Interval]:
    """Return the white intervals that (nearly) all rows share, with text on both sides of each."""
    full = [row for row in rows if len(row.fragments) > 1]
    single = [row for row in rows if len(row.fragments) == 1]
    may_cross = (1 if len(full) >= 4 else 0) + len(single) // 2
    events: list[tuple[float, int]] = []
    for row in rows:
        for left, right in row.spans:
            events += [(left, 1), (right, -1)]
    events.sort()
    least = MIN_GUTTER * median(row.line.size for row in rows)
    found: list[Interval] = []
    covered = 0
    pieces: list[tuple[int, float, float]] = []  # of the interval that is open: rows in it, from, to
    for (x, step), (after, _) in pairwise(events):
        covered += step
        if covered <= may_cross:
            pieces.append((covered, x, after))
            continue
        if pieces and pieces[-1][2] - pieces[0][1] >= least:
            clearest = _clearest(pieces)
            if _parts(full, *clearest):
                found.append(clearest)
        pieces = []
    return found


def _clearest(pieces: Sequence[tuple[int, float, float]]) -> Interval:
    """Return where fewest rows reach into an interval, the widest of such places."""
    fewest = min((rows for rows, left, right in pieces if right - left > 0.5), default=pieces[0][0])
    _, left, right = max((piece for piece in pieces if piece[0] == fewest), key=lambda one: one[2] - one[1])
    return left, right


def _parts(rows: Sequence[_Row], left: float, right: float) -> bool:
    """Say whether enough rows have text on both sides of an interval and a wide gap in its place."""
    parted = 0
    for row in rows:
        spans = row.spans
        before = [span for span in spans if span[1] <= left + 1]
        after = [span for span in spans if span[0] >= right - 1]
        if before and after and after[0][0] - before[-1][1] >= 0.9 * WIDE_GAP * row.line.size:
            parted += 1
    return parted >= max(MIN_ROWS - 1, 0.12 * len(rows))


def _stray_share(rows: Sequence[_Row], gutters: Sequence[Interval]) -> float:
    """Return how many of the wide gaps of the rows lie where no gutter is."""
    gaps = stray = 0
    for row in rows:
        for before, after in pairwise(row.spans):
            if after[0] - before[1] >= WIDE_GAP * row.line.size:
                gaps += 1
                stray += not any(before[1] <= right and left <= after[0] for left, right in gutters)
    return stray / max(1, gaps)


def _cells(row: _Row, gutters: Sequence[Interval]) -> list[list[Word]]:
    """Return the words of each column; what runs over several columns stands in the first of them."""
    edges = [(left + right) / 2 for left, right in gutters]
    cells: list[list[Word]] = [[] for _ in range(len(edges) + 1)]
    for part in row.fragments:
        for piece in _pieces(part, gutters, row.line.size):
            left, right = piece[0].flat[0], max(word.flat[2] for word in piece)
            crosses = any(left < edge < right for edge in edges)
            cells[bisect_right(edges, left if crosses else (left + right) / 2)] += piece
    return cells


def _pieces(part: tuple[Word, ...], gutters: Sequence[Interval], size: float) -> Iterator[tuple[Word, ...]]:
    """Yield a fragment cut at gutters where its words stand further apart than words do."""
    gaps = [after.flat[0] - before.flat[2] for before, after in pairwise(part)]
    usual = min(sorted(gaps)[len(gaps) // 2], 0.3 * size) if len(gaps) > 1 else 0.25 * size
    begun = 0
    for at, gap in enumerate(gaps, start=1):
        left, right = part[at - 1].flat[2], part[at].flat[0]
        if gap >= max(1.35 * usual, 0.24 * size) and any(
            left <= gutter[1] and gutter[0] <= right for gutter in gutters
        ):
            yield part[begun:at]
            begun = at
    yield part[begun:]


def _text(cell: Sequence[Word]) -> str:
    return " ".join(word.text for word in cell)


def _is_table(rows: Sequence[Sequence[Sequence[Word]]]) -> bool:
    """Say whether cells are those of a table, and not of columns of prose, a list, an index or a form."""
    columns = [[_text(row[at]) for row in rows if row[at]] for at in range(len(rows[0]))]
    if any(len(column) < 2 for column in columns[:2]):
        return False
    if sum(1 for row in rows if sum(map(bool, row)) > 1) < max(MIN_ROWS, 0.4 * len(rows)):
        return False
    if sum(_is_prose(rows, at) for at in range(len(columns))) >= min(2, len(columns)):
        return False
    first, second = columns[:2]
    if sum(1 for text in first if text.endswith(":")) >= 0.6 * len(first):
        return False  # a form: its labels and what was filled in
    if len(columns) > 2:
        return True
    if sum(1 for text in first if _is_marker(text)) >= 0.7 * len(first):
        return False
    numbers = [int(text) for text in second if _NUMBER.fullmatch(text)]
    return not (len(numbers) >= len(second) - 1 and len(numbers) >= MIN_ROWS and numbers == sorted(numbers))


def _is_marker(text: str) -> bool:
    return (outline.list_marker(f"{text} ") or "").strip() == text


def _is_prose(rows: Sequence[Sequence[Sequence[Word]]], column: int) -> bool:
    """Say whether the lines of a column run from its left to its right, as sentences do."""
    cells = [row[column] for row in rows if row[column]]
    texts = [_text(cell) for cell in cells]
    if len(cells) < 4 or median(map(len, texts)) < PROSE_CHARS:
        return False
    widths = [cell[-1].flat[2] - cell[0].flat[0] for cell in cells]
    runs_on = sum(1 for text in texts if text[:1].islower()) >= 0.4 * len(texts)
    return median(widths) >= PROSE_FILL * max(widths) and runs_on


def _merged(
    rows: Sequence[_Row], cells: Sequence[list[list[Word]]], rules: Sequence[Box]
) -> list[tuple[tuple[Word, ...], ...]]:
    """Return the rows of a table, the lines of each cell together."""
    joins = _joins(rows, cells, rules)
    merged: list[list[list[Word]]] = []
    for row, joined in zip(cells, [False, *joins], strict=True):
        if joined:
            merged[-1] = [[*above, *below] for above, below in zip(merged[-1], row, strict=True)]
        else:
            merged.append([list(cell) for cell in row])
    return [tuple(tuple(cell) for cell in row) for row in merged]


def _joins(
    rows: Sequence[_Row], cells: Sequence[Sequence[Sequence[Word]]], rules: Sequence[Box]
) -> list[bool]:
    """Say of every row but the first whether it goes on with the cells of the row above."""
    distances = [low.line.box[3] - high.line.box[3] for high, low in pairwise(rows)]
    ruled = [_has_rule(rules, high.line.box, low.line.box) for high, low in pairwise(rows)]
    limit = _row_limit(distances)
    by_distance = [
        limit is not None and distance < limit and not rule
        for distance, rule in zip(distances, ruled, strict=True)
    ]
    pairs = list(pairwise(cells))
    if any(by_distance) and all(
        _may_join(*pair) for pair, joined in zip(pairs, by_distance, strict=True) if joined
    ):
        return by_distance
    if 2 * sum(ruled) >= len(ruled) > sum(ruled):  # most rows are ruled apart, so what is not is one row
        return [not rule for rule in ruled]
    return [not rule and _is_rest(above, below) for (above, below), rule in zip(pairs, ruled, strict=True)]


def _row_limit(distances: Sequence[float]) -> float | None:
    """Return the distance that parts lines of a cell from rows of the table, if there are both."""
    ordered = sorted(distances)
    jumps = [(high / max(low, 0.1), (low + high) / 2) for low, high in pairwise(ordered)]
    if not jumps:
        return None
    ratio, limit = max(jumps)
    return limit if ratio >= ROW_JUMP else None


def _has_rule(rules: Sequence[Box], above: Box, below: Box) -> bool:
    middle = (above[1] + above[3]) / 2, (below[1] + below[3]) / 2
    left, right = min(above[0], below[0]), max(above[2], below[2])
    return any(
        middle[0] < rule[1] < middle[1] and min(rule[2], right) - max(rule[0], left) > 0.5 * (right - left)
        for rule in rules
    )


def _may_join(above: Sequence[Sequence[Word]], below: Sequence[Sequence[Word]]) -> bool:
    """Say whether two lines can be of one row: no column has a value of its own in both, nor is each full."""
    both = [(_text(a), _text(b)) for a, b in zip(above, below, strict=True) if a and b]
    if any(_VALUE.fullmatch(a) and _VALUE.fullmatch(b) for a, b in both):
        return False
    return len(both) < len(above) or any(b[:1].islower() for _, b in both)


def _is_rest(above: Sequence[Sequence[Word]], below: Sequence[Sequence[Word]]) -> bool:
    """Say whether a line at the distance of rows is the rest of one cell of the row above."""
    filled = [at for at, cell in enumerate(below) if cell]
    if len(filled) != 1 or not above[filled[0]] or filled[0] == 0:
        return False
    return _text(below[filled[0]])[:1].islower() and sum(map(bool, above)) > 1
