"""Which background work makes a document readable: reading a file, or writing down what a recording says."""

from documents.models import Document
from documents.parsers import RECORDED, FileKind

READING, LISTENING = "document", "recording"  # keys of settings.PIPELINES
KINDS = (READING, LISTENING)


def kind_of(document: Document) -> str:
    """Return the kind of run that processes a document."""
    return LISTENING if is_recording(document) else READING


def is_recording(document: Document) -> bool:
    """Say whether a document is heard and not read."""
    return FileKind(document.format) in RECORDED
