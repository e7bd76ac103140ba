"""What only one embedder has, Ollama or fastembed; what all keep is in test_contract_embed.py."""

import sys
from pathlib import Path

import numpy as np
import pytest

from engines import base
from engines.base import EmbedProvider
from tests.doubles.ollama import Ollama
from tests.doubles.vectors import DIMENSION
from tests.engines.conftest import Reader, fastembed_entry, ollama_entry

TEXTS = ["Las inasistencias justifican con certificado médico", "El comedor abre los lunes", "Las faltas"]


def _provider(read: Reader, entry: dict[str, object]) -> EmbedProvider:
    catalogue = read(entry)
    assert not catalogue.mistakes
    return catalogue.embed[str(entry["name"])]


# --- Ollama -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("no_embedding", base.Misconfigured),
        ("broken", base.Unavailable),
        ("odd_error", base.EngineError),
        ("too_long", base.TooLong),
        ("moved", base.BadAnswer),
        ("cut", base.Broken),
        ("hang", base.TimedOut),
        ("not_a_stream", base.BadAnswer),
        ("a_list", base.BadAnswer),
        ("uneven", base.BadAnswer),
        ("infinite", base.BadAnswer),
        ("zeros", base.BadAnswer),
    ],
)
def test_a_failure_of_ollama_becomes_ours(
    read: Reader, ollama: Ollama, fault: str, error: type[base.EngineError]
) -> None:
    provider = _provider(
        read, ollama_entry(ollama, total_s=2)
    )  # the first call is well, on a busy machine too
    provider.embed(TEXTS, purpose="index")
    ollama.fault = fault
    with pytest.raises(error) as caught:
        provider.embed(TEXTS, purpose="index")
    assert caught.value.engine == "vectores"
    assert len(ollama.embedded) == 2, "the provider does not try again"
    ollama.fault = ""
    assert provider.embed(TEXTS, purpose="index").vectors.shape == (3, DIMENSION), (
        "it keeps nothing of the failure"
    )


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ("overloaded", base.Busy),
        ("broken", base.Unavailable),
        ("cut", base.Broken),
        ("not_a_stream", base.BadAnswer),
        ("a_list", base.BadAnswer),
        ("empty", base.BadAnswer),
    ],
)
def test_without_the_list_of_models_nothing_is_sent(
    read: Reader, ollama: Ollama, fault: str, error: type[base.EngineError]
) -> None:
    ollama.tags_fault = fault
    with pytest.raises(error):
        _provider(read, ollama_entry(ollama)).embed(TEXTS, purpose="index")
    assert not ollama.embedded


def test_nobody_at_the_address(read: Reader, ollama: Ollama, unused_port: int) -> None:
    provider = _provider(read, ollama_entry(ollama, address=f"http://127.0.0.1:{unused_port}"))
    with pytest.raises(base.Unreachable):
        provider.check()


def test_a_model_that_is_not_installed_says_how_to_install_it(read: Reader, ollama: Ollama) -> None:
    provider = _provider(read, ollama_entry(ollama, model="bge-m3"))
    with pytest.raises(base.Misconfigured, match="ollama pull bge-m3"):
        provider.check()
    assert not ollama.embedded


@pytest.mark.parametrize("mark", ["remote_host", "remote_model"])
def test_a_model_of_a_cloud_gets_not_a_word(read: Reader, ollama: Ollama, mark: str) -> None:
    ollama.models = [{"name": "vectores:latest", mark: "https://ollama.com:443"}]
    with pytest.raises(base.Misconfigured) as caught:
        _provider(read, ollama_entry(ollama)).embed(["el legajo de un alumno"], purpose="index")
    assert caught.value.key == "model"
    assert not ollama.embedded


def test_what_ollama_is_asked(read: Reader, ollama: Ollama) -> None:
    _provider(read, ollama_entry(ollama, num_ctx=512, keep_alive="3m")).embed(["hola"], purpose="query")
    (asked,) = ollama.embedded
    assert (asked["model"], asked["input"]) == ("vectores", ["hola"])
    assert asked["truncate"] is False
    assert asked["keep_alive"] == "3m"
    assert asked["options"] == {"num_ctx": 512}


def test_a_key_travels_and_is_not_shown(read: Reader, ollama: Ollama) -> None:
    entry = ollama_entry(ollama, api_key_env="CLAVE_DE_OLLAMA")
    provider = read(entry, variables={"CLAVE_DE_OLLAMA": "muy-secreta"}).embed["vectores"]
    provider.check()
    provider.embed(["hola"], purpose="index")
    assert {request.headers["authorization"] for request in ollama.journal} == {"Bearer muy-secreta"}
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
    pooled = [each.embed(TEXTS, purpose="index").vectors for each in (means, firsts)]
    assert np.abs(pooled[0] - pooled[1]).max() > 0.01
