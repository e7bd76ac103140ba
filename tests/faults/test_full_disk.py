"""A disk without room: people are told, nothing half is kept, and the work goes on when there is room again.

The kernel's own limit on the size of a file stands for the disk: no mount, no privilege.
"""

import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from documents import library
from documents.models import Document, Status
from pipeline.advance import advance
from pipeline.models import Mark
from schools.scope import school_scope
from tests.conftest import Person
from tests.faults.test_database import stored_files

pytestmark = [pytest.mark.faults]
MOST_BYTES = 1_000_000


@contextmanager
def no_room() -> Iterator[None]:
    """Let no file of this process grow beyond a megabyte."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_BYTES, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def _text(size_bytes: int) -> bytes:
    line = "El consejo acordó otro punto del orden del día, y así se asentó en el libro.\n\n".encode()
    return b"# Acta\n\n" + line * (size_bytes // len(line))


@pytest.mark.parametrize("size_bytes", [1_500_000, 4_000_000], ids=["stored", "spooled"])
def test_an_upload_without_room_is_refused_with_a_sentence_and_leaves_nothing(
    ana: Person, size_bytes: int
) -> None:
    # Red when `refusal_of` does not know the errno (500), or `keep` leaves what it could not finish.
    browser = ana.browser()
    browser.raise_request_exception = False
    with no_room():
        file = SimpleUploadedFile("acta.md", _text(size_bytes))
        answer = ana.program().post("/api/v1/schools/norte/documents/", {"file": file}, format="multipart")
        assert (answer.status_code, answer.json()["code"]) == (507, "no_room")
        assert "espacio en disco" in answer.json()["detail"]
        page = browser.post(
            "/e/norte/biblioteca/subir", {"file": SimpleUploadedFile("acta.md", _text(size_bytes))}
        )
        assert "espacio en disco" in page.content.decode()
        assert page.status_code in (200, 507)
    with school_scope(ana.school_id):
        assert not Document.objects.exists()
    assert stored_files(ana) == []
    incoming = settings.FILE_UPLOAD_TEMP_DIR
    assert not incoming.exists() or list(incoming.iterdir()) == []


def test_work_waits_for_room_and_goes_on(ana: Person, work_off: Callable[[], None]) -> None:
    # Red when `_stumble` counts it: three times, and the document fails.
    file = SimpleUploadedFile("acta.md", _text(1_500_000))
    answer = ana.program().post("/api/v1/schools/norte/documents/", {"file": file}, format="multipart")
    document_id, run_id = answer.json()["id"], answer.json()["run_id"]
    with no_room():
        for _turn in range(4):
            advance(ana.school_id, run_id)
            with school_scope(ana.school_id):
                mark = Mark.objects.get(stage="parse")
            assert (mark.attempts, mark.lease) == (0, None), mark.error
            assert "espacio" in mark.waits
    work_off()
    assert library.get(ana.member, document_id).document.status == Status.READY
