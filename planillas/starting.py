"""A planilla as a person begins it: a template copied, sources chosen, its run started; also begun again."""

from collections.abc import Collection as Some
from collections.abc import Sequence
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from documents import collections, library, succession, work
from documents.collections import NoSuchDocument
from documents.models import Document
from documents.versions import State as Force
from pipeline import runs
from planillas import register, staleness, templates
from planillas.models import Planilla, Row, Source, State, Template
from planillas.readings import READY
from planillas.register import Entry, NotYours
from schools.admission import Member
from schools.ids import new_id
from schools.refusals import Refused
from schools.roles import Can
from schools.scope import school_scope

SOURCES_MOST = 500
TITLE_MOST_CHARS = 200
INSTRUCTIONS_MOST_CHARS = 4_000
ROWS_MOST = 500  # chosen to be filled again at a time


class NoSources(Refused):
    """Nothing was chosen to fill the planilla from."""

    code = "no_sources"


class TooMany(Refused):
    """More sources, or more rows, than are worked at together."""

    code = "too_many"


class BadPlanilla(Refused):
    """Title or instructions cannot be so."""

    code = "invalid"


class NoSuchRow(Refused):
    """No such row in this planilla."""

    code = "not_found"
    status = 404


class StillAtWork(Refused):
    """The planilla is being filled."""

    code = "still_at_work"
    status = 409


class NothingToFill(Refused):
    """There is nothing left that could be filled again."""

    code = "nothing_to_fill"
    status = 409


def start(
    member: Member,
    *,
    template_id: UUID,
    title: str = "",
    documents: Sequence[UUID] = (),
    collections: Sequence[UUID] = (),
    transcripts: Sequence[UUID] = (),
    instructions: str = "",
) -> Planilla:
    """Begin a planilla: a copy of the template, to be filled from what was chosen.

    `transcripts`: recordings; of a collection, all that is ready there and no newer version replaces. Raises NotYours,
    templates.NoSuchTemplate or LostFile, documents.collections.NoSuchDocument or NoSuchCollection, NoSources, TooMany
    or BadPlanilla.
    """
    _check_may_fill(member)
    template = templates.get(member, template_id)
    title, instructions = _checked(title or template.name, instructions)
    sources = _sources(member, documents, collections, transcripts)
    planilla_id = new_id()
    planilla = _copied(member, template, planilla_id, title=title, instructions=instructions)
    # The file before the row that names it.
    if template.format:
        default_storage.save(planilla.template_key, ContentFile(templates.content_of(template)))
    with school_scope(member.school_id):
        planilla.save(force_insert=True)
        Source.objects.bulk_create(source_of(planilla_id, each, at) for at, each in enumerate(sources))
        runs.start("planilla", planilla_id, asked_by=member.user_id)
    return planilla


def retry(member: Member, planilla_id: UUID) -> Entry:
    """Go on where a filling failed, or try again what could not be done without an engine; what is filled stays.

    Raises NoSuchPlanilla, NotYours, StillAtWork or NothingToFill.
    """
    with school_scope(member.school_id):
        planilla = _resting(member, planilla_id)
        if planilla.state not in (State.FAILED, State.REVIEW):
            raise NothingToFill(_("La planilla ya está aprobada; sus celdas se pueden corregir a mano."))
        # Windows that were asked for rows are not asked again: what they name is there.
        engine = {"windows": planilla.filled.get("engine", {}).get("windows", {})}
        filled = {**planilla.filled, "engine": engine}
        Planilla.objects.filter(pk=planilla_id).update(
            filled=filled, state=State.FILLING, error_code="", error_detail=""
        )
        runs.start("planilla", planilla_id, asked_by=member.user_id)
        return register.get_within(member, planilla_id)


def refill(member: Member, planilla_id: UUID, rows: Some[UUID] | None = None) -> Entry:
    """Fill the stale cells again from the sources as they are now; `rows`: all cells of these that nobody wrote.

    A newer version of a source becomes a source too, where the member may see it. Raises NoSuchPlanilla, NotYours,
    NoSuchRow, TooMany, StillAtWork or NothingToFill.
    """
    with school_scope(member.school_id):
        planilla = _resting(member, planilla_id)
        there = Row.objects.filter(planilla_id=planilla_id, deleted_at=None)
        chosen = None if rows is None else sorted(set(rows))
        if chosen is not None:
            if len(chosen) > ROWS_MOST:
                raise TooMany(
                    _("Se pueden volver a completar hasta %d filas a la vez.") % ROWS_MOST, field="rows"
                )
            if there.filter(pk__in=chosen).count() < len(chosen):
                raise NoSuchRow(_("Esa fila no está en la planilla."), field="rows")
        elif not there.filter(stale__gt=0).exists():
            raise NothingToFill(_("La planilla no tiene celdas desactualizadas."))
        _add_successors(member, planilla_id)
        asked: dict[str, object] = {"batch": str(new_id()), "by": str(member.user_id)}
        asked |= {} if chosen is None else {"rows": [str(each) for each in chosen]}
        Planilla.objects.filter(pk=planilla_id).update(filled={**planilla.filled, "refill": asked})
        runs.start("refilling", planilla_id, asked_by=member.user_id)
        return register.get_within(member, planilla_id)


def source_of(planilla_id: UUID, document: Document, ordinal: int) -> Source:
    """Return the row by which a planilla names a document as its source; does not save. Inside a scope."""
    return Source(
        planilla_id=planilla_id,
        document=document,
        document_id_then=document.pk,
        collection_id=document.collection_id,
        ordinal=ordinal,
        title=document.title,
        sha256=document.sha256,
    )


def _check_may_fill(member: Member) -> None:
    if not member.may(Can.FILL):
        raise NotYours(_("Para hacer planillas hace falta el permiso de completarlas."))


def _checked(title: str, instructions: str) -> tuple[str, str]:
    title, instructions = " ".join(title.split()), instructions.strip()
    if not 1 <= len(title) <= TITLE_MOST_CHARS or "\0" in title:
        raise BadPlanilla(_("El título debe tener de 1 a %d caracteres.") % TITLE_MOST_CHARS, field="title")
    if len(instructions) > INSTRUCTIONS_MOST_CHARS or "\0" in instructions:
        raise BadPlanilla(
            _("Las indicaciones pueden tener hasta %d caracteres.") % INSTRUCTIONS_MOST_CHARS,
            field="instructions",
        )
    return title, instructions


def _sources(
    member: Member, documents: Sequence[UUID], shelves: Sequence[UUID], transcripts: Sequence[UUID]
) -> list[Document]:
    """Return what was chosen, in order, each once."""
    asked = list(dict.fromkeys([*documents, *transcripts]))
    whole = collections.seen(member, list(shelves)) if shelves else frozenset()
    if len(asked) > SOURCES_MOST:
        raise _too_many()
    with school_scope(member.school_id):
        seen = library.visible(member)
        known = {each.pk: each for each in seen.filter(pk__in=asked)}
        missing = [each for each in asked if each not in known]
        wrong = [each for each in transcripts if each in known and not work.is_recording(known[each])]
        if missing or wrong:
            field = "documents" if any(each in documents for each in missing) else "transcripts"
            raise NoSuchDocument(_("Uno de los documentos elegidos no existe."), field=field)
        found = [known[each] for each in asked]
        if whole:
            rest = seen.filter(collection_id__in=whole, status__in=READY).exclude(pk__in=asked)
            rest = rest.exclude(succession.with_state(member, Force.REPLACED))
            found += rest.order_by("pk")[: SOURCES_MOST + 1]
    if not found:
        raise NoSources(
            _("Falta elegir de dónde completar la planilla: documentos, colecciones o grabaciones.")
        )
    if len(found) > SOURCES_MOST:
        raise _too_many()
    return found


def _too_many() -> TooMany:
    return TooMany(
        ngettext(
            "Una planilla se completa desde %d documento como máximo.",
            "Una planilla se completa desde %d documentos como máximo.",
            SOURCES_MOST,
        )
        % SOURCES_MOST,
        field="documents",
    )


def _copied(
    member: Member, template: Template, planilla_id: UUID, *, title: str, instructions: str
) -> Planilla:
    return Planilla(
        id=planilla_id,
        school_id=member.school_id,
        template_id=template.pk,
        title=title,
        row_is=template.row_is,
        rows_expected=template.rows_expected,
        columns=template.columns,
        format=template.format,
        filename=template.filename,
        layout=template.layout,
        instructions=instructions,
        created_by_id=member.user_id,
        changed_at=timezone.now(),
    )


def _resting(member: Member, planilla_id: UUID) -> Planilla:
    """Return a planilla that nothing is at work on, locked. Inside a scope."""
    entry = register.changeable(member, planilla_id)
    is_busy = entry.progress is not None and entry.progress.finished_at is None
    if is_busy or entry.planilla.state == State.FILLING:
        raise StillAtWork(_("La planilla todavía se está completando."))
    return entry.planilla


def _add_successors(member: Member, planilla_id: UUID) -> None:
    """Make the newer versions of its sources sources too. Inside a scope."""
    known = dict(Source.objects.filter(planilla_id=planilla_id).values_list("document_id_then", "ordinal"))
    newer = staleness.successors(member, list(known))
    ids = {each for each in newer.values() if each not in known}
    if not ids:
        return
    first = max(known.values(), default=-1) + 1
    found = library.visible(member).filter(pk__in=ids, status__in=READY).order_by("pk")
    Source.objects.bulk_create(source_of(planilla_id, each, at) for at, each in enumerate(found, start=first))
    Planilla.objects.filter(pk=planilla_id).update(rev=F("rev") + 1)
