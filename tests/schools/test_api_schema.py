"""The API describes itself: whole, without a warning, and on a page that our own rules for browsers let run."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the OpenAPI document; making it fails on a warning."""
    path: Path = tmp_path_factory.mktemp("schema") / "schema.json"
    call_command(
        "spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json", "--file", str(path)
    )
    described: dict[str, Any] = json.loads(path.read_text())
    return described


def operations(schema: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_operation_has_its_area_its_word_and_its_refusals(schema: dict[str, Any]) -> None:
    words = [operation["operationId"] for _path, _method, operation in operations(schema)]
    assert len(words) == len(set(words)) > 35
    for path, method, operation in operations(schema):
        assert len(operation["tags"]) == 1, (method, path)
        assert operation["description"], (method, path)
        assert "application/problem+json" in operation["responses"]["default"]["content"], (method, path)


def test_all_but_the_door_asks_who_is_there(schema: dict[str, Any]) -> None:
    for path, method, operation in operations(schema):
        is_door = path.startswith("/api/v1/auth/")
        asked = {name for way in operation.get("security", []) for name in way}
        assert asked == (set() if is_door else {"bearer", "cookie"}), (method, path)
    assert set(schema["components"]["securitySchemes"]) == {"bearer", "cookie"}


def test_what_creates_heeds_a_key(schema: dict[str, Any]) -> None:
    heeding = {
        operation["operationId"]
        for _path, _method, operation in operations(schema)
        if any(each["name"] == "Idempotency-Key" for each in operation.get("parameters", []))
    }
    assert heeding == {
        "create_collection",
        "upload_document",
        "invite",
        "start_conversation",
        "ask",
        "create_prompt",
        "upload_recording",
        "create_speaker",
        "create_action",
        "create_planilla_template",
        "create_planilla",
        "add_planilla_rows",
        "create_report",
        "create_report_template",
    }


@pytest.mark.django_db
def test_the_page_runs_nothing_that_is_written_into_it() -> None:
    page = Client().get("/api/docs/")
    assert page.status_code == 200
    text = page.content.decode()
    scripts = re.findall(r"<script([^>]*)>([^<]*)</script>", text)
    assert len(scripts) == 3
    assert all("src=" in attributes and not body.strip() for attributes, body in scripts)
    assert "<style" not in text
    assert "style=" not in text
    own = Client().get("/api/docs/?script=")
    assert own["Content-Type"] == "application/javascript"
    assert b"SwaggerUIBundle" in own.content
