"""The table that a technician reads."""

from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command
from pytest_django import Settings

from tests.doubles.ollama import Ollama
from tests.engines.conftest import QUOTING, fastembed_entry, ollama_entry


@pytest.fixture(autouse=True)
def _file(settings: Settings, tmp_path: Path) -> None:
    settings.ENGINES_FILE = tmp_path / "engines.yaml"
    settings.DATA_DIR = tmp_path


def _table(settings: Settings, *entries: object) -> tuple[list[str], str]:
    settings.ENGINES_FILE.write_text(yaml.safe_dump({"engines": [dict(entry) for entry in entries]}))  # type: ignore[call-overload]
    printed = StringIO()
    try:
        call_command("check_engines", stdout=printed)
    except CommandError as error:
        return printed.getvalue().splitlines(), str(error)
    return printed.getvalue().splitlines(), ""


def test_all_is_well(settings: Settings, ollama: Ollama, tiny_folder: Path) -> None:
    lines, error = _table(settings, QUOTING, ollama_entry(ollama), fastembed_entry(tiny_folder))
    assert not error
    assert [line.split()[0] for line in lines[:4]] == ["motor", "quoting", "vectores", "tiny"]
    assert all(line.endswith("sí") for line in lines[1:4])
    assert lines[4:] == ["Modelos en «vectores»: vectores:latest"]


def test_each_problem_stands_in_its_line(settings: Settings, ollama: Ollama) -> None:
    lines, error = _table(
        settings,
        ollama_entry(ollama, dimension=0),
        QUOTING,
        ollama_entry(ollama, name="sin-modelo", model="bge-m3"),
        ollama_entry(ollama, name="afuera", runs="outside"),
    )
    assert error
    by_name = {line.split()[0]: line for line in lines}
    assert by_name["quoting"].endswith("sí")
    assert "ollama pull bge-m3" in by_name["sin-modelo"]
    assert "no se conoce su precio" in by_name["afuera"]
    assert "dimension" in by_name["vectores"]
    assert not ollama.embedded, "what may not be called is not called to see whether it answers"


def test_a_speech_model_that_nobody_downloaded_is_told_and_no_mistake(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    entry = {"name": "whisper", "provider": "faster_whisper", "runs": "here", "tasks": ["transcribe"]}
    lines, error = _table(settings, {**entry, "model": "small"})
    assert not error and lines[1].endswith("./preceptor manage get_speech_model small")


def test_a_file_that_cannot_be_read(settings: Settings) -> None:
    settings.ENGINES_FILE.write_text("motores: []")
    with pytest.raises(CommandError, match="engines"):
        call_command("check_engines")
