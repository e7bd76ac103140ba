"""Measure a running copy's memory at rest, its demonstration processed: ./preceptor bench memory.

PSS counts a page that several processes share in parts that add up; RSS counts it in full for each of them.
"""

import argparse
import time
from dataclasses import asdict
from typing import Any

from bench import processes, report
from bench.copies import OwnCopy

NEEDS_SERVICES = False

GOAL_MB = 500
COUNTED = ("web", "worker", "listener", "qdrant", "postgres", "redis")


def measure(*, rest_s: float) -> dict[str, Any]:
    """Return memory per process, once nothing has happened for so long."""
    with OwnCopy() as copy:
        copy.up()
        documents = copy.wait_for_documents()
        running = copy.processes()
        processes.wait_until_idle(running["supervisor"])
        time.sleep(rest_s)
        held = {
            name: processes.memory(pid) if name != "supervisor" else processes.memory_of_one(pid)
            for name, pid in running.items()
        }
    goal = sum(held[name].pss_mb for name in COUNTED)
    return {
        "documents": documents,
        "rest_s": rest_s,
        "processes": {name: asdict(one) for name, one in held.items()},
        "web + one worker + listener + embedded stores": {
            "pss_mb": round(goal, 1),
            "rss_mb": round(sum(held[name].rss_mb for name in COUNTED), 1),
            "goal_mb": GOAL_MB,
        },
        "all": {
            "pss_mb": round(sum(one.pss_mb for one in held.values()), 1),
            "rss_mb": round(sum(one.rss_mb for one in held.values()), 1),
        },
    }


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rest", type=float, default=15.0, metavar="SECONDS")
    report.write("memory", measure(rest_s=options.parse_args().rest))
