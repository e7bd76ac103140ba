"""Qdrant's REST, the part of it that the application uses, over the engine in this process.

`python -m embedded.qdrant_server` with QDRANT_DIRECTORY, QDRANT_PORT and QDRANT_API_KEY. What is not
implemented answers an error, never an empty success.
"""

import asyncio
import fcntl
import hmac
import json
import os
import time
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import uvicorn

from embedded import qdrant_rest as rest
from embedded import qdrant_shapes as shapes
from embedded.qdrant_store import CollectionExists, NoSuchCollection, Store

_FLUSH_EACH_S = 5.0
_THREADS = 4
_OPEN_PATHS = {
    "/healthz": b"healthz check passed",
    "/livez": b"livez check passed",
    "/readyz": b"all shards are ready",
}

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class Server:
    """The ASGI application."""

    def __init__(self, directory: Path, api_key: str) -> None:
        self._directory = directory
        self._api_key = api_key.encode()
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="engine")
        self._store: Store | None = None
        self._flusher: asyncio.Task[None] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._serve(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self._store = await self._in_thread(Store, self._directory)
        self._flusher = asyncio.create_task(self._flush_regularly())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._flusher.cancel()
        await self._in_thread(self._store.close)
        await send({"type": "lifespan.shutdown.complete"})

    async def _flush_regularly(self) -> None:
        while self._store is not None:
            await asyncio.sleep(_FLUSH_EACH_S)
            await self._in_thread(self._store.flush)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        started_at = time.perf_counter()
        path = scope["path"]
        if path in _OPEN_PATHS:
            await _answer(send, 200, _OPEN_PATHS[path], b"text/plain")
            return
        body = await _body(receive)
        if not hmac.compare_digest(dict(scope["headers"]).get(b"api-key", b""), self._api_key):
            await _answer(
                send, 401, b"Must provide an API key or an Authorization bearer token", b"text/plain"
            )
            return
        if path == "/":
            await _answer(send, 200, json.dumps(rest.TITLE).encode())
            return
        status, answer = await self._in_thread(self._handle, scope["method"], scope["raw_path"], body)
        answer["time"] = time.perf_counter() - started_at
        await _answer(send, status, json.dumps(answer).encode())

    def _handle(self, method: str, raw_path: bytes, body: bytes) -> tuple[int, dict[str, Any]]:
        assert self._store is not None
        parts = tuple(unquote(part) for part in raw_path.decode().partition("?")[0].strip("/").split("/"))
        try:
            result = rest.handle(self._store, method, parts, _parse(body))
        except json.JSONDecodeError as error:
            return _refuse(400, f"Format error in JSON body: {error}")
        except NoSuchCollection as error:
            return _refuse(404, str(error))
        except CollectionExists as error:
            return _refuse(409, str(error))
        except shapes.NotImplementedHere as error:
            return _refuse(501, f"The embedded server does not implement this: {error}")
        except (shapes.BadRequest, KeyError, TypeError, ValueError, OverflowError) as error:
            return _refuse(400, f"Wrong input: {error}")
        except rest.EngineRefused as error:
            return _refuse(error.status, str(error))
        return 200, {"result": result, "status": "ok"}

    async def _in_thread(self, function: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, function, *arguments)


def _parse(body: bytes) -> Any:
    def refuse(name: str) -> None:
        raise shapes.BadRequest(f"{name} is not a number.")

    return json.loads(body, parse_constant=refuse) if body else {}


def _refuse(status: int, why: str) -> tuple[int, dict[str, Any]]:
    return status, {"result": None, "status": {"error": why}}


async def _body(receive: Receive) -> bytes:
    pieces = []
    while True:
        message = await receive()
        pieces.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(pieces)


async def _answer(send: Send, status: int, body: bytes, kind: bytes = b"application/json") -> None:
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def main() -> None:
    """Serve until told to stop."""
    directory = Path(os.environ["QDRANT_DIRECTORY"])
    # Two processes on one shard would tear it: wait for the last owner to be gone.
    guard = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(guard, fcntl.LOCK_EX)
    uvicorn.run(
        Server(directory, os.environ["QDRANT_API_KEY"]),
        host="127.0.0.1",
        port=int(os.environ["QDRANT_PORT"]),
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=3,
    )


if __name__ == "__main__":
    main()
