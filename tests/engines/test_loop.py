"""What is read from the one loop: nothing is lost, nothing changes places, the first piece does not wait."""

import asyncio
from collections.abc import AsyncIterator
from queue import Empty
from threading import Event

import pytest

from engines.loop import Flow

_PATIENCE_S = 30.0  # a busy machine is no failure


def _all(flow: Flow[int]) -> list[int]:
    found: list[int] = []
    while True:
        try:
            found.append(flow.next(_PATIENCE_S))
        except StopIteration:
            return found
        found.extend(flow.ready())


@pytest.mark.parametrize("gather_s", [0.0, 0.005, 5.0])
@pytest.mark.parametrize("pause_s", [0.0, 0.001])
def test_every_item_comes_once_and_in_order(gather_s: float, pause_s: float) -> None:
    async def count() -> AsyncIterator[int]:
        for number in range(200):
            if pause_s or number % 7 == 0:
                await asyncio.sleep(pause_s)
            yield number

    assert _all(Flow(count(), gather_s=gather_s)) == list(range(200))


def test_the_first_item_comes_at_once_and_the_next_ones_gather() -> None:
    is_free = Event()

    async def count() -> AsyncIterator[int]:
        yield 1
        yield 2
        yield 3
        await asyncio.to_thread(is_free.wait, _PATIENCE_S)

    flow = Flow(count(), gather_s=3_600)
    assert flow.next(_PATIENCE_S) == 1
    with pytest.raises(Empty):
        flow.next(0.01)
    is_free.set()
    assert _all(flow) == [2, 3], "the end waits for no timer"


def test_what_has_gathered_can_be_had_without_waiting() -> None:
    has_said, is_free = Event(), Event()

    async def count() -> AsyncIterator[int]:
        yield 1
        yield 2
        yield 3
        has_said.set()
        await asyncio.to_thread(is_free.wait, _PATIENCE_S)

    flow = Flow(count(), gather_s=3_600)
    assert has_said.wait(_PATIENCE_S)
    assert [flow.next(0.0), *flow.ready()] == [1, 2, 3]
    is_free.set()
    assert _all(flow) == []


def test_what_gathered_before_a_failure_is_handed_over_first() -> None:
    async def count() -> AsyncIterator[int]:
        yield 1
        yield 2
        raise ValueError("broken")

    flow = Flow(count(), gather_s=3_600)
    assert [flow.next(_PATIENCE_S), *flow.ready()] in ([1], [1, 2])
    with pytest.raises(ValueError, match="broken"):
        _all(flow)
    assert _all(flow) == []


def test_who_leaves_closes_the_iterator_while_it_is_silent() -> None:
    is_closed = Event()

    async def silent() -> AsyncIterator[int]:
        try:
            yield 1
            await asyncio.sleep(3_600)
        finally:
            is_closed.set()

    flow = Flow(silent())
    assert flow.next(_PATIENCE_S) == 1
    flow.close()
    assert is_closed.wait(_PATIENCE_S)
    assert _all(flow) == []
