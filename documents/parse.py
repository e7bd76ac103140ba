"""The stage that reads a file into blocks, in a child process with limits."""

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from documents import containers, fetching, parsers, places
from documents.blocks import ParsedBlock, Unreadable
from documents.models import Block, Document
from documents.parsers import FileKind, sandbox
from documents.parsers.base import Unparsable
from documents.uploads import TITLE_MOST_CHARS, title_from
from pipeline.stages import Cancelled, Impossible, Stage, Work
from schools.bulk import insert
from schools.scope import school_scope

# Codes of pages that are images, or whose letters mean nothing: OCR may read them.
FOR_OCR = frozenset({"no_text", "garbled_text"})


def parse(work: Work) -> None:
    """Read a document's original; keep its blocks, its pictures, its pages and what could not be read.

    Files inside it become documents of their own.
    """
    with school_scope(work.school_id):
        document = Document.objects.filter(pk=work.subject_id, deleted_at=None).first()
    if document is None:
        raise Cancelled
    with tempfile.TemporaryDirectory(prefix="parse-") as folder:
        path = Path(folder) / "original"
        try:
            key = document.legible_key if document.format == FileKind.PDF else document.file_key
            fetching.fetch(key, path, sha256=document.sha256 if key == document.file_key else "")
            path, kind = parsers.prepare(path, FileKind(document.format), Path(folder))
            parsed = sandbox.parse(path, kind, progress=work.report)
        except fetching.StoreAway as error:
            raise fetching.later(error) from error
        except Unparsable as error:
            raise Impossible(str(error), code=error.code) from error
    if not parsed.blocks and not parsed.attachments and not any(map(is_for_ocr, parsed.unreadable)):
        first = parsed.unreadable[0] if parsed.unreadable else None
        reason = first.reason if first else _("El archivo no tiene ningún texto que se pueda leer.")
        raise Impossible(reason, code=first.code if first else "no_text")
    rows = block_rows(document, parsed.blocks)
    unreadable = [
        *_told(parsed.unreadable, before=document.unreadable),
        *_told(containers.open_up(document, parsed.attachments), before=document.unreadable),
    ]
    # Files before the rows that name them.
    for picture in parsed.pictures:
        replace_file(document.picture_key(picture.name), picture.content)
    if parsed.copy:
        replace_file(document.copy_key, parsed.copy)
    with school_scope(work.school_id):
        work.hold()
        if parsed.title and document.title == title_from(document.filename):
            document.title = parsed.title[:TITLE_MOST_CHARS]
            document.save(update_fields=["title", "name_folded"])
        Block.objects.filter(document_id=document.pk).delete()
        insert(rows)
        Document.objects.filter(pk=document.pk).update(
            pages=parsed.pages, unreadable=unreadable, has_copy=document.has_copy or bool(parsed.copy)
        )


def block_rows(document: Document, blocks: Iterable[ParsedBlock]) -> list[Block]:
    """Return the rows of a document's blocks, numbered in the order in which they come."""
    return [
        Block(
            school_id=document.school_id,
            document_id=document.pk,
            ordinal=ordinal,
            kind=block.kind,
            level=block.level,
            text=block.text,
            place=places.to_json(block.place),
            cells=block.cells,
            words=block.words,
            doubts=block.doubts,
            picture=block.picture,
        )
        for ordinal, block in enumerate(blocks)
    ]


def is_for_ocr(part: Unreadable) -> bool:
    """Say whether a part is a page that was not read because it is an image."""
    return part.code in FOR_OCR and isinstance(part.place, places.Page)


def _told(parts: Iterable[Unreadable], *, before: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what could not be read as a document keeps it; what a person said of a part before still holds."""
    # A page without words is set aside by OCR, not by a person.
    # What has no place is known again by its reason, which names the file that was refused.
    ignored = [
        (each["place"], "" if each["place"] else each["reason"])
        for each in before
        if each.get("ignored") and each["code"] != "no_words"
    ]
    return [
        {
            "place": (place := places.to_json(part.place) if part.place else None),
            "reason": part.reason,
            "code": part.code,
            "ignored": (place, "" if place else part.reason) in ignored,
        }
        for part in parts
    ]


def replace_file(key: str, content: bytes) -> None:
    """Store a file under a name, in the place of the one that may be there."""
    default_storage.delete(key)
    default_storage.save(key, ContentFile(content))


PARSE = Stage(
    name="parse", version=2, queue="cpu", run=parse, weight=5, preload=parsers.preload_usual
)  # 2: every kind of document
