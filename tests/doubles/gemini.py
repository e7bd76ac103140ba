"""Google's Gemini API on loopback: answers, vectors, sound written down, and the cards of its models."""

import base64
import binascii
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.doubles import base
from tests.doubles.base import RETRY_AFTER_S, TOKENS_IN, TOKENS_OUT, Double, Handler, Request
from tests.doubles.vectors import DIMENSION, spoiled, vector

TASKS = ("chat", "embed", "transcribe")
MODEL = "gemini-3.8-flash"
SECRET = "AIza-de-prueba"
MOST_BYTES = 20 * 1024 * 1024
# What it says was spoken, its seconds as text; `double.extra["said"]` is another text in its place.
TRANSCRIPT: dict[str, Any] = {
    "language": "es",
    "segments": [
        {"from": "00:00", "to": "00:02.000", "text": "Buenos días.", "speaker": "A"},
        {"from": "00:02.000", "to": "00:04.5", "text": "Empezamos la reunión.", "speaker": "B"},
    ],
}

_TYPE = "type.googleapis.com/google.rpc."
_RETRY = {"@type": f"{_TYPE}RetryInfo", "retryDelay": f"{RETRY_AFTER_S}s"}
_PER_MINUTE = "GenerateRequestsPerMinutePerProjectPerModel"
_PER_DAY = "GenerateRequestsPerDayPerProjectPerModel-FreeTier"


def _quota(name: str) -> dict[str, object]:
    return {"@type": f"{_TYPE}QuotaFailure", "violations": [{"quotaMetric": "requests", "quotaId": name}]}


# By fault: code, status, message and details.
_ERRORS: dict[str, tuple[int, str, str, list[dict[str, Any]]]] = {
    "rate": (429, "RESOURCE_EXHAUSTED", "You exceeded your current quota.", [_quota(_PER_MINUTE), _RETRY]),
    "rate_bare": (429, "RESOURCE_EXHAUSTED", "You exceeded your current quota.", [_quota(_PER_MINUTE)]),
    "money": (402, "FAILED_PRECONDITION", "Your prepayment credits are depleted.", []),
    "spent_day": (429, "RESOURCE_EXHAUSTED", "You exceeded your current quota.", [_quota(_PER_DAY), _RETRY]),
    "auth": (
        400,
        "INVALID_ARGUMENT",
        f"API key not valid: {SECRET}. Please pass a valid API key.",
        [{"@type": f"{_TYPE}ErrorInfo", "reason": "API_KEY_INVALID", "domain": "googleapis.com"}],
    ),
    "forbidden": (403, "PERMISSION_DENIED", "Your project has been denied access.", []),
    "missing": (404, "NOT_FOUND", f"models/{MODEL} is not found for API version v1beta.", []),
    "bad_request": (400, "INVALID_ARGUMENT", "Request contains an invalid argument.", []),
    "too_long": (
        400,
        "INVALID_ARGUMENT",
        "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).",
        [],
    ),
    "overloaded": (503, "UNAVAILABLE", "The model is overloaded. Please try again later.", []),
    "broken": (500, "INTERNAL", "An internal error has occurred.", []),
    "moved": (307, "UNKNOWN", "elsewhere", []),
}


@contextmanager
def serving() -> Iterator[Double]:
    """Run a Gemini for as long as the block lasts."""
    with base.serve(_Gemini) as double:
        yield double


def entry(double: Double, **changes: object) -> dict[str, object]:
    """Return an entry of engines.yaml for it; its key stands in the variable CLAVE_DE_GEMINI."""
    given: dict[str, object] = {
        "name": "gemini",
        "provider": "gemini",
        "runs": "outside",
        "tasks": ["chat", "embed"],  # sound wants an entry of its own
        "model": MODEL,
        "address": double.address,
        "price": {"input_per_million": 1, "output_per_million": 2},
        "api_key_env": "CLAVE_DE_GEMINI",
        **changes,
    }
    tasks = given["tasks"]
    assert isinstance(tasks, list)
    vectors = {"dimension": DIMENSION} if "embed" in tasks else {}
    return {**vectors, **({"max_out_tokens": 16_000} if "transcribe" in tasks else {}), **given}


class _Gemini(Handler):
    def respond(self, request: Request) -> None:
        path = request.path.partition("?")[0]
        fault = self.double.fault
        if fault in _ERRORS:
            self._fail(fault)
        elif fault == "hang":
            self.hang()
        elif fault == "not_a_stream":
            self.send_whole(200, b"<html><body>Bienvenidos</body></html>", "text/html")
        elif path == f"/v1beta/models/{MODEL}:streamGenerateContent":
            self._speak()
        elif path == f"/v1beta/models/{MODEL}:generateContent":
            self._write_down(request)
        elif path == f"/v1beta/models/{MODEL}:batchEmbedContents":
            self._embed(request.body)
        elif path == "/v1beta/models":
            self.send_json(200, {"models": [self._card()]})
        elif path == f"/v1beta/models/{MODEL}":
            self.send_json(200, self._card())
        else:
            self._fail("missing")

    def _card(self) -> dict[str, object]:
        methods = self.double.extra.get("methods", ["generateContent", "countTokens", "embedContent"])
        return {"name": f"models/{MODEL}", "version": "3.8", "supportedGenerationMethods": methods}

    def _fail(self, fault: str) -> None:
        code, status, said, details = _ERRORS[fault]
        headers = {"location": f"{self.double.address}/elsewhere"} if code == 307 else {}
        error = {"code": code, "message": said, "status": status, "details": details}
        self.send_json(code, {"error": error}, **headers)

    def _embed(self, body: Any) -> None:
        fault = self.double.fault
        if fault == "malformed":
            self.send_whole(200, b'{"embeddings": [{"values": [0.1,', "application/json")
        elif fault == "empty":
            self.send_json(200, {})
        else:
            texts = ["".join(part["text"] for part in each["content"]["parts"]) for each in body["requests"]]
            rows = spoiled(fault, [vector(text) for text in texts])
            self.send_json(200, {"embeddings": [{"values": row} for row in rows]})

    def _speak(self) -> None:
        fault = self.double.fault
        self.begin_stream()
        if fault == "malformed":
            self.send_piece(b'data: {"candidates": [{"content": {"parts": [{"te\r\n\r\n')
        elif fault == "refusal":
            self._send(promptFeedback={"blockReason": "PROHIBITED_CONTENT"}, usageMetadata=_usage(0))
        else:
            if fault == "unknown_events":
                self._send(horoscope={"sign": "Leo"})
                self._words("Pienso…", thought=True, sparkle=3)
            answer = self.double.answer
            for number, word in enumerate(answer):
                if number == 2 and fault in ("hang_after", "cut", "error_line"):
                    return self._stop_short(fault)
                if number + 1 < len(answer) or fault == "no_end":
                    self._words(word)
                else:
                    self._finish(word)
        return self.end_stream()

    def _finish(self, word: str) -> None:
        fault = self.double.fault
        reasons = {"length": "MAX_TOKENS", "unsafe": "SAFETY", "confused": "OTHER"}
        usage = {} if fault == "no_usage" else {"usageMetadata": _usage(TOKENS_OUT)}
        content = {"content": {"role": "model", "parts": [{"text": word}]}}
        self._send(candidates=[{**content, "finishReason": reasons.get(fault, "STOP"), "index": 0}], **usage)

    def _write_down(self, request: Request) -> None:
        if len(request.raw) > MOST_BYTES:
            said = f"Request payload size exceeds the limit: {MOST_BYTES} bytes."
            error = {"code": 400, "message": said, "status": "INVALID_ARGUMENT"}
            return self.send_json(400, {"error": error})
        if not _has_sound(request.body):
            return self._fail("bad_request")
        fault = self.double.fault
        if fault == "refusal":
            return self.send_json(
                200, {"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": _usage(0)}
            )
        if fault == "malformed":
            return self.send_whole(200, b'{"candidates": [{"content": {"par', "application/json")
        said = self.double.extra.get("said", json.dumps(TRANSCRIPT, ensure_ascii=False))
        thought = {"text": "Oigo dos voces.", "thought": True}
        reasons = {"length": "MAX_TOKENS", "unsafe": "SAFETY", "confused": "OTHER"}
        candidate = {
            "content": {"role": "model", "parts": [thought, {"text": said}]},
            "finishReason": reasons.get(fault, "STOP"),
            "index": 0,
        }
        usage = {} if fault == "no_usage" else {"usageMetadata": _usage(TOKENS_OUT)}
        return self.send_json(200, {"candidates": [candidate], "modelVersion": MODEL, **usage})

    def _stop_short(self, fault: str) -> None:
        if fault == "hang_after":
            self.hang()
        elif fault == "cut":
            self.cut()
        else:
            self._send(error={"code": 503, "message": "The model is overloaded.", "status": "UNAVAILABLE"})
            self.end_stream()

    def _words(self, words: str, **more: object) -> None:
        content = {"role": "model", "parts": [{"text": words, **more}]}
        self._send(candidates=[{"content": content, "index": 0}], modelVersion=MODEL)

    def _send(self, **content: object) -> None:
        self.send_piece(f"data: {json.dumps(content)}\r\n\r\n".encode())


def _has_sound(body: Any) -> bool:
    """Say whether a request holds sound as Gemini takes it: one part of a kind that it knows, in base64."""
    parts = [part for content in body.get("contents", ()) for part in content.get("parts", ())]
    sounds = [part["inlineData"] for part in parts if "inlineData" in part]
    if len(sounds) != 1:
        return False
    # Google's JSON takes a field by either of its names; its own client writes this one with an underscore.
    kind = sounds[0].get("mimeType", sounds[0].get("mime_type"))
    if kind not in ("audio/flac", "audio/wav", "audio/mp3"):
        return False
    try:
        return bool(base64.b64decode(sounds[0]["data"], altchars=b"-_", validate=True))
    except binascii.Error:
        return False


def _usage(tokens_out: int) -> dict[str, int]:
    """Return what it took: of the output one token is of thoughts, where there is any."""
    thoughts = min(1, tokens_out)
    return {
        "promptTokenCount": TOKENS_IN,
        "candidatesTokenCount": tokens_out - thoughts,
        "thoughtsTokenCount": thoughts,
        "totalTokenCount": TOKENS_IN + tokens_out,
    }
