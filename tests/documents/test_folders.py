"""The watched folder as a place of files: what is found, what is left alone, and that nothing is lost on its way."""

import os
from pathlib import Path

import pytest

from documents.folders import Found, LocalFolder


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return a folder that was made."""
    LocalFolder(tmp_path).make()
    return tmp_path


def _put(root: Path, path: str, content: bytes = b"acta") -> Path:
    target = root / "input" / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)
    return target


def test_files_of_every_depth_are_found_and_litter_is_not(root: Path) -> None:
    for path in ("acta.txt", "Actas/2026/marzo ñandú.pdf", "Actas/b.txt"):
        _put(root, path)
    for litter in (".oculto", "~$acta.docx", "a.pdf.part", "Thumbs.db", "x.crdownload", ".git/config"):
        _put(root, litter)
    (root / "input" / "vacía").mkdir()
    found = LocalFolder(root).files()
    assert [each.path for each in found] == ["Actas/2026/marzo ñandú.pdf", "Actas/b.txt", "acta.txt"]
    assert {each.size_bytes for each in found} == {4}


def test_links_lead_nowhere(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    secret = tmp_path_factory.mktemp("fuera") / "clave.txt"
    secret.write_text("secreto")
    (root / "input" / "enlace.txt").symlink_to(secret)
    (root / "input" / "carpeta").symlink_to(secret.parent)
    os.mkfifo(root / "input" / "cola.txt")
    folder = LocalFolder(root)
    assert folder.files() == []
    about = secret.stat()
    for path in ("enlace.txt", "carpeta/clave.txt", "../../clave.txt"):
        with pytest.raises(FileNotFoundError):
            folder.open(Found(path, about.st_size, about.st_mtime_ns))
    with pytest.raises(FileNotFoundError):
        folder.open(Found("cola.txt", 0, (root / "input" / "cola.txt").stat().st_mtime_ns))


def test_a_file_that_changed_meanwhile_is_another(root: Path) -> None:
    folder = LocalFolder(root)
    target = _put(root, "acta.txt")
    (found,) = folder.files()
    with folder.open(found) as file:
        assert file.read() == b"acta"
    target.write_bytes(b"acta ampliada")
    with pytest.raises(FileNotFoundError):
        folder.open(found)
    folder.clear(found)
    assert target.read_bytes() == b"acta ampliada"
    (changed,) = folder.files()
    folder.clear(changed)
    assert not target.exists()
    folder.clear(changed)


def test_a_failure_goes_with_its_reason_and_twice_is_once(root: Path) -> None:
    folder = LocalFolder(root)
    _put(root, "Actas/rota.pdf", b"%PDF")
    (found,) = folder.files()
    for _twice in range(2):
        folder.reject(found, "El PDF está dañado.")
        assert (root / "error" / "Actas" / "rota.pdf").read_bytes() == b"%PDF"
        reason = root / "error" / "Actas" / "rota.pdf.motivo.txt"
        assert reason.read_text("utf-8") == "El PDF está dañado.\n"
        assert folder.files() == []


def test_a_result_is_written_whole(root: Path) -> None:
    folder = LocalFolder(root)
    for text in ("uno", "dos"):
        folder.tell("Actas/2026/a.pdf", text)
    assert (root / "output" / "Actas" / "2026" / "a.pdf.json").read_text("utf-8") == "dos"
    assert not list((root / "output").rglob(".*"))


def test_a_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert LocalFolder(tmp_path / "nada").files() == []
