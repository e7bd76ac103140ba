"""Documents through the API: uploaded once, watched, changed, sent back, deleted, and unseen by strangers."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings
from rest_framework.test import APIClient

from documents import collections, uploads
from documents.models import Document
from pipeline.models import Due, Run
from schools.ids import new_id
from schools.models import Membership
from schools.roles import Role
from schools.scope import school_scope
from tests.conftest import RULES, Person, join, upload
from tests.programs import send, send_raw
from tests.streams import gather

PATH = "/api/v1/schools/norte/documents/"


def post(
    program: APIClient,
    *,
    name: str = "regimen.md",
    content: bytes = RULES.encode(),
    path: str = PATH,
    **fields: Any,
) -> Any:
    file = SimpleUploadedFile(name, content)
    return program.post(path, {"file": file, **fields}, format="multipart")


def stored_files(person: Person) -> list[Path]:
    folder = settings.DATA_DIR / "files" / "s" / str(person.school_id)
    return [path for path in folder.rglob("*") if path.is_file()]


def count(person: Person) -> int:
    with school_scope(person.school_id):
        return Document.objects.count()


def test_a_file_is_taken_processed_and_known_again(ana: Person, work_off: Callable[[], None]) -> None:
    program = ana.program()
    first = post(program)
    assert first.status_code == 201
    assert set(first.json()) == {"id", "status", "run_id", "duplicate"}
    assert (first.json()["status"], first.json()["duplicate"]) == ("queued", False)
    waiting = program.get(f"{PATH}{first.json()['id']}/").json()
    assert (waiting["status"], waiting["progress"], waiting["run_id"]) == (
        "queued",
        0.0,
        first.json()["run_id"],
    )
    work_off()
    again = post(program, name="otro nombre.md")
    assert again.status_code == 200
    assert again.json() == {
        **first.json(),
        "status": "ready",
        "duplicate": True,
        "run_id": first.json()["run_id"],
    }
    ready = program.get(f"{PATH}{first.json()['id']}/").json()
    assert (ready["status"], ready["progress"], ready["error"], ready["unreadable"]) == (
        "ready",
        1.0,
        None,
        [],
    )
    assert ready["sha256"] == hashlib.sha256(RULES.encode()).hexdigest()
    assert ready["created_at"].endswith("Z")
    assert ready["uploaded_by"] == {"id": str(ana.user.pk), "name": "Ana"}
    assert count(ana) == 1


def test_all_that_is_said_of_a_file_is_kept(ana: Person) -> None:
    program = ana.program()
    shelf = collections.create(ana.member, name="Normas")
    older = post(program).json()["id"]
    made = post(
        program,
        content=b"# Otro",
        collection=str(shelf.pk),
        title="Régimen 2026",
        sensitivity="internal",
        valid_from="2026-03-01",
        valid_until="2026-12-20",
        supersedes=older,
    )
    assert made.status_code == 201, made.content
    known = program.get(f"{PATH}{made.json()['id']}/").json()
    said = ("title", "collection", "sensitivity", "valid_from", "valid_until", "supersedes")
    assert [known[name] for name in said] == [
        "Régimen 2026", str(shelf.pk), "internal", "2026-03-01", "2026-12-20", older,
    ]  # fmt: skip


def test_the_original_comes_back_whole_and_in_part(ana: Person, document: uploads.Received) -> None:
    path = f"{PATH}{document.document_id}/file"
    whole = ana.program().get(path, headers={"Accept": "application/pdf"})
    assert whole.status_code == 200
    assert gather(whole) == RULES.encode()
    assert whole["Content-Disposition"].startswith("attachment")
    assert whole["X-Content-Type-Options"] == "nosniff"
    part = ana.program().get(path, headers={"Range": "bytes=2-8"})
    assert part.status_code == 206
    assert gather(part) == RULES.encode()[2:9]


def test_what_was_read_comes_with_places_in_pages(ana: Person, document: uploads.Received) -> None:
    path = f"{PATH}{document.document_id}/blocks/"
    program = ana.program()
    whole = program.get(path).json()
    assert whole["next"] is whole["previous"] is None
    assert [block["kind"] for block in whole["results"]][:3] == ["heading", "heading", "paragraph"]
    assert whole["results"][2]["place"]["kind"] == "text"
    pages, address = [], f"{path}?limit=2"
    while address:
        pages.append(program.get(address).json())
        address = pages[-1]["next"]
    assert [block for page in pages for block in page["results"]] == whole["results"]
    assert program.get(pages[-1]["previous"]).json() == pages[-2]
    for bad in ("after=x", "after=-2", "limit=0", "after=" + "9" * 30):
        assert program.get(f"{path}?{bad}").status_code == 400


def test_a_list_is_narrowed_and_paged(ana: Person, work_off: Callable[[], None]) -> None:
    shelf = collections.create(ana.member, name="Actas")
    for n in range(3):
        upload(ana, name=f"acta {n}.md", text=f"# Acta {n}", collection_id=shelf.pk)
    upload(ana, name="Nómina.md", text="# Nómina")
    program = ana.program()
    assert [row["title"] for row in program.get(PATH).json()["results"]] == [
        "Nómina",
        "acta 2",
        "acta 1",
        "acta 0",
    ]
    found = program.get(PATH, {"q": "nomina"}).json()["results"]
    assert [row["title"] for row in found] == ["Nómina"]
    assert len(program.get(PATH, {"collection": str(shelf.pk)}).json()["results"]) == 3
    assert program.get(PATH, {"collection": str(new_id())}).json()["results"] == []
    assert len(program.get(PATH, {"status": "queued"}).json()["results"]) == 4
    assert program.get(PATH, {"status": "ready"}).json()["results"] == []
    first = program.get(PATH, {"limit": "3", "q": "acta"}).json()
    assert first["next"] is None
    two = program.get(PATH, {"limit": "2", "q": "acta"}).json()
    assert [row["title"] for row in program.get(two["next"]).json()["results"]] == ["acta 0"]


@pytest.mark.parametrize(
    "query",
    [{"status": "x"}, {"collection": "x"}, {"q": "a\0"}, {"q": "x" * 201}, {"limit": "0"}, {"before": "x"}],
)
def test_a_bad_query_is_a_400(ana: Person, query: dict[str, str]) -> None:
    assert ana.program().get(PATH, query).status_code == 400


def test_a_record_is_changed_field_by_field(ana: Person, document: uploads.Received) -> None:
    path, program = f"{PATH}{document.document_id}/", ana.program()
    shelf = collections.create(ana.member, name="Normas")
    change = {
        "title": "Nuevo",
        "collection": str(shelf.pk),
        "sensitivity": "minors",
        "valid_until": "2026-12-31",
    }
    changed = program.patch(path, change, format="json")
    assert changed.status_code == 200
    assert {name: changed.json()[name] for name in change} == change
    cleared = program.patch(path, {"valid_until": None, "sensitivity": ""}, format="json").json()
    assert (cleared["valid_until"], cleared["sensitivity"], cleared["title"]) == (None, "", "Nuevo")
    assert program.patch(path, {}, format="json").json() == cleared


def test_a_deleted_document_is_gone_with_its_file(
    ana: Person, document: uploads.Received, work_off: Callable[[], None]
) -> None:
    path, program = f"{PATH}{document.document_id}/", ana.program()
    assert stored_files(ana)
    assert program.delete(path).status_code == 204
    for tail in ("", "file", "blocks/"):
        assert program.get(path + tail).status_code == 404
    assert program.get(PATH).json()["results"] == []
    assert program.delete(path).status_code == 404
    work_off()
    assert stored_files(ana) == []
    assert count(ana) == 0


def test_it_is_cancelled_and_tried_again(ana: Person, work_off: Callable[[], None]) -> None:
    program = ana.program()
    made = post(program).json()
    path = f"{PATH}{made['id']}/"
    cancelled = program.post(path + "cancel")
    assert cancelled.status_code == 200
    assert (cancelled.json()["status"], cancelled.json()["error"]["code"]) == ("failed", "cancelled")
    assert cancelled.json()["error"]["detail"]
    assert program.post(path + "cancel").status_code == 200
    again = program.post(path + "retry")
    assert again.status_code == 202
    assert (again.json()["id"], again.json()["status"]) == (made["id"], "queued")
    assert again.json()["run_id"] != made["run_id"]
    assert program.post(path + "retry").json()["run_id"] == again.json()["run_id"]
    work_off()
    assert program.get(path).json()["status"] == "ready"


def test_a_teacher_changes_only_what_they_uploaded(
    ana: Person, beto: Person, document: uploads.Received
) -> None:
    program = beto.program()
    foreign = f"{PATH}{document.document_id}/"
    own = f"{PATH}{post(program, content=b'# De Beto').json()['id']}/"
    assert program.get(foreign).json()["may_change"] is False
    assert program.get(own).json()["may_change"] is True
    for method, tail, body in (("PATCH", "", {"title": "x"}), ("POST", "retry", {}), ("POST", "cancel", {})):
        assert send(program, method, foreign + tail, body).status_code == 403
        assert send(program, method, own + tail, body).status_code in (200, 202)
    assert program.delete(foreign).status_code == 403
    assert program.delete(own).status_code == 204
    assert ana.program().get(foreign).json()["title"] != "x"


@pytest.mark.parametrize("role", [Role.READER, Role.AUDITOR])
def test_who_only_reads_uploads_and_changes_nothing(
    ana: Person, document: uploads.Received, role: Role
) -> None:
    program = join(ana.school, "rita@norte.example", role).program()
    path = f"{PATH}{document.document_id}/"
    assert program.get(path).status_code == program.get(path + "blocks/").status_code == 200
    assert post(program, content=b"x").status_code == 403
    for method, tail in (("PATCH", ""), ("DELETE", ""), ("POST", "retry"), ("POST", "cancel")):
        assert send(program, method, path + tail, {"title": "x"}).status_code == 403
    assert count(ana) == 1


def test_a_member_sees_the_documents_of_their_collections_only(
    ana: Person, beto: Person, work_off: Callable[[], None]
) -> None:
    seen, unseen = (collections.create(ana.member, name=name) for name in ("Aula", "Dirección"))
    hidden = upload(ana, text="# Legajo", collection_id=unseen.pk)
    shown = upload(ana, text="# Aula", collection_id=seen.pk, supersedes_id=hidden.document_id)
    work_off()
    program = beto.program()
    assert len(program.get(PATH).json()["results"]) == 2
    Membership.objects.filter(pk=beto.membership.pk).update(collections=[seen.pk])
    listed = program.get(PATH).json()["results"]
    assert [row["id"] for row in listed] == [str(shown.document_id)]
    assert listed[0]["supersedes"] is None
    missing = program.get(f"{PATH}{new_id()}/")
    for tail in ("", "file", "blocks/"):
        refused = program.get(f"{PATH}{hidden.document_id}/{tail}")
        assert refused.status_code == 404
        assert refused.content == missing.content
    assert program.get(PATH, {"collection": str(unseen.pk)}).json()["results"] == []
    twin = post(program, content=b"# Legajo")
    assert (twin.status_code, twin.json()["code"]) == (409, "duplicate_elsewhere")
    for field, value in (("collection", unseen.pk), ("supersedes", hidden.document_id)):
        refused = post(program, content=b"# Nuevo", **{field: str(value)})
        absent = post(program, content=b"# Nuevo", **{field: str(new_id())})
        assert refused.status_code == absent.status_code == 404
        assert refused.content == absent.content
    assert count(ana) == 2


def test_a_stranger_finds_nothing_and_changes_nothing(
    ana: Person, zoe: Person, document: uploads.Received
) -> None:
    stranger, own = zoe.program(), "/api/v1/schools/sur/documents/"
    tails = [
        ("GET", ""),
        ("GET", "file"),
        ("GET", "blocks/"),
        ("PATCH", ""),
        ("DELETE", ""),
        ("POST", "retry"),
        ("POST", "cancel"),
    ]
    for method, tail in tails:
        body = {"title": "robado"}
        foreign = send(stranger, method, f"{own}{document.document_id}/{tail}", body)
        missing = send(stranger, method, f"{own}{new_id()}/{tail}", body)
        walled = send(stranger, method, f"{PATH}{document.document_id}/{tail}", body)
        assert foreign.status_code == missing.status_code == walled.status_code == 404, (method, tail)
        assert foreign.content == missing.content == walled.content
    assert ana.program().get(f"{PATH}{document.document_id}/").json()["title"] == "Régimen académico"
    assert stranger.get(own).json()["results"] == []
    twin = post(stranger, path=own)
    assert (twin.status_code, twin.json()["duplicate"]) == (201, False)


def test_a_foreign_collection_in_a_form_is_as_one_that_is_not_there(
    ana: Person, zoe: Person, document: uploads.Received
) -> None:
    foreign, program = collections.create(zoe.member, name="De Sur"), ana.program()
    before = stored_files(ana)
    answers = [post(program, content=b"# Nuevo", collection=str(each)) for each in (foreign.pk, new_id())]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == answers[1].content
    moves = [
        program.patch(f"{PATH}{document.document_id}/", {"collection": str(each)}, format="json")
        for each in (foreign.pk, new_id())
    ]
    assert [answer.status_code for answer in moves] == [404, 404]
    assert moves[0].content == moves[1].content
    assert stored_files(ana) == before
    assert count(ana) == 1


BAD_UPLOADS: dict[str, tuple[dict[str, Any], int, str]] = {
    "empty": ({"content": b""}, 400, "empty_file"),
    "program": ({"name": "a.exe", "content": b"MZ\x90"}, 415, "unsupported_type"),
    "no extension": ({"name": "acta", "content": b"hola"}, 415, "unsupported_type"),
    "not what it claims": ({"name": "a.pdf", "content": b"hola"}, 415, "lying_type"),
    "no id": ({"collection": "x"}, 400, "invalid"),
    "no date": ({"valid_from": "ayer"}, 400, "invalid"),
    "dates crossed": ({"valid_from": "2026-02-01", "valid_until": "2026-01-01"}, 400, "invalid"),
    "no label": ({"sensitivity": "secret"}, 400, "invalid"),
    "long title": ({"title": "x" * 301}, 400, "invalid"),
    "null in title": ({"title": "a\0b"}, 400, "invalid"),
    "no superseded id": ({"supersedes": "x"}, 400, "invalid"),
    "superseded not there": ({"supersedes": "01890000-0000-7000-8000-000000000000"}, 404, "not_found"),
}


@pytest.mark.parametrize("case", BAD_UPLOADS)
def test_a_bad_upload_is_refused_and_leaves_nothing(ana: Person, case: str) -> None:
    sent, status, code = BAD_UPLOADS[case]
    answer = post(ana.program(), **sent)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.content
    assert answer.json()["detail"]
    assert count(ana) == 0
    assert stored_files(ana) == []
    with school_scope(ana.school_id):
        assert not Run.objects.exists()
    assert not Due.objects.exists()


def test_a_form_without_a_file_or_without_an_end_is_a_400(ana: Person) -> None:
    program = ana.program()
    assert "file" in program.post(PATH, {"title": "x"}, format="multipart").json()["errors"]
    assert program.post(PATH, {"file": "texto"}, format="multipart").status_code == 400
    kind = "multipart/form-data; boundary=x"
    for body in (
        b"",
        b"--x\r\n",
        b"--x\r\nContent-Disposition: form-data; name=file; filename=a.md\r\n\r\nhola",
        b"\0",
    ):
        assert send_raw(program, PATH, body, kind=kind).status_code == 400
    assert send_raw(program, PATH, b"x", kind="multipart/form-data").status_code == 400
    assert count(ana) == 0


def test_a_file_that_is_too_large_is_refused_by_its_length_and_by_its_size(
    ana: Person, settings: Settings
) -> None:
    settings.MAX_UPLOAD_BYTES = settings.MAX_RECORDING_BYTES = 1_000
    for size in (1_001, 200_000):
        answer = post(ana.program(), content=b"x" * size)
        assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")
    settings.SCHOOL_QUOTA_BYTES = 500
    answer = post(ana.program(), content=b"x" * 501)
    assert (answer.status_code, answer.json()["code"]) == (413, "over_quota")
    assert count(ana) == 0


BAD_CHANGES: list[Any] = [
    [],
    "x",
    {"title": ""},
    {"title": None},
    {"title": "x" * 301},
    {"title": "a\0"},
    {"title": "\ud800"},
    {"title": {"a": 1}},
    {"collection": "x"},
    {"collection": None},
    {"sensitivity": "secret"},
    {"sensitivity": "\ud800"},
    {"valid_from": "31/12/2026"},
    {"valid_from": "2026-12-31", "valid_until": "2026-01-01"},
    {"valid_from": 5},
]


@pytest.mark.parametrize("change", BAD_CHANGES, ids=range(len(BAD_CHANGES)))
def test_a_bad_change_changes_nothing(ana: Person, document: uploads.Received, change: Any) -> None:
    path = f"{PATH}{document.document_id}/"
    before = ana.program().get(path).json()
    answer = send(ana.program(), "PATCH", path, change)
    assert answer.status_code == 400, answer.content
    assert ana.program().get(path).json() == before
