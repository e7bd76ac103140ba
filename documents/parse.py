"""The stage that reads a file into blocks, in a child process with limits."""

import shutil
import tempfile
from pathlib import Path

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from documents import parsers, places
from documents.models import Block, Document
from documents.parsers import FileKind, sandbox
from documents.parsers.base import Unparsable
from documents.uploads import TITLE_MOST_CHARS, title_from
from pipeline.stages import Cancelled, Impossible, Stage, Work
from schools.bulk import insert
from schools.scope import school_scope


def parse(work: Work) -> None:
    """Read a document's original and keep its blocks, its pages and what could not be read."""
    with school_scope(work.school_id):
        document = Document.objects.filter(pk=work.subject_id, deleted_at=None).first()
    if document is None:
        raise Cancelled
    with tempfile.TemporaryDirectory(prefix="parse-") as folder:
        path = Path(folder) / "original"
        _fetch(document, path)
        try:
            parsed = sandbox.parse(path, FileKind(document.format), progress=work.report)
        except Unparsable as error:
            raise Impossible(str(error), code=error.code) from error
    rows = [
        Block(
            school_id=work.school_id,
            document_id=document.pk,
            ordinal=ordinal,
            kind=block.kind,
            level=block.level,
            text=block.text,
            place=places.to_json(block.place),
            cells=block.cells,
            words=block.words,
        )
        for ordinal, block in enumerate(parsed.blocks)
    ]
    unreadable = [
        {
            "place": places.to_json(each.place) if each.place else None,
            "reason": each.reason,
            "code": each.code,
        }
        for each in parsed.unreadable
    ]
    if not rows:
        first = parsed.unreadable[0] if parsed.unreadable else None
        reason = first.reason if first else _("El archivo no tiene ningún texto que se pueda leer.")
        raise Impossible(reason, code=first.code if first else "no_text")
    with school_scope(work.school_id):
        work.hold()
        if parsed.title and document.title == title_from(document.filename):
            document.title = parsed.title[:TITLE_MOST_CHARS]
            document.save(update_fields=["title", "name_folded"])
        Block.objects.filter(document_id=document.pk).delete()
        insert(rows)
        Document.objects.filter(pk=document.pk).update(pages=parsed.pages, unreadable=unreadable)


def _fetch(document: Document, path: Path) -> None:
    """Copy the original to a local file; the storage may be far away."""
    with default_storage.open(document.file_key, "rb") as source, path.open("wb") as target:
        shutil.copyfileobj(source, target, 1024 * 1024)


def _preload() -> None:
    for kind in FileKind:
        parsers.preload(kind)


PARSE = Stage(name="parse", version=1, queue="cpu", run=parse, weight=5, preload=_preload)
