"""Recordings with their truth, and the very small Whisper as an engine of the installation."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from pytest_django import Settings

from engines import health
from tests.transcription import mini_whisper

SOUNDS = Path(__file__).parent / "sounds"


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody says in a recording, from second to second."""

    speaker: str
    t0: float
    t1: float
    text: str


@dataclass(frozen=True, slots=True)
class Truth:
    """A recording and what is really said in it."""

    path: Path
    seconds: float
    said: tuple[Said, ...]


def truth(name: str) -> Truth:
    """Return a recording by its name: entrevista-a, entrevista-b, reunion-tres-voces."""
    told = json.loads((SOUNDS / f"{name}.json").read_text(encoding="utf-8"))
    return Truth(
        path=SOUNDS / f"{name}.flac",
        seconds=told["seconds"],
        said=tuple(Said(**each) for each in told["segments"]),
    )


@pytest.fixture(scope="session")
def whisper_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the very small Whisper."""
    return mini_whisper.build(tmp_path_factory.mktemp("whisper") / "mini")


def whisper_entry(folder: Path, **changes: object) -> dict[str, object]:
    """Return an entry of engines.yaml for it: one clip an utterance, as it was trained on."""
    entry: dict[str, object] = {
        "name": "whisper",
        "provider": "faster_whisper",
        "runs": "here",
        "tasks": ["transcribe"],
        "model": "mini",
        "directory": str(folder),
        "device": "cpu",
        "threads": 1,
        "beam": 1,
        "clip_s": 0,
    }
    return {**entry, **changes}


@pytest.fixture
def engines_file(settings: Settings, tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Give a function that makes entries the installation's engines; what is known of their health is forgotten."""
    settings.ENGINES_FILE = tmp_path / "engines.yaml"
    names: set[str] = set()

    def put(*entries: Mapping[str, object]) -> None:
        settings.ENGINES_FILE.write_text(yaml.safe_dump({"engines": [dict(entry) for entry in entries]}))
        for entry in entries:
            names.add(str(entry["name"]))
            health.forget(str(entry["name"]))

    yield put
    for name in names:
        health.forget(name)


@pytest.fixture
def whisper(engines_file: Callable[..., None], whisper_dir: Path) -> None:
    """Let the installation transcribe by the very small Whisper."""
    engines_file(whisper_entry(whisper_dir))
