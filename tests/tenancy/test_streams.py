"""Streams end when the member is sent away, and tell nothing of what the member may not see."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import async_to_sync, sync_to_async

from documents import collections, library, uploads, watching
from documents.models import Document
from documents.views import _changes
from pipeline import runs
from pipeline.runs import Progress
from rag import answer, conversations
from rag.models import Message
from schools.admission import Member
from schools.ids import RunId, new_id
from schools.models import Membership
from schools.roles import Role
from schools.scope import school_scope
from tests.conftest import Person, join, upload

QUESTION = "¿Cuántas inasistencias puede tener un alumno antes de perder la regularidad?"


def _suspend(person: Person) -> None:
    Membership.objects.filter(pk=person.membership.pk).update(is_active=False)


def _limited(person: Person, *, role: Role = Role.TEACHER) -> Person:
    shelf = collections.create(person.member, name="Otro estante")
    return join(person.school, "limitada@norte.example", role, collections=[shelf.pk])


async def _first(events: Any, *, within_s: float) -> Any:
    try:
        return await asyncio.wait_for(anext(events, "ended"), within_s)
    except TimeoutError:
        return "silent"
    finally:
        await events.aclose()


def test_the_librarys_stream_tells_a_member_of_their_shelves_only(ana: Person, zoe: Person) -> None:
    upload(ana)
    limited = _limited(ana)

    async def look(member: Member, within_s: float = 1.2) -> Any:
        return await _first(_changes(member), within_s=within_s)

    told = async_to_sync(look)(ana.member, 30)
    assert told.data["status"] == "queued"
    assert async_to_sync(look)(limited.member) == "silent"
    assert async_to_sync(look)(zoe.member) == "silent"


def test_the_librarys_stream_ends_when_the_member_is_sent_away(ana: Person) -> None:
    upload(ana)

    member = ana.member

    async def run() -> int:
        events = _changes(member)
        count = 1 if await anext(events) else 0
        await sync_to_async(_suspend)(ana)
        async with asyncio.timeout(30):
            async for _event in events:
                count += 1
        return count

    assert async_to_sync(run)() == 1


def test_a_runs_stream_ends_when_the_member_is_sent_away(ana: Person) -> None:
    run_id = upload(ana).run_id
    assert run_id is not None
    member = ana.member
    run = watching.get(member, run_id)

    async def follow() -> list[Progress]:
        found = []
        async with asyncio.timeout(30):
            async for each in watching.follow(member, run):
                found.append(each)
                await sync_to_async(_suspend)(ana)
        return found

    assert len(async_to_sync(follow)()) == 1


def test_a_runs_stream_ends_when_its_document_goes_out_of_reach(ana: Person) -> None:
    received = upload(ana)
    assert received.run_id is not None
    shelf = collections.create(ana.member, name="Otro estante")
    with school_scope(ana.school_id):
        default = Document.objects.get().collection_id
    limited = join(ana.school, "limitada@norte.example", Role.TEACHER, collections=[default])
    member = limited.member
    run = watching.get(member, received.run_id)

    def move() -> None:
        library.change(ana.member, received.document_id, changes=library.Changes(collection_id=shelf.pk))

    async def follow() -> int:
        count = 0
        async with asyncio.timeout(30):
            async for _each in watching.follow(member, run):
                count += 1
                await sync_to_async(move)()
        return count

    assert async_to_sync(follow)() == 1


def test_an_answer_stops_when_the_member_is_sent_away(ana: Person, document: uploads.Received) -> None:
    conversation = conversations.start(ana.member)
    told = answer.ask(ana.member, conversation.pk, text=QUESTION)
    pieces = []
    for event in told:
        if isinstance(event, answer.Token):
            pieces.append(event.text)
            _suspend(ana)
    with school_scope(ana.school_id):
        message = Message.objects.get()
    assert message.status == "stopped"
    assert len(pieces) == 1


def test_answers_and_search_tell_a_member_of_their_shelves_only(
    ana: Person, document: uploads.Received
) -> None:
    limited = _limited(ana)
    found = ana.program().post("/api/v1/schools/norte/search/", {"query": QUESTION}, format="json")
    assert found.json()["results"]
    nothing = limited.program().post("/api/v1/schools/norte/search/", {"query": QUESTION}, format="json")
    assert nothing.json() == {"results": []}

    message = answer.ask_whole(limited.member, conversations.start(limited.member).pk, text=QUESTION)
    assert message.status == "refused"
    assert message.citations == []
    assert message.searched["documents"] == 0
    assert message.searched["closest"] == []
    assert "General" not in message.searched["collections"]
    kept = json.dumps([message.text, message.searched, message.decision], default=str)
    assert str(document.document_id) not in kept


def test_a_document_that_moved_out_of_reach_is_gone_from_search_before_the_index_knows(
    ana: Person, document: uploads.Received, work_off: Callable[[], None]
) -> None:
    """Qdrant still holds the old shelf: Postgres alone decides."""
    with school_scope(ana.school_id):
        default = Document.objects.get().collection_id
    limited = join(ana.school, "limitada@norte.example", Role.TEACHER, collections=[default])
    shelf = collections.create(ana.member, name="Reservada")
    ask = {"query": QUESTION}
    path = "/api/v1/schools/norte/search/"
    assert limited.program().post(path, ask, format="json").json()["results"]
    library.change(ana.member, document.document_id, changes=library.Changes(collection_id=shelf.pk))
    assert limited.program().post(path, ask, format="json").json() == {"results": []}
    work_off()
    assert limited.program().post(path, ask, format="json").json() == {"results": []}
    assert ana.program().post(path, ask, format="json").json()["results"]


@pytest.mark.parametrize("action", ["move", "retry", "delete"])
def test_a_batch_with_one_foreign_document_does_nothing_to_the_others(
    ana: Person, zoe: Person, action: str
) -> None:
    mine, theirs = upload(ana).document_id, upload(zoe).document_id
    shelf = collections.create(ana.member, name="Otro estante")
    with school_scope(ana.school_id):
        before = Document.objects.values().get()
    for foreign in (theirs, new_id()):
        body = {"action": action, "documents": [str(mine), str(foreign)], "collection": str(shelf.pk)}
        assert ana.browser().post("/e/norte/biblioteca/ordenar", body).status_code == 404
        with school_scope(ana.school_id):
            assert Document.objects.values().get() == before
    body = {"action": action, "documents": [str(mine)], "collection": str(shelf.pk)}
    assert ana.browser().post("/e/norte/biblioteca/ordenar", body).status_code == 302


def test_a_run_that_belongs_to_no_document_one_may_see_is_not_there(ana: Person, zoe: Person) -> None:
    received = upload(ana)
    assert received.run_id is not None
    with school_scope(ana.school_id):
        assert runs.get(RunId(received.run_id)) is not None
    with pytest.raises(watching.NoSuchRun):
        watching.get(zoe.member, received.run_id)
    with pytest.raises(watching.NoSuchRun):
        watching.get(_limited(ana).member, received.run_id)
