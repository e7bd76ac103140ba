"""A speech model brought from the hub, a double of which speaks over a real socket."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from engines.providers import _whisper, _whisper_hub
from tests.doubles import hub
from tests.doubles.base import Double

REPOSITORY = "escuela/whisper-de-prueba"
FILES = {
    "model.bin": b"pesos" * 5_000,
    "config.json": b"{}",
    "tokenizer.json": b'{"model": {}}',
    "vocabulary.txt": b"uno\ndos\n",
    "README.md": b"no hace falta",
}


@pytest.fixture
def double(settings: Settings, tmp_path: Path) -> Iterator[Double]:
    """Run a hub; models go to a folder of the test's."""
    settings.DATA_DIR = tmp_path
    with hub.serving(REPOSITORY, FILES) as running:
        yield running


def _get(double: Double, model: str = REPOSITORY) -> str:
    printed = StringIO()
    call_command("get_speech_model", model, "--from", double.address, stdout=printed)
    return printed.getvalue()


def test_a_model_is_brought_once_and_whole(double: Double, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    folder = _whisper_hub.fetch(
        REPOSITORY, models=tmp_path / "models", address=double.address, tell=lambda *sizes: told.append(sizes)
    )
    assert {file.name for file in folder.iterdir()} == set(FILES) - {"README.md"}
    assert (folder / "model.bin").read_bytes() == FILES["model.bin"]
    total = sum(len(content) for name, content in FILES.items() if name != "README.md")
    assert told[-1] == (total, total) and told == sorted(told)
    asked = len(double.journal)
    assert str(folder) in _get(double)
    assert len(double.journal) == asked, "it is here"
    place = _whisper.Place("whisper", REPOSITORY, None, tmp_path / "models")
    assert place.find() == folder and not place.lacks()


@pytest.mark.parametrize(
    ("fault", "model", "words"),
    [
        ("gated", REPOSITORY, "condiciones"),
        ("", "escuela/no-existe", "no existe"),
        ("", "enorme", "No se conoce el modelo"),
        ("", "una//cosa/rara", "No se conoce"),
        ("cut", REPOSITORY, "Repetir la orden"),
        ("full", REPOSITORY, "No hay lugar"),
        ("empty", REPOSITORY, "no tiene un modelo"),
    ],
)
def test_what_goes_wrong_is_told_with_what_to_do(
    double: Double, tmp_path: Path, fault: str, model: str, words: str
) -> None:
    double.fault = fault
    if fault == "full":
        double.extra["sizes"] = {"model.bin": 10**15}
    if fault == "empty":
        del double.extra["files"]["model.bin"]
    with pytest.raises(CommandError, match=words):
        _get(double, model)
    assert not (tmp_path / "models" / _whisper.folder_name(model)).exists(), "whole, or not at all"
    if fault == "cut":
        double.fault = ""
        assert "Listo" in _get(double)


def test_nobody_there(settings: Settings, tmp_path: Path, unused_port: int) -> None:
    settings.DATA_DIR = tmp_path
    with pytest.raises(CommandError, match="Sin internet"):
        call_command("get_speech_model", REPOSITORY, "--from", f"http://127.0.0.1:{unused_port}")
