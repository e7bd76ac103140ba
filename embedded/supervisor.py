"""Starts processes, watches them, starts again what dies, and ends all of them in order.

One thread and one place to wait, since the kernel ties a child's life to the thread that forked it. Signals
are blocked and taken up only while waiting, so that no step is cut in its middle.
"""

import errno
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from embedded import process
from embedded.postgres import PostgresFailed
from embedded.process import Child, Launch
from embedded.services import Services
from embedded.state import ROOT, State

_WATCHED = (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_POLL_S = 0.02
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 30.0
_HEALTHY_AFTER_S = 60.0
_EARLY_DEATHS = 3
_LARGEST_LOG_BYTES = 20 * 2**20
_CHILDREN = "children.json"


class StartFailed(Exception):
    """Something did not start; the message says what and holds the end of its log."""


class Interrupted(Exception):
    """Somebody asked to end."""


class Supervisor:
    """Holds every child of this copy. A context: leaving it ends them, who serves before the stores."""

    def __init__(self, state: State, *, on_change: Callable[[], None] = lambda: None) -> None:
        self._state = state
        self._on_change = on_change
        self._makers: dict[str, Callable[[], Launch]] = {}
        self._children: dict[str, Child] = {}
        self._deaths: dict[str, int] = {}
        self._due_at: dict[str, float] = {}
        self._stores: list[str] = []
        self._is_interrupted = False
        self._mask: set[signal.Signals | int] = set()

    def __enter__(self) -> Self:
        self._mask = set(signal.pthread_sigmask(signal.SIG_BLOCK, _WATCHED))
        left = self._state.read(_CHILDREN)
        process.end_leftovers({int(pid): born for pid, born in left.items()}, patience_s=0.5)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        while signal.sigtimedwait(_WATCHED, 0):  # what arrived while stopping asked for just that
            pass
        signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)

    @property
    def children(self) -> Mapping[str, Child]:
        """Return the processes by name, in the order of their start."""
        return self._children

    def restarts(self, name: str) -> int:
        """Return how often a child was started again since it was last healthy for long."""
        return self._deaths.get(name, 0)

    def add(self, name: str, make: Callable[[], Launch]) -> Child:
        """Start a child; `make` is asked again before each new start."""
        self._makers[name] = make
        process.rotate(self._log(name))
        return self._start(name)

    def start_services(self, services: Services) -> None:
        """Start the embedded services side by side and return when all of them answer."""
        for service in services.embedded:
            self._stores.append(service.name)
            self.add(service.name, service.prepare)
        for service in services.embedded:
            self.wait_until(
                lambda service=service: service.is_ready(self._children[service.name].pid),  # type: ignore[misc]
                what=service.name,
                timeout_s=service.ready_timeout_s,
            )
            service.after_ready()

    def wait_until(self, is_true: Callable[[], bool], *, what: str, timeout_s: float) -> None:
        """Wait for a child to be what it should; say why when it dies on the way or takes too long."""
        deadline = time.monotonic() + timeout_s
        while not is_true():
            if self._deaths.get(what, 0) >= _EARLY_DEATHS:
                raise StartFailed(f"{what} does not start:\n{process.last_lines(self._log(what))}")
            if time.monotonic() > deadline:
                raise StartFailed(
                    f"{what} is not ready after {timeout_s:.0f} s:\n{process.last_lines(self._log(what))}"
                )
            self.pause(_POLL_S)

    def run_once(self, name: str, command: Sequence[str], *, environment: Mapping[str, str]) -> None:
        """Run a command to its end, with its output in a log of its own."""
        log = self._log(name)
        process.rotate(log)
        launch = Launch(command=command, environment=environment, directory=ROOT)
        child = process.start(name, launch, log=log)
        try:
            while child.exit_code() is None:
                self.pause(_POLL_S)
        finally:
            child.ask_to_stop()
            child.wait(launch.stop_timeout_s)
        if child.exit_code() != 0:
            raise StartFailed(f"{name} failed:\n{process.last_lines(log, 25)}")

    def run_attached(
        self, command: Sequence[str], *, environment: Mapping[str, str], output: IO[bytes] | None = None
    ) -> int:
        """Run a command on this terminal and return its exit code. Ctrl-C is its own to handle."""
        with subprocess.Popen(
            list(command),
            env=dict(environment),
            cwd=ROOT,
            stdout=output,
            stderr=output,
            preexec_fn=process.tie_to_parent(signal.SIGTERM),
        ) as attached:
            while attached.poll() is None:
                received = self._wait(1.0)
                if received in (signal.SIGTERM, signal.SIGHUP):
                    attached.terminate()
                self._revive()
        return attached.returncode if attached.returncode >= 0 else 128 - attached.returncode

    def watch(self, *, tick: Callable[[], None] = lambda: None, each_s: float = 60.0) -> None:
        """Keep everything running until somebody asks to end."""
        try:
            while True:
                self.pause(each_s)
                self._trim_logs()
                tick()
        except Interrupted:
            return

    def pause(self, seconds: float) -> None:
        """Wait, starting again what dies meanwhile; raise Interrupted when asked to end."""
        deadline = time.monotonic() + seconds
        while True:
            due = min(self._due_at.values(), default=deadline)
            received = self._wait(max(min(deadline, due) - time.monotonic(), 0))
            if self._is_interrupted or received in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                self._is_interrupted = True
                raise Interrupted
            self._revive()
            if time.monotonic() >= deadline:
                return

    def stop(self) -> None:
        """End all children, each within its time: who serves, together; then the stores one by one."""
        self._due_at.clear()
        serving = [name for name in self._children if name not in self._stores]
        for name in serving:
            self._children[name].ask_to_stop()
        for name in (*serving, *self._stores):
            child = self._children.pop(name, None)
            if child is not None:
                child.ask_to_stop()
                child.wait(child.launch.stop_timeout_s)
                process.kill_group(child.pid)  # what it forked and left
        self._stores.clear()
        self._record()

    def _start(self, name: str) -> Child:
        child = process.start(name, self._makers[name](), log=self._log(name))
        # Keep its place in the order: what was started first ends last.
        self._children[name] = child
        self._record()
        return child

    def _revive(self) -> None:
        now = time.monotonic()
        for name, child in list(self._children.items()):
            code = child.exit_code()
            if code is not None and name not in self._due_at:
                if now - child.started_at > _HEALTHY_AFTER_S:
                    self._deaths[name] = 0
                deaths = self._deaths[name] = self._deaths.get(name, 0) + 1
                self._due_at[name] = now + min(_FIRST_WAIT_S * 2 ** (deaths - 1), _LONGEST_WAIT_S)
                process.kill_group(child.pid)
                _tell(f"{name} ended with {code}; starting it again.")
                self._changed()
            elif code is not None and now >= self._due_at[name]:
                self._start_again(name)

    def _start_again(self, name: str) -> None:
        """Start what died; when that fails now (no room, no memory), later: nothing else may end with it."""
        del self._due_at[name]
        try:
            self._start(name)
        except (OSError, PostgresFailed) as error:
            self._due_at[name] = time.monotonic() + _LONGEST_WAIT_S
            _tell(f"{name} does not start: {error}; trying again.")

    def _wait(self, seconds: float) -> int | None:
        received = signal.sigtimedwait(_WATCHED, seconds)
        return received.si_signo if received else None

    def _record(self) -> None:
        alive = {str(child.pid): process.birth(child.pid) or "" for child in self._children.values()}
        with _despite_no_room():
            self._state.write(_CHILDREN, alive)
        self._changed()

    def _changed(self) -> None:
        with _despite_no_room():
            self._on_change()

    def _trim_logs(self) -> None:
        for name in self._children:
            log = self._log(name)
            if log.stat().st_size > _LARGEST_LOG_BYTES:
                # Its writer holds it open for appending, so it is copied aside and emptied, not renamed.
                with _despite_no_room():
                    shutil.copyfile(log, log.with_name(f"{log.name}.1"))
                with log.open("r+b") as file:
                    file.truncate(0)

    def _log(self, name: str) -> Path:
        return self._state.log / f"{name}.log"


@contextmanager
def _despite_no_room() -> Iterator[None]:
    """Go on when a full disk keeps us from writing down what we know: those who run are worth more."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise


def _tell(line: str) -> None:
    with _despite_no_room():
        print(line, file=sys.stderr, flush=True)
