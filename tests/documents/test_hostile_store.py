"""Fault 15: a store that loses, cuts, alters or withholds an original. It is told, never read and never handed out."""

import hashlib
import io
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from documents import library, originals, uploads
from documents.models import Block, Document, Status
from documents.uploads import Received
from pipeline.advance import advance
from pipeline.models import Mark, Run
from planillas import templates
from schools.ids import RunId
from schools.scope import school_scope
from tests import streams
from tests.conftest import RULES, Person, upload
from tests.planillas.test_own_xlsx import plain_book

LOST = "lost"


class PoorStorage(FileSystemStorage):
    """The product's store, which gives originals badly: how, for the next so many times, stands in `faults`."""

    # Of the class: Django makes a new storage whenever settings change.
    faults: list[str] = []

    def open(self, name: str, mode: str = "rb") -> Any:
        """Open a file, or what a poor store has in its place."""
        fault = self.faults.pop(0) if self.faults and "/planilla" not in name else ""
        if fault == "away":
            raise OSError(5, "503 slow down")
        file = super().open(name, mode)
        if not fault:
            return file
        with file:
            content = file.read()
        return File(_Breaks(content) if fault == "breaks" else io.BytesIO(content[:-10]), name)


class _Breaks(io.BytesIO):
    def read(self, size: int | None = -1, /) -> bytes:
        """Give a little, then nothing."""
        if self.tell():
            raise OSError(110, "timed out")
        return super().read(100)


@pytest.fixture
def poor(settings: Any) -> type[PoorStorage]:
    """Put the poor store in the place of the product's."""
    used = {**settings.STORAGES["default"], "BACKEND": f"{__name__}.PoorStorage"}
    settings.STORAGES = {**settings.STORAGES, "default": used}
    PoorStorage.faults = []
    return PoorStorage


def _document(person: Person, received: Received) -> Document:
    return library.get(person.member, received.document_id).document


def _spoil(document: Document, how: str) -> None:
    path = Path(default_storage.path(document.file_key))
    content = path.read_bytes()
    if how == "cut":
        path.write_bytes(content[: len(content) // 2])
    elif how == "altered":
        path.write_bytes(content.replace(b"veinticinco", b"veintiocho "))
        assert len(path.read_bytes()) == len(content)
    elif how == "empty":
        path.write_bytes(b"")
    else:
        path.unlink()


def _wav() -> bytes:
    head = b"RIFF" + (36 + 32_000).to_bytes(4, "little") + b"WAVEfmt \x10\0\0\0\1\0\1\0"
    rate = (16_000).to_bytes(4, "little") + (32_000).to_bytes(4, "little")
    return head + rate + b"\2\0\x10\0data" + (32_000).to_bytes(4, "little") + b"\0" * 32_000


def _blocks(person: Person) -> int:
    with school_scope(person.school_id):
        return Block.objects.count()


@pytest.mark.parametrize(
    "how", ["altered", *(pytest.param(how, marks=pytest.mark.long) for how in ("cut", "empty", LOST))]
)
def test_what_is_not_the_file_that_came_in_is_told_and_comes_back_with_the_next_upload(
    ana: Person, work_off: Callable[[], None], how: str
) -> None:
    """Red when `parse` fetches without `sha256`: the altered one is read as the school's own words."""
    received = upload(ana)
    _spoil(_document(ana, received), how)
    work_off()
    found = _document(ana, received)
    code = "original_missing" if how == LOST else "original_altered"
    assert (found.status, found.error_code) == (Status.FAILED, code)
    assert "Volver a subirlo" in found.error_detail
    assert not _blocks(ana)
    again = upload(ana)
    assert (again.document_id, again.is_duplicate) == (received.document_id, True)
    work_off()
    assert _document(ana, received).status == Status.READY
    assert _blocks(ana) > 0


@pytest.mark.long
def test_an_altered_recording_is_not_heard(ana: Person, work_off: Callable[[], None]) -> None:
    """Red when `normalise._original` opens without `fetching.check`."""
    file = SimpleUploadedFile("clase.wav", _wav())
    received = uploads.receive(ana.member, file, facts=uploads.Facts())
    path = Path(default_storage.path(_document(ana, received).file_key))
    path.write_bytes(path.read_bytes()[:-2] + b"\1\1")
    work_off()
    assert _document(ana, received).error_code == "original_altered"
    assert not default_storage.exists(_document(ana, received).sound_key)


@pytest.mark.parametrize("fault", ["away", pytest.param("breaks", marks=pytest.mark.long)])
def test_a_store_that_is_away_is_waited_for_at_no_cost_in_tries(
    ana: Person, poor: type[PoorStorage], work_off: Callable[[], None], fault: str
) -> None:
    received = upload(ana)
    with school_scope(ana.school_id):
        run = Run.objects.get()
    poor.faults = [fault] * 5
    for _turn in range(5):
        advance(ana.school_id, RunId(run.pk))
        entry = library.get(ana.member, received.document_id)
        assert entry.document.status == Status.PROCESSING
        assert entry.progress is not None and "almacén de archivos" in entry.progress.waits
        with school_scope(ana.school_id):
            assert Mark.objects.get(stage="parse").attempts == 0
    work_off()
    assert _document(ana, received).status == Status.READY


@pytest.mark.long
@pytest.mark.parametrize(("faults", "status"), [(["short"], Status.READY), (["short"] * 2, Status.FAILED)])
def test_a_file_that_comes_short_is_asked_for_once_more(
    ana: Person, poor: type[PoorStorage], work_off: Callable[[], None], faults: list[str], status: Status
) -> None:
    received = upload(ana)
    poor.faults = list(faults)
    work_off()
    assert (_document(ana, received).status, poor.faults) == (status, [])


def _file(person: Person, document_id: UUID, **headers: str) -> Any:
    return person.browser().get(reverse("documents:file", args=["norte", document_id]), headers=headers)


@pytest.mark.parametrize("how", ["cut", pytest.param("empty", marks=pytest.mark.long)])
def test_what_was_cut_on_disk_is_not_handed_out_as_whole(ana: Person, document: Received, how: str) -> None:
    """Red when `respond` does not compare the size: the half was sent with its own length, as a whole."""
    whole = _file(ana, document.document_id)
    assert streams.gather(whole) == RULES.encode()
    _spoil(_document(ana, document), how)
    for headers in ({}, {"Range": "bytes=0-10"}):
        assert _file(ana, document.document_id, **headers).status_code == 302
    answer = ana.program().get(reverse("documents_api:file", args=["norte", document.document_id]))
    assert (answer.status_code, answer.json()["code"]) == (409, "original_altered")
    assert "incompleto" in answer.json()["detail"]
    page = ana.browser().get(reverse("documents:file", args=["norte", document.document_id]), follow=True)
    assert "incompleto" in page.content.decode()


def test_what_was_altered_on_disk_breaks_off_before_its_end(
    ana: Person, document: Received, caplog: pytest.LogCaptureFixture
) -> None:
    """Red when `_pieces` sends its last piece before it knows the digest."""
    _spoil(_document(ana, document), "altered")
    sent = _file(ana, document.document_id)
    with caplog.at_level(logging.ERROR, logger="documents.originals"), pytest.raises(originals.Altered):
        streams.gather(sent)
    assert "is not what came in" in caplog.text


@pytest.mark.long
def test_a_template_that_was_altered_breaks_off_too(ana: Person) -> None:
    made = templates.upload(ana.member, plain_book([["Nombre", "Nota"]]), "notas.xlsx")
    where = reverse("planillas:template_file", args=["norte", made.pk])
    assert hashlib.sha256(streams.gather(ana.browser().get(where))).hexdigest() == made.sha256
    default_storage.delete(made.file_key)
    default_storage.save(made.file_key, ContentFile(b"PK otro"))
    with pytest.raises(originals.Altered):
        streams.gather(ana.browser().get(where))
