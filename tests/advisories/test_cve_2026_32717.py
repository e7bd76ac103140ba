"""AnythingLLM CVE-2026-32717: who was suspended went on working with the key of an extension.

Every way in ends at once. Red when admission reads the membership from a session or token (see test_suspension.py for
streams and work that is under way).
"""

from rest_framework.test import APIClient
from rest_framework_simplejwt.tokens import RefreshToken

from schools.models import Membership
from tests.advisories.conftest import Stage
from tests.conftest import Person
from tests.tenancy.urls import CALLS


def test_who_is_suspended_is_a_stranger_everywhere(stage_of_two: Stage) -> None:
    ana = stage_of_two.ana
    reads = [call for call in CALLS if call.method == "GET"]
    for call in (reads[1], next(call for call in reads if call.is_api)):
        stage_of_two.serve(call)
    Membership.objects.filter(pk=ana.membership.pk).update(is_active=False)
    for call in reads:
        assert stage_of_two.ask(ana, call).status_code == 404, str(call)


def test_who_is_no_longer_anybody_has_no_token(ana: Person) -> None:
    refresh = str(RefreshToken.for_user(ana.user))
    browser, program = ana.browser(), ana.program()
    path = "/api/v1/schools/norte/documents/"
    assert program.get(path).status_code == browser.get(path).status_code == 200
    ana.user.is_active = False
    ana.user.save()
    assert program.get(path).status_code == 401
    assert browser.get(path).status_code == 401
    asked = APIClient().post("/api/v1/auth/refresh", {"refresh_token": refresh}, format="json")
    assert asked.status_code == 401
