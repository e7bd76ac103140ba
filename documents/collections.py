"""Collections: the shelves of a school's library, and which of them a member may see."""

from collections.abc import Collection as Some
from uuid import UUID

from django.db import IntegrityError
from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from documents.models import Collection, Document
from schools.admission import Member
from schools.models import Membership
from schools.refusals import Refused
from schools.scope import school_scope


class NoSuchCollection(Refused):
    """No such collection, or none that the member may see."""

    code = "not_found"
    status = 404


class NoSuchDocument(Refused):
    """No such document, or none that the member may see."""

    code = "not_found"
    status = 404


class ElsewhereInSchool(Refused):
    """The file is in the school already, on a shelf the member may not see."""

    code = "duplicate_elsewhere"
    status = 409


class BadName(Refused):
    """The name is empty, too long or taken."""

    code = "invalid"


class NotEmpty(Refused):
    """A collection with documents, or the default one, cannot be deleted."""

    code = "collection_not_empty"
    status = 409


def visible(member: Member) -> list[Collection]:
    """Return the collections the member may see, by name, each with `documents_count`."""
    with school_scope(member.school_id):
        ensure_default()
        rows = _counted()
        if member.collections is not None:
            rows = rows.filter(pk__in=member.collections)
        return sorted(rows, key=lambda row: (row.is_default, row.name.lower()))


def get(member: Member, collection_id: UUID) -> Collection:
    """Return one collection the member may see; raise NoSuchCollection."""
    with school_scope(member.school_id):
        row = _counted().filter(pk=collection_id).first() if member.sees(collection_id) else None
    if row is None:
        raise NoSuchCollection(_("La colección no existe."))
    return row


def seen(member: Member, collection_ids: Some[UUID]) -> frozenset[UUID]:
    """Return the ids when the member may see all of these collections; raise NoSuchCollection."""
    with school_scope(member.school_id):
        there = set(Collection.objects.filter(pk__in=collection_ids).values_list("pk", flat=True))
    if not all(each in there and member.sees(each) for each in collection_ids):
        raise NoSuchCollection(_("Una de las colecciones no existe."), field="collections")
    return frozenset(collection_ids)


def create(member: Member, *, name: str, description: str = "") -> Collection:
    """Make a collection; raise BadName."""
    row = _save(member, Collection, name=name, description=description)
    if member.collections is not None:
        # Who makes a shelf can see it.
        Membership.objects.filter(school_id=member.school_id, user_id=member.user_id).update(
            collections=sorted({*member.collections, row.pk})
        )
    return row


def change(member: Member, collection_id: UUID, *, name: str | None, description: str | None) -> Collection:
    """Rename or describe a collection; raise NoSuchCollection or BadName."""
    row = get(member, collection_id)
    return _save(
        member,
        row,
        name=row.name if name is None else name,
        description=row.description if description is None else description,
    )


def delete(member: Member, collection_id: UUID) -> None:
    """Delete an empty collection; raise NoSuchCollection or NotEmpty."""
    row = get(member, collection_id)
    with school_scope(member.school_id):
        if row.is_default or Document.objects.filter(collection=row, deleted_at=None).exists():
            raise NotEmpty(_("Solo se puede borrar una colección vacía que no sea la general."))
        default = ensure_default()
        # Documents that are on their way out no longer matter to anyone; they must not hold the shelf.
        Document.objects.filter(collection=row).update(collection=default)
        Collection.objects.filter(pk=row.pk).delete()


def for_upload(member: Member, collection_id: UUID | None) -> Collection:
    """Return the shelf for a new document; raise NoSuchCollection. Inside a scope."""
    if collection_id is not None:
        return get(member, collection_id)
    default = ensure_default()
    if member.sees(default.pk):
        return default
    first = Collection.objects.filter(pk__in=member.collections or ()).order_by("name").first()
    if first is None:
        raise NoSuchCollection(_("No hay ninguna colección en la que se pueda guardar."), field="collection")
    return first


def ensure_default() -> Collection:
    """Return the school's general collection, made on first need. Inside a scope."""
    row = Collection.objects.filter(is_default=True).first()
    if row is None:
        row, _made = Collection.objects.get_or_create(is_default=True, defaults={"name": _("General")})
    return row


def _counted() -> QuerySet[Collection]:
    return Collection.objects.annotate(
        documents_count=Count("documents", filter=Q(documents__deleted_at=None))
    )


def _save(
    member: Member, target: Collection | type[Collection], *, name: str, description: str
) -> Collection:
    name, description = " ".join(name.split()), description.strip()
    if not 1 <= len(name) <= 100 or "\0" in name:
        raise BadName(_("El nombre debe tener de 1 a 100 caracteres."), field="name")
    if len(description) > 500 or "\0" in description:
        raise BadName(_("La descripción puede tener hasta 500 caracteres."), field="description")
    try:
        with school_scope(member.school_id):
            row = target if isinstance(target, Collection) else target()
            row.name, row.description = name, description
            row.save()
    except IntegrityError:
        raise BadName(_("Ya hay una colección con ese nombre."), field="name") from None
    return row
