"""How people come in: by invitation only. allauth does login, reset, second factor and OpenID Connect."""

from typing import Any, NoReturn

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import Http404, HttpRequest
from django.urls import reverse


def no_such_page(request: HttpRequest) -> NoReturn:
    """Hide allauth's page where people change their address: it is the school that knows them by it."""
    raise Http404


class ClosedDoor(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Nobody signs up by themselves: an invitation makes the account."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse open registration."""
        return False

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Count failures by the address alone: allauth adds the request's host, which whoever guesses may vary."""
        return str(credentials.get("email", "")).strip().casefold()

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Send people to their school."""
        return reverse("schools:choose")


class KnownPeopleOnly(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Single sign-on opens the account of someone who already has one here, by verified address."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Refuse to make an account out of a stranger's login."""
        return False
