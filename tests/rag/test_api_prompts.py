"""The prompt library through the API: made, changed, its versions listed, and refused in words that programs know."""

from typing import Any

import pytest

from schools.ids import new_id
from tests.conftest import Person

PROMPTS = "/api/v1/schools/norte/prompts/"
BODY = {
    "name": "Paso a paso",
    "purpose": "Para trámites",
    "text": "No más de {{pasos}} pasos.",
    "variables": [{"name": "pasos", "label": "Cuántos", "default": "7"}],
}


def make(person: Person, **body: Any) -> Any:
    made = person.program().post(PROMPTS, {**BODY, **body}, format="json")
    assert made.status_code == 201, made.content
    return made.json()


def patch(person: Person, prompt: Any, **body: Any) -> Any:
    return person.program().patch(f"{PROMPTS}{prompt['id']}/", body, format="json")


def test_a_prompt_is_made_changed_restored_and_deleted(ana: Person, beto: Person) -> None:
    made = make(ana)
    assert {name: made[name] for name in BODY} == BODY
    assert (made["version"], made["roles"], made["task"], made["is_default"]) == (1, None, "answer", False)
    assert beto.program().get(f"{PROMPTS}{made['id']}/").json() == made
    assert beto.program().get(PROMPTS).json()["results"] == [made]
    named = patch(ana, made, name="Pasos", is_default=True, roles=["director"]).json()
    assert (named["name"], named["version"], named["text"]) == ("Pasos", 1, BODY["text"])
    assert beto.program().get(f"{PROMPTS}{made['id']}/").status_code == 404
    assert beto.program().get(PROMPTS).json()["results"] == []
    again = patch(ana, made, text="En dos oraciones.", note="Más breve").json()
    assert (again["version"], again["variables"], again["roles"]) == (2, [], ["director"])
    assert patch(ana, made, restore=1).json()["text"] == BODY["text"]
    rows = ana.program().get(f"{PROMPTS}{made['id']}/versions/").json()
    assert [(row["number"], row["note"], row["created_by"]) for row in rows["results"]] == [
        (3, "Vuelve a la versión 1", "Ana"),
        (2, "Más breve", "Ana"),
        (1, "", "Ana"),
    ]
    some = ana.program().get(f"{PROMPTS}{made['id']}/versions/?limit=2").json()
    assert [row["number"] for row in ana.program().get(some["next"]).json()["results"]] == [1]
    assert ana.program().delete(f"{PROMPTS}{made['id']}/").status_code == 204
    assert ana.program().get(f"{PROMPTS}{made['id']}/versions/").status_code == 404


def test_the_same_key_makes_one(ana: Person) -> None:
    answers = [
        ana.program().post(PROMPTS, BODY, format="json", headers={"Idempotency-Key": "k"}) for _ in range(2)
    ]
    assert answers[0].json() == answers[1].json()
    assert len(ana.program().get(PROMPTS).json()["results"]) == 1


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({"text": "{{pasos}} {{nadie}}"}, 400, "bad_prompt_text", "variables"),
        ({"text": "{{pasos.real}}"}, 400, "bad_prompt_text", "text"),
        ({"text": "a" * 8_001}, 400, "bad_prompt_text", "text"),
        ({"name": "PASO A PASO"}, 409, "prompt_name_taken", "name"),
        ({"roles": ["auditor"]}, 400, "invalid", "roles.0"),
        ({"roles": []}, 400, "invalid", "roles"),
        ({"task": "nada"}, 400, "bad_prompt", "task"),
        ({"name": "n" * 101}, 400, "invalid", "name"),
        ({"text": "Otro.", "version": 1}, 409, "prompt_changed", None),
        ({"restore": 9}, 404, "not_found", None),
    ],
)
def test_what_is_refused_says_so_and_changes_nothing(
    ana: Person, body: dict[str, Any], status: int, code: str, field: str | None
) -> None:
    make(ana)
    other = make(ana, name="Otra")
    kept = patch(ana, other, text="Segunda.").json()
    refused = patch(ana, other, **body)
    assert (refused.status_code, refused.json()["code"]) == (status, code), refused.content
    assert refused["Content-Type"] == "application/problem+json"
    if field:
        assert field in refused.json()["errors"]
    assert ana.program().get(f"{PROMPTS}{other['id']}/").json() == kept


def test_who_only_asks_writes_nothing(ana: Person, beto: Person) -> None:
    made = make(ana)
    program = beto.program()
    assert program.post(PROMPTS, BODY, format="json").status_code == 403
    assert program.patch(f"{PROMPTS}{made['id']}/", {"name": "Mía"}, format="json").status_code == 403
    assert program.delete(f"{PROMPTS}{made['id']}/").status_code == 403
    assert ana.program().get(f"{PROMPTS}{new_id()}/").json()["code"] == "not_found"
