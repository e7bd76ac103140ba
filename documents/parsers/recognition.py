"""What a file is, by what it holds: its name only decides between kinds of plain text."""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import PurePosixPath
from typing import IO, Protocol, cast

import olefile

from documents.parsers.base import MIB, Broken, Encrypted, ParseTooBig, Refused
from documents.parsers.decode import is_utf16
from documents.parsers.kinds import BY_EXTENSION, BY_KIND, FileKind
from documents.parsers.recorded_signatures import container_of, is_list, may_be_seen
from documents.parsers.unsupported import playlist, refusal

HEADERS_BYTES = 32 * 1024  # a mail that came a long way begins with many
MAX_READ_BYTES = 16 * MIB  # of tables of contents; those of honest files of 512 MB have half as much
MAX_PART_BYTES = MIB

_ZIP, _EMPTY_ZIP, _OLE = b"PK\x03\x04", b"PK\x05\x06", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PHOTOS = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"))
_BITMAP_HEADS = frozenset((12, 40, 52, 56, 64, 108, 124))
_FOREIGN = (  # no text, whatever letters they hold; pictures and recordings among them are known before
    b"\x7fELF", b"MZ", b"\xfe\xed\xfa", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe", b"\x1f\x8b", b"BZh", b"\xfd7zXZ",
    b"Rar!", b"7z\xbc\xaf", b"%!PS", b"ID3", b"OggS", b"fLaC", b"\x1aE\xdf\xa3", b"SQLite format", b"\x00asm",
    b"{\\urtf", b"RIFF",
)  # fmt: skip
_OPEN_DOCUMENTS = {
    "application/vnd.oasis.opendocument.text": FileKind.ODT,
    "application/vnd.oasis.opendocument.spreadsheet": FileKind.ODS,
    "application/vnd.oasis.opendocument.presentation": FileKind.ODP,
    "application/epub+zip": FileKind.EPUB,
}
_OFFICE_PARTS = (
    ("word/", FileKind.DOCX),
    ("xl/workbook.xml", FileKind.XLSX),
    ("ppt/", FileKind.PPTX),
)
_MANIFEST = "META-INF/manifest.xml"
_STREAMS = {
    "worddocument": FileKind.DOC,
    "workbook": FileKind.XLS,
    "book": FileKind.XLS,
    "__properties_version1.0": FileKind.MSG,
}
# Programs of schools write their lists as text or as a page and call them by the name of an office file.
_TEXT_NAMED = {
    "csv": FileKind.CSV,
    "tsv": FileKind.CSV,
    "tab": FileKind.CSV,
    "xls": FileKind.CSV,
    "md": FileKind.MARKDOWN,
    "markdown": FileKind.MARKDOWN,
} | dict.fromkeys(("txt", "text", "doc", "rtf", "html", "htm", "xhtml", "eml", "mht", "mhtml"), FileKind.TEXT)
_PAGE = re.compile(rb"\s*(?:<\?xml[^>]*\?>|<!--.*?-->|\s)*<(?:!doctype\s+html|html|head|body)\b", re.I | re.S)
_MARKUP = re.compile(
    rb"<\s*(?:!doctype|html|head|body|meta|title|table|div|p|h[1-6]|ul|ol|article|section|main|!--)\b|<!--",
    re.IGNORECASE,
)
_HEADER = re.compile(rb"[A-Za-z][A-Za-z0-9-]{1,60}:[ \t\r\n]")
_OTHER_XML = re.compile(rb"\s*<\?xml\b|\s*<(?:svg|mxfile|office:document)\b")

_HTML = BY_KIND[FileKind.HTML]
_USUAL_BYTES = bytes([*range(0x09, 0x0E), 0x1A, 0x1B, *range(0x20, 0x100)])
_WORD_ENCRYPTED = 0x0100

_LOCKED = "El archivo tiene contraseña. Abrirlo con ella, guardar una copia sin contraseña y subir la copia."
_DAMAGED = "El archivo está dañado o incompleto y no se puede abrir. Conviene copiarlo o bajarlo otra vez."


class Stream(Protocol):
    """A file open for reading bytes at any position."""

    def read(self, size: int = -1, /) -> bytes: ...

    def seek(self, position: int, whence: int = 0, /) -> object: ...

    def tell(self) -> int: ...


def kind_of(filename: str, file: Stream) -> FileKind:
    """Return what a file is: by its content, and among plain texts by its ending.

    Reads little of it and leaves it anywhere. Raises `Refused` (`unsupported_type`, `lying_type`, `empty_file`,
    `playlist`), `Broken`, `Encrypted`, and `ParseTooBig` (`zip_bomb`).
    """
    file.seek(0)
    head = file.read(HEADERS_BYTES)
    if not head:
        raise Refused("El archivo está vacío.", code="empty_file")
    extension = PurePosixPath(filename.strip()).suffix.removeprefix(".").lower()
    found = _by_signature(head, file) or _recorded(head, file, extension) or _by_text(head, extension)
    if found is None:
        raise refusal(extension)
    return found


def _by_signature(head: bytes, file: Stream) -> FileKind | None:
    if head.lstrip(b"\x00\t\n\f\r \xef\xbb\xbf").startswith(b"%PDF-"):
        return FileKind.PDF
    if head.startswith((_ZIP, _EMPTY_ZIP)):
        return _in_zip(file)
    if head.startswith(_OLE):
        return _in_ole(file)
    if head.startswith(b"{\\rtf"):
        return FileKind.RTF
    return FileKind.IMAGE if _is_image(head) else None


def _recorded(head: bytes, file: Stream, extension: str) -> FileKind | None:
    container = container_of(file)
    if container is None:
        return None
    return FileKind.VIDEO if may_be_seen(container, head, extension) else FileKind.SOUND


def _is_image(head: bytes) -> bool:
    if head.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\x00", b"MM\x00*")):
        return True
    if head.startswith(b"RIFF"):
        return head[8:12] == b"WEBP"
    if head.startswith(b"BM"):
        return int.from_bytes(head[14:18], "little") in _BITMAP_HEADS
    if head[4:8] == b"ftyp":
        brands = head[8 : min(len(head), int.from_bytes(head[:4], "big"), 128)]
        return any(brands[at : at + 4] in _PHOTOS for at in range(0, len(brands), 4))
    return False


def _in_zip(file: Stream) -> FileKind | None:
    try:
        with zipfile.ZipFile(cast(IO[bytes], _Sparing(file))) as archive:
            names = archive.namelist()
            if "EncryptedPackage" in names:
                raise Encrypted(_LOCKED)
            if "mimetype" in names:
                declared = _part(archive, "mimetype").decode("ascii", "replace").strip()
                found = _OPEN_DOCUMENTS.get(declared.removesuffix("-template"))
                if found not in (None, FileKind.EPUB) and b":encryption-data" in _part(archive, _MANIFEST):
                    raise Encrypted(_LOCKED)
                if found or declared.startswith("application/vnd.oasis.opendocument."):
                    return found
    except _TooMuch as error:
        raise ParseTooBig(
            "El archivo comprimido tiene demasiadas partes. Conviene dividirlo.", code="zip_bomb"
        ) from error
    except RuntimeError as error:  # how zipfile tells of a locked part
        raise Encrypted(_LOCKED) from error
    except (zipfile.BadZipFile, zlib.error, ValueError, OSError, EOFError) as error:
        raise Broken(_DAMAGED, code="broken_zip") from error
    if not names:
        raise Refused("El archivo comprimido está vacío.", code="empty_file")
    if "[Content_Types].xml" in names:
        return next((kind for part, kind in _OFFICE_PARTS if any(_begin(names, part))), None)
    if any(name.endswith(".iwa") or name in ("index.apxl", "Index.zip") for name in names):
        return None  # Apple's Pages, Numbers and Keynote
    return FileKind.ZIP


def _begin(names: list[str], start: str) -> Iterator[bool]:
    return (name.startswith(start) for name in names)


def _part(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return the beginning of a part, nothing when there is none."""
    try:
        with archive.open(name) as part:
            return part.read(MAX_PART_BYTES)
    except KeyError:
        return b""


def _in_ole(file: Stream) -> FileKind | None:
    try:
        ole = olefile.OleFileIO(_Sparing(file))
        names = {entry[0].casefold() for entry in ole.listdir()}
        if "encryptedpackage" in names:
            raise Encrypted(_LOCKED)
        found = next((kind for name, kind in _STREAMS.items() if name in names), None)
        if found is FileKind.DOC and _is_locked(ole):
            raise Encrypted(_LOCKED)
    except _TooMuch as error:
        raise Broken(_DAMAGED, code="broken_ole") from error
    except (OSError, ValueError, IndexError, TypeError, RecursionError, struct.error) as error:
        # What olefile raises on damaged files is whatever its code trips over.
        raise Broken(_DAMAGED, code="broken_ole") from error
    return found


def _is_locked(ole: olefile.OleFileIO) -> bool:
    """Say whether a Word document is encrypted; a very long one is told by whoever converts it."""
    try:
        begin = ole.openstream("WordDocument").read(12)
    except _TooMuch:
        return False
    return len(begin) == 12 and bool(int.from_bytes(begin[10:12], "little") & _WORD_ENCRYPTED)


def _by_text(head: bytes, extension: str) -> FileKind | None:
    text = _plain(head)
    if text is None:
        return None
    if is_list(text, extension):
        raise playlist()
    if (mail := _mail(text)) is not None and (mail is FileKind.MHTML or extension not in ("md", "markdown")):
        return mail
    named = _TEXT_NAMED.get(extension)
    is_page_by_name = BY_EXTENSION.get(extension) is _HTML
    if _PAGE.match(text) or ((is_page_by_name or extension in ("xls", "doc")) and _MARKUP.search(text)):
        return FileKind.HTML
    if _OTHER_XML.match(text) and extension not in ("txt", "text", "md", "markdown"):
        return None
    return named


def _plain(head: bytes) -> bytes | None:
    """Return the beginning as letters that ASCII knows, None for what is not text."""
    if head.startswith(_FOREIGN):
        return None
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.replace(b"\x00", b"")[2:]
    if is_utf16(head):
        return head.replace(b"\x00", b"")
    head = head.removeprefix(b"\xef\xbb\xbf")
    strange = len(head.translate(None, _USUAL_BYTES))
    return None if b"\x00" in head or strange > 0.02 * len(head) else head


def _mail(text: bytes) -> FileKind | None:
    """Return the kind of a message or of a saved page, None for text that does not begin with their headers."""
    first, _, rest = text.partition(b"\n")
    if first.startswith(b"From "):  # how mail programs of old begin a message
        text = rest
    if not _HEADER.match(text):
        return None
    headers = message_from_bytes(text, policy=policy.compat32)
    sender, carried = str(headers.get("From", "")), str(headers.get("Content-Type", "")).lower()
    if "Snapshot-Content-Location" in headers or (
        carried.startswith("multipart/related") and (sender.startswith("<Saved by") or "To" not in headers)
    ):
        return FileKind.MHTML
    is_sent = any(name in headers for name in ("Received", "Message-ID", "MIME-Version", "Return-Path"))
    return (
        FileKind.EML
        if "From" in headers and (is_sent or ("Date" in headers and "Subject" in headers))
        else None
    )


class _TooMuch(Exception):
    """More was asked for than an honest file needs."""


class _Sparing(io.RawIOBase):
    """A file of which at most `MAX_READ_BYTES` are read: what is asked for beyond is `_TooMuch`."""

    def __init__(self, file: Stream) -> None:
        super().__init__()
        self._file = file
        self._left = MAX_READ_BYTES

    def read(self, size: int = -1, /) -> bytes:
        if size < 0 or size > self._left:
            size = self._left + 1
        data = self._file.read(size)
        self._left -= len(data)
        if self._left < 0:
            raise _TooMuch
        return data

    def seek(self, position: int, whence: int = 0, /) -> int:
        self._file.seek(position, whence)
        return self._file.tell()

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True
