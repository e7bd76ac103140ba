"""RAGFlow CVE-2025-69286: a share token and a key of the API could each be made from the other.

Red when an invitation's token is made from an id or a time, kept as it is, or taken for another purpose.
"""

import re

from django.core import mail
from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import RefreshToken

from schools.models import Invitation
from tests.conftest import Person

MINE = "/api/v1/schools/"


def _invited(ana: Person, address: str) -> str:
    mail.outbox.clear()
    body = {"email": address, "role": "teacher"}
    assert ana.program().post(f"{MINE}norte/invitations/", body, format="json").status_code == 201
    [found] = set(re.findall(r"/invitacion/([\w-]+)/", str(mail.outbox[0].body)))
    return str(found)


def test_a_token_is_random_kept_as_its_sum_and_good_for_one_thing(ana: Person) -> None:
    tokens = [_invited(ana, f"nueva{number}@norte.example") for number in range(6)]
    # 43 characters of 64: 256 bits; none begins as another does, as times and ids would.
    assert {len(token) for token in tokens} == {43}
    assert len({token[:6] for token in tokens}) == len({token[-6:] for token in tokens}) == 6
    kept = str(list(Invitation.objects.values()))
    refresh = RefreshToken.for_user(ana.user)
    for token in tokens:
        assert token not in kept
        for header in (f"Bearer {token}", f"Token {token}"):
            assert APIClient().get(MINE, headers={"Authorization": header}).status_code == 401
        asked = APIClient().post("/api/v1/auth/refresh", {"refresh_token": token}, format="json")
        assert asked.status_code == 401
    # Nor is what keeps one logged in a key, or the other way round.
    assert APIClient().get(MINE, headers={"Authorization": f"Bearer {refresh}"}).status_code == 401
    body = {"refresh_token": str(refresh.access_token)}
    assert APIClient().post("/api/v1/auth/refresh", body, format="json").status_code == 401
    # An invitation is not opened by its id, its sum, or a key.
    row = Invitation.objects.order_by("pk")[0]
    for other in (str(row.pk), row.token_sha256, str(refresh.access_token)):
        assert APIClient().get(f"/escuelas/invitacion/{other}/").status_code == 404
        assert APIClient().get(f"/invitacion/{other}/").status_code in (404, 410)
