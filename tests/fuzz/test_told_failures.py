"""Work that came to nothing is told: to staff with a reason and a way on, to whoever looks after the installation."""

import logging
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from documents import uploads
from tests.conftest import Person


def test_failed_work_is_told_and_can_be_begun_anew(
    ana: Person, work_off: Callable[[], None], caplog: pytest.LogCaptureFixture
) -> None:
    """Red when `_fail` writes no line, or the library leaves the reason out."""
    received = uploads.receive(
        ana.member, SimpleUploadedFile("roto.pdf", b"%PDF-1.7\n" + b"\0" * 500), facts=uploads.Facts()
    )
    with caplog.at_level(logging.WARNING, logger="pipeline.advance"):
        work_off()
    (line,) = [each.getMessage() for each in caplog.records if "failed at" in each.getMessage()]
    assert str(received.run_id) in line
    assert str(ana.school_id) in line
    assert "roto" not in line, "what a school calls its files is not the technician's business"

    path = f"/api/v1/schools/norte/documents/{received.document_id}/"
    told = ana.program().get(path).json()
    assert told["status"] == "failed"
    assert told["error"]["code"] in line
    page = ana.browser().get("/e/norte/biblioteca/").content.decode()
    assert told["error"]["detail"] in page
    assert f"{received.document_id}/reintentar" in page

    assert ana.program().post(f"{path}retry").status_code == 202
    assert ana.program().get(path).json()["status"] == "queued"
    work_off()
    assert ana.program().get(path).json()["status"] == "failed"
