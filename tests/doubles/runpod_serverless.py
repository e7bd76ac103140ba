"""A RunPod serverless endpoint on loopback: its jobs, one word for each time that somebody asks."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from tests.doubles import base, openai
from tests.doubles.base import RETRY_AFTER_S, TOKENS_IN, TOKENS_OUT, Double, Request
from tests.doubles.openai import OpenAI
from tests.doubles.vectors import spoiled, vector

TASKS = ("chat", "embed", "transcribe")
VARIANTS = ({"route": "jobs"}, {"route": "openai"})
ENDPOINT = "abc123"
MODEL = "qwen3-30b"
SECRET = "rpa-de-prueba"
VARIABLE = "CLAVE_DE_RUNPOD"
BILLED_MS, WAITED_MS = 1_500, 90_000

_ROUTE = f"/v2/{ENDPOINT}/openai/v1"

# By fault: what `/run` is refused with.
_REFUSALS: dict[str, tuple[int, object]] = {
    "rate": (429, {"error": "too many requests"}),
    "rate_bare": (429, {"error": "too many requests"}),
    "money": (402, {"error": "insufficient balance"}),
    "poor": (400, {"error": "Insufficient funds to run this job"}),
    "auth": (401, ""),
    "missing": (404, {"error": "endpoint not found"}),
    "bad_request": (400, {"error": "input is missing"}),
    "overloaded": (503, {"error": "no capacity"}),
    "broken": (500, {"error": "internal"}),
    "moved": (307, {"error": "elsewhere"}),
}
# By fault: how a job ends, after how many words.
_ENDS: dict[str, tuple[int, str, str]] = {
    "too_long": (0, "FAILED", "This model's maximum context length is 8192 tokens"),
    "error_line": (2, "FAILED", "CUDA error: device-side assert triggered"),
    "fails": (0, "FAILED", "CUDA out of memory"),
    "timed_out": (0, "TIMED_OUT", "job timed out"),
    "cancelled": (2, "CANCELLED", ""),
    "refusal": (0, "FAILED", "refused by content policy"),
}
TRANSCRIPT = {
    "segments": [
        {"id": 0, "start": 0.0, "end": 2.0, "text": " Buenos días."},
        {"id": 1, "start": 2.0, "end": 4.5, "text": " Empezamos la reunión."},
    ],
    "word_timestamps": [
        {"word": " Buenos", "start": 0.0, "end": 0.8},
        {"word": " días.", "start": 0.8, "end": 1.9},
        {"word": " Empezamos", "start": 2.0, "end": 3.0},
    ],
    "detected_language": "es",
    "transcription": "Buenos días. Empezamos la reunión.",
}
# What our own worker says more (deploy/runpod/).
OWN_TRANSCRIPT = {
    **TRANSCRIPT,
    "segments": [
        {
            "id": 0,
            "start": 0.0,
            "end": 2.0,
            "text": " Buenos días.",
            "confidence": 0.9,
            "words": [
                {"word": " Buenos", "start": 0.0, "end": 0.8, "probability": 0.95},
                {"word": " días.", "start": 0.8, "end": 1.9, "probability": 0.5},
            ],
        }
    ],
    "turns": [{"start": 0.0, "end": 2.0, "speaker": 1}],
}


@contextmanager
def serving() -> Iterator[Double]:
    """Run an endpoint for as long as the block lasts."""
    with base.serve(_Endpoint, Double(extra={"jobs": {}})) as double:
        yield double


def entry(double: Double, **changes: object) -> dict[str, object]:
    """Return an entry of engines.yaml for it; its key stands in the variable CLAVE_DE_RUNPOD."""
    return {
        "name": "runpod",
        "provider": "runpod_serverless",
        "runs": "ours",
        "tasks": ["chat"],
        "model": MODEL,
        "endpoint": ENDPOINT,
        "route": "jobs",
        "poll_s": 0.001,
        "price": {"per_second": 0.0004},
        "address": double.address,
        "api_key_env": VARIABLE,
        **changes,
    }


class _Endpoint(OpenAI):
    models = (MODEL,)

    def respond(self, request: Request) -> None:
        """Answer one request."""
        if _ROUTE in request.path:
            return super().respond(replace(request, path=request.path.replace(_ROUTE, openai.PATH)))
        self._hear(request)
        return None

    def _hear(self, request: Request) -> None:
        head, _slash, what = request.path.partition("?")[0].removeprefix("/").partition(f"v2/{ENDPOINT}/")
        action, _slash, job_id = what.partition("/")
        if head or not what:
            self.send_json(404, {"error": "endpoint not found"})
        elif self.double.fault in _REFUSALS:
            self._turn_away()
        elif action in ("run", "runsync"):
            self._run(request, is_awaited=action == "runsync")
        elif action == "health":
            self._tell_health()
        elif job_id not in self.double.extra["jobs"]:
            self.send_json(404, {"error": "job not found"})
        else:
            {"stream": self._stream, "status": self._status, "cancel": self._cancel}[action](job_id)

    def _turn_away(self) -> None:
        status, content = _REFUSALS[self.double.fault]
        headers = {"retry_after": str(RETRY_AFTER_S)} if self.double.fault == "rate" else {}
        if status == 307:
            headers["location"] = f"{self.double.address}/elsewhere"
        self.send_json(status, content, **headers)

    def _run(self, request: Request, *, is_awaited: bool) -> None:
        jobs = self.double.extra["jobs"]
        job_id = f"{len(jobs) + 1:04d}-u1"
        jobs[job_id] = {"input": request.body["input"], "status": "IN_QUEUE", "words": 0}
        if self.double.fault == "answer_lost":
            return self.cut()
        if self.double.fault == "slow_birth":
            self.double.extra["asked"].set()
            self.double.released.wait(0.05)
        if is_awaited and self.double.fault == "hang":
            return self.hang()
        if is_awaited and self.double.fault == "too_long":
            _words, status, said = _ENDS["too_long"]
            return self.send_json(200, {"id": job_id, "status": status, "error": said})
        if is_awaited and self.double.fault != "queued":
            jobs[job_id]["status"] = "COMPLETED"
            return self._status(job_id)
        self.send_json(200, {"id": job_id, "status": "IN_QUEUE"})
        return None

    def _stream(self, job_id: str) -> None:
        fault, job = self.double.fault, self.double.extra["jobs"][job_id]
        said, words = job["words"], self.double.answer
        if fault == "hang" or (fault == "hang_after" and said >= 2):
            return self.send_json(
                200, {"status": "IN_QUEUE" if fault == "hang" else "IN_PROGRESS", "stream": []}
            )
        if fault == "cut" and said >= 2:
            return self.cut()
        if fault == "malformed":
            return self.send_whole(200, b'{"status": "IN_PROG', "application/json")
        if fault == "not_a_stream":
            return self.send_whole(200, b"<html><body>Bienvenidos</body></html>", "text/html")
        if fault == "no_end" and said >= 2:
            return self.send_json(200, {"stream": []})
        if fault in _ENDS and said >= _ENDS[fault][0]:
            job["status"] = _ENDS[fault][1]
            return self.send_json(200, {"status": job["status"], "error": _ENDS[fault][2]})
        if fault == "unstreamed" or said >= len(words):
            job["status"] = "COMPLETED"
            return self.send_json(200, {"status": "COMPLETED", "stream": []})
        if self.double.delay_s:
            self.double.released.wait(self.double.delay_s)
        job["words"] += 1
        pieces: list[dict[str, Any]] = [{"output": self._spoken(words[said], is_last=said + 1 == len(words))}]
        status = "IN_PROGRESS"
        if fault == "unknown_events":
            pieces.insert(0, {"output": {"weather": "sunny", "choices": [{"shine": 3}]}})
            pieces.insert(0, {"output": None})
            status = "RUNNING"
        self.send_json(200, {"status": status, "stream": pieces})
        return None

    def _spoken(self, word: str, *, is_last: bool) -> dict[str, Any]:
        choice: dict[str, Any] = {"tokens": [word]}
        if is_last:
            choice["finish_reason"] = "length" if self.double.fault == "length" else "stop"
        output: dict[str, Any] = {"choices": [choice]}
        if is_last and self.double.fault != "no_usage":
            output["usage"] = {"input": TOKENS_IN, "output": TOKENS_OUT}
        return output

    def _status(self, job_id: str) -> None:
        job = self.double.extra["jobs"][job_id]
        if self.double.fault == "queued":
            job["polls"] = job.get("polls", 0) + 1
            job["status"] = "COMPLETED" if job["polls"] > 2 else "IN_PROGRESS"
        told: dict[str, Any] = {"id": job_id, "status": job["status"]}
        if job["status"] == "COMPLETED":
            told["output"] = self._output(job["input"])
            if self.double.fault != "no_usage":
                told |= {"executionTime": BILLED_MS, "delayTime": WAITED_MS}
        self.send_json(200, told)

    def _output(self, asked: dict[str, Any]) -> object:
        if "audio_base64" in asked:
            good = OWN_TRANSCRIPT if "own" in self.double.extra else TRANSCRIPT
            return (
                {"segments": [{"start": 1}]} if self.double.fault in ("malformed", "not_a_stream") else good
            )
        if "messages" in asked:
            return [{"choices": [{"text": "".join(self.double.answer)}]}]
        if self.double.fault == "malformed":
            return {"data": "vectors"}
        rows = spoiled(self.double.fault, [vector(text) for text in asked["input"]])
        rows = [] if self.double.fault == "empty" else rows
        data = [{"index": at, "embedding": row} for at, row in enumerate(rows)]
        return {"data": data[::-1], "usage": {"prompt_tokens": TOKENS_IN, "total_tokens": TOKENS_IN}}

    def _cancel(self, job_id: str) -> None:
        self.double.extra["jobs"][job_id]["status"] = "CANCELLED"
        self.double.hung_up.set()
        self.send_json(200, {"id": job_id, "status": "CANCELLED"})

    def _tell_health(self) -> None:
        if self.double.fault == "malformed":
            return self.send_whole(200, json.dumps(["ok"]).encode(), "application/json")
        jobs = {"completed": 7, "failed": 0, "inProgress": 1, "inQueue": 3, "retried": 0}
        self.send_json(200, {"jobs": jobs, "workers": {"idle": 1, "running": 1}})
        return None
