"""How a school's reports are built: its own templates, and those that come ready made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from django.db import IntegrityError, models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from planillas.models import ReportTemplate
from schools.admission import Member
from schools.refusals import Refused
from schools.scope import school_scope
from transcription.exports.told import clean, one_line

NAME_MOST_CHARS = 100
PURPOSE_MOST_CHARS = 500
TITLE_MOST_CHARS = 200
PROMPT_MOST_CHARS = 2_000
WORDS_LEAST, WORDS_MOST, WORDS_USUAL = 30, 800, 150
PARTS_MOST = 40
TEMPLATES_MOST = 100


class Kind(models.TextChoices):
    """What a section of a report holds."""

    TEXT = "text", lazy("Texto")
    TABLE = "table", lazy("Tabla de una planilla")
    CHART = "chart", lazy("Gráfico de una planilla")


class NoSuchTemplate(Refused):
    """There is none of that id or name."""

    code = "not_found"
    status = 404


class BadTemplate(Refused):
    """Something of the template is missing or too long."""

    code = "invalid"


class NameTaken(BadTemplate):
    """Another template of the school has that name."""

    code = "template_name_taken"
    status = 409


class Overtaken(Refused):
    """Somebody else changed the template meanwhile."""

    code = "template_changed"
    status = 409


@dataclass(frozen=True, slots=True)
class Part:
    """A section to be written: what of, and about how many words."""

    title: str
    prompt: str = ""
    words: int = WORDS_USUAL
    kind: str = Kind.TEXT
    key: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """A template as a person draws it."""

    name: str
    purpose: str = ""
    parts: tuple[Part, ...] = ()
    ready_made: str = ""  # the name of the one that it is a copy of


@dataclass(frozen=True, slots=True)
class Template(Draft):
    """A template of the school; without an id it is a ready-made one that nobody copied."""

    id: UUID | None = None
    rev: int = 0


def every(member: Member) -> list[Template]:
    """Return the school's own templates by name."""
    with school_scope(member.school_id):
        rows = list(ReportTemplate.objects.filter(deleted_at=None))
    return sorted(map(_of_row, rows), key=lambda each: each.name.casefold())


def ready_made() -> list[Template]:
    """Return those that come with the product, in their order."""
    from planillas import ready_made as shipped  # reads files, and few ask for it

    return [
        Template(
            name=each.title,
            purpose=each.purpose,
            parts=tuple(map(part_of, each.sections)),
            ready_made=each.name,
        )
        for each in shipped.reports()
    ]


def get(member: Member, template_id: UUID) -> Template:
    """Return one of the school's; raise NoSuchTemplate."""
    with school_scope(member.school_id):
        return _of_row(_row(template_id))


def chosen(member: Member, name: str) -> Template:
    """Return the template that a form or a program names: an id, or the name of a ready-made one."""
    try:
        template_id = UUID(name)
    except ValueError:
        return _ready(name)
    return get(member, template_id)


def create(member: Member, draft: Draft) -> Template:
    """Make a template; raise BadTemplate or NameTaken."""
    checked = check(draft)
    try:
        with school_scope(member.school_id):
            if ReportTemplate.objects.filter(deleted_at=None).count() >= TEMPLATES_MOST:
                raise BadTemplate(
                    _("Hay %d plantillas: para sumar otra hay que borrar alguna.") % TEMPLATES_MOST
                )
            row = ReportTemplate.objects.create(
                name=checked.name,
                purpose=checked.purpose,
                sections=_to_json(checked.parts),
                ready_made=checked.ready_made[:40],
                created_by_id=member.user_id,
            )
    except IntegrityError as error:
        raise _taken() from error
    return _of_row(row)


def change(member: Member, template_id: UUID, draft: Draft, *, began_from: int | None = None) -> Template:
    """Change a template; raise as `create` does, NoSuchTemplate, or Overtaken where `began_from` is not its rev."""
    checked = check(draft)
    try:
        with school_scope(member.school_id):
            row = _row(template_id, lock=True)
            if began_from is not None and began_from != row.rev:
                raise Overtaken(
                    _(
                        "Otra persona cambió la plantilla mientras tanto: volver a abrirla y repetir el cambio."
                    )
                )
            row.name, row.purpose, row.sections = checked.name, checked.purpose, _to_json(checked.parts)
            row.rev += 1
            row.changed_at = timezone.now()
            row.save()
    except IntegrityError as error:
        raise _taken() from error
    return _of_row(row)


def delete(member: Member, template_id: UUID) -> None:
    """Take a template away; the reports that were written with it stay. Raise NoSuchTemplate."""
    with school_scope(member.school_id):
        _row(template_id, lock=True)
        ReportTemplate.objects.filter(pk=template_id).update(deleted_at=timezone.now())


def copy_ready_made(member: Member, name: str) -> Template:
    """Return a copy of a ready-made template, the school's to change; raise NoSuchTemplate."""
    shipped = _ready(name)
    taken = {each.name.casefold() for each in every(member)}
    names = [shipped.name, *(f"{shipped.name} ({number})" for number in range(2, TEMPLATES_MOST + 2))]
    free = next(each for each in names if each.casefold() not in taken)
    return create(member, replace(shipped, name=free))


def check(draft: Draft) -> Draft:
    """Return a draft tidied; raise BadTemplate."""
    name, purpose = one_line(draft.name), one_line(draft.purpose)
    if not 1 <= len(name) <= NAME_MOST_CHARS:
        raise BadTemplate(_("El nombre debe tener de 1 a %d caracteres.") % NAME_MOST_CHARS, field="name")
    if len(purpose) > PURPOSE_MOST_CHARS:
        raise BadTemplate(
            _("Para qué sirve se dice en hasta %d caracteres.") % PURPOSE_MOST_CHARS, field="purpose"
        )
    return replace(draft, name=name, purpose=purpose, parts=check_parts(draft.parts))


def check_parts(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Return the sections tidied, each with a key of its own; raise BadTemplate."""
    if not 1 <= len(parts) <= PARTS_MOST:
        raise BadTemplate(_("Un informe tiene de 1 a %d secciones.") % PARTS_MOST, field="sections")
    return tuple(replace(check_part(each), key=f"s{number}") for number, each in enumerate(parts, start=1))


def check_part(part: Part) -> Part:
    """Return a section tidied; raise BadTemplate."""
    title, prompt = one_line(part.title), clean(part.prompt).strip()
    if not 1 <= len(title) <= TITLE_MOST_CHARS:
        raise BadTemplate(
            _("El título de cada sección debe tener de 1 a %d caracteres.") % TITLE_MOST_CHARS, field="title"
        )
    if len(prompt) > PROMPT_MOST_CHARS:
        raise BadTemplate(
            _("Qué escribir en una sección se dice en hasta %d caracteres.") % PROMPT_MOST_CHARS,
            field="prompt",
        )
    if not WORDS_LEAST <= part.words <= WORDS_MOST:
        raise BadTemplate(
            _("El largo de una sección va de %(least)d a %(most)d palabras.")
            % {"least": WORDS_LEAST, "most": WORDS_MOST},
            field="words",
        )
    if part.kind not in Kind.values:
        raise BadTemplate(_("Una sección es un texto, una tabla o un gráfico."), field="kind")
    return replace(part, title=title, prompt=prompt)


def part_of(stored: Mapping[str, Any]) -> Part:
    """Return a section as it was stored."""
    return Part(
        title=str(stored["title"]),
        prompt=str(stored.get("prompt", "")),
        words=int(stored.get("words") or WORDS_USUAL),
        kind=str(stored.get("kind") or Kind.TEXT),
        key=str(stored.get("key", "")),
    )


def _ready(name: str) -> Template:
    found = next((each for each in ready_made() if each.ready_made == name), None)
    if found is None:
        raise NoSuchTemplate(_("La plantilla no existe."), field="template")
    return found


def _row(template_id: UUID, *, lock: bool = False) -> ReportTemplate:
    rows = ReportTemplate.objects.filter(pk=template_id, deleted_at=None)
    row = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if row is None:
        raise NoSuchTemplate(_("La plantilla no existe."), field="template")
    return row


def _taken() -> NameTaken:
    return NameTaken(_("Ya hay una plantilla de informe con ese nombre."), field="name")


def _to_json(parts: Sequence[Part]) -> list[dict[str, Any]]:
    return [
        {
            "key": each.key,
            "title": each.title,
            "prompt": each.prompt,
            "words": each.words,
            "kind": str(each.kind),
        }
        for each in parts
    ]


def _of_row(row: ReportTemplate) -> Template:
    return Template(
        name=row.name,
        purpose=row.purpose,
        parts=tuple(map(part_of, row.sections)),
        ready_made=row.ready_made,
        id=row.pk,
        rev=row.rev,
    )
