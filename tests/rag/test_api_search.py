"""Search through the API: what fits, with its place, and nothing that the member may not see."""

from collections.abc import Callable
from typing import Any

import pytest

from documents import collections, uploads
from schools.ids import new_id
from schools.models import Membership
from schools.roles import Role
from tests.conftest import Person, join, upload
from tests.programs import send

PATH = "/api/v1/schools/norte/search/"
QUESTION = "¿Cuántas inasistencias puede tener un alumno?"


def search(person: Person, *, school: str = "norte", **body: Any) -> Any:
    path = f"/api/v1/schools/{school}/search/"
    return person.program().post(path, {"query": QUESTION, **body}, format="json")


def test_a_passage_comes_with_its_place_and_its_reasons(ana: Person, document: uploads.Received) -> None:
    found = search(ana)
    assert found.status_code == 200
    best = found.json()["results"][0]
    contract = {"chunk_id", "document_id", "title", "text", "score", "place", "why"}
    assert set(best) == contract | {"in_force", "force_note"}
    assert best["document_id"] == str(document.document_id)
    assert "veinticinco (25) inasistencias" in best["text"]
    assert best["place"]["kind"] == "text"
    assert best["place"]["from"] < best["place"]["to"]
    assert all(isinstance(value, float) for value in best["why"].values())


def test_k_is_the_most_that_comes(ana: Person, work_off: Callable[[], None]) -> None:
    for n in range(4):
        upload(
            ana, name=f"n{n}.md", text=f"# Inasistencias {n}\n\nEl alumno con {n} inasistencias queda libre."
        )
    work_off()
    assert len(search(ana, k=3).json()["results"]) == 3
    assert len(search(ana).json()["results"]) == 4


def test_a_day_keeps_what_was_in_force(ana: Person, document: uploads.Received) -> None:
    path = f"/api/v1/schools/norte/documents/{document.document_id}/"
    ana.program().patch(path, {"valid_from": "2026-01-01", "valid_until": "2026-12-31"}, format="json")
    assert search(ana, at_date="2026-06-01").json()["results"]
    assert search(ana, at_date="2025-06-01").json()["results"] == []
    assert search(ana, at_date=None).json()["results"]


def test_collections_narrow_and_must_be_ones_own(
    ana: Person, beto: Person, zoe: Person, document: uploads.Received
) -> None:
    empty, foreign = (
        collections.create(ana.member, name="Vacía"),
        collections.create(zoe.member, name="De Sur"),
    )
    general = next(row for row in collections.visible(ana.member) if row.is_default)
    assert search(ana, collections=[str(general.pk)]).json()["results"]
    assert search(ana, collections=[str(empty.pk)]).json()["results"] == []
    answers = [search(ana, collections=[str(general.pk), str(each)]) for each in (foreign.pk, new_id())]
    Membership.objects.filter(pk=beto.membership.pk).update(collections=[empty.pk])
    answers += [search(beto, collections=[str(each)]) for each in (general.pk, new_id())]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert search(beto).json()["results"] == []


@pytest.mark.parametrize("role", Role.values)
def test_every_role_searches(ana: Person, document: uploads.Received, role: str) -> None:
    assert search(join(ana.school, "otra@norte.example", Role(role))).json()["results"]


def test_a_stranger_finds_nothing(ana: Person, zoe: Person, document: uploads.Received) -> None:
    assert search(ana).json()["results"]
    assert search(zoe, school="sur").json()["results"] == []
    walled = search(zoe)
    assert walled.status_code == 404
    assert walled.content == search(zoe, school="no-hay").content


def test_a_deleted_document_is_not_found(ana: Person, document: uploads.Received) -> None:
    assert search(ana).json()["results"]
    ana.program().delete(f"/api/v1/schools/norte/documents/{document.document_id}/")
    assert search(ana).json()["results"] == []


def test_odd_words_are_searched_and_find_nothing(ana: Person, document: uploads.Received) -> None:
    for words in ("…", "🙂", "\u200b\u200d", "' OR 1=1 --", "((((", "%%%", "a" * 4_000, "\u202e"):
        answer = search(ana, query=words)
        assert answer.status_code in (200, 400), words
        assert "results" in answer.json() or answer.json()["detail"]


BAD: list[Any] = [
    {},
    [],
    None,
    "texto",
    {"query": ""},
    {"query": "   "},
    {"query": None},
    {"query": ["x"]},
    {"query": {"a": 1}},
    {"query": "x" * 4_001},
    {"query": "a\0b"},
    {"query": "\ud800"},
    {"query": "x", "k": 0},
    {"query": "x", "k": 51},
    {"query": "x", "k": -1},
    {"query": "x", "k": "muchas"},
    {"query": "x", "k": 1e300},
    {"query": "x", "k": [1]},
    {"query": "x", "collections": []},
    {"query": "x", "collections": "todas"},
    {"query": "x", "collections": ["x"]},
    {"query": "x", "collections": [None]},
    {"query": "x", "collections": [1.5]},
    {"query": "x", "collections": ["01890000-0000-7000-8000-000000000000"] * 201},
    {"query": "x", "at_date": "ayer"},
    {"query": "x", "at_date": 20260101},
    {"query": "x", "at_date": "0000-00-00"},
]


@pytest.mark.parametrize("body", BAD, ids=range(len(BAD)))
def test_a_bad_search_is_a_400(ana: Person, body: Any) -> None:
    answer = send(ana.program(), "POST", PATH, body)
    assert answer.status_code == 400, answer.content
    assert answer.json()["code"] == "invalid"
    assert answer.json()["detail"]
