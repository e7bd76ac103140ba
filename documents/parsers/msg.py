"""MSG: a letter as Outlook keeps it, property by property in an OLE container."""

import hashlib
import mimetypes
import struct
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from email.header import Header
from email.mime.application import MIMEApplication
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.parser import HeaderParser
from email.utils import format_datetime
from pathlib import Path

import olefile

from documents.blocks import ParsedDocument
from documents.parsers import decode, eml, mail, tidy
from documents.parsers.base import Broken, ParseTooBig, Progress, ignore_progress
from documents.parsers.compressed_rtf import BadRtf, decompress
from documents.parsers.mail import Body, Letter

MAX_LETTERS_INSIDE = 8  # one in the other
MAX_ENTRIES = 20_000  # streams and folders of the container
MAX_RECIPIENTS = 500

SUBJECT, BODY, HTML, RTF = "0037", "1000", "1013", "1009"
SENDER_NAME, SENDER_ADDRESS, SENDER_SMTP = "0C1A", "0C1F", "5D01"
DISPLAY_TO, DISPLAY_CC, HEADERS, CLASS = "0E04", "0E03", "007D", "001A"
NAME, ADDRESS, SMTP = "3001", "3003", "39FE"
DATA, LONG_FILENAME, FILENAME, CONTENT_ID, MIME = "3701", "3707", "3704", "3712", "370E"
SENT_AT, DELIVERED_AT, RECIPIENT_KIND, PAGE_CODE, MESSAGE_CODE = 0x0039, 0x0E06, 0x0C15, 0x3FDE, 0x3FFD
_PROPERTIES = "__properties_version1.0"
_EPOCH = datetime(1601, 1, 1, tzinfo=timezone.utc)  # noqa: UP017  # as the format counts
_UNICODE, _NARROW, _BINARY, _FOLDER = "001F", "001E", "0102", "000D"
_HEADER_BYTES = {"root": 32, "letter": 24, "part": 8}
_DAMAGED = (
    "El correo está dañado o incompleto y no se puede abrir. Conviene guardarlo otra vez desde Outlook."
)


def parse(path: Path, progress: Progress = ignore_progress) -> ParsedDocument:
    """Return the blocks of a letter, and the files that came with it."""
    try:
        with olefile.OleFileIO(str(path)) as ole:
            document = mail.document(_letter(_Folder(_Container(ole), (), _HEADER_BYTES["root"])))
    except (
        OSError,
        ValueError,
        IndexError,
        TypeError,
        AttributeError,
        KeyError,
        RecursionError,
        struct.error,
    ) as error:
        # What olefile raises on damaged files is whatever its code trips over.
        raise Broken(_DAMAGED, code="broken_ole") from error
    progress(1, 1)
    return document


class _Container:
    """The streams and folders of the file, listed once."""

    def __init__(self, ole: olefile.OleFileIO) -> None:
        entries = ole.listdir(streams=True, storages=True)
        if len(entries) > MAX_ENTRIES:
            raise ParseTooBig("El correo tiene demasiadas partes para leerlo.")
        if [_PROPERTIES] not in entries:
            raise Broken("El archivo no contiene un correo de Outlook.", code="lying_type")
        self._ole = ole
        self._names: dict[tuple[str, ...], list[str]] = {}
        for *folder, name in entries:
            self._names.setdefault(tuple(folder), []).append(name)

    def names(self, folder: tuple[str, ...], beginning: str) -> list[str]:
        """Return what stands in a folder under names that begin so, in order."""
        return sorted(
            name for name in self._names.get(folder, ()) if name.lower().startswith(beginning.lower())
        )

    def stream(self, folder: tuple[str, ...], name: str) -> bytes | None:
        """Return the bytes of a stream, None when there is none of that name."""
        path = [*folder, name]
        return (
            bytes(self._ole.openstream(path).read())
            if self._ole.get_type(path) == olefile.STGTY_STREAM
            else None
        )


class _Folder:
    """The properties of a letter, a recipient or a file: long ones in streams of their own, short ones in a table."""

    def __init__(self, container: _Container, path: tuple[str, ...], header_bytes: int) -> None:
        self._container = container
        self._path = path
        self._short = dict(self._table(header_bytes))

    def text(self, number: str) -> str:
        """Return a text, "" when there is none."""
        if (data := self._stream(f"{number}{_UNICODE}")) is not None:
            return data.decode("utf-16-le", errors="replace").rstrip("\0")
        if (data := self._stream(f"{number}{_NARROW}")) is not None:
            return self._narrow(data, MESSAGE_CODE).rstrip("\0")
        return ""

    def page(self) -> str:
        """Return the body as HTML, "" when there is none."""
        data = self._stream(f"{HTML}{_BINARY}")
        return self._narrow(data, PAGE_CODE) if data is not None else self.text(HTML)

    def data(self, number: str) -> bytes:
        """Return bytes, none when there are none."""
        return self._stream(f"{number}{_BINARY}") or b""

    def number(self, number: int) -> int:
        """Return a whole number, 0 when there is none."""
        return int(struct.unpack("<i", self._short.get(number, b"\0" * 8)[:4])[0])

    def moment(self, number: int) -> datetime | None:
        """Return a moment, None when there is none or no calendar has it."""
        ticks = int(struct.unpack("<Q", self._short.get(number, b"\0" * 8))[0])
        try:
            return _EPOCH + timedelta(microseconds=ticks // 10) if ticks else None
        except OverflowError:
            return None

    def folders(self, beginning: str) -> "Iterator[_Folder]":
        """Yield the folders inside whose names begin so, in their order."""
        for name in self._container.names(self._path, beginning):
            yield _Folder(self._container, (*self._path, name), _HEADER_BYTES["part"])

    def letter(self) -> "_Folder | None":
        """Return the letter that a file is, None when it is no letter."""
        names = self._container.names(self._path, f"__substg1.0_{DATA}{_FOLDER}")
        return _Folder(self._container, (*self._path, names[0]), _HEADER_BYTES["letter"]) if names else None

    def _stream(self, name: str) -> bytes | None:
        return self._container.stream(self._path, f"__substg1.0_{name}")

    def _table(self, header_bytes: int) -> Iterator[tuple[int, bytes]]:
        table = self._container.stream(self._path, _PROPERTIES) or b""
        for at in range(header_bytes, len(table) - 15, 16):
            kind_and_number, _flags, value = struct.unpack_from("<II8s", table, at)
            yield kind_and_number >> 16, value

    def _narrow(self, data: bytes, code: int) -> str:
        """Return bytes as text: UTF-8 where they are, else in the code page that the letter names."""
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            pass
        page = self.number(code)
        try:
            return data.decode("utf-16-le" if page == 1200 else f"cp{page}")
        except (LookupError, ValueError):
            return decode.text(data)


def _letter(folder: _Folder, depth: int = 0) -> Letter:
    headers = HeaderParser().parsestr(folder.text(HEADERS))
    plain, page = folder.text(BODY), folder.page()
    files = list(_files(folder, depth))
    if not plain.strip() and not page.strip() and (packed := folder.data(RTF)):
        files.insert(0, ("cuerpo-del-correo.rtf", _unpacked(packed), ""))
    enclosed, pictures = eml.sort_files(files, page)
    name, address = folder.text(SENDER_NAME), folder.text(SENDER_SMTP) or folder.text(SENDER_ADDRESS)
    to, copied = _recipients(folder)
    return Letter(
        subject=tidy.line(folder.text(SUBJECT)),
        sender=eml.header(headers, "From") or _person(name, address),
        to=eml.header(headers, "To") or to or tidy.line(folder.text(DISPLAY_TO)),
        copied=eml.header(headers, "Cc") or copied or tidy.line(folder.text(DISPLAY_CC)),
        sent_at=eml.when(headers) or folder.moment(SENT_AT) or folder.moment(DELIVERED_AT),
        bodies=(Body(plain, page),) if plain.strip() or page.strip() else (),
        pictures=pictures,
        files=enclosed.files,
        unreadable=enclosed.left_out,
    )


def _recipients(folder: _Folder) -> tuple[str, str]:
    """Return whom a letter is for, and who has a copy."""
    found: dict[int, list[str]] = {1: [], 2: []}
    for index, each in enumerate(folder.folders("__recip_version1.0_#")):
        kind = each.number(RECIPIENT_KIND)
        if index < MAX_RECIPIENTS and kind in found:
            found[kind].append(_person(each.text(NAME), each.text(SMTP) or each.text(ADDRESS)))
    return ", ".join(found[1]), ", ".join(found[2])


def _person(name: str, address: str) -> str:
    name, address = tidy.line(name).strip("'\""), tidy.line(address)
    if "@" not in address:  # an address inside a firm's own directory says nothing to anyone
        return name or address
    return address if not name or name == address else f"{name} <{address}>"


def _files(folder: _Folder, depth: int) -> Iterator[eml.File]:
    """Yield the files of a letter; the letters among them as files of their own, the deepest left out."""
    for index, each in enumerate(folder.folders("__attach_version1.0_#"), start=1):
        name = tidy.line(each.text(LONG_FILENAME) or each.text(FILENAME) or each.text(NAME))
        inner = each.letter()
        if inner is None:
            if (content := each.data(DATA)) or name:
                cid = each.text(CONTENT_ID).strip("<> ")
                yield name or f"adjunto-{index}", content, cid if _is_picture(each, name) else ""
        elif depth < MAX_LETTERS_INSIDE:
            letter = _letter(inner, depth + 1)
            title = (letter.subject or name or "correo").replace("/", "-").replace("\\", "-")[:150]
            yield f"{title}.eml", compose(letter), ""


def _is_picture(file: _Folder, name: str) -> bool:
    kind = file.text(MIME) or mimetypes.guess_type(name)[0] or ""
    return kind.lower().startswith("image/")


def _unpacked(packed: bytes) -> bytes:
    """Return a body that is there as RTF alone, for the parser that reads such files."""
    try:
        return decompress(packed)
    except BadRtf as error:
        raise Broken(_DAMAGED, code="broken_ole") from error


def compose(letter: Letter) -> bytes:
    """Return a letter as a file of its own, EML: for the same letter always the same bytes, to be known again."""
    parts: list[MIMEBase] = []
    for body in letter.bodies:
        said: list[MIMEBase] = [MIMEText(body.plain, "plain", "utf-8")] if body.plain else []
        said += [MIMEText(body.page, "html", "utf-8")] if body.page else []
        parts.append(_several("alternative", said) if len(said) > 1 else said[0])
    for cid, content in letter.pictures.items():
        picture = MIMEApplication(content)
        picture.replace_header("Content-Type", "image/png")
        picture["Content-ID"] = f"<{cid}>"
        picture["Content-Disposition"] = "inline"
        parts.append(picture)
    for file in letter.files:
        part = MIMEApplication(file.content)
        part.add_header("Content-Disposition", "attachment", filename=("utf-8", "", file.name))
        parts.append(part)
    whole = _several("mixed", parts)
    for name, value in (
        ("From", letter.sender or mail.NO_SENDER),
        ("To", letter.to),
        ("Cc", letter.copied),
        ("Date", format_datetime(letter.sent_at) if letter.sent_at else ""),
        ("Subject", letter.subject),
    ):
        if value:
            whole[name] = Header(tidy.line(value), "utf-8").encode()
    return whole.as_bytes()


def _several(kind: str, parts: list[MIMEBase]) -> MIMEMultipart:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.as_bytes())
    return MIMEMultipart(kind, f"={digest.hexdigest()[:40]}", parts)
