"""Reading a stream of server-sent events in a test."""

import asyncio
import json
from typing import Any

from asgiref.sync import async_to_sync
from django.core.signals import request_finished
from django.db import close_old_connections
from django.http.response import HttpResponseBase


def read(response: HttpResponseBase, *, most: int = 10_000) -> list[tuple[str, Any]]:
    """Return the events of a response, at most so many, then close it as a browser that leaves."""
    return async_to_sync(_read)(response, most)


async def _read(response: Any, most: int) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    async with asyncio.timeout(30):
        async for piece in response.pieces:
            if (event := parse(piece)) is not None:
                found.append(event)
            if len(found) >= most:
                break
    await response.pieces.aclose()
    return found


def parse(piece: bytes) -> tuple[str, Any] | None:
    """Return the name and data of one event; None for a comment."""
    lines = dict(line.split(": ", 1) for line in piece.decode().splitlines() if ": " in line)
    return (lines["event"], json.loads(lines["data"])) if "event" in lines else None


def leave(response: HttpResponseBase) -> None:
    """Close a response unread, as a server does for a browser that went away at once."""
    # As Django's own client: the test's connection outlives the request.
    request_finished.disconnect(close_old_connections)
    try:
        response.close()
    finally:
        request_finished.connect(close_old_connections)


def gather(response: HttpResponseBase) -> bytes:
    """Return all the bytes of a streamed response."""

    async def pieces() -> bytes:
        return b"".join([piece async for piece in response])  # type: ignore[attr-defined]  # streams have it

    return async_to_sync(pieces)()
