"""T12: what opens a door by itself is long, of one purpose, used once, ends, and is kept as a digest alone."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework_simplejwt.token_blacklist.models import OutstandingToken

from schools import people
from schools.models import Invitation, User
from schools.refusals import Refused
from tests.conftest import PASSWORD, Person

# Base64 and base 36 hold six and five bits a character.
_ENOUGH_BITS = 128


def test_no_row_holds_a_token_that_opens_a_door(ana: Person) -> None:
    """Red when schools/token_rows.py is not imported, or when an invitation keeps its token."""
    given = Client().post(
        reverse("schools_api:login"),
        {"email": ana.user.email, "password": PASSWORD},
        content_type="application/json",
    )
    refresh = given.json()["refresh_token"]
    made = ana.program().post(
        "/api/v1/schools/norte/invitations/",
        {"email": "caro@norte.example", "role": "teacher"},
        format="json",
    )
    invited = made.json()["link"].rstrip("/").rpartition("/")[2]
    assert len(invited) * 6 >= _ENOUGH_BITS and len(refresh.rpartition(".")[2]) * 6 >= _ENOUGH_BITS
    kept = [
        *OutstandingToken.objects.values_list("token", flat=True),
        *Invitation.objects.values_list("token_sha256", flat=True),
    ]
    assert kept and all(refresh not in each and invited not in each for each in kept)
    assert all(re.fullmatch(r"(sha256:)?[0-9a-f]{64}", each) for each in kept)
    # The digest opens nothing, the token still does, and once.
    path = reverse("schools_api:refresh")
    for token, status in ((kept[0], 401), (refresh, 200), (refresh, 401)):
        answer = Client().post(path, {"refresh_token": token}, content_type="application/json")
        assert answer.status_code == status, answer.content


def test_an_invitation_is_for_one_address_once_and_ends(ana: Person, zoe: Person) -> None:
    """Red when find_invitation looks at no date, or accept leaves the invitation open."""
    made = ana.program().post(
        "/api/v1/schools/norte/invitations/", {"email": "caro@norte.example", "role": "reader"}, format="json"
    )
    token = made.json()["link"].rstrip("/").rpartition("/")[2]
    for other in (made.json()["id"], token[:-1], token.upper(), Invitation.objects.get().token_sha256, ""):
        with pytest.raises(Refused):
            people.find_invitation(other)
    with pytest.raises(Refused):
        people.accept(token, user=zoe.user)  # of another address
    ends_at = Invitation.objects.get().expires_at
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(Refused):
        people.find_invitation(token)
    Invitation.objects.update(expires_at=ends_at)
    people.accept(token, user=None, name="Caro", password=PASSWORD)
    with pytest.raises(Refused):
        people.accept(token, user=None, name="Caro", password=PASSWORD)


def test_a_link_that_resets_a_password_works_once(ana: Person) -> None:
    """The key is made of the password that was: a new one ends it. Red when PASSWORD_RESET_TIMEOUT is huge."""
    browser = Client()
    browser.post(reverse("account_reset_password"), {"email": ana.user.email})
    found = re.search(r"https?://[^/]+(/cuenta/password/reset/key/[^\s]+)", str(mail.outbox[-1].body))
    assert found
    path = found[1]
    key = path.rstrip("/").rpartition("/")[2].partition("-")[2]
    assert len(key.rpartition("-")[2]) * 4 >= _ENOUGH_BITS
    form = Client().get(path, follow=True)
    assert form.status_code == 200
    second = Client()
    there = second.get(path).headers.get("Location", path)
    before = User.objects.get(pk=ana.user.pk).password
    new = {"password1": "otra-clave-larga-2", "password2": "otra-clave-larga-2"}
    second.post(there, new)
    after = User.objects.get(pk=ana.user.pk).password
    assert after != before
    third = Client()
    again = third.get(path).headers.get("Location", path)
    third.post(again, {"password1": "tercera-clave-larga-3", "password2": "tercera-clave-larga-3"})
    assert User.objects.get(pk=ana.user.pk).password == after
