"""The books are right, whoever asks at once, dies in the middle, or comes late."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engines import estimate, ledger, prices, router, rules
from engines.base import EngineError, Price, Usage
from engines.ledger import Held, Outcome, Verdict
from engines.models import Budget, Charge
from engines.routing import Candidate, Choice
from schools.ids import new_id
from schools.scope import school_scope
from tests.conftest import Person
from tests.doubles import anthropic
from tests.doubles.base import Double
from tests.engines.installed import PRICE, QUESTION, QUOTING, allow, balance, books, errand, text
from tests.engines.test_routing import engine

Write = Callable[..., None]
PAID = engine("lejos", runs="outside", price=Price(in_per_million_u=10**6, version="x"))


def hold(person: Person, amount_u: int, *, now: datetime | None = None, seconds: float = 300) -> Held | None:
    """Hold an amount as the router does."""
    asked = errand(person.member)
    standing = ledger.standing(person.member.school_id, person.member.time_zone, now=now)
    verdict = Verdict(new_id(), asked, "chat", 0, 0, Choice((), ()), "1")
    return ledger.reserve(
        asked,
        Candidate(PAID, (), est_u=amount_u, est_usd_u=amount_u),
        standing,
        task="chat",
        decision=verdict,
        is_first=True,
        hold_s=seconds,
        now=now,
    )


def settled(amount_u: int) -> Outcome:
    return Outcome(usd_u=amount_u, basis="usage", outcome="ok")


@pytest.fixture
def far() -> Iterator[Double]:
    """Run an engine outside the school, which costs."""
    with anthropic.serving() as double:
        yield double


def test_sixty_calls_at_once_never_pass_a_cap_for_twenty(
    committed: None, write: Write, far: Double, ana: Person
) -> None:
    """faults.md 23, through the router: twenty hold all the money there is, and the forty others say why not."""
    write(anthropic.entry(far, name="lejos", price=PRICE, at_once=100, first_token_s=60))
    allow(ana.member, "lejos")
    choice = router.explain(
        errand(ana.member),
        task="chat",
        tokens_in=estimate.of_request(QUESTION),
        tokens_out=QUESTION.max_tokens,
    )
    est_u = choice.candidates[0].est_u  # the most that one may cost
    assert est_u
    rules.plan(ana.member, cap=Decimal(20 * est_u) / 10**6)
    far.fault = "hang"
    outcomes: list[str] = []
    start = threading.Barrier(60)

    def call() -> None:
        try:
            start.wait(60)
            text(router.answer(QUESTION, errand(ana.member)).pieces)
        except EngineError as error:
            outcomes.append(error.code)
            if len([each for each in outcomes if each == "over_budget"]) == 40:
                far.released.set()  # all sixty have been decided
        finally:
            connections.close_all()

    threads = [threading.Thread(target=call) for _number in range(60)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert outcomes.count("over_budget") == 40
    assert len(far.journal) == 20
    _decisions, charges, budget = books(ana.member)
    assert budget is not None and budget.spent_u == budget.limit_u == 20 * est_u
    assert len(charges) == 20
    balance(ana.member)


@pytest.mark.django_db
def test_what_a_dead_process_held_is_settled_when_its_time_is_over(write: Write, ana: Person) -> None:
    write(QUOTING)
    allow(ana.member, cap="1")
    held = [hold(ana, 1_000) for _number in range(10)]
    assert all(held)
    assert ledger.expire() == 0, "it may still be under way"
    later = timezone.now() + timedelta(minutes=10)
    assert ledger.expire(later) == 10
    _decisions, charges, budget = books(ana.member)
    assert budget is not None and (budget.spent_u, budget.reserved_u) == (10_000, 0)
    assert {each.outcome for each in charges} == {"expired"}
    assert ledger.expire(later) == 0
    # It was not dead, only slow: the books are put right.
    first = held[0]
    assert first is not None
    ledger.settle(first, settled(400))
    ledger.settle(first, settled(900))
    balance(ana.member)
    _decisions, _charges, budget = books(ana.member)
    assert budget is not None and budget.spent_u == 9_400


@pytest.mark.django_db
def test_a_call_over_midnight_is_of_the_month_it_began_in(write: Write, ana: Person) -> None:
    """faults.md 25: the month is the school's; nothing is counted twice and nothing is lost."""
    write(QUOTING)
    school = ana.school
    school.time_zone = "America/Argentina/Buenos_Aires"
    school.save()
    ana.membership.school.time_zone = school.time_zone
    allow(ana.member, cap="1")
    last = datetime(2026, 4, 1, 2, 59, 59, tzinfo=UTC)  # 23:59:59 of 31 March over there
    old = hold(ana, 300_000, now=last)
    new = hold(ana, 900_000, now=last + timedelta(seconds=2))
    assert old and new, "each month has its own money"
    assert hold(ana, 900_000, now=last + timedelta(minutes=2)) is None
    ledger.settle(old, settled(250_000))
    ledger.release(new, "connect")
    with school_scope(ana.member.school_id):
        months = {each.month: (each.spent_u, each.reserved_u) for each in Budget.objects.all()}
    assert months == {date(2026, 3, 1): (250_000, 0), date(2026, 4, 1): (0, 0)}


@pytest.mark.parametrize(
    ("moment", "zone", "month"),
    [
        (datetime(2026, 4, 1, 2, 59, 59, tzinfo=UTC), "America/Argentina/Buenos_Aires", date(2026, 3, 1)),
        (datetime(2026, 4, 1, 3, 0, 0, tzinfo=UTC), "America/Argentina/Buenos_Aires", date(2026, 4, 1)),
        # Clocks go back an hour in Santiago on 5 April 2026 at midnight; the month has begun already.
        (datetime(2026, 4, 1, 2, 59, tzinfo=UTC), "America/Santiago", date(2026, 3, 1)),
        (datetime(2026, 9, 30, 22, 30, tzinfo=UTC), "Europe/Madrid", date(2026, 10, 1)),
        (
            datetime(2026, 10, 31, 23, 30, tzinfo=UTC),
            "Europe/Madrid",
            date(2026, 11, 1),
        ),  # winter time by then
        (datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC), "UTC", date(2026, 12, 1)),
    ],
)
def test_the_month_is_the_schools(moment: datetime, zone: str, month: date) -> None:
    assert rules.month_of(moment, zone) == month


@pytest.mark.django_db
def test_a_dearer_call_than_any_estimate_is_booked_and_the_next_waits(write: Write, ana: Person) -> None:
    write(QUOTING)
    allow(ana.member, cap="0.001")
    held = hold(ana, 900)
    assert held
    ledger.settle(held, settled(5_000))
    _decisions, _charges, budget = books(ana.member)
    assert budget is not None and (budget.spent_u, budget.limit_u) == (5_000, 1_000)
    assert hold(ana, 1) is None
    assert hold(ana, 0) is not None, "what costs nothing goes on"


@pytest.mark.django_db
def test_a_lower_cap_stops_what_comes_and_keeps_what_was(write: Write, ana: Person) -> None:
    write(QUOTING)
    allow(ana.member, cap="1")
    held = hold(ana, 500_000)
    assert held
    ledger.settle(held, settled(500_000))
    rules.plan(ana.member, cap=Decimal("0.2"))
    assert hold(ana, 10) is None
    balance(ana.member)
    rules.plan(ana.member, cap=Decimal(2))
    assert hold(ana, 10) is not None


@pytest.mark.django_db
def test_one_month_has_one_currency(write: Write, ana: Person) -> None:
    write(QUOTING, currencies={"ARS": 1_450})
    allow(ana.member, cap="1")
    assert hold(ana, 10)
    with pytest.raises(rules.BadPlan, match="mes que viene"):
        rules.plan(ana.member, currency="ARS")
    with pytest.raises(rules.BadPlan, match="cambio"):
        rules.plan(ana.member, currency="XXX")
    with school_scope(ana.member.school_id):
        Charge.objects.all().delete()
        Budget.objects.all().delete()
    assert rules.plan(ana.member, currency="ARS").currency == "ARS"


@pytest.mark.django_db
def test_a_school_pays_for_itself_alone(write: Write, ana: Person, zoe: Person) -> None:
    write(QUOTING)
    allow(ana.member, cap="1")
    assert hold(ana, 900_000)
    assert hold(zoe, 1) is None
    allow(zoe.member, cap="1")
    assert hold(zoe, 900_000)
    assert books(zoe.member)[1][0].school_id == zoe.member.school_id
    balance(ana.member)
    balance(zoe.member)


@pytest.mark.django_db
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=12)
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["hold", "settle", "release", "expire"]),
            st.integers(0, 4_000),
            st.integers(0, 5),
        ),
        max_size=14,
    )
)
def test_whatever_happens_in_whatever_order_the_sums_are_right(ana: Person, steps: list[Any]) -> None:
    """Red when `engines_reserve` looks at no limit."""
    with school_scope(ana.member.school_id):
        Charge.objects.all().delete()
        Budget.objects.all().delete()
    rules.plan(ana.member, cap=Decimal("0.004"))  # one dear call, or a few
    open_: list[Held] = []
    for kind, amount_u, number in steps:
        if kind == "hold":
            held = hold(ana, amount_u)
            if held:
                open_.append(held)
        elif kind == "expire":
            ledger.expire(timezone.now() + timedelta(minutes=11))
        elif open_:
            chosen = open_[number % len(open_)]
            if kind == "settle":
                ledger.settle(chosen, settled(min(amount_u, chosen.est_u)))
            else:
                ledger.release(chosen, "connect")
        balance(ana.member)
        budget = books(ana.member)[2]
        if budget:
            assert budget.spent_u + budget.reserved_u <= budget.limit_u


@given(
    tokens_in=st.integers(0, 10**7),
    tokens_out=st.integers(0, 10**6),
    seconds=st.floats(0, 10**5),
    more=st.integers(0, 1_000),
)
def test_a_price_is_whole_never_less_than_exact_and_grows(
    tokens_in: int, tokens_out: int, seconds: float, more: int
) -> None:
    price = Price(in_per_million_u=150_000, out_per_million_u=600_000, per_second_u=190, version="x")
    cost = prices.cost_u(price, tokens_in, tokens_out, seconds)
    exact = tokens_in * 0.15 + tokens_out * 0.6 + seconds * 190
    assert cost >= exact - 1e-3 * max(1.0, exact) * 1e-6 and cost <= exact + 1.01 + exact * 1e-9
    assert prices.cost_u(price, tokens_in + more, tokens_out, seconds) >= cost
    assert prices.of_usage(price, Usage(tokens_in, None, seconds)) is None
    assert prices.in_currency(cost, Decimal("1450.5")) >= cost * 1450
