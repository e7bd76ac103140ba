"""The polite end of a web server: told to end, it lets every open stream say so, and the reader comes again.

Without this a stream is cut in the middle of a line, which a program cannot tell from an answer that is whole.
"""

import asyncio
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TypeAlias

_open: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}
_is_asked = threading.Event()
_ours: list[object] = []

Handler: TypeAlias = Callable[[int, FrameType | None], object]


def _listen() -> None:
    """Hear the server's own signals beside it, once it has begun to listen for them; where none does, neither do we."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        servers = signal.getsignal(number)
        if not callable(servers) or servers is signal.default_int_handler or servers in _ours:
            continue

        def hear(number: int, frame: FrameType | None, servers: Handler = servers) -> None:
            ask()
            servers(number, frame)

        _ours.append(hear)
        signal.signal(number, hear)


def ask() -> None:
    """Tell every open stream that the server ends."""
    _is_asked.set()
    for event, loop in list(_open.items()):
        loop.call_soon_threadsafe(event.set)


@contextmanager
def watched() -> Iterator[asyncio.Event]:
    """Give an event of the running loop that is set when the server is told to end."""
    _listen()
    event = asyncio.Event()
    _open[event] = asyncio.get_running_loop()
    if _is_asked.is_set():
        event.set()
    try:
        yield event
    finally:
        del _open[event]
