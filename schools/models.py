"""People and schools: the few tables that stand outside the wall, as one must find one's schools first."""

from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import UUID
from zoneinfo import available_timezones

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from schools.ids import new_id
from schools.roles import Role
from schools.tenancy import SchoolModel
from schools.wall import walled

INVITATION_DAYS = 14
# First segments of addresses, and words that would mislead in one.
RESERVED_SLUGS = frozenset({"admin", "api", "static", "health", "cuenta", "nueva"})

check_slug = RegexValidator(
    r"\A[a-z0-9](?:[a-z0-9-]{0,48}[a-z0-9])?\Z",
    _(
        "Usar de 1 a 50 minúsculas sin acento, números o guiones; ni el primero ni el último puede ser un guion."
    ),
)


def check_time_zone(name: str) -> None:
    """Raise ValidationError unless the time zone database has the name."""
    if name not in available_timezones():
        raise ValidationError(_("«%(name)s» no es una zona horaria conocida."), params={"name": name})


def check_slug_is_free_of_meaning(slug: str) -> None:
    """Raise ValidationError for a reserved word."""
    if slug in RESERVED_SLUGS:
        raise ValidationError(_("«%(slug)s» es una palabra reservada."), params={"slug": slug})


class UserManager(BaseUserManager["User"]):
    """Makes people; an e-mail address names one person, whatever its case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Return a new person; without a password, one that must be set by invitation or reset."""
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str, **fields: Any) -> "User":
        """Return a new platform administrator."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the person with this address, whatever its case."""
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person, who may belong to several schools."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(_("correo electrónico"), unique=True)
    name = models.CharField(_("nombre"), max_length=150, blank=True)
    is_active = models.BooleanField(_("activo"), default=True)
    is_staff = models.BooleanField(_("administra la plataforma"), default=False)
    date_joined = models.DateTimeField(_("alta"), default=timezone.now, editable=False)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("persona")
        verbose_name_plural = _("personas")
        constraints = [models.UniqueConstraint(Lower("email"), name="schools_user_email_any_case")]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        """Return the name to show."""
        return self.name or self.email


class School(models.Model):
    """A school: a tenant, with its own portal under its slug."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.CharField(
        _("dirección"), max_length=50, unique=True, validators=[check_slug, check_slug_is_free_of_meaning]
    )
    name = models.CharField(_("nombre"), max_length=200)
    logo = models.BinaryField(_("logotipo"), blank=True, default=bytes)
    language = models.CharField(_("idioma"), max_length=10, default="es", choices=[("es", "Español")])
    time_zone = models.CharField(
        _("zona horaria"),
        max_length=64,
        default="America/Argentina/Buenos_Aires",
        validators=[check_time_zone],
    )
    is_active = models.BooleanField(_("activa"), default=True)
    created_at = models.DateTimeField(_("alta"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("escuela")
        verbose_name_plural = _("escuelas")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


def _collections_field() -> "ArrayField[list[UUID] | None, list[UUID] | None]":
    return ArrayField(models.UUIDField(), verbose_name=_("colecciones"), null=True, blank=True)


class Membership(models.Model):
    """A person's place in a school."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    school = models.ForeignKey(School, models.CASCADE, related_name="memberships", verbose_name=_("escuela"))
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name=_("persona"))
    role = models.CharField(_("rol"), max_length=20, choices=Role.choices)
    # Null: every collection of the school, those to come included. Empty: none.
    collections = _collections_field()
    is_active = models.BooleanField(_("activo"), default=True)
    created_at = models.DateTimeField(_("alta"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("pertenencia")
        verbose_name_plural = _("pertenencias")
        constraints = [models.UniqueConstraint(fields=["school", "user"], name="schools_membership_once")]

    def __str__(self) -> str:
        return f"{self.user} · {self.school}"


def _in_two_weeks() -> datetime:
    return timezone.now() + timedelta(days=INVITATION_DAYS)


class Invitation(models.Model):
    """A place in a school offered to an address; the token itself is never stored."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    school = models.ForeignKey(School, models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=20, choices=Role.choices)
    collections = _collections_field()
    token_sha256 = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(default=_in_two_weeks)
    accepted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["school", "email"],
                condition=models.Q(accepted_at__isnull=True),
                name="schools_invitation_one_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} · {self.school_id}"


class IdempotentReply(SchoolModel):
    """The first answer to a creating request that carried an Idempotency-Key, kept for a day."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    key = models.CharField(max_length=200)
    body_sha256 = models.CharField(max_length=64)
    # Null while the first request is still at work.
    status = models.PositiveSmallIntegerField(null=True)
    body = models.JSONField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(SchoolModel.Meta):
        constraints = [
            *walled(),
            models.UniqueConstraint(fields=["school", "user", "key"], name="schools_idempotentreply_once"),
        ]

    def __str__(self) -> str:
        return self.key
