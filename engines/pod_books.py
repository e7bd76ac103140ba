"""The keeper of rented machines with the schools' books in hand: what the scheduler calls."""

import logging
from collections.abc import Mapping
from datetime import datetime

from django.utils import timezone

from engines import config, health, ledger, pods_keeper, prices
from engines.models import Charge
from engines.pods_keeper import Ledger
from schools.ids import SchoolId
from schools.models import School
from schools.scope import school_scope

log = logging.getLogger(__name__)


def tick() -> None:
    """Look after every rented machine once."""
    pods_keeper.tick(
        timezone.now(),
        ledger=Ledger(book=book, users=users, can_pay=can_pay, is_busy=health.is_busy),
    )


def book(school_id: SchoolId, engine: str, *, seconds: float, usd_u: int, at: datetime) -> None:
    """Write a machine's cost on a school's ledger, within the transaction that is open."""
    entry = config.load().engine(engine)
    if entry is None:
        log.error("%s is gone from engines.yaml: %.0f s of its machine are on no ledger", engine, seconds)
        return
    ledger.book(school_id, entry, seconds=seconds, usd_u=usd_u, at=at)


def users(engine: str, since: datetime, until: datetime) -> Mapping[SchoolId, int]:
    """Return how many calls of each school a machine served."""
    found: dict[SchoolId, int] = {}
    for school_id in School.objects.values_list("pk", flat=True):
        with school_scope(SchoolId(school_id)):
            calls = Charge.objects.filter(engine=engine, created_at__gt=since, created_at__lte=until)
            count = calls.exclude(task="gpu").count()
        if count:
            found[SchoolId(school_id)] = count
    return found


def can_pay(school_id: SchoolId, engine: str, seconds: float) -> bool:
    """Say whether a school allows the engine and has the money for so many seconds of its machine."""
    entry = config.load().engine(engine)
    zone = School.objects.filter(pk=school_id, is_active=True).values_list("time_zone", flat=True).first()
    if entry is None or entry.price is None or zone is None:
        return False
    standing = ledger.standing(school_id, zone)
    if not standing.policy.of(entry).is_enabled:
        return False
    cost_u = prices.in_currency(prices.cost_u(entry.price, 0, 0, seconds), standing.money.rate)
    return standing.money.cap_u > 0 and cost_u <= standing.money.left_u
