"""Server-sent events: what a page or a program watches while it happens."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from asgiref.sync import async_to_sync, sync_to_async
from django.core.serializers.json import DjangoJSONEncoder
from django.http import StreamingHttpResponse

from schools import scope

P = ParamSpec("P")
T = TypeVar("T")

# A comment now and then, so that nothing on the way takes a quiet line for a dead one.
HEARTBEAT_S = 15.0
HEARTBEAT = b": \n\n"
_END: Any = object()


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its name, and data that becomes JSON."""

    name: str
    data: Any

    def encode(self) -> bytes:
        """Return the event as it goes over the line."""
        data = json.dumps(self.data, cls=DjangoJSONEncoder, ensure_ascii=False)
        return f"event: {self.name}\ndata: {data}\n\n".encode("utf-8", "replace")


def stream(events: AsyncIterator[Event]) -> StreamingHttpResponse:
    """Return a response that sends the events as they come.

    When the reader goes away, `events` is closed where it stands.
    """
    return _Stream(events)


async def in_thread(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Call what blocks in the request's own thread, and give its database connection back before returning.

    A stream lives long and the pool is small: between two events a stream holds no connection.
    """

    def run() -> T:
        try:
            return call(*args, **kwargs)
        finally:
            scope.let_go()

    return await sync_to_async(run)()


@asynccontextmanager
async def from_thread(items: Iterator[T]) -> AsyncGenerator[AsyncIterator[T], None]:
    """Give what a blocking iterator yields, step by step in the request's own thread; close it at the end.

    A context, as a generator inside a generator that is left is closed later, elsewhere, or never. A step that is
    waited for cannot be cancelled, as it is a thread's: an iterator with `interrupt` is told to end it.
    """
    interrupt: Callable[[], None] = getattr(items, "interrupt", lambda: None)

    async def steps() -> AsyncIterator[T]:
        while True:
            step = asyncio.ensure_future(in_thread(next, items, _END))
            try:
                item = await asyncio.shield(step)
            except asyncio.CancelledError:
                interrupt()
                await asyncio.gather(step, return_exceptions=True)
                raise
            if item is _END:
                return
            yield item

    try:
        yield steps()
    finally:
        if (close := getattr(items, "close", None)) is not None:
            await in_thread(close)


class _Stream(StreamingHttpResponse):
    def __init__(self, events: AsyncIterator[Event]) -> None:
        self._events = events
        self._was_read = False
        self.pieces = self._pieces()
        super().__init__(self.pieces, content_type="text/event-stream")
        self["Cache-Control"] = "private, no-store"
        self["X-Accel-Buffering"] = "no"

    def __aiter__(self) -> AsyncIterator[bytes]:
        # The generator itself: when the reader is gone Django closes what this gives, and nothing further in.
        return self.pieces

    def close(self) -> None:
        """Let go of everything; Django calls this once, whether the response was read or not."""
        if not self._was_read:
            # The reader left before the first event: a generator that has not begun closes without its code.
            self._was_read = True
            async_to_sync(self._begin_and_close)()
        super().close()

    async def _begin_and_close(self) -> None:
        await anext(self._events, None)
        await self._close_events()

    async def _close_events(self) -> None:
        if isinstance(self._events, AsyncGenerator):
            await self._events.aclose()

    async def _pieces(self) -> AsyncGenerator[bytes, None]:
        self._was_read = True
        coming: asyncio.Task[Event] | None = None
        try:
            while True:
                coming = coming or asyncio.create_task(_next(self._events))
                done, _waiting = await asyncio.wait({coming}, timeout=HEARTBEAT_S)
                if not done:
                    yield HEARTBEAT
                    continue
                event = coming.result()
                coming = None
                if event is _END:
                    return
                yield event.encode()
        finally:
            if coming is not None:
                coming.cancel()
                await asyncio.gather(coming, return_exceptions=True)
            await self._close_events()


async def _next(events: AsyncIterator[Event]) -> Event:
    return await anext(events, _END)
