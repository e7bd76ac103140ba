"""What only the embedded server promises: to survive being killed, to refuse what it does not implement."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from embedded import ports, probe, process
from embedded.state import ROOT, State

KEY = "key-of-the-test"


class Engine:
    """The server in a process of its own, spoken to without any client library."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        state = State(directory)
        state.make()
        self.port = ports.keep(state, ["qdrant"])["qdrant"]
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = {
            **os.environ,
            "QDRANT_DIRECTORY": str(self._directory),
            "QDRANT_PORT": str(self.port),
            "QDRANT_API_KEY": KEY,
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "embedded.qdrant_server"],
            cwd=ROOT,
            env=environment,
            preexec_fn=process.tie_to_parent(signal.SIGKILL),
        )
        deadline = time.monotonic() + 20
        while probe.http_status("127.0.0.1", self.port, "/readyz") != 200:
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> None:
        if self._process is not None:
            self._process.send_signal(how)
            self._process.wait(10)

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"api-key": KEY, "content-type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)


def _run(directory: Path) -> Iterator[Engine]:
    made = Engine(directory)
    made.start()
    try:
        shape = {"vectors": {"dense": {"size": 2, "distance": "Dot"}}, "sparse_vectors": {"stems": {}}}
        assert made.ask("PUT", "/collections/c", shape)[0] == 200
        yield made
    finally:
        made.stop()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """Give a server that the test may kill."""
    yield from _run(tmp_path / "qdrant")


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    """Give a server that stays up and stays empty."""
    yield from _run(tmp_path_factory.mktemp("qdrant"))


def _point(number: int) -> dict[str, object]:
    return {
        "id": number,
        "vector": {"stems": {"indices": [number], "values": [1.0]}},
        "payload": {"n": number},
    }


def test_every_acknowledged_write_survives_kill_9(engine: Engine) -> None:
    for start in range(0, 300, 20):
        status, _ = engine.ask(
            "PUT",
            "/collections/c/points?wait=true",
            {"points": [_point(n) for n in range(start, start + 20)]},
        )
        assert status == 200
    engine.ask("POST", "/collections/c/points/delete", {"points": [0]})
    engine.stop(signal.SIGKILL)
    engine.start()
    assert engine.ask("POST", "/collections/c/points/count", {"exact": True})[1]["result"] == {"count": 299}
    query = {"query": {"indices": [299], "values": [1.0]}, "using": "stems", "with_payload": True}
    assert engine.ask("POST", "/collections/c/points/query", query)[1]["result"]["points"][0]["payload"] == {
        "n": 299
    }


def test_refused_write_leaves_no_ghost_after_a_crash(engine: Engine) -> None:
    status, _ = engine.ask(
        "PUT", "/collections/c/points", {"points": [{"id": 1, "vector": {"dense": [1.0]}}]}
    )
    assert status == 400
    engine.stop(signal.SIGKILL)
    engine.start()
    assert engine.ask("POST", "/collections/c/points/count", {})[1]["result"] == {"count": 0}


def test_collection_deleted_stays_deleted(engine: Engine) -> None:
    assert engine.ask("DELETE", "/collections/c")[0] == 200
    engine.stop(signal.SIGKILL)
    engine.start()
    assert engine.ask("GET", "/collections")[1]["result"] == {"collections": []}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/collections/c/points/recommend", {}),
        ("POST", "/collections/c/points/query/groups", {"group_by": "n"}),
        ("POST", "/collections/c/facet", {"key": "n"}),
        ("PATCH", "/collections/c", {}),
        ("GET", "/aliases", None),
        ("GET", "/telemetry", None),
        ("POST", "/collections/c/snapshots", {}),
        ("PUT", "/collections/d", {"vectors": {"size": 2, "distance": "Dot"}}),
        ("PUT", "/collections/d", {"sparse_vectors": {"s": {}}, "quantization_config": {"scalar": {}}}),
        ("POST", "/collections/c/points/query", {"query": 1, "using": "dense"}),
        ("POST", "/collections/c/points/query", {"query": [[1.0, 2.0]], "using": "dense"}),
        (
            "POST",
            "/collections/c/points/query",
            {"query": [1.0, 2.0], "using": "dense", "lookup_from": {"collection": "c"}},
        ),
        ("POST", "/collections/c/points/count", {"filter": {"must": [{"key": "n", "geo_radius": {}}]}}),
        ("POST", "/collections/c/points/count", {"filter": {"must": [{"key": "n", "match": {"text": "x"}}]}}),
        ("POST", "/collections/c/points/count", {"filter": {"unheard": []}}),
        ("PUT", "/collections/c/points", {"batch": {"ids": [1], "vectors": {}}}),
        ("POST", "/collections/c/points/query", {"query": [1.0, 2.0], "using": "dense", "shard_key": "x"}),
    ],
)
def test_unimplemented_is_an_error(standing: Engine, method: str, path: str, body: object) -> None:
    status, answer = standing.ask(method, path, body)
    assert status in (400, 404, 501)
    assert answer["status"]["error"]
    assert answer["result"] is None


@pytest.mark.parametrize(
    "body",
    [
        {"points": [{"id": "not-an-id", "vector": {}}]},
        {"points": [{"id": -1, "vector": {}}]},
        {"points": [{"id": 1}]},
        {"points": [{"id": 1, "vector": {"stems": {"indices": [1], "values": []}}}]},
        {"points": [{"id": 1, "vector": {"stems": {"indices": [1, 1], "values": [1, 1]}}}]},
        {"points": [{"id": 1, "vector": {"stems": {"indices": [2**40], "values": [1]}}}]},
        {"points": [{"id": 1, "vector": {"dense": [float("nan"), 1.0]}}]},
        {"points": 1},
        {},
        [],
    ],
)
def test_bad_writes_are_refused(standing: Engine, body: object) -> None:
    status, answer = standing.ask("PUT", "/collections/c/points", body)
    assert status == 400, answer
    assert standing.ask("POST", "/collections/c/points/count", {})[1]["result"] == {"count": 0}


def test_health_needs_no_key_and_data_does(standing: Engine) -> None:
    assert probe.http_status("127.0.0.1", standing.port, "/healthz") == 200
    assert probe.http_status("127.0.0.1", standing.port, "/collections") == 401
