"""Answers by Ollama, and finding a server of it; its embeddings are in test_embedders.py."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engines import base, config, discovery
from engines.base import ChatRequest, Failure, Usage
from engines.providers.ollama import Ollama as OllamaProvider
from tests.doubles import ollama as ollama_double
from tests.doubles.base import ANSWER, TOKENS_IN, TOKENS_OUT
from tests.doubles.ollama import MODEL, VERSION, Ollama
from tests.doubles.vectors import DIMENSION
from tests.engines.streaming import chat, pieces, read, usage, words

CLOUD = {
    "name": "gpt-oss:120b-cloud",
    "remote_host": "https://ollama.com:443",
    "remote_model": "gpt-oss:120b",
}


@pytest.fixture
def double() -> Iterator[Ollama]:
    """Run an Ollama that a test may break."""
    with ollama_double.serving() as double:
        yield double


def _provider(double: Ollama, **changes: object) -> OllamaProvider:
    provider = chat(ollama_double.entry(double, **{"total_s": 30, **changes}))
    assert isinstance(provider, OllamaProvider)
    return provider


def test_what_it_is_asked(double: Ollama) -> None:
    found = pieces(_provider(double, context_tokens=4096, max_out_tokens=200, keep_alive="3m"))
    assert words(found) == "".join(ANSWER)
    assert usage(found) == Usage(TOKENS_IN, TOKENS_OUT, seconds=1.5)
    (asked,) = double.asked("/api/chat")
    assert asked["options"] == {"num_ctx": 4096, "num_predict": 200, "temperature": 0.2}
    assert (asked["model"], asked["keep_alive"], asked["think"]) == (MODEL, "3m", False)
    assert [message["role"] for message in asked["messages"]] == ["system", "user", "assistant", "user"]
    assert "format" not in asked


def test_what_the_model_takes_is_asked_for_and_nothing_else(double: Ollama) -> None:
    request = ChatRequest("¿Quién?", schema={"type": "object"})
    pieces(_provider(double, accepts=["json_schema"], think=True), request)
    pieces(_provider(double, accepts=[]), request)
    first, second = double.asked("/api/chat")
    assert (first["format"], first["think"]) == ({"type": "object"}, True)
    assert "temperature" not in first["options"]
    assert "format" not in second


def test_a_model_of_a_cloud_gets_not_a_word(double: Ollama) -> None:
    double.models = [{**CLOUD, "name": f"{MODEL}:latest"}]
    provider = _provider(double)
    for ask in (lambda: pieces(provider), provider.check):
        with pytest.raises(base.Misconfigured) as caught:
            ask()
        assert caught.value.key == "model"
    assert b"inasistencias" not in double.bytes_seen
    assert provider.models() == ()


@pytest.mark.parametrize(
    ("fault", "error", "failure", "key"),
    [
        ("no_thinking", base.Misconfigured, Failure.CONFIG, "think"),
        ("money", base.OutOfFunds, Failure.MONEY, ""),
        ("odd_error", base.Unavailable, Failure.INTERNAL, ""),
        ("error_line", base.Broken, Failure.BROKEN_STREAM, ""),
    ],
)
def test_an_error_says_what_it_means(
    double: Ollama, fault: str, error: type[base.EngineError], failure: Failure, key: str
) -> None:
    double.fault = fault
    with pytest.raises(error) as caught:
        pieces(_provider(double))
    assert (caught.value.engine, caught.value.failure) == ("ollama", failure)
    assert getattr(caught.value, "key", "") == key
    assert len(double.asked("/api/chat")) == 1


def test_a_check_asks_for_no_work(double: Ollama) -> None:
    provider = _provider(double)
    provider.check()
    assert provider.models() == (f"{MODEL}:latest",)
    assert {request.path for request in double.journal} == {"/api/tags", "/api/show"}


@pytest.mark.parametrize(
    ("told", "key"),
    [
        ({"capabilities": ["embedding"]}, "model"),
        ({"capabilities": ["completion", "vision"]}, "model"),
        ({"numbers": {"bert.embedding_length": 1024}}, "dimension"),
    ],
)
def test_a_check_says_what_the_model_cannot(double: Ollama, told: dict[str, object], key: str) -> None:
    for name, value in told.items():
        setattr(double, name, value)
    with pytest.raises(base.Misconfigured) as caught:
        _provider(double).check()
    assert caught.value.key == key


def test_less_context_than_the_router_counts_on_is_a_mistake(double: Ollama) -> None:
    (mistake,) = read(ollama_double.entry(double, num_ctx=2048)).mistakes
    assert mistake.key == "num_ctx"
    assert not read(ollama_double.entry(double, num_ctx=2048, context_tokens=2048)).mistakes


# --- a server that nobody told us of ------------------------------------------------------------------------


def test_a_server_is_found_with_what_it_has(double: Ollama, tmp_path: Path) -> None:
    double.models.append(CLOUD)
    found = discovery.find_ollama(double.address, timeout_s=5)
    assert found is not None
    assert found.version == VERSION
    mine, clouds = found.models
    assert mine == discovery.Model(f"{MODEL}:latest", ("chat", "embed"), 8192, DIMENSION, is_cloud=False)
    assert clouds.is_cloud
    assert found.usable == (mine,)
    text = "engines:\n" + discovery.entry_for(found, mine)
    catalogue = config.parse(text, folder=tmp_path, models=tmp_path, variables={})
    assert not catalogue.mistakes
    (engine,) = catalogue.engines
    assert (engine.name, engine.runs, engine.tasks) == (MODEL, "here", ("chat", "embed"))
    assert (engine.dimension, engine.context_tokens) == (DIMENSION, 8192)
    catalogue.chat[MODEL].check()


@pytest.mark.parametrize("name", ["hf.co/Org/Modelo-GGUF:Q4_K_M", "x" * 90, "_:latest"])
def test_any_model_gets_a_name_that_an_entry_may_have(tmp_path: Path, name: str) -> None:
    model = discovery.Model(name, ("embed",), 0, 768, is_cloud=False)
    text = discovery.entry_for(discovery.Found(discovery.ADDRESS, VERSION, (model,)), model)
    assert not config.parse(f"engines:\n{text}", folder=tmp_path, models=tmp_path, variables={}).mistakes


@pytest.mark.parametrize("fault", ["broken", "not_a_stream", "a_list", "empty", "cut"])
def test_what_is_no_ollama_is_not_found(double: Ollama, fault: str) -> None:
    double.tags_fault = fault
    assert discovery.find_ollama(double.address, timeout_s=5) is None


def test_nobody_is_found_where_nobody_is(unused_port: int) -> None:
    assert discovery.find_ollama(f"http://127.0.0.1:{unused_port}") is None
