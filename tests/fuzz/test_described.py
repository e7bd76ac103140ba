"""The API against its own description: schemathesis draws requests from it, right ones and wrong ones.

No answer is a 500, each is as it is declared (status, type, shape), and none tells how the house is made.
"""

import os
from collections.abc import Iterator
from typing import Any, cast

import hypothesis
import pytest
import schemathesis
from django.core.signals import got_request_exception
from django.db import transaction
from django.test.client import ClientHandler
from hypothesis import given, strategies
from rest_framework_simplejwt.tokens import AccessToken
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import FailureGroup

from tests import streams
from tests.fuzz.filled import Names, fill, names_by_operation
from tests.tenancy.matrix import Things

BY_NIGHT = bool(os.environ.get("PRECEPTOR_TEST_LONG"))
DRAWN = 40 if BY_NIGHT else 1  # of each operation, right and wrong
HELD = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
NO_NAMES = Names({}, {})
TELLING = ("Traceback (most recent call last)", "psycopg", "site-packages", "django.db")


@pytest.fixture
def things(db: None) -> Things:
    return fill("norte", "ana")


class House:
    """The product as WSGI has it, through Django's own handler for tests: the connection stays open, streams end."""

    def __init__(self) -> None:
        self._handler = ClientHandler(enforce_csrf_checks=False)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> list[bytes]:
        response: Any = self._handler(environ)
        content = streams.gather(response) if response.streaming else response.content
        streams.leave(response)
        start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
        return [content]


@pytest.fixture
def crashes() -> Iterator[list[str]]:
    """Gather what a view raised and nobody caught."""
    import traceback

    seen: list[str] = []

    def hear(sender: Any, **_: Any) -> None:
        seen.append(traceback.format_exc())

    got_request_exception.connect(hear)
    yield seen
    got_request_exception.disconnect(hear)


def test_every_answer_is_as_declared(things: Things, crashes: list[str]) -> None:
    """Red when an answer's type or field is left out of its description, when a view lets an exception out."""
    load_all_checks()
    checks = CHECKS.get_by_names(list(HELD))
    schema = schemathesis.openapi.from_wsgi("/api/schema/?format=json", House())
    token = f"Bearer {AccessToken.for_user(things.director.user)}"
    known = names_by_operation()
    problems = []
    for result in schema.get_all_operations():
        operation = cast(Any, result).ok()
        names = known.get((operation.method.upper(), operation.path), NO_NAMES)
        for mode in GenerationMode:
            try:
                _draw(operation, mode, names, things, token, checks, crashes)
            except (Exception, FailureGroup) as failure:
                said = [*(str(each) for each in getattr(failure, "exceptions", ())), str(failure)[:1500]]
                notes = getattr(failure, "__notes__", ())
                problems.append("\n".join((f"== {mode} {operation.label}", *said, *crashes[-1:], *notes)))
            crashes.clear()
    assert not problems, f"{len(problems)} of them\n" + "\n\n".join(problems)


def _draw(
    operation: Any,
    mode: GenerationMode,
    names: Names,
    things: Things,
    token: str,
    checks: Any,
    crashes: list[str],
) -> None:
    try:
        drawn = operation.as_strategy(generation_mode=mode)
    except Exception:
        if mode is GenerationMode.POSITIVE:
            raise
        return  # nothing about it can be wrong

    @hypothesis.settings(
        max_examples=DRAWN,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate],
    )
    @given(case=drawn, is_wild=strategies.integers(0, 4))
    def call(case: Any, is_wild: int) -> None:
        if is_wild < 4:
            case.path_parameters = names.put_into_path(case.path_parameters or {}, things)
            case.body = names.put_into_body(case.body, things)
        with transaction.atomic():
            response = case.call(headers={"Authorization": token})
            transaction.set_rollback(True)
        text, sent = response.content.decode("utf-8", "replace"), repr((case.body, case.query))
        assert not crashes
        assert not [word for word in TELLING if word in text and word not in sent], text[:500]
        case.validate_response(response, checks=checks)

    call()
