"""Langflow GHSA-7grx-3xcx-2xv5: the route of the images asked for no login at all.

To ask is the rule and to be open the exception. Red when a view of a school loses `@in_school`, or the API its
default permission.
"""

from django.conf import settings

from tests.advisories.conftest import Stage, untouched
from tests.tenancy.urls import CALLS


def test_nobody_is_shown_anything(stage_of_two: Stage) -> None:
    for call in (each for each in CALLS if each.method == "GET"):
        with untouched():
            answer = stage_of_two.ask(None, call)
        assert answer.status_code == (401 if call.is_api else 302), str(call)
    [picture] = [call for call in CALLS if call.url == "documents:picture"]
    assert stage_of_two.serve(picture).startswith(b"\x89PNG")
    assert settings.REST_FRAMEWORK["DEFAULT_PERMISSION_CLASSES"] == [
        "rest_framework.permissions.IsAuthenticated"
    ]
