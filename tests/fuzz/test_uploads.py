"""Uploads that are cut, and the same file from many hands at once: nothing half kept, nothing kept twice."""

import asyncio
import hashlib
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.conf import settings as django_settings
from django.core.asgi import get_asgi_application
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from rest_framework_simplejwt.tokens import AccessToken

from documents import uploads
from documents.models import Document
from schools.roles import Role
from schools.scope import school_scope
from tests.conftest import Person, join

CONTENT = (
    "# Acta\n\n" + "Se reunió el consejo y se leyó el acta anterior.\n" * 60_000
).encode()  # 3 MB: to disk


def _body(name: str, content: bytes) -> bytes:
    head = f'--x\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    return head.encode() + content + b"\r\n--x--\r\n"


def _send(person: Person, path: str, body: bytes, *, told_bytes: int, is_cut: bool) -> int:
    """Send a body as a server hands it on; return the status, 0 where nobody was left to be answered."""
    pieces = [body[at : at + 65_536] for at in range(0, len(body), 65_536)]
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": each, "more_body": True} for each in pieces
    ]
    messages.append({"type": "http.disconnect"} if is_cut else {"type": "http.request", "body": b""})
    token = AccessToken.for_user(person.user)
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "POST", "path": path,
        "raw_path": path.encode(), "query_string": b"", "root_path": "", "scheme": "http",
        "server": ("testserver", 80), "client": ("127.0.0.1", 1),
        "headers": [
            (b"host", b"testserver"), (b"authorization", f"Bearer {token}".encode()),
            (b"content-type", b"multipart/form-data; boundary=x"), (b"content-length", str(told_bytes).encode()),
        ],
    }  # fmt: skip
    answered: list[int] = []

    async def receive() -> dict[str, Any]:
        if messages:
            return messages.pop(0)
        await asyncio.sleep(3_600)  # whoever waits for an answer says nothing more
        raise AssertionError

    async def send(message: Mapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            answered.append(message["status"])

    async def call() -> None:
        await get_asgi_application()(scope, receive, send)

    async_to_sync(call)()
    return answered[0] if answered else 0


def _files() -> list[Path]:
    folders = (Path(django_settings.DATA_DIR) / "files", Path(django_settings.FILE_UPLOAD_TEMP_DIR))
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


def _documents(person: Person) -> list[Document]:
    with school_scope(person.school_id):
        return list(Document.objects.order_by("pk"))


@pytest.mark.faults
@pytest.mark.parametrize("share", [0.1, 0.5, 0.99])
def test_an_upload_that_is_cut_leaves_nothing_and_is_whole_the_next_time(
    committed: None, ana: Person, share: float
) -> None:
    """Red when what came so far is stored before all of it is there."""
    body, path = _body("acta.md", CONTENT), "/api/v1/schools/norte/documents/"
    before = _files()
    status = _send(ana, path, body[: int(len(body) * share)], told_bytes=len(body), is_cut=True)
    assert status == 0
    assert _documents(ana) == []
    assert _files() == before
    assert _send(ana, path, body, told_bytes=len(body), is_cut=False) == 201
    (document,) = _documents(ana)
    assert document.sha256 == hashlib.sha256(CONTENT).hexdigest()
    (stored,) = [each for each in _files() if each not in before]
    assert hashlib.sha256(stored.read_bytes()).hexdigest() == document.sha256


@pytest.mark.parametrize("end", [b"", b"\r\n--x", b"\r\n"])
def test_a_form_without_its_end_is_no_file(committed: None, ana: Person, end: bytes) -> None:
    """A proxy may hand on what it got before it was cut off, with a length that fits.

    Red when a part of a form is taken before the line that ends it.
    """
    whole = _body("acta.md", CONTENT)
    body, path = whole[: -len(b"\r\n--x--\r\n")][:-1_000] + end, "/api/v1/schools/norte/documents/"
    before = _files()
    assert _send(ana, path, body, told_bytes=len(body), is_cut=False) == 400
    assert _documents(ana) == []
    assert _files() == before


def test_the_same_file_from_many_hands_at_once_is_one_document(
    committed: None, ana: Person, beto: Person, zoe: Person
) -> None:
    """Under other names too. In another school it is another file. Red without the key on (school, sha256)."""
    people = [ana, beto, join(ana.school, "eva@norte.example", Role.TEACHER), ana, zoe]
    before = _files()
    gate = threading.Barrier(len(people))
    told: list[tuple[Person, uploads.Received]] = []

    def bring(number: int, person: Person) -> None:
        try:
            file = SimpleUploadedFile(f"acta ({number}).md", CONTENT)
            gate.wait(60)
            told.append((person, uploads.receive(person.member, file, facts=uploads.Facts())))
        finally:
            connection.close()

    hands = [threading.Thread(target=bring, args=each) for each in enumerate(people)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join(60)
    assert len(told) == len(people)
    (mine,), (theirs,) = _documents(ana), _documents(zoe)
    assert mine.pk != theirs.pk
    assert {received.document_id for person, received in told if person is not zoe} == {mine.pk}
    assert sorted(received.is_duplicate for person, received in told if person is not zoe) == [
        False,
        True,
        True,
        True,
    ]
    assert [received.is_duplicate for person, received in told if person is zoe] == [False]
    assert len([each for each in _files() if each not in before]) == 2
