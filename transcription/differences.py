"""Recordings against the sound that is kept of them."""

from uuid import UUID

from django.core.files.storage import default_storage

from documents import fetching
from documents.models import Document
from documents.parsers.base import Unparsable
from pipeline.differences import at_work
from schools.differences import Look, Outcome
from schools.ids import SchoolId
from schools.scope import school_scope
from transcription import normalise
from transcription.models import Recording

PAGE = 500


def check(school_id: SchoolId, look: Look) -> None:
    """Make the sound of a recording again from its original, where it is gone; its words stay as they are."""
    last = UUID(int=0)
    while True:
        with school_scope(school_id):
            heard = Recording.objects.filter(pk__gt=last, document__deleted_at=None).order_by("pk")
            page = list(heard.values_list("pk", "has_sound")[:PAGE])
            busy = at_work([each for each, _has_sound in page])
        for document_id, has_sound in page:
            if has_sound and document_id not in busy:
                _check(school_id, document_id, look)
        if not page:
            return
        last = page[-1][0]


def _check(school_id: SchoolId, document_id: UUID, look: Look) -> None:
    with school_scope(school_id):
        document = Document.objects.filter(pk=document_id, deleted_at=None).first()
    if document is None or default_storage.exists(document.sound_key):
        return
    outcome = look.mended
    if look.mends:
        try:
            normalise.sound_again(document)
        except (fetching.StoreAway, Unparsable):
            outcome = Outcome.LEFT
    look.note("missing_sound", outcome, document_id)
