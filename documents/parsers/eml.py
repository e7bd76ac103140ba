"""EML: a letter as it travels, with whatever encodings its program claimed, within bounds of depth and parts."""

import binascii
import mimetypes
from collections.abc import Iterable
from datetime import datetime
from email import errors, policy
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TypeAlias
from urllib.parse import quote

from documents.blocks import ParsedDocument, Unreadable
from documents.parsers import decode, mail, mail_body, tidy
from documents.parsers.base import MIB, Broken, ParseTooBig, Progress, ignore_progress
from documents.parsers.enclosed import MAX_FILES_OF_A_MAIL, Enclosed
from documents.parsers.mail import Body, Letter

Part: TypeAlias = Message
File: TypeAlias = tuple[str, bytes, str]
"""Name, content, and the content id by which a page in the letter may show it; "" for what is no picture."""

MAX_MAIL_BYTES = 160 * MIB  # as it travels, its files grown by a third; mail servers stop far below
MAX_DEPTH = 20
MAX_PARTS = 2_000
MAX_HEADER_CHARS = 20_000
PAGE_OF_PAPER_BYTES = (
    150_000  # a picture in the text of at least so many is a photograph to be read, not a logo
)
# The library's reading of these is slow on long ones.
_PARSED = frozenset(("content-type", "content-disposition", "content-transfer-encoding"))
# Letters of their own: what they declare is believed also where the bytes could be something else.
_STATEFUL = ("utf-16", "utf-32", "utf-7", "iso-2022", "hz-")
_WINDOWS = {
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
}
_MACHINES = frozenset(
    (
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
        "application/pgp-signature",
        "application/pgp-keys",
        "application/pgp-encrypted",
        "message/delivery-status",
        "message/disposition-notification",
        "text/rfc822-headers",
    )
)
_LOCKED = "El cuerpo del correo está cifrado. Conviene abrirlo en su programa, guardarlo sin cifrar y volver a subirlo."


def parse(path: Path, progress: Progress = ignore_progress) -> ParsedDocument:
    """Return the blocks of a letter, and the files that came with it."""
    message = load(path)
    document = mail.document(letter_of(message))
    progress(1, 1)
    return document


def load(path: Path) -> Part:
    """Return the parts of a letter or of a saved page; raise Broken or ParseTooBig."""
    size_bytes = path.stat().st_size
    if size_bytes > MAX_MAIL_BYTES:
        raise ParseTooBig(
            f"El correo pesa {size_bytes // MIB} MB y el máximo es {MAX_MAIL_BYTES // MIB} MB. Conviene subir sus"
            " archivos por separado."
        )
    try:
        with path.open("rb") as file:
            # The old policy: the new one's reading of headers trips over damaged ones, and is slow on long ones.
            return BytesParser(policy=policy.compat32).parse(file)
    except RecursionError as error:
        raise Broken(
            "El correo está anidado de un modo que no se puede leer.", code="nested_too_deep"
        ) from error


def letter_of(message: Part) -> Letter:
    """Return what a message says and what came with it; raise Broken when it is no message."""
    if not any(name in message for name in ("From", "To", "Subject", "Date", "Content-Type")):
        raise Broken("El archivo no contiene un correo.", code="broken_mail")
    reader = _Reader()
    reader.take(message)
    enclosed, pictures = sort_files(
        reader.files, "".join(page for _, pages in reader.bodies for page in pages)
    )
    return Letter(
        subject=header(message, "Subject"),
        sender=header(message, "From"),
        to=header(message, "To"),
        copied=header(message, "Cc"),
        sent_at=when(message),
        bodies=tuple(
            Body("\n\n".join(plain), "\n".join(page)) for plain, page in reader.bodies if plain or page
        ),
        pictures=pictures,
        files=enclosed.files,
        unreadable=(*reader.unreadable, *enclosed.left_out),
    )


def sort_files(files: Iterable[File], page: str) -> tuple[Enclosed, dict[str, bytes]]:
    """Return the files of a letter, and the pictures that stand in its text by content id, which are no files.

    A picture in the text as large as a photograph is both: it may be a page of paper.
    """
    enclosed, pictures = Enclosed(most=MAX_FILES_OF_A_MAIL), {}
    for name, content, cid in files:
        if cid and (f"cid:{cid}" in page or f"cid:{quote(cid)}" in page):
            pictures[cid] = content
            if len(content) < PAGE_OF_PAPER_BYTES:
                continue
        enclosed.add(name, content)
    return enclosed, pictures


def header(message: Part, name: str) -> str:
    """Return a header as a person reads it."""
    # Not `message[name]`: that one replaces every letter that came unencoded.
    raw = next((str(value) for key, value in message.raw_items() if key.lower() == name.lower()), "")
    return said(raw)


def said(raw: str) -> str:
    """Return the words of a raw header: encoded ones decoded, and bytes that were not encoded read as Spanish."""
    raw = raw[:MAX_HEADER_CHARS]
    if any("\udc80" <= char <= "\udcff" for char in raw):
        raw = decode.text(raw.encode("utf-8", "surrogateescape"))
    if "=?" not in raw:
        return tidy.line(raw)
    try:
        pieces = decode_header(" ".join(raw.split()))
    except (errors.HeaderParseError, binascii.Error, ValueError):
        return tidy.line(raw)
    return tidy.line(
        "".join(
            piece if isinstance(piece, str) else _decoded(piece, charset or "") for piece, charset in pieces
        )
    )


class _Reader:
    """Goes through the parts of a message: texts, pictures in them, files."""

    def __init__(self) -> None:
        self.bodies: list[tuple[list[str], list[str]]] = []  # each as plain texts and as pages
        self.files: list[File] = []
        self.unreadable: list[Unreadable] = []
        self._parts = 0

    def take(self, part: Part, depth: int = 0, body: tuple[list[str], list[str]] | None = None) -> None:
        """Read a part; `body`: the text of which this part is one of several ways of saying it."""
        self._parts += 1
        if depth > MAX_DEPTH or self._parts > MAX_PARTS:
            raise Broken("El correo está anidado de un modo que no se puede leer.", code="nested_too_deep")
        if any(len(value) > MAX_HEADER_CHARS for name, value in part.raw_items() if name.lower() in _PARSED):
            raise Broken("El correo está dañado: sus encabezados no se pueden leer.", code="broken_mail")
        kind = part.get_content_type()
        if kind == "multipart/encrypted" or (
            kind.endswith("pkcs7-mime") and "signed" not in _smime_type(part)
        ):
            self.unreadable.append(Unreadable(None, _LOCKED, "password"))
        elif kind in _MACHINES:
            return
        elif kind == "message/rfc822" and part.is_multipart():
            self._take_letter(part)
        elif part.is_multipart() and kind.startswith("multipart/"):
            self._take_several(part, kind, depth, body)
        elif not part.is_multipart():
            self._take_leaf(part, kind, body)

    def _take_several(
        self, part: Part, kind: str, depth: int, body: tuple[list[str], list[str]] | None
    ) -> None:
        if body is None and kind in ("multipart/alternative", "multipart/related"):
            body = ([], [])
            self.bodies.append(body)
        for inner in part.get_payload():
            if isinstance(inner, Message):
                self.take(inner, depth + 1, body)

    def _take_leaf(self, part: Part, kind: str, body: tuple[list[str], list[str]] | None) -> None:
        disposition = part.get_content_disposition()
        name = said(str(part.get_filename() or ""))
        if (
            kind in ("text/plain", "text/html")
            and disposition != "attachment"
            and (not name or body is not None)
        ):
            said_here = text_of(part)
            if body is None:
                body = ([], [])
                self.bodies.append(body)
            if kind == "text/html":
                body[1].append(said_here)
            else:
                body[0].append(_unflowed(part, said_here))
            return
        content = content_of(part)
        if content or name:
            cid = str(part.get("Content-ID", "")).strip().strip("<>") if kind.startswith("image/") else ""
            name = name or f"adjunto-{self._parts}{mimetypes.guess_extension(kind) or ''}"
            self.files.append((name, content, cid))

    def _take_letter(self, part: Part) -> None:
        inner = part.get_payload()
        if not isinstance(inner, list) or not inner or not isinstance(inner[0], Message):
            return
        name = said(str(part.get_filename() or "")) or header(inner[0], "Subject") or "correo"
        name = name.replace("/", "-").replace("\\", "-")
        try:
            content = inner[0].as_bytes()
        except (UnicodeError, ValueError, TypeError, KeyError, LookupError, RecursionError, AttributeError):
            # What the library raises on damaged parts is whatever its code trips over.
            self.unreadable.append(
                Unreadable(
                    None, f"«{name}», un correo adentro de este, está dañado y no se leyó.", "attachment"
                )
            )
            return
        self.files.append((name if name.lower().endswith(".eml") else f"{name[:150]}.eml", content, ""))


def content_of(part: Part) -> bytes:
    """Return what a part holds, its transport encoding undone."""
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def text_of(part: Part) -> str:
    """Return what a part holds as text."""
    return _decoded(content_of(part), str(part.get_content_charset() or ""))


def _decoded(data: bytes, charset: str) -> str:
    """Return bytes as text, by what they are before what they are said to be."""
    charset = charset.lower()
    if not charset.startswith(_STATEFUL):
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            pass
    try:
        return data.decode(_WINDOWS.get(charset, charset))
    except (LookupError, ValueError):
        pass
    try:
        return decode.text(data)
    except Broken:
        return data.decode("cp1252", errors="replace")


def _unflowed(part: Part, text: str) -> str:
    if str(part.get_param("format", "")).lower() != "flowed":
        return text
    return mail_body.unflow(text, delete_space=str(part.get_param("delsp", "")).lower() == "yes")


def _smime_type(part: Part) -> str:
    return str(part.get_param("smime-type", "")).lower()


def when(message: Part) -> datetime | None:
    """Return when a message was sent by its own words, None when it does not say."""
    try:
        return parsedate_to_datetime(header(message, "Date"))
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
