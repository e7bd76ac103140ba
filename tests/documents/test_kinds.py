import io
import struct
import time
import zipfile
from pathlib import Path

import pytest

from documents import parsers, shown
from documents.parsers import FileKind, base
from tests.documents.files import PdfPage, write_docx, write_pdf

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF"
HEIC = b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1heic"
MP4 = b"\x00\x00\x00\x1cftypisom\x00\x00\x02\x00isomiso2"
BMP = b"BM" + bytes(12) + struct.pack("<I", 40)
MAIL = b"Received: from a\r\nFrom: ana@norte.example\r\nTo: beto@norte.example\r\nSubject: Actas\r\n\r\nHola"
SAVED_PAGE = b"From: <Saved by Blink>\r\nSnapshot-Content-Location: https://a.example/\r\nSubject: x\r\n\r\n"
OLD_SAVED_PAGE = b'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="a"\r\n\r\n'
PAGE = b"\xef\xbb\xbf  <!DOCTYPE html><html><body>"


def zipped(*names: str, **contents: bytes) -> bytes:
    """Return a ZIP with these parts."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in contents.items():
            archive.writestr(name, content)
        for name in names:
            archive.writestr(name, b"x")
    return buffer.getvalue()


def office(part: str) -> bytes:
    return zipped("[Content_Types].xml", "_rels/.rels", part)


def open_document(kind: str, manifest: bytes = b"") -> bytes:
    parts = {"mimetype": b"application/" + kind.encode(), "META-INF/manifest.xml": manifest}
    return zipped("content.xml", **parts)


def ole(*streams: str, begin: bytes = bytes(512)) -> bytes:
    """Return an OLE file of one sector for its table, one for its directory, and the first stream's content."""
    entries = [("Root Entry", 5, 1 if streams else -1), *((name, 2, -1) for name in streams)]
    directory = b""
    for index, (name, kind, child) in enumerate(entries):
        title = name.encode("utf-16-le")
        right = index + 1 if 0 < index < len(streams) else -1
        size = 4096 if index == 1 else 0
        directory += struct.pack(
            "<64sHBBiii16sI8s8sIII",
            title, len(title) + 2, kind, 1, -1, right, child, bytes(16), 0, bytes(8), bytes(8),
            2 if size else 0xFFFFFFFE, size, 0,
        )  # fmt: skip
    assert len(directory) <= 512
    table = [0xFFFFFFFD, 0xFFFFFFFE, *range(3, 10), 0xFFFFFFFE]
    header = struct.pack(
        "<8s16sHHHHH6sIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", bytes(16), 0x3E, 3, 0xFFFE, 9, 6, bytes(6),
        0, 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0,
    )  # fmt: skip
    header += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    fat = struct.pack("<128I", *table, *[0xFFFFFFFF] * (128 - len(table)))
    return header + fat + directory.ljust(512, b"\x00") + begin.ljust(4096, b"\x00")


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("Régimen.PDF", b"%PDF-1.7\n", FileKind.PDF),
        ("escaneo.pdf", b"\r\n%PDF-1.4", FileKind.PDF),
        ("a.b.docx", office("word/document.xml"), FileKind.DOCX),
        ("nómina.xlsx", office("xl/workbook.xml"), FileKind.XLSX),
        ("con macros.xlsm", office("xl/workbook.xml"), FileKind.XLSX),
        ("clase.pptx", office("ppt/presentation.xml"), FileKind.PPTX),
        ("acta.odt", open_document("vnd.oasis.opendocument.text"), FileKind.ODT),
        ("modelo.ott", open_document("vnd.oasis.opendocument.text-template"), FileKind.ODT),
        ("notas.ods", open_document("vnd.oasis.opendocument.spreadsheet"), FileKind.ODS),
        ("clase.odp", open_document("vnd.oasis.opendocument.presentation"), FileKind.ODP),
        ("libro.epub", open_document("epub+zip"), FileKind.EPUB),
        ("todo.zip", zipped("acta.docx", "notas/lista.csv"), FileKind.ZIP),
        ("viejo.doc", ole("WordDocument", "1Table"), FileKind.DOC),
        ("viejo.xls", ole("Workbook"), FileKind.XLS),
        ("muy viejo.xls", ole("Book"), FileKind.XLS),
        ("correo.msg", ole("__properties_version1.0"), FileKind.MSG),
        ("carta.rtf", b"{\\rtf1\\ansi", FileKind.RTF),
        ("foto.png", PNG, FileKind.IMAGE),
        ("foto.JPG", JPEG, FileKind.IMAGE),
        ("foto.heic", HEIC, FileKind.IMAGE),
        ("escaneo.tif", b"II*\x00", FileKind.IMAGE),
        ("escaneo.bmp", BMP, FileKind.IMAGE),
        ("foto.webp", b"RIFF\x00\x00\x00\x00WEBPVP8 ", FileKind.IMAGE),
        ("lista.csv", "apellido;curso\n".encode("cp1252"), FileKind.CSV),
        ("lista.tsv", b"a\tb\n", FileKind.CSV),
        ("página.htm", PAGE, FileKind.HTML),
        ("trozo.html", b"<p>Hola</p>", FileKind.HTML),
        ("página.mhtml", SAVED_PAGE, FileKind.MHTML),
        ("página.mht", OLD_SAVED_PAGE, FileKind.MHTML),
        ("correo.eml", MAIL, FileKind.EML),
        ("correo.eml", b"From ana Mon Mar  2 2026\r\n" + MAIL, FileKind.EML),
        ("notas.txt", "ñandú".encode("utf-16"), FileKind.TEXT),
        ("notas.txt", "apellido y nombre".encode("utf-16-le"), FileKind.TEXT),
        ("notas.txt", b"From: quien corresponda\nA la comunidad:", FileKind.TEXT),
        ("léeme.md", b"# Hola\n<div>", FileKind.MARKDOWN),
    ],
)
def test_a_file_is_known_by_its_content(name: str, content: bytes, kind: FileKind) -> None:
    assert parsers.kind_of(name, io.BytesIO(content)) is kind
    assert "/" in parsers.media_type(kind)


@pytest.mark.parametrize(
    ("name", "content", "kind"),
    [
        ("sin extensión", b"%PDF-1.4", FileKind.PDF),
        ("acta.docx", b"%PDF-1.4", FileKind.PDF),
        ("acta.pdf", office("word/document.xml"), FileKind.DOCX),
        ("acta.doc", office("word/document.xml"), FileKind.DOCX),
        ("acta.doc", b"{\\rtf1", FileKind.RTF),
        ("acta.doc", PAGE, FileKind.HTML),
        ("acta.doc", b"Acta de la reuni\xf3n", FileKind.TEXT),
        ("notas.xls", b"<table><tr><td>Alumno</td></tr></table>", FileKind.HTML),
        ("notas.xls", b"Alumno\tNota\nAna\t9\n", FileKind.CSV),
        ("notas.xlsx", ole("Workbook"), FileKind.XLS),
        ("notas.csv", office("xl/workbook.xml"), FileKind.XLSX),
        ("documento.pdf", JPEG, FileKind.IMAGE),
        ("foto.jpg", HEIC, FileKind.IMAGE),
        ("foto.jpg", MP4, FileKind.VIDEO),
        ("guardada.html", SAVED_PAGE, FileKind.MHTML),
        ("guardada.html", b"esto no es una pagina", FileKind.TEXT),
        ("correo.txt", MAIL, FileKind.EML),
        ("archivo.raro", zipped("acta.docx"), FileKind.ZIP),
    ],
)
def test_a_wrong_name_does_no_harm(name: str, content: bytes, kind: FileKind) -> None:
    assert parsers.kind_of(name, io.BytesIO(content)) is kind


@pytest.mark.parametrize(
    ("name", "content", "code", "said"),
    [
        ("a.exe", b"MZ", "unsupported_type", "Se leen archivos pdf, docx"),
        ("acta", b"hola", "unsupported_type", "Se leen archivos"),
        ("programa.py", b"print()", "unsupported_type", "Se leen archivos"),
        ("clase.ppt", ole("PowerPoint Document"), "unsupported_type", ".pptx o .pdf"),
        ("plano.vsdx", office("visio/document.xml"), "unsupported_type", "como .pdf"),
        ("notas.numbers", zipped("Index/Document.iwa"), "unsupported_type", "como .xlsx"),
        ("dibujo.odg", open_document("vnd.oasis.opendocument.graphics"), "unsupported_type", "como .pdf"),
        ("todo.rar", b"Rar!\x1a\x07", "unsupported_type", "Descomprimirlo"),
        ("clase.wma", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "unsupported_type", ".mp3, .m4a o .mp4"),
        ("a.pdf", b"", "empty_file", "vacío"),
        ("a.zip", b"PK\x05\x06" + bytes(18), "empty_file", "vacío"),
        ("a.pdf", b"<script>alert(1)</script>%PDF-1.4", "lying_type", ".pdf"),
        ("a.jpg", b"<svg onload='x'/>", "lying_type", ".jpg"),
        ("a.docx", b"hola", "lying_type", ".docx"),
        ("a.docx", b"\x7fELF\x02\x01", "lying_type", ".docx"),
        ("a.xls", b"<?xml version='1.0'?><?mso-application progid='Excel.Sheet'?>", "lying_type", ".xls"),
        ("a.txt", b"MZ\x90", "lying_type", ".txt"),
        ("a.txt", b"texto\x00binario", "lying_type", ".txt"),
        ("a.csv", bytes(range(1, 9)) * 50, "lying_type", ".csv"),
    ],
)
def test_what_nothing_reads_is_refused_with_what_to_do(
    name: str, content: bytes, code: str, said: str
) -> None:
    with pytest.raises(base.Refused) as caught:
        parsers.kind_of(name, io.BytesIO(content))
    assert caught.value.code == code
    assert "archivo" in str(caught.value)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("acta.docx", ole("EncryptionInfo", "EncryptedPackage")),
        ("acta.doc", ole("WordDocument", begin=bytes(11) + b"\x01")),
        (
            "acta.odt",
            open_document("vnd.oasis.opendocument.text", manifest=b"<manifest:encryption-data/>"),
        ),
    ],
)
def test_a_file_with_a_password_says_so(name: str, content: bytes) -> None:
    with pytest.raises(base.Encrypted, match="contraseña"):
        parsers.kind_of(name, io.BytesIO(content))


@pytest.mark.parametrize("content", [office("word/document.xml"), ole("WordDocument")])
def test_a_cut_file_ends_with_a_reason(content: bytes) -> None:
    for tenth in range(1, 10):
        cut = content[: len(content) * tenth // 10]
        try:
            kind = parsers.kind_of("acta.docx", io.BytesIO(cut))
        except base.Unparsable:
            continue
        assert kind is FileKind.DOC  # all that was looked at is there


def test_flipped_bits_never_raise_anything_else() -> None:
    for content in (office("word/document.xml"), ole("WordDocument", "1Table")):
        for at in range(0, min(len(content), 1536), 3):
            flipped = bytearray(content)
            flipped[at] ^= 0xFF
            try:
                parsers.kind_of("acta.doc", io.BytesIO(flipped))
            except base.Unparsable:
                continue


def test_a_table_of_contents_without_end_is_not_read(tmp_path: Path) -> None:
    class Endless(io.RawIOBase):
        """A file of a gigabyte that says that all of it is its table of contents; counts what is read."""

        size, position, given = 1024**3, 0, 0
        end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 60_000, 60_000, 1024**3 - 22, 0, 0)

        def read(self, size: int = -1, /) -> bytes:
            size = self.size - self.position if size < 0 else min(size, self.size - self.position)
            self.given += size
            assert self.given < 100 * 1024**2
            start, self.position = self.position, self.position + size
            tail = (b"PK\x03\x04".ljust(size, b"\x00"))[:size] if start == 0 else bytes(size)
            return tail[:-22] + self.end if self.position == self.size else tail

        def seek(self, position: int, whence: int = 0, /) -> int:
            self.position = position + (0, self.position, self.size)[whence]
            return self.position

        def tell(self) -> int:
            return self.position

    began_at = time.monotonic()
    with pytest.raises(base.ParseTooBig) as caught:
        parsers.kind_of("a.zip", Endless())
    assert caught.value.code == "zip_bomb"
    assert time.monotonic() - began_at < 30


def test_every_kind_has_a_name_for_people_and_an_ending() -> None:
    assert set(shown.FORMATS) == {kind.value for kind in FileKind} == {each.kind for each in parsers.FORMATS}
    endings = [extension for each in parsers.FORMATS for extension in each.extensions]
    assert len(endings) == len(set(endings))


def test_an_archive_of_the_other_kind_is_refused_by_its_parser(tmp_path: Path) -> None:
    path = write_docx(tmp_path / "a.docx", lambda document: document.add_paragraph("hola"))
    with pytest.raises(base.Broken) as caught:
        parsers.parse(path, FileKind.XLSX)
    assert caught.value.code == "lying_type"
    with pytest.raises(base.Broken):
        parsers.parse(write_pdf(tmp_path / "a.pdf", [PdfPage()]), FileKind.DOCX)
