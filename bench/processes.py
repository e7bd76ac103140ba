"""What processes cost, as Linux counts it: CPU seconds and memory of a process and all that descend from it."""

import os
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")
_SAMPLE_EVERY_S = 0.05


def descendants(root: int) -> list[int]:
    """Return a process and all that descend from it."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found = [root]
    for pid in found:  # grows while it is read
        found.extend(children.get(pid, ()))
    return found


def cpu_s(root: int) -> float:
    """Return the CPU seconds of a process and its descendants, those that have ended included."""
    fields = [_stat(pid) for pid in descendants(root)]
    return sum(sum(map(int, one[11:15])) for one in fields if one) / _TICKS_A_SECOND


@dataclass(frozen=True, slots=True)
class Memory:
    """What processes hold in memory. `pss_mb` counts a page that several share in parts that add up."""

    rss_mb: float
    pss_mb: float
    processes: int


def memory(root: int) -> Memory:
    """Return the memory of a process and its descendants."""
    held = [found for pid in descendants(root) if (found := _held_kb(pid))]
    return Memory(
        rss_mb=round(sum(rss for rss, _pss in held) / 1024, 1),
        pss_mb=round(sum(pss for _rss, pss in held) / 1024, 1),
        processes=len(held),
    )


def memory_of_one(pid: int) -> Memory:
    """Return the memory of a process alone."""
    rss, pss = _held_kb(pid) or (0, 0)
    return Memory(rss_mb=round(rss / 1024, 1), pss_mb=round(pss / 1024, 1), processes=1)


class Peak:
    """Samples the memory of a process and its descendants while the context lasts."""

    def __init__(self, root: int) -> None:
        self._root = root
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.together = Memory(0.0, 0.0, 0)
        self.largest_process_rss_mb = 0.0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(_SAMPLE_EVERY_S):
            now = memory(self._root)
            if now.pss_mb > self.together.pss_mb:
                self.together = now
            each = [held[0] / 1024 for pid in descendants(self._root) if (held := _held_kb(pid))]
            self.largest_process_rss_mb = round(max([self.largest_process_rss_mb, *each]), 1)


def wait_until_idle(root: int, *, quiet_s: float = 2.0, most_s: float = 120.0) -> None:
    """Return when a process and its descendants have done next to nothing for so long."""
    deadline = time.monotonic() + most_s
    while time.monotonic() < deadline:
        before = cpu_s(root)
        time.sleep(quiet_s)
        if cpu_s(root) - before <= 0.02 * quiet_s:
            return


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat after the name: state, parent, …; empty when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _held_kb(pid: int) -> tuple[int, int] | None:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    except OSError:
        return None
    held = {name: int(rest.split()[0]) for name, _, rest in (line.partition(":") for line in lines)}
    return held.get("Rss", 0), held.get("Pss", 0)
