"""Workers, a scheduler and a web server as processes of their own, on the test's database, for faults to strike."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from embedded import process as embedded_process
from tests.house.tree import ROOT
from tests.pipeline import forked


@dataclass(frozen=True, slots=True)
class Started:
    """A process of the house."""

    pid: int
    kill: Callable[[], None]
    wait: Callable[[], object]


class House:
    """Workers and a scheduler as processes of their own, on the test's database."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.gates = folder / "gates"
        self.gates.mkdir()
        self._started: list[Started] = []

    def start(self, *command: str, quick: bool = True, given: Mapping[str, str] | None = None) -> "Started":
        """Start `manage.py COMMAND`, or `web PORT`: with short times as a fork of what is imported, else from nothing.

        `given`: settings of this process that are not the test's, by name.
        """
        log = self._folder / f"{len(self._started)}-{command[0]}.log"
        started = self._forked(command, log, given or {}) if quick else self._from_nothing(command, log)
        self._started.append(started)
        return started

    def _forked(self, command: Sequence[str], log: Path, given: Mapping[str, str]) -> "Started":
        process = forked.start(*command, gates=self.gates, log=log, given=given)
        assert process.pid
        return Started(process.pid, process.kill, process.join)

    def _from_nothing(self, command: Sequence[str], log: Path) -> "Started":
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.pipeline.gated_settings",
            "GATED_FOLDER": str(self.gates),
            "GATED_QUICK": "",
            "PYTHONWARNINGS": "ignore",
        }
        with log.open("wb") as written:
            process = subprocess.Popen(
                [sys.executable, "manage.py", *command],
                cwd=ROOT,
                env=environment,
                stdout=written,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return Started(process.pid, process.kill, process.wait)

    def end(self) -> None:
        """End every process that was started here, with its children."""
        for process in self._started:
            process.kill()
            process.wait()

    def close_gate(self, name: str) -> None:
        """Let the next worker that comes to this point stop there."""
        (self.gates / name).touch()

    def at_gate(self, name: str) -> int:
        """Return the process id of the worker that stopped there, once one has."""
        reached = self.gates / f"{name}.reached"
        self.wait(lambda: reached.exists(), within_s=120, what=f"nobody came to {name}")
        return int(reached.read_text())

    def open_gate(self, name: str) -> None:
        """Let the worker there go on."""
        (self.gates / f"{name}.reached").unlink(missing_ok=True)

    def wait(self, holds: Callable[[], bool], *, within_s: float, what: str) -> None:
        """Return when it holds; fail with the processes' last words when it does not in time."""
        deadline = time.monotonic() + within_s
        while not holds():
            if time.monotonic() > deadline:
                logs = [
                    f"--- {log.name}\n{log.read_text()[-3000:]}" for log in sorted(self._folder.glob("*.log"))
                ]
                pytest.fail("\n".join([what, *logs]))
            time.sleep(0.05)


def is_alive(pid: int) -> bool:
    """Say whether a process is there and has not ended."""
    return embedded_process.birth(pid) is not None and not embedded_process.is_zombie(pid)


@pytest.fixture
def house(committed: None, tmp_path: Path) -> Iterator[House]:
    """Give a house whose processes end before the database is emptied."""
    made = House(tmp_path)
    yield made
    made.end()
