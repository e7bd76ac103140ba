"""The doors of the house: guessing is slow, whoever comes in gets a new key, and nobody learns who has an account."""

import base64
import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import settings as django_settings
from django.contrib.auth.hashers import MD5PasswordHasher
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from schools import people
from schools.models import Invitation, Membership, User
from schools.roles import Role
from tests.conftest import PASSWORD, Person, join
from tests.schools.test_api_auth import bearing, code_of

WRONG = "otra-clave-larga"
LOGIN, API_LOGIN = "/cuenta/login/", "/api/v1/auth/login"
NEW = "un-gato-verde-y-otro"


def at_the_portal(email: str, password: str, client: Client | None = None, **headers: Any) -> bool:
    """Try to log in as a browser; say whether that opened the house."""
    browser = client or Client()
    browser.post(LOGIN, {"login": email, "password": password}, **headers)
    return browser.get("/escuelas/").status_code == 302 and "_auth_user_id" in browser.session


def at_the_api(email: str, password: str, client: Client | None = None, **headers: Any) -> bool:
    """Try to log in as a program; say whether that opened the house."""
    body = {"email": email, "password": password}
    return bool(APIClient().post(API_LOGIN, body, format="json", **headers).status_code == 200)


DOORS = pytest.mark.parametrize("door", [at_the_portal, at_the_api])


@DOORS
@pytest.mark.parametrize("disguise", ["none", "another machine", "another host", "another case"])
def test_guessing_one_persons_password_is_slow(ana: Person, door: Any, disguise: str) -> None:
    """Five failures close the door for the right password too, whoever seems to ask.

    Red when ClosedDoor._get_login_attempts_cache_key is taken out: "another host" went on guessing.
    """
    for guess in range(6):
        email, headers = ana.user.email, {}
        if disguise == "another machine":
            headers = {"REMOTE_ADDR": f"203.0.113.{guess}"}
        elif disguise == "another host":
            headers = {"HTTP_HOST": f"testserver:{8000 + guess}"}
        elif disguise == "another case":
            email = email.upper() if guess % 2 else email
        assert not door(email, WRONG, **headers)
    assert not door(ana.user.email, PASSWORD)
    cache.clear()
    assert door(ana.user.email, PASSWORD)


@DOORS
@pytest.mark.parametrize("proxies", [0, 1])
def test_guessing_many_peoples_passwords_from_one_machine_is_slow(
    ana: Person, settings: Any, door: Any, proxies: int
) -> None:
    """What a client says of its address itself counts for nothing; with a proxy, what that one adds does.

    Red with the first address of X-Forwarded-For taken, as many do: it went on guessing.
    """
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    told = "198.51.100.7" if proxies else "198.51.100.{0}"
    for guess in range(11):
        forged = f"203.0.113.{guess}, {told.format(guess)}"
        assert not door(f"nadie{guess}@norte.example", WRONG, HTTP_X_FORWARDED_FOR=forged)
    assert not door(ana.user.email, PASSWORD, HTTP_X_FORWARDED_FOR=f"203.0.113.99, {told.format(99)}")
    elsewhere = {"HTTP_X_FORWARDED_FOR": "203.0.113.99, 198.51.100.8", "REMOTE_ADDR": "192.0.2.1"}
    assert door(ana.user.email, PASSWORD, **elsewhere)


def test_the_servers_settings_trust_one_proxy_and_only_behind_https() -> None:
    assert django_settings.ALLAUTH_TRUSTED_PROXY_COUNT == 0
    text = (django_settings.BASE_DIR / "config/settings/__init__.py").read_text()
    assert "ALLAUTH_TRUSTED_PROXY_COUNT = 1 if given.HTTPS else 0" in text


def test_the_second_factor_cannot_be_guessed_through_at_the_portal(ana: Person) -> None:
    """Red when the limit "login_failed" is taken out of ACCOUNT_RATE_LIMITS: the right code came in."""
    secret = _with_second_factor(ana)
    browser = Client()
    browser.post(LOGIN, {"login": ana.user.email, "password": PASSWORD})
    for guess in range(6):
        browser.post("/cuenta/2fa/authenticate/", {"code": f"{guess:06d}"})
    browser.post("/cuenta/2fa/authenticate/", {"code": code_of(secret)})
    assert "_auth_user_id" not in browser.session


# --- keys of sessions -------------------------------------------------------------------------------------------------


def test_a_login_gives_a_new_key(ana: Person) -> None:
    """A key that somebody else put into the browser before opens nothing."""
    browser = Client()
    browser.get(LOGIN)
    session = browser.session
    session["x"] = 1
    session.save()
    before = str(session.session_key)
    browser.cookies[django_settings.SESSION_COOKIE_NAME] = before
    assert at_the_portal(ana.user.email, PASSWORD, browser)
    assert browser.cookies[django_settings.SESSION_COOKIE_NAME].value != before
    planted = Client()
    planted.cookies[django_settings.SESSION_COOKIE_NAME] = before
    assert planted.get("/e/norte/").status_code == 302


def test_the_second_factor_gives_a_new_key_and_the_password_alone_opens_nothing(ana: Person) -> None:
    secret = _with_second_factor(ana)
    browser = Client()
    browser.post(LOGIN, {"login": ana.user.email, "password": PASSWORD})
    before = browser.cookies[django_settings.SESSION_COOKIE_NAME].value
    assert browser.get("/e/norte/").status_code == 302
    browser.post("/cuenta/2fa/authenticate/", {"code": code_of(secret)})
    assert browser.get("/e/norte/").status_code == 200
    assert browser.cookies[django_settings.SESSION_COOKIE_NAME].value != before
    half_way = Client()
    half_way.cookies[django_settings.SESSION_COOKIE_NAME] = before
    assert half_way.get("/e/norte/").status_code == 302


def test_a_logout_ends_the_session_and_not_only_the_cookie(ana: Person) -> None:
    browser = Client()
    assert at_the_portal(ana.user.email, PASSWORD, browser)
    key = browser.cookies[django_settings.SESSION_COOKIE_NAME].value
    browser.post("/cuenta/logout/")
    kept = Client()
    kept.cookies[django_settings.SESSION_COOKIE_NAME] = key
    assert kept.get("/e/norte/").status_code == 302


@pytest.mark.parametrize("how", ["changed", "reset"])
def test_a_new_password_ends_the_sessions_and_tokens_of_every_device(ana: Person, how: str) -> None:
    browser, other = Client(), Client()
    for each in (browser, other):
        assert at_the_portal(ana.user.email, PASSWORD, each)
    pair = APIClient().post(API_LOGIN, {"email": ana.user.email, "password": PASSWORD}, format="json").json()
    if how == "changed":
        change = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
        assert browser.post("/cuenta/password/change/", change).status_code == 302
    else:
        assert _reset(ana.user.email, NEW) == 302
    for each in (browser, other):
        assert each.get("/e/norte/").status_code == 302
    assert bearing(pair["access_token"]).get("/api/v1/schools/").status_code == 401
    again = APIClient().post("/api/v1/auth/refresh", {"refresh_token": pair["refresh_token"]}, format="json")
    assert again.status_code == 401
    assert at_the_portal(ana.user.email, NEW)


def test_the_password_is_asked_again_before_the_second_factor_is_changed(ana: Person) -> None:
    browser = Client()
    assert at_the_portal(ana.user.email, PASSWORD, browser)
    session = browser.session
    for each in session["account_authentication_methods"]:
        each["at"] -= 10_000
    session.save()
    asked = browser.get("/cuenta/2fa/totp/activate/")
    assert asked.status_code == 302 and "/cuenta/reauthenticate/" in asked["Location"]
    assert browser.post("/cuenta/reauthenticate/", {"password": WRONG}).status_code == 200
    assert browser.post("/cuenta/reauthenticate/", {"password": PASSWORD}).status_code == 302
    assert browser.get("/cuenta/2fa/totp/activate/").status_code == 200


# --- codes that work once ---------------------------------------------------------------------------------------------


def _with_second_factor(person: Person) -> str:
    secret = base64.b32encode(b"twenty bytes of it!!").decode()
    TOTP.activate(person.user, secret)
    return secret


def _code_at_the_portal(person: Person, code: str) -> bool:
    browser = Client()
    browser.post(LOGIN, {"login": person.user.email, "password": PASSWORD})
    browser.post("/cuenta/2fa/authenticate/", {"code": code})
    return "_auth_user_id" in browser.session


def _code_at_the_api(person: Person, code: str) -> bool:
    body = {"email": person.user.email, "password": PASSWORD, "totp": code}
    return bool(APIClient().post(API_LOGIN, body, format="json").status_code == 200)


@pytest.mark.parametrize("first", [_code_at_the_portal, _code_at_the_api])
@pytest.mark.parametrize("then", [_code_at_the_portal, _code_at_the_api])
@pytest.mark.parametrize("kind", ["totp", "recovery"])
def test_a_code_opens_one_door_once(ana: Person, first: Any, then: Any, kind: str) -> None:
    """Red when the cache forgets between the two: the code of the application came in again."""
    secret = _with_second_factor(ana)
    code = code_of(secret) if kind == "totp" else RecoveryCodes.activate(ana.user).get_unused_codes()[0]
    assert first(ana, code)
    assert not then(ana, code)


# --- who has an account is not told -----------------------------------------------------------------------------------

_TOKEN = re.compile(r"[A-Za-z0-9]{64}")


def _page(answer: Any, email: str) -> tuple[Any, ...]:
    return (
        answer.status_code,
        answer.get("Location"),
        _TOKEN.sub("", answer.content.decode()).replace(email, ""),
    )


@pytest.mark.parametrize("door", ["login", "reset", "api"])
def test_nobody_is_told_which_address_has_an_account(ana: Person, beto: Person, door: str) -> None:
    """Of a known address, a suspended person's and an unknown one the answers are the same bytes."""
    User.objects.filter(pk=beto.user.pk).update(is_active=False)
    answers = set()
    answer: Any
    for email in (ana.user.email, beto.user.email, "nadie@norte.example"):
        if door == "login":
            answer = Client().post(LOGIN, {"login": email, "password": WRONG})
        elif door == "reset":
            answer = Client().post("/cuenta/password/reset/", {"email": email})
        else:
            answer = APIClient().post(API_LOGIN, {"email": email, "password": WRONG}, format="json")
        answers.add(_page(answer, email))
    assert len(answers) == 1
    assert {to for each in mail.outbox if "/key/" in each.body for to in each.to} <= {ana.user.email}


def test_an_unknown_address_costs_the_same_work_as_a_known_one(ana: Person, settings: Any) -> None:
    """As many passwords are hashed: what is not hashed is answered sooner, and that tells."""
    settings.PASSWORD_HASHERS = ["tests.schools.test_login.CountingHasher"]
    ana.user.set_password(PASSWORD)
    ana.user.save()
    counts = []
    for email in (ana.user.email, "nadie@norte.example"):
        for door in (at_the_portal, at_the_api):
            CountingHasher.count = 0
            assert not door(email, WRONG)
            counts.append(CountingHasher.count)
    assert counts[:2] == counts[2:] and all(counts)


def test_a_reset_is_asked_for_a_few_times_and_no_more(ana: Person) -> None:
    for _again in range(8):
        Client().post("/cuenta/password/reset/", {"email": ana.user.email})
    assert len(mail.outbox) == 5


def test_nobody_signs_up_and_nobody_takes_anothers_address(ana: Person, zoe: Person) -> None:
    """The invitation makes the account, for its own address. Red without the closed page in config.urls."""
    new = {"email": "x@y.example", "password1": NEW, "password2": NEW}
    for email in ("x@y.example", ana.user.email):
        answer = Client().post("/cuenta/signup/", {**new, "email": email})
        assert answer.status_code == 200 and not User.objects.filter(email="x@y.example").exists()
    for email in (ana.user.email, "beto@norte.example"):
        added = zoe.browser().post(reverse("account_email"), {"action_add": "", "email": email})
        assert added.status_code == 404


def test_a_suspended_person_comes_in_by_no_door(ana: Person) -> None:
    User.objects.filter(pk=ana.user.pk).update(is_active=False)
    assert not at_the_portal(ana.user.email, PASSWORD)
    assert not at_the_api(ana.user.email, PASSWORD)
    assert _reset(ana.user.email, NEW) == 0


def _reset(email: str, password: str) -> int:
    """Go the way of the mail; return how it ended, 0 where no such mail came."""
    browser = Client()
    browser.post("/cuenta/password/reset/", {"email": email})
    links = re.findall(r"https?://\S+/key/\S+", str(mail.outbox[-1].body))
    if not links:
        return 0
    form = browser.get(urlsplit(links[0]).path)
    answered = browser.post(form["Location"], {"password1": password, "password2": password})
    return int(answered.status_code)


# --- passwords --------------------------------------------------------------------------------------------------------


class CountingHasher(MD5PasswordHasher):
    """A hasher that counts how often it works."""

    count = 0

    def encode(self, password: str, salt: str) -> str:
        type(self).count += 1
        return str(super().encode(password, salt))


GUESSED = (
    "corta-1",
    "1234567890123",
    "password123",
    "contraseña1",
    "Contraseña2026!",
    "c0ntr4sen4...",
    "escuela2026",
    "¡Bienvenido1!",
    "claveclave1",
    "Argentina-1978",
    "qwertyuiop12",
    "asdfghjkl123",
    "abcdefghijk",
    "aaaaaaaaaaaa1",
    "ana@norte.example",
    "mariaelena-gomez",
)


@pytest.mark.parametrize("password", GUESSED)
def test_what_is_guessed_first_is_refused_in_spanish(ana: Person, password: str) -> None:
    """Red for "contraseña1" and its like without SpanishGuesses, for the name without `user_attributes`."""
    ana.user.name = "María Elena Gómez"
    ana.user.save()
    with pytest.raises(ValidationError) as refused:
        validate_password(password, ana.user)
    assert all(re.search(r"\b(contraseña|clave)\b", each.lower()) for each in refused.value.messages)
    browser = Client()
    browser.force_login(ana.user, backend="django.contrib.auth.backends.ModelBackend")
    change = {"oldpassword": PASSWORD, "password1": password, "password2": password}
    assert browser.post("/cuenta/password/change/", change).status_code == 200
    assert User.objects.get(pk=ana.user.pk).check_password(PASSWORD)


@pytest.mark.parametrize(
    "password", [NEW, PASSWORD, "84#61%92!70$3", "la escuela queda lejos", "Xq7-vB2-Lm9"]
)
def test_what_is_hard_to_guess_is_taken(ana: Person, password: str) -> None:
    validate_password(password, ana.user)


# --- invitations ------------------------------------------------------------------------------------------------------


def _invited(director: Person, email: str = "caro@norte.example") -> str:
    made = people.invite(director.member, email=email, role=Role.DIRECTOR, collections=None)
    return made.link.rstrip("/").rpartition("/")[2]


def test_an_invitation_is_a_key_of_256_bits_that_is_not_kept(ana: Person) -> None:
    token = _invited(ana)
    assert len(base64.urlsafe_b64decode(token + "==")) >= 32
    assert token not in str(Invitation.objects.values().get())


@pytest.mark.parametrize("how", ["suspended", "inactive", "demoted", "removed"])
def test_an_invitation_dies_with_its_inviters_right(ana: Person, how: str) -> None:
    """Who is sent away must not come back by an invitation to a second address. Red without _stands_behind."""
    other = join(ana.school, "otra@norte.example", Role.DIRECTOR)
    token = _invited(other)
    assert people.find_invitation(token).email == "caro@norte.example"
    place = Membership.objects.filter(pk=other.membership.pk)
    match how:
        case "suspended":
            place.update(is_active=False)
        case "inactive":
            User.objects.filter(pk=other.user.pk).update(is_active=False)
        case "demoted":
            place.update(role=Role.TEACHER)
        case _:
            place.delete()
    with pytest.raises(people.BadInvitation):
        people.accept(token, user=None, name="Caro", password=PASSWORD)
    assert not User.objects.filter(email="caro@norte.example").exists()


def test_a_suspended_member_does_not_come_back_by_an_older_invitation(ana: Person) -> None:
    """Red without the look at the membership in people.accept: it was made active again."""
    token = _invited(ana, "beto@norte.example")
    beto = join(ana.school, "beto@norte.example", Role.TEACHER)
    people.change(ana.member, beto.membership.pk, is_active=False)
    with pytest.raises(people.BadInvitation):
        people.accept(token, user=beto.user)
    assert not Membership.objects.get(pk=beto.membership.pk).is_active
