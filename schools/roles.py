"""Who may do what in a school."""

from enum import StrEnum

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """A member's role in one school."""

    DIRECTOR = "director", _("Dirección")
    SECRETARY = "secretary", _("Secretaría")
    TEACHER = "teacher", _("Docente")
    READER = "reader", _("Lectura")
    AUDITOR = "auditor", _("Auditoría")


class Can(StrEnum):
    """A right in a school; a new permission is one line here and its place in RIGHTS."""

    READ = "read"  # the library, the viewer, search
    ASK = "ask"  # conversations of one's own
    UPLOAD = "upload"  # add documents; retry, cancel and edit one's own
    MANAGE_DOCUMENTS = "manage_documents"  # everyone's documents, and the collections
    FILL = "fill"  # planillas and reports: make them, correct them
    DESIGN = "design"  # their templates
    APPROVE = "approve"  # planillas and reports, and those that others made
    WRITE_PROMPTS = "write_prompts"  # the prompt library
    INSPECT = "inspect"  # the laboratory: how documents were cut, how a question is searched
    MANAGE_ENGINES = "manage_engines"  # which engines may see what, and the month's money
    # What engines cost, and why each was chosen. Not the secretary's: it tells who asked how much.
    SEE_USAGE = "see_usage"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_SCHOOL = "manage_school"


_STAFF = frozenset({Can.READ, Can.ASK})

RIGHTS: dict[Role, frozenset[Can]] = {
    Role.DIRECTOR: frozenset(Can),
    Role.SECRETARY: _STAFF
    | {
        Can.UPLOAD,
        Can.FILL,
        Can.DESIGN,
        Can.APPROVE,
        Can.WRITE_PROMPTS,
        Can.MANAGE_DOCUMENTS,
    },
    Role.TEACHER: _STAFF | {Can.UPLOAD, Can.FILL},
    Role.READER: _STAFF,
    Role.AUDITOR: frozenset({Can.READ, Can.SEE_USAGE}),
}
