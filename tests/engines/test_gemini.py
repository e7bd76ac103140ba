"""What only Gemini has; what it shares with the others is in the suites of the contract."""

from collections.abc import Iterator

import pytest

from engines import base
from engines.base import ChatRequest, Failure, Text, Usage
from engines.providers.gemini import Gemini
from tests.doubles import gemini as gemini_double
from tests.doubles.base import ANSWER, RETRY_AFTER_S, TOKENS_IN, TOKENS_OUT, Double
from tests.engines.streaming import begun, chat, pieces, read, rest, usage, words

KEYS = {"CLAVE_DE_GEMINI": gemini_double.SECRET}


@pytest.fixture
def double() -> Iterator[Double]:
    """Run a Gemini that a test may break."""
    with gemini_double.serving() as double:
        yield double


def _provider(double: Double, **changes: object) -> Gemini:
    provider = chat(gemini_double.entry(double, **{"total_s": 30, **changes}), KEYS)
    assert isinstance(provider, Gemini)
    return provider


def test_what_it_is_asked(double: Double) -> None:
    double.fault = "unknown_events"
    found = pieces(_provider(double, max_out_tokens=200))
    assert words(found) == "".join(ANSWER), "without the model's thoughts"
    assert usage(found) == Usage(TOKENS_IN, TOKENS_OUT), "with the tokens of its thoughts"
    (asked,) = double.journal
    assert asked.path == f"/v1beta/models/{gemini_double.MODEL}:streamGenerateContent?alt=sse"
    assert asked.headers["x-goog-api-key"] == gemini_double.SECRET
    body = asked.body
    assert body["generationConfig"] == {"maxOutputTokens": 200, "temperature": 0.2}
    assert "únicamente con lo que dicen las fuentes" in body["systemInstruction"]["parts"][0]["text"]
    assert [content["role"] for content in body["contents"]] == ["user", "model", "user"]


def test_a_schema_is_asked_for_where_the_model_takes_one(double: Double) -> None:
    request = ChatRequest("¿Quién?", schema={"type": "object"}, max_tokens=50)
    pieces(_provider(double, accepts=["json_schema"]), request)
    pieces(_provider(double, accepts=["temperature"]), request)
    first, second = (request.body["generationConfig"] for request in double.journal)
    assert first == {
        "maxOutputTokens": 50,
        "responseMimeType": "application/json",
        "responseJsonSchema": {"type": "object"},
    }
    assert second == {"maxOutputTokens": 50, "temperature": 0.2}


@pytest.mark.parametrize(
    ("fault", "error", "failure", "key"),
    [
        ("rate", base.Busy, Failure.RATE, ""),
        ("money", base.OutOfFunds, Failure.MONEY, ""),
        ("spent_day", base.OutOfFunds, Failure.MONEY, ""),
        ("forbidden", base.Misconfigured, Failure.AUTH, "api_key"),
        ("auth", base.Misconfigured, Failure.AUTH, "api_key"),
        ("missing", base.Misconfigured, Failure.CONFIG, "model"),
        ("bad_request", base.Rejected, Failure.BAD_REQUEST, ""),
        ("moved", base.BadAnswer, Failure.BAD_OUTPUT, ""),
    ],
)
def test_an_error_says_what_it_means(
    double: Double, fault: str, error: type[base.EngineError], failure: Failure, key: str
) -> None:
    double.fault = fault
    provider = _provider(double)
    for ask in (lambda: pieces(provider), provider.check, lambda: provider.embed(["a"], purpose="query")):
        double.journal.clear()
        with pytest.raises(error) as caught:
            ask()
        assert (caught.value.engine, caught.value.failure) == ("gemini", failure)
        assert getattr(caught.value, "key", "") == key
        assert getattr(caught.value, "wait_s", None) == (RETRY_AFTER_S if fault == "rate" else None)
        assert len(double.journal) == 1, "no retry, no redirect"


@pytest.mark.parametrize(
    ("fault", "error"), [("error_line", base.Busy), ("unsafe", base.Declined), ("confused", base.BadAnswer)]
)
def test_how_an_answer_ends_says_what_it_was(
    double: Double, fault: str, error: type[base.EngineError]
) -> None:
    double.fault = fault
    flow = begun(_provider(double))
    assert [flow.next(30), flow.next(30)] == [Text(ANSWER[0]), Text(ANSWER[1])]
    with pytest.raises(error):
        rest(flow)


@pytest.mark.parametrize(
    ("task_types", "kinds"), [(True, ["RETRIEVAL_QUERY", "RETRIEVAL_DOCUMENT"]), (False, [None, None])]
)
def test_questions_and_passages_are_told_apart(double: Double, task_types: bool, kinds: list[object]) -> None:
    provider = _provider(double, task_types=task_types, query_prefix="q: ", index_prefix="p: ")
    assert bool(provider.variant) is task_types
    provider.embed(["uno", "dos"], purpose="query")
    provider.embed(["uno"], purpose="index")
    query, index = (request.body["requests"] for request in double.journal)
    assert [each["content"]["parts"][0]["text"] for each in (*query, *index)] == [
        "q: uno",
        "q: dos",
        "p: uno",
    ]
    assert [each[0].get("taskType") for each in (query, index)] == kinds
    assert query[0]["outputDimensionality"] == 8


def test_its_models_and_its_check_cost_nothing(double: Double) -> None:
    provider = _provider(double)
    provider.check()
    assert provider.models() == (gemini_double.MODEL,)
    double.extra["methods"] = ["generateContent"]
    with pytest.raises(base.Misconfigured) as caught:
        provider.check()
    assert caught.value.key == "model"
    assert {request.method for request in double.journal} == {"GET"}


def test_a_key_is_needed_and_never_shown(double: Double) -> None:
    assert gemini_double.SECRET not in repr(_provider(double))
    entry = gemini_double.entry(double)
    del entry["api_key_env"]
    (mistake,) = read(entry).mistakes
    assert mistake.key == "api_key_env"
