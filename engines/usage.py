"""What engines cost a school: its settled charges by day, person, task or engine, and how its month stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Literal, get_args
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count, DateField, F, Func, Q, Sum
from django.db.models.functions import Greatest, Least, TruncDate
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from engines import rules, words
from engines.models import AtCap, Budget, Charge, ChargeState
from engines.routing import Money
from schools.admission import Member
from schools.models import User
from schools.refusals import Refused
from schools.scope import school_scope

By = Literal["engine", "user", "task", "day"]
BY: tuple[By, ...] = get_args(By)
MOST_DAYS = 3 * 366


class BadRange(Refused):
    """These are no dates to report on."""

    code = "invalid"


@dataclass(frozen=True, slots=True)
class Line:
    """What one of them cost in one currency. `key`: a day, a person's id, a task or an engine; `name`: for staff."""

    key: str
    name: str
    currency: str
    amount_u: int
    calls: int
    reckoned: int  # of the calls: those whose cost is an estimate, as the engine did not tell
    tokens_in: int
    tokens_out: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Report:
    """A school's spending from one day to another, both included, in its own time zone."""

    by: By
    first: date
    last: date
    lines: tuple[Line, ...]

    @property
    def totals(self) -> dict[str, int]:
        """Return the sum of each currency, in millionths."""
        found: dict[str, int] = {}
        for line in self.lines:
            found[line.currency] = found.get(line.currency, 0) + line.amount_u
        return found

    @property
    def calls(self) -> int:
        """Return how many calls there were."""
        return sum(line.calls for line in self.lines)


@dataclass(frozen=True, slots=True)
class Month:
    """How a school's month stands, in millionths of its currency."""

    first: date
    currency: str
    cap_u: int
    spent_u: int
    held_u: int
    warn_percent: int
    at_cap: AtCap

    @property
    def left_u(self) -> int:
        """Return what may still be spent."""
        return max(0, self.cap_u - self.spent_u - self.held_u)

    @property
    def percent(self) -> int:
        """Return how much of the cap is spent or held, in whole percent; what went out without a cap counts as 100."""
        used_u = self.spent_u + self.held_u
        return used_u * 100 // self.cap_u if self.cap_u else 100 * bool(used_u)

    @property
    def is_over(self) -> bool:
        """Say whether the cap is reached, as the router says it."""
        return Money(left_u=self.left_u, cap_u=self.cap_u).is_over

    @property
    def is_warned(self) -> bool:
        """Say whether the director is to be told that little is left."""
        return self.cap_u > 0 and (self.is_over or self.percent >= self.warn_percent)

    @property
    def following(self) -> date:
        """Return the first day of the next month."""
        return (self.first + timedelta(days=32)).replace(day=1)


def month(member: Member, *, now: datetime | None = None) -> Month:
    """Return how the school's month stands."""
    first = rules.month_of(now or timezone.now(), member.time_zone)
    with school_scope(member.school_id):
        policy = rules.read()
        row = Budget.objects.filter(month=first).values_list("spent_u", "reserved_u").first()
    spent_u, held_u = row or (0, 0)
    return Month(
        first=first,
        currency=policy.currency,
        cap_u=policy.cap_u,
        spent_u=spent_u,
        held_u=held_u,
        warn_percent=policy.warn_percent,
        at_cap=policy.at_cap,
    )


def today(member: Member, *, now: datetime | None = None) -> date:
    """Return the day that it is at the school."""
    return (now or timezone.now()).astimezone(ZoneInfo(member.time_zone)).date()


def report(member: Member, *, by: By, first: date | None = None, last: date | None = None) -> Report:
    """Return what was spent; without dates since the month began. Raises BadRange."""
    last = last or today(member)
    first = first or last.replace(day=1)
    if first > last:
        raise BadRange(_("La primera fecha está después de la última."), field="from")
    if (last - first).days > MOST_DAYS:
        raise BadRange(_("Se puede pedir hasta tres años por vez."), field="from")
    key = "user_id" if by == "user" else by
    with school_scope(member.school_id):
        rows = list(
            Charge.objects.filter(state=ChargeState.SETTLED, month__gte=first.replace(day=1), month__lte=last)
            .annotate(day=_day(member.time_zone))
            .filter(day__gte=first, day__lte=last)
            .values(key, "currency")
            .annotate(
                amount_u=Sum("actual_u"),
                calls=Count("pk"),
                reckoned=Count("pk", filter=Q(actual_u__gt=0) & ~Q(basis="usage")),
                read=Sum("tokens_in"),
                written=Sum("tokens_out"),
                time_s=Sum("seconds"),
            )
            .order_by()
        )
    names = _names(by, {row[key] for row in rows})
    lines = [_line(row, key, names) for row in rows]
    if by == "day":
        lines.sort(key=lambda line: (line.key, line.currency))
    else:
        lines.sort(key=lambda line: (line.currency, -line.amount_u, -line.calls, line.name))
    return Report(by=by, first=first, last=last, lines=tuple(lines))


def _day(time_zone: str) -> Greatest:
    """Return the day of a charge at the school; always one of the month whose cap it was held against.

    A call that was decided on the last evening and written a moment after midnight stays in its month: the days of a
    month add up to what its budget says was spent.
    """
    end = Func(
        F("month"),
        template="(%(expressions)s + interval '1 month' - interval '1 day')::date",
        output_field=DateField(),
    )
    return Greatest(F("month"), Least(TruncDate("created_at", tzinfo=ZoneInfo(time_zone)), end))


def _line(row: Mapping[str, Any], key: str, names: Mapping[Any, str]) -> Line:
    value = row[key]
    return Line(
        key="" if value is None else str(value),
        name=names[value],
        currency=row["currency"],
        amount_u=int(row["amount_u"]),
        calls=row["calls"],
        reckoned=row["reckoned"],
        tokens_in=int(row["read"] or 0),
        tokens_out=int(row["written"] or 0),
        seconds=float(row["time_s"] or 0),
    )


def _names(by: By, keys: Iterable[Any]) -> dict[Any, str]:
    """Return the keys in words."""
    if by == "day":
        return {day: date_format(day, "j M Y").lower() for day in keys}
    if by == "task":
        return {task: words.task(task) for task in keys}
    if by == "engine":
        return {name: words.engine(name) for name in keys}
    ids: set[UUID] = {key for key in keys if key is not None}
    people = User.objects.filter(pk__in=ids).values_list("pk", "name", "email")
    found: dict[Any, str] = {pk: name or email for pk, name, email in people}
    return {None: _("Nadie en particular: tareas del sistema"), **found}
