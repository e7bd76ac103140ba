"""An Ollama server on loopback: `/api/chat`, `/api/embed`, and what it tells of itself and its models."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.doubles import base
from tests.doubles.base import RETRY_AFTER_S, TOKENS_IN, TOKENS_OUT, Double, Handler, Request
from tests.doubles.vectors import DIMENSION, spoiled, vector

TASKS = ("chat", "embed")
MODEL = "vectores"
VERSION = "0.14.2"

ERRORS: dict[str, tuple[int, object]] = {
    "rate": (429, {"error": "too many requests"}),
    "rate_bare": (429, {"error": "too many requests"}),
    "money": (429, {"error": "you have reached your weekly usage limit, upgrade for higher limits"}),
    "auth": (401, {"error": "unauthorized"}),
    "missing": (404, {"error": f"model '{MODEL}' not found"}),
    "bad_request": (400, {"error": "invalid format"}),
    "too_long": (400, {"error": "the input length exceeds the context length"}),
    "overloaded": (503, {"error": "server busy, please try again.  maximum pending requests exceeded"}),
    "broken": (500, {"error": "llama runner process has terminated: exit status 2"}),
    "refusal": (451, {"error": "blocked by the content filter"}),  # of a gateway: Ollama itself has no rules
    "odd_error": (500, ["not", "an", "object"]),
    "no_embedding": (400, {"error": f'"{MODEL}" does not support embeddings'}),
    "no_thinking": (400, {"error": f'"{MODEL}" does not support thinking'}),
    "moved": (307, {"error": "elsewhere"}),
}


def _has(name: str) -> dict[str, Any]:
    return {"name": name, "model": name, "size": 1_200_000_000, "details": {"family": "bert"}}


@dataclass
class Ollama(Double):
    """The server, the models it has, and how the list of them fails."""

    models: list[dict[str, Any]] = field(default_factory=lambda: [_has(f"{MODEL}:latest")])
    # What `/api/show` tells of every model.
    capabilities: list[str] = field(default_factory=lambda: ["completion", "embedding"])
    numbers: dict[str, int] = field(
        default_factory=lambda: {"bert.context_length": 8192, "bert.embedding_length": DIMENSION}
    )
    tags_fault: str = ""

    def asked(self, path: str) -> list[Any]:
        """Return the bodies of the calls for a path."""
        return [request.body for request in self.journal if request.path == path]

    @property
    def embedded(self) -> list[Any]:
        """Return the bodies of the calls for vectors."""
        return self.asked("/api/embed")


@contextmanager
def serving() -> Iterator[Ollama]:
    """Run an Ollama for as long as the block lasts."""
    double = Ollama()
    with base.serve(_Ollama, double):
        yield double


def entry(double: Double, **changes: object) -> dict[str, object]:
    """Return an entry of engines.yaml for it."""
    given: dict[str, object] = {
        "name": "ollama",
        "provider": "ollama",
        "runs": "here",
        "tasks": list(TASKS),
        "model": MODEL,
        "address": double.address,
        **changes,
    }
    tasks = given["tasks"]
    return {"dimension": DIMENSION, **given} if isinstance(tasks, list) and "embed" in tasks else given


class _Ollama(Handler):
    double: Ollama

    def respond(self, request: Request) -> None:
        if request.path == "/api/version":
            self.send_json(200, {"version": VERSION})
        elif request.path == "/api/tags":
            if self.double.tags_fault:
                self._fail(self.double.tags_fault)
            else:
                self.send_json(200, {"models": self.double.models})
        elif request.path == "/api/show":
            self._show(request.body["model"])
        elif request.path not in ("/api/chat", "/api/embed"):
            self.send_json(404, {"error": "not found"})
        elif self.double.fault in (*ERRORS, "hang", "not_a_stream"):
            self._fail(self.double.fault)
        elif request.path == "/api/chat":
            self._speak()
        else:
            self._embed(request.body["input"])

    def _show(self, model: str) -> None:
        if self.double.fault in ERRORS:
            self._fail(self.double.fault)
        elif model not in {name for known in self.double.models for name in _names(known["name"])}:
            self._fail("missing")
        else:
            card = {"capabilities": self.double.capabilities, "model_info": self.double.numbers}
            self.send_json(200, {"license": "MIT", "template": "{{ .Prompt }}", **card})

    def _fail(self, fault: str) -> None:
        if fault in ERRORS:
            status, content = ERRORS[fault]
            headers = {"retry_after": str(RETRY_AFTER_S)} if fault == "rate" else {}
            if status == 307:
                headers["location"] = f"{self.double.address}/elsewhere"
            self.send_json(status, content, **headers)
        elif fault == "hang":
            self.hang()
        elif fault == "not_a_stream":
            self.send_whole(200, b"<html>proxy error</html>", "text/html")
        elif fault == "cut":
            self._cut_short({"models": self.double.models})
        else:
            self.send_json(200, {"a_list": [], "empty": {}}[fault])

    def _embed(self, texts: list[str]) -> None:
        fault = self.double.fault
        rows = spoiled(fault, [vector(text) for text in texts])
        answer = {
            "model": MODEL,
            "embeddings": rows,
            "total_duration": 14_000_000,
            "prompt_eval_count": TOKENS_IN,
        }
        if fault == "malformed":
            self.send_whole(200, b'{"embeddings": [[0.1, 0.2,', "application/json")
        elif fault == "cut":
            self._cut_short(answer)
        elif fault in ("a_list", "empty"):
            self._fail(fault)
        else:
            self.send_json(200, answer)

    def _cut_short(self, content: object) -> None:
        """Send the beginning of an answer, and go."""
        whole = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(whole)))
        self.end_headers()
        self.wfile.write(whole[:20])
        self.close_connection = True

    def _speak(self) -> None:
        fault = self.double.fault
        self.begin_stream("application/x-ndjson")
        if fault == "malformed":
            self.send_piece(b'{"model": "vectores", "message": {"role": "assi\n')
        else:
            if fault == "unknown_events":
                self._line(
                    message={"role": "assistant", "content": "", "thinking": "Hmm", "glow": 3}, tide="low"
                )
            for number, word in enumerate(self.double.answer):
                if number == 2 and fault in ("hang_after", "cut", "error_line"):
                    return self._stop_short(fault)
                self._line(message={"role": "assistant", "content": word})
            if fault != "no_end":
                self._last()
        return self.end_stream()

    def _last(self) -> None:
        fault = self.double.fault
        counts = {"prompt_eval_count": TOKENS_IN, "eval_count": TOKENS_OUT, "total_duration": 1_500_000_000}
        self._line(
            message={"role": "assistant", "content": ""},
            done=True,
            done_reason="length" if fault == "length" else "stop",
            **({} if fault == "no_usage" else counts),
        )

    def _stop_short(self, fault: str) -> None:
        if fault == "hang_after":
            self.hang()
        elif fault == "cut":
            self.cut()
        else:
            self.send_piece(b'{"error": "an error was encountered while running the model: CUDA error"}\n')
            self.end_stream()

    def _line(self, *, done: bool = False, **content: object) -> None:
        line = {"model": MODEL, "created_at": "2026-11-21T12:00:00Z", "done": done, **content}
        self.send_piece(json.dumps(line).encode() + b"\n")


def _names(name: str) -> tuple[str, ...]:
    """Return what a model may be asked for by: `bge-m3:latest` is `bge-m3` too."""
    return name, name.removesuffix(":latest")
