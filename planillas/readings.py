"""The sources of a planilla as they are read: blocks in portions, and by which mark one knows that they changed."""

from collections.abc import Collection, Iterator, Sequence
from hashlib import sha256
from uuid import UUID

from documents import work
from documents.models import Block, Document, Status
from documents.places import to_json
from planillas import recorded
from planillas.records import Numbered, Reading
from schools import scope
from schools.ids import SchoolId
from schools.scope import school_scope

PORTION = 100
READY = (Status.READY, Status.PARTIAL)

_MARK = """
SELECT coalesce(md5(string_agg(md5(text || place::text || cells::text), '' ORDER BY ordinal)), '')
FROM documents_block WHERE school_id = %(school)s AND document_id = %(document)s
"""
_SIZES = """
SELECT document_id, sum(greatest(1, jsonb_array_length(cells)))::int FROM documents_block
WHERE school_id = %(school)s AND document_id = ANY(%(documents)s) GROUP BY document_id
"""


def of_document(school_id: SchoolId, document_id: UUID) -> Reading:
    """Return a document as it is read, no scope being open while the caller works at what it was given.

    Of a recording also what is known of it beside its words. A document that is gone reads as an empty one.
    """
    with school_scope(school_id):
        document = Document.objects.filter(pk=document_id, deleted_at=None).first()
    if document is None:
        return Reading(document_id, "", "", ())
    blocks = _Blocks(school_id, document_id, is_recording=work.is_recording(document))
    return Reading(document_id, document.title, document.format, blocks)


def some(school_id: SchoolId, document_id: UUID, ordinals: Collection[int]) -> dict[int, Numbered]:
    """Return some blocks of a document by their ordinals; those that are there no more are left out."""
    read = [each for each in ordinals if each < recorded.FROM]
    with school_scope(school_id):
        rows = Block.objects.filter(document_id=document_id, ordinal__in=read) if read else ()
        found = {row.ordinal: Numbered(row.ordinal, row.parsed()) for row in rows}
        if len(read) < len(ordinals):
            found |= {each.ordinal: each for each in recorded.facts(document_id) if each.ordinal in ordinals}
    return found


def mark(school_id: SchoolId, document: Document) -> str:
    """Return what changes whenever something of what is read of the document does."""
    ((blocks,),) = scope.run(school_id, _MARK, {"school": school_id, "document": document.pk})
    if not work.is_recording(document):
        return str(blocks)
    with school_scope(school_id):
        facts = recorded.facts(document.pk)
    told = [f"{each.block.text}{to_json(each.block.place)}" for each in facts]
    return sha256("\0".join([blocks, *told]).encode()).hexdigest()


def sizes(school_id: SchoolId, document_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Return how many lines each document has, to tell progress by: a table's rows count one by one."""
    asked = {"school": school_id, "documents": list(document_ids)}
    return dict(scope.run(school_id, _SIZES, asked))


class _Blocks:
    """The blocks of a document in order; may be gone through more than once, each time as it is then."""

    def __init__(self, school_id: SchoolId, document_id: UUID, *, is_recording: bool) -> None:
        self._school_id, self._document_id, self._is_recording = school_id, document_id, is_recording

    def __iter__(self) -> Iterator[Numbered]:
        after = -1
        while True:
            with school_scope(self._school_id):
                rows = Block.objects.filter(document_id=self._document_id, ordinal__gt=after)
                portion = list(rows.order_by("ordinal")[:PORTION])
            for row in portion:
                yield Numbered(row.ordinal, row.parsed())
            if len(portion) < PORTION:
                break
            after = portion[-1].ordinal
        if self._is_recording:
            with school_scope(self._school_id):
                facts = recorded.facts(self._document_id)
            yield from facts
