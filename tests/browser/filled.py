"""Puts a filled planilla into the database that the environment names: run by a journey as a program of its own.

Reads from standard input {"school": slug, "email": whose it is, "title"}; prints the planilla's id.
"""

import json
import sys
from dataclasses import dataclass

import django


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose planilla it is."""

    user: object
    school_id: object


def main() -> None:
    """Make the planilla: sixty rows, of which the first two ask for a decision."""
    django.setup()
    from schools.models import Membership
    from tests.planillas import made

    asked = json.load(sys.stdin)
    place = Membership.objects.get(school__slug=asked["school"], user__email=asked["email"])
    owner = Owner(place.user, place.school_id)
    plain = [{"alumno": f"Álvarez, Ana {number:02}", "promedio": number % 10} for number in range(60)]
    titles = (f"Nómina de {asked['title']}", f"Legajos de {asked['title']}")
    a, b = (made.document(owner, title, made.of_rows(plain)) for title in titles)  # type: ignore[arg-type]  # asked for these two alone
    said = made.conflict((7, made.evidence(a, 2, "7")), (8, made.evidence(b, 2, "8")))
    wrong = made.invalid("«a confirmar» no es un número.", made.evidence(a, 3, "a confirmar"))
    rows = [{**plain[0], "promedio": said}, {**plain[1], "promedio": wrong}, *plain[2:]]
    planilla = made.planilla(owner, rows=rows, sources=[a, b], title=asked["title"])  # type: ignore[arg-type]  # as above
    sys.stdout.write(f"{planilla.pk}\n")


if __name__ == "__main__":
    main()
