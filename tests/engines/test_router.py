"""Who does what, why, and what callers of the router may count on."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pytest
import yaml
from pytest_django import Settings

from engines import router
from engines.base import BadAnswer, ChatRequest, Engine, Misconfigured, Runs, Source, Task, Usage
from tests.engines.conftest import QUOTING, fastembed_entry, ollama_entry
from tests.engines.fake_ollama import DIMENSION, FakeOllama

Write = Callable[..., None]


@pytest.fixture
def write(settings: Settings, tmp_path: Path) -> Write:
    """Give a function that puts entries into the installation's file."""
    settings.ENGINES_FILE = tmp_path / "engines.yaml"
    settings.DATA_DIR = tmp_path

    def put(*entries: Mapping[str, object]) -> None:
        settings.ENGINES_FILE.write_text(yaml.safe_dump({"engines": [dict(entry) for entry in entries]}))

    return put


def _engine(name: str, task: Task, *, runs: Runs = "here") -> Engine:
    return Engine(name=name, provider="x", tasks=(task,), runs=runs)


def test_order_is_preference_and_everybody_has_a_reason() -> None:
    engines = [_engine("lejos", "embed", runs="outside"), _engine("a", "embed"), _engine("chat", "chat"),
               _engine("b", "embed", runs="ours")]  # fmt: skip
    choice = router.choose(engines, task="embed")
    assert [engine.name for engine, _reason in choice.candidates] == ["a", "b"]
    assert [engine.name for engine, _reason in choice.refused] == ["lejos", "chat"]
    assert all(reason for _engine, reason in (*choice.candidates, *choice.refused))


def test_an_answer_says_who_gives_it_and_why(write: Write) -> None:
    write(QUOTING)
    text = "Quien supere las veinticinco inasistencias injustificadas perderá la condición de regular."
    answering = router.answer(
        ChatRequest("¿Cuántas inasistencias injustificadas hacen perder la condición de regular?",
                    sources=(Source(1, "Régimen", "Inasistencias", text, prior=0.9),))
    )  # fmt: skip
    assert answering.engine == "quoting" == router.chat_engine().name
    assert "nada sale" in answering.reason
    assert isinstance(list(answering.pieces)[-1], Usage)


def test_without_an_engine_for_chat(write: Write, ollama: FakeOllama) -> None:
    write(ollama_entry(ollama))
    with pytest.raises(Misconfigured, match="chat"):
        router.chat_engine()


def test_no_embedder_is_no_mistake(write: Write) -> None:
    write(QUOTING)
    assert router.embedder() is None
    with pytest.raises(Misconfigured):
        router.embed(["hola"], purpose="query")


def test_an_embedder_outside_gets_nothing(write: Write, ollama: FakeOllama) -> None:
    write(QUOTING, ollama_entry(ollama, runs="outside"))
    assert router.embedder() is None
    for engine in (None, "vectores"):
        with pytest.raises(Misconfigured):
            router.embed(["el legajo de un alumno"], purpose="index", engine=engine)
    assert not ollama.journal


def test_the_first_embedder_is_the_one_and_others_go_by_name(
    write: Write, ollama: FakeOllama, tiny_folder: Path
) -> None:
    write(QUOTING, ollama_entry(ollama), fastembed_entry(tiny_folder, weight=0.2))
    spec = router.embedder()
    assert spec is not None
    assert (spec.engine, spec.dimension) == ("vectores", DIMENSION)
    tiny = router.embedders()[1]
    assert tiny.engine == "tiny"
    assert router.embedder(fingerprint=tiny.fingerprint) == tiny
    assert router.embedder(fingerprint="of-none") is None
    assert tiny.weight == 0.2
    assert router.embed(["el comedor"], purpose="query").shape == (1, DIMENSION)
    assert router.embed(["el comedor"], purpose="query", engine="tiny").shape == (1, 6)


def test_many_texts_go_in_batches_and_come_back_in_order(write: Write, ollama: FakeOllama) -> None:
    write(ollama_entry(ollama))
    texts = [f"documento {number}" for number in range(150)]
    found = router.embed(texts, purpose="index")
    assert found.shape == (150, DIMENSION)
    assert [len(body["input"]) for body in ollama.embedded] == [64, 64, 22]
    for at in (0, 63, 64, 149):
        assert np.allclose(found[at], router.embed([texts[at]], purpose="index")[0], atol=1e-6)
    assert router.embed([], purpose="index").shape == (0, DIMENSION)


def test_one_bad_batch_and_none_has_its_vector(write: Write, ollama: FakeOllama) -> None:
    write(ollama_entry(ollama))
    router.embed(["hola"], purpose="index")
    ollama.fault = "not_a_number"
    with pytest.raises(BadAnswer):
        router.embed(["hola"] * 65, purpose="index")


@pytest.mark.parametrize(
    ("change", "is_other"),
    [
        ({"name": "otro"}, False),
        ({"weight": 0.9}, False),
        ({"timeout_s": 60}, False),
        ({"model": "bge-m3"}, True),
        ({"dimension": 16}, True),
        ({"query_prefix": "q: "}, True),
        ({"index_prefix": "p: "}, True),
    ],
)
def test_a_fingerprint_changes_with_what_makes_vectors_others(
    write: Write, ollama: FakeOllama, change: dict[str, object], is_other: bool
) -> None:
    write(ollama_entry(ollama))
    before = router.embedder()
    write(ollama_entry(ollama, **change))
    after = router.embedder()
    assert before is not None
    assert after is not None
    assert (before.fingerprint != after.fingerprint) is is_other
    assert after.fingerprint.isalnum()


def test_pooling_changes_it_too(write: Write, tiny_folder: Path) -> None:
    write(fastembed_entry(tiny_folder), fastembed_entry(tiny_folder, name="otro", pooling="cls"))
    assert len({spec.fingerprint for spec in router.embedders()}) == 2
