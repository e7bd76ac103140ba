"""The values of a planilla's cells: read as people write them, checked, shown, compared and found in a text. Pure.

Canonical: texts, choices, documents, addresses and telephones are str; INTEGER int; NUMBER and MONEY int or float; DATE
"YYYY-MM-DD"; TIME "HH:MM"; YES_NO bool; LIST list[str]. How each is written stands in `planillas.written`.
"""

from collections.abc import Callable, Iterable

from django.utils.translation import gettext as _

from planillas.cells import Value
from planillas.columns import Column, Kind
from planillas.written import (
    BadValue,
    Blank,
    amounts,
    choices,
    contacts,
    dates,
    identities,
    numbers,
    plain,
)

__all__ = ["BadValue", "Blank", "accept", "is_blank", "occurs", "read", "same", "show", "spot"]

MOST_SPOT_CHARS = 100_000
MOST_CELL_CHARS = 200
_NUMERIC = (Kind.NUMBER, Kind.INTEGER, Kind.MONEY)
_TEXTS = (Kind.TEXT, Kind.LONG_TEXT)

_READ: dict[Kind, Callable[[str, Column], Value]] = {
    Kind.TEXT: lambda text, _column: _text(text, plain.read),
    Kind.LONG_TEXT: lambda text, _column: _text(text, plain.read_long),
    Kind.NUMBER: numbers.read,
    Kind.INTEGER: numbers.read,
    Kind.DATE: lambda text, _column: dates.read(text),
    Kind.TIME: lambda text, _column: dates.read_time(text),
    Kind.YES_NO: lambda text, _column: choices.read_yes_no(text),
    Kind.CHOICE: choices.read_choice,
    Kind.IDENTITY: identities.read,
    Kind.EMAIL: lambda text, _column: contacts.read_email(text),
    Kind.PHONE: lambda text, _column: contacts.read_phone(text),
    Kind.MONEY: amounts.read,
    Kind.LIST: lambda text, _column: choices.read_list(text),
}
_SPOT: dict[Kind, Callable[[str, Column], Iterable[tuple[int, int, Value]]]] = {
    Kind.NUMBER: numbers.spot,
    Kind.INTEGER: numbers.spot,
    Kind.DATE: lambda text, _column: dates.spot(text),
    Kind.TIME: lambda text, _column: dates.spot_times(text),
    Kind.YES_NO: lambda text, _column: choices.spot_yes_no(text),
    Kind.CHOICE: choices.spot_choice,
    Kind.IDENTITY: identities.spot,
    Kind.EMAIL: lambda text, _column: contacts.spot_emails(text),
    Kind.PHONE: lambda text, _column: contacts.spot_phones(text),
    Kind.MONEY: amounts.spot,
}


def read(text: str, column: Column) -> Value:
    """Return what a source or a person wrote; raise BadValue, of which Blank says that nothing stands there."""
    return _READ[column.kind](text, column)


def accept(given: object, column: Column) -> Value | None:
    """Return what a program sent as JSON, typed or in text; None for null and for what is blank. Raise BadValue."""
    if given is None or given == []:
        return None
    if isinstance(given, str):
        return _accept_text(given, column)
    if isinstance(given, bool):
        if column.kind == Kind.YES_NO:
            return given
    elif isinstance(given, int | float):
        if column.kind in _NUMERIC:
            return numbers.accept(given, column)
        if isinstance(given, int) and column.kind != Kind.DATE:
            return _accept_text(str(given), column)
    elif isinstance(given, list) and column.kind == Kind.LIST and all(isinstance(one, str) for one in given):
        return choices.accept_list(given)
    raise BadValue(
        _("El valor no es del tipo de la columna «%(name)s»: %(kind)s.")
        % {"name": column.name, "kind": column.kind.label}
    )


def show(value: Value | None, column: Column) -> str:
    """Return a value as people read it in Spanish; "" where there is none. `read` reads it back."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("Sí") if value else _("No")
    if isinstance(value, list):
        return choices.show_list(value)
    if isinstance(value, int | float):
        return amounts.show(value, column) if column.kind == Kind.MONEY else numbers.show(value)
    if column.kind == Kind.DATE:
        return dates.show(value)
    return dates.show_time(value) if column.kind == Kind.TIME else value


def same(a: Value, b: Value, column: Column) -> bool:
    """Say whether two values are one but for how they are written: case, accents, spaces, points of a number."""
    if isinstance(a, list) and isinstance(b, list):
        return sorted(map(plain.key, a)) == sorted(map(plain.key, b))
    if isinstance(a, str) and isinstance(b, str):
        match column.kind:
            case Kind.IDENTITY:
                return identities.key(a) == identities.key(b)
            case Kind.PHONE:
                return contacts.phone_key(a) == contacts.phone_key(b)
            case Kind.EMAIL:
                return a.casefold() == b.casefold()
            case _:
                return plain.key(a) == plain.key(b)
    # True and 1 are equal to Python, not to people.
    return isinstance(a, bool) == isinstance(b, bool) and a == b


def occurs(value: Value, column: Column, text: str) -> bool:
    """Say whether a text says the value, in whatever of the ways to write it."""
    if isinstance(value, list):
        is_said = bool(value) and all(plain.stands_in(each, text) for each in value)
    elif isinstance(value, str) and (column.kind in _TEXTS or not value.strip()):
        return plain.stands_in(value, text)
    else:
        is_said = any(same(each, value, column) for _start, _end, each in spot(text, column))
    return is_said or _is_all_of(value, column, text)


def spot(text: str, column: Column) -> list[tuple[int, int, Value]]:
    """Return where values of the column's kind stand in a text, in order; none for texts and lists."""
    find = _SPOT.get(column.kind)
    found = find(text[:MOST_SPOT_CHARS], column) if find else ()
    return sorted(found, key=lambda each: each[:2])


def is_blank(text: str) -> bool:
    """Say whether a cell's text is empty or only says that there is nothing: "-", "s/d", "……"."""
    return plain.says_nothing(plain.visible(text))


def _is_all_of(value: Value, column: Column, text: str) -> bool:
    """Say whether a short text as a whole, such as a cell, is the value."""
    try:
        return len(text) <= MOST_CELL_CHARS and same(read(text, column), value, column)
    except BadValue:
        return False


def _text(text: str, tidy: Callable[[str], str]) -> str:
    value = tidy(text)
    if plain.is_ditto(value):
        raise BadValue(
            _("«%(text)s» repite lo de arriba: falta escribir el valor.") % {"text": plain.quoted(value)}
        )
    if plain.says_nothing(value):
        raise Blank(_("Falta el valor: «%(text)s» dice que no hay.") % {"text": plain.quoted(value)})
    return value


def _accept_text(given: str, column: Column) -> Value | None:
    try:
        return read(given, column)
    except Blank:
        return None
