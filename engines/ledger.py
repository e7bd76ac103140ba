"""The books: money held before a call, settled or released after it, and never left held.

One statement each, as 60 calls at once may want the last cent: the row of the month's budget is where they queue.
Each is sent in one round trip, in the name of its school; the functions stand in the migrations of this app.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils import timezone

from engines import config, rules
from engines.base import Engine
from engines.errands import Errand, Purpose
from engines.labels import Label
from engines.models import Budget, Charge, ChargeState, Decision, Plan
from engines.prices import in_currency
from engines.routing import Candidate, Choice, Money
from engines.rules import Policy
from schools import scope
from schools.ids import SchoolId, new_id
from schools.models import School
from schools.scope import school_scope

# Longer than any call lasts, by config's bound on `total_s` of what waits for a person; see `hold_s`.
_MARGIN_S = 60.0
MOST_HELD_S = 600.0


@dataclass(frozen=True, slots=True)
class Standing:
    """What a decision needs to know of a school, read in one scope."""

    policy: Policy
    money: Money
    month: date


@dataclass(frozen=True, slots=True)
class Held:
    """Money held for one call."""

    charge_id: UUID
    school_id: SchoolId
    est_u: int
    est_usd_u: int
    rate: Decimal


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a call. `usd_u`: its cost in millionths of a dollar."""

    usd_u: int
    basis: str  # usage | estimate
    outcome: str
    tokens_in: int | None = None
    tokens_out: int | None = None
    seconds: float | None = None
    first_ms: int | None = None


def standing(school_id: SchoolId, time_zone: str, *, now: datetime | None = None) -> Standing:
    """Return a school's choices and what it has left this month."""
    month = rules.month_of(now or timezone.now(), time_zone)
    rates = config.load().currencies
    [row] = scope.run(school_id, _STANDING, {"school": school_id, "month": month})
    *chosen, limit_u, spent_u, reserved_u = row
    policy = rules.of_row(chosen)
    left_u = policy.cap_u if limit_u is None else limit_u - spent_u - reserved_u
    # A currency that the file does not know any more: nothing can be reckoned in it, so nothing is left.
    rate = rates.get(policy.currency)
    money = Money(
        left_u=left_u if rate is not None else 0,
        cap_u=policy.cap_u if rate is not None else 0,
        currency=policy.currency,
        rate=rate or Decimal(1),
    )
    return Standing(policy=policy, money=money, month=month)


def reserve(
    errand: Errand,
    candidate: Candidate,
    standing: Standing,
    *,
    task: str,
    decision: "Verdict",
    is_first: bool,
    hold_s: float,
    now: datetime | None = None,
) -> Held | None:
    """Hold the most that a call may cost and write its decision; None when the month has not enough left.

    The decision is written with the first of its calls, whether there was money for that or not.
    """
    now = now or timezone.now()
    held = Held(
        charge_id=new_id(),
        school_id=errand.school_id,
        est_u=candidate.est_u or 0,
        est_usd_u=candidate.est_usd_u,
        rate=standing.money.rate,
    )
    values: dict[str, Any] = {
        "charge": held.charge_id, "school": errand.school_id, "decision": decision.id, "user": errand.user_id,
        "engine": candidate.engine.name, "runs": candidate.engine.runs, "model": candidate.engine.model[:120],
        "task": task, "purpose": errand.purpose.value, "month": standing.month, "currency": standing.money.currency,
        "est": held.est_u, "usd": held.est_usd_u, "now": now,
        "expires": now + timedelta(seconds=min(hold_s + _MARGIN_S, MOST_HELD_S)),
    }  # fmt: skip
    # Where no money is at stake, a crash of Postgres may forget the last half second of such calls.
    ahead = "" if held.est_u else _UNAWAITED
    if is_first:
        ahead += _DECIDE
        values |= decision.values()
    [(is_held,)] = scope.run(errand.school_id, ahead + _RESERVE, values)
    if is_held or not held.est_u:
        return held if is_held else None
    with school_scope(errand.school_id):
        if Budget.objects.filter(month=standing.month).exists():
            return None
        _open_month(standing)
    [(is_held,)] = scope.run(errand.school_id, _RESERVE, values)
    return held if is_held else None


def record(errand: Errand, decision: "Verdict") -> None:
    """Write a decision that came to no call."""
    values = {
        "school": errand.school_id,
        "decision": decision.id,
        "user": errand.user_id,
        "now": timezone.now(),
    }
    scope.run(errand.school_id, _DECIDE, values | decision.values())


def settle(held: Held, outcome: Outcome, *, chosen: bool = True) -> int:
    """Book what a call cost, in place of what was held; return it in the school's currency.

    A charge that expired meanwhile is corrected. `chosen`: this engine did the errand.
    """
    actual_u = in_currency(outcome.usd_u, held.rate)
    values = {
        "school": held.school_id, "charge": held.charge_id, "actual": actual_u, "usd": outcome.usd_u,
        "basis": outcome.basis, "outcome": outcome.outcome[:30], "tokens_in": outcome.tokens_in,
        "tokens_out": outcome.tokens_out, "seconds": outcome.seconds, "first_ms": outcome.first_ms,
        "now": timezone.now(), "state": ChargeState.SETTLED.value, "chosen": chosen,
    }  # fmt: skip
    # Not waited for: what a crash of Postgres forgets here stays held, and is settled when its time is over.
    scope.run(held.school_id, _UNAWAITED + _SETTLE, values)
    return actual_u


def release(held: Held, outcome: str) -> None:
    """Let go of what was held for a call that was not billed."""
    values = {
        "school": held.school_id, "charge": held.charge_id, "actual": 0, "usd": 0, "basis": "",
        "outcome": outcome[:30], "tokens_in": None, "tokens_out": None, "seconds": None, "first_ms": None,
        "now": timezone.now(), "state": ChargeState.RELEASED.value, "chosen": False,
    }  # fmt: skip
    scope.run(held.school_id, _UNAWAITED + _SETTLE, values)


def expire(now: datetime | None = None) -> int:
    """Settle at its estimate whatever is held beyond its time; return how many. Called by the scheduler.

    Its process died, and the engine may have billed it.
    """
    now = now or timezone.now()
    schools = [SchoolId(pk) for pk in School.objects.values_list("pk", flat=True)]
    return scope.in_each(schools, _EXPIRE, {"now": now})


def expire_of(school_id: SchoolId, now: datetime) -> int:
    """Settle what one school holds beyond its time; return how many."""
    return len(scope.run(school_id, _EXPIRE, {"school": school_id, "now": now}))


def book(school_id: SchoolId, engine: Engine, *, seconds: float, usd_u: int, at: datetime) -> None:
    """Book what a rented machine cost, which nobody could hold in advance: it was on. May join a transaction."""
    zone = School.objects.values_list("time_zone", flat=True).get(pk=school_id)
    where = standing(school_id, zone, now=at)
    amount_u = in_currency(usd_u, where.money.rate)
    with school_scope(school_id):
        _open_month(where)
        decision = Decision.objects.create(
            task="gpu", purpose=Purpose.GPU, label=Label.INTERNAL, chosen=engine.name,
            policy_version=where.policy.version, price_version=engine.price.version if engine.price else "",
        )  # fmt: skip
        Charge.objects.create(
            decision=decision, engine=engine.name, runs=engine.runs, model=engine.model[:120], task="gpu",
            purpose=Purpose.GPU, month=where.month, currency=where.money.currency, state=ChargeState.SETTLED,
            est_u=amount_u, actual_u=amount_u, usd_u=usd_u, basis="usage", outcome="ok", seconds=seconds,
            created_at=at, settled_at=at, expires_at=at,
        )  # fmt: skip
        Budget.objects.filter(month=where.month).update(spent_u=F("spent_u") + amount_u)


def _open_month(standing: Standing) -> None:
    """Make the month's budget. Inside the school's scope; two at once make one."""
    # The plan as it stands now, held still: a cap that is being changed must not be written over by the old one.
    cap_u = Plan.objects.select_for_update().values_list("cap_u", flat=True).first() or 0
    Budget.objects.bulk_create(
        [Budget(month=standing.month, currency=standing.money.currency, limit_u=cap_u)], ignore_conflicts=True
    )


@dataclass(frozen=True, slots=True)
class Verdict:
    """A decision on its way into the books."""

    id: UUID
    errand: Errand
    task: str
    tokens_in: int
    tokens_out: int
    choice: Choice
    policy_version: str

    def values(self) -> dict[str, Any]:
        """Return its columns."""
        first = self.choice.candidates[0] if self.choice.candidates else None
        price = first.engine.price.version if first and first.engine.price else ""
        return {
            "task": self.task,
            "purpose": self.errand.purpose.value,
            "subject": self.errand.subject_id,
            "label": self.errand.label.value,
            "parts": json.dumps([{"what": part.what, "label": part.label} for part in _told(self.errand)]),
            "tokens_in": self.tokens_in,
            "tokens_out": self.tokens_out,
            "candidates": json.dumps(as_json(self.choice)),
            "policy_version": self.policy_version,
            "price_version": price[:80],
        }


def as_json(choice: Choice) -> list[dict[str, Any]]:
    """Return a choice as it is kept and told: first who may, best first, then who may not."""
    return [
        {
            "engine": each.engine.name,
            "runs": each.engine.runs,
            "eligible": is_eligible,
            "reasons": [{"code": reason.code.value, "text": reason.text} for reason in each.reasons],
            "est_u": each.est_u,
            "est_ms": each.est_ms,
        }
        for is_eligible, group in ((True, choice.candidates), (False, choice.refused))
        for each in group
    ]


_MOST_PARTS = 40


def _told(errand: Errand) -> Sequence[Any]:
    """Return the parts, each of several alike once."""
    return list(dict.fromkeys(errand.parts))[:_MOST_PARTS]


_UNAWAITED = "SET LOCAL synchronous_commit = off; "

_STANDING = "SELECT * FROM engines_standing(%(school)s, %(month)s)"

_DECIDE = """
SELECT engines_decide(%(school)s, %(decision)s, %(user)s, %(task)s, %(purpose)s, %(subject)s, %(label)s, %(parts)s,
  %(tokens_in)s, %(tokens_out)s, %(candidates)s, %(policy_version)s, %(price_version)s, %(now)s);
"""

_RESERVE = """
SELECT engines_reserve(%(school)s, %(charge)s, %(decision)s, %(user)s, %(engine)s, %(runs)s, %(model)s, %(task)s,
  %(purpose)s, %(month)s, %(currency)s, %(est)s, %(usd)s, %(now)s, %(expires)s)
"""

_SETTLE = """
SELECT engines_settle(%(school)s, %(charge)s, %(state)s, %(actual)s, %(usd)s, %(basis)s, %(outcome)s, %(tokens_in)s,
  %(tokens_out)s, %(seconds)s, %(first_ms)s, %(now)s, %(chosen)s)
"""

_EXPIRE = """
WITH late AS (
  SELECT id, month, est_u FROM engines_charge
  WHERE school_id = %(school)s AND state = 'held' AND expires_at < %(now)s FOR UPDATE SKIP LOCKED
), settled AS (
  UPDATE engines_charge AS charge SET state = 'settled', actual_u = late.est_u, basis = 'expired',
    outcome = 'expired', settled_at = %(now)s
  FROM late WHERE charge.school_id = %(school)s AND charge.id = late.id
), sums AS (
  SELECT month, sum(est_u) AS amount FROM late GROUP BY month
), booked AS (
  UPDATE engines_budget AS budget SET reserved_u = reserved_u - sums.amount, spent_u = spent_u + sums.amount
  FROM sums WHERE budget.school_id = %(school)s AND budget.month = sums.month
)
SELECT id FROM late
"""
