"""The stages that keep the indexes true: vectors for every chunk, their collection, and none after deletion."""

import logging
from collections.abc import Sequence
from hashlib import sha256

from django.utils.translation import gettext as _

from documents.models import Document
from engines import base, router, spanish
from engines.errands import Errand, Purpose
from pipeline.stages import Cancelled, Impossible, Later, LeaseLost, Stage, Work
from rag import fence, indexes, labelling, store
from rag.models import Chunk, Index, Placement
from rag.store import Point, StoreDown
from schools.ids import ChunkId, CollectionId, DocumentId, SchoolId
from schools.scope import school_scope

log = logging.getLogger(__name__)

BATCH = 64
STORE_WAIT_S = 15.0


def embed(work: Work) -> None:
    """Give every chunk of a document its vectors in every index that is active or being built."""
    live = _live()
    for number, index in enumerate(live):
        _fill(work, index, done=number, total=len(live))


def _live() -> list[Index]:
    """Return the indexes to write to; the first of an installation is made here, when Qdrant answers."""
    try:
        return indexes.live()
    except StoreDown as error:
        raise Later(STORE_WAIT_S, str(error)) from error


def _fill(work: Work, index: Index, *, done: int, total: int) -> None:
    document_id = DocumentId(work.subject_id)
    with school_scope(work.school_id):
        work.hold()
        held_since = fence.now(work.school_id)
        document = Document.objects.filter(pk=document_id, deleted_at=None).first()
        chunks = list(
            Chunk.objects.filter(document_id=document_id).defer("analysis", "spans").order_by("ordinal")
        )
    if document is None:
        raise Cancelled
    try:
        for start in range(0, len(chunks), BATCH):
            batch = chunks[start : start + BATCH]
            points = _points(work.school_id, document, batch, index)
            with school_scope(work.school_id):
                work.hold()
            store.upsert(
                index.name,
                school_id=work.school_id,
                collection_id=CollectionId(document.collection_id),
                document_id=document_id,
                points=points,
                fence=held_since,
            )
            work.report(done + (start + len(batch)) / len(chunks), total)
        store.forget(
            index.name,
            school_id=work.school_id,
            document_id=document_id,
            keep=[ChunkId(chunk.pk) for chunk in chunks],
            fence=held_since,
        )
        with school_scope(work.school_id):
            work.hold()
            # Deleted, or moved to another shelf, while we wrote: what we wrote is then not true any more.
            now = Document.objects.filter(pk=document_id, deleted_at=None).first()
            if now is None:
                raise Cancelled
            Placement.objects.get_or_create(document_id=document_id, index=index)
    except LeaseLost:
        # Too late: another holds the document, or nobody any more. What he wrote has a later moment and stays.
        _take_back(work, index, held_since)
        raise
    except Cancelled:
        with school_scope(work.school_id):
            is_gone = not Document.objects.filter(pk=document_id, deleted_at=None).exists()
        if is_gone:
            _take_back(work, index, held_since)
        raise
    except StoreDown as error:
        raise Later(STORE_WAIT_S, str(error)) from error
    if now.collection_id != document.collection_id:
        _shelve(work, index, now)


def _take_back(work: Work, index: Index, held_since: int) -> None:
    try:
        store.withdraw(
            index.name,
            school_id=work.school_id,
            document_id=DocumentId(work.subject_id),
            fence=held_since,
        )
    except StoreDown:  # no answer shows them, and `reconcile` takes them away
        log.warning("late points of document %s stay in %s", work.subject_id, index.name)


def _points(school_id: SchoolId, document: Document, chunks: Sequence[Chunk], index: Index) -> list[Point]:
    texts = [_dense_text(document, chunk) for chunk in chunks] if index.fingerprint else []
    digests = [sha256(text.encode()).hexdigest()[:32] for text in texts]
    dense = _dense_paid_once(school_id, document, chunks, index, texts, digests) if texts else None
    points = []
    for number, chunk in enumerate(chunks):
        heading = " ".join([document.title, *chunk.heading_path])
        stems, grams = spanish.vectors(chunk.text, heading=heading)
        points.append(
            Point(
                chunk_id=ChunkId(chunk.pk),
                stems=stems,
                grams=grams,
                dense=None if dense is None else dense[number],
                made_of="" if dense is None else digests[number],
            )
        )
    return points


def _dense_paid_once(
    school_id: SchoolId,
    document: Document,
    chunks: Sequence[Chunk],
    index: Index,
    texts: Sequence[str],
    digests: Sequence[str],
) -> list[Sequence[float]] | None:
    """Return the chunks' dense vectors: those that an interrupted try left in the index are not asked for again."""
    ids = [ChunkId(chunk.pk) for chunk in chunks]
    there = store.made_before(index.name, school_id=school_id, made_of=dict(zip(ids, digests, strict=True)))
    missing = [number for number, chunk_id in enumerate(ids) if chunk_id not in there]
    if missing:
        made = _dense(school_id, document, [texts[number] for number in missing], index)
        if made is None:
            return None
        there |= {ids[number]: row.tolist() for number, row in zip(missing, made, strict=True)}
    return [there[chunk_id] for chunk_id in ids]


def _dense(
    school_id: SchoolId, document: Document, texts: Sequence[str], index: Index
) -> base.Vectors | None:
    """Return the texts' dense vectors; None when the index's embedder may not see this document: words alone then."""
    embedder = router.embedder(fingerprint=index.fingerprint)
    if embedder is None:
        # Its engine was taken out of engines.yaml: another index is being built, this one gets no more documents.
        raise Impossible(_("El motor de este índice ya no está configurado."), code="index_retired")
    errand = Errand(
        school_id=school_id,
        purpose=Purpose.INDEX,
        parts=(labelling.of_document(document.title, document.sensitivity),),
        subject_id=document.pk,
        patience_s=5.0,
    )
    try:
        return router.embed(texts, errand, purpose="index", engine=embedder.engine)
    except base.NoEngine as error:
        if error.is_passing:
            raise Later(STORE_WAIT_S, error.detail) from error
        return None
    except base.Unavailable as error:
        wait_s = error.wait_s if isinstance(error, base.Busy) and error.wait_s is not None else STORE_WAIT_S
        raise Later(wait_s, error.detail) from error
    except base.EngineError as error:
        raise Impossible(error.detail, code=error.code) from error


def _dense_text(document: Document, chunk: Chunk) -> str:
    return "\n".join([" › ".join([document.title, *chunk.heading_path]), chunk.text])


def shelve(work: Work) -> None:
    """Tell every index on which shelf a document stands now."""
    with school_scope(work.school_id):
        document = Document.objects.filter(pk=work.subject_id, deleted_at=None).first()
    if document is None:
        return
    for index in _live():
        _shelve(work, index, document)


def _shelve(work: Work, index: Index, document: Document) -> None:
    try:
        store.shelve(
            index.name,
            school_id=work.school_id,
            document_id=DocumentId(document.pk),
            collection_id=CollectionId(document.collection_id),
        )
    except StoreDown as error:
        raise Later(STORE_WAIT_S, str(error)) from error


def forget(work: Work) -> None:
    """Take a deleted document out of every index."""
    try:
        for index in indexes.live():
            store.forget(index.name, school_id=work.school_id, document_id=DocumentId(work.subject_id))
    except StoreDown as error:
        raise Later(STORE_WAIT_S, str(error)) from error


# 1: title and heading path in the text that is analysed
EMBED = Stage(name="embed", version=1, queue="cpu", run=embed, weight=3)
SHELVE = Stage(name="shelve", version=1, queue="cpu", run=shelve, attempts=1000)
FORGET = Stage(name="forget", version=1, queue="cpu", run=forget, attempts=1000)
