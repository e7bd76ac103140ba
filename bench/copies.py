"""A copy of the product of a measurement's own: fresh state in a temporary directory, on a free port."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).resolve().parents[1]
_OF_ANOTHER = (
    "DATABASE_URL",
    "DATABASE_OWNER_URL",
    "REDIS_URL",
    "QDRANT_URL",
    "QDRANT_API_KEY",
    "PRECEPTOR_URL",
)
_PATIENCE_S = 1200.0


class NotDone(Exception):
    """The copy did not do what was asked of it in time."""


@dataclass(slots=True)
class OwnCopy:
    """A copy that can be started and ended many times. A context: leaving it ends it and forgets its data."""

    command: tuple[str, ...] = (sys.executable, "-m", "embedded")
    directory: Path = Path()
    port: int = 0

    def __enter__(self) -> Self:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # told to end, it ends what it started
        self.directory = Path(tempfile.mkdtemp(prefix="preceptor-bench-"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.run("down")
        shutil.rmtree(self.directory, ignore_errors=True)

    def run(self, *arguments: str) -> str:
        """Run a command of the copy and return what it printed."""
        environment = {name: value for name, value in os.environ.items() if name not in _OF_ANOTHER}
        environment |= {"PRECEPTOR_DATA": str(self.directory), "PRECEPTOR_PORT": str(self.port)}
        return subprocess.run(
            (*self.command, *arguments),
            cwd=ROOT,
            env=environment,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout

    def up(self) -> float:
        """Start it and return the seconds until its login page was there."""
        began_at = time.monotonic()
        self.run("up", "--detach")
        status, page = self._ask("GET", "/cuenta/login/")
        if status != 200 or b"<form" not in page:
            raise NotDone(f"the login page answered {status}")
        return time.monotonic() - began_at

    def down(self) -> float:
        """End it and return the seconds that took."""
        began_at = time.monotonic()
        self.run("down")
        return time.monotonic() - began_at

    def processes(self) -> dict[str, int]:
        """Return the running processes by name; `supervisor` is the one that started the others."""
        running = json.loads((self.directory / "running.json").read_text())
        found = {name: int(one["pid"]) for name, one in running["services"].items()}
        return {"supervisor": int(running["pid"]), **found}

    def wait_for_documents(self) -> int:
        """Return how many documents the demonstration school has, when all of them are ready."""
        demo = json.loads((self.directory / "demo.json").read_text())
        login = {"email": demo["email"], "password": demo["password"]}
        token = self._json("POST", "/api/v1/auth/login", body=login)["access_token"]
        deadline = time.monotonic() + _PATIENCE_S
        while time.monotonic() < deadline:
            path = f"/api/v1/schools/{demo['school']}/documents/?limit=100"
            rows = self._json("GET", path, token=token)["results"]
            if rows and all(row["status"] in ("ready", "partial") for row in rows):
                return len(rows)
            time.sleep(0.5)
        raise NotDone("the demonstration's documents did not become ready")

    def _json(self, method: str, path: str, *, body: Any = None, token: str = "") -> Any:
        status, answer = self._ask(method, path, body=body, token=token)
        if status != 200:
            raise NotDone(f"{method} {path} answered {status}: {answer[:300]!r}")
        return json.loads(answer)

    def _ask(self, method: str, path: str, *, body: Any = None, token: str = "") -> tuple[int, bytes]:
        headers = {"Content-Type": "application/json"} | (
            {"Authorization": f"Bearer {token}"} if token else {}
        )
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()
