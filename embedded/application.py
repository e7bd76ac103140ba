"""The application's own processes: web, workers, listener, scheduler, and the schema they stand on."""

import hashlib
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from embedded import ports, probe
from embedded.postgres import DATABASE, Postgres
from embedded.process import Launch
from embedded.services import Misconfigured, Services
from embedded.state import ROOT, State
from embedded.supervisor import Supervisor

_READY_TIMEOUT_S = 120.0
_MIGRATED = "migrated.json"
_NOT_THE_SCHEMA = frozenset({"tests", "bench", "embedded", "agent", "docs", "deploy", "static", "var"})
_BACKGROUND_NICE = 5  # who waits for a page comes before what happens in the background
_OWNER_ONLY = "DATABASE_OWNER_URL"


class PortTaken(Exception):
    """Another program listens where the portal should."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the portal listens."""

    host: str
    port: int

    @property
    def probe_host(self) -> str:
        """Return the address at which this machine itself reaches the portal."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104  # not bound here

    @property
    def url(self) -> str:
        """Return the address of the portal."""
        host = f"[{self.probe_host}]" if ":" in self.probe_host else self.probe_host
        return f"http://{host}:{self.port}"

    def require_free(self) -> None:
        """Raise PortTaken when somebody else listens there."""
        if not ports.is_free(self.port, host=self.host):
            raise PortTaken(
                f"port {self.port} on {self.host} is taken by another program: choose another one, "
                f"for example PRECEPTOR_PORT={self.port + 1} ./preceptor up"
            )


def address_from_environment() -> Address:
    """Return the address that PRECEPTOR_HOST and PRECEPTOR_PORT name."""
    given = os.environ.get("PRECEPTOR_PORT") or "8000"
    if not given.isdigit() or not 0 < int(given) < 65_536:
        raise Misconfigured(f"PRECEPTOR_PORT is {given!r}: a number between 1 and 65535 is expected.")
    return Address(host=os.environ.get("PRECEPTOR_HOST") or "127.0.0.1", port=int(given))


def environment(services: Services, address: Address) -> dict[str, str]:
    """Return the environment of `manage.py`, with the owner's address for migrations."""
    made = dict(services.environment)
    made["PRECEPTOR_PORT"] = str(address.port)
    made.setdefault("PRECEPTOR_URL", address.url)
    made["PYTHONUNBUFFERED"] = "1"
    made.setdefault("MALLOC_ARENA_MAX", "2")  # a third less memory at rest, and nothing slower
    return made


@dataclass(frozen=True, slots=True)
class Application:
    """The processes of one copy, under its supervisor."""

    state: State
    services: Services
    address: Address
    supervisor: Supervisor

    def migrate(self) -> bool:
        """Bring the schema up to date and return whether it changed.

        A start of Django costs a second, so it is left out when neither the code nor the database's own
        record of its migrations changed since the last time. A database of the person's own is always asked.
        """
        postgres = self.services.postgres
        if postgres is None:
            self._manage("migrate", "migrate", "--database", "owner", "--no-input")
            return False
        code, rows = _digest_of_code(), _digest_of_rows(postgres)
        if self.state.read(_MIGRATED) == {"code": code, "rows": rows}:
            return False
        self._manage("migrate", "migrate", "--database", "owner", "--no-input")
        rows_now = _digest_of_rows(postgres)
        self.state.write(_MIGRATED, {"code": code, "rows": rows_now})
        return rows_now != rows

    def start(self) -> None:
        """Start web, workers, the listener and the scheduler."""
        made = environment(self.services, self.address)
        made.pop(_OWNER_ONLY, None)  # who serves must not be able to pass row-level security
        commands = {"web": web_command(self.address), "scheduler": ("manage.py", "schedule")}
        commands |= dict.fromkeys(_worker_names(), ("manage.py", "work", "--queues", "fast,cpu"))
        # By itself, so that what it loaded to listen with is there for the next recording.
        commands["listener"] = ("manage.py", "work", "--queues", "gpu")
        for name, command in commands.items():
            launch = Launch(
                command=(sys.executable, *command),
                environment=made,
                directory=ROOT,
                nice=0 if name == "web" else _BACKGROUND_NICE,
            )
            self.supervisor.add(name, lambda launch=launch: launch)  # type: ignore[misc]

    def seed(self) -> None:
        """Make the demonstration school and keep its login where programs find it."""
        self._manage("seed", "seed_demo")
        self.correct_demo()

    def correct_demo(self) -> None:
        """Name the present address in the kept login, and keep it to its owner."""
        demo = self.state.read(self.state.demo.name)
        if not demo:
            return
        os.chmod(self.state.demo, 0o600)
        kept = urlsplit(str(demo.get("url", "")))
        public = urlsplit(environment(self.services, self.address)["PRECEPTOR_URL"])
        if (kept.scheme, kept.netloc) != (public.scheme, public.netloc):
            moved = kept._replace(scheme=public.scheme, netloc=public.netloc)
            self.state.write(self.state.demo.name, {**demo, "url": urlunsplit(moved)})

    def wait_until_ready(self) -> None:
        """Return when the portal says that it and all it needs are there."""
        self.supervisor.wait_until(lambda: is_ready(self.address), what="web", timeout_s=_READY_TIMEOUT_S)

    def _manage(self, name: str, *arguments: str) -> None:
        self.supervisor.run_once(
            name,
            (sys.executable, "manage.py", *arguments),
            environment=environment(self.services, self.address),
        )


def is_ready(address: Address) -> bool:
    """Tell whether the portal and all it needs answer."""
    return probe.http_status(address.probe_host, address.port, "/health/ready") == 200


def web_command(address: Address) -> tuple[str, ...]:
    """Return what the web server is started with, after the interpreter."""
    return (
        *("-m", "uvicorn", "config.asgi:application", "--host", address.host, "--port", str(address.port)),
        *("--loop", "uvloop", "--http", "httptools", "--lifespan", "auto", "--no-access-log"),
        *("--no-server-header", "--timeout-graceful-shutdown", "3"),
        # Longer than proxies keep a quiet line: if we close it first, a request may just be on its way.
        *("--timeout-keep-alive", "125"),
    )


def read_demo(state: State) -> Mapping[str, str]:
    """Return the demonstration login; empty when there is none."""
    try:
        return state.read(state.demo.name)
    except json.JSONDecodeError:
        return {}


def _worker_names() -> list[str]:
    given = os.environ.get("PRECEPTOR_WORKERS") or "1"
    if not given.isdigit():
        raise Misconfigured(f"PRECEPTOR_WORKERS is {given!r}: a number is expected.")
    return ["worker"] if int(given) == 1 else [f"worker-{number}" for number in range(1, int(given) + 1)]


def _digest_of_code() -> str:
    # Not only migrations: what runs after them (policies, permissions) stands in ordinary modules.
    digest = hashlib.sha256((ROOT / "requirements.txt").read_bytes())
    for package in sorted(path.parent for path in ROOT.glob("*/__init__.py")):
        if package.name not in _NOT_THE_SCHEMA:
            for module in sorted(package.rglob("*.py")):
                digest.update(str(module.relative_to(ROOT)).encode() + module.read_bytes())
    return digest.hexdigest()


def _digest_of_rows(postgres: Postgres) -> str:
    exists = postgres.run_sql(["-c", "SELECT to_regclass('public.django_migrations')"], database=DATABASE)
    if not exists:
        return ""
    rows = postgres.run_sql(
        ["-c", "SELECT app, name FROM django_migrations ORDER BY 1, 2"], database=DATABASE
    )
    return hashlib.sha256(rows.encode()).hexdigest()
