"""What a report is written from: documents, recordings and planillas, as a member chooses them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.utils.translation import gettext as _

from documents import collections as shelves
from documents import library
from documents.models import Document
from planillas import register
from planillas.models import Planilla, Report, ReportSource
from schools.admission import Member
from schools.refusals import Refused
from schools.scope import school_scope

SOURCES_MOST = 500


class NoSources(Refused):
    """Nothing was chosen, or what was chosen is empty."""

    code = "no_sources"


class TooManySources(Refused):
    """More than a report is written from."""

    code = "too_many_sources"


class NoSuchSource(Refused):
    """One of them does not exist, or the member may not see it."""

    code = "no_such_source"
    status = 404


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a person chose; recordings are documents too."""

    documents: Sequence[UUID] = ()
    collections: Sequence[UUID] = ()
    planillas: Sequence[UUID] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """The same, read: every document once."""

    documents: tuple[Document, ...]
    planillas: tuple[Planilla, ...]


def find(member: Member, chosen: Chosen) -> Found:
    """Return what was chosen; raise NoSources, TooManySources, NoSuchSource or collections.NoSuchCollection."""
    wanted = shelves.seen(member, chosen.collections) if chosen.collections else frozenset()
    named = list(dict.fromkeys(chosen.documents))
    sheets = list(dict.fromkeys(chosen.planillas))
    with school_scope(member.school_id):
        there = library.visible(member)
        by_id = there.in_bulk(named)
        if len(by_id) < len(named):
            raise NoSuchSource(_("Uno de los documentos elegidos no existe."), field="documents")
        on_shelves = there.filter(collection_id__in=wanted).order_by("-pk")[: SOURCES_MOST + 1]
        documents = {**by_id, **{each.pk: each for each in (on_shelves if wanted else ())}}
        planillas = register.visible(member).in_bulk(sheets)
        if len(planillas) < len(sheets):
            raise NoSuchSource(_("Una de las planillas elegidas no existe."), field="planillas")
    found = Found(
        tuple(documents[key] for key in [*named, *(key for key in documents if key not in by_id)]),
        tuple(planillas[key] for key in sheets),
    )
    if not found.documents and not found.planillas:
        raise NoSources(
            _("Elegir al menos un documento, una grabación, una colección con documentos o una planilla."),
            field="documents",
        )
    if len(found.documents) + len(found.planillas) > SOURCES_MOST:
        raise TooManySources(
            _("Un informe se escribe a partir de hasta %d fuentes: elegir menos.") % SOURCES_MOST,
            field="documents",
        )
    return found


def keep(report: Report, found: Found) -> None:
    """Write what a report is written from. Inside a scope."""
    documents = [
        ReportSource(
            report=report,
            document=each,
            id_then=each.pk,
            collection_id=each.collection_id,
            ordinal=ordinal,
            title=each.title,
            sha256=each.sha256,
        )
        for ordinal, each in enumerate(found.documents)
    ]
    planillas = [
        ReportSource(report=report, planilla=each, id_then=each.pk, ordinal=ordinal, title=each.title)
        for ordinal, each in enumerate(found.planillas, start=len(documents))
    ]
    ReportSource.objects.bulk_create([*documents, *planillas], batch_size=500)
