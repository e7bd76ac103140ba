"""A parsed document as bytes, for the pipe from a confined child to its parent: nothing in it can be code.

First the length of a JSON message, then the message, then the files that it names by their lengths.
"""

import base64
import json
import struct
from typing import Any

from documents.blocks import Attachment, Kind, ParsedBlock, ParsedDocument, Picture, Unreadable
from documents.places import from_json, to_json

_LENGTH = struct.Struct(">I")


class BadMessage(ValueError):
    """Bytes that `encode` never wrote."""

    code = "bad_message"


def encode(document: ParsedDocument) -> bytes:
    """Return the document as bytes."""
    message = {
        "title": document.title,
        "pages": document.pages,
        "blocks": list(map(block_to_json, document.blocks)),
        "unreadable": [
            [to_json(part.place) if part.place else None, part.reason, part.code]
            for part in document.unreadable
        ],
        "pictures": [[each.name, len(each.content)] for each in document.pictures],
        "attachments": [[each.name, len(each.content)] for each in document.attachments],
        "copy": len(document.copy),
    }
    head = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", errors="replace")
    pictures = [each.content for each in document.pictures]
    attachments = [each.content for each in document.attachments]
    return b"".join((_LENGTH.pack(len(head)), head, *pictures, *attachments, document.copy))


def decode(data: bytes) -> ParsedDocument:
    """Return what `encode` was given; `BadMessage` for anything else."""
    try:
        (length,) = _LENGTH.unpack_from(data)
        message = json.loads(data[_LENGTH.size : _LENGTH.size + length])
        files = _Files(data, _LENGTH.size + length)
        document = ParsedDocument(
            blocks=tuple(map(block_from_json, message["blocks"])),
            title=None if message["title"] is None else str(message["title"]),
            pages=None if message["pages"] is None else int(message["pages"]),
            unreadable=tuple(map(_unreadable, message["unreadable"])),
            pictures=tuple(Picture(str(name), files.take(size)) for name, size in message["pictures"]),
            attachments=tuple(
                Attachment(str(name), files.take(size)) for name, size in message["attachments"]
            ),
            copy=files.take(message["copy"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, struct.error) as error:
        raise BadMessage("not a parsed document") from error
    return document


def block_to_json(block: ParsedBlock) -> list[Any]:
    """Return a block as JSON carries it."""
    return [
        block.kind.value,
        block.text,
        to_json(block.place),
        block.level,
        block.cells,
        base64.b64encode(block.words).decode("ascii"),
        block.doubts,
        block.picture,
    ]


def block_from_json(stored: list[Any]) -> ParsedBlock:
    """Return the block that `block_to_json` was given; ValueError, KeyError or TypeError for anything else."""
    kind, text, place, level, cells, words, doubts, picture = stored
    return ParsedBlock(
        kind=Kind(kind),
        text=str(text),
        place=from_json(place),
        level=int(level),
        cells=tuple(tuple(map(str, row)) for row in cells),
        words=base64.b64decode(words, validate=True),
        doubts=tuple((int(first), int(last)) for first, last in doubts),
        picture=str(picture),
    )


class _Files:
    """Gives the files after the message, one after the other."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data = memoryview(data)
        self._at = at

    def take(self, size: int) -> bytes:
        """Return the next `size` bytes; raise BadMessage when there are not so many."""
        if not isinstance(size, int) or not 0 <= size <= len(self._data) - self._at:
            raise BadMessage("a file is cut")
        self._at += size
        return bytes(self._data[self._at - size : self._at])


def _unreadable(stored: list[Any]) -> Unreadable:
    place, reason, code = stored
    return Unreadable(from_json(place) if place else None, str(reason), str(code))
