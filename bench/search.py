"""Measure search through the API of a real web server: ./preceptor bench search [--chunks N] [--others N] [--data DIR].

A school of 10,000 chunks is searched alone in the installation, then among other schools' chunks: what it costs in
CPU time, how long one and eight clients wait.
"""

import argparse
import http.client
import json
import os
import random
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import crowd, processes, product, report
from bench.questions import BESIDE, load_dist, load_squad
from embedded import application
from embedded.application import Address

if TYPE_CHECKING:
    from schools.admission import Member

NEEDS_SERVICES = True

CPU_GOAL_MS, WAIT_GOAL = 10.0, 3.0
OTHERS_CHUNKS = 1_000  # of each other school
CLIENTS = 8
_SERVICES = os.getppid()  # the supervisor of this measurement: above this process and the services alike
_START_PATIENCE_S = 60.0
_PACKED_AFTER_S = 70.0  # see embedded/qdrant_parts


def measure(data: Path, *, chunks: int, others: int, searches: int, is_packed: bool) -> dict[str, Any]:
    """Return the figures of the school alone and among the others."""
    asked = [one.text for one in (*load_squad(data).answerable(), *load_dist(data).answerable())]
    questions = random.Random(1).sample(asked, searches)
    texts = crowd.prepare(data, count=chunks)
    member = product.new_director()
    crowd.fill(member, texts)
    figures: dict[str, Any] = {"chunks in the school": chunks, "goal, CPU-ms": CPU_GOAL_MS}
    with _serve() as (web, port):
        figures["alone"] = _figures(web, port, member, questions, is_packed=is_packed)
        made = 0
        while made < others:
            crowd.fill(product.new_director(), texts[made % chunks :][:OTHERS_CHUNKS])
            made += OTHERS_CHUNKS
        found = _figures(web, port, member, questions, is_packed=is_packed)
        figures[f"among {made} chunks of {made // OTHERS_CHUNKS} other schools"] = found
    figures["cost among the others / alone"] = round(
        found["one client"]["CPU-ms, web and stores"]
        / figures["alone"]["one client"]["CPU-ms, web and stores"],
        2,
    )
    return figures


@contextmanager
def _serve() -> Iterator[tuple[int, int]]:
    """Run the web server as `./preceptor up` does; give its process and port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = Address(host="127.0.0.1", port=probe.getsockname()[1])
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_OWNER_URL"}
    command = (sys.executable, *application.web_command(address))
    with subprocess.Popen(command, cwd=report.ROOT, env=environment) as server:
        try:
            deadline = time.monotonic() + _START_PATIENCE_S
            while not application.is_ready(address):
                if time.monotonic() > deadline or server.poll() is not None:
                    raise SystemExit("El servidor web no respondió.")
                time.sleep(0.1)
            yield server.pid, address.port
        finally:
            server.terminate()


def _figures(
    web: int, port: int, member: "Member", questions: Sequence[str], *, is_packed: bool
) -> dict[str, Any]:
    """Return cost and waiting times with one client and with several at once."""
    path = f"/api/v1/schools/{member.slug}/search/"
    token = _log_in(port, member)
    _ask_all(port, path, token, questions[: len(questions) // 4])
    if is_packed:
        time.sleep(_PACKED_AFTER_S)  # as it is on any day that has a quiet minute
        processes.wait_until_idle(_SERVICES)
        _ask_all(port, path, token, questions[: len(questions) // 4])
    one, several = (_cost(web, port, path, token, questions, clients=number) for number in (1, CLIENTS))
    return {
        "one client": one,
        f"{CLIENTS} clients": several,
        "p95 of several / p50 of one": round(several["p95_ms"] / one["p50_ms"], 2),
        "goal, p95 of several / p50 of one": WAIT_GOAL,
    }


def _cost(
    web: int, port: int, path: str, token: str, questions: Sequence[str], *, clients: int
) -> dict[str, Any]:
    parts = [questions[number::clients] for number in range(clients)]
    waited: list[list[float]] = [[] for _ in parts]

    def be_client(number: int) -> None:
        waited[number] = _ask_all(port, path, token, parts[number])

    threads = [threading.Thread(target=be_client, args=(number,)) for number in range(clients)]
    own, served, all_of_it = time.process_time(), processes.cpu_s(web), processes.cpu_s(_SERVICES)
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    own, served = time.process_time() - own, processes.cpu_s(web) - served
    all_of_it = processes.cpu_s(_SERVICES) - all_of_it - own
    each_ms = [1000 * one for part in waited for one in part]
    return {
        "searches": len(each_ms),
        "CPU-ms, web": round(1000 * served / len(each_ms), 2),
        "CPU-ms, web and stores": round(1000 * all_of_it / len(each_ms), 2),
        "p50_ms": round(statistics.median(each_ms), 1),
        "p95_ms": round(statistics.quantiles(each_ms, n=20)[-1], 1),
    }


def _ask_all(port: int, path: str, token: str, questions: Sequence[str]) -> list[float]:
    """Search for each question over one connection; return the seconds each took."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    waited = []
    try:
        for question in questions:
            began_at = time.perf_counter()
            connection.request("POST", path, json.dumps({"query": question}), headers)
            response = connection.getresponse()
            answer = response.read()
            waited.append(time.perf_counter() - began_at)
            if response.status != 200 or not json.loads(answer)["results"]:
                raise SystemExit(f"La búsqueda respondió {response.status}: {answer[:300]!r}")
    finally:
        connection.close()
    return waited


def _log_in(port: int, member: "Member") -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    login = {"email": product.address(member.slug), "password": product.PASSWORD}
    connection.request("POST", "/api/v1/auth/login", json.dumps(login), {"Content-Type": "application/json"})
    token: str = json.loads(connection.getresponse().read())["access_token"]
    connection.close()
    return token


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--data", type=Path, default=BESIDE, help="folder with questions/")
    options.add_argument("--chunks", type=int, default=10_000)
    options.add_argument("--others", type=int, default=90_000)
    options.add_argument("--searches", type=int, default=400)
    options.add_argument("--unpacked", action="store_true", help="do not wait until the store packs")
    given = options.parse_args()
    if not (given.data / "questions").is_dir():
        options.exit(3, f"No hay preguntas en {given.data}: indicar la carpeta con --data.\n")
    product.set_up()
    report.write(
        "search",
        measure(
            given.data,
            chunks=given.chunks,
            others=given.others,
            searches=given.searches,
            is_packed=not given.unpacked,
        ),
    )
