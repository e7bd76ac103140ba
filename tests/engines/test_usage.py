"""What the report of spending says is what the books hold, day by day of the school's own calendar."""

import csv
import io
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from engines import amounts, chart, ledger, money_form, rules, usage
from engines.base import Price
from engines.errands import Purpose
from engines.ledger import Outcome, Verdict
from engines.models import AtCap, Budget, Charge
from engines.routing import Candidate, Choice
from engines.rules import BadPlan
from engines.usage import BadRange, Line, Month, Report
from schools import csv_files
from schools.ids import new_id
from schools.models import School
from schools.scope import school_scope
from tests.conftest import Person
from tests.engines.installed import errand
from tests.engines.test_routing import engine

ZONE = "America/Argentina/Buenos_Aires"
PAID = Price(in_per_million_u=10**6, version="x")


@pytest.fixture
def ana(ana: Person) -> Person:
    """Return Ana, whose school is three hours behind UTC and may spend 1000 dollars."""
    School.objects.filter(pk=ana.school.pk).update(time_zone=ZONE)
    rules.plan(ana.member, cap=Decimal(1000))
    return ana


def at(day: str, hour: str = "12:00:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{hour}").replace(tzinfo=ZoneInfo(ZONE))


def charge(
    person: Person,
    dollars: int,
    *,
    now: datetime,
    decided: datetime | None = None,
    name: str = "lejos",
    end: str = "settle",
    task: str = "chat",
    **changes: Any,
) -> None:
    """Hold and settle a call as the router does."""
    asked = errand(person.member, **changes)
    candidate = Candidate(
        engine(name, runs="outside", price=PAID), (), est_u=dollars * 10**6, est_usd_u=dollars * 10**6
    )
    standing = ledger.standing(person.school_id, ZONE, now=decided or now)
    held = ledger.reserve(
        asked, candidate, standing, task=task, decision=Verdict(new_id(), asked, task, 0, 0, Choice((), ()), "1"),
        is_first=True, hold_s=60, now=now,
    )  # fmt: skip
    assert held is not None
    if end == "settle":
        ledger.settle(held, Outcome(dollars * 10**6, "usage", "ok", tokens_in=100, tokens_out=10))
    elif end == "estimate":
        ledger.settle(held, Outcome(dollars * 10**6, "estimate", "timeout"))
    elif end == "release":
        ledger.release(held, "rate")


def spent(report: Report) -> dict[str, int]:
    return {line.key: line.amount_u // 10**6 for line in report.lines}


def test_a_month_begins_at_the_schools_midnight_and_its_days_add_up_to_its_budget(ana: Person) -> None:
    charge(ana, 1, now=at("2026-10-31", "23:59:59"))
    charge(ana, 2, now=at("2026-11-01", "00:00:01"))
    # Decided on the last evening and written a moment after midnight: held against October's cap.
    charge(ana, 4, now=at("2026-11-01", "00:00:02"), decided=at("2026-10-31", "23:59:59"))
    charge(ana, 8, now=at("2026-11-30", "23:59:59"))
    october = usage.report(ana.member, by="day", first=date(2026, 10, 1), last=date(2026, 10, 31))
    november = usage.report(ana.member, by="day", first=date(2026, 11, 1), last=date(2026, 11, 30))
    assert spent(october) == {"2026-10-31": 5}
    assert spent(november) == {"2026-11-01": 2, "2026-11-30": 8}
    with school_scope(ana.school_id):
        budgets = {row.month.month: row.spent_u for row in Budget.objects.all()}
    assert budgets == {10: october.totals["USD"], 11: november.totals["USD"]}
    assert spent(usage.report(ana.member, by="day", first=date(2026, 11, 1), last=date(2026, 11, 1))) == {
        "2026-11-01": 2
    }
    assert usage.month(ana.member, now=at("2026-10-31", "23:59:59")).spent_u == budgets[10]
    assert usage.month(ana.member, now=at("2026-11-01", "00:00:00")).spent_u == budgets[11]
    assert usage.today(ana.member, now=at("2026-10-31", "23:59:59")) == date(2026, 10, 31)


def test_a_sum_holds_what_was_settled_and_nothing_else(ana: Person, beto: Person, zoe: Person) -> None:
    day = at("2026-11-10")
    charge(ana, 1, now=day)
    charge(beto, 2, now=day, name="otro", end="estimate")
    charge(ana, 4, now=day, task="embed", user_id=None, purpose=Purpose.INDEX)
    charge(ana, 8, now=day, end="hold")
    charge(ana, 16, now=day, end="release")
    rules.plan(zoe.member, cap=Decimal(1000))
    charge(zoe, 32, now=day)
    span: Mapping[str, Any] = {"first": date(2026, 11, 10), "last": date(2026, 11, 10)}
    expected = {
        "engine": {"lejos": 5, "otro": 2},
        "user": {"": 4, str(beto.user.pk): 2, str(ana.user.pk): 1},
        "task": {"embed": 4, "chat": 3},
        "day": {"2026-11-10": 7},
    }
    for by in usage.BY:
        report = usage.report(ana.member, by=by, **span)
        assert spent(report) == expected[by]
        assert list(spent(report)) == list(expected[by]), "the dearest first"
        assert (report.totals, report.calls) == ({"USD": 7 * 10**6}, 3)
        assert sum(line.reckoned for line in report.lines) == 1
        assert (
            sum(line.tokens_in for line in report.lines),
            sum(line.tokens_out for line in report.lines),
        ) == (
            200,
            20,
        )
    names = [line.name for line in usage.report(ana.member, by="user", **span).lines]
    assert names == ["Nadie en particular: tareas del sistema", "Beto", "Ana"]


def test_sums_of_two_currencies_are_two(ana: Person) -> None:
    charge(ana, 1, now=at("2026-10-10"))
    charge(ana, 2, now=at("2026-11-10"))
    with school_scope(ana.school_id):
        Charge.objects.filter(month=date(2026, 11, 1)).update(currency="ARS")
    report = usage.report(ana.member, by="engine", first=date(2026, 10, 1), last=date(2026, 11, 30))
    assert report.totals == {"ARS": 2 * 10**6, "USD": 10**6}
    by_day = usage.report(ana.member, by="day", first=date(2026, 10, 1), last=date(2026, 11, 30))
    assert [each.currency for each in chart.draw(by_day)] == ["ARS", "USD"]


@pytest.mark.parametrize(
    ("first", "last"), [(date(2026, 11, 2), date(2026, 11, 1)), (date(2020, 1, 1), date(2026, 1, 1))]
)
def test_dates_that_make_no_range_are_refused(ana: Person, first: date, last: date) -> None:
    with pytest.raises(BadRange):
        usage.report(ana.member, by="day", first=first, last=last)


@pytest.mark.parametrize(
    ("cap", "spent_u", "held_u", "percent", "is_warned", "is_over"),
    [
        (100, 0, 0, 0, False, False),
        (100, 79, 0, 79, False, False),
        (100, 70, 10, 80, True, False),
        (100, 100, 0, 100, True, True),
        (10, 50, 0, 500, True, True),  # the cap was lowered below what is spent
        (0, 0, 0, 0, False, False),
        (0, 5, 0, 100, False, False),
    ],
)
def test_how_a_month_stands(
    cap: int, spent_u: int, held_u: int, percent: int, is_warned: bool, is_over: bool
) -> None:
    month = Month(date(2026, 12, 1), "USD", cap, spent_u, held_u, 80, AtCap.LOCAL)
    assert (month.percent, month.is_warned, month.is_over) == (percent, is_warned, is_over)
    assert month.left_u == max(0, cap - spent_u - held_u)
    assert month.following == date(2027, 1, 1)


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("=HIPERVINCULO(1)", "'=HIPERVINCULO(1)"),
        ("+54 11", "'+54 11"),
        ("-1", "'-1"),
        ("@a", "'@a"),
        ("\t=1", "'\t=1"),
        ("  =1", "'  =1"),
        ('Ana = Beto; "x"', 'Ana = Beto; "x"'),
        ("0,50", "0,50"),
    ],
)
def test_a_cell_of_a_csv_file_is_never_a_formula(cell: str, kept: str) -> None:
    content = csv_files.write([["Persona"], [cell]])
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))
    assert rows == [["Persona"], [kept]]


@pytest.mark.parametrize(
    ("amount_u", "exact", "said"),
    [
        (0, "0.00", "0,00"),
        (2_000_000, "2.00", "2,00"),
        (1_234_567_891, "1234.567891", "1\N{NO-BREAK SPACE}234,57"),
        (600_000, "0.60", "0,60"),
        (1_260, "0.00126", "0,0013"),
        (1, "0.000001", "0,000001"),
    ],
)
def test_amounts_are_exact_for_programs_and_short_for_people(amount_u: int, exact: str, said: str) -> None:
    assert amounts.exact(amount_u) == exact
    assert amounts.say(amount_u, "ARS") == f"$ {said}"
    assert Decimal(exact) * 10**6 == amount_u


@pytest.mark.parametrize(
    ("text", "amount"),
    [("", "0"), ("5000", "5000"), ("5.000", "5000"), ("5.000,50", "5000.50"), ("0,5", "0.5"), ("12.5", "12.5"),
     ("$ 1.250.000", "1250000")],
)  # fmt: skip
def test_an_amount_is_read_as_it_is_typed_here(text: str, amount: str) -> None:
    assert money_form.read_amount(text) == Decimal(amount)


@pytest.mark.parametrize("text", ["-1", "mil", "1e9", "5,5,5", "NaN", "٥"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(BadPlan):
        money_form.read_amount(text)


def _line(day: str, amount_u: int) -> Line:
    return Line(day, day, "USD", amount_u, 1, 0, 0, 0, 0.0)


def test_a_chart_is_of_days_and_of_months_when_they_are_many() -> None:
    lines = (_line("2026-01-31", 10), _line("2026-02-01", 40), _line("2026-02-02", 0))
    [days] = chart.draw(Report("day", date(2026, 1, 30), date(2026, 2, 3), lines))
    assert [(each.x, each.height) for each in days.columns] == [(1, 0), (11, 25), (21, 100), (31, 0), (41, 0)]
    assert all(each.y + each.height == chart.HEIGHT for each in days.columns)
    [months] = chart.draw(Report("day", date(2026, 1, 1), date(2026, 12, 31), lines))
    assert [each.height for each in months.columns] == [25, 100, *[0] * 10]
    assert chart.draw(Report("day", date(2026, 1, 1), date(2026, 1, 2), ())) == ()
