"""What only OpenAI and its imitators have; what they share with others is in the suites of the contract."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engines import base
from engines.base import ChatRequest, Failure, Sound, Spoken, Text, Usage
from engines.providers.openai import OpenAI
from engines.providers.openai_compat import OpenAICompat
from tests.doubles import openai as openai_double
from tests.doubles import openai_compat as compat_double
from tests.doubles.base import ANSWER, TOKENS_IN, TOKENS_OUT, Double
from tests.doubles.vectors import vector
from tests.engines.streaming import QUESTION, begun, pieces, read, usage, words

KEYS = {"CLAVE_DE_OPENAI": openai_double.SECRET}
CLOSED = {
    "type": "object",
    "properties": {"cargo": {"type": "string"}, "grupos": {"type": "array", "items": {"type": "string"}}},
    "required": ["cargo", "grupos"],
    "additionalProperties": False,
}
OPEN = {"type": "object", "properties": {"de": CLOSED, "cargo": {"type": "string"}}}


@pytest.fixture
def double() -> Iterator[Double]:
    """Run an OpenAI that a test may break."""
    with openai_double.serving() as double:
        yield double


@pytest.fixture
def vllm() -> Iterator[Double]:
    """Run a vLLM that a test may break."""
    with compat_double.serving() as double:
        yield double


def _openai(double: Double, **changes: object) -> OpenAI:
    entry = openai_double.entry(double, **{"total_s": 30, **changes})
    catalogue = read(entry, KEYS)
    assert not catalogue.mistakes
    provider = catalogue.provider("openai")
    assert isinstance(provider, OpenAI)
    return provider


def _compat(double: Double, **changes: object) -> OpenAICompat:
    catalogue = read(compat_double.entry(double, **{"total_s": 30, **changes}))
    assert not catalogue.mistakes
    provider = catalogue.provider("vllm")
    assert isinstance(provider, OpenAICompat)
    return provider


# --- answers ------------------------------------------------------------------------------------------------


def test_what_responses_is_asked(double: Double) -> None:
    pieces(_openai(double), replace(QUESTION, call_id="3f"))
    (asked,) = double.journal
    assert asked.path == "/v1/responses"
    assert asked.headers["authorization"] == f"Bearer {openai_double.SECRET}"
    assert asked.headers["x-client-request-id"] == "3f"
    assert asked.headers["x-stainless-retry-count"] == "0"
    body = asked.body
    instructions, told = body.pop("instructions"), body.pop("input")
    assert "únicamente con lo que dicen las fuentes" in instructions
    assert [each["role"] for each in told] == ["user", "assistant", "user"]
    assert body == {
        "model": openai_double.MODEL,
        "stream": True,
        "store": False,
        "max_output_tokens": 300,
        "temperature": 0.2,
    }


def test_what_chat_completions_is_asked(double: Double, vllm: Double) -> None:
    pieces(_openai(double, api="chat"))
    pieces(_compat(vllm))
    own, other = double.journal[0], vllm.journal[0]
    assert own.path == other.path == "/v1/chat/completions"
    told = own.body["messages"]
    assert [each["role"] for each in told] == ["system", "user", "assistant", "user"]
    shared = {"stream": True, "stream_options": {"include_usage": True}, "temperature": 0.2, "messages": told}
    assert own.body == {**shared, "model": openai_double.MODEL, "store": False, "max_completion_tokens": 300}
    assert other.body == {**shared, "model": compat_double.MODEL, "max_tokens": 300}


def test_no_key_is_sent_to_a_server_that_wants_none(vllm: Double, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "de-otra-cuenta")
    provider = _compat(vllm)
    pieces(provider)
    provider.check()
    assert not any("authorization" in request.headers for request in vllm.journal)
    assert b"de-otra-cuenta" not in vllm.bytes_seen


@pytest.mark.parametrize(
    ("schema", "is_strict"), [(CLOSED, True), (OPEN, False), ({"type": "object"}, False)]
)
def test_a_schema_is_asked_for_where_the_model_takes_one(
    double: Double, schema: dict[str, object], is_strict: bool
) -> None:
    request = ChatRequest("¿Quién?", schema=schema)
    for api in ("responses", "chat"):
        pieces(_openai(double, api=api), request)
        pieces(_openai(double, api=api, accepts=[]), request)
    responses, plain, chat, plain_chat = (request.body for request in double.journal)
    asked = {"name": "respuesta", "schema": schema, "strict": is_strict}
    assert responses["text"]["format"] == {"type": "json_schema", **asked}
    assert chat["response_format"] == {"type": "json_schema", "json_schema": asked}
    assert set(plain) == {"model", "input", "stream", "store", "max_output_tokens"}
    assert not {"response_format", "temperature"} & set(plain_chat)


@pytest.mark.parametrize("api", ["responses", "chat"])
@pytest.mark.parametrize(
    ("fault", "error", "key"),
    [
        ("credit", base.OutOfFunds, ""),
        ("not_reached", base.Misconfigured, "model"),
        ("filtered", base.Declined, ""),
        ("moved", base.BadAnswer, ""),
    ],
)
def test_an_error_of_its_own(
    double: Double, api: str, fault: str, error: type[base.EngineError], key: str
) -> None:
    double.fault = fault
    with pytest.raises(error) as caught:
        pieces(_openai(double, api=api))
    assert getattr(caught.value, "key", "") == key
    assert len(double.journal) == 1


def test_a_failure_that_an_event_tells(double: Double) -> None:
    double.fault = "failed"
    flow = begun(_openai(double))
    assert [flow.next(30), flow.next(30)] == [Text(word) for word in ANSWER[:2]]
    with pytest.raises(base.Busy) as caught:
        flow.next(30)
    assert (caught.value.failure, caught.value.wait_s) == (Failure.RATE, None)
    assert "Slow down." in "".join(caught.value.__notes__)
    assert "Slow down." not in caught.value.detail


def test_the_key_that_a_maker_repeats_is_not_noted(double: Double) -> None:
    double.fault = "auth"
    with pytest.raises(base.Misconfigured) as caught:
        pieces(_openai(double))
    assert "Incorrect API key provided: …" in "".join(caught.value.__notes__)


def test_a_stream_without_its_last_line(vllm: Double) -> None:
    vllm.extra["no_done"] = True
    found = pieces(_compat(vllm))
    assert words(found) == "".join(ANSWER)
    assert usage(found) == Usage(TOKENS_IN, TOKENS_OUT)


def test_nothing_said_is_no_answer(double: Double) -> None:
    double.answer = ()
    for api in ("responses", "chat"):
        with pytest.raises(base.BadAnswer):
            pieces(_openai(double, api=api))


# --- vectors ------------------------------------------------------------------------------------------------


def test_vectors_come_packed_or_not_and_in_any_order(double: Double, vllm: Double) -> None:
    texts = ["uno dos", "tres", "uno uno cuatro"]
    expected = np.array([vector(text) for text in texts])
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    for provider, server in (
        (_openai(double, tasks=["embed"]), double),
        (_compat(vllm, tasks=["embed"]), vllm),
    ):
        for mark in ("", "shuffled", "no_usage"):
            server.extra[mark] = True
            found = provider.embed(texts, purpose="index")
            assert found.vectors == pytest.approx(expected, abs=1e-6)
            assert found.usage == Usage(None if mark == "no_usage" else TOKENS_IN, 0)
    assert double.journal[0].body["encoding_format"] == "base64"
    assert "dimensions" not in double.journal[0].body


def test_a_dimension_is_asked_for_where_the_entry_says_so(double: Double, vllm: Double) -> None:
    for provider in (
        _openai(double, tasks=["embed"], send_dimensions=True),
        _compat(vllm, tasks=["embed"], send_dimensions=True),
    ):
        provider.embed(["uno"], purpose="query")
    assert [server.journal[0].body["dimensions"] for server in (double, vllm)] == [8, 8]


# --- recordings ---------------------------------------------------------------------------------------------


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    """Return a recording with a name that is nobody's business."""
    path = tmp_path / "reunión por Juana Pérez.mp3"
    path.write_bytes(b"ID3 no es un sonido")
    return path


def test_a_recording_with_times_of_words(double: Double, sound: Path) -> None:
    found = _openai(double, tasks=["transcribe"]).transcribe(Sound(sound, 4.0, language=""))
    assert (found.language, found.seconds, found.usage) == ("es", 4.5, Usage(None, None, seconds=4.5))
    first, second = found.segments
    assert (first.text, first.start_s, first.end_s) == ("Buenos días.", 0.0, 2.0)
    assert [word.text for word in first.words] == ["Buenos", "días."], "with the marks of the text"
    assert second.words == (Spoken("Empezamos", 2.0, 3.0),)
    assert first.confidence == pytest.approx(0.905, abs=0.001)
    (asked,) = double.journal
    assert asked.path == "/v1/audio/transcriptions"
    for part in (b"ID3 no es un sonido", b"whisper-1", b"verbose_json", b'filename="sonido.mp3"', b"segment"):
        assert part in asked.raw
    assert b"Juana" not in asked.raw and b'name="language"' not in asked.raw


def test_a_recording_without_times(double: Double, sound: Path) -> None:
    provider = _openai(double, tasks=["transcribe"], model="gpt-4o-transcribe")
    found = provider.transcribe(Sound(sound, 4.0))
    assert found.segments == (Spoken(openai_double.TRANSCRIPT["text"], 0.0, 4.0),)
    assert found.usage == Usage(TOKENS_IN, TOKENS_OUT, seconds=4.0)
    assert b"verbose_json" not in double.journal[0].raw


def test_a_server_of_ones_own_gives_times_of_segments(vllm: Double, sound: Path) -> None:
    _compat(vllm, tasks=["transcribe"]).transcribe(Sound(sound, 4.0))
    _compat(vllm, tasks=["transcribe"], timestamps="none").transcribe(Sound(sound, 4.0))
    with_times, without = (request.raw for request in vllm.journal)
    assert b"segment" in with_times and b"\r\nword\r\n" not in with_times
    assert b"segment" not in without


def test_a_recording_too_large_is_not_sent(double: Double, tmp_path: Path) -> None:
    large = tmp_path / "larga.wav"
    with large.open("wb") as file:
        file.truncate(25 * 1024 * 1024 + 1)
    with pytest.raises(base.TooLong):
        _openai(double, tasks=["transcribe"]).transcribe(Sound(large, 9_000))
    assert not double.journal


@pytest.mark.parametrize(
    ("fault", "error"),
    [("broken", base.Unavailable), ("not_a_stream", base.BadAnswer), ("money", base.OutOfFunds)],
)
def test_a_recording_that_fails(
    double: Double, sound: Path, fault: str, error: type[base.EngineError]
) -> None:
    double.fault = fault
    with pytest.raises(error):
        _openai(double, tasks=["transcribe"]).transcribe(Sound(sound, 4.0))
    assert len(double.journal) == 1


# --- rankings -----------------------------------------------------------------------------------------------


def test_scores_stand_in_the_order_of_the_texts(vllm: Double) -> None:
    provider = _compat(vllm, tasks=["rerank"])
    found = provider.rerank("el comedor escolar", ["las faltas", "el comedor abre", "el patio"])
    assert found.scores == (0.0, 0.2, 0.1)
    assert found.usage == Usage(TOKENS_IN, 0)
    (asked,) = vllm.journal
    assert (asked.path, asked.body["model"]) == ("/v1/rerank", "bge-reranker-v2-m3")
    assert provider.rerank("el comedor", []).scores == ()
    assert len(vllm.journal) == 1


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("rank_missing", base.BadAnswer),
        ("rank_other", base.BadAnswer),
        ("rank_nan", base.BadAnswer),
        ("rank_text", base.BadAnswer),
        ("rank_list", base.BadAnswer),
        ("not_a_stream", base.BadAnswer),
        ("auth", base.Misconfigured),
        ("rate", base.Busy),
    ],
)
def test_a_ranking_that_will_not_do(vllm: Double, fault: str, error: type[base.EngineError]) -> None:
    vllm.fault = fault
    with pytest.raises(error):
        _compat(vllm, tasks=["rerank"]).rerank("uno", ["dos", "tres"])
    assert len(vllm.journal) == 1


# --- entries ------------------------------------------------------------------------------------------------


def test_models_are_listed_and_looked_up(double: Double, vllm: Double) -> None:
    assert _openai(double).models() == tuple(openai_double.MODELS.values())
    assert _compat(vllm).models() == tuple(compat_double.MODELS.values())
    with pytest.raises(base.Misconfigured) as caught:
        _openai(double, model="gpt-que-no-hay").check()
    assert caught.value.key == "model"
    assert {request.method for request in double.journal} == {"GET"}


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"runs": "here", "address": "https://api.openai.com/v1"}, "address"),
        ({"api": "assistants"}, "api"),
        ({"model": ""}, "model"),
        ({"api_key_env": ""}, "api_key_env"),
        ({"send_dimensions": "no"}, "send_dimensions"),
        ({"addresses": ["http://10.0.0.1"]}, "addresses"),
    ],
)
def test_an_entry_that_will_not_do(double: Double, changes: dict[str, object], key: str) -> None:
    (mistake,) = read(openai_double.entry(double, **changes), KEYS).mistakes
    assert mistake.key == key
    assert openai_double.SECRET not in mistake.detail
