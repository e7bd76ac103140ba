"""Anthropic's `/v1/messages` and `/v1/models` on loopback."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.doubles import base
from tests.doubles.base import RETRY_AFTER_S, TOKENS_IN, TOKENS_OUT, Double, Handler, Request

TASKS = ("chat",)
MODEL = "claude-opus-4-7"
SECRET = "sk-ant-de-prueba"

# By fault: status, type, message, and what else stands in the error.
_ERRORS: dict[str, tuple[int, str, str, dict[str, Any]]] = {
    "rate": (429, "rate_limit_error", "This request would exceed your rate limit.", {}),
    "rate_bare": (429, "rate_limit_error", "This request would exceed your rate limit.", {}),
    "money": (
        429,
        "rate_limit_error",
        "You have reached your specified workspace API usage limits.",
        {"details": {"error_code": "enforced_spend_limit_reached"}},
    ),
    "unpaid": (402, "billing_error", "Your organization has no credits left.", {}),
    "auth": (401, "authentication_error", f"invalid x-api-key ({SECRET})", {}),
    "forbidden": (403, "permission_error", "Your API key may not use this resource.", {}),
    "missing": (404, "not_found_error", f"model: {MODEL}", {}),
    "bad_request": (400, "invalid_request_error", "messages.0.content: Input should be a valid string", {}),
    "too_long": (400, "invalid_request_error", "prompt is too long: 208310 tokens > 200000 maximum", {}),
    "too_large": (413, "request_too_large", "Request exceeds the maximum size", {}),
    "overloaded": (529, "overloaded_error", "Overloaded", {}),
    "broken": (500, "api_error", "Internal server error", {}),
    "moved": (307, "api_error", "elsewhere", {}),
}


@contextmanager
def serving() -> Iterator[Double]:
    """Run an Anthropic for as long as the block lasts."""
    with base.serve(_Anthropic) as double:
        yield double


def entry(double: Double, **changes: object) -> dict[str, object]:
    """Return an entry of engines.yaml for it; its key stands in the variable CLAVE_DE_ANTHROPIC."""
    return {
        "name": "anthropic",
        "provider": "anthropic",
        "runs": "outside",
        "tasks": list(TASKS),
        "model": MODEL,
        "address": double.address,
        "price": {"input_per_million": 1, "output_per_million": 2},
        "api_key_env": "CLAVE_DE_ANTHROPIC",
        **changes,
    }


class _Anthropic(Handler):
    def respond(self, request: Request) -> None:
        path = request.path.partition("?")[0]
        fault = self.double.fault
        if fault in _ERRORS:
            self._fail(fault)
        elif fault == "hang":
            self.hang()
        elif fault == "not_a_stream":
            self.send_whole(200, b"<html><body>Bienvenidos</body></html>", "text/html")
        elif path == "/v1/messages":
            self._speak()
        elif path == "/v1/models":
            self.send_json(
                200, {"data": [_card(MODEL)], "has_more": False, "first_id": MODEL, "last_id": MODEL}
            )
        elif path == f"/v1/models/{MODEL}":
            self.send_json(200, _card(MODEL))
        else:
            self._fail("missing")

    def _fail(self, fault: str) -> None:
        status, kind, said, more = _ERRORS[fault]
        headers = {"request_id": "req_1"}
        if fault == "rate":
            headers["retry_after"] = str(RETRY_AFTER_S)
        if status == 307:
            headers["location"] = f"{self.double.address}/elsewhere"
        self.send_json(
            status,
            {"type": "error", "error": {"type": kind, "message": said, **more}, "request_id": "req_1"},
            **headers,
        )

    def _speak(self) -> None:
        fault = self.double.fault
        is_counted = fault != "no_usage"
        self.begin_stream()
        if fault == "malformed":
            self.send_piece(b'event: message_start\ndata: {"type": "message_st\n\n')
            self.end_stream()
            return None
        message: dict[str, Any] = {"id": "msg_1", "type": "message", "role": "assistant", "content": []}
        if is_counted:
            message["usage"] = {"input_tokens": TOKENS_IN, "output_tokens": 1}
        self._event("message_start", message=message)
        self._event("ping")
        if fault == "unknown_events":
            self._event("weather_report", outlook="sunny")
            self._event("content_block_start", index=0, content_block={"type": "crystal_ball", "shine": 3})
            self._event("content_block_delta", index=0, delta={"type": "shine_delta", "text": "BRILLO"})
            self._event("content_block_delta", index=0, delta={"type": "thinking_delta", "thinking": "Hmm"})
            self._event("content_block_stop", index=0)
        self._event("content_block_start", index=0, content_block={"type": "text", "text": ""})
        for number, word in enumerate(() if fault == "refusal" else self.double.answer):
            if number == 2 and fault in ("hang_after", "cut", "error_line"):
                return self._stop_short(fault)
            self._event("content_block_delta", index=0, delta={"type": "text_delta", "text": word})
        self._event("content_block_stop", index=0)
        if fault != "no_end":
            reason = {"refusal": "refusal", "length": "max_tokens"}.get(fault, "end_turn")
            usage = {"usage": {"output_tokens": TOKENS_OUT}} if is_counted else {}
            self._event("message_delta", delta={"stop_reason": reason, "stop_sequence": None}, **usage)
            self._event("message_stop")
        self.end_stream()
        return None

    def _stop_short(self, fault: str) -> None:
        if fault == "hang_after":
            self.hang()
        elif fault == "cut":
            self.cut()
        else:
            self._event("error", error={"type": "overloaded_error", "message": "Overloaded"})
            self.end_stream()

    def _event(self, kind: str, **content: object) -> None:
        self.send_piece(f"event: {kind}\ndata: {json.dumps({'type': kind, **content})}\n\n".encode())


def _card(model: str) -> dict[str, object]:
    return {"type": "model", "id": model, "display_name": model, "created_at": "2026-04-01T00:00:00Z"}
