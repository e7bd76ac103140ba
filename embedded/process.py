"""Child processes that never outlive their parent, write to a log of their own, and end when told."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)
_KEPT_LOGS = 3


@dataclass(frozen=True, slots=True)
class Launch:
    """How to start one process."""

    command: Sequence[str]
    environment: Mapping[str, str]
    directory: Path
    stop_signal: signal.Signals = signal.SIGTERM
    stop_timeout_s: float = 5.0
    death_signal: signal.Signals = signal.SIGKILL
    """Sent by the kernel when the supervisor dies."""
    pass_fds: Sequence[int] = ()
    nice: int = 0
    """How far it stands back when the processor is short."""
    user: int | None = None
    """Unprivileged user and group to become; None: stay who we are."""


@dataclass(slots=True)
class Child:
    """A process that was started from a Launch."""

    name: str
    launch: Launch
    popen: subprocess.Popen[bytes]
    started_at: float = field(default_factory=time.monotonic)
    _is_asked: bool = False

    @property
    def pid(self) -> int:
        """Return the process id."""
        return self.popen.pid

    def exit_code(self) -> int | None:
        """Return how it ended; None while it runs."""
        return self.popen.poll()

    def ask_to_stop(self) -> None:
        """Ask once: a second signal means "at once" to uvicorn and rq."""
        if not self._is_asked and self.exit_code() is None:
            self._is_asked = True
            self.popen.send_signal(self.launch.stop_signal)

    def wait(self, timeout_s: float) -> None:
        """Wait for its end, and end it by force when the time is over."""
        try:
            self.popen.wait(timeout_s)
        except subprocess.TimeoutExpired:
            kill_group(self.pid)
            self.popen.wait()


def start(name: str, launch: Launch, *, log: Path) -> Child:
    """Start a process in a group of its own, so that Ctrl-C reaches the supervisor alone.

    Call from the main thread: the kernel ties the death signal to the thread that forked. The descriptors
    passed on are the child's from here, and closed on this side.
    """
    with log.open("ab") as output:
        popen = subprocess.Popen(
            list(launch.command),
            env=dict(launch.environment),
            cwd=launch.directory,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            process_group=0,
            pass_fds=tuple(launch.pass_fds),
            user=launch.user,
            group=launch.user,
            extra_groups=None if launch.user is None else (),
            preexec_fn=tie_to_parent(launch.death_signal, nice=launch.nice),
        )
    for descriptor in launch.pass_fds:
        os.close(descriptor)
    return Child(name=name, launch=launch, popen=popen)


def tie_to_parent(death_signal: signal.Signals, *, nice: int = 0) -> Callable[[], None]:
    """Return what a child does between fork and exec: die with its parent, receive every signal.

    The kernel forgets the death signal when a process changes its user; `Popen` runs this after that.
    """
    parent = os.getpid()

    def tie() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != parent:  # it died before the tie was made
            os._exit(1)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        os.nice(nice)

    return tie


def kill_group(pid: int) -> None:
    """End a process and what it forked, at once."""
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def birth(pid: int) -> str | None:
    """Return when a process was born, in ticks since boot: with the pid it names one process for good."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return None


def is_zombie(pid: int) -> bool:
    """Tell whether a process has ended and only waits to be noticed."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (OSError, IndexError):
        return False


def end_leftovers(processes: Mapping[int, str], *, patience_s: float = 3.0, timeout_s: float = 10.0) -> None:
    """Wait until processes (pid → birth) of an earlier supervisor are gone; by force when they don't go.

    A process that only carries the same pid has another birth, and stays alone.
    """
    started_at = time.monotonic()
    left = dict(processes)
    while left and time.monotonic() - started_at < timeout_s:
        left = {pid: born for pid, born in left.items() if birth(pid) == born and not is_zombie(pid)}
        if time.monotonic() - started_at > patience_s:
            for pid in left:
                with suppress(ProcessLookupError):  # it ended just now
                    os.kill(pid, signal.SIGKILL)
        if left:
            time.sleep(0.02)


def rotate(log: Path) -> None:
    """Put the log of the last start aside, keeping a few."""
    if not log.exists() or log.stat().st_size == 0:
        return
    for number in range(_KEPT_LOGS - 1, 0, -1):
        older = log.with_name(f"{log.name}.{number}")
        if older.exists():
            os.replace(older, log.with_name(f"{log.name}.{number + 1}"))
    os.replace(log, log.with_name(f"{log.name}.1"))


def last_lines(log: Path, count: int = 12) -> str:
    """Return the end of a log, to say why something failed."""
    try:
        with log.open("rb") as file:
            file.seek(max(log.stat().st_size - 16_384, 0))
            return "\n".join(file.read().decode(errors="replace").splitlines()[-count:])
    except FileNotFoundError:
        return ""
