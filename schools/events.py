"""Server-sent events: what a page or a program watches while it happens."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from asgiref.sync import async_to_sync, sync_to_async
from django.core.serializers.json import DjangoJSONEncoder
from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _

from schools import closing, scope

P = ParamSpec("P")
T = TypeVar("T")

# A comment now and then, so that nothing on the way takes a quiet line for a dead one.
HEARTBEAT_S = 15.0
HEARTBEAT = b": \n\n"
_END: Any = object()
_REST_FOR_LOOK = 9
_LONGEST_REST_S = 10.0


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


async def rest(tick_s: float, *, since: float) -> None:
    """Wait until a stream looks again: a tick, and longer where the last look, begun at `since`, took long.

    `since` is of time.monotonic(). A look at much, or by a server that has much to do, is dear: streams take a tenth of
    the time at most, and so give way to those who wait for a page.
    """
    took_s = time.monotonic() - since
    await asyncio.sleep(min(max(tick_s, _REST_FOR_LOOK * took_s), max(tick_s, _LONGEST_REST_S)))


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
        with closing.watched() as server_ends:
            ending = asyncio.create_task(server_ends.wait())
            try:
                while True:
                    coming = coming or asyncio.create_task(_next(self._events))
                    done, _waiting = await asyncio.wait(
                        {coming, ending}, timeout=HEARTBEAT_S, return_when=asyncio.FIRST_COMPLETED
                    )
                    if ending in done and coming not in done:
                        yield _interrupted().encode()
                        return
                    if not done:
                        yield HEARTBEAT
                        continue
                    event = coming.result()
                    coming = None
                    if event is _END:
                        return
                    yield event.encode()
            finally:
                ending.cancel()
                if coming is not None:
                    coming.cancel()
                    await asyncio.gather(coming, return_exceptions=True)
                await self._close_events()


def _interrupted() -> Event:
    """Return what a stream ends with when the server ends before it: not an answer, come again."""
    detail = _("La plataforma se está reiniciando. Probar de nuevo en un momento.")
    return Event("interrupted", {"code": "interrupted", "detail": detail})


async def _next(events: AsyncIterator[Event]) -> Event:
    return await anext(events, _END)
