"""A server on loopback that speaks Ollama's protocol, well or as badly as a test asks for.

Vectors say something: texts that share words are near each other, as with a real model.
"""

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from zlib import crc32

DIMENSION = 8
MODEL = "vectores"

ERRORS: dict[str, tuple[int, object]] = {
    "missing": (404, {"error": f"model '{MODEL}' not found"}),
    "busy": (503, {"error": "server busy, please try again.  maximum pending requests exceeded"}),
    "limited": (429, {"error": "too many requests"}),
    "broken": (500, {"error": "llama runner process has terminated: exit status 2"}),
    "odd_error": (500, ["not", "an", "object"]),
    "locked": (401, {"error": "unauthorized"}),
    "too_long": (400, {"error": "the input length exceeds the context length"}),
    "no_embedding": (400, {"error": f'"{MODEL}" does not support embeddings'}),
    "moved": (307, {"error": "elsewhere"}),
}


@dataclass
class FakeOllama:
    """What the server has, how it fails (`fault`), and what it was asked."""

    address: str = ""
    models: list[dict[str, Any]] = field(
        default_factory=lambda: [{"name": f"{MODEL}:latest", "model": f"{MODEL}:latest"}]
    )
    fault: str = ""
    tags_fault: str = ""
    journal: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    authorizations: list[str | None] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)  # ends what hangs

    @property
    def embedded(self) -> list[dict[str, Any]]:
        """Return the bodies of the calls for vectors."""
        return [body for path, body in self.journal if path == "/api/embed"]


def vector(text: str) -> list[float]:
    """Return the vector of a text: its words, counted by hash."""
    values = [0.01] * DIMENSION
    for word in text.lower().split():
        values[crc32(word.encode()) % DIMENSION] += 3.0  # not of length 1: that is our side's work
    return values


@contextmanager
def serving() -> Iterator[FakeOllama]:
    """Run a server for as long as the block lasts."""
    fake = FakeOllama()

    class Handler(_Handler):
        ollama = fake

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = False
    fake.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield fake
    finally:
        fake.released.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    ollama: FakeOllama

    def do_GET(self) -> None:
        self.ollama.journal.append((self.path, {}))
        if self.path != "/api/tags":
            self._send(404, {"error": "not found"})
        elif self.ollama.tags_fault:
            self._fail(self.ollama.tags_fault)
        else:
            self._send(200, {"models": self.ollama.models})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.ollama.journal.append((self.path, body))
        self.ollama.authorizations.append(self.headers.get("authorization"))
        if self.path != "/api/embed":
            self._send(404, {"error": "not found"})
        elif self.ollama.fault:
            self._fail(self.ollama.fault, texts=body["input"])
        else:
            self._embed(body["input"])

    def _embed(self, texts: Sequence[str]) -> None:
        self._send(200, _answer([vector(text) for text in texts]))

    def _fail(self, fault: str, *, texts: Sequence[str] = ()) -> None:
        good = [vector(text) for text in texts]
        if fault in ERRORS:
            self._send(*ERRORS[fault])
        elif fault == "hang":
            self.ollama.released.wait(30)
            self.close_connection = True
        elif fault == "cut":
            self._send_bytes(json.dumps(_answer(good)).encode(), cut_at=20)
        elif fault == "malformed":
            self._send_bytes(b'{"embeddings": [[0.1, 0.2,')
        elif fault == "not_json":
            self._send_bytes(b"<html>proxy error</html>")
        else:
            self._send(200, _BAD[fault](good))

    def _send(self, status: int, content: object) -> None:
        self._send_bytes(json.dumps(content).encode(), status=status)

    def _send_bytes(self, content: bytes, *, status: int = 200, cut_at: int | None = None) -> None:
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(content)))
        if status == 307:
            self.send_header("location", f"{self.ollama.address}/elsewhere")
        self.end_headers()
        self.wfile.write(content[:cut_at])
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def _answer(embeddings: list[Any]) -> dict[str, object]:
    return {
        "model": f"{MODEL}:latest",
        "embeddings": embeddings,
        "total_duration": 14,
        "prompt_eval_count": 3,
    }


_BAD: dict[str, Callable[[list[list[float]]], object]] = {
    "too_few": lambda good: _answer(good[:-1]),
    "too_many": lambda good: _answer([*good, good[0]]),
    "wrong_size": lambda good: _answer([row[:-1] for row in good]),
    "uneven": lambda good: _answer([good[0][:-1], *good[1:]]),
    "not_a_number": lambda good: _answer([[float("nan"), *good[0][1:]], *good[1:]]),
    "infinite": lambda good: _answer([[float("inf"), *good[0][1:]], *good[1:]]),
    "null": lambda good: _answer([[None, *good[0][1:]], *good[1:]]),
    "zeros": lambda good: _answer([[0.0] * DIMENSION, *good[1:]]),
    "empty": lambda good: {},
    "a_list": lambda good: [],
}
