"""The product in a measurement's own process: its tables made, and schools to measure in."""

import os
import uuid
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from schools.admission import Member

PASSWORD = "una clave larga de prueba"


def set_up() -> None:
    """Start Django and make the tables of the fresh services that this measurement was given."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", database="owner", interactive=False, verbosity=0)
    connections.close_all()


def new_director() -> "Member":
    """Return the director of a new school; the address is `<slug>@example.org`, the password `PASSWORD`."""
    from schools import people
    from schools.admission import as_member
    from schools.models import Membership

    name = f"medida-{uuid.uuid4().hex[:8]}"
    school, _user = people.open_school(slug=name, name=name, director_email=address(name), password=PASSWORD)
    return as_member(Membership.objects.select_related("school").get(school=school))


def address(slug: str) -> str:
    """Return the director's e-mail address."""
    return f"{slug}@example.org"
