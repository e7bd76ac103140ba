"""Processes watched for a while: memory, threads, open files, connections and CPU, once a second."""

import statistics
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bench import processes

EACH_S = 1.0


@dataclass(slots=True)
class Series:
    """What was seen of one process and its descendants."""

    anonymous_mb: list[float] = field(
        default_factory=list
    )  # theirs alone, so that shared buffers count nowhere
    resident_mb: list[float] = field(default_factory=list)
    threads: list[int] = field(default_factory=list)
    files: list[int] = field(default_factory=list)

    def figures(self) -> dict[str, Any]:
        """Return start, end, peak and growth: the mean of the first and last tenth, the slope of the second half."""
        tenth = max(1, len(self.anonymous_mb) // 10)
        half = self.anonymous_mb[len(self.anonymous_mb) // 2 :]
        return {
            "anonymous mb": {
                "start": round(statistics.fmean(self.anonymous_mb[:tenth]), 1),
                "end": round(statistics.fmean(self.anonymous_mb[-tenth:]), 1),
                "peak": round(max(self.anonymous_mb), 1),
                "second half, mb a minute": round(_slope(half) * 60 / EACH_S, 2),
            },
            "resident mb, end": round(statistics.fmean(self.resident_mb[-tenth:]), 1),
            "threads, most": max(self.threads),
            "open files, most": max(self.files),
        }


class Watch:
    """Watches the named processes while the context lasts."""

    def __init__(self, pids: Mapping[str, int]) -> None:
        self._pids = pids
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._series = {name: Series() for name in pids}
        self._connections: list[int] = []
        self._cpu_s: dict[str, float] = {}
        self._began = 0.0

    def __enter__(self) -> Self:
        self._cpu_s = {name: processes.cpu_s(pid) for name, pid in self._pids.items() if name != "supervisor"}
        self._began = time.monotonic()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        took = time.monotonic() - self._began
        self._cpu_s = {
            name: (processes.cpu_s(self._pids[name]) - before) / took for name, before in self._cpu_s.items()
        }

    def cores(self) -> dict[str, float]:
        """Return how many cores each used."""
        return {name: round(share, 2) for name, share in self._cpu_s.items()}

    def figures(self) -> dict[str, Any]:
        """Return what was seen of each, and of the database's connections."""
        found: dict[str, Any] = {name: each.figures() for name, each in self._series.items() if each.threads}
        if self._connections:
            mean = round(statistics.fmean(self._connections), 1)
            found["connections to the database"] = {"mean": mean, "most": max(self._connections)}
        return found

    def _watch(self) -> None:
        while not self._stop.wait(EACH_S):
            for name, root in self._pids.items():
                if name == "supervisor":
                    continue
                pids = processes.descendants(root)
                held = [found for pid in pids if (found := _status(pid))]
                if not held:
                    continue
                series = self._series[name]
                series.anonymous_mb.append(sum(each["RssAnon"] for each in held) / 1024)
                series.resident_mb.append(sum(each["VmRSS"] for each in held) / 1024)
                series.threads.append(sum(each["Threads"] for each in held))
                series.files.append(sum(map(_open_files, pids)))
                if name == "postgres":
                    self._connections.append(sum(map(_serves, pids)))


def _status(pid: int) -> dict[str, int]:
    """Return memory in kB and threads of a process; empty when it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return {}
    told = {name: rest.split() for name, _, rest in (line.partition(":") for line in lines)}
    wanted = ("RssAnon", "VmRSS", "Threads")
    return {name: int(told[name][0]) for name in wanted} if all(name in told for name in wanted) else {}


def _open_files(pid: int) -> int:
    try:
        return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return 0


def _serves(pid: int) -> bool:
    """Say whether this is a process of Postgres that serves a connection of the application."""
    try:
        return b": app preceptor " in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _slope(values: list[float]) -> float:
    """Return the growth from one value to the next, by least squares."""
    if len(values) < 2:
        return 0.0
    return statistics.linear_regression(range(len(values)), values).slope
