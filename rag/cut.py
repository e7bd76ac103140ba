"""The stage that cuts a document's blocks into chunks, each with its heading path and the blocks it spans."""

from uuid import UUID, uuid5

from documents.models import Block, Document
from engines import spanish
from pipeline.stages import Cancelled, Stage, Work
from rag.chunk import VERSION, chunk
from rag.models import Chunk
from schools.bulk import insert
from schools.scope import school_scope


def cut(work: Work) -> None:
    """Make the chunks of a document; the same text gives the same chunks."""
    with school_scope(work.school_id):
        document = Document.objects.filter(pk=work.subject_id, deleted_at=None).first()
        blocks = list(Block.objects.filter(document_id=work.subject_id).order_by("ordinal").defer("words"))
    if document is None:
        raise Cancelled
    rows = []
    drafts = chunk([block.parsed() for block in blocks])
    for draft in drafts:
        rows.append(
            Chunk(
                id=chunk_id(document.pk, draft.ordinal, draft.text),
                school_id=work.school_id,
                document_id=document.pk,
                ordinal=draft.ordinal,
                text=draft.text,
                heading_path=draft.heading_path,
                spans=[[s.block_ordinal, s.chunk_start, s.block_start, s.length] for s in draft.spans],
                analysis=spanish.analyse(draft.text).to_bytes(),
            )
        )
        work.report(len(rows), len(drafts))
    with school_scope(work.school_id):
        work.hold()
        Chunk.objects.filter(document_id=document.pk).delete()
        insert(rows)


def chunk_id(document_id: UUID, ordinal: int, text: str) -> UUID:
    """Return a chunk's id: the same for the same text at the same place of the same document."""
    return uuid5(document_id, f"{ordinal}:{text}")


# Either of the two grows, so the sum is new.
CUT = Stage(name="cut", version=spanish.VERSION + VERSION, queue="cpu", run=cut, weight=1)
