"""Measure many people at once on a whole copy of the product: ./preceptor bench load [--people N] [--seconds S].

People of several schools, each logged in, go from page to page and stay on each as people do; on the pages that show
progress their browsers keep a stream open. They search, ask the quoting engine and read the answer as it comes, upload
small texts, open planillas, and some programs ask the API. The copy runs as `up` starts it, on the same machine as this
program, whose own CPU time is told too. Anything but the expected answer is an error, and there may be none.
"""

import argparse
import asyncio
import json
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from bench import processes, report, visits
from bench.copies import OwnCopy
from bench.questions import BESIDE
from bench.visits import Person, Unexpected
from bench.watching import Watch

NEEDS_SERVICES = False

SCHOOLS = 8
# How often, of a hundred visits.
MIX = {
    "home": 8, "library": 20, "library, filtered part": 12, "library, one row": 6, "document": 8, "reading": 8,
    "search": 8, "ask": 8, "conversations": 5, "planillas": 3, "planilla": 3, "planilla, rows": 4, "upload": 3,
    "API, documents": 2, "API, conversations": 2,
}  # fmt: skip
WITH_PROGRESS = ("home", "library")  # whose pages keep a stream open
_TOLD_ERRORS = 20
_WARM_UP_S = 10.0
_STREAMS = 100
_STREAMS_S = 20.0


@dataclass(slots=True)
class Log:
    """What was waited for, and what went wrong."""

    waited_ms: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    events: int = 0
    open_streams: int = 0
    most_streams: int = 0
    is_counting: bool = False

    def note(self, kind: str, seconds: float) -> None:
        """Keep how long a visit took."""
        if self.is_counting:
            self.waited_ms.setdefault(kind, []).append(1000 * seconds)

    def fail(self, kind: str, error: Exception) -> None:
        """Keep what went wrong, whenever it did."""
        self.errors.append(f"{kind}: {type(error).__name__} {error}"[:300])

    def told(self) -> None:
        """Count an event of a stream."""
        self.events += 1


def measure(given: argparse.Namespace) -> dict[str, Any]:
    """Return the figures of one run."""
    with OwnCopy() as copy:
        copy.up()
        copy.wait_for_documents()
        made = json.loads(
            copy.run(
                *("run", sys.executable, "-m", "bench.filled", "--data", str(given.data)),
                *("--schools", str(SCHOOLS), "--documents", "50", "--chunks", "1000"),
                *("--people", str(-(-given.people // SCHOOLS)), "--logged-in", str(given.people)),
            )
        )
        processes.wait_until_idle(copy.processes()["qdrant"], quiet_s=8.0)
        return asyncio.run(_run(copy, made, given))


async def _run(copy: OwnCopy, made: dict[str, Any], given: argparse.Namespace) -> dict[str, Any]:
    log = Log()
    dice = random.Random(given.seed)
    async with visits.client(copy.port, most=3 * given.people) as http:
        people = [
            Person(http, known, made["questions"], random.Random(dice.random())) for known in made["people"]
        ]
        streams = await _cost_of_streams(copy, people)
        until = asyncio.get_running_loop().time() + _WARM_UP_S + given.seconds
        living = [asyncio.create_task(_live(who, log, until=until, think_s=given.think)) for who in people]
        await asyncio.sleep(_WARM_UP_S)
        log.is_counting = True
        own, began = time.process_time(), time.monotonic()
        with Watch(copy.processes()) as watch:
            await asyncio.sleep(given.seconds)
        took, own = time.monotonic() - began, time.process_time() - own
        log.is_counting = False
        await asyncio.gather(*living)
        left = await _left(people, patience_s=120.0)
    visited = sum(len(each) for each in log.waited_ms.values())
    return {
        "people": given.people,
        "schools": SCHOOLS,
        "think time, mean s": given.think,
        "seconds": round(took),
        "requests a second": round(visited / took, 1),
        "errors": len(log.errors),
        "kinds of error": log.errors[:_TOLD_ERRORS],
        "visits": {kind: _told(each) for kind, each in sorted(log.waited_ms.items(), key=lambda one: one[0])},
        "all visits": _told([one for each in log.waited_ms.values() for one in each]),
        "streams": {**streams, "open at most": log.most_streams, "events told": log.events},
        "documents": {"uploaded": sum(who.uploaded for who in people), **left},
        "cores used": {**watch.cores(), "this program": round(own / took, 2)},
        "processes": watch.figures(),
    }


async def _live(who: Person, log: Log, *, until: float, think_s: float) -> None:
    """Visit, stay, visit, until the time is over."""
    clock = asyncio.get_running_loop().time
    kinds, weights = list(MIX), list(MIX.values())
    await asyncio.sleep(who.dice.uniform(0, min(think_s, until - clock())))
    while clock() < until:
        kind = who.dice.choices(kinds, weights)[0]
        began = time.perf_counter()
        try:
            await visits.VISITS[kind](who)
        except (Unexpected, httpx.HTTPError, TimeoutError) as error:
            log.fail(kind, error)
        else:
            log.note(kind, time.perf_counter() - began)
        stays_s = min(1.0 + who.dice.expovariate(1 / (think_s - 1)), max(0.1, until - clock()))
        if kind in WITH_PROGRESS:
            await _watch(who, log, stays_s)
        else:
            await asyncio.sleep(stays_s)


async def _watch(who: Person, log: Log, seconds: float) -> None:
    log.open_streams += 1
    log.most_streams = max(log.most_streams, log.open_streams)
    try:
        await who.watch(seconds=seconds, told=log.told)
    except (Unexpected, httpx.HTTPError) as error:
        log.fail("stream", error)
    finally:
        log.open_streams -= 1


async def _cost_of_streams(copy: OwnCopy, people: Sequence[Person]) -> dict[str, float]:
    """Return what an open stream costs while nothing happens, in CPU milliseconds a second."""
    running = copy.processes()
    await asyncio.sleep(3)
    spent = {name: processes.cpu_s(running[name]) for name in ("web", "postgres")}
    watching = [
        asyncio.create_task(people[n % len(people)].watch(seconds=_STREAMS_S, told=lambda: None))
        for n in range(_STREAMS)
    ]
    await asyncio.gather(*watching)
    return {
        f"{name}, CPU-ms a second of each of {_STREAMS}": round(
            1000 * (processes.cpu_s(running[name]) - before) / _STREAMS / _STREAMS_S, 2
        )
        for name, before in spent.items()
    }


async def _left(people: Sequence[Person], *, patience_s: float) -> dict[str, Any]:
    """Return what became of the documents, when none is at work any more or patience is over."""
    one_of_each = {who.known["slug"]: who for who in people}.values()
    began = time.monotonic()
    while True:
        found: Counter[str] = Counter()
        for who in one_of_each:
            for status in ("queued", "processing", "failed"):
                found[status] += await who.how_many(status)
        if not found["queued"] + found["processing"] or time.monotonic() - began > patience_s:
            return {**found, "seconds until the last was processed": round(time.monotonic() - began)}
        await asyncio.sleep(2)


def _told(each_ms: Sequence[float]) -> dict[str, float]:
    quantiles = statistics.quantiles(each_ms, n=100) if len(each_ms) > 1 else [*each_ms] * 99
    if not each_ms:
        return {"visits": 0}
    return {
        "visits": len(each_ms),
        "p50_ms": round(quantiles[49]),
        "p95_ms": round(quantiles[94]),
        "p99_ms": round(quantiles[98]),
        "longest_ms": round(max(each_ms)),
    }


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, default=BESIDE, help="folder with questions/")
    options.add_argument("--people", type=int, default=200)
    options.add_argument("--seconds", type=int, default=300)
    options.add_argument(
        "--think", type=float, default=10.0, help="seconds that a person stays on a page, mean"
    )
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args()
    if not (given.data / "questions").is_dir():
        options.exit(3, f"No hay preguntas en {given.data}: indicar la carpeta con --data.\n")
    figures = measure(given)
    report.write("load", figures)
    sys.exit(1 if figures["errors"] else 0)
