"""A planilla's title, as a person changes it."""

from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from planillas import register
from schools.admission import Member
from schools.refusals import Refused
from schools.scope import school_scope
from transcription.exports.told import one_line

TITLE_MOST_CHARS = 200


class BadTitle(Refused):
    """The title is empty or too long."""

    code = "invalid"


def rename(member: Member, planilla_id: UUID, title: str) -> None:
    """Give a planilla another title; raise NoSuchPlanilla, NotYours or BadTitle."""
    tidied = one_line(title)
    if not 1 <= len(tidied) <= TITLE_MOST_CHARS:
        raise BadTitle(_("El título debe tener de 1 a %d caracteres.") % TITLE_MOST_CHARS, field="title")
    with school_scope(member.school_id):
        planilla = register.changeable(member, planilla_id).planilla
        planilla.title, planilla.changed_at = tidied, timezone.now()
        planilla.save(update_fields=["title", "title_folded", "changed_at"])
