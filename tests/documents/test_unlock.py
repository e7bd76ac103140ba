"""A PDF with a password is read once somebody gives it, and the password is found nowhere afterwards."""

import contextlib
import hashlib
import logging
import re
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pypdfium2
import pytest
import redis
from asgiref.sync import async_to_sync
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from documents import library, unlock, uploads
from documents.collections import NoSuchDocument
from documents.models import Document, Status
from tests.conftest import Person
from tests.documents.files import PdfPage, column, write_pdf

PASSWORD = "canario-91-amarillo"
SENTENCE = "La reunión de familias será el jueves a las dieciocho horas."
PADDING = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")


def rc4(key: bytes, data: bytes) -> bytes:
    """Return data under the cipher that old PDFs use."""
    box = list(range(256))
    swap = 0
    for index in range(256):
        swap = (swap + box[index] + key[index % len(key)]) % 256
        box[index], box[swap] = box[swap], box[index]
    out = bytearray()
    first = second = 0
    for byte in data:
        first = (first + 1) % 256
        second = (second + box[first]) % 256
        box[first], box[second] = box[second], box[first]
        out.append(byte ^ box[(box[first] + box[second]) % 256])
    return bytes(out)


def locked_pdf(path: Path, password: str = PASSWORD) -> Path:
    """Write a PDF that opens with a password only (PDF 1.7, 7.6.3: revision 2, 40 bits)."""
    plain = write_pdf(path, [PdfPage(column([SENTENCE]))], encrypted=True).read_bytes()
    owner, number = b"\x5a" * 32, bytes([1]) * 16
    padded = (password.encode("latin-1") + PADDING)[:32]
    key = hashlib.md5(padded + owner + (-4 & 0xFFFFFFFF).to_bytes(4, "little") + number).digest()[:5]

    def lock(match: re.Match[bytes]) -> bytes:
        own = hashlib.md5(key + int(match[2]).to_bytes(3, "little") + b"\0\0").digest()[:10]
        return match[1] + rc4(own, match[3]) + match[4]

    streams = re.compile(rb"((\d+) 0 obj\n<<[^\n]*/Length \d+ >>\nstream\n)(.*?)(\nendstream)", re.DOTALL)
    locked = streams.sub(lock, plain).replace(b"a5" * 32, rc4(key, PADDING).hex().encode())
    path.write_bytes(locked)
    return path


@pytest.fixture
def locked(ana: Person, work_off: Callable[[], None], tmp_path: Path) -> UUID:
    """Return a document that waits for its password."""
    file = SimpleUploadedFile("acta.pdf", locked_pdf(tmp_path / "acta.pdf").read_bytes())
    received = uploads.receive(ana.member, file, facts=uploads.Facts())
    work_off()
    return received.document_id


def body_of(response: Any) -> bytes:
    """Return the whole of a file on its way to a browser."""

    async def read() -> bytes:
        return b"".join([piece async for piece in response.streaming_content])

    whole: bytes = async_to_sync(read)()
    return whole


def document_of(person: Person, document_id: UUID) -> Document:
    return library.get(person.member, document_id).document


def test_the_right_password_opens_it_for_good(
    ana: Person, locked: UUID, work_off: Callable[[], None]
) -> None:
    assert document_of(ana, locked).status == Status.FAILED
    unlock.open_with(ana.member, locked, PASSWORD)
    work_off()
    document = document_of(ana, locked)
    assert document.status == Status.READY
    assert [block.text for block in library.blocks(ana.member, locked)] == [SENTENCE]
    # The viewer shows the copy; a download is the file that was uploaded.
    address = reverse("documents:file", args=["norte", locked])
    shown, downloaded = (ana.browser().get(address, query) for query in ({"ver": "1"}, {}))
    assert shown["Content-Type"] == "application/pdf"
    copied = body_of(shown)
    assert int(shown["Content-Length"]) == len(copied)
    with pypdfium2.PdfDocument(copied) as pdf:
        assert pdf[0].get_textpage().get_text_range().strip() == SENTENCE
    assert downloaded["Content-Disposition"].startswith("attachment")
    assert hashlib.sha256(body_of(downloaded)).hexdigest() == document.sha256
    with pytest.raises(unlock.NothingToOpen):
        unlock.open_with(ana.member, locked, PASSWORD)
    # Read again, it needs nobody.
    library.retry(ana.member, locked)
    work_off()
    assert document_of(ana, locked).status == Status.READY


def test_a_wrong_password_opens_nothing_and_leaves_nothing(ana: Person, beto: Person, locked: UUID) -> None:
    for wrong in ("otra", "", "x" * 900, "a\0b"):
        with pytest.raises(unlock.WrongPassword) as caught:
            unlock.open_with(ana.member, locked, wrong)
        assert caught.value.code == "wrong_password"
    document = document_of(ana, locked)
    assert (document.status, document.has_copy) == (Status.FAILED, False)
    assert not default_storage.exists(document.copy_key)
    with pytest.raises(library.NotYours):
        unlock.open_with(beto.member, locked, PASSWORD)


def test_passwords_cannot_be_tried_without_end(ana: Person, locked: UUID) -> None:
    for _try in range(unlock.TRIES):
        with pytest.raises(unlock.WrongPassword):
            unlock.open_with(ana.member, locked, "")
    with pytest.raises(unlock.TooManyTries):
        unlock.open_with(ana.member, locked, PASSWORD)


def test_a_stranger_knows_no_such_document(zoe: Person, locked: UUID) -> None:
    with pytest.raises(NoSuchDocument):
        unlock.open_with(zoe.member, locked, PASSWORD)


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Listen to every logger there is, to the finest word."""
    with caplog.at_level(logging.DEBUG):
        yield caplog


@pytest.mark.usefixtures("committed")
def test_the_password_is_kept_nowhere(
    ana: Person,
    locked: UUID,
    work_off: Callable[[], None],
    owner_database: psycopg.Connection[Any],
    everything_logged: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    wrong = PASSWORD + "-mal"
    with pytest.raises(unlock.WrongPassword):
        unlock.open_with(ana.member, locked, wrong)
    unlock.open_with(ana.member, locked, PASSWORD)
    needle = PASSWORD.encode()
    assert needle not in _redis_whole()  # while the message waits
    work_off()
    assert document_of(ana, locked).status == Status.READY
    assert needle not in _redis_whole()
    assert needle not in _database_whole(owner_database)
    assert b"acta.pdf" in _database_whole(owner_database)
    assert PASSWORD not in everything_logged.text
    assert PASSWORD not in "".join(capfd.readouterr())
    files = [path for path in Path(settings.DATA_DIR).rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if needle in path.read_bytes()]


def _redis_whole() -> bytes:
    """Return all that Redis holds; what its clients packed, unpacked too."""
    client = redis.Redis.from_url(settings.REDIS_URL)
    readers: dict[bytes | str, Callable[[bytes], Any]] = {
        b"string": client.get,
        b"hash": client.hgetall,
        b"list": lambda key: client.lrange(key, 0, -1),
        b"set": client.smembers,
        b"zset": lambda key: client.zrange(key, 0, -1),
        b"stream": client.xrange,
    }
    held: list[bytes] = []
    for key in client.scan_iter():
        value = readers[client.type(key)](key)
        parts = [*value.keys(), *value.values()] if isinstance(value, dict) else [value]
        for part in [key, *parts]:
            held.append(part if isinstance(part, bytes) else repr(part).encode())
            with contextlib.suppress(zlib.error, TypeError):
                held.append(zlib.decompress(part))
    assert held
    return b"\n".join(held)


def _database_whole(owner: psycopg.Connection[Any]) -> bytes:
    """Return every row of every table as text."""
    names = [
        row[0]
        for row in owner.execute(
            "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
        )
    ]
    rows = [row[0] for name in names for row in owner.execute(f"SELECT t::text FROM {name} t")]
    return "\n".join(rows).encode()
