"""OpenAI's `/v1` on loopback: responses, chat completions, embeddings, transcriptions and the list of models."""

import base64
import json
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ClassVar

from tests.doubles import base
from tests.doubles.base import RETRY_AFTER_S, TOKENS_IN, TOKENS_OUT, Double, Handler, Request
from tests.doubles.vectors import DIMENSION, spoiled, vector

TASKS = ("chat", "embed", "transcribe")
VARIANTS: tuple[dict[str, object], ...] = ({"api": "responses"}, {"api": "chat"})
MODELS = {"chat": "gpt-5.2-mini", "embed": "text-embedding-3-small", "transcribe": "whisper-1"}
MODEL = MODELS["chat"]
SECRET = "sk-proj-de-prueba"
PATH = "/v1"
TRANSCRIPT: dict[str, Any] = {
    "task": "transcribe",
    "language": "spanish",
    "duration": 4.5,
    "text": "Buenos días. Empezamos la reunión.",
    "segments": [
        {"id": 0, "start": 0.0, "end": 2.0, "text": " Buenos días.", "avg_logprob": -0.1},
        {"id": 1, "start": 2.0, "end": 4.5, "text": " Empezamos la reunión.", "avg_logprob": -0.2},
    ],
    "words": [
        {"word": "Buenos", "start": 0.0, "end": 0.8},
        {"word": "días", "start": 0.8, "end": 1.9},
        {"word": "Empezamos", "start": 2.0, "end": 3.0},
    ],
    "usage": {"type": "duration", "seconds": 5},
}

Error = tuple[int, dict[str, object]]


def error(status: int, said: str, kind: str, code: object = None) -> Error:
    """Return an answer that is none, as OpenAI gives it."""
    return status, {"error": {"message": said, "type": kind, "param": None, "code": code}}


ERRORS: dict[str, Error] = {
    "rate": error(429, "Rate limit reached for requests per min.", "requests", "rate_limit_exceeded"),
    "rate_bare": error(429, "Rate limit reached for tokens per min.", "tokens", "rate_limit_exceeded"),
    "money": error(
        429, "You exceeded your current quota, check your plan.", "insufficient_quota", "insufficient_quota"
    ),
    "credit": error(
        429, "Your credit balance is exhausted.", "insufficient_quota", "credit_balance_exhausted"
    ),
    "auth": error(401, f"Incorrect API key provided: {SECRET}.", "invalid_request_error", "invalid_api_key"),
    "missing": error(404, "The model does not exist.", "invalid_request_error", "model_not_found"),
    "not_reached": error(403, "Project has no access to it.", "invalid_request_error", "model_not_found"),
    "bad_request": error(400, "Invalid type for 'input[0].content'.", "invalid_request_error"),
    "too_long": error(
        400, "Your input exceeds the context window.", "invalid_request_error", "context_length_exceeded"
    ),
    "overloaded": error(503, "The engine is currently overloaded.", "server_error", "server_overloaded"),
    "broken": error(500, "The server had an error.", "server_error"),
    "moved": error(307, "elsewhere", "server_error"),
}


@contextmanager
def serving() -> Iterator[Double]:
    """Run an OpenAI for as long as the block lasts."""
    with base.serve(OpenAI) as double:
        yield double


def entry(double: Double, **changes: object) -> dict[str, object]:
    """Return an entry of engines.yaml for it; its key stands in the variable CLAVE_DE_OPENAI."""
    tasks = changes.get("tasks", ["chat"])
    assert isinstance(tasks, list)
    return {
        "name": "openai",
        "provider": "openai",
        "runs": "outside",
        "tasks": tasks,
        "model": MODELS[tasks[0]],
        "address": double.address + PATH,
        "api_key_env": "CLAVE_DE_OPENAI",
        "price": {"input_per_million": 1, "output_per_million": 2},
        **({"dimension": DIMENSION} if "embed" in tasks else {}),
        **changes,
    }


class OpenAI(Handler):
    """Speaks OpenAI's protocol; others that do change `errors`, `models` and a few words."""

    errors: ClassVar[dict[str, Error]] = ERRORS
    models: ClassVar[Sequence[str]] = tuple(MODELS.values())
    packs: ClassVar[bool] = True  # vectors, when it is asked to
    refuses: ClassVar[bool] = True  # in words of their own
    stream_error: ClassVar[dict[str, object]] = {
        "error": {"message": "The server had an error.", "type": "server_error", "param": None, "code": None}
    }

    def respond(self, request: Request) -> None:
        """Answer one request."""
        path, fault = request.path.partition("?")[0].removeprefix(PATH), self.double.fault
        if fault in self.errors:
            self._fail(fault)
        elif fault == "hang":
            self.hang()
        elif fault == "not_a_stream":
            self.send_whole(200, b"<html><body>Bienvenidos</body></html>", "text/html")
        elif path == "/responses":
            self._respond()
        elif path == "/chat/completions":
            self._complete()
        elif path == "/embeddings":
            self._embed(request.body)
        elif path == "/audio/transcriptions":
            self._write_down(request)
        elif path == "/models":
            self.send_json(200, {"object": "list", "data": [_card(model) for model in self.models]})
        elif path.removeprefix("/models/") in self.models:
            self.send_json(200, _card(path.removeprefix("/models/")))
        else:
            self._fail("missing")

    def _fail(self, fault: str) -> None:
        status, content = self.errors[fault]
        headers = {"x_request_id": "req_1"}
        if fault == "rate":
            headers["retry_after"] = str(RETRY_AFTER_S)
        if status == 307:
            headers["location"] = f"{self.double.address}/elsewhere"
        self.send_json(status, content, **headers)

    def _respond(self) -> None:
        fault, number = self.double.fault, 0
        self.begin_stream()

        def event(kind: str, **content: object) -> None:
            nonlocal number
            told = {"type": kind, "sequence_number": number, **content}
            number += 1
            self.send_piece(f"event: {kind}\ndata: {json.dumps(told)}\n\n".encode())

        if fault == "malformed":
            self.send_piece(b'event: response.created\ndata: {"type": "response.cre\n\n')
            return self.end_stream()
        place: dict[str, object] = {"item_id": "msg_1", "output_index": 0, "content_index": 0}
        part = {"type": "output_text", "text": "", "annotations": []}
        item = {"id": "msg_1", "type": "message", "role": "assistant", "status": "in_progress", "content": []}
        event("response.created", response=_response("in_progress"))
        event("response.in_progress", response=_response("in_progress"))
        event("response.output_item.added", output_index=0, item=item)
        if fault == "unknown_events":
            event("response.weather_report.delta", delta="BRILLO")
            event("response.reasoning_summary_text.delta", delta="Hmm", summary_index=0, **place)
        if fault == "refusal":
            event("response.refusal.delta", delta="No puedo ayudar con eso.", **place)
        event("response.content_part.added", part=part, **place)
        for count, word in enumerate(self.double.answer if fault != "refusal" else ()):
            if count == 2 and fault in ("hang_after", "cut"):
                return self.hang() if fault == "hang_after" else self.cut()
            if count == 2 and fault == "error_line":
                event("error", code="server_error", message="The server had an error.", param=None)
                return self.end_stream()
            if count == 2 and fault == "failed":
                failed = {"code": "rate_limit_exceeded", "message": "Slow down."}
                event("response.failed", response={**_response("failed"), "error": failed})
                return self.end_stream()
            event("response.output_text.delta", delta=word, logprobs=[], **place)
        whole = "".join(self.double.answer)
        event("response.output_text.done", text=whole, logprobs=[], **place)
        event("response.content_part.done", part={**part, "text": whole}, **place)
        event("response.output_item.done", output_index=0, item={**item, "status": "completed"})
        counts = {
            "input_tokens": TOKENS_IN,
            "output_tokens": TOKENS_OUT,
            "total_tokens": TOKENS_IN + TOKENS_OUT,
        }
        usage = {"usage": None if fault == "no_usage" else counts}
        if fault in ("length", "filtered"):
            reason = "max_output_tokens" if fault == "length" else "content_filter"
            cut = {**_response("incomplete"), "incomplete_details": {"reason": reason}, **usage}
            event("response.incomplete", response=cut)
        elif fault != "no_end":
            event("response.completed", response={**_response("completed"), **usage})
        return self.end_stream()

    def _complete(self) -> None:
        fault = self.double.fault
        self.begin_stream()
        if fault == "malformed":
            self.send_piece(b'data: {"id": "chatcmpl-1", "obj\n\n')
            return self.end_stream()
        self._chunk_of({"role": "assistant", "content": ""})
        if fault == "unknown_events":
            self.send_piece(b': a comment\n\nevent: weather\ndata: {"object": "weather.report"}\n\n')
            self._chunk_of({"sparkle": "BRILLO", "reasoning_content": "Hmm"})
        for count, word in enumerate(self.double.answer if fault not in ("refusal", "filtered") else ()):
            if count == 2 and fault in ("hang_after", "cut"):
                return self.hang() if fault == "hang_after" else self.cut()
            if count == 2 and fault in ("error_line", "failed"):
                self._data(self.stream_error)
                return self.end_stream()
            self._chunk_of({"content": word})
        if fault == "refusal" and self.refuses:
            self._chunk_of({"refusal": "No puedo ayudar con eso."})
        if fault != "no_end":
            reasons = {"length": "length", "filtered": "content_filter", "refusal": "content_filter"}
            self._chunk_of({}, reasons.get(fault, "stop"))
            self._count()
            if "no_done" not in self.double.extra:
                self.send_piece(b"data: [DONE]\n\n")
        return self.end_stream()

    def _count(self) -> None:
        if self.double.fault != "no_usage":
            self._data({**_CHUNK, "choices": [], "usage": _counted(TOKENS_IN, TOKENS_OUT)})

    def _chunk_of(self, delta: dict[str, object], reason: str | None = None) -> None:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
        self._data({**_CHUNK, "choices": [choice], "usage": None})

    def _data(self, content: dict[str, object]) -> None:
        self.send_piece(f"data: {json.dumps(content)}\n\n".encode())

    def _embed(self, body: dict[str, Any]) -> None:
        fault = self.double.fault
        if fault == "malformed":
            return self.send_whole(200, b'{"object": "list", "data": [{"embedd', "application/json")
        rows = [] if fault == "empty" else spoiled(fault, [vector(text) for text in body["input"]])
        is_packed = body.get("encoding_format") == "base64" and fault != "null" and self.packs
        data = [
            {"object": "embedding", "index": index, "embedding": _packed(row) if is_packed else row}
            for index, row in enumerate(rows)
        ]
        if "shuffled" in self.double.extra:
            data.reverse()
        usage = {} if "no_usage" in self.double.extra else {"usage": _counted(TOKENS_IN)}
        return self.send_json(200, {"object": "list", "data": data, "model": body["model"], **usage})

    def _write_down(self, request: Request) -> None:
        if b"verbose_json" in request.raw:
            return self.send_json(200, TRANSCRIPT)
        usage = {"type": "tokens", "input_tokens": TOKENS_IN, "output_tokens": TOKENS_OUT, "total_tokens": 49}
        return self.send_json(200, {"text": TRANSCRIPT["text"], "usage": usage})


_CHUNK: dict[str, object] = {
    "id": "chatcmpl-1",
    "object": "chat.completion.chunk",
    "created": 1,
    "model": MODEL,
}


def _response(status: str) -> dict[str, object]:
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1,
        "model": MODEL,
        "status": status,
        "output": [],
        "usage": None,
        "error": None,
        "incomplete_details": None,
    }


def _counted(tokens_in: int, tokens_out: int = 0) -> dict[str, int]:
    return {
        "prompt_tokens": tokens_in,
        "completion_tokens": tokens_out,
        "total_tokens": tokens_in + tokens_out,
    }


def _packed(row: list[float]) -> str:
    return base64.b64encode(struct.pack(f"<{len(row)}f", *row)).decode()


def _card(model: str) -> dict[str, object]:
    return {"id": model, "object": "model", "created": 1, "owned_by": "system"}
