"""The stages that keep the indexes true: vectors for every chunk, their collection, and none after deletion."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from documents.models import Document
from engines import base, router, spanish
from engines.errands import Errand, Purpose
from pipeline.stages import Cancelled, Impossible, Later, Stage, Work
from rag import indexes, labelling, store
from rag.models import Chunk, Index, Placement
from rag.store import Point, StoreDown
from schools.ids import ChunkId, CollectionId, DocumentId, SchoolId
from schools.scope import school_scope

BATCH = 64
STORE_WAIT_S = 15.0


def embed(work: Work) -> None:
    """Give every chunk of a document its vectors in every index that is active or being built."""
    live = indexes.live()
    for number, index in enumerate(live):
        _fill(work, index, done=number, total=len(live))


def _fill(work: Work, index: Index, *, done: int, total: int) -> None:
    document_id = DocumentId(work.subject_id)
    with school_scope(work.school_id):
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
            )
            work.report(done + (start + len(batch)) / len(chunks), total)
        store.forget(
            index.name,
            school_id=work.school_id,
            document_id=document_id,
            keep=[ChunkId(chunk.pk) for chunk in chunks],
        )
    except StoreDown as error:
        raise Later(STORE_WAIT_S, str(error)) from error
    with school_scope(work.school_id):
        work.hold()
        # Deleted, or moved to another shelf, while we wrote: what we wrote is then not true any more.
        now = Document.objects.filter(pk=document_id, deleted_at=None).first()
        if now is None:
            raise Cancelled
        Placement.objects.get_or_create(document_id=document_id, index=index)
    if now.collection_id != document.collection_id:
        _shelve(work, index, now)


def _points(school_id: SchoolId, document: Document, chunks: Sequence[Chunk], index: Index) -> list[Point]:
    dense = _dense(school_id, document, chunks, index) if index.fingerprint else None
    points = []
    for number, chunk in enumerate(chunks):
        heading = " ".join([document.title, *chunk.heading_path])
        stems, grams = spanish.vectors(chunk.text, heading=heading)
        points.append(
            Point(
                chunk_id=ChunkId(chunk.pk),
                stems=stems,
                grams=grams,
                dense=None if dense is None else dense[number].tolist(),
            )
        )
    return points


def _dense(
    school_id: SchoolId, document: Document, chunks: Sequence[Chunk], index: Index
) -> base.Vectors | None:
    """Return the chunks' dense vectors; None when the index's embedder may not see this document: words alone then."""
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
    texts = [_dense_text(document, chunk) for chunk in chunks]
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
    for index in indexes.live():
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
