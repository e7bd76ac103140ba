"""Kills the processes of a copy, one at a time, at moments of chance."""

import json
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from embedded import process
from tests.embedded.own_copy import OwnCopy

KINDS = (
    "web",
    "worker",
    "horse",
    "listener",
    "scheduler",
    "postgres",
    "redis",
    "qdrant",
    "supervisor",
)
_PATIENCE_S = 60.0


class NobodyThere(AssertionError):
    """What should have been killed was not there for a minute: it did not come back from the kill before."""


def plan(count: int, chance: random.Random) -> list[str]:
    """Return what to kill, in order: every kind as often as the others, give or take one."""
    kinds = [KINDS[number % len(KINDS)] for number in range(count)]
    chance.shuffle(kinds)
    return kinds


@dataclass(slots=True)
class Killer:
    """Works through a plan of kills on a running copy."""

    copy: OwnCopy
    chance: random.Random
    tell: Callable[[str], None] = lambda line: None
    kills: Counter[str] = field(default_factory=Counter)
    ups: list[float] = field(default_factory=list)
    """Seconds that `up` took after each death of the supervisor."""

    def restart(self, kind: str) -> None:
        """End one process as its operator would, or the whole copy, and let it start again."""
        if kind == "copy":
            self.tell("down")
            self.copy.call("down")
            self.copy.start(only_services=False)
        else:
            self._strike(kind, signal.SIGINT if kind == "postgres" else signal.SIGTERM)
        self.kills[f"{kind}, politely"] += 1

    def kill(self, kind: str) -> None:
        """Kill one process with SIGKILL, once it is there; start the copy again when it was the supervisor."""
        if self._strike(kind, signal.SIGKILL):
            self.kills[kind] += 1
        if kind == "supervisor":
            began_at = time.monotonic()
            self.copy.start(only_services=False)
            self.ups.append(round(time.monotonic() - began_at, 1))

    def _strike(self, kind: str, number: signal.Signals) -> bool:
        deadline = time.monotonic() + _PATIENCE_S
        while (pid := self._find(kind)) is None:
            if time.monotonic() > deadline:
                if kind == "horse":  # there was nothing to do
                    self.tell("no work-horse to kill")
                    return False
                raise NobodyThere(kind)
            time.sleep(0.02)
        os.kill(pid, number)
        self.tell(f"{number.name} to {kind} ({pid}), after {sum(self.kills.values())}")
        return True

    def pause(self, least_s: float, most_s: float) -> None:
        """Let the copy work for a time of chance."""
        time.sleep(self.chance.uniform(least_s, most_s))

    def _find(self, kind: str) -> int | None:
        try:
            running = json.loads((self.copy.data / "running.json").read_text())
        except FileNotFoundError:
            return None
        if kind == "supervisor":
            return int(running["pid"])
        name = "worker" if kind == "horse" else kind
        pid = int(running["services"].get(name, {}).get("pid", 0))
        if kind == "horse":
            return next(iter(children(pid)), None) if pid else None
        return pid if pid and process.birth(pid) is not None and not process.is_zombie(pid) else None


def children(pid: int) -> list[int]:
    """Return the living children of a process."""
    found = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(child) for child in task.read_text().split()]
        except (FileNotFoundError, ProcessLookupError):
            continue
    return [child for child in found if not process.is_zombie(child)]
