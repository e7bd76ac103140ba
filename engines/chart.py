"""Spending as columns: whole numbers for an SVG, as a page may carry no style of its own."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from engines import amounts
from engines.usage import Report

MOST_DAYS = 62  # in a chart by day; what is longer is drawn by month
STEP, GAP, HEIGHT = 10, 2, 100


@dataclass(frozen=True, slots=True)
class Column:
    """One day or month; its place in the drawing, and what it says when pointed at."""

    x: int
    y: int
    height: int
    title: str


@dataclass(frozen=True, slots=True)
class Chart:
    """The columns of one currency. `width`: of the drawing, whose height is HEIGHT."""

    currency: str
    columns: tuple[Column, ...]
    most: str
    first: str
    last: str
    told: str  # all of it in a sentence

    @property
    def width(self) -> int:
        """Return how wide the drawing is."""
        return len(self.columns) * STEP


def draw(report: Report) -> tuple[Chart, ...]:
    """Return a chart for each currency of a report by day; none where nothing was spent."""
    by_month = (report.last - report.first).days >= MOST_DAYS
    spent: dict[str, dict[date, int]] = {}
    for line in report.lines:
        if not line.amount_u:
            continue
        day = date.fromisoformat(line.key)
        days = spent.setdefault(line.currency, {})
        slot = day.replace(day=1) if by_month else day
        days[slot] = days.get(slot, 0) + line.amount_u
    slots = list(_months(report) if by_month else _days(report))
    return tuple(_chart(currency, days, slots, by_month=by_month) for currency, days in sorted(spent.items()))


def _chart(currency: str, spent: Mapping[date, int], slots: list[date], *, by_month: bool) -> Chart:
    most_u = max(spent.values())
    told = {
        "total": amounts.say(sum(spent.values()), currency),
        "most": amounts.say(most_u, currency),
        "when": _name(max(spent, key=lambda slot: spent[slot]), by_month=by_month),
    }
    return Chart(
        currency=currency,
        columns=tuple(
            _column(at, slot, spent.get(slot, 0), most_u, currency, by_month=by_month)
            for at, slot in enumerate(slots)
        ),
        most=told["most"],
        first=_name(slots[0], by_month=by_month),
        last=_name(slots[-1], by_month=by_month),
        told=_("En total %(total)s; lo más, %(most)s, en %(when)s.") % told,
    )


def _column(at: int, slot: date, amount_u: int, most_u: int, currency: str, *, by_month: bool) -> Column:
    height = max(1, amount_u * HEIGHT // most_u) if amount_u else 0
    title = f"{_name(slot, by_month=by_month)}: {amounts.say(amount_u, currency)}"
    return Column(x=at * STEP + GAP // 2, y=HEIGHT - height, height=height, title=title)


def _name(slot: date, *, by_month: bool) -> str:
    return date_format(slot, r"F \d\e Y" if by_month else r"j \d\e F")


def _days(report: Report) -> Iterable[date]:
    return (report.first + timedelta(days=n) for n in range((report.last - report.first).days + 1))


def _months(report: Report) -> Iterable[date]:
    slot = report.first.replace(day=1)
    while slot <= report.last:
        yield slot
        slot = (slot + timedelta(days=32)).replace(day=1)
