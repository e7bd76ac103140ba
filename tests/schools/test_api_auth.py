"""Login of programs: tokens, their turning, the second factor, the limits."""

import base64
import time
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from rest_framework.test import APIClient

from schools.models import Membership, School, User
from schools.tokens import REVOKE_CLAIM
from tests.conftest import PASSWORD, Person
from tests.programs import send
from tests.tenancy.urls import addresses

LOGIN = "/api/v1/auth/login"
REFRESH = "/api/v1/auth/refresh"
LOGOUT = "/api/v1/auth/logout"
MINE = "/api/v1/schools/"


def log_in(person: Person, **more: Any) -> Any:
    body = {"email": person.user.email, "password": PASSWORD, **more}
    return APIClient().post(LOGIN, body, format="json")


def bearing(token: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
    return client


def test_a_login_gives_tokens_that_open_the_api(ana: Person) -> None:
    given = log_in(ana)
    assert given.status_code == 200
    assert set(given.json()) == {"access_token", "refresh_token", "expires_in"}
    assert given.json()["expires_in"] == 900
    assert given["Cache-Control"] == "private, no-store"
    schools = bearing(given.json()["access_token"]).get(MINE)
    assert [school["slug"] for school in schools.json()["results"]] == ["norte"]


def test_the_address_is_taken_in_any_case(ana: Person) -> None:
    assert log_in(ana, email=ana.user.email.upper()).status_code == 200


def test_a_wrong_login_tells_nothing_of_who_exists(ana: Person) -> None:
    wrong = log_in(ana, password="otra-clave-larga")
    unknown = log_in(ana, email="nadie@norte.example")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.content == unknown.content
    assert wrong.json()["code"] == "wrong_credentials"
    assert wrong["Content-Type"] == "application/problem+json"


def test_too_many_failures_close_the_door_even_for_the_right_password(ana: Person) -> None:
    answers = [log_in(ana, password="otra-clave-larga").status_code for _try in range(6)]
    assert answers[:4] == [401] * 4
    assert answers[-1] == 429
    closed = log_in(ana)
    assert closed.status_code == 429
    assert closed.json()["code"] == "too_many_attempts"


def test_a_refresh_token_turns_and_is_refused_the_second_time(ana: Person) -> None:
    first = log_in(ana).json()
    second = APIClient().post(REFRESH, {"refresh_token": first["refresh_token"]}, format="json")
    assert second.status_code == 200
    assert bearing(second.json()["access_token"]).get(MINE).status_code == 200
    again = APIClient().post(REFRESH, {"refresh_token": first["refresh_token"]}, format="json")
    assert again.status_code == 401
    assert again.json()["code"] == "invalid_token"
    third = APIClient().post(REFRESH, {"refresh_token": second.json()["refresh_token"]}, format="json")
    assert third.status_code == 200


def test_a_logout_spends_the_refresh_token(ana: Person) -> None:
    pair = log_in(ana).json()
    for _twice in range(2):
        assert (
            APIClient().post(LOGOUT, {"refresh_token": pair["refresh_token"]}, format="json").status_code
            == 204
        )
    again = APIClient().post(REFRESH, {"refresh_token": pair["refresh_token"]}, format="json")
    assert again.status_code == 401


def test_an_access_token_is_no_refresh_token_and_the_other_way_round(ana: Person) -> None:
    pair = log_in(ana).json()
    assert (
        APIClient().post(REFRESH, {"refresh_token": pair["access_token"]}, format="json").status_code == 401
    )
    assert bearing(pair["refresh_token"]).get(MINE).status_code == 401


def test_a_changed_password_ends_every_token(ana: Person) -> None:
    pair = log_in(ana).json()
    assert bearing(pair["access_token"]).get(MINE).status_code == 200
    ana.user.set_password("una-clave-larga-2")
    ana.user.save()
    assert bearing(pair["access_token"]).get(MINE).status_code == 401
    assert (
        APIClient().post(REFRESH, {"refresh_token": pair["refresh_token"]}, format="json").status_code == 401
    )
    assert REVOKE_CLAIM == "hash_password"


def test_a_suspended_members_token_dies_at_once(beto: Person) -> None:
    client = bearing(log_in(beto).json()["access_token"])
    assert client.get("/api/v1/schools/norte/documents/").status_code == 200
    Membership.objects.filter(pk=beto.membership.pk).update(is_active=False)
    suspended = client.get("/api/v1/schools/norte/documents/")
    assert suspended.status_code == 404
    assert suspended.content == client.get("/api/v1/schools/no-existe/documents/").content
    assert client.get(MINE).json()["results"] == []


def test_an_inactive_persons_tokens_die_at_once(beto: Person) -> None:
    pair = log_in(beto).json()
    beto.user.is_active = False
    beto.user.save()
    assert bearing(pair["access_token"]).get(MINE).status_code == 401
    assert (
        APIClient().post(REFRESH, {"refresh_token": pair["refresh_token"]}, format="json").status_code == 401
    )
    assert log_in(beto).status_code == 401


def test_a_closed_school_opens_for_nobody(ana: Person) -> None:
    client = ana.program()
    assert client.get("/api/v1/schools/norte/").status_code == 200
    School.objects.update(is_active=False)
    assert client.get("/api/v1/schools/norte/").status_code == 404


@pytest.fixture
def secret(ana: Person) -> str:
    """Give Ana a second factor."""
    secret = base64.b32encode(b"twenty bytes of it!!").decode()
    TOTP.activate(ana.user, secret)
    return secret


def code_of(secret: str) -> str:
    left_s = 30 - time.time() % 30
    if left_s < 6:  # the code would run out on its way, on a busy machine
        time.sleep(left_s)
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def test_the_second_factor_is_asked_for_and_works_once(ana: Person, secret: str) -> None:
    without = log_in(ana)
    assert without.status_code == 401
    assert without.json()["code"] == "totp_required"
    code = code_of(secret)
    assert log_in(ana, totp=code).status_code == 200
    again = log_in(ana, totp=code)
    assert again.status_code == 401
    assert again.json()["code"] == "wrong_credentials"


def test_a_recovery_code_stands_in_for_the_second_factor_once(ana: Person, secret: str) -> None:
    code = RecoveryCodes.activate(ana.user).get_unused_codes()[0]
    assert Authenticator.objects.filter(user=ana.user).count() == 2
    assert log_in(ana, totp=code).status_code == 200
    assert log_in(ana, totp=code).status_code == 401


def test_codes_of_the_second_factor_cannot_be_guessed_through(ana: Person, secret: str) -> None:
    answers = [log_in(ana, totp=f"{guess:06d}").status_code for guess in range(6)]
    assert answers[0] == 401
    assert answers[-1] == 429
    assert log_in(ana, totp=code_of(secret)).status_code == 429


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Bearer x", "Bearer a.b.c", "Bearer a b", "Basic YTpi", "Bearer ñ"]
)
def test_a_token_that_is_none_is_a_401(ana: Person, header: str) -> None:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=header)
    answer = client.get(MINE)
    assert answer.status_code == 401
    assert answer.json()["code"] == "not_authenticated"
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer["Content-Type"] == "application/problem+json"


def _ways_in(person: Person, token: str) -> dict[str, dict[str, Any]]:
    """Return, by name, what a request says by which some house lets one in; ours by the header Bearer alone."""
    basic = base64.b64encode(f"{person.user.email}:{PASSWORD}".encode()).decode()
    return {
        "Basic": {"HTTP_AUTHORIZATION": f"Basic {basic}"},
        "Token": {"HTTP_AUTHORIZATION": f"Token {token}"},
        "JWT": {"HTTP_AUTHORIZATION": f"JWT {token}"},
        "no scheme": {"HTTP_AUTHORIZATION": token},
        "X-API-Key": {"HTTP_X_API_KEY": token},
        "Api-Key": {"HTTP_API_KEY": token},
        "X-Authorization": {"HTTP_X_AUTHORIZATION": f"Bearer {token}"},
        "X-Access-Token": {"HTTP_X_ACCESS_TOKEN": token},
        "Proxy-Authorization": {"HTTP_PROXY_AUTHORIZATION": f"Bearer {token}"},
        "X-Remote-User": {"HTTP_X_REMOTE_USER": person.user.email, "HTTP_REMOTE_USER": person.user.email},
        "X-Session-Token": {"HTTP_X_SESSION_TOKEN": token},
        "?token=": {"QUERY_STRING": f"token={token}&access_token={token}&api_key={token}&jwt={token}"},
        "cookies": {
            "HTTP_COOKIE": f"access_token={token}; jwt={token}; token={token}; Authorization={token}"
        },
    }


WAYS_IN = tuple(_ways_in(Person(User(), School(), Membership()), ""))
PAGES = ("/api/v1/schools/norte/documents/", "/e/norte/biblioteca/", "/e/norte/biblioteca/avance")


@pytest.mark.parametrize("way", WAYS_IN)
def test_nothing_else_opens_the_house(ana: Person, way: str) -> None:
    """The token of a director by any other way than Bearer, at the API and at the portal: nobody.

    Red when SimpleJWT's AUTH_HEADER_TYPES names another scheme, or BasicAuthentication is added to the API's classes.
    """
    token = log_in(ana).json()["access_token"]
    said = _ways_in(ana, token)[way]
    for page in PAGES:
        assert APIClient().get(page, **said).status_code in (302, 401), page
    assert bearing(token).get(PAGES[0]).status_code == 200
    # And the API's token opens no page of the portal, where there would be no limit on how long it is used.
    assert bearing(token).get(PAGES[1]).status_code == 302


@pytest.mark.parametrize("page", ["stats.json", "stats.json/None", "stats.json/", "metrics"])
def test_the_numbers_of_the_queues_are_for_administrators_alone(ana: Person, page: str) -> None:
    """django-rq leaves these out of the administration's door, and has one of its own."""
    for client in (APIClient(), ana.browser(), ana.program()):
        answered = client.get(f"/admin/django_rq/dashboard/{page}")
        assert answered.status_code != 500 and b"gpu" not in answered.content


def test_every_view_of_the_api_asks_by_the_two_ways_alone() -> None:
    """A view with classes of its own would have limits of its own. Red with one such line in any api.py."""
    kinds = {
        (each.name, tuple(kind.__name__ for kind in each.view.cls.authentication_classes))
        for each in addresses()
        if hasattr(each.view, "cls") and each.name not in ("schema", "docs")
    }
    others = {name for name, classes in kinds if classes != ("JWTAuthentication", "PortalSession")}
    assert others == {"schools_api:login", "schools_api:refresh", "schools_api:logout"}


def test_the_portals_session_works_and_needs_its_csrf_token(ana: Person) -> None:
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(ana.user, backend="django.contrib.auth.backends.ModelBackend")
    assert browser.get(MINE).status_code == 200
    body = {"name": "Actas"}
    refused = browser.post("/api/v1/schools/norte/collections/", body, format="json")
    assert refused.status_code == 403
    browser.cookies["csrftoken"] = "a" * 32
    allowed = browser.post(
        "/api/v1/schools/norte/collections/", body, format="json", headers={"X-CSRFToken": "a" * 32}
    )
    assert allowed.status_code == 201


BAD_LOGINS: list[Any] = [
    {},
    [],
    "x",
    None,
    {"email": "ana@norte.example"},
    {"email": "no es un correo", "password": "x"},
    {"email": ["ana@norte.example"], "password": "x"},
    {"email": "ana\0@norte.example", "password": "x"},
    {"email": "ana@norte.example", "password": "x\0y"},
    {"email": "ana@norte.example", "password": "\ud800"},
    {"email": "ana@norte.example", "password": {"a": 1}},
    {"email": "ana@norte.example", "password": "x" * 501},
    {"email": "ana@norte.example", "password": PASSWORD, "totp": "ñandú"},
    {"email": "ana@norte.example", "password": PASSWORD, "totp": 1.5e300},
]


@pytest.mark.parametrize("body", BAD_LOGINS, ids=range(len(BAD_LOGINS)))
def test_a_bad_login_is_a_400_that_names_the_field(ana: Person, body: Any) -> None:
    answer = send(APIClient(), "POST", LOGIN, body)
    assert answer.status_code == 400, answer.content
    assert answer.json()["code"] == "invalid"
    assert answer.json()["errors"]


@pytest.mark.parametrize("path", [REFRESH, LOGOUT])
@pytest.mark.parametrize(
    "body", [{}, {"refresh_token": ""}, {"refresh_token": None}, {"refresh_token": "a\0"}, []]
)
def test_a_bad_refresh_is_a_400(ana: Person, path: str, body: Any) -> None:
    assert APIClient().post(path, body, format="json").status_code == 400
