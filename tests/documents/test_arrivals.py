"""Files that land in a school's watched folder, from the first look to the result."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django import Settings

from documents import arrivals, library
from documents.models import Arrival, ArrivalState, Collection, Document
from pipeline.models import Run
from schools.models import Membership
from schools.scope import school_scope
from tests.conftest import Person

ACTA = "# Acta\n\nSe reunió el consejo y fijó veinticinco inasistencias."


@pytest.fixture
def folder(settings: Settings, tmp_path: Path, ana: Person) -> Path:
    """Watch Norte's folder in Ana's name; return it. A file is whole as soon as it was seen."""
    settings.FOLDERS_DIR, settings.FOLDERS_STILL_S = tmp_path, 0.0
    arrivals.watch(ana.member, is_on=True)
    return tmp_path / "norte"


def _put(folder: Path, path: str, content: str = ACTA) -> Path:
    target = folder / "input" / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(content, "utf-8")
    return target


def _result(folder: Path, path: str) -> dict[str, object]:
    told: dict[str, object] = json.loads((folder / "output" / f"{path}.json").read_text("utf-8"))
    return told


def test_a_file_is_taken_read_and_told_of(ana: Person, folder: Path, work_off: Callable[[], None]) -> None:
    target = _put(folder, "Actas/2026/marzo.md")
    for _look in range(2):  # one takes it in, one tells what came of it
        arrivals.look()
        work_off()
    assert not target.exists()
    told = _result(folder, "Actas/2026/marzo.md")
    (entry,) = library.search(ana.member)
    assert told["document_id"] == str(entry.id)
    assert (told["status"], told["file"], told["unreadable"]) == ("ready", "marzo.md", [])
    assert str(entry.id) in str(told["url"])
    assert entry.document.collection.name == "Actas / 2026"
    assert entry.document.uploaded_by_id == ana.user.pk
    page = ana.browser().get("/e/norte/biblioteca/carpeta")
    assert "Actas/2026/marzo.md" in page.content.decode()


def test_what_lies_in_no_sub_folder_goes_to_the_general_collection(
    ana: Person, folder: Path, work_off: Callable[[], None]
) -> None:
    _put(folder, "acta.md")
    arrivals.look()
    work_off()
    (entry,) = library.search(ana.member)
    assert entry.document.collection.is_default


def test_a_file_that_grows_waits(
    ana: Person, folder: Path, work_off: Callable[[], None], settings: Settings
) -> None:
    settings.FOLDERS_STILL_S = 60.0
    target = _put(folder, "acta.md", "# Acta")
    for content in ("# Acta\n\nSe reu", ACTA):
        arrivals.look()
        target.write_text(content, "utf-8")
    arrivals.look()
    work_off()
    assert library.count(ana.member) == 0
    settings.FOLDERS_STILL_S = 0.0
    arrivals.look()
    work_off()
    (entry,) = library.search(ana.member)
    assert entry.document.size_bytes == len(ACTA.encode())


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("programa.exe", "MZ", "no se puede leer"),
        ("vacio.txt", "", "vacío"),
        ("rota.pdf", "%PDF-1.7\nnada", "dañado"),
    ],
)
def test_what_cannot_be_read_comes_back_with_its_reason(
    ana: Person, folder: Path, work_off: Callable[[], None], name: str, content: str, reason: str
) -> None:
    target = _put(folder, f"Varios/{name}", content)
    for _look in range(2):
        arrivals.look()
        work_off()
    assert not target.exists()
    assert (folder / "error" / "Varios" / name).read_text("utf-8") == content
    assert reason in (folder / "error" / "Varios" / f"{name}.motivo.txt").read_text("utf-8")
    assert not list((folder / "output").rglob("*.json"))
    with school_scope(ana.school_id):
        assert Arrival.objects.get().error_code


def test_the_same_file_again_is_the_same_document(
    ana: Person, folder: Path, work_off: Callable[[], None]
) -> None:
    for path in ("a.md", "otra/b.md", "a.md"):
        _put(folder, path)
        for _look in range(2):
            arrivals.look()
            work_off()
    (entry,) = library.search(ana.member)
    assert (
        _result(folder, "a.md")["document_id"] == _result(folder, "otra/b.md")["document_id"] == str(entry.id)
    )


def test_a_death_between_the_result_and_the_note_tells_it_once_more(
    ana: Person, folder: Path, work_off: Callable[[], None]
) -> None:
    _put(folder, "a.md")
    for _look in range(2):
        arrivals.look()
        work_off()
    with school_scope(ana.school_id):
        Arrival.objects.update(state=ArrivalState.TAKEN, told_at=None)  # as the worker that died left it
    (folder / "output" / "a.md.json").unlink()
    arrivals.look()
    work_off()
    assert _result(folder, "a.md")["status"] == "ready"
    with school_scope(ana.school_id):
        assert Arrival.objects.get().state == ArrivalState.TOLD
        assert Document.objects.count() == 1


def test_a_newer_file_of_the_same_name_comes_after(
    ana: Person, folder: Path, work_off: Callable[[], None]
) -> None:
    target = _put(folder, "a.md")
    arrivals.look()
    work_off()
    target.write_text("# Otra acta\n\nDel mes siguiente.", "utf-8")
    for _look in range(3):
        arrivals.look()
        work_off()
    assert library.count(ana.member) == 2
    assert not target.exists()


def test_a_deleted_document_is_told_of(ana: Person, folder: Path, work_off: Callable[[], None]) -> None:
    _put(folder, "a.md")
    arrivals.look()
    work_off()
    (entry,) = library.search(ana.member)
    library.delete(ana.member, [entry.id])
    work_off()
    arrivals.look()
    work_off()
    assert "se borró" in (folder / "error" / "a.md.motivo.txt").read_text("utf-8")


def test_nothing_comes_in_where_nobody_watches(
    ana: Person, folder: Path, work_off: Callable[[], None]
) -> None:
    _put(folder, "a.md")
    arrivals.watch(ana.member, is_on=False)
    arrivals.look()
    work_off()
    assert library.count(ana.member) == 0
    with school_scope(ana.school_id):
        assert not Arrival.objects.exists()
        assert not Run.objects.exists()


def test_it_waits_while_nobody_may_upload_in_its_name(
    ana: Person, beto: Person, folder: Path, work_off: Callable[[], None]
) -> None:
    target = _put(folder, "a.md")
    Membership.objects.filter(pk=ana.membership.pk).update(role="reader")
    arrivals.look()
    work_off()
    assert target.exists()
    assert library.count(beto.member) == 0
    Membership.objects.filter(pk=ana.membership.pk).update(role="director")
    arrivals.look()
    work_off()
    assert library.count(beto.member) == 1


def test_a_folder_is_its_schools_alone(
    ana: Person, zoe: Person, folder: Path, work_off: Callable[[], None]
) -> None:
    arrivals.watch(zoe.member, is_on=True)
    _put(folder, "Actas/norte.md", "# Norte\n\nSecreto de Norte.")
    _put(folder.parent / "sur", "Actas/sur.md", "# Sur\n\nSecreto de Sur.")
    for _look in range(2):
        arrivals.look()
        work_off()
    assert [entry.document.filename for entry in library.search(ana.member)] == ["norte.md"]
    assert [entry.document.filename for entry in library.search(zoe.member)] == ["sur.md"]
    assert "norte.md" not in zoe.browser().get("/e/sur/biblioteca/carpeta").content.decode()
    assert zoe.browser().get("/e/norte/biblioteca/carpeta").status_code == 404


def test_programs_begin_and_follow_it(
    ana: Person, folder: Path, work_off: Callable[[], None], settings: Settings
) -> None:
    program, path = ana.program(), "/api/v1/schools/norte/watched-folder/"
    assert program.patch(path, {"is_on": False}, format="json").json()["is_on"] is False
    on = program.patch(path, {"is_on": True}, format="json").json()
    assert (on["is_on"], on["path"], on["arrivals"]) == (True, str(folder), [])
    _put(folder, "a.md")
    arrivals.look()
    assert [each["state"] for each in program.get(path).json()["arrivals"]] == ["seen"]
    work_off()
    arrivals.look()
    work_off()
    (told,) = program.get(path).json()["arrivals"]
    assert (told["state"], told["path"], told["error_code"]) == ("told", "a.md", "")


def test_a_collection_out_of_sight_takes_nothing_in(
    ana: Person, folder: Path, work_off: Callable[[], None]
) -> None:
    with school_scope(ana.school_id):
        Collection.objects.create(name="Reservado")
    Membership.objects.filter(pk=ana.membership.pk).update(collections=[])
    _put(folder, "reservado/a.md")
    arrivals.look()
    work_off()
    assert "colección" in (folder / "error" / "reservado" / "a.md.motivo.txt").read_text("utf-8")
    with school_scope(ana.school_id):
        assert not Document.objects.exists()
