"""Files made to harm, taken the whole way: each ends with a reason, and the worker goes on with the next document."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from documents import library, uploads
from documents.models import Document, Status
from pipeline.models import Due, Mark
from schools.refusals import Refused
from schools.scope import school_scope
from tests.conftest import Person, upload
from tests.documents.files import PdfPage, column, rewrite_zip, write_docx, write_pdf, write_xlsx

Make = Callable[[Path], tuple[str, bytes]]

MIB = 1024 * 1024


def _encrypted_pdf(folder: Path) -> tuple[str, bytes]:
    page = PdfPage(column(["Reservado."]))
    return "clave.pdf", write_pdf(folder / "a.pdf", [page], encrypted=True).read_bytes()


def _truncated_pdf(folder: Path) -> tuple[str, bytes]:
    whole = write_pdf(folder / "a.pdf", [PdfPage(column(["Acta."]))]).read_bytes()
    return "cortado.pdf", whole[: len(whole) // 3]


def _too_many_pages(folder: Path) -> tuple[str, bytes]:
    return "largo.pdf", write_pdf(folder / "a.pdf", [PdfPage()] * 5_001).read_bytes()


def _zip_bomb_in_a_word_file(folder: Path) -> tuple[str, bytes]:
    path = write_docx(folder / "a.docx", lambda document: document.add_paragraph("Acta."))
    blanks = b"<w:p>" + b" " * (300 * MIB) + b"</w:p>"
    return "bomba.docx", rewrite_zip(path, {"word/document.xml": blanks}).read_bytes()


def _entity_bomb(folder: Path) -> tuple[str, bytes]:
    path = write_xlsx(folder / "a.xlsx", {"Hoja": [["a"]]})
    names = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE x [<!ENTITY l0 "jajajaja">{names}]><worksheet>&l9;</worksheet>'.encode()
    return "risa.xlsx", rewrite_zip(path, {"xl/worksheets/sheet1.xml": bomb}).read_bytes()


def _nested_archives(_folder: Path) -> tuple[str, bytes]:
    content = b"acta"
    for _level in range(12):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(4):
                archive.writestr(f"{number}.zip", content)
        content = buffer.getvalue()
    return "cajas.zip", content


def _an_image_of_200_megapixels(_folder: Path) -> tuple[str, bytes]:
    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 20_000, 10_000, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * (20_001 * 200), 9)
    return "gigante.png", b"\x89PNG\r\n\x1a\n" + part(b"IHDR", header) + part(b"IDAT", rows) + part(
        b"IEND", b""
    )


def _a_lie(_folder: Path) -> tuple[str, bytes]:
    return "acta.pdf", b"MZ\x90\x00" + b"\0" * 2_000


def _nothing(_folder: Path) -> tuple[str, bytes]:
    return "vacio.docx", b""


def _only_noise(_folder: Path) -> tuple[str, bytes]:
    return "ruido.odt", b"PK\x03\x04" + bytes(range(256)) * 40


HOSTILE: tuple[Make, ...] = (
    _encrypted_pdf,
    _truncated_pdf,
    _too_many_pages,
    _zip_bomb_in_a_word_file,
    _entity_bomb,
    _an_image_of_200_megapixels,
    _a_lie,
    _nothing,
    _only_noise,
)


@pytest.mark.parametrize("make", HOSTILE, ids=lambda make: make.__name__.strip("_"))
def test_it_ends_with_a_reason_and_the_next_document_is_read(
    ana: Person, tmp_path: Path, work_off: Callable[[], None], make: Make
) -> None:
    name, content = make(tmp_path)
    file = SimpleUploadedFile(name, content)
    refusal, received = None, None
    try:
        received = uploads.receive(ana.member, file, facts=uploads.Facts())
    except Refused as error:
        refusal = error
    after = upload(ana)
    work_off()
    assert library.get(ana.member, after.document_id).document.status == Status.READY
    if refusal is not None:
        assert refusal.code
        assert refusal.detail.endswith((".", ")"))
    if received is not None:
        found = library.get(ana.member, received.document_id).document
        assert (found.status, bool(found.error_code)) == (Status.FAILED, True)
        assert len(found.error_detail) > 20
        with school_scope(ana.school_id):
            # Told at the first try: a broken file is not tried again.
            assert Mark.objects.get(run__subject_id=received.document_id, stage="parse").attempts == 1
    assert not Due.objects.exists()


def test_archives_in_archives_end(ana: Person, tmp_path: Path, work_off: Callable[[], None]) -> None:
    name, content = _nested_archives(tmp_path)
    uploads.receive(ana.member, SimpleUploadedFile(name, content), facts=uploads.Facts())
    work_off()
    with school_scope(ana.school_id):
        assert Document.objects.count() < 30
    assert not Due.objects.exists()


def test_a_letter_that_holds_itself_ends(ana: Person, work_off: Callable[[], None]) -> None:
    letter = EmailMessage()
    letter["Subject"] = "Cadena"
    letter.set_content("Reenviar a diez familias.")
    for _turn in range(40):
        outer = EmailMessage()
        outer["Subject"] = "Re: cadena"
        outer.set_content("Va otra vez.")
        outer.add_attachment(letter)
        letter = outer
    uploads.receive(ana.member, SimpleUploadedFile("cadena.eml", letter.as_bytes()), facts=uploads.Facts())
    work_off()
    with school_scope(ana.school_id):
        assert 1 <= Document.objects.count() <= 5
        top = Document.objects.get(parent=None)
        assert top.status in (Status.READY, Status.PARTIAL)
    assert not Due.objects.exists()


def test_a_member_never_lands_outside_its_folder(ana: Person, work_off: Callable[[], None]) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in ("../../../etc/acta.md", "/etc/passwd.txt", "C:\\Windows\\nota.md"):
            archive.writestr(name, f"# {name}\n\nNo debe salir de aquí.")
    uploads.receive(ana.member, SimpleUploadedFile("salida.zip", buffer.getvalue()), facts=uploads.Facts())
    work_off()
    with school_scope(ana.school_id):
        names = set(Document.objects.exclude(parent=None).values_list("filename", flat=True))
    assert names == {"acta.md", "passwd.txt", "nota.md"}
