"""Measure what the router adds to a call: ./preceptor bench router [--calls N] [--streams N].

Against an engine of loopback that speaks the real protocol in a process of its own: first the maker's client alone and
the whole router in turns, then many streams at once through the web server.
"""

import argparse
import asyncio
import http.client
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import yaml

from bench import crowd, processes, product, report, search
from bench.questions import BESIDE

if TYPE_CHECKING:
    from engines.base import ChatRequest
    from schools.admission import Member

NEEDS_SERVICES = True

P50_GOAL_MS, P95_GOAL_MS, FIRST_GOAL_MS, STALL_GOAL_MS = 2.0, 5.0, 30.0, 250.0
MODEL = "qwen3-30b"
WORDS, BEAT_S = 60, 0.03  # of each of many streams: one word every 30 ms
_ENGINE = """
import sys, time
from tests.doubles import openai_compat
with openai_compat.serving() as double:
    double.answer = tuple(f"palabra{n} " for n in range(int(sys.argv[1])))
    double.delay_s = float(sys.argv[2])
    print(double.address, flush=True)
    sys.stdin.read()
"""


@contextmanager
def _engine(words: int, beat_s: float) -> Iterator[str]:
    """Run an engine in a process of its own; give its address."""
    command = (sys.executable, "-c", _ENGINE, str(words), str(beat_s))
    with subprocess.Popen(
        command, cwd=report.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin and process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()


def _install(folder: Path, address: str, *, is_paid: bool) -> Path:
    """Write the file of engines: one outside that costs, or one of the school's own."""
    paid = {"runs": "outside", "price": {"input_per_million": 1, "output_per_million": 2}}
    entry = {
        "name": "motor", "provider": "openai_compat", "tasks": ["chat"], "model": MODEL, "address": f"{address}/v1",
        "context_tokens": 100_000, "at_once": 200, **(paid if is_paid else {"runs": "here"}),
    }  # fmt: skip
    path = folder / "engines.yaml"
    path.write_text(yaml.safe_dump({"engines": [entry]}))
    return path


def overhead(calls: int) -> dict[str, Any]:
    """Return what decision, money and records add to one call, in milliseconds."""
    from django.conf import settings

    from engines import router, rules
    from engines.base import ChatRequest, Source, Text
    from engines.errands import Errand, Labelled, Purpose
    from engines.labels import Label

    member = product.new_director()
    request = ChatRequest(
        "¿Cuántas inasistencias se admiten?",
        sources=tuple(
            Source(n, "Régimen", "Inasistencias", "veinticinco inasistencias. " * 30) for n in range(10)
        ),
    )
    errand = Errand(
        school_id=member.school_id, purpose=Purpose.ANSWER, parts=(Labelled("la pregunta", Label.INTERNAL),)
    )
    with TemporaryDirectory() as folder, _engine(20, 0.0) as address:
        settings.ENGINES_FILE = _install(Path(folder), address, is_paid=True)
        rules.plan(member, cap=Decimal(1_000_000))
        rules.allow(member, "motor", is_enabled=True, max_label="internal")
        bare = _Bare(f"{address}/v1", request)

        def routed() -> tuple[float, float]:
            began, first = time.perf_counter(), 0.0
            for piece in router.answer(request, errand).pieces:
                if not first and isinstance(piece, Text):
                    first = time.perf_counter()
            return time.perf_counter() - began, first - began

        for _number in range(calls // 5):
            bare()
            routed()
        alone: list[tuple[float, float]] = []
        whole: list[tuple[float, float]] = []
        cpu = [0.0, 0.0]
        turns: list[tuple[Callable[[], tuple[float, float]], list[tuple[float, float]]]]
        turns = [(bare, alone), (routed, whole)]
        for _number in range(calls):
            for slot, (call, kept) in enumerate(turns):
                before = time.process_time()
                kept.append(call())
                cpu[slot] += time.process_time() - before
        bare.close()
    return {
        "calls": calls,
        "whole call": _added([each[0] for each in alone], [each[0] for each in whole])
        | {"goal, added at p50 / p95": f"{P50_GOAL_MS} / {P95_GOAL_MS}"},
        "first word": _added([each[1] for each in alone], [each[1] for each in whole])
        | {"goal, added at p50": FIRST_GOAL_MS},
        "CPU-ms of a call, bare / routed": [round(1000 * each / calls, 2) for each in cpu],
    }


class _Bare:
    """The maker's client as its own documentation uses it, on a loop of this thread."""

    def __init__(self, address: str, request: "ChatRequest") -> None:
        import openai

        from engines import prompting

        self._loop = asyncio.new_event_loop()
        self._client = openai.AsyncOpenAI(base_url=address, api_key="x", max_retries=0)
        prompt = prompting.compose(request)
        self._messages: Any = [
            {"role": "system", "content": prompt.system},
            *({"role": each.role, "content": each.text} for each in prompt.messages),
        ]

    def __call__(self) -> tuple[float, float]:
        """Return the seconds of one whole call and to its first word."""
        return self._loop.run_until_complete(self._call())

    async def _call(self) -> tuple[float, float]:
        began, first = time.perf_counter(), 0.0
        stream: AsyncIterator[Any] = await self._client.chat.completions.create(
            model=MODEL,
            messages=self._messages,
            max_tokens=1_024,
            temperature=0.2,
            stream=True,
            stream_options={"include_usage": True},
        )
        async for chunk in stream:
            if not first and chunk.choices and chunk.choices[0].delta.content:
                first = time.perf_counter()
        return time.perf_counter() - began, first - began

    def close(self) -> None:
        """Let go of the lines."""
        self._loop.run_until_complete(self._client.close())
        self._loop.close()


def _added(alone: Sequence[float], whole: Sequence[float]) -> dict[str, float]:
    """Return both distributions and what one has more than the other."""
    told: dict[str, float] = {}
    for name, at in (("p50", 50), ("p95", 95)):
        one, other = (1000 * statistics.quantiles(each, n=100)[at - 1] for each in (alone, whole))
        told |= {f"bare {name}_ms": round(one, 2), f"routed {name}_ms": round(other, 2)}
        told[f"added {name}_ms"] = round(other - one, 2)
    return told


def streams(member: "Member", count: int) -> dict[str, Any]:
    """Return how evenly many answers at once come out of the web server."""
    with TemporaryDirectory() as folder, _engine(WORDS, BEAT_S) as address:
        os.environ["ENGINES_FILE"] = str(_install(Path(folder), address, is_paid=False))
        with search._serve() as (web, port):
            token = search._log_in(port, member)
            raw = [_raw(address)[0] for _number in range(10)]
            one = [_watch(port, member.slug, token) for _number in range(10)]
            watched: list[tuple[float, list[float]]] = []
            threads = [
                threading.Thread(target=lambda: watched.append(_watch(port, member.slug, token)))
                for _number in range(count)
            ]
            before = processes.cpu_s(web)
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            spent = processes.cpu_s(web) - before
    gaps = [gap for _first, told in watched for gap in told]
    longest = sorted(max(told) for _first, told in watched)
    return {
        "streams": len(watched),
        "words each": WORDS,
        "ms between two words of the engine": 1000 * BEAT_S,
        "one stream, first word over the raw engine's, p50_ms": round(
            1000 * (statistics.median(first for first, _gaps in one) - statistics.median(raw)), 1
        ),
        "goal, first word": FIRST_GOAL_MS,
        "all at once, gap p50_ms": round(1000 * statistics.median(gaps), 1),
        "all at once, gap p99_ms": round(1000 * statistics.quantiles(gaps, n=100)[-1], 1),
        "longest stall of any stream, ms": round(1000 * longest[-1], 1),
        "goal, longest stall": STALL_GOAL_MS,
        "web CPU-s of all": round(spent, 2),
    }


def _raw(address: str) -> tuple[float, float]:
    """Return the seconds to the raw engine's first word, and to its end."""
    host, _, port = address.removeprefix("http://").partition(":")
    connection = http.client.HTTPConnection(host, int(port), timeout=60)
    body = {"model": MODEL, "stream": True, "messages": [{"role": "user", "content": "hola"}]}
    began = time.perf_counter()
    connection.request("POST", "/v1/chat/completions", json.dumps(body), {"Content-Type": "application/json"})
    response, first = connection.getresponse(), 0.0
    while line := response.readline():
        if not first and b"palabra" in line:
            first = time.perf_counter() - began
    connection.close()
    return first, time.perf_counter() - began


def _watch(port: int, slug: str, token: str) -> tuple[float, list[float]]:
    """Ask by the API as a stream; return the seconds to its first word and those between its pieces."""
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    base = f"/api/v1/schools/{slug}/conversations/"
    connection.request("POST", base, "{}", headers)
    made = json.loads(connection.getresponse().read())
    question = json.dumps({"text": "¿Qué dice el reglamento sobre las inasistencias?"})
    began = time.perf_counter()
    connection.request(
        "POST", f"{base}{made['id']}/messages/", question, {**headers, "Accept": "text/event-stream"}
    )
    response = connection.getresponse()
    came: list[float] = []
    while (line := response.readline().decode()) != "":
        if line.startswith("event: token"):
            came.append(time.perf_counter())
        if line.startswith("event: error"):
            raise SystemExit(response.readline().decode())
        if line.startswith("event: done"):
            break
    connection.close()
    return came[0] - began, [later - sooner for sooner, later in pairwise(came)]


def measure(data: Path, *, calls: int, count: int) -> dict[str, Any]:
    """Return the figures of one call and of many at once."""
    member = product.new_director()
    crowd.fill(member, crowd.prepare(data, count=500))
    figures: dict[str, Any] = {"one call": overhead(calls)}
    figures["many streams"] = streams(member, count)
    return figures


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, default=BESIDE, help="folder with questions/")
    options.add_argument("--calls", type=int, default=400)
    options.add_argument("--streams", type=int, default=50)
    given = options.parse_args()
    if not (given.data / "questions").is_dir():
        options.exit(3, f"No hay preguntas en {given.data}: indicar la carpeta con --data.\n")
    product.set_up()
    report.write("router", measure(given.data, calls=given.calls, count=given.streams))
