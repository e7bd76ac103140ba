"""The original file on its way to a browser, whole or in the part it asks for."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from documents.models import Document
from documents.parsers import FileKind, media_type

# Only what the viewer needs is ever shown inside the house; everything else, HTML and SVG above all, is a download.
INLINE = frozenset({FileKind.PDF})
PIECE_BYTES = 256 * 1024
_RANGE = re.compile(r"\Abytes=(\d{0,18})-(\d{0,18})\Z")


def respond(request: HttpRequest, document: Document, *, inline: bool) -> HttpResponseBase:
    """Return the file as a response; a single byte range is honoured. Raises Http404 when the file is gone.

    Inline it is the PDF that the viewer shows, which may be a copy; a download is always the original.
    """
    has_copy = inline and document.has_copy
    return respond_with(
        request,
        document.copy_key if has_copy else document.file_key,
        media=media_type(FileKind.PDF if has_copy else FileKind(document.format)),
        filename=document.filename,
        inline=has_copy or (inline and document.format in INLINE),
    )


def respond_with(
    request: HttpRequest, key: str, *, media: str, filename: str, inline: bool = True
) -> HttpResponseBase:
    """Return a stored file as a response; a single byte range is honoured. Raises Http404 when the file is gone."""
    try:
        file = default_storage.open(key, "rb")
    except FileNotFoundError as error:
        raise Http404 from error
    return respond_from(request, file, media=media, filename=filename, inline=inline)


def respond_from(
    request: HttpRequest, file: "File[Any]", *, media: str, filename: str, inline: bool = False
) -> HttpResponseBase:
    """Return an open file as a response, which closes it; a single byte range is honoured."""
    response = _respond(request, file, file.size)
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


def _respond(request: HttpRequest, file: "File[Any]", size: int) -> HttpResponseBase:
    match = _RANGE.match(request.headers.get("Range", ""))
    if match is None or match.groups() == ("", ""):
        whole = StreamingHttpResponse(_pieces(file, 0, size))
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


async def _pieces(file: "File[Any]", start: int, length: int) -> AsyncIterator[bytes]:
    """Yield the bytes as they are sent: a server that is asynchronous would gather a plain iterator whole."""
    with file:
        file.seek(start)
        while length > 0 and (piece := await asyncio.to_thread(file.read, min(PIECE_BYTES, length))):
            length -= len(piece)
            yield piece
