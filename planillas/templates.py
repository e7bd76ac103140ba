"""The templates of a school's planillas: drawn, copied from a ready-made one, or the school's own file."""

import hashlib
from pathlib import PurePath
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from documents import scan
from engines.spanish import fold
from planillas import columns as shapes
from planillas import drafts, own_files, ready_made
from planillas.columns import Column
from planillas.drafts import BadTemplate, Draft, Problem
from planillas.models import Template
from schools.admission import Member
from schools.refusals import Refused
from schools.scope import school_scope
from transcription.exports.told import one_line

__all__ = ["BadTemplate", "Draft", "Problem"]

TEMPLATES_MOST = 300


class NoSuchTemplate(Refused):
    """No such template."""

    code = "not_found"
    status = 404


class NameTaken(BadTemplate):
    """Another template of the school has that name."""

    code = "template_name_taken"
    status = 409


class TooManyTemplates(Refused):
    """The school has as many templates as it may."""

    code = "too_many_templates"
    status = 409


class LostFile(Refused):
    """The store no longer has the template's file as it was kept."""

    code = "template_lost"
    status = 409


class Overtaken(Refused):
    """Somebody else changed the template meanwhile; `latest` is what it says now."""

    code = "template_changed"
    status = 409

    def __init__(self, detail: str, *, latest: Template) -> None:
        super().__init__(detail)
        self.latest = latest


def every(member: Member) -> list[Template]:
    """Return the school's templates, by name, with who made each."""
    with school_scope(member.school_id):
        rows = Template.objects.filter(deleted_at=None).select_related("created_by").defer("layout")
        return sorted(rows, key=lambda row: fold(row.name))


def get(member: Member, template_id: UUID) -> Template:
    """Return a template; raise NoSuchTemplate."""
    with school_scope(member.school_id):
        return _found(template_id)


def columns_of(template: Template) -> tuple[Column, ...]:
    """Return a template's columns."""
    return shapes.from_json(template.columns)


def draft_of(template: Template) -> Draft:
    """Return what a template holds, to be changed."""
    return Draft(
        name=template.name,
        purpose=template.purpose,
        row_is=template.row_is,
        rows_expected=template.rows_expected,
        columns=columns_of(template),
    )


def create(member: Member, draft: Draft) -> Template:
    """Keep a new template; raise BadTemplate, NameTaken or TooManyTemplates."""
    return _insert(member, Template(school_id=member.school_id), drafts.check(draft))


def change(member: Member, template_id: UUID, draft: Draft, *, began_from: int | None = None) -> Template:
    """Change a template; planillas that were made from it keep what they have.

    `began_from`: the rev that the person saw. Raises NoSuchTemplate, BadTemplate, NameTaken or Overtaken.
    """
    known = get(member, template_id)
    checked = drafts.check(draft, only=_keys(known) if known.format else None)
    try:
        with school_scope(member.school_id):
            row = _found(template_id, lock=True)
            if began_from is not None and began_from != row.rev:
                raise Overtaken(
                    _("Mientras se escribía, otra persona cambió la plantilla. Nada se guardó todavía."),
                    latest=row,
                )
            _write(row, checked)
            row.rev += 1
            row.save()
    except IntegrityError as error:
        raise _name_taken() from error
    return row


def delete(member: Member, template_id: UUID) -> None:
    """Take a template away, its file too; planillas made from it stay. Raise NoSuchTemplate."""
    with school_scope(member.school_id):
        row = _found(template_id, lock=True)
        row.deleted_at = timezone.now()
        row.save(update_fields=["deleted_at"])
        if row.format:  # each planilla has a copy of its own
            transaction.on_commit(lambda: default_storage.delete(row.file_key))


def copy_ready_made(member: Member, name: str) -> Template:
    """Return a new template of the school, copied from a ready-made one; raise NoSuchTemplate or TooManyTemplates."""
    found = next((each for each in ready_made.planillas() if each.name == name), None)
    if found is None:
        raise NoSuchTemplate(_("No existe esa plantilla."))
    draft = Draft(
        name=_free_name(member, found.title),
        purpose=found.purpose,
        row_is=found.row_is,
        rows_expected=found.rows_expected,
        columns=found.columns,
    )
    return _insert(member, Template(school_id=member.school_id, ready_made=name), drafts.check(draft))


def use_ready_made(member: Member, name: str) -> Template:
    """Return the school's copy of a ready-made template that nobody changed, or a new one; raise as copying does."""
    with school_scope(member.school_id):
        copy = Template.objects.filter(deleted_at=None, ready_made=name, rev=1).order_by("pk").first()
    return copy or copy_ready_made(member, name)


def upload(member: Member, content: bytes, filename: str) -> Template:
    """Keep the school's own file as a template, cleaned; its columns are what was recognised there.

    Raises own_files.NotFillable, TooManyTemplates, or what scan.refuse raises: nothing reads it before the scanner.
    """
    scan.refuse(member.school_id, content)
    found = own_files.recognise(content, filename)
    named = one_line(PurePath(found.filename.replace("\\", "/")).name)[-255:]
    checked = drafts.check(
        Draft(
            name=_free_name(member, PurePath(named).stem or _("Plantilla de la escuela")),
            row_is=found.row_is,
            columns=tuple(found.columns),
        )
    )
    row = Template(
        school_id=member.school_id,
        format=found.format,
        filename=named,
        sha256=hashlib.sha256(found.content).hexdigest(),
        layout=found.layout,
        told=list(found.told),
    )
    # The file first: a row never points at nothing.
    default_storage.save(row.file_key, ContentFile(found.content))
    try:
        return _insert(member, row, checked)
    except BaseException:
        default_storage.delete(row.file_key)
        raise


def content_of(template: Template) -> bytes:
    """Return the school's own file, as it was cleaned; raise LostFile where the store no longer has it so."""
    try:
        with default_storage.open(template.file_key, "rb") as file:
            content = bytes(file.read())
    except FileNotFoundError as error:
        raise LostFile(
            _("El archivo de la plantilla ya no está en el servidor. Volver a subirlo.")
        ) from error
    if hashlib.sha256(content).hexdigest() != template.sha256:
        raise LostFile(_("El archivo de la plantilla guardado en el servidor está dañado. Volver a subirlo."))
    return content


def _insert(member: Member, row: Template, checked: Draft) -> Template:
    _write(row, checked)
    row.created_by_id = member.user_id
    try:
        with school_scope(member.school_id):
            if Template.objects.filter(deleted_at=None).count() >= TEMPLATES_MOST:
                raise TooManyTemplates(
                    _("Hay %d plantillas: para sumar otra hay que borrar alguna.") % TEMPLATES_MOST
                )
            row.save(force_insert=True)
    except IntegrityError as error:
        raise _name_taken() from error
    return row


def _write(row: Template, draft: Draft) -> None:
    row.name, row.purpose, row.row_is = draft.name, draft.purpose, draft.row_is
    row.rows_expected = draft.rows_expected
    row.columns = shapes.to_json(draft.columns)
    row.changed_at = timezone.now()


def _found(template_id: UUID, *, lock: bool = False) -> Template:
    """Return a template, inside a scope; raise NoSuchTemplate."""
    rows = Template.objects.filter(deleted_at=None, pk=template_id)
    row = rows.select_for_update().first() if lock else rows.select_related("created_by").first()
    if row is None:
        raise NoSuchTemplate(_("La plantilla no existe."))
    return row


def _keys(template: Template) -> frozenset[str]:
    """Return the keys of the columns that a file has a place for, also of those that were taken out since."""
    headers = own_files.shown(template.layout).header
    kept = {column.key for column in columns_of(template)}
    return frozenset(kept | {header.column for header in headers if header.column})


def _free_name(member: Member, wished: str) -> str:
    """Return a name that no template of the school has."""
    stem = one_line(wished)[: drafts.NAME_MOST_CHARS - 6].strip()
    with school_scope(member.school_id):
        rows = Template.objects.filter(deleted_at=None, name__istartswith=stem)
        taken = {name.lower() for name in rows.values_list("name", flat=True)}
    name, number = stem, 2
    while name.lower() in taken:
        name, number = f"{stem} ({number})", number + 1
    return name


def _name_taken() -> NameTaken:
    return NameTaken(_("Ya hay una plantilla con ese nombre."), field="name")
