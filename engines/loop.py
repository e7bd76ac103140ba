"""The one event loop of this process on which engines over a network are read, and how plain code reads from it.

A reader that leaves, or stops, closes the line at once, also while nothing has come yet: what waits is a task, which
can be cancelled, and not a thread, which cannot.
"""

import asyncio
import os
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from functools import lru_cache
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

T = TypeVar("T")

_END: Any = object()
_CLOSE_S = 5.0  # for a maker's client to let go of its line


class Flow(Generic[T]):
    """What an asynchronous iterator yields, read from plain code. To be closed."""

    def __init__(self, items: AsyncIterator[T]) -> None:
        self._queue: SimpleQueue[Any] = SimpleQueue()
        self._items = items
        self._future = asyncio.run_coroutine_threadsafe(self._pump(), _loop())
        self._is_over = False

    def next(self, timeout_s: float) -> T:
        """Return the next item; raise Empty when none comes in time, StopIteration at the end, or what it raised."""
        if self._is_over:
            raise StopIteration
        item = self._queue.get(timeout=max(0.0, timeout_s))
        if item is _END:
            self._is_over = True
            raise StopIteration
        if isinstance(item, BaseException):
            self._is_over = True
            raise item
        found: T = item
        return found

    def ready(self) -> Iterator[T]:
        """Yield what is there already, without waiting; what the iterator raised is left for `next`."""
        while not self._is_over:
            try:
                item = self._queue.get_nowait()
            except Empty:
                return
            if item is _END or isinstance(item, BaseException):
                self._queue.put(item)
                return
            yield item

    def close(self) -> None:
        """Let go, whatever state it is in; returns at once."""
        self._is_over = True
        self._future.cancel()

    async def _pump(self) -> None:
        try:
            try:
                async for item in self._items:
                    self._queue.put(item)
            finally:
                close = getattr(self._items, "aclose", None)
                if close is not None:
                    await asyncio.wait_for(close(), _CLOSE_S)
        except asyncio.CancelledError:
            raise
        except Exception as error:  # whatever it is belongs to the reader, who is in another thread
            self._queue.put(error)
        else:
            self._queue.put(_END)


def run(work: Coroutine[Any, Any, T], *, timeout_s: float | None = None) -> T:
    """Do a piece of asynchronous work on the loop and return what comes of it."""
    future = asyncio.run_coroutine_threadsafe(work, _loop())
    try:
        return future.result(timeout_s)
    except BaseException:
        future.cancel()
        raise


def _loop() -> asyncio.AbstractEventLoop:
    return _loop_of(os.getpid())


@lru_cache(maxsize=2)
def _loop_of(process: int) -> asyncio.AbstractEventLoop:
    """Return this process's loop: a fork has none of its parent's threads."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="engines", daemon=True).start()
    return loop
