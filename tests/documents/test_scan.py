"""The virus scanner: what it finds is read by nothing and given to nobody, and without its word nothing is read.

Against the real clamd where it is installed, with one signature of our own (nobody downloads any here), and against a
double over a real socket for what a real one does not do when asked.
"""

import io
import logging
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.urls import reverse

from documents import clamd, library, scan, uploads
from documents.models import Block, Document, Scan, Status
from documents.uploads import Received
from pipeline.advance import advance
from pipeline.models import Mark, Run, RunState
from planillas import templates
from schools.ids import RunId
from schools.refusals import Refused
from schools.scope import school_scope
from tests.conftest import Person, upload
from tests.doubles import clamd as scanners
from tests.doubles.clamd import EICAR, NAME, Daemon, Double
from tests.planillas.test_own_xlsx import plain_book

INSTALLED = pytest.mark.skipif(scanners.program() is None, reason="needs ClamAV's clamd")
SHORT = clamd.Patience(connect_s=20.0, send_s=20.0, answer_s=0.3)
INFECTED = b"# Acta\n\nNota al pie: " + EICAR + b"\n"


@pytest.fixture(scope="module")
def real() -> Iterator[Daemon]:
    """Give a clamd that serves all tests of the file."""
    with tempfile.TemporaryDirectory(prefix="clamd-") as name, scanners.running(Path(name)) as daemon:
        yield daemon


@pytest.fixture
def scanner(real: Daemon, settings: Any) -> Daemon:
    """Give a clamd that the product asks."""
    settings.CLAMAV_ADDRESS = real.address
    return real


@pytest.fixture
def double(settings: Any) -> Iterator[Double]:
    """Give a scanner that fails as told, and that the product asks."""
    with scanners.double() as made:
        settings.CLAMAV_ADDRESS = made.address
        yield made


def _zipped(content: bytes, name: str = "acta.md", *, times: int = 1) -> bytes:
    for _turn in range(times):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(name, content)
        content, name = buffer.getvalue(), "adentro.zip"
    return content


def _receive(person: Person, name: str, content: bytes) -> Received:
    return uploads.receive(person.member, SimpleUploadedFile(name, content), facts=uploads.Facts())


def _address(name: str, document_id: UUID) -> str:
    return reverse(name, args=["norte", document_id])


def _document(person: Person, received: Received) -> Document:
    return library.get(person.member, received.document_id).document


def _run(person: Person) -> Run:
    with school_scope(person.school_id):
        return Run.objects.get(kind="document")


def _advance(person: Person) -> None:
    advance(person.school_id, RunId(_run(person).pk))


def _blocks(person: Person) -> int:
    with school_scope(person.school_id):
        return Block.objects.count()


@INSTALLED
@pytest.mark.parametrize("name", ["acta.md", pytest.param("cosas.zip", marks=pytest.mark.long)])
def test_what_is_found_is_read_by_nothing_and_given_to_nobody(
    ana: Person,
    beto: Person,
    scanner: Daemon,
    work_off: Callable[[], None],
    caplog: pytest.LogCaptureFixture,
    name: str,
) -> None:
    """Red when SCAN is taken out of PIPELINES, and when `originals.respond` does not ask `check_sendable`."""
    content = _zipped(INFECTED) if name.endswith(".zip") else INFECTED
    received = _receive(ana, name, content)
    before = beto.browser().get(_address("documents:file", received.document_id))
    with caplog.at_level(logging.WARNING, logger="documents.scan"):
        work_off()
    after = upload(ana)
    work_off()
    found = _document(ana, received)
    assert (found.status, found.error_code, found.scan) == (Status.FAILED, "quarantined", Scan.FOUND)
    assert NAME in found.error_detail and "Borrarlo" in found.error_detail
    assert f"document {found.pk}" in caplog.text and found.sha256 in caplog.text
    with school_scope(ana.school_id):
        assert not Block.objects.filter(document_id=found.pk).exists()
        assert not Document.objects.exclude(parent=None).exists()
        assert not Mark.objects.filter(run__subject_id=found.pk, stage="parse").exists()
    assert _document(ana, after).status == Status.READY
    assert before.status_code == 302  # not looked at yet: not given out either
    for person in (ana, beto):
        answer = person.program().get(_address("documents_api:file", found.pk))
        assert (answer.status_code, answer.json()["code"]) == (403, "quarantined")
        assert person.browser().get(_address("documents:file", found.pk) + "?ver=1").status_code == 403
    assert "En cuarentena" in ana.browser().get("/e/norte/biblioteca/").content.decode()


@INSTALLED
@pytest.mark.long
def test_what_is_clean_is_read_and_what_was_a_mistake_comes_back(
    ana: Person, scanner: Daemon, settings: Any, work_off: Callable[[], None]
) -> None:
    received = upload(ana)
    work_off()
    assert _document(ana, received).scan == Scan.CLEAN
    with school_scope(ana.school_id):
        Document.objects.update(scan=Scan.FOUND)  # as other signatures had it
    settings.CLAMAV_ADDRESS = ""
    library.retry(ana.member, received.document_id)
    work_off()
    # Without a scanner nobody can say that it is clean.
    assert _document(ana, received).error_code == "quarantined"
    settings.CLAMAV_ADDRESS = scanner.address
    library.retry(ana.member, received.document_id)
    work_off()
    assert (_document(ana, received).status, _document(ana, received).scan) == (Status.READY, Scan.CLEAN)


@INSTALLED
@pytest.mark.long
def test_what_lies_inside_is_looked_at_by_itself(
    ana: Person, settings: Any, work_off: Callable[[], None]
) -> None:
    """A scanner that opens no archives still sees each member: it is a document of its own."""
    letter = EmailMessage()
    letter["From"], letter["Subject"], letter["MIME-Version"] = "a@example.com", "Actas", "1.0"
    letter.set_content("Van las actas.")
    letter.add_attachment(_zipped(INFECTED), maintype="application", subtype="zip", filename="actas.zip")
    with (
        tempfile.TemporaryDirectory(prefix="clamd-") as name,
        scanners.running(Path(name), opens_archives=False) as daemon,
    ):
        settings.CLAMAV_ADDRESS = daemon.address
        _receive(ana, "carta.eml", letter.as_bytes())
        work_off()
    with school_scope(ana.school_id):
        told = dict(Document.objects.values_list("filename", "error_code"))
    assert told == {"carta.eml": "", "actas.zip": "", "acta.md": "quarantined"}


@INSTALLED
@pytest.mark.parametrize("how", ["over the stream", pytest.param("nested", marks=pytest.mark.long)])
def test_what_the_scanner_did_not_see_whole_is_not_read(
    ana: Person, scanner: Daemon, work_off: Callable[[], None], how: str
) -> None:
    """clamd answers "OK" beyond its limits unless AlertExceedsMax is on: then it answers with a find that is none."""
    big = b"Acta del claustro.\n" * (scanners.STREAM_MOST_BYTES // 10)
    received = (
        _receive(ana, "largo.txt", big)
        if how == "over the stream"
        else _receive(ana, "cajas.zip", _zipped(b"acta", times=9))
    )
    work_off()
    found = _document(ana, received)
    assert (found.status, found.error_code, found.scan) == (Status.FAILED, "not_scanned", Scan.NONE)
    assert "Subirlo dividido" in found.error_detail
    assert not _blocks(ana)
    answer = ana.program().get(_address("documents_api:file", found.pk))
    assert (answer.status_code, answer.json()["code"]) == (409, "not_scanned")


@INSTALLED
@pytest.mark.long
@pytest.mark.faults
def test_a_scanner_that_dies_is_waited_for(ana: Person, settings: Any, work_off: Callable[[], None]) -> None:
    with tempfile.TemporaryDirectory(prefix="clamd-") as name:
        with scanners.running(Path(name)) as daemon:
            settings.CLAMAV_ADDRESS = daemon.address

            def dies_midway() -> Iterator[bytes]:
                yield b"x" * 100_000
                daemon.kill()
                yield b"x" * 100_000

            with pytest.raises(clamd.Away):
                clamd.scan(daemon.address, dies_midway())
            received = upload(ana)
            for _turn in range(4):
                _advance(ana)
            entry = library.get(ana.member, received.document_id)
            assert entry.progress is not None and "antivirus" in entry.progress.waits
            assert entry.document.status == Status.PROCESSING
            with school_scope(ana.school_id):
                assert Mark.objects.get().attempts == 0
        with scanners.running(Path(name)):
            work_off()
    assert _document(ana, received).status == Status.READY


@pytest.mark.parametrize(
    ("says", "after_bytes"),
    [
        (None, None),  # no answer
        (b"", None),  # hangs up
        (b"", 10),  # hangs up in the midst
        (b"stream: OK\0", 10),  # clean, before it has seen all
        (b"stream: OK", None),  # cut
        (b"HTTP/1.1 200 OK\r\n\r\nstream: OK\0", None),  # another service
        (b"UNKNOWN COMMAND\0", None),
        (b"stream: Can't allocate memory ERROR\0", None),
        (b"\xff\xfe" * 5_000, None),  # noise without an end
        (b"stream: OK\nstream: X FOUND\0", None),
    ],
)
def test_whatever_is_no_plain_answer_is_no_answer(
    double: Double, says: bytes | None, after_bytes: int | None
) -> None:
    """Red when `_understand` takes for clean what begins with `stream: OK`, or asks not for the whole."""
    double.says, double.after_bytes = says, after_bytes
    with pytest.raises(clamd.Away):
        clamd.scan(double.address, [b"x" * 200_000] * 20, patience=SHORT)


def test_a_double_that_answers_in_the_midst_is_heard(double: Double) -> None:
    double.says, double.after_bytes = b"INSTREAM size limit exceeded. ERROR\0", 300_000
    with pytest.raises(clamd.TooMuch):
        clamd.scan(double.address, [b"x" * 200_000] * 50)
    double.says = b"stream: Malo\x07 FOUND\0"
    assert clamd.scan(double.address, [b"x" * 200_000] * 50) == "Malo"
    double.says, double.after_bytes = b"stream: OK\0", None
    assert clamd.scan(double.address, []) == ""


def test_nothing_is_read_while_there_is_no_scanner_at_the_address(ana: Person, settings: Any) -> None:
    """Red when the stage goes on where it raises Later."""
    settings.CLAMAV_ADDRESS = "unix:/nowhere/clamd.ctl"
    received = upload(ana)
    for _turn in range(4):
        _advance(ana)
    assert (_run(ana).state, _run(ana).stage, _blocks(ana)) == (RunState.RUNNING, "scan", 0)
    with pytest.raises(scan.NotScanned):
        scan.check_sendable(_document(ana, received))
    with pytest.raises(scan.ScannerAway) as refused:
        templates.upload(ana.member, plain_book([["Nombre", "Nota"]]), "notas.xlsx")
    assert refused.value.status == 503


@INSTALLED
def test_a_template_is_looked_at_before_it_is_opened(ana: Person, scanner: Daemon) -> None:
    book = plain_book([["Nombre", "Nota"]])
    evil = io.BytesIO(book)
    with zipfile.ZipFile(evil, "a") as archive:
        archive.writestr("xl/media/x.bin", EICAR)
    with pytest.raises(Refused) as refused:
        templates.upload(ana.member, evil.getvalue(), "notas.xlsx")
    assert (refused.value.code, refused.value.status) == ("quarantined", 422)
    assert NAME in refused.value.detail
    assert not templates.every(ana.member)
    assert templates.upload(ana.member, book, "notas.xlsx").format == "xlsx"


def test_without_a_scanner_nothing_changes(ana: Person, settings: Any, work_off: Callable[[], None]) -> None:
    assert settings.CLAMAV_ADDRESS == ""
    received = upload(ana)
    work_off()
    document = _document(ana, received)
    assert (document.status, document.scan) == (Status.READY, Scan.NONE)
    # What came before there was a scanner is handed out when there is one.
    settings.CLAMAV_ADDRESS = "unix:/nowhere/clamd.ctl"
    scan.check_sendable(document)


@pytest.mark.long
def test_a_run_that_ended_before_there_was_this_stage_stays_ended(
    ana: Person, work_off: Callable[[], None]
) -> None:
    received = upload(ana)
    work_off()
    with school_scope(ana.school_id):
        Mark.objects.filter(stage="scan").delete()
        before = list(Mark.objects.order_by("pk").values_list("pk", "finished_at"))
    _advance(ana)
    with school_scope(ana.school_id):
        assert list(Mark.objects.order_by("pk").values_list("pk", "finished_at")) == before
    assert _document(ana, received).status == Status.READY


@INSTALLED
def test_the_check_of_the_scanner_tells_what_a_technician_must_know(
    settings: Any, scanner: Daemon, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("check_scanner")
    told = capsys.readouterr().out
    assert "ClamAV" in told and "EICAR" in told
    settings.CLAMAV_ADDRESS = ""
    call_command("check_scanner")
    assert "No hay antivirus" in capsys.readouterr().out
    settings.CLAMAV_ADDRESS = "unix:/nowhere/clamd.ctl"
    with pytest.raises(CommandError, match="no responde"):
        call_command("check_scanner")


def test_the_file_that_is_scanned_is_the_one_that_came_in(ana: Person, double: Double) -> None:
    """Red when the digest in `scan._look` is not compared: a store that gives half a file would have half looked at."""
    received = upload(ana)
    key = _document(ana, received).file_key
    with default_storage.open(key, "rb") as file:
        half = file.read()[:100]
    Path(default_storage.path(key)).write_bytes(half)
    _advance(ana)
    found = _document(ana, received)
    assert (found.status, found.error_code) == (Status.FAILED, "original_altered")
