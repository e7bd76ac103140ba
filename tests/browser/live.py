"""The product as people run it: web server, worker and scheduler, on a database beside the other tests'."""

import email
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit, urlunsplit

import httpx

from embedded.process import Child, Launch, start
from tests import databases
from tests.settings import WORKER

ROOT = Path(__file__).resolve().parents[2]
DATABASE = f"test_preceptor_live_{WORKER}"
READY_TIMEOUT_S = 90.0
WEB = ("-m", "uvicorn", "config.asgi:application", "--host", "127.0.0.1", "--no-access-log", "--port")


@dataclass(frozen=True, slots=True)
class Live:
    """A running copy."""

    url: str
    data: Path
    environment: Mapping[str, str]
    log: Path
    processes: dict[str, Child] = field(default_factory=dict)

    @property
    def engines(self) -> Path:
        """Return the copy's own file of engines, which a journey may change for a while."""
        return self.data / "engines.yaml"

    @contextmanager
    def idle_worker(self) -> Iterator[None]:
        """Hold the worker still until the end of the block, so that what waits can be seen waiting."""
        group = self.processes["worker"].pid
        os.killpg(group, signal.SIGSTOP)
        try:
            yield
        finally:
            os.killpg(group, signal.SIGCONT)

    def run(self, *command: str, given: str = "") -> str:
        """Run a Python program in the copy's environment as the owner of its database; return what it printed."""
        environment = {**self.environment, "DATABASE_OWNER_URL": _owner_url()}
        done = subprocess.run(
            [sys.executable, *command],
            env=environment,
            cwd=ROOT,
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def mails(self, to: str) -> list[str]:
        """Return the texts of the mails that went to an address, oldest first."""
        files = sorted((self.data / "mail").glob("*.log"), key=lambda path: path.stat().st_mtime_ns)
        return [
            _text(message)
            for path in files
            for piece in path.read_bytes().split(b"-" * 79 + b"\n")
            if piece.strip() and to in str((message := email.message_from_bytes(piece))["To"])
        ]

    def complaints(self) -> str:
        """Return what web, worker and scheduler wrote of what nobody expected."""
        texts = {path.name: path.read_text("utf-8", "replace") for path in sorted(self.log.glob("*.log"))}
        return "\n".join(f"{name}:\n{text[-6000:]}" for name, text in texts.items() if "Traceback" in text)


def _text(message: "Message[str, str]") -> str:
    part = next((each for each in message.walk() if each.get_content_type() == "text/plain"), message)
    return cast(bytes, part.get_payload(decode=True)).decode("utf-8")


@contextmanager
def copy() -> Iterator[Live]:
    """Run a copy on an empty database until the end of the block."""
    with tempfile.TemporaryDirectory(prefix="preceptor-live-") as directory, ExitStack() as ending:
        data = Path(directory)
        log = data / "log"
        log.mkdir()
        port = _free_port()
        (data / "engines.yaml").write_bytes((ROOT / "engines.yaml").read_bytes())
        live = Live(f"http://127.0.0.1:{port}", data, _environment(data, port), log)
        databases.make(DATABASE)
        ending.callback(databases.drop, DATABASE)
        for name, command in (
            ("web", (*WEB, str(port))),
            ("worker", ("manage.py", "work", "--queues", "fast,cpu,gpu")),
            ("scheduler", ("manage.py", "schedule")),
        ):
            launch = Launch((sys.executable, *command), live.environment, ROOT, stop_timeout_s=4.0)
            live.processes[name] = child = start(name, launch, log=log / f"{name}.log")
            ending.callback(child.wait, 6.0)
            ending.callback(child.ask_to_stop)
        _wait_until_ready(live)
        yield live


def _environment(data: Path, port: int) -> dict[str, str]:
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DATABASE_OWNER_URL", "PRECEPTOR_TEST_ENV") and not name.startswith("PYTEST_")
    }
    server, _, number = environment["REDIS_URL"].rpartition("/")
    return environment | {
        "DJANGO_SETTINGS_MODULE": "tests.browser.live_settings",
        "DATABASE_URL": _in_database(os.environ["DATABASE_URL"]),
        "REDIS_URL": f"{server}/{8 + int(number) % 8}",  # the first eight belong to tests inside the process
        "QDRANT_PREFIX": f"{os.environ['QDRANT_PREFIX']}_live",
        "PRECEPTOR_DATA": str(data),
        "ENGINES_FILE": str(data / "engines.yaml"),
        "PRECEPTOR_PORT": str(port),
        "PRECEPTOR_URL": f"http://127.0.0.1:{port}",
        "ALLOWED_HOSTS": "127.0.0.1",
        "PYTHONUNBUFFERED": "1",
    }


def _in_database(url: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{DATABASE}"))


def _owner_url() -> str:
    return _in_database(os.environ["DATABASE_OWNER_URL"])


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _wait_until_ready(live: Live) -> None:
    web = live.processes["web"]
    give_up_at = time.monotonic() + READY_TIMEOUT_S
    while web.exit_code() is None and time.monotonic() < give_up_at:
        try:
            if httpx.get(f"{live.url}/health/ready", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise AssertionError("the portal did not start:\n" + (live.log / "web.log").read_text()[-4000:])
