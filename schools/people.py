"""The people of a school: invited, admitted, given another place, suspended."""

import hashlib
import secrets
from collections.abc import Collection as Some
from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from schools import tokens
from schools.admission import Member, member_of
from schools.ids import SchoolId, UserId
from schools.models import Invitation, Membership, School, User
from schools.refusals import Refused
from schools.roles import Can, Role


class AlreadyHere(Refused):
    """The address belongs to somebody of the school."""

    code = "already_member"
    status = 409


class BadInvitation(Refused):
    """The invitation was used, has run out, was withdrawn or never was."""

    code = "bad_invitation"
    status = 404


class LastDirector(Refused):
    """The school would be left without a director."""

    code = "last_director"
    status = 409


class NotAPerson(Refused):
    """No such person in this school."""

    code = "not_found"
    status = 404


class BadField(Refused):
    """A field's value cannot be taken."""

    code = "invalid"


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation just made, with the only copy of its link."""

    invitation: Invitation
    link: str
    mailed: bool


def members(director: Member) -> list[Membership]:
    """Return the school's people, the active first, by name."""
    rows = Membership.objects.filter(school_id=director.school_id).select_related("user")
    return sorted(rows, key=lambda row: (not row.is_active, str(row.user).lower()))


def open_invitations(director: Member) -> list[Invitation]:
    """Return the invitations that nobody has accepted, newest first; those that have run out included."""
    return list(
        Invitation.objects.filter(school_id=director.school_id, accepted_at=None)
        .select_related("invited_by")
        .order_by("-created_at")
    )


def invite(director: Member, *, email: str, role: Role, collections: Some[UUID] | None) -> Invited:
    """Offer a place to an address and mail the link; an open invitation to it is replaced.

    Raises AlreadyHere or BadField. The link is returned too, so that the director can pass it on by hand.
    """
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise BadField(_("«%s» no es una dirección de correo válida.") % email, field="email") from None
    if Membership.objects.filter(school_id=director.school_id, user__email=email).exists():
        raise AlreadyHere(_("%s ya pertenece a la escuela.") % email, field="email")
    _check_collections(director, collections)
    token = secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            Invitation.objects.filter(school_id=director.school_id, email=email, accepted_at=None).delete()
            invitation = Invitation.objects.create(
                school_id=director.school_id,
                email=email,
                role=role,
                collections=None if collections is None else sorted(collections),
                token_sha256=_digest(token),
                invited_by_id=director.user_id,
            )
    except IntegrityError:
        raise AlreadyHere(_("%s está siendo invitado en este momento.") % email, field="email") from None
    link = settings.PUBLIC_URL.rstrip("/") + reverse("schools:invitation", args=[token])
    return Invited(invitation=invitation, link=link, mailed=_mail(invitation, director, link))


def withdraw(director: Member, invitation_id: UUID) -> bool:
    """Take an open invitation back; say whether there was one."""
    gone, _each = Invitation.objects.filter(
        school_id=director.school_id, pk=invitation_id, accepted_at=None
    ).delete()
    return gone > 0


def find_invitation(token: str) -> Invitation:
    """Return the open invitation that a link stands for; raise BadInvitation.

    One whose inviter may not invite any more stands for nothing: who was sent away must not come back by it.
    """
    invitation = (
        Invitation.objects.select_related("school")
        .filter(
            token_sha256=_digest(token),
            accepted_at=None,
            expires_at__gt=timezone.now(),
            school__is_active=True,
        )
        .first()
    )
    if invitation is None or not _stands_behind(invitation):
        raise BadInvitation(_("La invitación ya se usó, venció o fue retirada. Pedir otra a la dirección."))
    return invitation


def accept(token: str, *, user: User | None, name: str = "", password: str = "") -> Membership:
    """Take the place an invitation offers, as the person logged in or as a new one.

    A new person sets name and password. Raises BadInvitation, or ValidationError of Django for a weak password. Where
    the address has an account already, that person must be the one logged in.
    """
    with transaction.atomic():
        invitation = find_invitation(token)
        invitation = Invitation.objects.select_for_update().select_related("school").get(pk=invitation.pk)
        if invitation.accepted_at is not None:
            raise BadInvitation(_("La invitación ya se usó."))
        if user is None:
            if User.objects.filter(email=invitation.email).exists():
                raise BadField(
                    _("Ya hay una cuenta con este correo: iniciar sesión con ella."), field="email"
                )
            user = User(email=invitation.email, name=name.strip())
            validate_password(password, user)
            user.set_password(password)
            user.save()
        elif user.email != invitation.email:
            raise BadInvitation(
                _("La invitación es para %s; la sesión abierta es de otra persona.") % invitation.email
            )
        elif Membership.objects.filter(school_id=invitation.school_id, user=user, is_active=False).exists():
            raise BadInvitation(_("La dirección suspendió el acceso a esta escuela. Consultar con ella."))
        membership, _made = Membership.objects.update_or_create(
            school_id=invitation.school_id,
            user=user,
            defaults={"role": invitation.role, "collections": invitation.collections, "is_active": True},
        )
        invitation.accepted_at = timezone.now()
        invitation.save(update_fields=["accepted_at"])
    return membership


def change(
    director: Member,
    membership_id: UUID,
    *,
    role: Role | None = None,
    collections: Some[UUID] | None = None,
    every_collection: bool = False,
    is_active: bool | None = None,
) -> Membership:
    """Give a person another role or other collections, suspend them or take them back; raise LastDirector.

    `every_collection` opens all of them; otherwise `collections`, when given, replaces the set.
    """
    _check_collections(director, collections)
    with transaction.atomic():
        directors = list(
            Membership.objects.select_for_update().filter(
                school_id=director.school_id, role=Role.DIRECTOR, is_active=True, user__is_active=True
            )
        )
        row = (
            Membership.objects.select_for_update(of=("self",))
            .select_related("user")
            .filter(school_id=director.school_id, pk=membership_id)
            .first()
        )
        if row is None:
            raise NotAPerson(_("Esa persona no pertenece a la escuela."))
        loses_direction = (role is not None and role != Role.DIRECTOR) or is_active is False
        if loses_direction and [each.pk for each in directors] == [row.pk]:
            raise LastDirector(_("La escuela debe tener al menos una persona en la dirección."))
        if role is not None:
            row.role = role
        if every_collection:
            row.collections = None
        elif collections is not None:
            row.collections = sorted(collections)
        if is_active is not None:
            row.is_active = is_active
        row.save()
    if is_active is False and not Membership.objects.filter(user=row.user, is_active=True).exists():
        tokens.end_all(row.user)
    return row


def open_school(
    *, slug: str, name: str, director_email: str, password: str, director_name: str = "", time_zone: str = ""
) -> tuple[School, User]:
    """Make a school with its director; an address that has an account keeps its password.

    Raises ValidationError of Django when a field cannot be taken.
    """
    with transaction.atomic():
        school = School(slug=slug, name=name.strip())
        if time_zone:
            school.time_zone = time_zone
        school.full_clean()
        school.save()
        email = director_email.strip().lower()
        user = User.objects.filter(email=email).first()
        if user is None:
            validate_email(email)
            user = User(email=email, name=director_name.strip())
            validate_password(password, user)
            user.set_password(password)
            user.full_clean(exclude=["password"])
            user.save()
        Membership.objects.create(school=school, user=user, role=Role.DIRECTOR)
    return school, user


def _check_collections(director: Member, chosen: Some[UUID] | None) -> None:
    """Raise BadField for a collection that the director does not know."""
    if chosen:
        # Collections belong to an app above this one, which the settings name.
        known = {row.pk for row in import_string(settings.COLLECTIONS_OF_A_MEMBER)(director)}
        if not known.issuperset(chosen):
            raise BadField(_("Una de las colecciones no existe."), field="collections")


def _stands_behind(invitation: Invitation) -> bool:
    """Say whether whoever invited still may."""
    if invitation.invited_by_id is None:
        return True
    inviter = member_of(SchoolId(invitation.school_id), UserId(invitation.invited_by_id))
    return inviter is not None and inviter.may(Can.MANAGE_PEOPLE)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _mail(invitation: Invitation, director: Member, link: str) -> bool:
    context = {"school": director.school_name, "link": link, "role": Role(invitation.role).label}
    try:
        sent = send_mail(
            subject=_("Invitación a %s en Preceptor") % director.school_name,
            message=render_to_string("schools/invitation_mail.txt", context),
            from_email=None,
            recipient_list=[invitation.email],
        )
    except OSError:
        # A mail server that is down must not lose the invitation: the director is shown the link.
        return False
    return bool(sent)
