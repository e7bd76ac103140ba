"""What is refused comes as a problem document, whatever refused it."""

from typing import Any

import pytest
from django.http.response import HttpResponseBase
from django.test import Client, RequestFactory
from django.urls import path

from schools import problems
from schools.json_body import MOST_BYTES
from schools.problems import flatten
from tests.conftest import Person
from tests.programs import send_raw

NORTE = "/api/v1/schools/norte/"


def is_problem(answer: Any, status: int, code: str) -> None:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert (body["status"], body["code"], body["type"]) == (status, code, "about:blank")
    assert body["title"]
    assert body["detail"]


def test_what_is_not_there_is_a_problem_at_any_depth(ana: Person) -> None:
    for tail in ("documents/no-es-un-id/", "nada/", "documents/../", "conversations/1/"):
        is_problem(ana.program().get(NORTE + tail), 404, "not_found")
    is_problem(ana.program().get("/api/v2/"), 404, "not_found")


def test_one_body_for_all_that_is_not_there(ana: Person) -> None:
    program = ana.program()
    missing = "01890000-0000-7000-8000-000000000000"
    tails = [
        f"documents/{missing}/",
        f"collections/{missing}/",
        f"conversations/{missing}/",
        f"runs/{missing}/",
        "nada/",
    ]
    bodies = {program.get(NORTE + tail).content for tail in tails}
    bodies.add(program.get("/api/v1/schools/no-hay/").content)
    assert len(bodies) == 1


def test_pages_for_people_keep_their_404(ana: Person) -> None:
    answer = ana.browser().get("/no-hay-nada/")
    assert answer.status_code == 404
    assert answer["Content-Type"].startswith("text/html")


def test_a_method_that_is_not_there(ana: Person) -> None:
    is_problem(ana.program().put(NORTE + "collections/", {}, format="json"), 405, "method_not_allowed")
    is_problem(ana.program().options(NORTE + "collections/"), 405, "method_not_allowed")


def test_a_role_that_may_not(beto: Person) -> None:
    is_problem(beto.program().post(NORTE + "collections/", {"name": "x"}, format="json"), 403, "forbidden")


def test_a_body_of_another_kind(ana: Person) -> None:
    program = ana.program()
    is_problem(
        program.post(NORTE + "collections/", "a,b", content_type="text/csv"), 415, "unsupported_media_type"
    )
    is_problem(program.post(NORTE + "documents/", {"file": 1}, format="json"), 415, "unsupported_media_type")


def test_an_answer_of_a_kind_that_is_not_made_here(ana: Person) -> None:
    is_problem(
        ana.program().get(NORTE + "collections/", headers={"Accept": "image/png"}), 406, "not_acceptable"
    )


BROKEN = [
    b"{",
    b"",
    b"\xff\xfe",
    b'{"name": NaN}',
    b"[" * 100_000,
    b'{"name": ' + b"9" * 5_000 + b"}",
    b'{"a":' * 50_000,
    b'{"name": "\\ud800"}',
    b'{"name": "\\u0000"}',
    b'{"name": 1e999}',
    b"null",
]


@pytest.mark.parametrize("body", BROKEN, ids=range(len(BROKEN)))
def test_broken_json_is_a_400(ana: Person, body: bytes) -> None:
    answer = send_raw(ana.program(), NORTE + "collections/", body, kind="application/json")
    if body == b'{"name": 1e999}':
        assert answer.status_code in (201, 400)
        return
    assert answer.status_code == 400, answer.content
    assert answer.json()["detail"]
    listed = ana.program().get(NORTE + "collections/").json()["results"]
    assert [row["name"] for row in listed] == ["General"]


def test_a_body_without_end_is_a_413(ana: Person) -> None:
    body = b'{"name": "' + b"x" * MOST_BYTES + b'"}'
    answer = send_raw(ana.program(), NORTE + "collections/", body, kind="application/json")
    is_problem(answer, 413, "body_too_large")


def test_errors_of_fields_are_flat() -> None:
    nested = {"a": {"b": ["x"]}, "c": [{}, {"d": ["y", "z"]}], "e": "w"}
    assert flatten(nested) == {"a.b": ["x"], "c.1.d": ["y", "z"], "e": ["w"]}


def _crash(request: object) -> HttpResponseBase:
    raise RuntimeError("a mistake of ours")


urlpatterns = [path("api/crash", _crash), path("crash", _crash)]
handler500 = problems.server_error


@pytest.mark.urls("tests.schools.test_problems")
def test_a_crash_is_a_problem_that_tells_nothing() -> None:
    client = Client(raise_request_exception=False)
    answer = client.get("/api/crash")
    is_problem(answer, 500, "server_error")
    assert b"mistake" not in answer.content
    assert client.get("/crash")["Content-Type"].startswith("text/html")


def test_what_django_itself_would_not_read_is_a_problem() -> None:
    from django.core.exceptions import RequestDataTooBig, SuspiciousOperation

    request = RequestFactory().get("/api/v1/schools/")
    for exc, status in ((SuspiciousOperation("x"), 400), (RequestDataTooBig("x"), 413)):
        assert problems.bad_request(request, exc).status_code == status
        answered = problems.answer(exc, {})
        assert answered is not None
        assert answered.status_code == status
