"""What all doubles share: a server on a free port, a journal of every byte that came, and faults by name."""

import json
import socket
import struct
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

# What every double of a chat can be told to do wrong, by `double.fault`; each in its maker's own way. Empty: all well.
CHAT_FAULTS = (
    "rate",  # 429 that says how long to wait: 7 s
    "rate_bare",  # 429 that does not
    "money",  # the account has no money left
    "auth",  # the key is not accepted
    "missing",  # there is no such model
    "bad_request",  # 400 that says no more
    "too_long",  # the context is exceeded
    "overloaded",  # 503 or 529
    "broken",  # 500
    "hang",  # takes the request and says nothing
    "hang_after",  # says two words and then nothing
    "cut",  # the line breaks after two words
    "no_end",  # the stream ends well as HTTP, without the maker's own end
    "error_line",  # a 200 whose stream carries an error after two words
    "malformed",  # a stream that is not JSON
    "not_a_stream",  # a 200 of HTML
    "refusal",  # the maker's own rules forbid it
    "length",  # ends at its limit of tokens
    "unknown_events",  # well, with events that nobody knows in between
    "no_usage",  # well, without a word on tokens
)
EMBED_FAULTS = (
    "too_few",
    "too_many",
    "wrong_size",
    "not_a_number",
    "null",
    "empty",
    "malformed",
    "rate",
    "broken",
)
ANSWER = (
    "El ",
    "límite ",
    "es de ",
    "veinticinco ",
    "inasistencias.",
)  # what a healthy chat says, word by word
TOKENS_IN, TOKENS_OUT = 42, 7
RETRY_AFTER_S = 90  # longer than any rest of ours after one failure of its kind


@dataclass(frozen=True, slots=True)
class Request:
    """One request, as it came."""

    method: str
    path: str
    headers: dict[str, str]  # names in lower case
    raw: bytes

    @property
    def body(self) -> Any:
        """Return the JSON of the body; {} when there is none."""
        return json.loads(self.raw) if self.raw else {}


@dataclass
class Double:
    """A maker's server: its address, how it fails, what it says, and what it was asked."""

    address: str = ""
    fault: str = ""
    answer: tuple[str, ...] = ANSWER
    delay_s: float = 0.0  # before each word
    journal: list[Request] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)  # ends what hangs
    hung_up: threading.Event = field(default_factory=threading.Event)  # the client let go of a stream
    extra: dict[str, Any] = field(default_factory=dict)  # whatever only one maker's double knows

    @property
    def bytes_seen(self) -> bytes:
        """Return all that it was ever sent, addresses and headers included."""
        return b"\n".join(
            each.path.encode() + repr(each.headers).encode() + each.raw for each in self.journal
        )


class Handler(BaseHTTPRequestHandler):
    """Reads a request into the journal and calls `answer`, which a maker's double writes."""

    double: Double
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or the second small piece waits 40 ms for the first one's receipt

    def respond(self, request: Request) -> None:
        """Answer one request; of each maker's own."""
        raise NotImplementedError

    def do_GET(self) -> None:
        self._take()

    def do_POST(self) -> None:
        self._take()

    def do_PATCH(self) -> None:
        self._take()

    def do_DELETE(self) -> None:
        self._take()

    def _take(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        if self.headers.get("transfer-encoding", "").lower() == "chunked":
            raw = b"".join(iter(self._chunk, b""))
        else:
            raw = self.rfile.read(length)
        request = Request(
            self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, raw
        )
        self.double.journal.append(request)
        try:
            self.respond(request)
        except (BrokenPipeError, ConnectionResetError):
            self.double.hung_up.set()
            self.close_connection = True

    def _chunk(self) -> bytes:
        size = int(self.rfile.readline().split(b";")[0], 16)
        data = self.rfile.read(size)
        self.rfile.readline()
        return data

    def send_json(self, status: int, content: object, **headers: str) -> None:
        """Send a whole answer; header names with underscores for dashes."""
        self.send_whole(status, json.dumps(content).encode(), "application/json", **headers)

    def send_whole(self, status: int, content: bytes, kind: str, **headers: str) -> None:
        """Send bytes of any kind."""
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(content)

    def begin_stream(self, kind: str = "text/event-stream") -> None:
        """Begin an answer that comes in pieces."""
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()

    def send_piece(self, data: bytes) -> None:
        """Send one piece at once, after the double's delay."""
        if self.double.delay_s:
            self.double.released.wait(self.double.delay_s)
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()

    def end_stream(self) -> None:
        """End the answer as HTTP asks for."""
        self.wfile.write(b"0\r\n\r\n")

    def hang(self) -> None:
        """Say nothing until the test ends or the client hangs up."""
        self.connection.settimeout(0.02)
        while not self.double.released.is_set():
            try:
                if self.connection.recv(1) == b"":
                    self.double.hung_up.set()
                    break
            except TimeoutError:
                continue
            except OSError:
                self.double.hung_up.set()
                break
        self.close_connection = True

    def cut(self) -> None:
        """Break the line, as a router that restarts does."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def finish(self) -> None:
        """Let go of the line, which a cut one has done already."""
        try:
            super().finish()
        except (OSError, ValueError):
            self.double.hung_up.set()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a client that went away; everything else is a mistake of the double."""
        if not isinstance(sys.exc_info()[1], OSError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


@contextmanager
def serve(handler: type[Handler], double: Double | None = None) -> Iterator[Double]:
    """Run a double for as long as the block lasts."""
    double = double or Double()
    server = _Server(("127.0.0.1", 0), type("Bound", (handler,), {"double": double}))
    double.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield double
    finally:
        double.released.set()
        server.shutdown()
        thread.join()
        server.server_close()
