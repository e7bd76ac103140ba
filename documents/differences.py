"""Documents against their files and their runs."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from django.core.files.storage import default_storage

from documents import stored, work
from documents.models import Block, Document, Status
from documents.parsers import FileKind
from documents.stored import Kept
from pipeline import differences as pipeline
from schools.differences import Look, Outcome
from schools.ids import SchoolId
from schools.scope import school_scope

PAGE = 500
_WAITING = (Status.QUEUED, Status.PROCESSING)


def check(school_id: SchoolId, look: Look) -> None:
    """Compare a school's documents with what is stored of them and with the work that was promised."""
    for documents, busy, pictures in _pages(school_id):
        look.busy += len(busy)
        for document in documents:
            if document.pk not in busy:
                _check(school_id, document, pictures.get(document.pk, set()), look)
    _check_folders(school_id, look)


def _check(school_id: SchoolId, document: Document, pictures: set[str], look: Look) -> None:
    if document.deleted_at is not None:
        _begin(school_id, "removal_not_begun", "removal", document.pk, look)
        return
    if document.status in _WAITING:
        _begin(school_id, "work_not_begun", work.kind_of(document), document.pk, look)
        return
    original = stored.verify(document.file_key, document.sha256, look, size_bytes=document.size_bytes)
    if original == Kept.GONE and _still(school_id, document):
        look.note("missing_original", Outcome.LEFT, document.pk)
    folder = document.picture_key("")
    kept = set(stored.within(folder.rstrip("/"))[1])
    _check_made(school_id, document, sorted(pictures - kept), look, has_original=original == Kept.WHOLE)
    expected = {document.file_key, document.copy_key, document.sound_key}
    for key in stored.below(folder.rstrip("/").rpartition("/")[0]):
        name = key.removeprefix(folder)
        is_named = key in expected or (name != key and name in pictures)
        if not is_named and stored.is_settled(key, look) and _still(school_id, document, picture=name):
            stored.take_away(key, look)


def _check_made(
    school_id: SchoolId, document: Document, pictures: Sequence[str], look: Look, *, has_original: bool
) -> None:
    """Have what was made from the original made again, where it is gone."""
    lacks_copy = document.has_copy and not default_storage.exists(document.copy_key)
    if not (pictures or lacks_copy) or not _still(school_id, document):
        return
    # A PDF's copy was made with its password, which nobody kept.
    is_possible = has_original and not (lacks_copy and document.format == FileKind.PDF)
    if not look.mends:
        outcome = Outcome.FOUND
    elif is_possible:
        kind = work.kind_of(document)
        outcome = pipeline.mend_by(school_id, kind, [document.pk])[document.pk]
    else:
        outcome = Outcome.LEFT
    if lacks_copy:
        look.note("missing_copy", outcome, document.pk)
    for name in pictures:
        look.note("missing_picture", outcome, document.picture_key(name))


def _begin(school_id: SchoolId, code: str, kind: str, document_id: UUID, look: Look) -> None:
    outcome = Outcome.FOUND
    if look.mends:
        outcome = pipeline.mend_by(school_id, kind, [document_id])[document_id]
    look.note(code, outcome, document_id)


def _pages(school_id: SchoolId) -> Iterator[tuple[list[Document], set[UUID], dict[UUID, set[str]]]]:
    """Yield all documents, those that are worked on, and the pictures that each one's blocks name."""
    last = UUID(int=0)
    while True:
        with school_scope(school_id):
            page = list(Document.objects.filter(pk__gt=last).order_by("pk")[:PAGE])
            ids = [each.pk for each in page]
            busy = pipeline.at_work(ids)
            named = Block.objects.filter(document_id__in=ids).exclude(picture="")
            pictures: dict[UUID, set[str]] = {}
            for document_id, name in named.values_list("document_id", "picture"):
                pictures.setdefault(document_id, set()).add(name)
        if not page:
            return
        yield page, busy, pictures
        last = ids[-1]


def _still(school_id: SchoolId, document: Document, *, picture: str = "") -> bool:
    """Say whether nobody has taken the document up since, or named the picture."""
    with school_scope(school_id):
        if pipeline.at_work([document.pk]):
            return False
        now = Document.objects.filter(pk=document.pk, deleted_at=None).first()
        is_named = bool(picture) and Block.objects.filter(document_id=document.pk, picture=picture).exists()
    return now is not None and now.status == document.status and not is_named


def _check_folders(school_id: SchoolId, look: Look) -> None:
    """Take away what lies in folders of documents that are not there."""
    home = stored.folder_of(school_id)
    ids = [found for name in stored.within(home)[0] if (found := stored.as_id(name))]
    for start in range(0, len(ids), PAGE):
        page = ids[start : start + PAGE]
        with school_scope(school_id):
            known = set(Document.objects.filter(pk__in=page).values_list("pk", flat=True))
        for document_id in page:
            if document_id in known:
                continue
            # Its row is written when the file is whole: asked again for each, and only when it lies still.
            for key in list(stored.below(f"{home}/{document_id}")):
                if stored.is_settled(key, look) and not _exists(school_id, document_id):
                    stored.take_away(key, look)


def _exists(school_id: SchoolId, document_id: UUID) -> bool:
    with school_scope(school_id):
        return Document.objects.filter(pk=document_id).exists()
