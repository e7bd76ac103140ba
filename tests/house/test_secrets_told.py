"""T26: a secret goes in and never comes out: not by the API, a page, the administration, a log or an error."""

import io
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml
from django.core.management import CommandError, call_command
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import include, path, reverse
from django.views.debug import ExceptionReporter
from pytest_django import Settings

from config.logs import Discreet
from engines import health
from rag import answer, conversations
from schools.refusals import Refused
from tests.conftest import Person, upload
from tests.doubles import openai_compat
from tests.doubles.base import Double
from tests.engines import installed

ENGINE_KEY = "clave-del-motor-que-nadie-debe-ver"
OIDC_SECRET = "secreto-del-proveedor-de-identidad"  # none: to be looked for
PLACES = (
    "/e/norte/motores/", "/e/norte/motores/gasto/", "/e/norte/motores/por-que/", "/e/norte/ajustes/",
    "/e/norte/personas/", "/cuenta/login/", "/cuenta/2fa/", "/admin/", "/admin/schools/school/",
    "/admin/schools/user/", "/api/schema/", "/api/v1/schools/", "/api/v1/schools/norte/",
    "/api/v1/schools/norte/members/", "/health/live", "/health/ready", "/se-rompe/", "/e/norte/no-hay/",
)  # fmt: skip


def crash(_request: HttpRequest) -> HttpResponse:
    """Fail as a library does that repeats what it was given."""
    from django.conf import settings

    address = settings.REDIS_URL
    raise RuntimeError(f"could not connect to {address} with {settings.SECRET_KEY} {ENGINE_KEY}")


urlpatterns = [path("se-rompe/", crash), path("", include("config.urls"))]
handler400, handler404, handler500 = (
    "schools.problems.bad_request",
    "schools.problems.not_found",
    "schools.problems.server_error",
)


def _secrets(settings: Any) -> dict[str, str]:
    found = {
        "SECRET_KEY": settings.SECRET_KEY,
        "database": settings.DATABASES["default"].get("PASSWORD", ""),
        "owner": settings.DATABASES.get("owner", {}).get("PASSWORD", ""),
        "redis": urlsplit(settings.REDIS_URL).password or "",
        "qdrant": settings.QDRANT_API_KEY,
        "engine": ENGINE_KEY,
        "oidc": OIDC_SECRET,
    }
    return {name: secret for name, secret in found.items() if secret}


@pytest.fixture
def engine(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Double]:
    """Run an engine whose key stands in the environment, and which repeats it when it refuses it."""
    settings.ENGINES_FILE = tmp_path / "engines.yaml"
    monkeypatch.setenv("CLAVE_DE_LA_CASA", ENGINE_KEY)
    with openai_compat.serving() as double:
        given = {"runs": "outside", "price": installed.PRICE, "api_key_env": "CLAVE_DE_LA_CASA"}
        entry = openai_compat.entry(double, name="lejos", **given)
        health.forget("lejos")
        settings.ENGINES_FILE.write_text(yaml.safe_dump({"engines": [entry]}))
        yield double


@override_settings(ROOT_URLCONF="tests.house.test_secrets_told")
def test_no_secret_comes_out_again(ana: Person, engine: Double, settings: Any, work_off: Any) -> None:
    """Red when the log's formatter is logging's own, or an engine's error repeats what its maker said."""
    settings.SOCIALACCOUNT_PROVIDERS = {
        "openid_connect": {
            "APPS": [
                {"provider_id": "x", "name": "Provincia", "client_id": "y", "secret": OIDC_SECRET,
                 "settings": {"server_url": "http://127.0.0.1:9"}}
            ]
        }
    }  # fmt: skip
    ana.user.is_staff = ana.user.is_superuser = True
    ana.user.save()
    kept = io.StringIO()
    handler = logging.StreamHandler(kept)
    handler.setFormatter(Discreet("%(levelname)s %(name)s %(message)s"))
    logging.getLogger().addHandler(handler)
    told = io.StringIO()
    try:
        installed.allow(ana.member, "lejos")
        upload(ana, sensitivity="public")
        work_off()
        engine.fault = "auth"
        with pytest.raises(Refused) as refused:
            answer.ask_whole(
                ana.member, conversations.start(ana.member).pk, text="¿Cuántas inasistencias hay?"
            )
        told.write(refused.value.detail)
        assert any(ENGINE_KEY in repr(each.headers) for each in engine.journal), "it was used"
        try:
            call_command("check_engines", stdout=told, stderr=told)
        except CommandError as error:
            told.write(str(error))
        browser = ana.browser()
        browser.raise_request_exception = False
        for where in (*PLACES, reverse("engines_api:engines", args=["norte"])):
            for client in (browser, Client(raise_request_exception=False)):
                given = client.get(where)
                told.write(given.getvalue().decode() if given.streaming else given.content.decode())
                told.write(repr(given.headers))
    finally:
        logging.getLogger().removeHandler(handler)
    assert "RuntimeError" in kept.getvalue() and "/se-rompe/" in kept.getvalue()
    secrets = _secrets(settings)
    assert {"SECRET_KEY", "database", "engine", "oidc"} <= set(secrets)
    for name, secret in secrets.items():
        assert secret not in told.getvalue(), name
        assert secret not in kept.getvalue(), f"{name} in the log"


def test_what_developers_see_of_an_error_hides_the_settings(settings: Any) -> None:
    """With DEBUG. Red when DEFAULT_EXCEPTION_REPORTER_FILTER is Django's own: addresses hold passwords."""
    settings.DEBUG = True
    request = HttpRequest()
    request.META = {
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "HTTP_AUTHORIZATION": f"Bearer {ENGINE_KEY}",
    }
    try:
        raise RuntimeError("nada")
    except RuntimeError as error:
        page = ExceptionReporter(request, type(error), error, error.__traceback__).get_traceback_html()
        text = ExceptionReporter(request, type(error), error, error.__traceback__).get_traceback_text()
    for name, secret in _secrets(settings).items():
        assert secret not in page, name
        assert secret not in text, name


@pytest.mark.parametrize(
    "message",
    [
        "Traceback (most recent call last):\n  File \"x.py\", line 1, in f\n    g(secreto)\nValueError: secreto",
        "job failed\nTraceback (most recent call last):\n  File \"x.py\", line 1, in f\nx.y.Error: secreto\nsecreto",
    ],
)  # fmt: skip
def test_a_traceback_written_into_a_message_loses_its_words(message: str) -> None:
    """RQ writes one for every job that failed. Red when formatMessage is taken from config/logs.py."""
    record = logging.LogRecord("rq.worker", logging.ERROR, __file__, 1, "%s", (message,), None)
    said = Discreet("%(message)s").format(record)
    assert "secreto" not in said and 'File "x.py", line 1' in said and "Error" in said


def test_an_exceptions_causes_are_told_by_kind_and_place() -> None:
    try:
        try:
            raise KeyError("secreto")
        except KeyError as error:
            raise ValueError("otro secreto") from error
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, __file__, 1, "run %s", ("7",), None)
        record.exc_info = (type(error), error, error.__traceback__)
        record.exc_text = "de otro: secreto"
        said = Discreet("%(message)s").format(record)
    assert said.startswith("run 7\n") and said.index("builtins.KeyError") < said.index("builtins.ValueError")
    lines = [line for line in said.splitlines() if "raise " not in line]
    assert "secreto" not in "\n".join(lines)
