"""The API of people and schools: login, my schools, a school's members and invitations."""

from dataclasses import asdict
from uuid import UUID

from django.http import Http404
from rest_framework import status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from schools import identity, people, tokens
from schools.admission import in_school
from schools.api_shapes import (
    InvitationOffer,
    InvitationShape,
    Invited,
    Login,
    MemberChange,
    MemberShape,
    RefreshToken,
    SchoolChange,
    SchoolShape,
    TokenPair,
    of_invitation,
    of_member,
    of_school,
)
from schools.idempotency import idempotent
from schools.models import User
from schools.openapi import describe
from schools.paging import over, page
from schools.roles import Can, Role
from schools.shapes import Call, page_of, read


class _Door(APIView):
    """Open to whoever has no token yet."""

    authentication_classes = ()
    permission_classes = (AllowAny,)


class LogIn(_Door):
    """`auth/login`"""

    @describe("log_in", area="auth", takes=Login, gives=TokenPair)
    def post(self, request: Request) -> Response:
        """Return fresh tokens for an address, its password and, where it is on, the second factor."""
        given = read(Login, request)
        pair = tokens.log_in(
            request._request, email=given["email"], password=given["password"], totp=given.get("totp")
        )
        return Response(asdict(pair))


class Refresh(_Door):
    """`auth/refresh`"""

    @describe("refresh_tokens", area="auth", takes=RefreshToken, gives=TokenPair)
    def post(self, request: Request) -> Response:
        """Return new tokens for a refresh token, which is spent by this."""
        return Response(asdict(tokens.refresh(read(RefreshToken, request)["refresh_token"])))


class LogOut(_Door):
    """`auth/logout`"""

    @describe("log_out", area="auth", takes=RefreshToken)
    def post(self, request: Request) -> Response:
        """Spend a refresh token; the access token dies by itself within minutes."""
        tokens.log_out(read(RefreshToken, request)["refresh_token"])
        return Response(status=status.HTTP_204_NO_CONTENT)


class Schools(APIView):
    """`schools/`"""

    @describe("list_schools", area="schools", gives=page_of(SchoolShape), lists=True)
    def get(self, request: Request) -> Response:
        """Return the schools that I belong to."""
        assert isinstance(request.user, User)
        places = {each.school_id: each for each in identity.mine(request.user.pk)}
        rows = [each.school for each in places.values()]
        return Response(page(request, over(rows), lambda school: of_school(school, places[school.pk])))


class OneSchool(APIView):
    """`schools/{slug}/`"""

    @describe("get_school", area="schools", gives=SchoolShape)
    @in_school(Can.READ)
    def get(self, request: Call) -> Response:
        """Return the school and my place in it."""
        member = request.member
        return Response(of_school(identity.of(member), role=member.role, collections=member.collections))

    @describe("change_school", area="schools", takes=SchoolChange, gives=SchoolShape)
    @in_school(Can.MANAGE_SCHOOL)
    def patch(self, request: Call) -> Response:
        """Change the school's name or time zone."""
        member = request.member
        school = identity.change(member, **read(SchoolChange, request))
        return Response(of_school(school, role=member.role, collections=member.collections))


class Members(APIView):
    """`members/`"""

    @describe("list_members", area="people", gives=page_of(MemberShape), lists=True)
    @in_school(Can.MANAGE_PEOPLE)
    def get(self, request: Call) -> Response:
        """Return the school's people."""
        return Response(page(request, over(people.members(request.member)), of_member))


class OneMember(APIView):
    """`members/{id}/`"""

    @describe("change_member", area="people", takes=MemberChange, gives=MemberShape)
    @in_school(Can.MANAGE_PEOPLE)
    def patch(self, request: Call, membership_id: UUID) -> Response:
        """Give a person another role or other collections, suspend them or take them back."""
        given = read(MemberChange, request)
        membership = people.change(
            request.member,
            membership_id,
            role=Role(given["role"]) if "role" in given else None,
            collections=given.get("collections"),
            every_collection="collections" in given and given["collections"] is None,
            is_active=given.get("is_active"),
        )
        return Response(of_member(membership))


class Invitations(APIView):
    """`invitations/`"""

    @describe("list_invitations", area="people", gives=page_of(InvitationShape), lists=True)
    @in_school(Can.MANAGE_PEOPLE)
    def get(self, request: Call) -> Response:
        """Return the invitations that nobody has accepted yet."""
        return Response(page(request, over(people.open_invitations(request.member)), of_invitation))

    @describe("invite", area="people", takes=InvitationOffer, gives=Invited, creates=True)
    @in_school(Can.MANAGE_PEOPLE)
    @idempotent
    def post(self, request: Call) -> Response:
        """Offer somebody a place; an open invitation to the same address is replaced."""
        given = read(InvitationOffer, request)
        made = people.invite(
            request.member,
            email=given["email"],
            role=Role(given["role"]),
            collections=given.get("collections"),
        )
        body = {**of_invitation(made.invitation), "link": made.link, "mailed": made.mailed}
        return Response(body, status=status.HTTP_201_CREATED)


class OneInvitation(APIView):
    """`invitations/{id}/`"""

    @describe("withdraw_invitation", area="people")
    @in_school(Can.MANAGE_PEOPLE)
    def delete(self, request: Call, invitation_id: UUID) -> Response:
        """Take an open invitation back."""
        if not people.withdraw(request.member, invitation_id):
            raise Http404
        return Response(status=status.HTTP_204_NO_CONTENT)
