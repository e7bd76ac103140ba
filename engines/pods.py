"""What is to become of an engine's rented machine. Pure: `engines.pods_keeper` looks, writes and acts.

off ─wanted→ starting ─RUNNING→ warming ─answers→ ready ─idle→ draining ─gone→ off
                  └──────── too long, ended, over a limit, killed ───────┴─gone→ off | error

A machine is asked for once its row says so, and given up only when the maker has none of its name any more: what is
asked of the maker may be lost on the way, in both directions. A stop deletes: a machine that is kept costs too.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from engines.base import Price
from engines.models import PodState

OFF, STARTING, WARMING = PodState.OFF, PodState.STARTING, PodState.WARMING
READY, DRAINING, ERROR = PodState.READY, PodState.DRAINING, PodState.ERROR

Action = Literal["start", "stop"]
# At the maker: not there; on its way up; up; there, but at work no more.
Condition = Literal["absent", "coming", "running", "ended"]


class Trouble(StrEnum):
    """Why a machine is being stopped, or stays off."""

    KILLED = "killed"  # by a person, until a person allows it again
    NEVER_RUNNING = "never_running"
    NEVER_READY = "never_ready"
    EXITED = "exited"  # before it was ready
    LOST = "lost"  # asked for, and never seen
    REFUSED = "refused"  # the maker would not start one
    DAY = "day"  # the day's hours or money are used up
    MONEY = "money"  # no school pays for more
    ORPHAN = "orphan"  # it was on and no row knew


# After these it is not tried again at once.
_FAILURES = {Trouble.NEVER_RUNNING, Trouble.NEVER_READY, Trouble.EXITED, Trouble.LOST, Trouble.REFUSED}


@dataclass(frozen=True, slots=True)
class Rental:
    """What an entry of `engines.yaml` says of its machine. `idle_stop_s` None: reckoned, see `terms`."""

    image: str
    gpu: str
    gpu_count: int = 1
    cloud: str = "SECURE"
    port: int = 8_000
    env: tuple[tuple[str, str], ...] = ()
    args: str = ""
    disk_gb: int = 50
    volume: str = ""  # a network volume at the maker's, where the model is kept between two machines
    volume_path: str = "/workspace"
    name_prefix: str = "preceptor-"
    start_expected_s: float = 180.0
    start_timeout_s: float = 900.0
    idle_stop_s: float | None = None
    restart_cost_usd: float | None = None
    most_hours_a_day: float = 8.0
    most_cost_a_day_usd: float | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """The limits that a machine is held to."""

    idle_stop_s: float
    most_seconds_a_day: float
    start_expected_s: float = 180.0
    start_timeout_s: float = 900.0
    backoff_s: float = 600.0
    lost_s: float = 120.0  # what was asked for and is not on the maker's list by then will not come
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))  # whose midnight ends the day

    @property
    def most_unwanted_s(self) -> float:
        """Return how long a machine is on at most after it was last wanted, whatever state it is in."""
        return 2 * self.start_timeout_s + self.idle_stop_s


@dataclass(frozen=True, slots=True)
class PodFacts:
    """What is remembered of an engine's machine. `booked_until` None: there is none that costs."""

    engine: str
    changed_at: datetime
    state: PodState = OFF
    maker_id: str = ""
    wanted_at: datetime | None = None
    wanted_by: UUID | None = None
    started_at: datetime | None = None
    booked_until: datetime | None = None
    day: date | None = None
    seconds_today: float = 0.0
    error: str = ""

    @property
    def is_on(self) -> bool:
        """Say whether there is a machine, or may be."""
        return self.state not in (OFF, ERROR)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the maker says of the machine of an engine; `is_answering`: the model in it, None when not asked."""

    condition: Condition
    maker_id: str = ""
    created_at: datetime | None = None
    is_answering: bool | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """What comes next: the new facts, what to ask of the maker, and the seconds that want booking, since when."""

    pod: PodFacts
    action: Action | None = None
    owed_s: float = 0.0
    owed_since: datetime | None = None


def terms(rental: Rental, price: Price | None, *, zone: ZoneInfo) -> Terms:
    """Return the limits of a machine at its price.

    Idle for as long as a restart costs, then off: never more than twice what knowing the future would have cost
    (ski rental). A restart costs the time until it is ready unless the entry says otherwise.
    """
    per_second_u = price.per_second_u if price else 0
    idle_s, most_s = rental.idle_stop_s, rental.most_hours_a_day * 3_600
    if idle_s is None and rental.restart_cost_usd is not None and per_second_u:
        idle_s = rental.restart_cost_usd * 1_000_000 / per_second_u
    if rental.most_cost_a_day_usd is not None and per_second_u:
        most_s = min(most_s, rental.most_cost_a_day_usd * 1_000_000 / per_second_u)
    return Terms(
        idle_stop_s=rental.start_expected_s if idle_s is None else idle_s,
        most_seconds_a_day=most_s,
        start_expected_s=rental.start_expected_s,
        start_timeout_s=rental.start_timeout_s,
        zone=zone,
    )


def step(pod: PodFacts, seen: Seen | None, now: datetime, terms: Terms, *, can_pay: bool) -> Step:
    """Return what comes next. `seen` None: the maker could not be asked, which never means that it is off."""
    if pod.state in (OFF, ERROR) and _is_orphan(seen, now, terms):
        pod = _taken_over(pod, seen, now)
    elif pod.state not in (OFF, ERROR) and not pod.maker_id and seen is not None and seen.maker_id:
        pod = replace(pod, maker_id=seen.maker_id)
    since = pod.booked_until
    pod, owed_s = _booked(pod, now, terms)
    if seen is not None and seen.condition in ("absent", "ended") and pod.maker_id:
        pod = replace(pod, booked_until=None)
    next_pod, action = _moved(pod, seen, now, terms, can_pay=can_pay)
    return Step(next_pod, action, owed_s, since)


def kill(pod: PodFacts, now: datetime) -> PodFacts:
    """Return the machine on its way off, not to be started again until `allow`."""
    return _to(pod, ERROR if pod.state in (OFF, ERROR) else DRAINING, now, error=Trouble.KILLED)


def stop(pod: PodFacts, now: datetime) -> PodFacts:
    """Return the machine on its way off; work that asks for it starts another."""
    if pod.state in (OFF, ERROR, DRAINING):
        return pod
    return _to(pod, DRAINING, now)


def allow(pod: PodFacts, now: datetime) -> PodFacts:
    """Return the machine free to be started, whatever kept it off."""
    return replace(_to(pod, OFF, now) if pod.state == ERROR else pod, error="")


def refused(pod: PodFacts, now: datetime) -> PodFacts:
    """Return what becomes of a start that the maker said no to."""
    return replace(_to(pod, ERROR, now, error=Trouble.REFUSED), booked_until=None)


def wait_s(pod: PodFacts | None, now: datetime, start_expected_s: float) -> float:
    """Return the seconds after which a caller may find the machine ready."""
    if pod is None or pod.state not in (STARTING, WARMING) or pod.started_at is None:
        return start_expected_s
    return max(5.0, start_expected_s - (now - pod.started_at).total_seconds())


def _moved(
    pod: PodFacts, seen: Seen | None, now: datetime, terms: Terms, *, can_pay: bool
) -> tuple[PodFacts, Action | None]:
    if pod.state == OFF:
        return _off(pod, seen, now, terms, can_pay=can_pay)
    if pod.state == ERROR:
        is_over = pod.error != Trouble.KILLED and _since(pod.changed_at, now) >= terms.backoff_s
        return (_to(pod, OFF, now) if is_over else pod), None
    if pod.state == DRAINING:
        return _draining(pod, seen, now, terms)
    if (limit := _limit(pod, now, terms, can_pay=can_pay)) is not None:
        return _to(pod, DRAINING, now, error=limit), "stop" if pod.maker_id else None
    if seen is None:
        return _too_long(pod, now, terms)
    if seen.condition == "absent" and (pod.maker_id or _since(pod.changed_at, now) >= terms.lost_s):
        return _gone(pod, now, Trouble.EXITED if pod.maker_id else Trouble.LOST), None
    if seen.condition == "ended":
        return _to(pod, DRAINING, now, error="" if pod.state == READY else Trouble.EXITED), "stop"
    if pod.state == STARTING and seen.condition == "running":
        return _to(pod, READY if seen.is_answering else WARMING, now), None
    if pod.state == WARMING and seen.is_answering:
        return _to(pod, READY, now), None
    if pod.state == READY and seen.is_answering is False:
        return _to(pod, WARMING, now), None
    return _too_long(pod, now, terms)


def _off(
    pod: PodFacts, seen: Seen | None, now: datetime, terms: Terms, *, can_pay: bool
) -> tuple[PodFacts, Action | None]:
    is_wanted = pod.wanted_at is not None and _since(pod.wanted_at, now) < terms.idle_stop_s
    # One that would be stopped before it could answer is not started.
    has_time = terms.most_seconds_a_day - pod.seconds_today > terms.start_expected_s
    if is_wanted and can_pay and has_time and seen is not None and seen.condition == "absent":
        started = _to(pod, STARTING, now)
        return replace(started, maker_id="", started_at=now, booked_until=now), "start"
    return pod, None


def _draining(
    pod: PodFacts, seen: Seen | None, now: datetime, terms: Terms
) -> tuple[PodFacts, Action | None]:
    if seen is None or seen.condition != "absent":
        return pod, "stop" if pod.maker_id else None  # asked again until it is gone: a stop may be lost
    if not pod.maker_id and _since(pod.started_at or pod.changed_at, now) < terms.lost_s:
        return pod, None  # its start may still be on the way
    return _gone(pod, now, pod.error), None


def _too_long(pod: PodFacts, now: datetime, terms: Terms) -> tuple[PodFacts, Action | None]:
    """Return a machine that is idle, or that does not get ready, on its way off; any other as it is."""
    in_state_s = _since(pod.changed_at, now)
    if pod.state == READY:
        if min(in_state_s, _unwanted_s(pod, now)) < terms.idle_stop_s:
            return pod, None
        trouble = ""
    elif in_state_s < terms.start_timeout_s:
        return pod, None
    else:
        trouble = Trouble.NEVER_RUNNING if pod.state == STARTING else Trouble.NEVER_READY
    return _to(pod, DRAINING, now, error=trouble), "stop" if pod.maker_id else None


def _limit(pod: PodFacts, now: datetime, terms: Terms, *, can_pay: bool) -> str | None:
    """Return why a machine is to be stopped at once, "" for no particular reason; None: it may go on."""
    if pod.seconds_today >= terms.most_seconds_a_day:
        return Trouble.DAY
    if not can_pay:
        return Trouble.MONEY
    # One that answers now and then would begin its idle time anew each time it does.
    return "" if _unwanted_s(pod, now) >= terms.most_unwanted_s else None


def _unwanted_s(pod: PodFacts, now: datetime) -> float:
    since = max((at for at in (pod.wanted_at, pod.started_at) if at), default=pod.changed_at)
    return _since(since, now)


def _gone(pod: PodFacts, now: datetime, error: str) -> PodFacts:
    """Return a machine that the maker has no more: off, or resting after a failure."""
    # One that was ready and then taken from us did nothing wrong.
    if error == Trouble.EXITED and pod.state == READY:
        error = ""
    state = ERROR if error == Trouble.KILLED or error in _FAILURES else OFF
    return replace(_to(pod, state, now, error=error), maker_id="", booked_until=None)


def _is_orphan(seen: Seen | None, now: datetime, terms: Terms) -> bool:
    """Say whether there is a machine that should not be there, and that nobody is just starting."""
    if seen is None or seen.condition == "absent":
        return False
    return seen.created_at is None or _since(seen.created_at, now) >= terms.lost_s


def _taken_over(pod: PodFacts, seen: Seen | None, now: datetime) -> PodFacts:
    """Return the row with a machine that it did not know, on its way off; it has cost since it was made."""
    assert seen is not None
    since = min(seen.created_at or now, now)
    error = pod.error if pod.error == Trouble.KILLED else Trouble.ORPHAN
    pod = replace(_to(pod, DRAINING, now, error=error), maker_id=seen.maker_id)
    return replace(pod, started_at=since, booked_until=since)


def _booked(pod: PodFacts, now: datetime, terms: Terms) -> tuple[PodFacts, float]:
    """Return the machine with its time reckoned up to now, and the seconds that this adds.

    Until the maker has named it there may be none: its time is reckoned when it is seen, from when it was asked for.
    """
    today = now.astimezone(terms.zone).date()
    if pod.day != today:
        pod = replace(pod, day=today, seconds_today=0.0)
    if pod.booked_until is None or not pod.maker_id or now <= pod.booked_until:
        return pod, 0.0
    midnight = datetime.combine(today, time(), terms.zone).astimezone(UTC)
    today_s = _since(max(pod.booked_until, midnight), now)
    counted = replace(pod, booked_until=now, seconds_today=pod.seconds_today + max(0.0, today_s))
    return counted, _since(pod.booked_until, now)


def _to(pod: PodFacts, state: PodState, now: datetime, *, error: str = "") -> PodFacts:
    return replace(pod, state=state, changed_at=now, error=str(error))


def _since(then: datetime, now: datetime) -> float:
    # Two times of one zone would be subtracted by the clock on the wall.
    return (now.astimezone(UTC) - then.astimezone(UTC)) / timedelta(seconds=1)
