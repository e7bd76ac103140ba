"""The one event loop of this process on which engines over a network are read, and how plain code reads from it.

A reader that leaves, or stops, closes the line at once, also while nothing has come yet: what waits is a task, which
can be cancelled, and not a thread, which cannot.
"""

import asyncio
import os
import threading
from collections import deque
from collections.abc import AsyncIterator, Coroutine, Iterator
from functools import lru_cache
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

T = TypeVar("T")

_END: Any = object()
GATHER_S = 0.05  # about as long as an eye needs
_CLOSE_S = 5.0  # for a maker's client to let go of its line


class Flow(Generic[T]):
    """What an asynchronous iterator yields, read from plain code. To be closed.

    The first item is handed over at once; those that follow gather for `gather_s`, and come together: waking another
    thread costs as much as reading a word does, and nobody reads twenty times a second.
    """

    def __init__(self, items: AsyncIterator[T], *, gather_s: float = GATHER_S) -> None:
        self._queue: SimpleQueue[list[Any]] = SimpleQueue()
        self._here: deque[Any] = deque()  # the reader's own
        self._items = items
        self._gather_s = gather_s
        self._lock = threading.Lock()  # what gathers goes into the queue under it, so that the order stays
        self._gathered: list[Any] = []
        self._timer: asyncio.TimerHandle | None = None
        self._is_over = False
        self._loop = _loop()
        self._future = asyncio.run_coroutine_threadsafe(self._pump(), self._loop)

    def next(self, timeout_s: float) -> T:
        """Return the next item; raise Empty when none comes in time, StopIteration at the end, or what it raised."""
        if self._is_over:
            raise StopIteration
        if not self._here:
            self._here.extend(self._queue.get(timeout=max(0.0, timeout_s)))
        item = self._here.popleft()
        if item is _END:
            self._is_over = True
            raise StopIteration
        if isinstance(item, BaseException):
            self._is_over = True
            raise item
        found: T = item
        return found

    def ready(self) -> Iterator[T]:
        """Yield what has come, gathered or not, without waiting; what the iterator raised is left for `next`."""
        while not self._is_over:
            if not self._here:
                with self._lock:
                    while not self._queue.empty():
                        self._here.extend(self._queue.get_nowait())
                    self._here.extend(self._gathered)
                    self._gathered = []
            if not self._here or self._here[0] is _END or isinstance(self._here[0], BaseException):
                return
            yield self._here.popleft()

    def close(self) -> None:
        """Let go, whatever state it is in; returns at once."""
        self._is_over = True
        self._future.cancel()

    def _gather(self, item: T) -> None:
        """Keep an item for the reader, who is woken now or when the time to gather is over."""
        with self._lock:
            self._gathered.append(item)
        if self._timer is None:
            self._hand_over()

    def _hand_over(self) -> None:
        """Give the reader what has gathered; after a time in which nothing came, the next item need not wait."""
        self._timer = None
        with self._lock:
            if not self._gathered:
                return
            self._queue.put(self._gathered)
            self._gathered = []
        self._timer = self._loop.call_later(self._gather_s, self._hand_over)

    def _end(self, last: Any) -> None:
        if self._timer is not None:
            self._timer.cancel()
        with self._lock:
            self._queue.put([*self._gathered, last])
            self._gathered = []

    async def _pump(self) -> None:
        try:
            try:
                async for item in self._items:
                    self._gather(item)
            finally:
                close = getattr(self._items, "aclose", None)
                if close is not None:
                    await asyncio.wait_for(close(), _CLOSE_S)
        except asyncio.CancelledError:
            if self._timer is not None:
                self._timer.cancel()
            raise
        except Exception as error:  # whatever it is belongs to the reader, who is in another thread
            self._end(error)
        else:
            self._end(_END)


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
