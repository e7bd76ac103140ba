"""T20, T21: files that are two things at once, or not what they say, at every door; none is ever a page of ours."""

import io
import tempfile
import zipfile
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from documents import arrivals, library, originals, uploads
from documents.models import Document, Status
from documents.parsers import FileKind
from planillas import own_files, templates
from schools.refusals import Refused
from schools.scope import school_scope
from tests import streams
from tests.conftest import Person
from tests.documents.files import PdfPage, column, write_pdf
from tests.tenancy.matrix import furnish, path_of, send
from tests.tenancy.urls import CALLS, addresses

SCRIPT = b"<script>alert(document.domain)</script>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
GIF_JS = b"GIF89a/*" + b"\0" * 40 + b"*/=1;alert(document.domain)"
PAGE = b"<!DOCTYPE html><html><body><h1>Acta</h1><p>El consejo.</p>" + SCRIPT + b"</body></html>"


def _pdf() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        return write_pdf(Path(folder) / "a.pdf", [PdfPage(column(["Acta."]))]).read_bytes()


def _pdf_and_zip() -> bytes:
    box = io.BytesIO(_pdf())
    box.seek(0, io.SEEK_END)
    with zipfile.ZipFile(box, "a") as archive:
        archive.writestr("word/document.xml", b"<w/>")
    return box.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("acta.pdf", SCRIPT + b"\n%PDF-1.7\n", None),
        ("acta.html", SCRIPT + b"\n%PDF-1.7\n<p>x</p>", FileKind.HTML),
        ("acta.gif", GIF_JS, FileKind.IMAGE),
        ("acta.js", GIF_JS, FileKind.IMAGE),
        ("acta.docx", _pdf_and_zip(), FileKind.PDF),
        ("acta.pdf", PAGE, FileKind.HTML),
        ("acta.png", PAGE, FileKind.HTML),
        ("foto.svg", SVG, None),
        ("foto.png", SVG, None),
        ("foto.pdf", SVG, None),
        ("foto.html", SVG, None),
        ("clase.mp3", SVG, None),
        ("clase.m3u8", b"#EXTM3U\nhttp://169.254.169.254/latest\n", None),
        ("clase.mp3", b"ffconcat version 1.0\nfile /etc/passwd\n", None),
        ("foto.svgz", b"\x1f\x8b\x08\0" + b"\0" * 60, None),
        ("acta.pdf", b"MZ\x90\0" + b"\0" * 200 + b"%PDF-1.7", None),
        ("acta.hta", SCRIPT, None),
        ("acta.tar", b"acta.md" + b"\0" * 93 + b"0000644\0" + b"\0" * 404, None),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_is_what_it_begins_with_or_nothing(name: str, content: bytes, kind: FileKind | None) -> None:
    """Red when `kind_of` searches for `%PDF` anywhere, as libmagic does, or believes a name."""
    file = SimpleUploadedFile(
        name, content, content_type="application/pdf"
    )  # what a browser says is not asked
    if kind is None:
        with pytest.raises(Refused) as refused:
            uploads.check(file)
        assert refused.value.status == 415 and refused.value.detail.endswith((".", ")"))
        return
    assert uploads.check(file).kind is kind
    assert kind is FileKind.PDF or kind not in originals.INLINE


@pytest.mark.long
def test_no_door_lets_a_drawing_in(
    ana: Person, settings: Any, tmp_path: Path, work_off: Callable[[], None]
) -> None:
    """SVG at each door. Red when a door stores what it did not give to `uploads.check`."""
    browser, program = ana.browser(), ana.program()

    def file() -> SimpleUploadedFile:
        return SimpleUploadedFile("plano.svg", SVG, content_type="image/png")

    for name in ("documents:upload", "transcription:upload"):
        browser.post(reverse(name, args=["norte"]), {"file": file()})
    for name in ("documents_api:documents", "transcription_api:recordings"):
        answer = program.post(reverse(name, args=["norte"]), {"file": file()}, format="multipart")
        assert answer.status_code == 415, answer.content
    for content in (SVG, PAGE, GIF_JS):
        with pytest.raises(own_files.NotFillable):
            templates.upload(ana.member, content, "plano.xlsx")
    browser.post(reverse("portal:settings", args=["norte"]), {"logo_file": file()})
    ana.school.refresh_from_db()
    assert not bytes(ana.school.logo)
    settings.FOLDERS_DIR, settings.FOLDERS_STILL_S = tmp_path, 0.0
    arrivals.watch(ana.member, is_on=True)
    (tmp_path / "norte" / "input" / "plano.svg").write_bytes(SVG)
    arrivals.look()
    work_off()
    assert (tmp_path / "norte" / "error" / "plano.svg.motivo.txt").exists()
    assert library.count(ana.member) == 0
    box = io.BytesIO()
    with zipfile.ZipFile(box, "w") as archive:
        archive.writestr("plano.svg", SVG)
        archive.writestr("foto.png", SVG)
        archive.writestr("nota.md", "# Nota\n\nEl plano va aparte.")
    letter = EmailMessage()
    letter["From"], letter["Subject"], letter["MIME-Version"] = "a@example.com", "Plano", "1.0"
    letter.set_content("Va el plano.")
    letter.add_attachment(SVG, maintype="image", subtype="png", filename="plano.png")
    for name, content in (("cosas.zip", box.getvalue()), ("carta.eml", letter.as_bytes())):
        uploads.receive(ana.member, SimpleUploadedFile(name, content), facts=uploads.Facts())
    work_off()
    with school_scope(ana.school_id):
        told = dict(Document.objects.order_by("filename").values_list("filename", "status"))
    assert told == {"carta.eml": Status.PARTIAL, "cosas.zip": Status.PARTIAL, "nota.md": Status.READY}


def test_a_page_is_a_download_whatever_it_is_called(ana: Person) -> None:
    """Red when INLINE holds HTML, or a header of `respond_from` is left out."""
    received = uploads.receive(ana.member, SimpleUploadedFile("acta.pdf", PAGE), facts=uploads.Facts())
    where = reverse("documents:file", args=["norte", received.document_id])
    for sent in (
        ana.browser().get(where),
        ana.browser().get(f"{where}?ver=1"),
        ana.browser().get(f"{where}?ver=1", headers={"Range": "bytes=0-20"}),
        ana.program().get(reverse("documents_api:file", args=["norte", received.document_id])),
    ):
        assert sent.status_code in (200, 206)
        assert PAGE.startswith(streams.gather(sent))
        assert _leaves_open(sent) == []
        assert sent["Content-Disposition"].startswith("attachment")


# What a browser may be shown: it is ours, made by our own code from what came in, or the viewer's PDF.
HARMLESS = ("image/png", "image/jpeg", "text/csv", "application/octet-stream")  # with nosniff
SHOWN = ("application/pdf", "image/png", "image/jpeg", "audio/flac", "image/svg+xml")


def _leaves_open(sent: Any) -> list[str]:
    found = []
    media = sent["Content-Type"].partition(";")[0]
    is_download = sent.get("Content-Disposition", "").startswith("attachment")
    if sent.get("X-Content-Type-Options") != "nosniff":
        found.append("sniffed")
    if "sandbox" not in sent.get("Content-Security-Policy", "") and media not in HARMLESS:
        found.append("no policy")
    if not is_download and media not in (*SHOWN, "application/octet-stream"):
        found.append(f"{media} inline")
    return found


@pytest.mark.long
def test_every_route_that_gives_bytes_gives_them_safely(ana: Person) -> None:
    """Every address of the house is asked; red when one of them sends a file without `originals.respond_from`."""
    things = furnish(ana)
    parameters = {each.name: each.parameters for each in addresses()}
    found, gave = [], set()
    for call in CALLS:
        if call.method != "GET":
            continue
        where = path_of(call, slug=things.slug, ids=things.ids, parameters=parameters[call.url])
        client = ana.program() if call.is_api else ana.browser()
        sent = send(client, call, where, {})
        media = sent.get("Content-Type", "").partition(";")[0]
        if media == "text/event-stream":
            streams.leave(sent)
            continue
        if sent.streaming:
            streams.gather(sent)
        if sent.status_code != 200 or media in ("text/html", "application/json", "application/problem+json"):
            continue
        gave.add(call.url)
        found += [f"{call}: {each}" for each in _leaves_open(sent)]
    assert not found, "\n".join(found)
    assert {"documents:file", "documents_api:file", "documents:picture"} <= gave
    assert len(gave) >= 10, gave
