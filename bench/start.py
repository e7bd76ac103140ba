"""Measure how long `./preceptor up` takes until the login page is there: ./preceptor bench start [--times N].

Cold: no state at all, but the packages installed. Warm: the same copy again, with the demonstration's data.
"""

import argparse
import statistics
from typing import Any

from bench import report
from bench.copies import ROOT, OwnCopy

NEEDS_SERVICES = False

COLD_GOAL_S, WARM_GOAL_S = 30.0, 10.0


def measure(*, times: int) -> dict[str, Any]:
    """Return the medians of so many cold and warm starts, each cold one in a copy of its own."""
    cold, warm, down = [], [], []
    for _ in range(times):
        with OwnCopy(command=(str(ROOT / "preceptor"),)) as copy:
            cold.append(copy.up())
            copy.wait_for_documents()
            down.append(copy.down())
            warm.append(copy.up())
    return {
        "times": times,
        **_figures("cold start, packages installed", cold, goal_s=COLD_GOAL_S),
        **_figures("warm start", warm, goal_s=WARM_GOAL_S),
        **_figures("end", down, goal_s=None),
    }


def _figures(name: str, seconds: list[float], *, goal_s: float | None) -> dict[str, Any]:
    found = {"median_s": round(statistics.median(seconds), 2), "each_s": [round(one, 2) for one in seconds]}
    return {name: found if goal_s is None else {**found, "goal_s": goal_s}}


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--times", type=int, default=3)
    report.write("start", measure(times=options.parse_args().times))
