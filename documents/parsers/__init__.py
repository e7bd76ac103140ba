"""Which files are read here, how each is recognised, and the one door to its parser."""

import importlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import cast

from documents.blocks import ParsedDocument
from documents.parsers.base import (
    MAX_FILE_BYTES,
    MIB,
    Encrypted,
    ParseTooBig,
    Progress,
    Refused,
    ignore_progress,
)

HEAD_BYTES = 4_096  # what `kind_of` wants to see


class FileKind(StrEnum):
    PDF = "pdf"
    DOCX = "docx"
    XLSX = "xlsx"
    CSV = "csv"
    HTML = "html"
    TEXT = "text"
    MARKDOWN = "markdown"
    DOC = "doc"
    RTF = "rtf"
    ODT = "odt"
    PPTX = "pptx"
    ODP = "odp"
    XLS = "xls"
    ODS = "ods"
    MHTML = "mhtml"
    EPUB = "epub"
    EML = "eml"
    MSG = "msg"
    ZIP = "zip"
    IMAGE = "image"


@dataclass(frozen=True, slots=True)
class Format:
    kind: FileKind
    extensions: tuple[str, ...]
    media_type: str
    module: str  # has `parse(path, progress)`
    has_signature: Callable[[bytes], bool]


_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_UNICODE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf")
_BINARY_HEADS = (
    b"%PDF", _ZIP, _OLE, b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf", b"\x7fELF", b"MZ", b"\x1f\x8b",
    b"Rar!", b"7z\xbc\xaf", b"%!PS", b"II*\x00", b"MM\x00*", b"RIFF", b"ID3", b"OggS", b"\x1aE\xdf\xa3",
    b"SQLite format",
)  # fmt: skip
_HTML = re.compile(
    rb"<\s*(?:!doctype|html|head|body|meta|title|table|div|p|h[1-6]|ul|ol|article|section|main|!--|\?xml)\b|<!--",
    re.IGNORECASE,
)


def _is_text(head: bytes) -> bool:
    if head.startswith(_BINARY_HEADS):
        return False
    return head.startswith(_UNICODE_MARKS) or b"\x00" not in head


def _is_html(head: bytes) -> bool:
    return _is_text(head) and bool(_HTML.search(head.replace(b"\x00", b"")))


def _is_pdf(head: bytes) -> bool:
    return head.startswith(b"%PDF-")


def _is_zip(head: bytes) -> bool:
    return head.startswith(_ZIP)


_OFFICE = "application/vnd.openxmlformats-officedocument"
FORMATS = (
    Format(FileKind.PDF, ("pdf",), "application/pdf", "pdf", _is_pdf),
    Format(FileKind.DOCX, ("docx",), f"{_OFFICE}.wordprocessingml.document", "docx", _is_zip),
    Format(FileKind.XLSX, ("xlsx",), f"{_OFFICE}.spreadsheetml.sheet", "xlsx", _is_zip),
    Format(FileKind.CSV, ("csv", "tsv"), "text/csv", "csv", _is_text),
    Format(FileKind.HTML, ("html", "htm"), "text/html", "html", _is_html),
    Format(FileKind.TEXT, ("txt",), "text/plain", "text", _is_text),
    Format(FileKind.MARKDOWN, ("md", "markdown"), "text/markdown", "markdown", _is_text),
)

_BY_EXTENSION = {extension: found for found in FORMATS for extension in found.extensions}
_BY_KIND = {found.kind: found for found in FORMATS}
_USUAL = (
    FileKind.PDF, FileKind.DOCX, FileKind.XLSX, FileKind.CSV, FileKind.HTML, FileKind.TEXT, FileKind.MARKDOWN
)  # fmt: skip
_HINTS = {
    "doc": "Guardarlo como .docx o .pdf y volver a subirlo.",
    "xls": "Guardarlo como .xlsx y volver a subirlo.",
    "odt": "Guardarlo como .docx o .pdf y volver a subirlo.",
    "ods": "Guardarlo como .xlsx y volver a subirlo.",
    "ppt": "Guardarlo como .pdf y volver a subirlo.",
    "pptx": "Guardarlo como .pdf y volver a subirlo.",
    "rtf": "Guardarlo como .docx y volver a subirlo.",
}


def kind_of(filename: str, head: bytes) -> FileKind:
    """Return what a file is, by its extension and its first `HEAD_BYTES` bytes, which must agree.

    Raises `Refused` (`unsupported_type`, `lying_type`, `empty_file`) and `Encrypted`.
    """
    extension = PurePosixPath(filename.strip()).suffix.removeprefix(".").lower()
    found = _BY_EXTENSION.get(extension)
    if found is None:
        known = ", ".join(extension for found in FORMATS for extension in found.extensions)
        hint = _HINTS.get(extension, f"Se leen archivos {known}.")
        raise Refused(f"Este tipo de archivo no se puede leer. {hint}", code="unsupported_type")
    if not head:
        raise Refused("El archivo está vacío.", code="empty_file")
    if head.startswith(_OLE) and found.kind in (FileKind.DOCX, FileKind.XLSX):
        raise Encrypted(
            "El archivo tiene contraseña o es de un formato antiguo. Subir una copia actual y sin contraseña."
        )
    if not found.has_signature(head):
        raise Refused(
            f"El contenido del archivo no corresponde a un archivo .{extension}.", code="lying_type"
        )
    return found.kind


def media_type(kind: FileKind) -> str:
    """Return the media type under which files of a kind are served."""
    return _BY_KIND[kind].media_type


def preload_usual() -> None:
    """Import the parsers of the kinds that most files are of; the others are imported when such a file comes."""
    for kind in _USUAL:
        preload(kind)


def preload(kind: FileKind) -> None:
    """Import the parser of a kind, so that a child process made afterwards has it at once."""
    importlib.import_module(f"{__name__}.{_BY_KIND[kind].module}")


def parse(path: Path, kind: FileKind, progress: Progress = ignore_progress) -> ParsedDocument:
    """Return what a file says. Reads it in this very process: `sandbox.parse` is the door for uploads."""
    size_bytes = path.stat().st_size
    if size_bytes > MAX_FILE_BYTES:
        raise ParseTooBig(
            f"El archivo pesa {size_bytes // MIB} MB y el máximo es {MAX_FILE_BYTES // MIB} MB."
        )
    module = importlib.import_module(f"{__name__}.{_BY_KIND[kind].module}")
    parser = cast(Callable[[Path, Progress], ParsedDocument], module.parse)
    return parser(path, progress)
