"""Lists come in pages that neither lose nor repeat a row, forwards and backwards."""

from typing import Any
from urllib.parse import quote

import pytest
from rest_framework.test import APIClient

from documents.models import Collection
from schools.ids import new_id
from schools.scope import school_scope
from tests.conftest import Person

PATH = "/api/v1/schools/norte/collections/"


@pytest.fixture
def many(ana: Person) -> list[str]:
    """Return the ids of 125 collections, newest first."""
    with school_scope(ana.school_id):
        Collection.objects.create(name="General", is_default=True)
        made = [Collection(id=new_id(), name=f"Colección {n}") for n in range(124)]
        Collection.objects.bulk_create(made)
        ids = Collection.objects.order_by("-pk").values_list("pk", flat=True)
        return [str(pk) for pk in ids]


def walk(program: APIClient, address: str | None, way: str) -> list[dict[str, Any]]:
    pages = []
    while address:
        answer = program.get(address)
        assert answer.status_code == 200
        pages.append(answer.json())
        address = pages[-1][way]
    return pages


@pytest.mark.parametrize("limit", [1, 50, 124, 125, 126, 200])
def test_pages_hold_every_row_once_both_ways(ana: Person, many: list[str], limit: int) -> None:
    program = ana.program()
    if limit == 1:
        many = many[:]
    pages = walk(program, f"{PATH}?limit={limit}", "next")
    assert [row["id"] for page in pages for row in page["results"]] == many
    assert pages[0]["previous"] is None
    assert all(len(page["results"]) == limit for page in pages[:-1])
    back = walk(program, pages[-1]["previous"], "previous") if pages[-1]["previous"] else []
    seen = [row["id"] for page in reversed(back) for row in page["results"]]
    assert seen == many[: len(many) - len(pages[-1]["results"])]


def test_fifty_rows_when_nothing_is_asked(ana: Person, many: list[str]) -> None:
    assert len(ana.program().get(PATH).json()["results"]) == 50


def test_a_page_keeps_what_was_asked(ana: Person, many: list[str]) -> None:
    following = ana.program().get(f"{PATH}?limit=7&x=%C3%B1").json()["next"]
    assert "limit=7" in following
    assert "x=%C3%B1" in following


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=201", "limit=-1", "limit=x", "limit=", "limit=1e9", "limit=" + "9" * 5000, "limit=٣",
        "before=x", "after=", "before=%00", "after=' OR 1=1", "before=" + "f" * 33, "limit=%00",
    ],
)  # fmt: skip
def test_a_bad_cursor_is_a_400(ana: Person, many: list[str], query: str) -> None:
    answer = ana.program().get(f"{PATH}?{quote(query, safe='=%&')}")
    assert answer.status_code == 400
    assert answer.json()["code"] == "bad_cursor"


def test_a_cursor_of_another_school_tells_nothing(ana: Person, zoe: Person, many: list[str]) -> None:
    listed = zoe.program().get(f"/api/v1/schools/sur/collections/?after={many[-1]}").json()
    assert {row["name"] for row in listed["results"]} == {"General"}
    assert not {row["id"] for row in listed["results"]} & set(many)
