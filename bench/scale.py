"""Measure one school among a thousand against one alone: ./preceptor bench scale [--schools N] [--chunks N].

Two whole copies of the product are started beside each other: one with a single school, one with as many as asked for,
each school with as much in it. The same person's visits go to the one and to the other by turns, so that whatever else
the machine does befalls both. Then what the scheduler does is measured in both, and a start on a full database.
"""

import argparse
import asyncio
import json
import os
import random
import signal
import statistics
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import processes, report, visits
from bench.copies import OwnCopy
from bench.questions import BESIDE
from bench.visits import Person

NEEDS_SERVICES = False

GOAL = 1.2
KINDS = (
    "home", "library", "library, filtered part", "document", "reading", "search", "ask", "conversations",
    "planillas", "planilla", "planilla, rows", "API, documents",
)  # fmt: skip
_AT_A_TIME = 5  # visits to one copy before the other's turn: CPU time is counted in hundredths of a second
_PACKED_AFTER_S = 70.0  # see embedded/qdrant_parts
_BACKGROUND = ("worker", "listener", "scheduler")
_SERVING = ("web", "postgres", "qdrant", "redis")


def measure(given: argparse.Namespace) -> dict[str, Any]:
    """Return the figures of both copies."""
    with OwnCopy() as alone, OwnCopy() as crowd:
        told = {}
        for copy, schools in ((alone, 1), (crowd, given.schools)):
            copy.up()
            copy.wait_for_documents()
            told[copy.port] = _fill(copy, schools, given)
        for copy in (alone, crowd):
            _wait_until_quiet(copy)
        figures: dict[str, Any] = {
            "schools": given.schools,
            "of each school": {"documents": given.documents, "chunks": given.chunks_a_school},
            "chunks in the installation": told[crowd.port]["chunks"],
            "seconds to make": told[crowd.port]["seconds"],
            "goal, crowd / alone": GOAL,
            "visits": asyncio.run(_visit(alone, crowd, told, given.times)),
            "memory, mb (PSS)": {
                "alone": _memory(alone),
                "crowd": _memory(crowd),
            },
            "disk, mb": {"alone": _disk_mb(alone.directory), "crowd": _disk_mb(crowd.directory)},
            "the scheduler's tasks": {"alone": _sweeps(alone), "crowd": _sweeps(crowd)},
        }
        crowd.down()
        figures["start on the full database, s"] = round(crowd.up(), 1)
        began = time.monotonic()
        crowd.run("manage", "migrate", "--database", "owner", "--no-input", "--verbosity", "0")
        figures["migrate with nothing to do, s"] = round(time.monotonic() - began, 1)
    return figures


def _fill(copy: OwnCopy, schools: int, given: argparse.Namespace) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(
        copy.run(
            *("run", sys.executable, "-m", "bench.filled", "--data", str(given.data)),
            *("--schools", str(schools), "--documents", str(given.documents)),
            *("--chunks", str(given.chunks_a_school), "--chars", str(given.chars)),
        )
    )
    return made


async def _visit(
    alone: OwnCopy, crowd: OwnCopy, told: Mapping[int, dict[str, Any]], times: int
) -> dict[str, Any]:
    """Return waiting times and CPU of each kind of visit in both copies, and how they compare."""
    found: dict[str, Any] = {}
    copies = (alone, crowd)
    async with visits.client(alone.port) as first, visits.client(crowd.port) as second:
        people = [
            Person(http, told[copy.port]["people"][0], told[copy.port]["questions"], random.Random(1))
            for copy, http in zip(copies, (first, second), strict=True)
        ]
        with _paused(alone), _paused(crowd):
            for kind in KINDS:
                for person in people:
                    for _ in range(3):
                        await visits.VISITS[kind](person)
                waited: list[list[float]] = [[], []]
                spent = [0.0, 0.0]
                for turn in range(2 * max(1, times // _AT_A_TIME)):
                    at = (turn + turn // 2) % 2  # first, second, second, first: no one always goes before
                    before = _serving_cpu_s(copies[at])
                    for _ in range(_AT_A_TIME):
                        began = time.perf_counter()
                        await visits.VISITS[kind](people[at])
                        waited[at].append(1000 * (time.perf_counter() - began))
                    spent[at] += _serving_cpu_s(copies[at]) - before
                found[kind] = _compared(waited, spent)
    return found


def _compared(waited: list[list[float]], spent: list[float]) -> dict[str, Any]:
    sides = {
        name: {
            "p50_ms": round(statistics.median(each), 1),
            "p95_ms": round(statistics.quantiles(each, n=20)[-1], 1),
            "CPU-ms": round(1000 * cpu_s / len(each), 1),
        }
        for name, each, cpu_s in zip(("alone", "crowd"), waited, spent, strict=True)
    }
    ratio = {
        key: round(sides["crowd"][key] / max(sides["alone"][key], 0.1), 2) for key in ("p50_ms", "CPU-ms")
    }
    return {**sides, "crowd / alone": ratio, "within the goal": max(ratio.values()) <= GOAL}


@contextmanager
def _paused(copy: OwnCopy) -> Iterator[None]:
    """Hold what works in the background still, whose cost is measured by itself."""
    running = copy.processes()
    held = [pid for name, pid in running.items() if name.partition("-")[0] in _BACKGROUND]
    for pid in held:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in held:
            os.kill(pid, signal.SIGCONT)


def _serving_cpu_s(copy: OwnCopy) -> float:
    running = copy.processes()
    return sum(processes.cpu_s(running[name]) for name in _SERVING)


def _wait_until_quiet(copy: OwnCopy) -> None:
    """Return when the demonstration is processed and the store has packed what it was given."""
    copy.wait_for_documents()
    time.sleep(_PACKED_AFTER_S)
    processes.wait_until_idle(copy.processes()["qdrant"], quiet_s=8.0)


def _memory(copy: OwnCopy) -> dict[str, float]:
    running = copy.processes()
    del running["supervisor"]
    return {name: processes.memory(pid).pss_mb for name, pid in running.items()}


def _disk_mb(directory: Path) -> dict[str, int]:
    def held(place: Path) -> int:
        return sum(each.stat().st_blocks * 512 for each in place.rglob("*") if each.is_file()) // 1_000_000

    return {name: held(directory / name) for name in ("postgres", "qdrant")}


def _sweeps(copy: OwnCopy) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(copy.run("run", sys.executable, "-m", "bench.sweeps"))
    return found


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, default=BESIDE, help="folder with questions/")
    options.add_argument("--schools", type=int, default=1_000)
    options.add_argument("--documents", type=int, default=50, help="of each school")
    options.add_argument("--chunks", type=int, default=1_000_000, help="in the installation of many schools")
    options.add_argument("--chars", type=int, default=250, help="of a chunk, at most")
    options.add_argument("--times", type=int, default=60, help="visits of each kind to each copy")
    given = options.parse_args()
    if not (given.data / "questions").is_dir():
        options.exit(3, f"No hay preguntas en {given.data}: indicar la carpeta con --data.\n")
    given.chunks_a_school = given.chunks // given.schools
    report.write("scale", measure(given))
