"""What every embedder keeps, over a real socket or with a real model; and how each tells of its failures."""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from engines import base, providers
from engines.base import EmbedProvider
from tests.engines.conftest import Reader, fastembed_entry, ollama_entry
from tests.engines.fake_ollama import DIMENSION, FakeOllama

TEXTS = ["Las inasistencias justifican con certificado médico", "El comedor abre los lunes", "Las faltas"]
Entry = Callable[..., dict[str, object]]


@pytest.fixture(params=["ollama", "fastembed"])
def entry(request: pytest.FixtureRequest) -> Entry:
    """Give a function that returns a good entry of each provider, with changes."""
    if request.param == "ollama":
        fake: FakeOllama = request.getfixturevalue("ollama")
        return lambda **changes: ollama_entry(fake, **changes)
    folder: Path = request.getfixturevalue("tiny_folder")
    return lambda **changes: fastembed_entry(folder, **changes)


def _provider(read: Reader, entry: dict[str, object]) -> EmbedProvider:
    catalogue = read(entry)
    assert not catalogue.mistakes
    return catalogue.embed[str(entry["name"])]


def test_the_suite_runs_on_every_embedder() -> None:
    embedders = [name for name in providers.names() if "embed" in providers.find(name).TASKS]
    assert embedders == ["fastembed", "ollama"], "a new one joins the fixture `entry`"


def test_one_row_of_length_one_per_text_in_order(read: Reader, entry: Entry) -> None:
    given = entry()
    provider = _provider(read, given)
    found = provider.embed(TEXTS, purpose="index")
    assert found.shape == (3, given["dimension"])
    assert found.dtype == np.float32
    assert np.linalg.norm(found, axis=1) == pytest.approx([1, 1, 1], abs=1e-6)
    for text, row in zip(TEXTS, found, strict=True):
        assert provider.embed([text], purpose="index")[0] == pytest.approx(row, abs=1e-6)


def test_no_text_gives_no_row(read: Reader, entry: Entry) -> None:
    given = entry()
    assert _provider(read, given).embed([], purpose="query").shape == (0, given["dimension"])


def test_many_texts_of_any_length(read: Reader, entry: Entry) -> None:
    texts = [" ".join(["comedor"] * (1 + number % 40)) for number in range(64)] + ["ñandú áéíóú — «5.º B»"]
    assert _provider(read, entry()).embed(texts, purpose="index").shape[0] == 65


def test_prefixes_tell_questions_from_passages(read: Reader, entry: Entry) -> None:
    plain = _provider(read, entry())
    provider = _provider(read, entry(name="con-prefijos", query_prefix="query: ", index_prefix="passage: "))
    query, index = (provider.embed(["el comedor"], purpose=purpose)[0] for purpose in ("query", "index"))
    assert query == pytest.approx(plain.embed(["query: el comedor"], purpose="query")[0], abs=1e-6)
    assert index == pytest.approx(plain.embed(["passage: el comedor"], purpose="query")[0], abs=1e-6)
    assert np.abs(query - index).max() > 0.01


def test_a_good_engine_passes_its_check(read: Reader, entry: Entry) -> None:
    _provider(read, entry()).check()


def test_a_dimension_that_the_model_does_not_have_names_the_key(read: Reader, entry: Entry) -> None:
    provider = _provider(read, entry(dimension=3))
    with pytest.raises(base.Misconfigured) as caught:
        provider.check()
    assert (caught.value.entry, caught.value.key) == (entry()["name"], "dimension")
    assert str(entry()["dimension"]) in caught.value.detail


# --- Ollama -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("missing", base.Misconfigured),
        ("locked", base.Misconfigured),
        ("no_embedding", base.Misconfigured),
        ("wrong_size", base.Misconfigured),
        ("busy", base.Busy),
        ("limited", base.Busy),
        ("broken", base.Unavailable),
        ("odd_error", base.EngineError),
        ("too_long", base.TooLong),
        ("moved", base.BadAnswer),
        ("cut", base.Unreachable),
        ("hang", base.TimedOut),
        ("malformed", base.BadAnswer),
        ("not_json", base.BadAnswer),
        ("empty", base.BadAnswer),
        ("a_list", base.BadAnswer),
        ("too_few", base.BadAnswer),
        ("too_many", base.BadAnswer),
        ("uneven", base.BadAnswer),
        ("not_a_number", base.BadAnswer),
        ("infinite", base.BadAnswer),
        ("null", base.BadAnswer),
        ("zeros", base.BadAnswer),
    ],
)
def test_a_failure_of_ollama_becomes_ours(
    read: Reader, ollama: FakeOllama, fault: str, error: type[base.EngineError]
) -> None:
    provider = _provider(read, ollama_entry(ollama, timeout_s=0.3))
    provider.embed(TEXTS, purpose="index")
    ollama.fault = fault
    with pytest.raises(error) as caught:
        provider.embed(TEXTS, purpose="index")
    assert caught.value.engine == "vectores"
    assert len(ollama.embedded) == 2, "the provider does not try again"
    ollama.fault = ""
    assert provider.embed(TEXTS, purpose="index").shape == (3, DIMENSION), "it keeps nothing of the failure"


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("busy", base.Busy),
        ("broken", base.Unavailable),
        ("cut", base.Unreachable),
        ("not_json", base.BadAnswer),
        ("a_list", base.BadAnswer),
        ("empty", base.BadAnswer),
    ],
)
def test_without_the_list_of_models_nothing_is_sent(
    read: Reader, ollama: FakeOllama, fault: str, error: type[base.EngineError]
) -> None:
    ollama.tags_fault = fault
    with pytest.raises(error):
        _provider(read, ollama_entry(ollama)).embed(TEXTS, purpose="index")
    assert not ollama.embedded


def test_nobody_at_the_address(read: Reader, ollama: FakeOllama, unused_port: int) -> None:
    provider = _provider(read, ollama_entry(ollama, address=f"http://127.0.0.1:{unused_port}"))
    with pytest.raises(base.Unreachable):
        provider.check()


def test_a_model_that_is_not_installed_says_how_to_install_it(read: Reader, ollama: FakeOllama) -> None:
    provider = _provider(read, ollama_entry(ollama, model="bge-m3"))
    with pytest.raises(base.Misconfigured, match="ollama pull bge-m3"):
        provider.check()
    assert not ollama.embedded


@pytest.mark.parametrize("mark", ["remote_host", "remote_model"])
def test_a_model_of_a_cloud_gets_not_a_word(read: Reader, ollama: FakeOllama, mark: str) -> None:
    ollama.models = [{"name": "vectores:latest", mark: "https://ollama.com:443"}]
    with pytest.raises(base.Misconfigured) as caught:
        _provider(read, ollama_entry(ollama)).embed(["el legajo de un alumno"], purpose="index")
    assert caught.value.key == "model"
    assert not ollama.embedded


def test_what_ollama_is_asked(read: Reader, ollama: FakeOllama) -> None:
    _provider(read, ollama_entry(ollama, num_ctx=512, keep_alive="3m")).embed(["hola"], purpose="query")
    (asked,) = ollama.embedded
    assert (asked["model"], asked["input"]) == ("vectores", ["hola"])
    assert asked["truncate"] is False
    assert asked["keep_alive"] == "3m"
    assert asked["options"] == {"num_ctx": 512}


def test_a_key_travels_and_is_not_shown(read: Reader, ollama: FakeOllama) -> None:
    entry = ollama_entry(ollama, api_key_env="CLAVE_DE_OLLAMA")
    provider = read(entry, variables={"CLAVE_DE_OLLAMA": "muy-secreta"}).embed["vectores"]
    provider.check()
    assert ollama.authorizations == ["Bearer muy-secreta"]
    assert "muy-secreta" not in repr(provider)


# --- fastembed ----------------------------------------------------------------------------------------------


def test_a_folder_without_its_files_names_the_file(read: Reader, tmp_path: Path) -> None:
    (mistake,) = read(fastembed_entry(tmp_path)).mistakes
    assert (mistake.entry, mistake.key) == ("tiny", "directory")
    assert "tokenizer.json" in mistake.detail


def test_a_file_that_is_no_model(read: Reader, tiny_folder: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    for name in ("tokenizer.json", "tokenizer_config.json"):
        (broken / name).write_bytes((tiny_folder / name).read_bytes())
    (broken / "model.onnx").write_bytes(b"not a model")
    with pytest.raises(base.Misconfigured) as caught:
        _provider(read, fastembed_entry(broken)).check()
    assert caught.value.key == "directory"


def test_a_name_that_fastembed_does_not_know(read: Reader, tiny_folder: Path) -> None:
    entry = {key: value for key, value in fastembed_entry(tiny_folder).items() if key != "directory"}
    with pytest.raises(base.Misconfigured) as caught:
        _provider(read, entry).check()
    assert caught.value.key == "model"


def test_without_the_package_it_says_how_to_install_it(
    read: Reader, tiny_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fastembed", None)  # as Python has it for a package that is not there
    provider = _provider(read, fastembed_entry(tiny_folder, name="sin-paquete"))
    with pytest.raises(base.Misconfigured, match=r"pip install -r requirements-fastembed\.in"):
        provider.check()


def test_fastembed_runs_nowhere_but_here(read: Reader, tiny_folder: Path) -> None:
    (mistake,) = read(fastembed_entry(tiny_folder, runs="ours")).mistakes
    assert mistake.key == "runs"


def test_how_vectors_are_pooled_makes_them_others(read: Reader, tiny_folder: Path) -> None:
    means = _provider(read, fastembed_entry(tiny_folder))
    firsts = _provider(read, fastembed_entry(tiny_folder, pooling="cls"))
    assert means.variant != firsts.variant
    assert np.abs(means.embed(TEXTS, purpose="index") - firsts.embed(TEXTS, purpose="index")).max() > 0.01
