"""Breakers and places, against the real Redis with a clock of our own."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from engines import health
from engines.base import Engine, Failure, Limits
from schools.ids import SchoolId
from tests.engines.test_routing import engine

NORTE, SUR, OESTE = (SchoolId(UUID(int=number)) for number in (1, 2, 3))
TIGHT = engine("estrecho", provider="ollama", limits=Limits(at_once=2, per_school=2, total_s=100))


@dataclass
class Clock:
    """A clock that a test moves."""

    now: float = 1_000_000.0
    entered: list[tuple[SchoolId, str]] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Iterator[Clock]:
    """Give a clock, and engines that nobody knows anything of."""
    health.forget(TIGHT.name)
    yield Clock()
    health.forget(TIGHT.name)


def enter(clock: Clock, school: SchoolId, call: str, *, waits: bool = False) -> str:
    return health.enter(TIGHT, school, call, waits=waits, clock=clock).state


def leave(clock: Clock, school: SchoolId, call: str, **told: object) -> None:
    health.leave(TIGHT, school, call, clock=clock, **told)  # type: ignore[arg-type]


def test_an_engine_has_so_many_places(clock: Clock) -> None:
    assert [enter(clock, NORTE, name) for name in "abc"] == ["in", "in", "full"]
    leave(clock, NORTE, "a", ms=100)
    assert enter(clock, NORTE, "c") == "in"
    assert health.look([TIGHT], clock=clock)["estrecho"].ms == 100


def test_the_place_of_a_dead_call_is_free_when_its_time_is_over(clock: Clock) -> None:
    assert [enter(clock, NORTE, name) for name in "ab"] == ["in", "in"]
    clock.now += TIGHT.limits.total_s + 6
    assert enter(clock, SUR, "c") == "in"


def test_the_school_with_fewer_calls_inside_goes_first(clock: Clock) -> None:
    """A school that asks sixty times does not push another one's single question back by sixty."""
    assert [enter(clock, NORTE, name) for name in "ab"] == ["in", "in"]
    for number in range(20):
        clock.now += 0.01
        assert enter(clock, NORTE, f"n{number}", waits=True) == "full"
    clock.now += 0.01
    assert enter(clock, SUR, "s", waits=True) == "full"
    leave(clock, NORTE, "a")
    assert enter(clock, NORTE, "n0", waits=True) == "full", "Norte has one inside, and Sur none"
    assert enter(clock, SUR, "s", waits=True) == "in"
    leave(clock, NORTE, "b")
    assert enter(clock, NORTE, "n1", waits=True) == "full", "of one school the first comes first"
    assert enter(clock, NORTE, "n0", waits=True) == "in"


def test_who_gave_up_does_not_hold_the_line(clock: Clock) -> None:
    assert [enter(clock, NORTE, name) for name in "ab"] == ["in", "in"]
    assert enter(clock, SUR, "gone", waits=True) == "full"
    leave(clock, NORTE, "a")
    clock.now += health.GONE_S + 0.1
    assert enter(clock, NORTE, "c", waits=True) == "in"


def test_a_failure_lets_it_rest_and_one_call_goes_to_see(clock: Clock) -> None:
    assert enter(clock, NORTE, "a") == "in"
    leave(clock, NORTE, "a", failure=Failure.CONNECT)
    admission = health.enter(TIGHT, NORTE, "b", clock=clock)
    assert admission.state == "resting" and 0 < admission.wait_s <= 2
    seen = health.look([TIGHT], clock=clock)["estrecho"]
    assert seen.failure == "connect" and seen.rests_s > 0
    clock.now += 2.1
    assert enter(clock, NORTE, "c") == "in"
    assert enter(clock, SUR, "d") == "resting", "one goes to see, the others wait"
    assert health.look([TIGHT], clock=clock)["estrecho"].rests_s > 0
    leave(clock, NORTE, "c", failure=Failure.CONNECT)
    clock.now += 2.1
    assert enter(clock, NORTE, "e") == "resting", "twice as long the second time"
    clock.now += 2.0
    assert enter(clock, NORTE, "f") == "in"
    leave(clock, NORTE, "f", ms=10)
    assert [enter(clock, NORTE, name) for name in "gh"] == ["in", "in"]


def test_a_stop_while_one_went_to_see_lets_another_go(clock: Clock) -> None:
    enter(clock, NORTE, "a")
    leave(clock, NORTE, "a", failure=Failure.OVERLOAD)
    clock.now += 3.1
    assert enter(clock, NORTE, "b") == "in"
    leave(clock, NORTE, "b", is_known=False)
    assert enter(clock, NORTE, "c") == "in"


@pytest.mark.parametrize(
    ("failure", "in_a_row", "asked_s", "rest"),
    [
        (Failure.RATE, 1, 30.0, 30.0),
        (Failure.RATE, 1, None, 5.0),
        (Failure.RATE, 9, None, 120.0),
        (Failure.RATE, 1, 99_999.0, 3_600.0),
        (Failure.BROKEN_STREAM, 1, None, 0.0),
        (Failure.BROKEN_STREAM, 3, None, 5.0),
        (Failure.INTERNAL, 2, None, 5.0),
        (Failure.MONEY, 1, None, 900.0),
        (Failure.BAD_OUTPUT, 1, None, 10.0),
        (Failure.POLICY, 7, None, 0.0),
        (Failure.CONTEXT_OVERFLOW, 7, None, 0.0),
        (Failure.BAD_REQUEST, 7, None, 0.0),
    ],
)
def test_how_long_it_rests(failure: Failure, in_a_row: int, asked_s: float | None, rest: float) -> None:
    assert health.rest_s(failure, in_a_row=in_a_row, asked_s=asked_s) == rest


@given(failure=st.sampled_from(Failure), rows=st.integers(1, 400), asked=st.none() | st.floats(0, 1e9))
def test_no_rest_is_longer_than_an_hour_or_shrinks(failure: Failure, rows: int, asked: float | None) -> None:
    rest = health.rest_s(failure, in_a_row=rows, asked_s=asked)
    assert 0 <= rest <= 3_600
    assert asked is not None or rest <= health.rest_s(failure, in_a_row=rows + 1, asked_s=None)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(["enter", "wait", "leave", "fail", "time"]), st.integers(0, 8)), max_size=25
    )
)
def test_whatever_happens_nobody_is_let_in_beyond_the_places(
    clock: Clock, steps: list[tuple[str, int]]
) -> None:
    health.forget(TIGHT.name)
    inside: dict[str, SchoolId] = {}
    entered_at: dict[str, float] = {}
    for kind, number in steps:
        school, call = (NORTE, SUR, OESTE)[number % 3], f"c{number}"
        if kind in ("enter", "wait") and call not in inside:
            if enter(clock, school, call, waits=kind == "wait") == "in":
                inside[call], entered_at[call] = school, clock.now
        elif kind in ("leave", "fail") and call in inside:
            leave(clock, inside.pop(call), call, failure=Failure.CONNECT if kind == "fail" else None)
        elif kind == "time":
            clock.now += number * 20
            for call in [each for each in inside if clock.now - entered_at[each] > 105]:
                del inside[call]
        assert len(inside) <= TIGHT.limits.at_once


def test_without_redis_engines_count_as_well_and_free(settings: Settings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert health.look([TIGHT]) == {}
    assert health.enter(TIGHT, NORTE, "a").state == "in"
    health.leave(TIGHT, NORTE, "a", failure=Failure.RATE)


def test_what_works_in_this_process_needs_no_place() -> None:
    quoting = Engine(name="citas", provider="quoting", tasks=("chat",), runs="here", limits=Limits(at_once=1))
    assert [health.enter(quoting, NORTE, name).state for name in "abc"] == ["in"] * 3


def test_a_glance_may_be_old_but_knows_at_once_what_failed_here(clock: Clock) -> None:
    assert health.glance([TIGHT])["estrecho"].rests_s == 0
    enter(clock, NORTE, "a")
    health.leave(TIGHT, NORTE, "a", failure=Failure.RATE)
    assert health.glance([TIGHT])["estrecho"].rests_s > 0
    health.forget(TIGHT.name)
    assert health.glance([TIGHT])["estrecho"].rests_s == 0
