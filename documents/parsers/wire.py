"""A parsed document as JSON, for the pipe from a confined child to its parent: nothing in it can be code."""

import base64
import json
from typing import Any

from documents.blocks import Kind, ParsedBlock, ParsedDocument, Unreadable
from documents.places import from_json, to_json


class BadMessage(ValueError):
    """Bytes that `encode` never wrote."""

    code = "bad_message"


def encode(document: ParsedDocument) -> bytes:
    """Return the document as bytes."""
    message = {
        "title": document.title,
        "pages": document.pages,
        "blocks": [
            [
                block.kind.value,
                block.text,
                to_json(block.place),
                block.level,
                block.cells,
                base64.b64encode(block.words).decode("ascii"),
            ]
            for block in document.blocks
        ],
        "unreadable": [
            [to_json(part.place) if part.place else None, part.reason, part.code]
            for part in document.unreadable
        ],
    }
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", errors="replace")


def decode(data: bytes) -> ParsedDocument:
    """Return what `encode` was given; `BadMessage` for anything else."""
    try:
        message = json.loads(data)
        return ParsedDocument(
            blocks=tuple(map(_block, message["blocks"])),
            title=None if message["title"] is None else str(message["title"]),
            pages=None if message["pages"] is None else int(message["pages"]),
            unreadable=tuple(map(_unreadable, message["unreadable"])),
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BadMessage("not a parsed document") from error


def _block(stored: list[Any]) -> ParsedBlock:
    kind, text, place, level, cells, words = stored
    return ParsedBlock(
        kind=Kind(kind),
        text=str(text),
        place=from_json(place),
        level=int(level),
        cells=tuple(tuple(map(str, row)) for row in cells),
        words=base64.b64decode(words, validate=True),
    )


def _unreadable(stored: list[Any]) -> Unreadable:
    place, reason, code = stored
    return Unreadable(from_json(place) if place else None, str(reason), str(code))
