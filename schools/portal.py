"""What the frame of every portal page shows: the school, one's schools, one's rights."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse

from schools.models import Membership, School


@dataclass(frozen=True, slots=True)
class Shown:
    """A school as the frame shows it."""

    name: str
    slug: str
    logo_url: str | None


def frame(request: HttpRequest) -> dict[str, Any]:
    """Return the frame's context; the expensive part only on pages of a school."""
    member = getattr(request, "member", None)
    if member is None:
        return {"school": None, "my_schools": [], "can": {}}
    schools = schools_of(member.user_id)
    return {
        "member": member,
        "school": next((each for each in schools if each.slug == member.slug), None),
        "my_schools": schools,
        "can": member.can,
    }


def schools_of(user_id: UUID) -> list[Shown]:
    """Return the schools a person belongs to, by name."""
    rows = (
        School.objects.filter(is_active=True, memberships__user_id=user_id, memberships__is_active=True)
        .defer("logo")
        .order_by("name")
    )
    with_logo = set(rows.exclude(logo=b"").values_list("pk", flat=True))
    return [
        Shown(
            name=row.name,
            slug=row.slug,
            logo_url=reverse("schools:logo", args=[row.slug]) if row.pk in with_logo else None,
        )
        for row in rows
    ]


def first_school(user_id: UUID) -> str | None:
    """Return the slug of a person's only school; None when there is none or a choice."""
    slugs = list(
        Membership.objects.filter(user_id=user_id, is_active=True, school__is_active=True).values_list(
            "school__slug", flat=True
        )[:2]
    )
    return slugs[0] if len(slugs) == 1 else None
