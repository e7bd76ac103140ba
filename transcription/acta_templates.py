"""How a school writes its actas: its templates, and the one of the house where it has none."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import IntegrityError
from django.utils import timezone
from django.utils.translation import gettext as _

from schools.admission import Member
from schools.refusals import Refused
from schools.scope import school_scope
from transcription import placeholders
from transcription.acta_content import SECTIONS
from transcription.exports.told import clean, one_line
from transcription.models import ActaTemplate

NAME_MOST_CHARS = 100
HEADING_MOST_CHARS = 150
TEXT_MOST_CHARS = 4000
TEMPLATES_MOST = 50


class NoSuchTemplate(Refused):
    """No such template."""

    code = "not_found"
    status = 404


class BadTemplate(Refused):
    """Something of the template is missing or too long."""

    code = "invalid"


class NameTaken(BadTemplate):
    """Another template of the school has that name."""

    code = "template_name_taken"
    status = 409


@dataclass(frozen=True, slots=True)
class Template:
    """How an acta begins, ends, and what stands between."""

    name: str
    heading: str = ""
    opening: str = ""
    closing: str = ""
    sections: tuple[str, ...] = SECTIONS
    is_default: bool = False
    id: UUID | None = None  # None: the house's own


def house() -> Template:
    """Return the template of who has none."""
    return Template(
        name=_("Acta de reunión"),
        heading=_("Acta de reunión"),
        opening=_(
            "En {lugar}, el día {fecha}, siendo las {hora}, se reúnen en representación de {escuela}: {asistentes}."
        ),
        closing=_("Sin más temas que tratar, se da por terminada la reunión y se firma la presente acta."),
        is_default=True,
    )


def every(member: Member) -> list[Template]:
    """Return the school's templates: the one that is used unless another is chosen first, then by name."""
    with school_scope(member.school_id):
        rows = list(ActaTemplate.objects.all())
    found = sorted(map(_of_row, rows), key=lambda each: (not each.is_default, each.name.casefold()))
    return found or [house()]


def get(member: Member, template_id: UUID) -> Template:
    """Return a template; raise NoSuchTemplate."""
    with school_scope(member.school_id):
        row = ActaTemplate.objects.filter(pk=template_id).first()
    if row is None:
        raise NoSuchTemplate(_("La plantilla no existe."))
    return _of_row(row)


def chosen(member: Member, template_id: UUID | None) -> Template:
    """Return the template that was chosen, or the one that is used when none was; raise NoSuchTemplate."""
    return get(member, template_id) if template_id is not None else every(member)[0]


def save(member: Member, template: Template) -> Template:
    """Keep a template, a new one where it has no id.

    Raises BadTemplate, NameTaken, placeholders.UnknownPlaceholder or NoSuchTemplate.
    """
    checked = _check(template)
    try:
        with school_scope(member.school_id):
            rows = ActaTemplate.objects.select_for_update()
            others = rows.exclude(pk=template.id) if template.id else rows
            if template.id is None and others.count() >= TEMPLATES_MOST:
                raise BadTemplate(
                    _("Hay %d plantillas: para sumar otra hay que borrar alguna.") % TEMPLATES_MOST
                )
            row = rows.filter(pk=template.id).first() if template.id else ActaTemplate()
            if row is None:
                raise NoSuchTemplate(_("La plantilla no existe."))
            # The first one is the one that is used.
            is_default = checked.is_default or not others.filter(is_default=True).exists()
            if is_default:
                others.filter(is_default=True).update(is_default=False)
            row.name, row.is_default = checked.name, is_default
            row.content = {
                "heading": checked.heading,
                "opening": checked.opening,
                "closing": checked.closing,
                "sections": list(checked.sections),
            }
            row.edited_by_id, row.edited_at = member.user_id, timezone.now()
            row.save()
    except IntegrityError as error:
        raise NameTaken(_("Ya hay una plantilla con ese nombre."), field="name") from error
    return _of_row(row)


def delete(member: Member, template_id: UUID) -> None:
    """Take a template away; the actas that were made with it stay. Raise NoSuchTemplate."""
    get(member, template_id)
    with school_scope(member.school_id):
        ActaTemplate.objects.filter(pk=template_id).delete()
        rows = ActaTemplate.objects.order_by("name")
        if not rows.filter(is_default=True).exists() and (heir := rows.first()):
            heir.is_default = True
            heir.save(update_fields=["is_default"])


def _of_row(row: ActaTemplate) -> Template:
    content: Mapping[str, Any] = row.content
    kept = content.get("sections", SECTIONS)
    return Template(
        name=row.name,
        heading=str(content.get("heading", "")) or row.name,
        opening=str(content.get("opening", "")),
        closing=str(content.get("closing", "")),
        sections=tuple(each for each in kept if each in SECTIONS),
        is_default=row.is_default,
        id=row.pk,
    )


def _check(template: Template) -> Template:
    name, heading = one_line(template.name), one_line(template.heading)
    if not 1 <= len(name) <= NAME_MOST_CHARS:
        raise BadTemplate(_("El nombre debe tener de 1 a %d caracteres.") % NAME_MOST_CHARS, field="name")
    if len(heading) > HEADING_MOST_CHARS:
        raise BadTemplate(
            _("El encabezado puede tener hasta %d caracteres.") % HEADING_MOST_CHARS, field="heading"
        )
    opening, closing = clean(template.opening).strip(), clean(template.closing).strip()
    for field, text in (("opening", opening), ("closing", closing)):
        if len(text) > TEXT_MOST_CHARS:
            raise BadTemplate(_("El texto puede tener hasta %d caracteres.") % TEXT_MOST_CHARS, field=field)
        placeholders.check(text, field=field)
    sections = tuple(dict.fromkeys(each for each in template.sections if each in SECTIONS))
    if not sections:
        raise BadTemplate(_("Hay que elegir al menos una sección."), field="sections")
    return replace(
        template, name=name, heading=heading or name, opening=opening, closing=closing, sections=sections
    )
