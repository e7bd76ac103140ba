"""Rented machines, kept: each tick looks at the maker, books the time, and asks for what the state machine says.

Whatever happens here may happen twice at once, or stop in the middle: a tick claims what it does by changing the row
it has read, before it asks the maker for anything. What then goes astray is seen on the maker's list.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Protocol, runtime_checkable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils.crypto import salted_hmac

from engines import config, pod_rows, pods
from engines.base import BadAnswer, Busy, Engine, EngineError, Unavailable
from engines.pods import PodFacts, Rental, Seen, Step
from engines.runpod_wire import Account, Machine
from schools.ids import SchoolId
from schools.refusals import Refused

log = logging.getLogger(__name__)

ORPHAN_S = 120.0
# A tick must find a payer for what comes until the next ones.
_AHEAD_S = 60.0


@runtime_checkable
class Landlord(Protocol):
    """A provider whose engine works on a machine that is rented while there is work."""

    @property
    def engine(self) -> Engine:
        """Return the entry."""

    @property
    def rental(self) -> Rental:
        """Return what is rented."""

    @property
    def account(self) -> Account:
        """Return who rents it."""

    def address_of(self, machine_id: str) -> str:
        """Return where the model of a machine answers."""

    def is_answering(self, machine_id: str) -> bool | None:
        """Say whether it does; None when that is not known."""

    def start(self, name: str) -> Machine:
        """Rent a machine; what is Unavailable but not Busy leaves open whether there is one now."""


class Book(Protocol):
    """Writes a machine's cost on a school's ledger."""

    def __call__(self, school_id: SchoolId, engine: str, *, seconds: float, usd_u: int, at: datetime) -> None:
        """Book it, within the transaction that is open."""


Users = Callable[[str, datetime, datetime], Mapping[SchoolId, int]]
CanPay = Callable[[SchoolId, str, float], bool]


@dataclass(frozen=True, slots=True)
class Ledger:
    """What the keeper asks of the books: whose calls a machine served, who can pay for more, and to write it down.

    `is_busy`: a call is at the engine right now.
    """

    book: Book
    users: Users
    can_pay: CanPay
    is_busy: Callable[[str], bool] = lambda engine: False


def tick(now: datetime, *, ledger: Ledger, landlords: Sequence[Landlord] | None = None) -> None:
    """Look after every machine once. Called every half minute; two at once do no harm."""
    landlords = _rented_or_last() if landlords is None else landlords
    # The rows are read before the list: what a row says is there and the list does not have is gone.
    rows = pod_rows.read()
    lists = _lists(landlords)
    for landlord in landlords:
        name = landlord.engine.name
        row = rows.get(name)
        if row is None and not _named(landlord, lists[landlord.account] or ()):
            continue
        try:
            if row is None:
                pod_rows.ensure([name], now=now)
                row = pod_rows.read()[name]
            _keep(landlord, row, lists[landlord.account], now, ledger)
        except (Refused, DatabaseError):
            log.exception("the machine of %s could not be looked after; again with the next tick", name)
    for name in rows.keys() - {landlord.engine.name for landlord in landlords}:
        if rows[name].is_on:
            log.error("%s is gone from engines.yaml, and its machine %s may be on", name, rows[name].maker_id)
    for account, machines in lists.items():
        _sweep(account, machines or (), [each for each in landlords if each.account == account], now)


def rented(names: Iterable[str] | None = None) -> tuple[Landlord, ...]:
    """Return the engines of the file that work on rented machines; an entry with a mistake hides no other."""
    catalogue = config.read(settings.ENGINES_FILE, models=settings.DATA_DIR / "models")
    found = [catalogue.provider(engine.name) for engine in catalogue.engines]
    return tuple(
        each for each in found if isinstance(each, Landlord) and (names is None or each.engine.name in names)
    )


_last: list[tuple[Landlord, ...]] = []


def _rented_or_last() -> tuple[Landlord, ...]:
    """Return the same, or what it was before the file was spoilt: machines cost while somebody looks for a comma."""
    try:
        _last[:] = [rented()]
    except EngineError:
        if not _last:
            raise
        log.exception("engines.yaml cannot be read: its machines are kept by what it said before")
    return _last[0]


def stop(landlord: Landlord, now: datetime, *, for_good: bool = False) -> None:
    """Set a machine on its way off, `for_good` until `allow`; the next tick, of anybody, asks the maker."""
    _force(landlord, now, pods.kill if for_good else pods.stop)
    pod_rows.unwanted(landlord.engine.name)


def delete_all(landlord: Landlord) -> tuple[str, ...]:
    """Ask the maker at once to delete an engine's machine, or machines; return which. The next tick books them."""
    row = pod_rows.one(landlord.engine.name)
    named = _named(landlord, landlord.account.machines(landlord.engine))
    found = {machine.id for machine in named} | ({row.maker_id} if row and row.maker_id else set())
    for machine_id in sorted(found):
        landlord.account.stop(landlord.engine, machine_id)
    return tuple(sorted(found))


def allow(landlord: Landlord, now: datetime) -> None:
    """Let a machine be started again."""
    _force(landlord, now, pods.allow)


def name_of(landlord: Landlord) -> str:
    """Return what an engine's machine is called at the maker's: the same for each, so that there is never a second."""
    return f"{_prefix(landlord)}{landlord.engine.name}"


def _force(landlord: Landlord, now: datetime, changed: Callable[[PodFacts, datetime], PodFacts]) -> None:
    name = landlord.engine.name
    pod_rows.ensure([name], now=now)
    for _attempt in range(5):  # a tick may have come between
        before = pod_rows.read()[name]
        if pod_rows.change(before, changed(before, now)):
            return


def _lists(landlords: Sequence[Landlord]) -> dict[Account, tuple[Machine, ...] | None]:
    """Return the machines of each account, None where the maker could not be asked."""
    found: dict[Account, tuple[Machine, ...] | None] = {}
    for landlord in landlords:
        if landlord.account not in found:
            try:
                found[landlord.account] = landlord.account.machines(landlord.engine)
            except EngineError as error:
                log.warning("the machines of %s could not be listed: %s", landlord.engine.name, error)
                found[landlord.account] = None
    return found


def _keep(
    landlord: Landlord,
    row: PodFacts,
    machines: tuple[Machine, ...] | None,
    now: datetime,
    ledger: Ledger,
) -> None:
    name = landlord.engine.name
    users: Mapping[SchoolId, int] = {}
    if row.booked_until is not None and row.booked_until < now:
        users = ledger.users(name, row.booked_until, now)
    user = max(users, key=lambda school_id: (users[school_id], str(school_id)), default=row.wanted_by)
    if user is not None and row.is_on and (users or ledger.is_busy(name)):
        pod_rows.want(name, SchoolId(user), now=now)
        row = replace(row, wanted_at=now, wanted_by=user)
    terms = pods.terms(landlord.rental, landlord.engine.price, zone=ZoneInfo(settings.TIME_ZONE))
    seen = _seen(landlord, row, machines)
    step = pods.step(row, seen, now, terms, can_pay=_has_payer(landlord, row, terms, ledger))
    after = _written(landlord, row, step, now, users=users, book=ledger.book)
    if after is None:
        return  # somebody else is at it
    if after.state != row.state:
        log.info("the machine of %s: %s → %s %s", name, row.state, after.state, after.error)
    if step.action == "start":
        _start(landlord, after, now)
    elif step.action == "stop" and after.maker_id:
        landlord.account.stop(landlord.engine, after.maker_id)


def _seen(landlord: Landlord, row: PodFacts, machines: tuple[Machine, ...] | None) -> Seen | None:
    """Return what the maker says of the machine of a row."""
    if machines is None:
        return None
    if row.maker_id:
        found = next((each for each in machines if each.id == row.maker_id), None)
        if found is None:
            found = landlord.account.machine(landlord.engine, row.maker_id)  # one list alone proves nothing
    else:
        found = next(iter(_named(landlord, machines)), None)
    if found is None:
        return Seen("absent")
    if found.condition == "running" and row.state in (pods.STARTING, pods.WARMING, pods.READY):
        return found.seen(landlord.is_answering(found.id))
    return found.seen()


def _has_payer(landlord: Landlord, row: PodFacts, terms: pods.Terms, ledger: Ledger) -> bool:
    """Say whether the school that asked last can pay for what comes."""
    price = landlord.engine.price
    if row.wanted_at is None and row.booked_until is None:
        return False
    if price is None or not price.per_second_u:
        log.error("%s has no price for each second: it cannot be booked, so it is kept off", row.engine)
        return False
    if row.wanted_by is None:
        return False
    ahead_s = _AHEAD_S if row.is_on else terms.start_expected_s + terms.idle_stop_s
    try:
        return ledger.can_pay(SchoolId(row.wanted_by), row.engine, ahead_s)
    except (Refused, DatabaseError):
        # Books that cannot be asked start nothing; what is on is still held to its idle time and its day.
        log.exception("whether the machine of %s can be paid for is not known", row.engine)
        return row.is_on


def _written(
    landlord: Landlord,
    row: PodFacts,
    step: Step,
    now: datetime,
    *,
    users: Mapping[SchoolId, int],
    book: Book,
) -> PodFacts | None:
    """Write the step and book what it owes, both or neither; return what was written, None for nothing."""
    place = {"address": landlord.address_of(step.pod.maker_id) if step.pod.maker_id else ""}
    shares = _shares(landlord, row, step.owed_s, users) if step.owed_s else []
    try:
        with transaction.atomic():
            if not pod_rows.change(row, step.pod, **place):
                return None
            for school_id, seconds, usd_u in shares:
                book(school_id, row.engine, seconds=seconds, usd_u=usd_u, at=now)
    except (DatabaseError, Refused):
        log.exception("%.0f s of the machine of %s could not be booked; again later", step.owed_s, row.engine)
        if step.pod.booked_until is None:
            return None  # the row waits until its last time is booked
        # A machine that cannot be booked has to be stopped all the same.
        unbooked = replace(
            step.pod,
            booked_until=step.owed_since,
            seconds_today=row.seconds_today,
            day=row.day,
        )
        return unbooked if pod_rows.change(row, unbooked, **place) else None
    return step.pod


def _shares(
    landlord: Landlord, row: PodFacts, seconds: float, users: Mapping[SchoolId, int]
) -> list[tuple[SchoolId, float, int]]:
    """Return what each school pays of a machine's time: by its calls, and by who asked last where nobody called."""
    price = landlord.engine.price
    total_u = round(seconds * price.per_second_u) if price else 0
    calls = {school_id: count for school_id, count in users.items() if count > 0}
    if not calls and row.wanted_by is not None:
        calls = {SchoolId(row.wanted_by): 1}
    if not calls:
        log.error("%.0f s of the machine of %s, %d millionths of a dollar: nobody to book it to", seconds,
                  row.engine, total_u)  # fmt: skip
    return split(seconds, total_u, calls)


def split(seconds: float, total_u: int, calls: Mapping[SchoolId, int]) -> list[tuple[SchoolId, float, int]]:
    """Divide time and money by calls; the parts of the money make up the whole to the last millionth."""
    whole, shares, so_far, given_u = sum(calls.values()), [], 0, 0
    for school_id in sorted(calls, key=str):
        so_far += calls[school_id]
        part_u = total_u * so_far // whole - given_u
        given_u += part_u
        shares.append((school_id, seconds * calls[school_id] / whole, part_u))
    return shares


def _start(landlord: Landlord, claimed: PodFacts, now: datetime) -> None:
    try:
        machine = landlord.start(name_of(landlord))
    except (Unavailable, BadAnswer) as error:
        if isinstance(error, Busy):
            _refused(claimed, error, now)
        else:  # there may be one now: the next tick's list says so
            log.warning("whether the machine of %s was started is not known: %s", claimed.engine, error)
    except EngineError as error:
        _refused(claimed, error, now)
    else:
        pod_rows.change(
            claimed, replace(claimed, maker_id=machine.id), address=landlord.address_of(machine.id)
        )


def _refused(claimed: PodFacts, error: EngineError, now: datetime) -> None:
    log.warning("the machine of %s was refused: %s", claimed.engine, error)
    pod_rows.change(claimed, pods.refused(claimed, now))


def _sweep(
    account: Account, machines: Iterable[Machine], landlords: Sequence[Landlord], now: datetime
) -> None:
    """Delete every machine of this installation that no row knows, once it is old enough to have been written down."""
    rows = pod_rows.read()
    names = {each.engine.name for each in landlords}
    known = {row.maker_id for name, row in rows.items() if name in names and row.maker_id}
    coming = {name_of(each) for each in landlords if _is_coming(rows.get(each.engine.name))}
    prefixes = tuple({_prefix(landlord) for landlord in landlords})
    for machine in machines:
        age_s = (now - machine.created_at).total_seconds() if machine.created_at else ORPHAN_S
        if (
            machine.name.startswith(prefixes)
            and machine.condition != "absent"
            and machine.id not in known
            and machine.name not in coming
            and age_s >= ORPHAN_S
        ):
            log.error(
                "machine %s (%s) is nobody's after %.0f s: deleting it", machine.id, machine.name, age_s
            )
            try:
                account.stop(landlords[0].engine, machine.id)
            except EngineError as error:
                log.warning(
                    "machine %s could not be deleted: %s; again with the next tick", machine.id, error
                )


def _is_coming(row: PodFacts | None) -> bool:
    """Say whether a machine was asked for and has not been named yet."""
    return row is not None and not row.maker_id and row.state in (pods.STARTING, pods.WARMING, pods.DRAINING)


def _named(landlord: Landlord, machines: Iterable[Machine]) -> list[Machine]:
    """Return the machines that bear an engine's name, the oldest first."""
    wanted = name_of(landlord)
    found = [each for each in machines if each.name == wanted and each.condition != "absent"]
    return sorted(found, key=lambda each: each.created_at or datetime.min.replace(tzinfo=UTC))


def _prefix(landlord: Landlord) -> str:
    """Return how the names of this installation's machines begin: another's may be on the same account."""
    return f"{landlord.rental.name_prefix}{installation()}-"


def installation() -> str:
    """Return what tells this installation from others, the same on all its machines; it gives nothing away."""
    return salted_hmac("engines.pods", "installation").hexdigest()[:8]
