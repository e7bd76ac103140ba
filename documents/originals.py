"""The original file on its way to a browser, whole or in the part it asks for; never one that is not what came in."""

import asyncio
import hashlib
import logging
import re
from collections.abc import AsyncIterator
from typing import Any

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from documents import fetching, scan
from documents.models import Document
from documents.parsers import FileKind, media_type
from schools.refusals import Refused

log = logging.getLogger(__name__)

# Only what the viewer needs is ever shown inside the house; everything else, HTML and SVG above all, is a download.
INLINE = frozenset({FileKind.PDF})
PIECE_BYTES = 256 * 1024
_RANGE = re.compile(r"\Abytes=(\d{0,18})-(\d{0,18})\Z")


class NotWhole(Refused):
    """The stored file is not as long as the one that came in."""

    code = fetching.ALTERED
    status = 409


class Altered(Exception):
    """What was sent is not what came in: the answer breaks off, so that nobody takes it for whole."""


def respond(request: HttpRequest, document: Document, *, inline: bool) -> HttpResponseBase:
    """Return the file as a response; a single byte range is honoured.

    Inline it is the PDF that the viewer shows, which may be a copy; a download is always the original. Raises Http404
    when the file is gone, NotWhole, scan.Quarantined or scan.NotScanned.
    """
    scan.check_sendable(document)
    if inline and document.has_copy:
        media = media_type(FileKind.PDF)
        return respond_with(request, document.copy_key, media=media, filename=document.filename)
    file = _opened(document.file_key)
    if file.size != document.size_bytes:
        file.close()
        log.error("the original of document %s is not whole", document.pk)
        raise NotWhole(str(fetching.altered()))
    return respond_from(
        request,
        file,
        media=media_type(FileKind(document.format)),
        filename=document.filename,
        inline=inline and document.format in INLINE,
        sha256=document.sha256,
    )


def respond_with(
    request: HttpRequest, key: str, *, media: str, filename: str, inline: bool = True, sha256: str = ""
) -> HttpResponseBase:
    """Return a stored file as a response, as `respond_from` does; raise Http404 when the file is gone."""
    return respond_from(request, _opened(key), media=media, filename=filename, inline=inline, sha256=sha256)


def respond_from(
    request: HttpRequest,
    file: "File[Any]",
    *,
    media: str,
    filename: str,
    inline: bool = False,
    sha256: str = "",
) -> HttpResponseBase:
    """Return an open file as a response, which closes it; a single byte range is honoured.

    `sha256`: what the whole is; an answer that turns out to be another breaks off before its last piece.
    """
    response = _respond(request, file, file.size, sha256)
    # Also when nobody reads it: a HEAD, a reader who left before the first byte.
    response._resource_closers.append(file.close)  # type: ignore[attr-defined]  # as Django's own FileResponse does
    response["Content-Type"] = media
    response["Content-Disposition"] = content_disposition_header(not inline, filename) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response["Accept-Ranges"] = "bytes"
    # For this person's browser, never for a proxy that serves others; a copy may be made anew.
    response["Cache-Control"] = "private, no-store"
    return response


def _opened(key: str) -> "File[Any]":
    try:
        return default_storage.open(key, "rb")
    except FileNotFoundError as error:
        raise Http404 from error


def _respond(request: HttpRequest, file: "File[Any]", size: int, sha256: str) -> HttpResponseBase:
    match = _RANGE.match(request.headers.get("Range", ""))
    if match is None or match.groups() == ("", ""):
        whole = StreamingHttpResponse(_pieces(file, 0, size, sha256))
        whole["Content-Length"] = str(size)
        return whole
    first, last = match.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    if start > end or start >= size:
        file.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    partial = StreamingHttpResponse(_pieces(file, start, end - start + 1), status=206)
    partial["Content-Range"] = f"bytes {start}-{end}/{size}"
    partial["Content-Length"] = str(end - start + 1)
    return partial


async def _pieces(file: "File[Any]", start: int, length: int, sha256: str = "") -> AsyncIterator[bytes]:
    """Yield the bytes as they are sent: a server that is asynchronous would gather a plain iterator whole."""
    digest = hashlib.sha256()

    def read(size: int) -> bytes:
        piece: bytes = file.read(size)
        if sha256:
            digest.update(piece)
        return piece

    with file:
        file.seek(start)
        while length > 0 and (piece := await asyncio.to_thread(read, min(PIECE_BYTES, length))):
            length -= len(piece)
            if sha256 and length <= 0 and digest.hexdigest() != sha256:
                log.error("a stored file is not what came in: %s", file.name)
                raise Altered
            yield piece
