"""What a school says of itself: its name and where it is."""

from django.utils.translation import gettext as _

from schools.admission import Member
from schools.models import Membership, School
from schools.refusals import Refused

NAME_MOST_CHARS = 200


class BadName(Refused):
    """The name is empty or too long."""

    code = "invalid"


def of(member: Member) -> School:
    """Return the member's school, without its logo."""
    return School.objects.defer("logo").get(pk=member.school_id)


def mine(user_id: object) -> list[Membership]:
    """Return a person's places in schools that are open, each with its school."""
    return list(
        Membership.objects.filter(user_id=str(user_id), is_active=True, school__is_active=True)
        .select_related("school")
        .defer("school__logo")
    )


def change(member: Member, *, name: str | None = None, time_zone: str | None = None) -> School:
    """Rename a school or move its clock; raise BadName, or ValidationError of Django for an unknown time zone."""
    school = of(member)
    if name is not None:
        school.name = " ".join(name.split())
        if not 1 <= len(school.name) <= NAME_MOST_CHARS:
            raise BadName(_("El nombre debe tener de 1 a %d caracteres.") % NAME_MOST_CHARS, field="name")
    if time_zone is not None:
        school.time_zone = time_zone
    school.clean_fields(exclude=["logo"])
    school.save(update_fields=["name", "time_zone"])
    return school
