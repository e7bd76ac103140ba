"""Charts of a planilla's columns: counts or sums by what a column holds. Pure, and never an engine's."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from planillas import values
from planillas.cells import EMPTY, Cell, Cells, Status, Value
from planillas.columns import Column, Kind

MOST_MARKS = 12
SUMMED = (Kind.NUMBER, Kind.INTEGER, Kind.MONEY)
# What a chart may be drawn by: values that several rows share.
GROUPED = tuple(each for each in Kind if each not in (Kind.LONG_TEXT, Kind.IDENTITY, Kind.EMAIL, Kind.PHONE))
_ORDERED = (Kind.DATE, Kind.TIME, Kind.NUMBER, Kind.INTEGER, Kind.MONEY)
_TOLD = (Status.FOUND, Status.EDITED, Status.STALE)


class Shape(models.TextChoices):
    """How a chart is drawn."""

    BAR = "bar", lazy("Barras")
    LINE = "line", lazy("Línea")
    PIE = "pie", lazy("Torta")


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart's data: a label and a value for each mark. `of` "": it counts rows. `without`: rows that say nothing."""

    by: str
    of: str
    labels: tuple[str, ...]
    values: tuple[float, ...]
    shown: tuple[str, ...]  # the values as people read them
    without: int = 0


def count(rows: Iterable[Cells], by: Column, of: Column | None = None) -> Chart:
    """Return the rows counted by what they hold in a column, or another column of theirs summed.

    Only what was found or written by a person counts. In the order of the column's choices, of its days or numbers;
    else the most first. What is beyond the first few becomes one mark.
    """
    sums: dict[str, float] = defaultdict(float)
    first: dict[str, Value] = {}
    without = 0
    for cells in rows:
        held = _values(cells.get(by.key, EMPTY))
        amount = _amount(cells.get(of.key, EMPTY)) if of else 1.0
        if not held or amount is None:
            without += 1
            continue
        for value in held:
            label = values.show(value, by)
            first.setdefault(label, value)
            sums[label] += amount
    if by.kind == Kind.DATE and len(sums) > MOST_MARKS:
        sums, first = _by_month(sums, first)
    order = _ordered(sums, first, by)
    kept = _few(order, sums)
    return Chart(
        by=by.name,
        of=of.name if of else "",
        labels=tuple(label for label, _value in kept),
        values=tuple(round(value, 6) for _label, value in kept),
        shown=tuple(_show(value, of) for _label, value in kept),
        without=without,
    )


def _values(cell: Cell) -> Sequence[Value]:
    if cell.value is None or cell.status not in _TOLD:
        return ()
    return cell.value if isinstance(cell.value, list) else (cell.value,)


def _amount(cell: Cell) -> float | None:
    told = _values(cell)
    value = told[0] if told else None
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _by_month(sums: dict[str, float], first: dict[str, Value]) -> tuple[dict[str, float], dict[str, Value]]:
    """Return days joined by month, or by year where there are too many months."""
    for size in (7, 4):
        joined: dict[str, float] = defaultdict(float)
        starts: dict[str, Value] = {}
        for label, amount in sums.items():
            day = str(first[label])[:size]
            name = f"{int(day[5:7])}/{day[:4]}" if size == 7 else day
            joined[name] += amount
            starts.setdefault(name, day)
        if len(joined) <= MOST_MARKS:
            break
    return joined, starts


def _ordered(sums: dict[str, float], first: dict[str, Value], by: Column) -> list[str]:
    if by.kind in _ORDERED:
        return sorted(sums, key=lambda label: _sortable(first[label]))
    if by.kind == Kind.CHOICE:
        place = {choice: at for at, choice in enumerate(by.choices)}
        return sorted(sums, key=lambda label: (place.get(str(first[label]), len(place)), label))
    return sorted(sums, key=lambda label: (-sums[label], label))


def _sortable(value: Value) -> tuple[float, str]:
    return (float(value), "") if isinstance(value, int | float) else (0.0, str(value))


def _few(order: list[str], sums: dict[str, float]) -> list[tuple[str, float]]:
    if len(order) <= MOST_MARKS:
        return [(label, sums[label]) for label in order]
    rest = order[MOST_MARKS - 1 :]
    told = [(label, sums[label]) for label in order[: MOST_MARKS - 1]]
    return [*told, (_("Otros (%d)") % len(rest), sum(sums[label] for label in rest))]


def _show(value: float, of: Column | None) -> str:
    whole = int(value) if value == int(value) else value
    if of is None:
        return str(int(value))
    return values.show(whole if of.kind != Kind.INTEGER else int(value), of)
