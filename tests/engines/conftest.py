"""Engines made as the product makes them: from the text of a file."""

import socket
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import yaml
from pytest_django import Settings

from engines import config, health
from tests.doubles import ollama as ollama_double
from tests.doubles.ollama import Ollama
from tests.engines import tiny_model

Reader = Callable[..., config.Catalogue]


@pytest.fixture
def ollama() -> Iterator[Ollama]:
    """Run an Ollama that a test may break."""
    with ollama_double.serving() as double:
        yield double


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a model."""
    return tiny_model.make(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    """Give a function that reads entries as if they stood in engines.yaml."""

    def parse(*entries: Mapping[str, object], variables: Mapping[str, str] | None = None) -> config.Catalogue:
        text = yaml.safe_dump({"engines": [dict(entry) for entry in entries]}, allow_unicode=True)
        return config.parse(text, folder=tmp_path, models=tmp_path / "models", variables=variables or {})

    return parse


@pytest.fixture
def write(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[..., None]]:
    """Give a function that puts entries into the installation's file; what is known of their health is forgotten."""
    settings.ENGINES_FILE = tmp_path / "engines.yaml"
    settings.DATA_DIR = tmp_path
    for name in ("CLAVE_DE_ANTHROPIC", "CLAVE_DE_GEMINI", "CLAVE_DE_OPENAI"):
        monkeypatch.setenv(name, "una-clave-de-prueba")
    names: set[str] = set()

    def put(*entries: Mapping[str, object], currencies: Mapping[str, float] | None = None) -> None:
        whole: dict[str, object] = {"engines": [dict(entry) for entry in entries]}
        if currencies:
            whole["currencies"] = dict(currencies)
        settings.ENGINES_FILE.write_text(yaml.safe_dump(whole, allow_unicode=True))
        for entry in entries:
            names.add(str(entry["name"]))
            health.forget(str(entry["name"]))

    yield put
    for name in names:
        health.forget(name)


QUOTING: Mapping[str, object] = {"name": "quoting", "provider": "quoting", "runs": "here", "tasks": ["chat"]}


def ollama_entry(double: Ollama, **changes: object) -> dict[str, object]:
    """Return an entry of an embedder for the double."""
    return ollama_double.entry(double, **{"name": "vectores", "tasks": ["embed"], "total_s": 30, **changes})


def fastembed_entry(folder: Path, **changes: object) -> dict[str, object]:
    """Return an entry for the tiny model."""
    entry: dict[str, object] = {
        "name": "tiny",
        "provider": "fastembed",
        "runs": "here",
        "tasks": ["embed"],
        "model": "tiny",
        "directory": str(folder),
        "dimension": tiny_model.DIMENSION,
    }
    return {**entry, **changes}


@pytest.fixture
def unused_port() -> int:
    """Return a port of loopback where nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
