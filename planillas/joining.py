"""What sources say, joined into the cells of a row: what agrees strengthens, what disagrees is shown, never settled."""

from collections.abc import Sequence
from dataclasses import replace

from planillas import cells as made
from planillas import identity, values
from planillas.cells import EMPTY, Candidate, Cell, Cells, Evidence, Status, Value
from planillas.columns import Column, Kind
from planillas.headers import Matcher
from planillas.meanings import words_of
from planillas.records import Record, Said

MOST_SOURCES = 3  # of a value
MOST_CANDIDATES = 8

_COURSES = frozenset({"course", "year", "division"})


def merge(cells: Cells, record: Record, columns: Sequence[Column]) -> Cells:
    """Return the cells of a row with what a record says of it.

    A source that agrees adds its evidence; one that disagrees makes a conflict with both as candidates. What a person
    wrote stays, and the reading becomes a candidate beside it. What is no value of its column makes a cell that is
    invalid, unless something says one.
    """
    joined = dict(cells)
    for column in columns:
        said = record.said.get(column.key)
        if said is not None:
            old = joined.get(column.key, EMPTY)
            joined[column.key] = _merge(old, said, column, record.engine)
    return joined


class Joiner:
    """Rows out of records, in memory: for small ones and for tests."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = tuple(columns)
        self._rows: list[tuple[list[str], Cells]] = []
        self._by_key: dict[str, list[int]] = {}

    def add(self, record: Record) -> None:
        """Join a record into the row that it is about, or into a new one."""
        told = identity.keys(_values(record), self._columns)
        index = identity.pick(told, lambda key: self._by_key.get(key, ()), lambda index: self._rows[index][0])
        if index is None:
            if not record.is_row:
                return
            index = len(self._rows)
            self._rows.append(([], {}))
        keys, cells = self._rows[index]
        joined = merge(cells, record, self._columns)
        for key in (*told, *identity.keys(_settled(joined), self._columns)):
            if key not in keys:
                keys.append(key)
                self._by_key.setdefault(key, []).append(index)
        self._rows[index] = (keys, joined)

    def rows(self) -> list[tuple[list[str], Cells]]:
        """Return what each row is known by, and its cells, in the order in which they were found."""
        return list(self._rows)


def agree(a: Value, b: Value, column: Column) -> bool:
    """Say whether two sources that say these say one thing: a name's order and comma and "5º" or "5to" do not part."""
    if values.same(a, b, column):
        return True
    if column.kind is not Kind.TEXT or not isinstance(a, str) or not isinstance(b, str):
        return False
    matcher = _matcher(column)
    if matcher.is_name(column):
        return sorted(identity.name_words(a)) == sorted(identity.name_words(b))
    return matcher.about(column) in _COURSES and words_of(a) == words_of(b)


def _merge(old: Cell, said: Said, column: Column, engine: str) -> Cell:
    if said.value is None:
        return _invalid(old, said, engine)
    if old.status is Status.EDITED or (old.status is Status.STALE and old.edited_by):
        return replace(old, candidates=_with(old.candidates, said, column))
    if old.status is Status.CONFLICT:
        return replace(old, candidates=_with(old.candidates, said, column))
    if old.status is Status.FOUND and old.value is not None:
        if agree(old.value, said.value, column):
            sure = max(old.confidence or 0.0, said.confidence)
            return replace(old, sources=_more(old.sources, said), confidence=sure)
        candidates = _with((Candidate(old.value, old.sources),), said, column)
        return Cell(None, Status.CONFLICT, candidates=candidates, engine=old.engine or engine)
    return made.found(said.value, said.sources, confidence=said.confidence, engine=engine)


def _invalid(old: Cell, said: Said, engine: str) -> Cell:
    if old.status is Status.INVALID:
        return replace(old, sources=_more(old.sources, said))
    if old.status is Status.NO_EVIDENCE:
        return Cell(None, Status.INVALID, (said.evidence,), said.confidence, engine=engine, why=said.why)
    return old


def _with(candidates: Sequence[Candidate], said: Said, column: Column) -> tuple[Candidate, ...]:
    value = said.value
    assert value is not None
    for index, each in enumerate(candidates):
        if agree(each.value, value, column):
            fuller = Candidate(each.value, _more(each.sources, said))
            return (*candidates[:index], fuller, *candidates[index + 1 :])
    return (*candidates, Candidate(value, said.sources))[:MOST_CANDIDATES]


def _more(sources: tuple[Evidence, ...], said: Said) -> tuple[Evidence, ...]:
    return (*sources, *(each for each in said.sources if each not in sources))[:MOST_SOURCES]


def _values(record: Record) -> dict[str, Value]:
    return {key: each.value for key, each in record.said.items() if each.value is not None}


def _settled(cells: Cells) -> dict[str, Value]:
    sure = (Status.FOUND, Status.EDITED)
    return {key: each.value for key, each in cells.items() if each.status in sure and each.value is not None}


_MATCHERS: dict[Column, Matcher] = {}


def _matcher(column: Column) -> Matcher:
    """Return a matcher of one column, made once."""
    if len(_MATCHERS) > 500:
        _MATCHERS.clear()
    if column not in _MATCHERS:
        _MATCHERS[column] = Matcher((column,))
    return _MATCHERS[column]
