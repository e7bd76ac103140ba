"""The shapes of people and schools in the API."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from schools.models import Invitation, Membership, School
from schools.roles import RIGHTS, Can, Role
from schools.shapes import Shape, Time, ids


class Login(Shape):
    """Who one is. `totp`: a code of the second factor, or one of the recovery codes, where it is on."""

    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(max_length=500, trim_whitespace=False)
    totp = serializers.RegexField(
        r"\A[0-9A-Za-z -]{4,40}\Z",
        required=False,
        allow_null=True,
        error_messages={"invalid": _("El código de verificación tiene solo números y letras.")},
    )


class RefreshToken(Shape):
    """A refresh token."""

    refresh_token = serializers.CharField(max_length=4_000)


class TokenPair(Shape):
    """What a program is given; the refresh token can be used once."""

    access_token = serializers.CharField()
    refresh_token = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="seconds that the access token lasts")


class SchoolShape(Shape):
    """A school, and one's own place in it."""

    id = serializers.UUIDField()
    slug = serializers.CharField()
    name = serializers.CharField()
    language = serializers.CharField()
    time_zone = serializers.CharField()
    role = serializers.ChoiceField(Role.choices)
    rights = serializers.ListField(child=serializers.ChoiceField([can.value for can in Can]))
    collections = serializers.ListField(
        child=serializers.UUIDField(), allow_null=True, help_text="null: all of the school's"
    )
    created_at = Time()


class SchoolChange(Shape):
    """What may be changed of a school."""

    name = serializers.CharField(max_length=200, required=False)
    time_zone = serializers.CharField(
        max_length=64, required=False, help_text="as America/Argentina/Buenos_Aires"
    )


class Person(Shape):
    """Who somebody is."""

    id = serializers.UUIDField()
    email = serializers.EmailField()
    name = serializers.CharField()


class MemberShape(Shape):
    """A person's place in the school."""

    id = serializers.UUIDField()
    person = Person(source="user")
    role = serializers.ChoiceField(Role.choices)
    collections = serializers.ListField(
        child=serializers.UUIDField(), allow_null=True, help_text="null: all of the school's"
    )
    is_active = serializers.BooleanField()
    created_at = Time()


class MemberChange(Shape):
    """Another place for somebody; `collections` null opens all of them, an empty list none."""

    role = serializers.ChoiceField(Role.choices, required=False)
    collections = ids(allow_null=True, allow_empty=True)
    is_active = serializers.BooleanField(required=False)


class InvitationShape(Shape):
    """A place offered to an address; `link` is told once, to whoever offers it."""

    id = serializers.UUIDField()
    email = serializers.EmailField()
    role = serializers.ChoiceField(Role.choices)
    collections = serializers.ListField(
        child=serializers.UUIDField(), allow_null=True, help_text="null: all of the school's"
    )
    created_at = Time()
    expires_at = Time()


class Invited(InvitationShape):
    """An invitation just made."""

    link = serializers.CharField()
    mailed = serializers.BooleanField(help_text="false: no mail could be sent, pass the link on by hand")


class InvitationOffer(Shape):
    """A place to offer; without `collections`, all of the school's."""

    email = serializers.EmailField(max_length=254)
    role = serializers.ChoiceField(Role.choices)
    collections = ids(allow_null=True, allow_empty=True)


def of_school(school: School, membership: Membership | None = None, **place: Any) -> dict[str, Any]:
    """Return a school as a member is shown it, the place given by the membership or by `role` and `collections`."""
    role = Role(membership.role if membership else place["role"])
    collections = membership.collections if membership else place["collections"]
    facts = {
        name: getattr(school, name) for name in ("id", "slug", "name", "language", "time_zone", "created_at")
    }
    shown = {
        **facts,
        "role": role,
        "rights": sorted(RIGHTS[role]),
        "collections": None if collections is None else sorted(collections),
    }
    return dict(SchoolShape(shown).data)


def of_member(membership: Membership) -> dict[str, Any]:
    """Return a place in the school."""
    return dict(MemberShape(membership).data)


def of_invitation(invitation: Invitation) -> dict[str, Any]:
    """Return an invitation without its link."""
    return dict(InvitationShape(invitation).data)
