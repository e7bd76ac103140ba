"""Streams: events go out as they come, quiet lines are kept alive, and who leaves is noticed."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

from asgiref.sync import async_to_sync

from schools import events
from schools.events import Event, from_thread, stream
from schools.rendering import EventStreamRenderer
from tests.streams import leave, parse, read


class Told:
    """A blocking generator that remembers how it ended."""

    def __init__(self, most: int = 3) -> None:
        self.most = most
        self.ended = ""

    def __call__(self) -> Iterator[Event]:
        try:
            for n in range(self.most):
                yield Event("token", {"n": n})
            self.ended = "whole"
        except GeneratorExit:
            self.ended = "left"
            raise


async def retell(told: Iterator[Event]) -> AsyncIterator[Event]:
    async with from_thread(told) as steps:
        async for event in steps:
            yield event


def test_an_event_is_two_lines_and_a_blank_one() -> None:
    event = Event("token", {"text": "año\nnuevo", "half": "\ud800"})
    assert event.encode() == 'event: token\ndata: {"text": "año\\nnuevo", "half": "?"}\n\n'.encode()


def test_a_stream_goes_to_its_end() -> None:
    told = Told()
    response = stream(retell(told()))
    assert response["Content-Type"] == "text/event-stream"
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Accel-Buffering"] == "no"
    assert read(response) == [("token", {"n": n}) for n in range(3)]
    assert told.ended == "whole"
    leave(response)
    assert told.ended == "whole"


def test_a_reader_that_leaves_closes_what_is_told() -> None:
    told = Told()
    assert read(stream(retell(told())), most=1) == [("token", {"n": 0})]
    assert told.ended == "left"


def test_a_reader_that_leaves_before_the_first_event_closes_it_too() -> None:
    told = Told()
    leave(stream(retell(told())))
    assert told.ended == "left"


def test_a_quiet_line_is_kept_alive(monkeypatch: Any) -> None:
    monkeypatch.setattr(events, "HEARTBEAT_S", 0.01)

    async def slow() -> AsyncIterator[Event]:
        await asyncio.sleep(0.1)
        yield Event("done", 1)

    async def pieces() -> list[bytes]:
        return [piece async for piece in stream(slow())]

    got = async_to_sync(pieces)()
    assert got[0] == b": \n\n"
    assert parse(got[-1]) == ("done", 1)


def test_a_server_that_cancels_closes_what_is_told() -> None:
    """As an ASGI server does when the connection breaks in the middle of a wait."""
    told = Told()

    async def endless() -> AsyncIterator[Event]:
        async with from_thread(told()) as steps:
            async for event in steps:
                yield event
                await asyncio.sleep(60)

    async def serve() -> None:
        response = stream(endless())
        seen = asyncio.Event()

        async def send() -> None:
            async for _piece in response:
                seen.set()

        sending = asyncio.create_task(send())
        await seen.wait()
        sending.cancel()
        await asyncio.gather(sending, return_exceptions=True)

    async_to_sync(serve)()
    assert told.ended == "left"


def test_what_was_answered_before_is_the_streams_last_event() -> None:
    assert parse(EventStreamRenderer().render({"id": 1})) == ("done", {"id": 1})
