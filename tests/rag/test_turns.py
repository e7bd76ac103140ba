"""Turns: few work at once, nobody waits for ever, and a turn that ended badly is free again."""

import threading
from collections.abc import Iterator

import pytest

from rag import turns
from rag.turns import turn

_PATIENCE_S = 30.0  # a busy machine is no failure


@pytest.fixture
def all_taken() -> Iterator[threading.Event]:
    """Take every turn in threads of their own, until the event is set."""
    is_free, taken = threading.Event(), threading.Semaphore(0)

    def hold() -> None:
        with turn():
            taken.release()
            is_free.wait(_PATIENCE_S)

    threads = [threading.Thread(target=hold) for _ in range(turns.AT_ONCE)]
    for thread in threads:
        thread.start()
    for _thread in threads:
        assert taken.acquire(timeout=_PATIENCE_S)
    yield is_free
    is_free.set()
    for thread in threads:
        thread.join()


def test_who_finds_no_turn_waits_for_one(all_taken: threading.Event) -> None:
    has_begun, was_free = threading.Event(), []

    def work() -> None:
        has_begun.set()
        with turn(most_wait_s=_PATIENCE_S):
            was_free.append(all_taken.is_set())

    thread = threading.Thread(target=work)
    thread.start()
    assert has_begun.wait(_PATIENCE_S)
    all_taken.set()
    thread.join(_PATIENCE_S)
    assert was_free == [True]


def test_who_has_waited_long_enough_goes_on_without(all_taken: threading.Event) -> None:
    with turn(most_wait_s=0.01) as is_mine:
        assert not is_mine
        assert not all_taken.is_set()


def test_a_turn_that_ended_badly_is_free_again() -> None:
    def fail() -> None:
        with turn(most_wait_s=0.0) as is_mine:
            assert is_mine
            raise ValueError("broken")

    for _ in range(turns.AT_ONCE + 1):
        with pytest.raises(ValueError, match="broken"):
            fail()
