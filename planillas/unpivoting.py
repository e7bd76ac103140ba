"""Tables whose headers are values: subjects, parts of the year, days. They become one record per row and header."""

from collections.abc import Sequence
from dataclasses import dataclass

from planillas import meanings
from planillas.asked import Asked
from planillas.columns import Column, Kind
from planillas.written import plain

_MEASURES = ("grade", "attendance", "final_grade", "points", "quantity")
_VALUES = ("subject", "term", "month")
CERTAINTY = 0.93
MOST_BAD = 0.34  # of what stands below: "debe", "ausente"


@dataclass(frozen=True, slots=True)
class Taken:
    """Whence a column's values are taken: a cell; that and `others`, put together; or a part of a name.

    `part`: surname or given name, `order`: which of both comes first in the cell, "" where unknown. `doubt`: why what
    stands there is not taken for a value, in words for staff.
    """

    column: Column
    index: int
    certainty: float
    others: tuple[int, ...] = ()
    part: str = ""
    order: str = ""
    doubt: str = ""

    @property
    def indices(self) -> tuple[int, ...]:
        """Return the cells that are read."""
        return (self.index, *self.others)

    @property
    def is_plain(self) -> bool:
        """Say whether a cell is the value."""
        return not self.others and not self.part


@dataclass(frozen=True, slots=True)
class Repeat:
    """One record of every row: what its header says (column, row and index of the header's cell), and its values."""

    dims: tuple[tuple[Column, int, int], ...]
    measures: tuple[Taken, ...]


def find(
    header: Sequence[Sequence[str]],
    rows: Sequence[Sequence[str]],
    top: int,
    depth: int,
    taken: Sequence[Taken],
    body: Sequence[Sequence[str]],
    asked: Asked,
) -> list[Repeat]:
    """Return the records into which each row comes apart; none where no column asks for what the headers say."""
    held = {each.column.key for each in taken}
    used = {index for each in taken for index in each.indices}
    free = [column for column in asked.columns if column.key not in held]
    dims = [column for column in free if _is_dimension(column, asked)]
    if not dims or not asked.tells_who(list(held)):
        return []
    texts = [text for cells in header for text in cells]
    measure = _measure(free, dims, texts, asked)
    dims = [column for column in dims if column is not measure]
    groups: dict[tuple[tuple[str, int, int], ...], list[Taken]] = {}
    columns = {column.key: column for column in dims}
    first_of: dict[tuple[str, str], tuple[int, int]] = {}
    for index, cells in enumerate(header):
        if index in used or not cells:
            continue
        said = _dims(cells, dims, asked)
        rest = [text for text in cells if text not in {text for text, _ in said}]
        found = _measured(rest, index, measure, free, dims, asked)
        if not said or found is None:
            continue
        coordinates = []
        for text, column in said:
            where = first_of.setdefault((column.key, text), _where(rows, top, depth, index, text))
            coordinates.append((column.key, *where))
        groups.setdefault(tuple(sorted(coordinates)), []).append(found)
    repeats = [
        Repeat(tuple((columns[key], row, at) for key, row, at in coordinates), tuple(measures))
        for coordinates, measures in groups.items()
        if len({each.column.key for each in measures}) == len(measures)
    ]
    if len(repeats) < 2 or len(repeats) < len(groups):
        return []
    shared = {column.key for column, _row, _index in repeats[0].dims}
    if any({column.key for column, _row, _index in each.dims} != shared for each in repeats):
        return []
    return repeats if _fit(repeats, body, asked) else []


def _is_dimension(column: Column, asked: Asked) -> bool:
    if column.kind in (Kind.DATE, Kind.CHOICE):
        return asked.matcher.about(column) != "birth_date"
    return column.kind is Kind.TEXT and asked.matcher.about(column) in _VALUES


def _measure(
    free: Sequence[Column], dims: Sequence[Column], texts: Sequence[str], asked: Asked
) -> Column | None:
    """Return the column of the values below such headers, where there is no doubt which."""
    for about in _MEASURES:
        found = [column for column in free if asked.matcher.about(column) == about]
        if found:
            return found[0] if len(found) == 1 else None
    said = [column for column in dims if sum(_is_value(text, column, asked) for text in set(texts)) > 1]
    rest = [column for column in free if column not in said]
    return rest[0] if said and len(rest) == 1 else None


def _dims(cells: Sequence[str], dims: Sequence[Column], asked: Asked) -> list[tuple[str, Column]]:
    said: list[tuple[str, Column]] = []
    for text in cells:
        for column in dims:
            if all(column is not each for _, each in said) and _is_value(text, column, asked):
                said.append((text, column))
                break
    return said


def _is_value(text: str, column: Column, asked: Asked) -> bool:
    if column.kind is Kind.CHOICE:
        return any(plain.key(choice) == plain.key(text) for choice in column.choices)
    if column.kind is Kind.DATE:
        return sum(map(str.isdigit, text)) >= 3 and asked.fits(text, column)
    match asked.matcher.about(column):
        case "subject":
            return meanings.is_subject(text)
        case "term":
            return meanings.is_term(text)
        case "month":
            return meanings.is_month(text)
    return False


def _measured(
    rest: Sequence[str],
    index: int,
    measure: Column | None,
    free: Sequence[Column],
    dims: Sequence[Column],
    asked: Asked,
) -> Taken | None:
    """Return of which column the values below a header are, by what it says besides."""
    if not rest:
        return Taken(measure, index, CERTAINTY) if measure is not None else None
    match = asked.matcher.match(" ".join(rest))
    if match is None or match.column in dims or match.column not in free:
        return None
    return Taken(match.column, index, min(match.certainty, CERTAINTY))


def _where(rows: Sequence[Sequence[str]], top: int, depth: int, index: int, text: str) -> tuple[int, int]:
    """Return the row and index of the header's cell: the nearest at the left that says it."""
    for row in range(top + depth - 1, top - 1, -1):
        for at in range(min(index, len(rows[row]) - 1), -1, -1):
            if rows[row][at] == text:
                return row, at
    return top, index


def _fit(repeats: Sequence[Repeat], body: Sequence[Sequence[str]], asked: Asked) -> bool:
    """Say whether what stands below is what the columns hold, mostly."""
    good = bad = 0
    for each in repeats:
        for taken in each.measures:
            for row in body:
                text = row[taken.index] if taken.index < len(row) else ""
                value, why = asked.read(text, taken.column) if text else (None, "")
                good += value is not None
                bad += bool(why)
    return good > 0 and bad <= MOST_BAD * (good + bad)
