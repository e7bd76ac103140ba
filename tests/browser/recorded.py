"""Puts a transcribed recording into the database that the environment names: run by a journey as a program of its own.

Reads from standard input {"school": slug, "email": whose it is, "title"}; prints the recording's id.
"""

import json
import sys
from dataclasses import dataclass

import django


@dataclass(frozen=True, slots=True)
class Owner:
    """Whose recording it is."""

    user: object
    school_id: object


def main() -> None:
    """Make the recording."""
    django.setup()
    from schools.models import Membership
    from tests.transcription import made

    asked = json.load(sys.stdin)
    place = Membership.objects.get(school__slug=asked["school"], user__email=asked["email"])
    sound = (made.SOUNDS / "reunion-tres-voces.flac").read_bytes()
    owner = Owner(place.user, place.school_id)
    document = made.transcript(owner, asked["title"], sound=sound)  # type: ignore[arg-type]  # asked for these two alone
    sys.stdout.write(f"{document.pk}\n")


if __name__ == "__main__":
    main()
