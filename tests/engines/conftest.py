"""Engines made as the product makes them: from the text of a file."""

import socket
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from engines import config
from tests.engines import fake_ollama, tiny_model
from tests.engines.fake_ollama import FakeOllama

Reader = Callable[..., config.Catalogue]


@pytest.fixture
def ollama() -> Iterator[FakeOllama]:
    """Run an Ollama that a test may break."""
    with fake_ollama.serving() as fake:
        yield fake


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


QUOTING: Mapping[str, object] = {"name": "quoting", "provider": "quoting", "runs": "here", "tasks": ["chat"]}


def ollama_entry(fake: FakeOllama, **changes: object) -> dict[str, object]:
    """Return an entry for the fake."""
    entry: dict[str, object] = {
        "name": "vectores",
        "provider": "ollama",
        "runs": "here",
        "tasks": ["embed"],
        "model": fake_ollama.MODEL,
        "dimension": fake_ollama.DIMENSION,
        "address": fake.address,
        "timeout_s": 5,
    }
    return {**entry, **changes}


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
