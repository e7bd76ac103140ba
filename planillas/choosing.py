"""What a planilla may be filled from, to be searched and picked: documents and recordings that are ready."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet

from documents import library, shown
from documents.models import Document
from documents.parsers import RECORDED
from engines.spanish import fold
from planillas.readings import READY
from schools.admission import Member
from schools.scope import school_scope

PER_PAGE = 30
DOCUMENTS, RECORDINGS = "documentos", "grabaciones"


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for. `kind`: DOCUMENTS, RECORDINGS, "": both; `with_unready`: those too, not to be picked."""

    query: str = ""
    collection_id: UUID | None = None
    kind: str = ""
    with_unready: bool = False
    page: str = "1"


@dataclass(frozen=True, slots=True)
class Pickable:
    """A document that is offered."""

    id: UUID
    title: str
    kind: str
    kind_label: str
    collection: str
    state: str  # why it cannot be picked; "": it can


def find(member: Member, search: Search) -> Page[Any]:
    """Return one page of Pickable, newest first."""
    with school_scope(member.school_id):
        rows = _matching(member, search).select_related("collection").order_by("-pk")
        found: Page[Any] = Paginator(rows, PER_PAGE).get_page(search.page)
        found.object_list = [_pickable(each) for each in found.object_list]
        return found


def picked(member: Member, document_ids: Sequence[UUID]) -> list[Pickable]:
    """Return those that were picked, in that order; what the member may not see is left out."""
    with school_scope(member.school_id):
        rows = library.visible(member).filter(pk__in=document_ids).select_related("collection")
        known = {row.pk: _pickable(row) for row in rows}
    return [known[each] for each in dict.fromkeys(document_ids) if each in known]


def _matching(member: Member, search: Search) -> QuerySet[Document]:
    rows = library.visible(member)
    for word in fold(search.query.replace("\0", "")).split():
        rows = rows.filter(name_folded__contains=word)
    if search.collection_id is not None:
        rows = rows.filter(collection_id=search.collection_id)
    if search.kind == DOCUMENTS:
        rows = rows.exclude(format__in=RECORDED)
    elif search.kind == RECORDINGS:
        rows = rows.filter(format__in=RECORDED)
    return rows if search.with_unready else rows.filter(status__in=READY)


def _pickable(document: Document) -> Pickable:
    return Pickable(
        id=document.pk,
        title=document.title or document.filename,
        kind=document.format,
        kind_label=str(shown.FORMATS.get(document.format, document.format)),
        collection=document.collection.name,
        state="" if document.status in READY else document.get_status_display(),
    )
