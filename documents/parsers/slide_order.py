"""In which order the shapes of a slide are read, told by where they stand."""

from collections.abc import Sequence
from typing import TypeAlias, TypeVar

Area: TypeAlias = tuple[float, float, float, float]  # left, top, right, bottom, in any unit
Item = TypeVar("Item")

_SAME_LINE = 0.5  # of the lower of two shapes: they stand beside each other


def in_order(found: Sequence[tuple[Area | None, Item]]) -> list[tuple[Area | None, Item]]:
    """Return shapes top to bottom, left to right; what has no place comes first, as it came.

    They are cut into rows where nothing crosses, rows into columns, columns into rows again, and so on. Low
    headings over tall columns are read each with its column.
    """
    placed = [(area, item) for area, item in found if area is not None]
    unplaced: list[tuple[Area | None, Item]] = [(area, item) for area, item in found if area is None]
    return [*unplaced, *_cut(placed, is_column=False, tries=2)]


def around(areas: Sequence[Area | None]) -> Area | None:
    """Return the smallest area that holds all of them."""
    known = [area for area in areas if area is not None]
    if not known:
        return None
    lefts, tops, rights, bottoms = zip(*known, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _cut(placed: list[tuple[Area, Item]], *, is_column: bool, tries: int) -> list[tuple[Area, Item]]:
    if len(placed) < 2:
        return placed
    if not tries:
        return sorted(placed, key=lambda each: (each[0][1], each[0][0]))
    parts = _parts(placed, is_column=is_column)
    if len(parts) == 1:
        return _cut(placed, is_column=not is_column, tries=tries - 1)
    if not is_column:
        parts = _with_headings(parts)
    return [each for part in parts for each in _cut(part, is_column=not is_column, tries=2)]


def _with_headings(rows: list[list[tuple[Area, Item]]]) -> list[list[tuple[Area, Item]]]:
    """Return the rows, one of headings and the row of columns below it as one."""
    joined: list[list[tuple[Area, Item]]] = []
    for row in rows:
        above = joined[-1] if joined else []
        if (
            len(above) == len(row) > 1
            and _are_heads(above, row)
            and len(_parts(above + row, is_column=True)) > 1
        ):
            joined[-1] = above + row
        else:
            joined.append(row)
    return joined


def _are_heads(above: list[tuple[Area, Item]], below: list[tuple[Area, Item]]) -> bool:
    pairs = zip(
        *(sorted((area for area, _ in row), key=lambda area: area[0]) for row in (above, below)), strict=True
    )
    return all(
        head[3] - head[1] < 0.5 * (body[3] - body[1])
        and min(head[2], body[2]) - max(head[0], body[0])
        > _SAME_LINE * min(head[2] - head[0], body[2] - body[0])
        for head, body in pairs
    )


def _parts(placed: list[tuple[Area, Item]], *, is_column: bool) -> list[list[tuple[Area, Item]]]:
    """Return the shapes in rows (or columns) which overlap by no more than half of the smaller shape."""
    low, high = (0, 2) if is_column else (1, 3)
    parts: list[list[tuple[Area, Item]]] = []
    reach, least = 0.0, 0.0
    for each in sorted(placed, key=lambda each: (each[0][low], each[0][high])):
        first, last = each[0][low], each[0][high]
        size = last - first
        if parts and reach - first > _SAME_LINE * min(size, least):
            parts[-1].append(each)
            reach, least = max(reach, last), min(least, size)
        else:
            parts.append([each])
            reach, least = last, size
    return parts
