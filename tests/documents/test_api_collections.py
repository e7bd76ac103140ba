"""Collections through the API."""

from typing import Any

import pytest

from documents import collections
from documents.models import Collection
from schools.ids import new_id
from schools.models import Membership
from schools.roles import Role
from schools.scope import school_scope
from tests.conftest import Person, join, upload
from tests.programs import send

PATH = "/api/v1/schools/norte/collections/"


def names(person: Person) -> set[str]:
    with school_scope(person.school_id):
        return set(Collection.objects.values_list("name", flat=True))


def test_a_school_begins_with_its_general_collection(ana: Person) -> None:
    listed = ana.program().get(PATH).json()["results"]
    assert [(row["name"], row["is_default"], row["documents_count"]) for row in listed] == [
        ("General", True, 0)
    ]


def test_a_collection_is_made_changed_counted_and_deleted(ana: Person) -> None:
    program = ana.program()
    made = program.post(PATH, {"name": "  Actas  de 2026 ", "description": "De reunión"}, format="json")
    assert made.status_code == 201
    assert (made.json()["name"], made.json()["description"]) == ("Actas de 2026", "De reunión")
    path = f"{PATH}{made.json()['id']}/"
    assert program.get(path).json() == made.json()
    changed = program.patch(path, {"name": "Actas"}, format="json").json()
    assert (changed["name"], changed["description"]) == ("Actas", "De reunión")
    upload(ana, collection_id=collections.get(ana.member, changed["id"]).pk)
    assert program.get(path).json()["documents_count"] == 1
    refused = program.delete(path)
    assert (refused.status_code, refused.json()["code"]) == (409, "collection_not_empty")
    empty = program.post(PATH, {"name": "Vacía"}, format="json").json()["id"]
    assert program.delete(f"{PATH}{empty}/").status_code == 204
    assert program.get(f"{PATH}{empty}/").status_code == 404
    general = next(row["id"] for row in program.get(PATH).json()["results"] if row["is_default"])
    assert program.delete(f"{PATH}{general}/").status_code == 409


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.DIRECTOR, 201),
        (Role.SECRETARY, 201),
        (Role.TEACHER, 403),
        (Role.READER, 403),
        (Role.AUDITOR, 403),
    ],
)
def test_who_manages_documents_makes_collections(ana: Person, role: Role, status: int) -> None:
    program = join(ana.school, "otra@norte.example", role).program()
    assert program.get(PATH).status_code == 200
    assert program.post(PATH, {"name": "Nueva"}, format="json").status_code == status
    general = ana.program().get(PATH).json()["results"][-1]["id"]
    path = f"{PATH}{general}/"
    assert program.patch(path, {"name": "Otra"}, format="json").status_code == (200 if status == 201 else 403)
    assert program.delete(path).status_code == (409 if status == 201 else 403)


def test_a_name_stands_once_in_a_school_and_again_in_another(ana: Person, zoe: Person) -> None:
    program = ana.program()
    assert program.post(PATH, {"name": "Actas"}, format="json").status_code == 201
    again = program.post(PATH, {"name": "actas"}, format="json")
    assert again.status_code == 400
    assert "name" in again.json()["errors"]
    other = zoe.program().post("/api/v1/schools/sur/collections/", {"name": "Actas"}, format="json")
    assert other.status_code == 201
    assert names(ana) == {"Actas"}


def test_only_ones_own_collections_are_seen(ana: Person, beto: Person, zoe: Person) -> None:
    seen, unseen = (collections.create(ana.member, name=name) for name in ("Aula", "Dirección"))
    Membership.objects.filter(pk=beto.membership.pk).update(collections=[seen.pk])
    listed = beto.program().get(PATH).json()["results"]
    assert [row["name"] for row in listed] == ["Aula"]
    assert ana.program().get(f"{PATH}{unseen.pk}/").status_code == 200
    for person, school in ((beto, "norte"), (zoe, "sur"), (zoe, "norte")):
        base = f"/api/v1/schools/{school}/collections/"
        foreign = person.program().get(f"{base}{unseen.pk}/")
        missing = person.program().get(f"{base}{new_id()}/")
        assert foreign.status_code == missing.status_code == 404
        assert foreign.content == missing.content
    for method in ("PATCH", "DELETE"):
        foreign = send(zoe.program(), method, f"/api/v1/schools/sur/collections/{unseen.pk}/", {"name": "x"})
        missing = send(zoe.program(), method, f"/api/v1/schools/sur/collections/{new_id()}/", {"name": "x"})
        assert foreign.status_code == missing.status_code == 404
        assert foreign.content == missing.content
    assert {"Aula", "Dirección"} <= names(ana)


BAD: list[Any] = [
    {},
    [],
    None,
    "Actas",
    {"name": ""},
    {"name": "   "},
    {"name": None},
    {"name": []},
    {"name": {"a": 1}},
    {"name": True},
    {"name": "x" * 101},
    {"name": "a\0b"},
    {"name": "\ud800"},
    {"name": "Actas", "description": "x" * 501},
    {"name": "Actas", "description": "\0"},
    {"name": "Actas", "description": ["\udfff"]},
]


@pytest.mark.parametrize("body", BAD, ids=range(len(BAD)))
def test_a_bad_collection_is_refused_and_leaves_nothing(ana: Person, body: Any) -> None:
    made = ana.program().post(PATH, {"name": "Buena"}, format="json").json()
    for method, path in (("POST", PATH), ("PATCH", f"{PATH}{made['id']}/")):
        if method == "PATCH" and body in ({}, None):
            continue  # changes nothing, rightly
        answer = send(ana.program(), method, path, body)
        assert answer.status_code == 400, answer.content
        assert answer.json()["detail"]
    assert names(ana) == {"Buena"}
