"""What only Anthropic has; what it shares with the others is in the suites of the contract."""

from collections.abc import Iterator

import pytest

from engines import base
from engines.base import ChatRequest, Failure
from tests.doubles import anthropic as anthropic_double
from tests.doubles.base import ANSWER, TOKENS_IN, TOKENS_OUT, Double
from tests.engines.streaming import chat, pieces, read, usage, words

KEYS = {"CLAVE_DE_ANTHROPIC": anthropic_double.SECRET}


@pytest.fixture
def double() -> Iterator[Double]:
    """Run an Anthropic that a test may break."""
    with anthropic_double.serving() as double:
        yield double


def _provider(double: Double, **changes: object) -> base.ChatProvider:
    return chat(anthropic_double.entry(double, **{"total_s": 30, **changes}), KEYS)


def test_what_it_is_asked(double: Double) -> None:
    found = pieces(_provider(double, max_out_tokens=200))
    assert words(found) == "".join(ANSWER)
    assert usage(found) == base.Usage(TOKENS_IN, TOKENS_OUT)
    (asked,) = double.journal
    assert asked.path == "/v1/messages"
    assert asked.headers["authorization"] == f"Bearer {anthropic_double.SECRET}"
    assert asked.headers["x-stainless-retry-count"] == "0"
    body = asked.body
    assert set(body) == {"model", "max_tokens", "messages", "system", "stream"}, "never a temperature"
    assert (body["model"], body["max_tokens"]) == (anthropic_double.MODEL, 200)
    assert "únicamente con lo que dicen las fuentes" in body["system"]
    assert [message["role"] for message in body["messages"]] == ["user", "assistant", "user"]


def test_a_schema_is_asked_for_where_the_model_takes_one(double: Double) -> None:
    double.answer = ('{"cargo": ', '"preceptor"}')
    request = ChatRequest("¿Quién?", schema={"type": "object"}, max_tokens=50)
    assert words(pieces(_provider(double), request)) == '{"cargo": "preceptor"}'
    pieces(_provider(double, accepts=["temperature"]), request)
    with_schema, without = (request.body for request in double.journal)
    assert with_schema["output_config"]["format"] == {"type": "json_schema", "schema": {"type": "object"}}
    assert set(without) == {"model", "max_tokens", "messages", "stream"}


@pytest.mark.parametrize(
    ("fault", "error", "failure", "key"),
    [
        ("unpaid", base.OutOfFunds, Failure.MONEY, ""),
        ("forbidden", base.Misconfigured, Failure.AUTH, "api_key"),
        ("auth", base.Misconfigured, Failure.AUTH, "api_key"),
        ("missing", base.Misconfigured, Failure.CONFIG, "model"),
        ("too_large", base.TooLong, Failure.CONTEXT_OVERFLOW, ""),
        ("bad_request", base.Rejected, Failure.BAD_REQUEST, ""),
        ("moved", base.BadAnswer, Failure.BAD_OUTPUT, ""),
    ],
)
def test_an_error_before_the_first_word(
    double: Double, fault: str, error: type[base.EngineError], failure: Failure, key: str
) -> None:
    double.fault = fault
    provider = _provider(double)
    with pytest.raises(error) as caught:
        pieces(provider)
    assert (caught.value.engine, caught.value.failure) == ("anthropic", failure)
    assert getattr(caught.value, "key", "") == key
    assert len(double.journal) == 1
    double.journal.clear()
    with pytest.raises(error):
        provider.check()


def test_an_error_inside_a_stream_is_read_by_its_type(double: Double) -> None:
    double.fault = "error_line"
    with pytest.raises(base.Busy) as caught:
        pieces(_provider(double))
    assert caught.value.failure is Failure.OVERLOAD


def test_its_models_and_its_check_cost_nothing(double: Double) -> None:
    provider = _provider(double)
    provider.check()
    assert provider.models() == (anthropic_double.MODEL,)  # type: ignore[attr-defined]
    assert {request.method for request in double.journal} == {"GET"}


def test_a_key_is_needed_and_never_shown(double: Double) -> None:
    assert anthropic_double.SECRET not in repr(_provider(double))
    entry = anthropic_double.entry(double)
    del entry["api_key_env"]
    (mistake,) = read(entry).mistakes
    assert mistake.key == "api_key_env"
    double.fault = "auth"
    with pytest.raises(base.Misconfigured) as caught:
        pieces(_provider(double))
    told = f"{caught.value.detail}{caught.value!r}{caught.value.__notes__}"
    assert anthropic_double.SECRET not in told
    assert "invalid x-api-key" in told
    assert "invalid x-api-key" not in caught.value.detail
