from pathlib import Path

import pytest

from documents import parsers
from documents.parsers import FileKind, base
from tests.documents.files import PdfPage, write_docx, write_pdf


@pytest.mark.parametrize(
    ("name", "head", "kind"),
    [
        ("Régimen.PDF", b"%PDF-1.7\n", FileKind.PDF),
        ("a.b.docx", b"PK\x03\x04rest", FileKind.DOCX),
        ("nómina.xlsx", b"PK\x03\x04rest", FileKind.XLSX),
        ("lista.csv", "apellido;curso\n".encode("cp1252"), FileKind.CSV),
        ("lista.tsv", b"a\tb\n", FileKind.CSV),
        ("página.htm", b"  <!DOCTYPE html><html>", FileKind.HTML),
        ("notas.txt", "ñandú".encode("utf-16"), FileKind.TEXT),
        ("léeme.md", b"# Hola", FileKind.MARKDOWN),
    ],
)
def test_a_file_is_known_by_name_and_signature(name: str, head: bytes, kind: FileKind) -> None:
    assert parsers.kind_of(name, head) is kind
    assert "/" in parsers.media_type(kind)


@pytest.mark.parametrize(
    ("name", "head", "code"),
    [
        ("a.exe", b"MZ", "unsupported_type"),
        ("sin extensión", b"%PDF-1.4", "unsupported_type"),
        ("viejo.doc", b"\xd0\xcf\x11\xe0", "unsupported_type"),
        ("a.pdf", b"", "empty_file"),
        ("a.pdf", b"<script>alert(1)</script>%PDF-1.4", "lying_type"),
        ("a.pdf", b"PK\x03\x04", "lying_type"),
        ("a.docx", b"%PDF-1.4", "lying_type"),
        ("a.txt", b"MZ\x90", "lying_type"),
        ("a.txt", b"texto\x00binario", "lying_type"),
        ("a.csv", b"PK\x03\x04", "lying_type"),
        ("a.html", b"esto no es una pagina", "lying_type"),
        ("a.md", b"\x89PNG\r\n", "lying_type"),
    ],
)
def test_a_file_that_lies_is_refused_in_spanish(name: str, head: bytes, code: str) -> None:
    with pytest.raises(base.Refused) as caught:
        parsers.kind_of(name, head)
    assert caught.value.code == code
    assert "archivo" in str(caught.value)


def test_a_protected_office_file_is_told_from_a_liar() -> None:
    with pytest.raises(base.Encrypted, match="contraseña"):
        parsers.kind_of("acta.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")


def test_an_archive_of_the_other_kind_is_refused_by_its_parser(tmp_path: Path) -> None:
    path = write_docx(tmp_path / "a.docx", lambda document: document.add_paragraph("hola"))
    with pytest.raises(base.Broken) as caught:
        parsers.parse(path, FileKind.XLSX)
    assert caught.value.code == "lying_type"
    with pytest.raises(base.Broken):
        parsers.parse(write_pdf(tmp_path / "a.pdf", [PdfPage()]), FileKind.DOCX)
