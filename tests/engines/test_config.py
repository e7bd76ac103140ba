"""`engines.yaml`: what it may say, and that every mistake names its entry and key."""

import os
import re
from pathlib import Path

import pytest
from django.conf import settings

from engines import config, providers
from engines.base import Misconfigured
from tests.doubles.ollama import Ollama
from tests.engines.conftest import QUOTING, Reader, fastembed_entry, ollama_entry


def _parse(text: str, folder: Path) -> config.Catalogue:
    return config.parse(text, folder=folder, models=folder, variables={})


def test_the_file_that_comes_with_the_product_is_good_and_begins_with_quoting(tmp_path: Path) -> None:
    catalogue = config.read(settings.BASE_DIR / "engines.yaml", models=tmp_path)
    assert not catalogue.mistakes
    first = catalogue.engines[0]
    assert (first.name, first.provider, first.runs, first.tasks) == ("quoting", "quoting", "here", ("chat",))


def test_its_commented_examples_are_good_too(tmp_path: Path, tiny_folder: Path) -> None:
    text = (settings.BASE_DIR / "engines.yaml").read_text(encoding="utf-8")
    examples = [line.replace("  # ", "  ", 1) for line in text.splitlines() if _is_example(line)]
    folder = tmp_path / "models" / "multilingual-e5-small"
    (folder / "onnx").mkdir(parents=True)
    for name, place in (
        ("model.onnx", "onnx/model.onnx"),
        ("tokenizer.json", ""),
        ("tokenizer_config.json", ""),
    ):
        (folder / (place or name)).write_bytes((tiny_folder / name).read_bytes())
    keys = dict.fromkeys(re.findall(r"api_key_env: (\w+)", text), "una-clave")
    catalogue = config.parse(
        "engines:\n" + "\n".join(examples), folder=tmp_path, models=tmp_path / "models", variables=keys
    )
    assert not catalogue.mistakes
    assert len(catalogue.engines) == len(re.findall(r"^  # - name: ", text, re.M)) > 12
    assert {engine.provider for engine in catalogue.engines} == set(providers.names()) - {"quoting"}
    assert all(engine.price is not None for engine in catalogue.engines), "an example that would not be used"
    text_u, sound_u = (
        engine.price.in_per_million_u
        for name in ("gemini", "gemini-sound")
        if (engine := catalogue.engine(name)) and engine.price
    )
    assert text_u < sound_u, "what hears is reckoned by the price of sound"
    e5 = catalogue.engine("e5-small")
    assert e5 is not None and e5.query_prefix == "query: "


def _is_example(line: str) -> bool:
    return line.startswith(("  # - ", "  #   ")) and ": " in line and not line.startswith("  #    ")


def test_an_entry_is_read_with_what_is_usual_for_its_model(read: Reader, ollama: Ollama) -> None:
    catalogue = read(QUOTING, ollama_entry(ollama, model="nomic-embed-text", weight=0.25))
    engine = catalogue.engines[1]
    assert (engine.model, engine.weight, engine.runs) == ("nomic-embed-text", 0.25, "here")
    assert (engine.query_prefix, engine.index_prefix) == ("search_query: ", "search_document: ")


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", None),
        ("name", "Motor Uno"),
        ("name", "x" * 41),
        ("provider", None),
        ("provider", "openai-compatible"),
        ("tasks", None),
        ("tasks", []),
        ("tasks", "embed"),
        ("tasks", ["embed", "embed"]),
        ("tasks", ["transcribe"]),
        ("runs", "aquí"),
        ("model", None),
        ("model", 5),
        ("dimension", None),
        ("dimension", 0),
        ("dimension", 7.5),
        ("dimension", "1024"),
        ("dimension", True),
        ("weight", 1.5),
        ("weight", float("nan")),
        ("address", "127.0.0.1:11434"),
        ("address", "ftp://127.0.0.1"),
        ("address", "http://127.0.0.1:port"),
        ("address", "http://ana:clave@127.0.0.1:11434"),
        ("address", "http://127.0.0.1/?key=1"),
        ("address", "https://ollama.com"),
        ("address", "http://8.8.8.8:11434"),
        ("timeout_s", 0),
        ("num_ctx", -1),
        ("keep_alive", -1),
        ("temperature", 0.1),
        ("api_key", "abc"),
        ("token", "abc"),
        ("openai-key", "abc"),
        ("query_prefix", "sk-algo-secreto"),
        ("api_key_env", "sk-no-es-un-nombre"),
        ("api_key_env", "NO_EXISTE_ESTA"),
        ("api_key_file", "no/existe"),
    ],
)
def test_a_mistake_names_its_entry_and_key(read: Reader, ollama: Ollama, key: str, value: object) -> None:
    entry = ollama_entry(ollama)
    assert not read(entry).mistakes, "the entry is good without the mistake"
    if value is None:
        del entry[key]
    else:
        entry[key] = value
    catalogue = read(QUOTING, entry)
    (mistake,) = catalogue.mistakes
    assert mistake.key == key
    assert mistake.entry == str(entry.get("name", "n.º 2"))
    assert mistake.entry in mistake.detail
    assert key in mistake.detail
    assert [engine.name for engine in catalogue.engines] == ["quoting"], "the good ones remain"


@pytest.mark.parametrize("key", ["api_key", "api_key_env", "query_prefix"])
def test_a_secret_is_never_repeated(read: Reader, ollama: Ollama, key: str) -> None:
    (mistake,) = read(ollama_entry(ollama, **{key: "sk-0123456789abcdef"})).mistakes
    assert "0123456789abcdef" not in mistake.detail
    assert "0123456789abcdef" not in repr(mistake)


@pytest.mark.parametrize(
    "address",
    ["http://localhost:1", "http://[::1]:1", "http://10.0.0.7:1", "http://ollama:1", "http://motores.lan:1"],
)
def test_an_address_of_the_school_runs_here(read: Reader, ollama: Ollama, address: str) -> None:
    assert not read(ollama_entry(ollama, address=address)).mistakes


def test_a_machine_elsewhere_is_told_apart(read: Reader, ollama: Ollama) -> None:
    entry = ollama_entry(ollama, address="https://gpu.proveedor.example")
    del entry["runs"]
    (engine,) = read(entry).engines
    assert engine.runs == "outside", "what does not say where it runs counts as outside"
    assert not read({**entry, "runs": "ours"}).mistakes


def test_a_name_twice(read: Reader) -> None:
    catalogue = read(QUOTING, QUOTING)
    assert [(mistake.entry, mistake.key) for mistake in catalogue.mistakes] == [("quoting", "name")]
    assert len(catalogue.engines) == 1


def test_every_mistake_is_told(read: Reader, ollama: Ollama, tmp_path: Path) -> None:
    catalogue = read(ollama_entry(ollama, dimension=0), fastembed_entry(tmp_path, directory="nada"))
    assert [mistake.key for mistake in catalogue.mistakes] == ["dimension", "directory"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "engines"),
        ("[]", "engines"),
        ("engines: {}", "engines"),
        ("engines: []\nprices: []", "engines"),
        ("engines:\n  - quoting", "n.º 1"),
        ("engines:\n  - {name: [", "línea"),
        ("engines:\n  - name: a\n    provider: quoting\n    name: b", "línea 2"),
        ("engines: !!python/object/apply:os.getcwd []", "línea 1"),
    ],
)
def test_a_file_of_another_shape(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=said):
        _parse(text, tmp_path)


def test_no_file_and_no_text(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured):
        config.read(tmp_path / "engines.yaml", models=tmp_path)
    (tmp_path / "engines.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(Misconfigured):
        config.read(tmp_path / "engines.yaml", models=tmp_path)


def test_a_changed_file_is_read_again_and_an_unchanged_one_is_not(tmp_path: Path) -> None:
    path = tmp_path / "engines.yaml"
    path.write_text("engines:\n  - {name: uno, provider: quoting, runs: here, tasks: [chat]}")
    first = config.read(path, models=tmp_path)
    assert config.read(path, models=tmp_path) is first
    path.write_text("engines:\n  - {name: dos, provider: quoting, runs: here, tasks: [chat]}")
    os.utime(path, ns=(1, 1))
    assert [engine.name for engine in config.read(path, models=tmp_path).engines] == ["dos"]
