"""Single sign-on opens the account of someone who has one here, and nobody else's."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from tests.conftest import Person
from tests.schools.fake_oidc import FakeProvider


@pytest.fixture
def provider(settings: Any) -> Iterator[FakeProvider]:
    """Give a running provider that the settings name, as OIDC_PROVIDERS would."""
    with FakeProvider().running() as fake:
        settings.SOCIALACCOUNT_PROVIDERS = {
            "openid_connect": {
                "OAUTH_PKCE_ENABLED": True,
                "APPS": [
                    {
                        "provider_id": "ministerio",
                        "name": "Ministerio",
                        "client_id": "preceptor",
                        "secret": "un-secreto",
                        "settings": {"server_url": fake.url},
                    }
                ],
            }
        }
        yield fake


def _sign_on(provider: FakeProvider, browser: Client, **person: Any) -> Any:
    """Go the whole way: our button, the provider's page, back with the code."""
    provider.person = {"sub": "1", **person}
    away = browser.post("/cuenta/oidc/ministerio/login/")
    assert away.status_code == 302
    assert away["Location"].startswith(f"{provider.url}/authorize")
    asked = parse_qs(urlsplit(away["Location"]).query)
    provider.challenge = asked["code_challenge"][0]
    back = urlsplit(asked["redirect_uri"][0]).path
    return browser.get(back, {"code": "the-code", "state": asked["state"][0]})


def test_the_login_page_offers_the_providers_of_the_settings(provider: FakeProvider, ana: Person) -> None:
    assert "Ministerio" in Client().get("/cuenta/login/").content.decode()


def test_a_known_address_that_the_provider_verified_is_let_in(provider: FakeProvider, ana: Person) -> None:
    browser = Client()
    response = _sign_on(provider, browser, email=ana.user.email, email_verified=True)
    assert response.status_code == 302
    assert browser.get("/e/norte/").status_code == 200


def test_an_address_that_nobody_verified_opens_no_account(provider: FakeProvider, ana: Person) -> None:
    browser = Client()
    _sign_on(provider, browser, email=ana.user.email, email_verified=False)
    assert browser.get("/e/norte/").status_code == 302  # to the login page


def test_a_stranger_gets_no_account(provider: FakeProvider, ana: Person) -> None:
    from schools.models import User

    browser = Client()
    _sign_on(provider, browser, email="nadie@otra.example", email_verified=True)
    assert browser.get("/e/norte/").status_code == 302
    assert not User.objects.filter(email="nadie@otra.example").exists()


def test_a_code_without_the_proof_of_who_asked_is_refused(provider: FakeProvider, ana: Person) -> None:
    provider.person = {"sub": "1", "email": ana.user.email, "email_verified": True}
    browser = Client()
    away = browser.post("/cuenta/oidc/ministerio/login/")
    asked = parse_qs(urlsplit(away["Location"]).query)
    provider.challenge = "another"
    browser.get(urlsplit(asked["redirect_uri"][0]).path, {"code": "the-code", "state": asked["state"][0]})
    assert provider.refused == ["token"]
    assert browser.get("/e/norte/").status_code == 302
