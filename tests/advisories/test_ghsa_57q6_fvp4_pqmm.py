"""Open WebUI GHSA-57q6-fvp4-pqmm (and CVE-2026-45339): limits held for one header and not for the other.

A token counts in one place, the Authorization header as Bearer, and everywhere with the same rights as a session.
Red when another authentication class is added to REST_FRAMEWORK.
"""

from typing import Any

import pytest
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import AccessToken

from tests.conftest import Person

MINE, OTHERS = "/api/v1/schools/norte/documents/", "/api/v1/schools/sur/documents/"
PLACES = {
    "x-api-key": lambda token: {"headers": {"X-API-Key": token}},
    "x-auth-token": lambda token: {"headers": {"X-Auth-Token": token}},
    "another scheme": lambda token: {"headers": {"Authorization": f"Token {token}"}},
    "basic": lambda token: {"headers": {"Authorization": f"Basic {token}"}},
    "without a scheme": lambda token: {"headers": {"Authorization": token}},
    "proxy": lambda token: {"headers": {"Proxy-Authorization": f"Bearer {token}", "X-Forwarded-User": "ana"}},
    "address": lambda token: {"QUERY_STRING": f"token={token}&access_token={token}&api_key={token}"},
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_a_token_counts_in_one_place_only(ana: Person, zoe: Person, place: Any) -> None:
    program, token = ana.program(), str(AccessToken.for_user(ana.user))
    assert APIClient().get(MINE, **place(token)).status_code == 401
    by_cookie = APIClient()
    by_cookie.cookies["token"] = by_cookie.cookies["sessionid"] = token
    assert by_cookie.get(MINE).status_code == 401
    # Where it counts, and beside it, the school's wall is the same; a session is held to the same.
    for client in (program, ana.browser()):
        assert client.get(MINE, **place(token) if "address" in str(place) else {}).status_code == 200
        assert client.get(OTHERS).status_code == 404
