"""The library as a member sees it: documents found, changed, processed again, deleted."""

from collections.abc import Collection as Some
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from documents import collections, label, succession, work
from documents.collections import NoSuchDocument
from documents.models import Block, Document, Sensitivity, Status
from documents.uploads import ISSUER_MOST_CHARS, TITLE_MOST_CHARS, BadDates
from documents.versions import RULES, Force, State
from engines.spanish import fold
from pipeline import runs
from pipeline.runs import Progress
from schools.admission import Member
from schools.ids import RunId
from schools.refusals import Refused
from schools.roles import Can
from schools.scope import school_scope

# Titles offered in a form; older ones take a new version from their own page.
MOST_REPLACEABLE = 500


class NotYours(Refused):
    """Only whoever uploaded the document, or whoever manages documents, may do this."""

    code = "forbidden"
    status = 403


class BadTitle(Refused):
    """The title is empty or too long."""

    code = "invalid"


class BadIssuer(Refused):
    """The name of the issuing body is too long."""

    code = "invalid"


@dataclass(frozen=True, slots=True)
class Entry:
    """A document and how far its processing is."""

    document: Document
    progress: Progress | None
    may_change: bool
    force: Force  # as of today
    # The older document that this one replaces, when the member may see it.
    supersedes_id: UUID | None = None

    @property
    def id(self) -> UUID:
        """Return the document's id."""
        return self.document.id

    @property
    def share_done(self) -> float:
        """Return how far the processing is, 0–1."""
        if self.document.status in (Status.READY, Status.PARTIAL):
            return 1.0
        return self.progress.progress if self.progress else 0.0


@dataclass(frozen=True, slots=True)
class Changes:
    """What a person wants of a document's record; None leaves a field as it is."""

    title: str | None = None
    collection_id: UUID | None = None
    sensitivity: Sensitivity | None = None
    confirms_label: bool = False  # though the text asks for a stricter one
    valid_from: date | None = None
    valid_until: date | None = None
    issuer: str | None = None
    supersedes_id: UUID | None = None
    clear: frozenset[str] = frozenset()  # of valid_from, valid_until, supersedes: those to take away


def visible(member: Member) -> QuerySet[Document]:
    """Return the documents the member may know of. Inside a scope."""
    rows = Document.objects.filter(deleted_at=None)
    return rows if member.collections is None else rows.filter(collection_id__in=member.collections)


def search(
    member: Member,
    *,
    query: str = "",
    collection_id: UUID | None = None,
    status: str = "",
    force: str = "",
    labelled: str = "",
    formats: Some[str] | None = None,
    before: UUID | None = None,
    after: UUID | None = None,
    limit: int = 50,
) -> list[Entry]:
    """Return documents, newest first: those older than `before`, or those just newer than `after`.

    `labelled`: one of label.FILTERS; `formats`: only documents of these, names of documents.parsers.
    """
    with school_scope(member.school_id):
        rows = _filtered(
            member,
            query=query,
            collection_id=collection_id,
            status=status,
            force=force,
            labelled=labelled,
            formats=formats,
        )
        if after is not None:
            found = list(rows.filter(pk__gt=after).order_by("pk")[:limit])[::-1]
        else:
            rows = rows.filter(pk__lt=before) if before else rows
            found = list(rows.order_by("-pk")[:limit])
        return _entries(member, found)


def page(
    member: Member,
    *,
    query: str,
    collection_id: UUID | None,
    status: str,
    force: str = "",
    labelled: str = "",
    formats: Some[str] | None = None,
    number: str,
    per_page: int,
) -> Page[Any]:
    """Return one numbered page of documents, newest first; a number out of range gives the nearest page."""
    with school_scope(member.school_id):
        rows = _filtered(
            member,
            query=query,
            collection_id=collection_id,
            status=status,
            force=force,
            labelled=labelled,
            formats=formats,
        )
        rows = rows.order_by("-pk")
        found: Page[Any] = Paginator(rows, per_page).get_page(number)
        found.object_list = _entries(member, list(found.object_list))
        return found


def _filtered(
    member: Member,
    *,
    query: str,
    collection_id: UUID | None,
    status: str,
    force: str,
    labelled: str,
    formats: Some[str] | None,
) -> QuerySet[Document]:
    rows = visible(member).select_related("collection", "uploaded_by")
    for word in fold(query.replace("\0", "")).split():
        rows = rows.filter(name_folded__contains=word)
    if collection_id is not None:
        rows = rows.filter(collection_id=collection_id)
    if force:
        rows = rows.filter(succession.with_state(member, State(force)))
    if labelled:
        rows = rows.filter(label.having(labelled))
    if formats is not None:
        rows = rows.filter(format__in=formats)
    return rows.filter(status=status) if status else rows


def processed_since(member: Member, moment: datetime) -> set[UUID]:
    """Return the documents whose processing came to an end since a moment, whether the member may see them or not."""
    with school_scope(member.school_id):
        return runs.ended_since(work.KINDS, moment)


def some(member: Member, document_ids: Some[UUID]) -> list[Entry]:
    """Return those of the documents that the member may see."""
    if not document_ids:
        return []
    with school_scope(member.school_id):
        rows = visible(member).filter(pk__in=document_ids)
        return _entries(member, list(rows.select_related("collection", "uploaded_by")))


def count(member: Member, *, collections: Some[UUID] | None = None) -> int:
    """Return how many documents the member may see, in these collections when given."""
    with school_scope(member.school_id):
        rows = visible(member)
        return (rows if collections is None else rows.filter(collection_id__in=collections)).count()


def get(member: Member, document_id: UUID) -> Entry:
    """Return one document; raise NoSuchDocument."""
    with school_scope(member.school_id):
        found = list(
            visible(member).filter(pk=document_id).select_related("collection", "uploaded_by", "supersedes")
        )
        if not found:
            raise NoSuchDocument(_("El documento no existe."))
        return _entries(member, found)[0]


def active(member: Member) -> list[Entry]:
    """Return the documents that wait or are at work, oldest first."""
    with school_scope(member.school_id):
        rows = visible(member).filter(status__in=(Status.QUEUED, Status.PROCESSING))
        return _entries(member, list(rows.select_related("collection", "uploaded_by").order_by("pk")[:200]))


def needing_attention(member: Member) -> list[Entry]:
    """Return the newest documents that failed or were read only in part."""
    with school_scope(member.school_id):
        rows = (
            visible(member).filter(status__in=(Status.FAILED, Status.PARTIAL)).exclude(error_code="cancelled")
        )
        return _entries(member, list(rows.select_related("collection", "uploaded_by").order_by("-pk")[:10]))


def blocks(member: Member, document_id: UUID, *, after: int = -1, limit: int = 10_000) -> list[Block]:
    """Return what was read of a document, in order, from the block after ordinal `after`; raise NoSuchDocument."""
    entry = get(member, document_id)
    with school_scope(member.school_id):
        return list(
            Block.objects.filter(document_id=entry.id, ordinal__gt=after)
            .defer("words")
            .order_by("ordinal")[:limit]
        )


def replaceable(member: Member, entry: Entry) -> list[tuple[UUID, str]]:
    """Return the documents that this one may be said to replace, by title: the newest of those that one may change."""
    with school_scope(member.school_id):
        rows = visible(member).exclude(pk=entry.id)
        if not member.may(Can.MANAGE_DOCUMENTS):
            rows = rows.filter(uploaded_by_id=member.user_id)
        found = dict(rows.order_by("-pk").values_list("pk", "title")[:MOST_REPLACEABLE])
        for each in entry.force.newer:
            found.pop(each, None)
        if entry.supersedes_id is not None:
            found |= visible(member).filter(pk=entry.supersedes_id).values_list("pk", "title")
    return sorted(found.items(), key=lambda each: fold(each[1]))


def change(member: Member, document_id: UUID, *, changes: Changes) -> Entry:
    """Change a document's record.

    Raises NoSuchDocument, NotYours, NoSuchCollection, BadTitle, BadIssuer, BadDates, succession.BadSuccession,
    succession.NotYoursToReplace or label.LooserThanSuggested.
    """
    document = _changeable(member, document_id)
    _describe(document, changes)
    is_relabelled = changes.sensitivity is not None and label.put(
        document, changes.sensitivity, by=member.user_id, is_confirmed=changes.confirms_label
    )
    moves = changes.collection_id is not None and changes.collection_id != document.collection_id
    with school_scope(member.school_id):
        if changes.collection_id is not None:
            document.collection = collections.get(member, changes.collection_id)
        if "supersedes" in changes.clear:
            document.supersedes = None
        elif changes.supersedes_id is not None and changes.supersedes_id != document.supersedes_id:
            document.supersedes = succession.replaceable(member, changes.supersedes_id)
            succession.check(document, document.supersedes)
        document.save(
            update_fields=[
                "title", "name_folded", "sensitivity", "valid_from", "valid_until", "issuer", "supersedes",
                "collection", "labelled_by", "labelled_at",
            ]
        )  # fmt: skip
        if moves:
            runs.start("shelving", document.pk)
        if is_relabelled:
            label.changed(document)
    return get(member, document_id)


def classify(member: Member, document_ids: Sequence[UUID], sensitivity: Sensitivity) -> None:
    """Label several documents alike; raise NoSuchDocument, NotYours or label.LooserThanSuggested for any of them.

    Each one is checked before the first is touched: who wants a looser label than the text asks for says so of one
    document at a time.
    """
    for document_id in document_ids:
        label.put(_changeable(member, document_id), sensitivity, by=member.user_id, is_confirmed=False)
    for document_id in document_ids:
        change(member, document_id, changes=Changes(sensitivity=sensitivity))


def _describe(document: Document, changes: Changes) -> None:
    if changes.title is not None:
        document.title = " ".join(changes.title.split())
        if not 1 <= len(document.title) <= TITLE_MOST_CHARS or "\0" in document.title:
            raise BadTitle(_("El título debe tener de 1 a %d caracteres.") % TITLE_MOST_CHARS, field="title")
    if changes.issuer is not None:
        document.issuer = " ".join(changes.issuer.split())
        if len(document.issuer) > ISSUER_MOST_CHARS or "\0" in document.issuer:
            raise BadIssuer(
                _("El organismo puede tener hasta %d caracteres.") % ISSUER_MOST_CHARS, field="issuer"
            )
    for name in ("valid_from", "valid_until"):
        if name in changes.clear:
            setattr(document, name, None)
        elif (value := getattr(changes, name)) is not None:
            setattr(document, name, value)
    if document.valid_from and document.valid_until and document.valid_until < document.valid_from:
        raise BadDates(_("La vigencia no puede terminar antes de empezar."), field="valid_until")


def retry(member: Member, document_id: UUID) -> RunId:
    """Process a document again from the beginning; raise NoSuchDocument or NotYours. A live run is left to go on."""
    document = _changeable(member, document_id)
    with school_scope(member.school_id):
        progress = runs.progress_of(work.KINDS, [document.pk]).get(document.pk)
        run_id = runs.start(work.kind_of(document), document.pk)
        if progress is None or progress.run_id != run_id:
            Document.objects.filter(pk=document.pk).update(
                status=Status.QUEUED, error_code="", error_detail=""
            )
    return run_id


def cancel(member: Member, document_id: UUID) -> bool:
    """Stop the processing of a document; say whether there was any. Raise NoSuchDocument or NotYours."""
    document = _changeable(member, document_id)
    with school_scope(member.school_id):
        progress = runs.progress_of(work.KINDS, [document.pk]).get(document.pk)
    return progress is not None and runs.cancel(member.school_id, progress.run_id)


def delete(member: Member, document_ids: Sequence[UUID]) -> None:
    """Hide documents at once and remove all that was made of them; raise NoSuchDocument or NotYours for any of them.

    Each one is checked before the first is touched.
    """
    documents = [_changeable(member, document_id) for document_id in document_ids]
    with school_scope(member.school_id):
        for document in documents:
            runs.cancel_all(document.pk)
            succession.unlink(document)
            Document.objects.filter(pk=document.pk).update(deleted_at=timezone.now())
            runs.start("removal", document.pk)


def check_changeable(member: Member, document_ids: Sequence[UUID]) -> None:
    """Raise NoSuchDocument or NotYours unless the member may change every one of them."""
    for document_id in document_ids:
        _changeable(member, document_id)


def _changeable(member: Member, document_id: UUID) -> Document:
    entry = get(member, document_id)
    if not entry.may_change:
        raise NotYours(
            _("Solo quien subió el documento, o quien administra la biblioteca, puede hacer esto.")
        )
    return entry.document


def _entries(member: Member, documents: list[Document]) -> list[Entry]:
    """Return documents with their progress. Inside a scope."""
    live = [each.pk for each in documents if each.status in (Status.QUEUED, Status.PROCESSING, Status.FAILED)]
    progress: dict[UUID, Any] = runs.progress_of(work.KINDS, live) if live else {}
    everyones = member.may(Can.MANAGE_DOCUMENTS)
    older = {each.supersedes_id for each in documents if each.supersedes_id}
    shown = set(visible(member).filter(pk__in=older).values_list("pk", flat=True)) if older else set()
    forces = succession.forces(member, [each.pk for each in documents])
    return [
        Entry(
            document=each,
            progress=progress.get(each.pk),
            may_change=everyones or (member.may(Can.UPLOAD) and each.uploaded_by_id == member.user_id),
            force=forces.get(each.pk, RULES),
            supersedes_id=each.supersedes_id if each.supersedes_id in shown else None,
        )
        for each in documents
    ]
