"""The lines of versions in a school's library: read in one query, tied, and untied."""

from collections.abc import Collection as Some
from collections.abc import Iterable, Mapping
from datetime import date
from uuid import UUID

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from documents import work
from documents.collections import NoSuchDocument
from documents.models import Document, Status
from documents.versions import Force, State, Version, after, day_of, force, today
from pipeline.models import Run, RunState
from schools.admission import Member
from schools.refusals import Refused
from schools.roles import Can

_READ = (Status.READY, Status.PARTIAL)
_COLUMNS = (
    "pk", "title", "collection_id", "supersedes_id", "valid_from", "valid_until", "created_at", "counts_now",
)  # fmt: skip


class BadSuccession(Refused):
    """A document cannot replace itself, nor one that already replaces it."""

    code = "invalid"


class NotYoursToReplace(Refused):
    """Who replaces a document decides what answers: it takes the right to change it."""

    code = "forbidden"
    status = 403


def forces(member: Member, document_ids: Some[UUID], *, on: date | None = None) -> dict[UUID, Force]:
    """Return the force of documents on a day, today when none is given. One query. Inside a scope."""
    if not document_ids:
        return {}
    known = _versions(member, _with_newer(document_ids).filter(deleted_at=None))
    wanted = set(document_ids)
    return _forces({each.id: each for each in known}, wanted, on=on or today(member))


def line_of(member: Member, document_id: UUID) -> list[Version]:
    """Return all versions of one thing, deleted ones left out. Inside a scope."""
    return _versions(member, _lines([document_id]).filter(deleted_at=None))


def with_state(member: Member, state: State, *, on: date | None = None) -> Q:
    """Return the condition that a document is in this state on a day. Inside a scope.

    Most documents have no other version and their days hold: they rule, and are not looked at one by one.
    """
    on = on or today(member)
    there = Document.objects.filter(deleted_at=None)
    ties = there.filter(supersedes__isnull=False)
    told = Q(valid_from__gt=on) | Q(valid_until__lt=on)
    told |= Q(supersedes__isnull=False) | Q(pk__in=ties.values("supersedes_id"))
    known = {each.id: each for each in _versions(member, there.filter(told))}
    states = _forces(known, known, on=on)
    if state == State.IN_FORCE:
        return ~Q(pk__in=[key for key, each in states.items() if not each.is_in_force])
    return Q(pk__in=[key for key, each in states.items() if each.state == state])


def replaceable(member: Member, document_id: UUID) -> Document:
    """Return a document that the member may replace; raise NoSuchDocument or NotYoursToReplace. Inside a scope."""
    older = Document.objects.filter(pk=document_id, deleted_at=None).first()
    if older is None or not member.sees(older.collection_id):
        raise NoSuchDocument(_("El documento que se quiere reemplazar no existe."), field="supersedes")
    own = member.may(Can.UPLOAD) and older.uploaded_by_id == member.user_id
    if not own and not member.may(Can.MANAGE_DOCUMENTS):
        raise NotYoursToReplace(
            _(
                "Solo quien subió el documento que se reemplaza, o quien administra la biblioteca, puede hacerlo."
            ),
            field="supersedes",
        )
    return older


def check(document: Document, older: Document) -> None:
    """Raise BadSuccession where `document` may not come after `older`. Inside a scope; holds both lines until it ends.

    Two people who tie two lines together in opposite directions at once wait for each other here.
    """
    ids = [document.pk, older.pk]
    list(_lines(ids).select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    older_of = dict(_lines(ids).values_list("pk", "supersedes_id"))
    at: UUID | None = older.pk
    for _step in range(len(older_of) + 1):
        if at == document.pk:
            raise BadSuccession(
                _("Un documento no puede reemplazarse a sí mismo ni a una versión posterior."),
                field="supersedes",
            )
        at = older_of.get(at) if at else None


def unlink(document: Document) -> None:
    """Tie what replaced a document that goes away to what it replaced itself. Inside a scope."""
    older_id = Document.objects.values_list("supersedes_id", flat=True).get(pk=document.pk)
    Document.objects.filter(supersedes_id=document.pk).update(supersedes_id=older_id)


def _forces(known: Mapping[UUID, Version], wanted: Iterable[UUID], *, on: date) -> dict[UUID, Force]:
    newer = after(known.values())
    return {each: force(known[each], newer.get(each, ()), on=on) for each in wanted if each in known}


def _with_newer(document_ids: Some[UUID]) -> QuerySet[Document]:
    """Return the documents and all that came after them; a circle ends by itself, as UNION keeps a row once."""
    return Document.objects.extra(
        where=[
            """documents_document.id IN (
                WITH RECURSIVE line(id) AS (
                    SELECT unnest(%s::uuid[])
                    UNION SELECT newer.id FROM documents_document newer JOIN line ON newer.supersedes_id = line.id
                ) SELECT id FROM line)"""
        ],
        params=[list(document_ids)],
    )


def _lines(document_ids: Some[UUID]) -> QuerySet[Document]:
    """Return the documents, all that came after them and all that they replace in their turn."""
    return Document.objects.extra(
        where=[
            """documents_document.id IN (
                WITH RECURSIVE line(id) AS (
                    SELECT unnest(%s::uuid[])
                    UNION SELECT other.id FROM line JOIN documents_document mine ON mine.id = line.id
                    JOIN documents_document other ON other.supersedes_id = mine.id OR other.id = mine.supersedes_id
                ) SELECT id FROM line)"""
        ],
        params=[list(document_ids)],
    )


def _versions(member: Member, rows: QuerySet[Document]) -> list[Version]:
    # A newer version that is read again goes on counting meanwhile: what it held before still answers.
    done = Run.objects.filter(kind__in=work.KINDS, subject_id=OuterRef("pk"), state=RunState.DONE)
    reads_again = Q(status__in=(Status.QUEUED, Status.PROCESSING), supersedes__isnull=False) & Exists(done)
    counts = ExpressionWrapper(Q(status__in=_READ) | reads_again, output_field=BooleanField())
    return [
        Version(
            id=pk,
            title=title if member.sees(shelf) else "",
            supersedes_id=older,
            valid_from=first,
            valid_until=last,
            created_on=day_of(made, member),
            counts=counts_now,
        )
        for pk, title, shelf, older, first, last, made, counts_now in rows.annotate(
            counts_now=counts
        ).values_list(*_COLUMNS)
    ]
