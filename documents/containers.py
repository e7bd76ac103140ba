"""Files inside files: the attachments of a mail, the members of an archive, each a document of its own.

A file that came in another is a document like any: it is found, cited and deleted by itself, and stays when its
container is deleted. Processing the container again brings back those that were deleted meanwhile.
"""

from collections.abc import Iterable
from uuid import UUID

from django.core.files.base import ContentFile
from django.utils.translation import gettext as _

from documents import collections, library, uploads
from documents.blocks import Attachment, Unreadable
from documents.library import Entry
from documents.models import Document
from schools.admission import Member
from schools.ids import SchoolId
from schools.refusals import Refused
from schools.scope import school_scope

MOST_LEVELS = 2  # a file in an archive in a mail, and no further
MOST_FILES = 500  # of one container


class ContainerGone(Exception):
    """The container was deleted while it was read."""


def open_up(document: Document, attachments: Iterable[Attachment]) -> list[Unreadable]:
    """Take each attachment in as a document beside its container; return those that were refused, and why.

    May run twice: bytes that the school has already make no second document. Outside a scope.
    """
    files = list(attachments)
    if not files:
        return []
    assert document.school_id is not None
    school_id = SchoolId(document.school_id)
    with school_scope(school_id):
        above = _chain(document)
    if len(above) > MOST_LEVELS:
        reason = _(
            "Los archivos que trae adentro no se leyeron: hay demasiados unos dentro de otros. Conviene subirlos por "
            "separado."
        )
        return [Unreadable(None, reason, "attachment")]
    refused: list[Unreadable] = []
    for each in files[:MOST_FILES]:
        try:
            _take_in(document.pk, each, school_id=school_id, above=above)
        except ContainerGone:
            return []
        except Refused as error:
            refused.append(Unreadable(None, _said(uploads.clean_name(each.name), error.detail), "attachment"))
    if len(files) > MOST_FILES:
        reason = _("Trae más de %d archivos: los demás no se leyeron. Conviene subirlos por separado.")
        refused.append(Unreadable(None, reason % MOST_FILES, "attachment"))
    return refused


def family(member: Member, document: Document) -> tuple[Entry | None, list[Entry]]:
    """Return what a document came in, and what came in it, as far as the member may see them."""
    with school_scope(member.school_id):
        rows = library.visible(member)
        parts = list(
            rows.filter(parent_id=document.pk).order_by("pk").values_list("pk", flat=True)[:MOST_FILES]
        )
    wanted = [*parts, *([document.parent_id] if document.parent_id else [])]
    entries = {entry.id: entry for entry in library.some(member, wanted)}
    parent = entries.get(document.parent_id) if document.parent_id else None
    return parent, [entries[each] for each in parts if each in entries]


def _chain(document: Document) -> list[UUID]:
    """Return the document and all that it came in, the outermost last. Inside a scope."""
    chain, parent_id = [document.pk], document.parent_id
    while parent_id is not None and parent_id not in chain and len(chain) <= MOST_LEVELS + 1:
        chain.append(parent_id)
        parent_id = Document.objects.filter(pk=parent_id).values_list("parent_id", flat=True).first()
    return chain


def _levels_below(document: Document) -> int:
    """Return how many levels of files a document has inside. Inside a scope."""
    level, inside = 0, [document.pk]
    while level <= MOST_LEVELS and (
        inside := list(Document.objects.filter(parent_id__in=inside).values_list("pk", flat=True))
    ):
        level += 1
    return level


def _take_in(container_id: UUID, attachment: Attachment, *, school_id: SchoolId, above: list[UUID]) -> None:
    """Make a document of an attachment, or link the one that has its bytes; raise Refused or ContainerGone."""
    file = ContentFile(attachment.content, name=attachment.name)
    checked = uploads.check(file)
    with school_scope(school_id):
        # As it is now: it may have been moved, classified or deleted since the attachments were found.
        container = _still_there(container_id)
        if (known := uploads.same_file(checked.sha256)) is not None:
            _link(known, container, above=above)
            return
        uploads.check_quota(checked.size_bytes)
        document = Document(
            collection_id=container.collection_id,
            title=uploads.title_from(checked.name)[: uploads.TITLE_MOST_CHARS],
            filename=checked.name,
            format=checked.kind.value,
            sha256=checked.sha256,
            size_bytes=checked.size_bytes,
            sensitivity=container.sensitivity,
            valid_from=container.valid_from,
            valid_until=container.valid_until,
            issuer=container.issuer,
            parent_id=container.pk,
            uploaded_by_id=container.uploaded_by_id,
        )
    if uploads.keep(document, file, school_id=school_id) is not None:
        return
    # The same bytes came at the same moment, or the container or its shelf is gone.
    with school_scope(school_id):
        container = _still_there(container_id)
        known = uploads.same_file(checked.sha256)
        if known is None:
            raise collections.NoSuchCollection(_("La colección dejó de existir."))
        _link(known, container, above=above)


def _still_there(container_id: UUID) -> Document:
    container = Document.objects.filter(pk=container_id, deleted_at=None).first()
    if container is None:
        raise ContainerGone
    return container


def _link(known: Document, container: Document, *, above: list[UUID]) -> None:
    """Note that a document also came in a container. Inside a scope.

    Only where that tells nobody of a document that they may not see (the same shelf), takes nothing from another
    container, closes no circle, and makes no more levels than may be.
    """
    if known.collection_id != container.collection_id or known.pk in above or known.parent_id == container.pk:
        return
    if len(above) + _levels_below(known) > MOST_LEVELS:
        return
    is_free = (
        known.parent_id is None or not Document.objects.filter(pk=known.parent_id, deleted_at=None).exists()
    )
    if is_free:
        Document.objects.filter(pk=known.pk).update(parent_id=container.pk)


def _said(name: str, reason: str) -> str:
    """Return why a file was not read, with its name."""
    if f"«{name}»" in reason:
        return reason
    begin = reason if reason[:2].isupper() else reason[:1].lower() + reason[1:]
    return _("«%(name)s» no se leyó: %(reason)s") % {"name": name, "reason": begin}
