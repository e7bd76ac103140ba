"""A vLLM on loopback: OpenAI's protocol with the ways of its imitators, and `/rerank`."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from tests.doubles import base, openai
from tests.doubles.base import TOKENS_IN, Double, Request
from tests.doubles.openai import Error, OpenAI
from tests.doubles.vectors import DIMENSION

TASKS = ("chat", "embed", "rerank", "transcribe")
MODEL = "qwen3-30b"
MODELS = {"chat": MODEL, "embed": "bge-m3", "rerank": "bge-reranker-v2-m3", "transcribe": "whisper-large-v3"}
SECRET = "de-la-casa"


def _error(status: int, said: str, kind: str) -> Error:
    return openai.error(status, said, kind, status)  # the code is a number


@contextmanager
def serving() -> Iterator[Double]:
    """Run a vLLM for as long as the block lasts."""
    with base.serve(_VLLM) as double:
        yield double


def entry(double: Double, **changes: object) -> dict[str, object]:
    """Return an entry of engines.yaml for it; without a key, as most such servers are."""
    tasks = changes.get("tasks", ["chat"])
    assert isinstance(tasks, list)
    given = {
        "name": "vllm",
        "provider": "openai_compat",
        "runs": "here",
        "tasks": tasks,
        "model": MODELS[tasks[0]],
        **({"dimension": DIMENSION} if "embed" in tasks else {}),
        **changes,
    }
    return given if "addresses" in given else {"address": double.address + openai.PATH, **given}


class _VLLM(OpenAI):
    packs = refuses = False
    models = tuple(MODELS.values())
    stream_error: ClassVar[dict[str, object]] = _error(500, "EngineCore died.", "InternalServerError")[1]
    errors: ClassVar[dict[str, Error]] = {
        "rate": _error(429, "Too many requests.", "rate_limit_exceeded"),
        "rate_bare": _error(429, "Too many requests.", "rate_limit_exceeded"),
        "money": _error(402, "Insufficient balance.", "payment_required"),
        "auth": (401, {"error": f"Unauthorized: {SECRET}"}),
        "missing": _error(404, "The model does not exist.", "NotFoundError"),
        "bad_request": (422, {"detail": [{"type": "missing", "loc": ["body", "messages"]}]}),
        "too_long": _error(
            400, "This model's maximum context length is 4096 tokens. You requested 9000.", "BadRequestError"
        ),
        "overloaded": _error(503, "Loading model", "unavailable_error"),
        "broken": (500, {"object": "error", "message": "boom", "type": "InternalServerError", "code": 500}),
        "moved": (307, {}),
    }

    def respond(self, request: Request) -> None:
        """Answer one request."""
        if not self.double.fault and request.path == f"{openai.PATH}/rerank":
            self._rank(request.body["query"], request.body["documents"])
        elif self.double.fault in _RANKS:
            self.send_json(200, _RANKS[self.double.fault])
        else:
            super().respond(request)

    def _rank(self, question: str, texts: list[str]) -> None:
        asked = set(question.lower().split())
        rows: list[dict[str, object]] = [
            {"index": place, "relevance_score": len(asked & set(text.lower().split())) / 10}
            for place, text in enumerate(texts)
        ]
        rows.reverse()  # best first, or in any other order
        self.send_json(200, {"id": "rerank-1", "results": rows, "usage": {"total_tokens": TOKENS_IN}})


# By fault: rankings that will not do for two texts.
_RANKS: dict[str, object] = {
    "rank_missing": {"results": [{"index": 0, "relevance_score": 1}]},
    "rank_other": {"results": [{"index": index, "relevance_score": 1} for index in (0, 1, 2)]},
    "rank_nan": {"results": [{"index": index, "relevance_score": float("nan")} for index in (0, 1)]},
    "rank_text": {"results": [{"index": index, "relevance_score": "high"} for index in (0, 1)]},
    "rank_list": [],
}
