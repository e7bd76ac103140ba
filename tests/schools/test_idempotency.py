"""The same creating request twice makes one thing."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from documents.models import Collection, Document
from rag.models import Conversation
from schools.idempotency import AT_WORK, KEPT
from schools.models import IdempotentReply, Invitation
from schools.scope import school_scope
from tests.conftest import Person, join

NORTE = "/api/v1/schools/norte/"
KEY = {"Idempotency-Key": "una-clave"}


def create(
    person: Person, name: str = "Actas", *, headers: dict[str, str] | None = None, school: str = "norte"
) -> Any:
    path = f"/api/v1/schools/{school}/collections/"
    return person.program().post(
        path, {"name": name}, format="json", headers=KEY if headers is None else headers
    )


def count(person: Person, model: Any = Collection) -> int:
    with school_scope(person.school_id):
        return int(model.objects.count())


def test_a_repeated_request_is_given_the_first_answer(ana: Person) -> None:
    first, second = create(ana), create(ana)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json() == second.json()
    assert "Idempotent-Replayed" not in first
    assert second["Idempotent-Replayed"] == "true"
    assert count(ana) == 1


def test_without_a_key_nothing_is_kept(ana: Person) -> None:
    assert create(ana, headers={}).status_code == 201
    assert create(ana, headers={}).status_code == 400
    assert count(ana, IdempotentReply) == 0


def test_the_same_key_with_another_body_is_refused(ana: Person) -> None:
    assert create(ana).status_code == 201
    other = create(ana, "Circulares")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    elsewhere = ana.program().post(NORTE + "conversations/", {"title": "Actas"}, format="json", headers=KEY)
    assert elsewhere.status_code == 422
    assert count(ana) == 1


def test_a_refused_request_leaves_the_key_free(ana: Person) -> None:
    assert create(ana, "").status_code == 400
    assert create(ana).status_code == 201


def test_a_key_belongs_to_one_person_in_one_school(ana: Person, zoe: Person, sur: Any) -> None:
    from schools.roles import Role

    dora = join(ana.school, "dora@norte.example", Role.DIRECTOR)
    in_sur = join(sur, ana.user.email, Role.DIRECTOR)
    assert create(ana).status_code == 201
    assert create(dora).status_code == 400  # its own request: the name is taken
    assert create(dora, "Dora").status_code == 201
    assert create(zoe, school="sur").status_code == 201
    assert create(in_sur, "De Ana", school="sur").status_code == 201
    assert create(ana).json()["name"] == "Actas"


def test_a_request_still_at_work_is_not_begun_again(ana: Person) -> None:
    assert create(ana).status_code == 201
    with school_scope(ana.school_id):
        IdempotentReply.objects.update(status=None, body=None)
    waiting = create(ana)
    assert (waiting.status_code, waiting.json()["code"]) == (409, "idempotency_in_progress")
    with school_scope(ana.school_id):
        IdempotentReply.objects.update(created_at=timezone.now() - AT_WORK - timedelta(seconds=1))
    assert create(ana).status_code == 400  # begun again: the name is taken


def test_a_day_later_the_key_is_free(ana: Person) -> None:
    assert create(ana).status_code == 201
    with school_scope(ana.school_id):
        IdempotentReply.objects.update(created_at=timezone.now() - KEPT - timedelta(seconds=1))
    assert create(ana, "Circulares").status_code == 201
    assert count(ana) == 2


@pytest.mark.parametrize("key", ["", "x" * 201])
def test_a_bad_key_is_a_400(ana: Person, key: str) -> None:
    answer = create(ana, headers={"Idempotency-Key": key})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_idempotency_key")
    assert count(ana) == 0


def test_every_creating_request_heeds_it(ana: Person) -> None:
    program = ana.program()

    def upload(content: bytes, key: dict[str, str]) -> Any:
        file = SimpleUploadedFile("acta.md", content)
        return program.post(
            NORTE + "documents/", {"file": file, "title": "Acta"}, format="multipart", headers=key
        )

    def invite(key: dict[str, str]) -> Any:
        return program.post(
            NORTE + "invitations/", {"email": "x@y.example", "role": "reader"}, format="json", headers=key
        )

    def converse(key: dict[str, str]) -> Any:
        return program.post(NORTE + "conversations/", {"title": "Una"}, format="json", headers=key)

    requests: list[tuple[Callable[[dict[str, str]], Any], Any]] = [
        (lambda key: upload(b"# Acta", key), Document),
        (invite, None),
        (converse, Conversation),
    ]
    for n, (request, model) in enumerate(requests):
        key = {"Idempotency-Key": f"clave {n}"}
        first, second = request(key), request(key)
        assert (first.status_code, second.status_code) == (201, 201), first.content
        assert first.json() == second.json()
        assert (count(ana, model) if model else Invitation.objects.count()) == 1
    changed = upload(b"# Otra", {"Idempotency-Key": "clave 0"})
    assert changed.status_code == 422
    assert count(ana, Document) == 1
