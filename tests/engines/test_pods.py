"""The state machine of a rented machine: what holds whatever the maker, the line and the keeper do."""

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from engines import pods
from engines.base import Price
from engines.models import PodState
from engines.pods import PodFacts, Rental, Seen, Step, Terms, Trouble

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NORTE = UUID(int=1)
TICK_S = 30.0
TERMS = Terms(
    idle_stop_s=180,
    most_seconds_a_day=900,
    start_expected_s=120,
    start_timeout_s=300,
    zone=ZoneInfo("America/Argentina/Buenos_Aires"),
)
ABSENT = Seen("absent")


def _at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def _pod(state: str = "off", **facts: object) -> PodFacts:
    usual: dict[str, object] = {"wanted_at": NOON, "wanted_by": NORTE, "changed_at": NOON}
    if state not in ("off", "error"):
        usual |= {"maker_id": "p1", "started_at": NOON, "booked_until": NOON}
    return PodFacts(engine="gpu", state=PodState(state), **{**usual, **facts})  # type: ignore[arg-type]


def _step(pod: PodFacts, seen: Seen | None, after_s: float, *, can_pay: bool = True) -> Step:
    return pods.step(pod, seen, _at(after_s), TERMS, can_pay=can_pay)


COMING, RUNNING = Seen("coming", "p1"), Seen("running", "p1", is_answering=False)
ANSWERING, ENDED = Seen("running", "p1", is_answering=True), Seen("ended", "p1")


@pytest.mark.parametrize(
    ("pod", "seen", "after_s", "state", "error", "action"),
    [
        (_pod(), ABSENT, 10, "starting", "", "start"),
        (_pod(wanted_at=None), ABSENT, 10, "off", "", None),
        (_pod(), ABSENT, 180, "off", "", None),  # whoever wanted it went elsewhere
        (_pod(), None, 10, "off", "", None),  # what nobody has seen gone may be there
        (_pod(), Seen("running", "p9", _at(0)), 60, "off", "", None),  # somebody may just be starting it
        (_pod(), Seen("running", "p9", _at(0)), 120, "draining", "orphan", "stop"),
        (_pod("starting"), COMING, 290, "starting", "", None),
        (_pod("starting"), COMING, 300, "draining", "never_running", "stop"),
        (_pod("starting"), None, 300, "draining", "never_running", "stop"),
        (_pod("starting"), RUNNING, 60, "warming", "", None),
        (_pod("starting"), ANSWERING, 60, "ready", "", None),
        (_pod("starting"), ENDED, 60, "draining", "exited", "stop"),
        (_pod("starting"), ABSENT, 60, "error", "exited", None),
        (_pod("starting", maker_id=""), ABSENT, 90, "starting", "", None),
        (_pod("starting", maker_id=""), ABSENT, 120, "error", "lost", None),
        (_pod("warming"), ANSWERING, 60, "ready", "", None),
        (_pod("warming"), RUNNING, 300, "draining", "never_ready", "stop"),
        (_pod("warming", changed_at=_at(700)), RUNNING, 770, "warming", "", None),  # it answers now and then
        (_pod("warming", changed_at=_at(700)), RUNNING, 780, "draining", "", "stop"),
        (_pod("ready"), ANSWERING, 170, "ready", "", None),
        (_pod("ready"), ANSWERING, 180, "draining", "", "stop"),
        (_pod("ready"), None, 180, "draining", "", "stop"),
        (_pod("ready", wanted_at=_at(100)), ANSWERING, 270, "ready", "", None),
        (_pod("ready"), RUNNING, 30, "warming", "", None),
        (
            _pod("ready"),
            Seen("running", "p1"),
            30,
            "ready",
            "",
            None,
        ),  # it did not say in time: it is at work
        (_pod("ready"), ENDED, 30, "draining", "", "stop"),
        (_pod("ready"), ABSENT, 30, "off", "", None),
        (_pod("ready", seconds_today=890.0, day=NOON.date()), ANSWERING, 30, "draining", "day", "stop"),
        (_pod("draining"), ANSWERING, 30, "draining", "", "stop"),  # the stop was lost: once more
        (_pod("draining"), None, 30, "draining", "", "stop"),
        (_pod("draining"), ABSENT, 30, "off", "", None),
        (_pod("draining", error="never_running"), ABSENT, 30, "error", "never_running", None),
        (_pod("draining", error="day"), ABSENT, 30, "off", "day", None),
        (_pod("draining", maker_id=""), ABSENT, 30, "draining", "", None),  # its start may be on the way
        (_pod("draining", maker_id=""), COMING, 30, "draining", "", "stop"),
        (_pod("error", error="lost"), ABSENT, 590, "error", "lost", None),
        (_pod("error", error="lost"), ABSENT, 600, "off", "", None),
        (_pod("error", error="killed"), ABSENT, 9_999, "error", "killed", None),
    ],
)
def test_one_step(
    pod: PodFacts, seen: Seen | None, after_s: float, state: str, error: str, action: str | None
) -> None:
    step = _step(pod, seen, after_s)
    assert (step.pod.state, step.pod.error, step.action) == (state, error, action)
    assert step.pod.is_on is (state not in ("off", "error"))


def test_without_a_payer_it_does_not_start_and_does_not_go_on() -> None:
    assert _step(_pod(), ABSENT, 10, can_pay=False).pod.state == pods.OFF
    step = _step(_pod("ready"), ANSWERING, 10, can_pay=False)
    assert (step.pod.state, step.pod.error, step.action) == (pods.DRAINING, Trouble.MONEY, "stop")


def test_a_day_ends_at_the_schools_midnight() -> None:
    used_up = _pod(seconds_today=850.0, day=date(2026, 11, 20))
    assert _step(used_up, ABSENT, 10).pod.state == pods.OFF, "it would be stopped before it could answer"
    midnight = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
    over = pods.step(replace(used_up, wanted_at=midnight), ABSENT, midnight, TERMS, can_pay=True)
    assert over.action == "start"
    before = midnight - timedelta(seconds=20)
    on = _pod("ready", booked_until=before, seconds_today=300.0, day=date(2026, 11, 20))
    step = pods.step(on, ANSWERING, midnight + timedelta(seconds=10), TERMS, can_pay=True)
    assert (step.owed_s, step.pod.seconds_today, step.pod.day) == (30.0, 10.0, date(2026, 11, 21))


def test_a_machine_is_booked_from_when_it_was_asked_for_to_when_it_is_seen_gone() -> None:
    started = _step(_pod(), ABSENT, 10)
    assert started.owed_s == 0
    unnamed = _step(started.pod, None, 40)
    assert unnamed.owed_s == 0, "there may be none"
    seen = _step(unnamed.pod, COMING, 70)
    assert (seen.owed_s, seen.owed_since) == (60.0, _at(10))
    gone = _step(seen.pod, ABSENT, 95)
    assert (gone.owed_s, gone.owed_since, gone.pod.booked_until) == (25.0, _at(70), None)
    orphan = _step(_pod(), Seen("running", "p9", _at(-600)), 10)
    assert (orphan.owed_s, orphan.owed_since) == (610.0, _at(-600))


def test_killed_it_stays_off_until_it_is_allowed() -> None:
    killed = pods.kill(_pod("ready"), _at(5))
    assert _step(killed, ANSWERING, 10).action == "stop"
    off = _step(killed, ABSENT, 40).pod
    assert (off.state, off.error) == (pods.ERROR, Trouble.KILLED)
    wanted = replace(pods.allow(off, _at(5_000)), wanted_at=_at(5_000))
    assert _step(wanted, ABSENT, 5_010).action == "start"
    assert pods.kill(_pod(), NOON).state == pods.ERROR
    stopped = _step(pods.stop(_pod("ready"), _at(5)), ABSENT, 40).pod
    assert stopped.state == pods.OFF


@pytest.mark.parametrize(
    ("rental", "idle_stop_s", "most_seconds"),
    [
        (Rental("i", "g", start_expected_s=200), 200, 8 * 3_600),  # a restart costs the time that it takes
        (Rental("i", "g", restart_cost_usd=0.09), 300, 8 * 3_600),  # 0.09 USD at 0.0003 a second
        (Rental("i", "g", idle_stop_s=600, restart_cost_usd=0.09), 600, 8 * 3_600),
        (Rental("i", "g", most_hours_a_day=2, most_cost_a_day_usd=0.9), 180, 3_000),
        (Rental("i", "g", most_hours_a_day=0.5, most_cost_a_day_usd=0.9), 180, 1_800),
    ],
)
def test_the_terms_of_an_entry(rental: Rental, idle_stop_s: float, most_seconds: float) -> None:
    found = pods.terms(rental, Price(per_second_u=300), zone=ZoneInfo("UTC"))
    assert (found.idle_stop_s, found.most_seconds_a_day) == (idle_stop_s, most_seconds)


def test_how_long_a_caller_is_told_to_wait() -> None:
    assert pods.wait_s(None, NOON, 180) == 180
    assert pods.wait_s(_pod("warming"), _at(100), 180) == 80
    assert pods.wait_s(_pod("warming"), _at(900), 180) == 5


FAULTS = ("", "", "", "down", "start_lost", "start_refused", "stop_lost", "keeper_dies", "stays_cold")


@dataclass
class Machine:
    """A machine at the maker's."""

    id: str
    made_at: datetime
    seen_from: datetime  # on lists, which lag behind
    ended_at: datetime | None = None
    is_deleted: bool = False
    seen_gone_at: datetime | None = None


class Rented(RuleBasedStateMachine):
    """A keeper, a maker and a line between them, of which each does its worst."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOON
        self.pod = PodFacts(engine="gpu", changed_at=NOON)
        self.machines: list[Machine] = []
        self.spans: list[tuple[datetime, datetime]] = []
        self.can_pay = True
        self.hindered_s = 0.0  # for so long the maker, or the keeper, did not do what was asked

    @property
    def on(self) -> list[Machine]:
        return [each for each in self.machines if each.ended_at is None]

    @rule(
        is_wanted=st.booleans(),
        can_pay=st.sampled_from((True, True, True, False)),
        fault=st.sampled_from(FAULTS),
        lag_ticks=st.sampled_from((0, 0, 2, 5)),
        ticks=st.integers(1, 40),
    )
    def time_passes(self, is_wanted: bool, can_pay: bool, fault: str, lag_ticks: int, ticks: int) -> None:
        self.can_pay = can_pay
        for _tick in range(ticks):
            if is_wanted:
                self.pod = replace(self.pod, wanted_at=self.now, wanted_by=NORTE)
            self.now += timedelta(seconds=TICK_S)
            self._tick(fault, lag_ticks)
            self._hold()

    @precondition(lambda self: self.on)
    @rule()
    def it_ends_by_itself(self) -> None:
        self.on[0].ended_at = self.now

    @rule(for_good=st.booleans())
    def a_person_stops_it(self, for_good: bool) -> None:
        self.pod = (pods.kill if for_good else pods.stop)(self.pod, self.now)

    @precondition(lambda self: self.pod.error)
    @rule()
    def a_person_allows_it(self) -> None:
        self.pod = pods.allow(self.pod, self.now)

    def teardown(self) -> None:
        """Let the work end and the line be well: then everything ends, and everything is booked."""
        for _tick in range(60):
            self.now += timedelta(seconds=TICK_S)
            self._tick("", 0)
            self._hold()
        assert not self.on and self.pod.state in (pods.OFF, pods.ERROR)

    def _tick(self, fault: str, lag_ticks: int) -> None:
        if fault in ("down", "stop_lost", "keeper_dies"):
            self.hindered_s += TICK_S
        seen = None if fault == "down" else self._seen(is_answering=fault != "stays_cold")
        step = pods.step(self.pod, seen, self.now, TERMS, can_pay=self.can_pay)
        self.pod = step.pod
        if step.owed_s:
            assert step.owed_since is not None
            self.spans.append((step.owed_since, step.owed_since + timedelta(seconds=step.owed_s)))
        if fault in ("down", "keeper_dies"):
            return
        if step.action == "start":
            if fault == "start_refused":
                self.pod = pods.refused(self.pod, self.now)
                return
            lag = timedelta(seconds=lag_ticks * TICK_S)
            self.machines.append(Machine(f"p{len(self.machines)}", self.now, self.now + lag))
            if fault != "start_lost":
                self.pod = replace(self.pod, maker_id=self.machines[-1].id)
        elif step.action == "stop" and fault != "stop_lost":
            (machine,) = (each for each in self.machines if each.id == step.pod.maker_id)
            machine.ended_at, machine.is_deleted = machine.ended_at or self.now, True

    def _seen(self, *, is_answering: bool) -> Seen:
        if self.pod.maker_id:
            found = [each for each in self.machines if each.id == self.pod.maker_id]
        else:
            found = [each for each in self.machines if each.seen_from <= self.now]
        found = [each for each in found if not each.is_deleted or each.id == self.pod.maker_id]
        if not found:
            return ABSENT
        machine = found[0]
        if machine.ended_at is not None:
            machine.seen_gone_at = machine.seen_gone_at or self.now
        if machine.is_deleted:
            return ABSENT
        age_s = (self.now - machine.made_at).total_seconds()
        condition = "ended" if machine.ended_at else "coming" if age_s < 60 else "running"
        return Seen(condition, machine.id, machine.made_at, is_answering)  # type: ignore[arg-type]

    def _hold(self) -> None:
        """Hold what must hold after each tick."""
        self.there_are_never_two()
        self.one_that_is_on_is_wanted_or_on_its_way_off()
        self.the_days_limit_holds()
        self.what_it_cost_is_booked_once()

    def there_are_never_two(self) -> None:
        assert len(self.on) <= 1

    def one_that_is_on_is_wanted_or_on_its_way_off(self) -> None:
        if not self.on or self.pod.state == pods.DRAINING:
            return
        wanted_at = max(at for at in (self.pod.wanted_at, self.on[0].made_at) if at)
        unwanted_s = (self.now - wanted_at).total_seconds()
        assert unwanted_s < TERMS.most_unwanted_s + TICK_S
        if self.pod.state in (pods.OFF, pods.ERROR):
            assert unwanted_s < TERMS.lost_s + 5 * TICK_S, "nobody knows of it"

    def the_days_limit_holds(self) -> None:
        midnight = datetime(self.now.year, self.now.month, self.now.day, 3, tzinfo=UTC)
        start = midnight if midnight <= self.now else midnight - timedelta(days=1)
        on_s = sum(
            max(0.0, ((each.ended_at or self.now) - max(each.made_at, start)).total_seconds())
            for each in self.machines
        )
        slack = TICK_S + self.hindered_s + (TERMS.lost_s + 6 * TICK_S if self.hindered_s else 0)
        lagging = [each for each in self.machines if each.seen_from > each.made_at]
        lagging_s = len(lagging) * (TERMS.lost_s + 6 * TICK_S)
        assert on_s <= TERMS.most_seconds_a_day + slack + lagging_s

    def what_it_cost_is_booked_once(self) -> None:
        spans = sorted(self.spans)
        assert all(before[1] <= after[0] for before, after in pairwise(spans)), "overlap"
        if self.pod.booked_until is None and not self.on:
            ended = [(each.made_at, each.seen_gone_at) for each in self.machines if each.seen_gone_at]
            cost = sum((gone_at - made_at for made_at, gone_at in ended), timedelta())
            booked = sum((until - since for since, until in spans), timedelta())
            assert booked == cost, "a gap"


Rented.TestCase.settings = settings(max_examples=25, stateful_step_count=20)
TestRented = Rented.TestCase
