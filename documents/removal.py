"""The stage that takes a deleted document's rows and file away."""

from django.core.files.storage import default_storage

from documents.models import Document
from pipeline.stages import Stage, Work
from schools.scope import school_scope


def remove(work: Work) -> None:
    """Delete the file of a document marked as deleted, then its rows, which name it."""
    with school_scope(work.school_id):
        document = Document.objects.exclude(deleted_at=None).filter(pk=work.subject_id).first()
    if document is None:
        return
    for key in _files(document):
        default_storage.delete(key)
    with school_scope(work.school_id):
        work.hold()
        document.delete()


def _files(document: Document) -> list[str]:
    """Return the names of all that is stored of a document."""
    folder = document.picture_key("")
    try:
        _folders, names = default_storage.listdir(folder)
    except FileNotFoundError:
        names = []
    return [
        document.file_key,
        document.copy_key,
        document.sound_key,
        *(document.picture_key(name) for name in names),
    ]


# It must come to an end one day, whatever is down meanwhile.
REMOVE = Stage(name="remove", version=1, queue="cpu", run=remove, attempts=1000)
