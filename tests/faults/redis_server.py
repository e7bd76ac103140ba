"""A Redis of a test's own, which it may stop, fill and make a replica of nothing."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import redis

from embedded.redis import find_server


@dataclass(slots=True)
class RedisServer:
    """One server on one port, started and ended as often as the test wants."""

    folder: Path
    port: int
    _process: subprocess.Popen[bytes] | None = field(default=None)

    @property
    def url(self) -> str:
        """Return its address."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it and return when it answers."""
        with (self.folder / "redis.log").open("ab") as log:
            self._process = subprocess.Popen(
                [find_server(), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", "."],
                cwd=self.folder,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 30
        while True:
            try:
                self.tell("PING")
                return
            except redis.ConnectionError:
                assert time.monotonic() < deadline, "this Redis does not start"
                time.sleep(0.05)

    def stop(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def tell(self, *words: str) -> object:
        """Send it one command."""
        with redis.Redis(host="127.0.0.1", port=self.port, socket_timeout=5) as client:
            return client.execute_command(*words)


@contextmanager
def running(folder: Path, port: int) -> Iterator[RedisServer]:
    """Give a Redis that runs, and end it."""
    server = RedisServer(folder, port)
    server.start()
    try:
        yield server
    finally:
        server.stop()
