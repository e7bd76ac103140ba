"""T22 and the paragraph on OWASP's list: every page tells the browser to load nothing and obey nobody but us."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path, reverse
from django.urls.exceptions import NoReverseMatch

from tests import streams
from tests.conftest import Person
from tests.house.tree import PRODUCT, ours, text
from tests.tenancy.matrix import furnish, path_of, send
from tests.tenancy.urls import CALLS, addresses

# Of threats.md, and what it leaves to `default-src`; a recording just made is heard before it is sent.
POLICY = {
    "default-src": {"'self'"},
    "script-src": {"'self'"},
    "style-src": {"'self'"},
    "img-src": {"'self'", "data:"},
    "media-src": {"'self'", "blob:"},
    "worker-src": {"'self'"},
    "connect-src": {"'self'"},
    "form-action": {"'self'"},
    "base-uri": {"'none'"},
    "object-src": {"'none'"},
    "frame-ancestors": {"'none'"},
}
# unfold's scripts evaluate their attributes; no school's words stand on its pages.
ADMIN = POLICY | {"script-src": {"'self'", "'unsafe-eval'"}, "style-src": {"'self'", "'unsafe-inline'"}}
HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin", "X-Frame-Options": "DENY"}


def crash(_request: HttpRequest) -> HttpResponse:
    """Fail as nobody expected."""
    raise RuntimeError("de nadie")


urlpatterns = [path("se-rompe/", crash), path("", include("config.urls"))]
handler400, handler404, handler500 = (
    "schools.problems.bad_request",
    "schools.problems.not_found",
    "schools.problems.server_error",
)


def problems_of(response: Any, where: str) -> list[str]:
    """Return what a page's headers leave open; nothing of what is no page."""
    found = [f"{where}: {name}" for name, value in HEADERS.items() if response.get(name) != value]
    if not response.get("Content-Type", "").startswith(("text/html", "image/svg", "application/xhtml")):
        return [each for each in found if "nosniff" in each or "Content-Type" in each]
    told = response.get("Content-Security-Policy", "")
    if told.startswith("sandbox; default-src 'none'"):
        return found  # what a file of the school's is given: stricter than any page
    given = {
        name: set(values) for name, *values in (part.split() for part in told.split(";") if part.strip())
    }
    wanted = ADMIN if where.startswith("/admin/") else POLICY
    if given != wanted:
        found.append(f"{where}: {told or 'no policy'}")
    return found


def _bare_addresses() -> Iterator[str]:
    """Yield every address that belongs to no school, with any value in its places."""
    for each in addresses():
        if "slug" in each.parameters or not each.name:
            continue
        values = dict.fromkeys(each.parameters, "1")
        try:
            yield reverse(each.name, kwargs=values)
        except NoReverseMatch:
            continue  # of one shape only: an error page of its kind is asked for below


@pytest.fixture
def browser(ana: Person) -> Client:
    """Return the browser of somebody who may come in everywhere, to whom a crash is a page."""
    ana.user.is_staff = ana.user.is_superuser = True
    ana.user.save()
    browser = ana.browser()
    browser.raise_request_exception = False
    return browser


def test_one_page_of_each_kind_carries_the_policy(browser: Client) -> None:
    """Red when a prefix is excluded from the policy, as /admin/ was."""
    inside = [
        "/e/norte/",
        "/e/norte/preguntar/",
        "/e/norte/motores/",
        "/cuenta/2fa/",
        "/api/docs/",
        "/admin/",
    ]
    outside = ["/cuenta/login/", "/cuenta/password/reset/", "/invitacion/no-existe/"]
    found = []
    for client, places in ((browser, inside), (Client(), outside)):
        for where in places:
            response = client.get(where)
            assert response.get("Content-Type", "").startswith("text/html") and response.status_code in (
                200,
                404,
            )
            found += problems_of(response, where)
    assert not found, "\n".join(found)


def test_a_view_that_sets_a_policy_of_its_own_sets_a_stricter_one() -> None:
    """Red when a view is exempted, or writes a policy that is no sandbox."""
    for name in ours(".py", below=PRODUCT):
        code = text(name)
        assert not re.search(r"csp_exempt|csp_replace|csp_update|xframe_options_(exempt|sameorigin)", code), (
            name
        )
        for said in re.findall(r"Content-Security-Policy\"\] = \"([^\"]*)\"", code):
            assert said.startswith("sandbox; default-src 'none'"), (name, said)


@pytest.mark.long
def test_every_page_of_the_house_carries_the_policy(ana: Person, browser: Client) -> None:
    """Red when a prefix is excluded from the policy, as /admin/ was, or a view sends a page without it."""
    things = furnish(ana)
    parameters = {each.name: each.parameters for each in addresses()}
    found, pages = [], 0
    for call in CALLS:
        if call.method != "GET" or call.is_api:
            continue
        where = path_of(call, slug=things.slug, ids=things.ids, parameters=parameters[call.url])
        response = send(browser, call, where, {})
        if "event-stream" in response.get("Content-Type", ""):
            streams.leave(response)
        elif response.streaming:
            streams.gather(response)
        pages += response.get("Content-Type", "").startswith("text/html")
        found += problems_of(response, where)
    for where in sorted(set(_bare_addresses())):
        for client in (browser, Client()):
            with transaction.atomic():
                response = client.get(where)
                transaction.set_rollback(True)  # a table that is not there must not end the walk
            pages += response.get("Content-Type", "").startswith("text/html")
            found += problems_of(response, where)
    assert not found, "\n".join(found)
    assert pages > 60, "the walk finds the pages"


@override_settings(ROOT_URLCONF="tests.house.test_headers")
def test_error_pages_carry_the_policy_too(ana: Person, browser: Client, settings: Any) -> None:
    """Red when the policy stands behind the layers that refuse: a wrong host over HTTP is refused by the first."""
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ana.user, backend="django.contrib.auth.backends.ModelBackend")
    answers = {
        500: [browser.get("/se-rompe/")],
        404: [browser.get("/no-hay/"), browser.get("/e/norte/no-hay/"), browser.get("/admin/no/hay/nada/")],
        403: [strict.post("/e/norte/personas/", {"email": "x@y.example"})],
        400: [browser.get("/", headers={"host": "evil.example"})],
    }
    tries = [
        Client().post(reverse("account_login"), {"login": "ana@norte.example", "password": f"{n}"})
        for n in range(12)
    ]
    answers[429] = [each for each in tries if each.status_code == 429] or [tries[-1]]
    settings.SECURE_SSL_REDIRECT = True
    answers[400].append(Client().get("/", headers={"host": "evil.example"}))
    settings.SECURE_SSL_REDIRECT = False
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 10
    answers[413] = [browser.post("/e/norte/ajustes/", {"name": "a" * 100})]
    found = []
    for status, given in answers.items():
        for response in given:
            assert response.status_code == status or status in (413, 429), (status, response.status_code)
            where = response.request["PATH_INFO"]
            found += problems_of(response, where)
            assert b"de nadie" not in response.content and b"Traceback" not in response.content
    assert not found, "\n".join(found)


def test_programs_get_no_page_to_browse(ana: Person) -> None:
    """Red when DRF's browsable renderer is among the renderers: a browser would be shown forms."""
    for where in ("/api/v1/schools/", "/api/v1/schools/norte/documents/", "/api/v1/no-hay/"):
        answer = ana.browser().get(where, headers={"Accept": "text/html,*/*;q=0.1"})
        assert not answer.get("Content-Type", "").startswith("text/html"), where


@pytest.mark.parametrize(
    "name", ["favicon.svg", "drf_spectacular_sidecar/swagger-ui-dist/oauth2-redirect.html"]
)
def test_a_static_file_that_is_a_page_carries_the_policy(name: str, settings: Any) -> None:
    """Red when config.browsers leaves out what lies under /static/; a script or a style is no page."""
    from config.browsers import Policy

    kind = "text/html" if name.endswith("html") else "image/svg+xml"
    request = HttpRequest()
    request.path_info = request.path = f"{settings.STATIC_URL}{name}"
    kept = Policy(lambda _request: HttpResponse()).process_response(
        request, HttpResponse(b"", content_type=kind)
    )
    assert problems_of(kept, request.path) == []
    script = HttpResponse(b"", content_type="text/javascript")
    plain = Policy(lambda _request: HttpResponse()).process_response(request, script)
    assert "Content-Security-Policy" not in plain and plain["X-Content-Type-Options"] == "nosniff"
