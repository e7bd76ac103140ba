"""How values look in a spreadsheet: widths, currencies, and the colours of a cell's state. No library."""

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from planillas import values
from planillas.cells import Status, Value
from planillas.columns import Column, Kind

# Subtle: read on a screen and still light on paper. A value that was found has no colour.
FILLS: dict[Status, str] = {
    Status.EDITED: "E6F0FA",
    Status.NO_EVIDENCE: "F3F3EF",
    Status.CONFLICT: "FDF0D5",
    Status.STALE: "ECE6F5",
    Status.INVALID: "FBE3DF",
}
HEAD_FILL = "E4EFEB"
INK, QUIET = "14594C", "54635E"

TEXTS = frozenset({Kind.TEXT, Kind.LONG_TEXT, Kind.CHOICE, Kind.IDENTITY, Kind.EMAIL, Kind.PHONE, Kind.LIST})
NUMBERS = frozenset({Kind.NUMBER, Kind.INTEGER, Kind.MONEY})

_ZERO = re.compile(r"(0(?:,00)?)")
_WIDTHS = {
    Kind.LONG_TEXT: 48, Kind.NUMBER: 11, Kind.INTEGER: 10, Kind.DATE: 12, Kind.TIME: 9, Kind.YES_NO: 8,
    Kind.IDENTITY: 15, Kind.PHONE: 18, Kind.MONEY: 15,
}  # fmt: skip
WIDTH_MOST, WIDTH_LEAST = 42, 8
DIGITS_MOST = 15  # of a number that a spreadsheet keeps whole
# A spreadsheet counts days from a year 1900 that never was; before this day programs disagree.
FIRST_DAY = date(1900, 3, 1)
DAY_ZERO = date(1899, 12, 30).toordinal()


@dataclass(frozen=True, slots=True)
class Money:
    """How a column's amounts are written. `before`, `after`: the currency's sign, where it stands, else ""."""

    before: str
    after: str
    cents: int


@lru_cache(maxsize=256)
def money(column: Column) -> Money:
    """Return how a column's amounts are written, as `values.show` writes them."""
    before, _zero, after = _ZERO.split(values.show(0, column), maxsplit=1)
    cents = 2 if "," in values.show(0, column) else 0
    return Money(before.strip(), after.strip(), cents)


def width(column: Column, longest: int) -> float:
    """Return a column's width in characters, given the longest text seen in it."""
    if column.width:
        return min(max(column.width, 4), 120)
    asked = max(_WIDTHS.get(column.kind, WIDTH_LEAST), min(len(column.name) + 4, 24))
    return asked if column.kind not in TEXTS else max(asked, min(longest + 2, WIDTH_MOST))


def day(value: Value) -> date | None:
    """Return a date that a spreadsheet counts rightly; None: it has to stand as text."""
    try:
        found = date.fromisoformat(str(value))
    except ValueError:
        return None
    return found if found >= FIRST_DAY else None


def part_of_day(value: Value) -> float | None:
    """Return a time as a part of the day; None: it has to stand as text."""
    hours, colon, minutes = str(value).partition(":")
    if not colon or not (hours.isdecimal() and minutes.isdecimal()):
        return None
    found = (int(hours) * 60 + int(minutes)) / 1440
    return found if found < 1 else None


def number(value: Value) -> int | float | None:
    """Return a number that a spreadsheet keeps whole; None: it has to stand as text."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if abs(value) < 10**DIGITS_MOST else None  # nor what is infinite or no number
