"""Schools, members and invitations through the API."""

from typing import Any

import pytest
from django.core import mail

from documents import collections
from schools import people
from schools.ids import new_id
from schools.models import Invitation, Membership, School
from schools.roles import Role
from tests.conftest import PASSWORD, Person, join
from tests.programs import send

NORTE = "/api/v1/schools/norte/"


def test_a_person_finds_only_their_schools(ana: Person, zoe: Person) -> None:
    listed = ana.program().get("/api/v1/schools/").json()
    assert listed["next"] is None
    assert [(each["slug"], each["role"]) for each in listed["results"]] == [("norte", "director")]
    one = ana.program().get(NORTE).json()
    assert one == listed["results"][0]
    assert one["collections"] is None
    assert "manage_people" in one["rights"]
    assert one["created_at"].endswith("Z")


def test_a_stranger_gets_the_bytes_of_a_school_that_is_not_there(ana: Person, zoe: Person) -> None:
    assert ana.program().get(NORTE).status_code == 200
    stranger = zoe.program().get(NORTE)
    assert stranger.status_code == 404
    assert stranger.content == zoe.program().get("/api/v1/schools/no-hay/").content


def test_nobody_is_told_apart_from_a_stranger_without_a_token(client: Any, ana: Person) -> None:
    assert client.get(NORTE).status_code == client.get("/api/v1/schools/no-hay/").status_code == 401


def test_the_director_renames_the_school_and_a_teacher_may_not(ana: Person, beto: Person) -> None:
    change = {"name": "  Escuela   Norte 2 ", "time_zone": "America/Montevideo"}
    assert beto.program().patch(NORTE, change, format="json").status_code == 403
    changed = ana.program().patch(NORTE, change, format="json")
    assert changed.status_code == 200
    assert (changed.json()["name"], changed.json()["time_zone"]) == ("Escuela Norte 2", "America/Montevideo")
    assert beto.program().get(NORTE).json()["name"] == "Escuela Norte 2"


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": "x" * 201},
        {"name": "a\0"},
        {"time_zone": "Marte/Olimpo"},
        {"name": None},
        [],
        "x",
    ],
)
def test_a_bad_change_of_a_school_changes_nothing(ana: Person, change: Any) -> None:
    answer = ana.program().patch(NORTE, change, format="json")
    assert answer.status_code == 400
    assert answer.json()["detail"]
    assert School.objects.get(slug="norte").name == "Escuela Norte"


def test_only_the_direction_sees_people(ana: Person, beto: Person) -> None:
    listed = ana.program().get(NORTE + "members/")
    assert {row["person"]["email"] for row in listed.json()["results"]} == {ana.user.email, beto.user.email}
    for role in (Role.TEACHER, Role.SECRETARY, Role.READER, Role.AUDITOR):
        Membership.objects.filter(pk=beto.membership.pk).update(role=role)
        assert beto.program().get(NORTE + "members/").status_code == 403
        assert beto.program().get(NORTE + "invitations/").status_code == 403


def test_an_invitation_is_mailed_listed_accepted_and_gone(ana: Person, beto: Person) -> None:
    shelf = collections.create(ana.member, name="Secretaría")
    offer = {"email": "Caro@norte.example", "role": "teacher", "collections": [str(shelf.pk)]}
    assert beto.program().post(NORTE + "invitations/", offer, format="json").status_code == 403
    made = ana.program().post(NORTE + "invitations/", offer, format="json")
    assert made.status_code == 201
    assert made.json()["email"] == "caro@norte.example"
    assert made.json()["mailed"] is True
    assert made.json()["link"] in mail.outbox[0].body
    listed = ana.program().get(NORTE + "invitations/").json()["results"]
    assert [row["id"] for row in listed] == [made.json()["id"]]
    assert "link" not in listed[0]
    token = made.json()["link"].rstrip("/").rpartition("/")[2]
    membership = people.accept(token, user=None, name="Caro", password=PASSWORD)
    assert membership.collections == [shelf.pk]
    assert ana.program().get(NORTE + "invitations/").json()["results"] == []
    again = ana.program().post(NORTE + "invitations/", offer, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "already_member")


def test_an_invitation_is_withdrawn_once_and_by_its_own_school(ana: Person, zoe: Person) -> None:
    made = (
        ana.program()
        .post(NORTE + "invitations/", {"email": "x@y.example", "role": "reader"}, format="json")
        .json()
    )
    foreign = zoe.program().delete(f"/api/v1/schools/sur/invitations/{made['id']}/")
    missing = zoe.program().delete(f"/api/v1/schools/sur/invitations/{new_id()}/")
    assert foreign.status_code == missing.status_code == 404
    assert foreign.content == missing.content
    assert Invitation.objects.count() == 1
    assert ana.program().delete(f"{NORTE}invitations/{made['id']}/").status_code == 204
    assert ana.program().delete(f"{NORTE}invitations/{made['id']}/").status_code == 404


def test_a_members_place_is_changed(ana: Person, beto: Person) -> None:
    shelf = collections.create(ana.member, name="Secretaría")
    path = f"{NORTE}members/{beto.membership.pk}/"
    narrowed = ana.program().patch(path, {"role": "reader", "collections": [str(shelf.pk)]}, format="json")
    assert narrowed.status_code == 200
    assert (narrowed.json()["role"], narrowed.json()["collections"]) == ("reader", [str(shelf.pk)])
    assert ana.program().patch(path, {"collections": []}, format="json").json()["collections"] == []
    assert ana.program().patch(path, {"collections": None}, format="json").json()["collections"] is None
    assert ana.program().patch(path, {"is_active": False}, format="json").json()["is_active"] is False
    assert beto.program().get(NORTE).status_code == 404


def test_the_last_director_stays(ana: Person, beto: Person) -> None:
    path = f"{NORTE}members/{ana.membership.pk}/"
    for change in ({"role": "teacher"}, {"is_active": False}):
        refused = ana.program().patch(path, change, format="json")
        assert (refused.status_code, refused.json()["code"]) == (409, "last_director")
    join(ana.school, "dora@norte.example", Role.DIRECTOR)
    assert ana.program().patch(path, {"role": "teacher"}, format="json").status_code == 200


def test_a_member_of_another_school_is_as_one_that_is_not_there(
    ana: Person, beto: Person, zoe: Person
) -> None:
    program = zoe.program()
    foreign = program.patch(
        f"/api/v1/schools/sur/members/{beto.membership.pk}/", {"role": "reader"}, format="json"
    )
    missing = program.patch(f"/api/v1/schools/sur/members/{new_id()}/", {"role": "reader"}, format="json")
    assert foreign.status_code == missing.status_code == 404
    assert foreign.content == missing.content
    assert Membership.objects.get(pk=beto.membership.pk).role == Role.TEACHER


def test_a_collection_of_another_school_cannot_be_given(ana: Person, beto: Person, zoe: Person) -> None:
    own, foreign = collections.create(ana.member, name="A"), collections.create(zoe.member, name="B")
    path = f"{NORTE}members/{beto.membership.pk}/"
    answers = [
        ana.program().patch(path, {"collections": [str(own.pk), str(each)]}, format="json")
        for each in (foreign.pk, new_id())
    ]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert answers[0].content == answers[1].content
    assert "collections" in answers[0].json()["errors"]
    offer = {"email": "x@y.example", "role": "reader", "collections": [str(foreign.pk)]}
    assert ana.program().post(NORTE + "invitations/", offer, format="json").status_code == 400
    assert Invitation.objects.count() == 0
    assert Membership.objects.get(pk=beto.membership.pk).collections is None


BAD_OFFERS: list[Any] = [
    {},
    [],
    None,
    "texto",
    {"email": "x@y.example"},
    {"email": "x@y.example", "role": "king"},
    {"email": "x@y.example", "role": "\ud800"},
    {"email": "sin arroba", "role": "reader"},
    {"email": "x\0@y.example", "role": "reader"},
    {"email": "\ud800@y.example", "role": "reader"},
    {"email": "x" * 300 + "@y.example", "role": "reader"},
    {"email": ["x@y.example"], "role": "reader"},
    {"email": "x@y.example", "role": ["reader"]},
    {"email": "x@y.example", "role": "reader", "collections": "todas"},
    {"email": "x@y.example", "role": "reader", "collections": ["no-es-un-id"]},
    {"email": "x@y.example", "role": "reader", "collections": [10**60]},
    {"email": "x@y.example", "role": "reader", "collections": {"a": 1}},
    {"email": "x@y.example", "role": "reader", "collections": [[]]},
]


@pytest.mark.parametrize("offer", BAD_OFFERS, ids=range(len(BAD_OFFERS)))
def test_a_bad_offer_is_refused_and_leaves_nothing(ana: Person, offer: Any) -> None:
    answer = send(ana.program(), "POST", NORTE + "invitations/", offer)
    assert answer.status_code == 400, answer.content
    assert answer.json()["code"] == "invalid"
    assert Invitation.objects.count() == 0
    assert mail.outbox == []


@pytest.mark.parametrize(
    "change",
    [
        {"role": "king"},
        {"role": "\ud800"},
        {"is_active": "quizás"},
        {"collections": 3},
        {"role": None},
        [],
        5,
    ],
)
def test_a_bad_change_of_a_place_changes_nothing(ana: Person, beto: Person, change: Any) -> None:
    answer = send(ana.program(), "PATCH", f"{NORTE}members/{beto.membership.pk}/", change)
    assert answer.status_code == 400, answer.content
    row = Membership.objects.get(pk=beto.membership.pk)
    assert (row.role, row.is_active, row.collections) == (Role.TEACHER, True, None)
