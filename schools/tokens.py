"""Tokens for programs: a short access token, a refresh token that turns at each use."""

from dataclasses import dataclass
from typing import cast

from allauth.account.adapter import get_adapter
from allauth.core.exceptions import RateLimited
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken
from rest_framework_simplejwt.utils import get_md5_hash_password

from schools.models import User
from schools.refusals import Refused

REVOKE_CLAIM = api_settings.REVOKE_TOKEN_CLAIM


class WrongLogin(Refused):
    """Address, password or code did not fit; which of them is not told."""

    code = "wrong_credentials"
    status = 401


class SecondFactorNeeded(Refused):
    """The password was right; a code of the second factor is needed as well."""

    code = "totp_required"
    status = 401


class TooManyTries(Refused):
    """The address or the machine has failed too often for now."""

    code = "too_many_attempts"
    status = 429


class DeadToken(Refused):
    """The refresh token has run out, was used, or was never ours."""

    code = "invalid_token"
    status = 401


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a program is given."""

    access_token: str
    refresh_token: str
    expires_in: int  # seconds


def log_in(request: HttpRequest, *, email: str, password: str, totp: str | None) -> Tokens:
    """Return fresh tokens; raise WrongLogin, SecondFactorNeeded or TooManyTries.

    The same limits on failures hold as on the login page.
    """
    try:
        user = cast(
            User | None, get_adapter().authenticate(request, email=email.strip().lower(), password=password)
        )
    except (ValidationError, RateLimited):
        raise _too_many() from None
    if user is None or not user.is_active:
        raise WrongLogin(_("El correo o la contraseña no son correctos."))
    _check_second_factor(user, totp)
    return _of(RefreshToken.for_user(user))


def _too_many() -> TooManyTries:
    return TooManyTries(_("Demasiados intentos fallidos. Esperar unos minutos y volver a probar."))


def _check_second_factor(user: User, code: str | None) -> None:
    factors = {each.type: each for each in Authenticator.objects.filter(user=user)}
    totp = factors.get(Authenticator.Type.TOTP)
    if totp is None:
        return
    if not code:
        raise SecondFactorNeeded(_("Falta el código de la aplicación de verificación."))
    try:
        forget_failures = check_rate_limit(user)
    except ValidationError:
        raise _too_many() from None
    if not TOTP(totp).validate_code(code):
        recovery = factors.get(Authenticator.Type.RECOVERY_CODES)
        if recovery is None or not RecoveryCodes(recovery).validate_code(code):
            raise WrongLogin(_("El código de verificación no es correcto o ya se usó."))
    forget_failures()


def refresh(text: str) -> Tokens:
    """Return new tokens for a refresh token, which is spent by this; raise DeadToken."""
    try:
        old = RefreshToken(text)  # type: ignore[arg-type]  # the stubs ask for a Token; the code takes its text
        user = User.objects.filter(pk=old["user_id"], is_active=True).first()
        if user is None or old.get(REVOKE_CLAIM) != get_md5_hash_password(user.password):
            raise DeadToken(_("La sesión terminó. Volver a iniciar sesión."))
        _spent, is_first = cast(tuple[object, bool], old.blacklist())
        if not is_first:  # the same token came twice at once
            raise DeadToken(_("La sesión terminó. Volver a iniciar sesión."))
    except TokenError:
        raise DeadToken(_("La sesión terminó. Volver a iniciar sesión.")) from None
    return _of(RefreshToken.for_user(user))


def log_out(text: str) -> None:
    """Spend a refresh token; one that is already dead stays so."""
    try:
        RefreshToken(text).blacklist()  # type: ignore[arg-type]  # as above
    except TokenError:
        return


def end_all(user: User) -> None:
    """Spend every refresh token of a person."""
    for token in OutstandingToken.objects.filter(user=user, blacklistedtoken__isnull=True):
        BlacklistedToken.objects.get_or_create(token=token)


def forget_expired() -> None:
    """Delete what is kept of refresh tokens that have run out."""
    OutstandingToken.objects.filter(expires_at__lte=timezone.now()).delete()


def _of(token: RefreshToken) -> Tokens:
    seconds = int(AccessToken.lifetime.total_seconds())
    return Tokens(access_token=str(token.access_token), refresh_token=str(token), expires_in=seconds)
