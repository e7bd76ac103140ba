"""What a row is known by: its document, its key columns, the name of whom it is about. Pure."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from engines.spanish import fold
from planillas import values as written
from planillas.cells import Value
from planillas.columns import Column, Kind
from planillas.headers import DOCUMENTS, Matcher
from planillas.meanings import FULL_NAME, GIVEN_NAME, PERSON, SURNAME
from planillas.written import plain

T = TypeVar("T")

_MEASURES = frozenset({"grade", "attendance", "points"})
_DIMENSIONS = frozenset({"subject", "term", "date"})


@dataclass(frozen=True, slots=True)
class Ways:
    """By which columns the rows of a planilla are told apart.

    `rest`: what has to be the same besides the person, such as the subject where a row is a pupil's mark in it.
    `is_person`: documents and names tell rows apart.
    """

    documents: tuple[Column, ...]
    names: tuple[Column, ...]
    declared: tuple[Column, ...]
    rest: tuple[Column, ...]
    is_person: bool

    @property
    def any(self) -> bool:
        """Say whether there is any way at all; otherwise each record makes a row of its own."""
        return bool(self.declared or self.rest or (self.is_person and (self.documents or self.names)))

    def tell(self, values: Collection[str]) -> bool:
        """Say whether these columns tell whose or what row it is; always where there is no way to tell."""
        if not self.any:
            return True
        if any(column.key not in values for column in self.rest):
            return False
        if self.is_person and any(column.key in values for column in (*self.documents, *self.names)):
            return True
        if self.declared:
            return all(column.key in values for column in self.declared)
        return bool(self.rest) and not self.documents and not self.names


def keys(values: Mapping[str, Value], columns: Sequence[Column]) -> list[str]:
    """Return what a row is known by, folded, strongest first; nothing where it cannot be told from others.

    Documents of identity, then the key columns together, then names whatever their order and commas. A key is
    "kind:value", and rows that have different values of a kind are not the same one.
    """
    return keys_by(values, ways(tuple(columns)))


@lru_cache(maxsize=64)
def ways(columns: tuple[Column, ...]) -> Ways:
    """Return by which columns rows of these are told apart."""
    matcher = Matcher(columns)
    documents = tuple(
        column
        for column in columns
        if column.kind is Kind.IDENTITY
        and matcher.is_own(column)
        and (matcher.about(column) in DOCUMENTS or column.is_key)
    )
    full = matcher.of(FULL_NAME)
    surname, given = matcher.of(SURNAME), matcher.of(GIVEN_NAME)
    if full is not None:
        names: tuple[Column, ...] = (full,)
    else:
        names = tuple(column for column in (surname, given) if column is not None)
    names = tuple(column for column in names if column.kind is Kind.TEXT)
    declared = tuple(column for column in columns if column.is_key)
    persons = {column.key for column in (*documents, *names)}
    rest = tuple(column for column in declared if column.key not in persons)
    if not declared:
        abouts = {matcher.about(column) for column in columns}
        if abouts & _MEASURES:
            rest = tuple(
                column
                for column in columns
                if matcher.about(column) in _DIMENSIONS
                and (matcher.about(column) != "date" or "attendance" in abouts)
            )
        return Ways(documents, names, (), rest, is_person=True)
    if len(rest) == len(declared):  # no person among the keys
        if all(matcher.meaning[column.key].area == PERSON for column in rest):
            return Ways(documents, names, declared, (), is_person=True)
        return Ways((), (), declared, (), is_person=False)
    return Ways(documents, names, () if rest else declared, rest, is_person=True)


def keys_by(values: Mapping[str, Value], told: Ways) -> list[str]:
    """Return the keys of a row by ways that are known already."""
    suffix = ""
    if told.rest:
        parts = [_folded(values.get(column.key), column) for column in told.rest]
        if not all(parts):
            return []
        suffix = "+" + "+".join(parts)
    found: list[str] = []
    for column in told.documents:
        value = values.get(column.key)
        if isinstance(value, str) and value:
            found.append(f"id:{column.key}:{_number(value)}{suffix}")
    if told.declared and not all(column in told.documents for column in told.declared):
        parts = [_folded(values.get(column.key), column) for column in told.declared]
        if all(parts) and not (told.is_person and all(column in told.names for column in told.declared)):
            found.append("key:" + "+".join(parts))
    if told.is_person:
        words = [str(values[column.key]) for column in told.names if values.get(column.key)]
        tokens = name_words(" ".join(words)) if len(words) == len(told.names) else []
        is_whole = len(tokens) > 1 or (tokens and any(column.is_key for column in told.names))
        if is_whole:
            found.append(f"name:{' '.join(sorted(tokens))}{suffix}")
    if not found and suffix and not told.documents and not told.names:
        found.append(f"key:{suffix[1:]}")
    return found


def name_words(name: str) -> list[str]:
    """Return the words of a person's name as names are compared."""
    return plain.tokens(name)


def clash(some: Sequence[str], others: Sequence[str]) -> bool:
    """Say whether two rows cannot be one: both have a document, and they are not the same."""
    mine = {_kind(key): key for key in some if key.startswith("id:")}
    return any(_kind(key) in mine and mine[_kind(key)] != key for key in others if key.startswith("id:"))


def pick(
    told: Sequence[str], rows: Callable[[str], Sequence[T]], keys_of: Callable[[T], Sequence[str]]
) -> T | None:
    """Return the row that these keys name; None where there is none, or where it could be one of several.

    `rows`: those known by a key; `keys_of`: what a row is known by.
    """
    for key in told:
        found = [row for row in rows(key) if not clash(told, keys_of(row))]
        if found:
            return found[0] if len(found) == 1 else None
    return None


def _kind(key: str) -> str:
    return ":".join(key.split(":", 2)[:2])


def _number(value: str) -> str:
    return "".join(char for char in value if char.isalnum()).lower().lstrip("0")


def _folded(value: Value | None, column: Column) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, list):
        return ",".join(sorted(map(plain.key, value)))
    return plain.key(value) if isinstance(value, str) else fold(written.show(value, column))
