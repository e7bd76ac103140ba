"""The library's stream: a page hears of every document, however short its work was."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from documents import uploads, views
from pipeline.models import Run
from schools.scope import school_scope
from tests.conftest import Person, upload


async def _next_states(stream: object, count: int) -> dict[str, str]:
    """Return the status by document of the next `count` events."""
    told = {}
    for _each in range(count):
        event = await asyncio.wait_for(anext(stream), 60)  # type: ignore[call-overload]  # an async generator
        told[event.data["id"]] = event.data["status"]
    return told


def test_what_ended_between_the_page_and_its_stream_is_told(
    ana: Person, work_off: Callable[[], None]
) -> None:
    received = upload(ana)  # the page that shows it is drawn here, at work
    work_off()
    told = _first_look(ana)
    assert told == {str(received.document_id): "ready"}


def test_what_ended_long_ago_is_not_told_again(ana: Person, document: uploads.Received) -> None:
    with school_scope(ana.school_id):
        Run.objects.update(finished_at=timezone.now() - timedelta(minutes=5))
    assert _first_look(ana) == {}


def _first_look(person: Person) -> dict[str, str]:
    entries = views._watched(person.member, set(), timezone.now() - views.BEFORE_THE_PAGE)
    assert entries is not None
    return {str(entry.id): entry.document.status for entry in entries}


@pytest.mark.usefixtures("committed")
def test_what_begins_and_ends_between_two_looks_is_told(
    ana: Person, work_off: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "TICK_IDLE_S", 0.2)
    first = upload(ana)
    work_off()

    def another() -> str:
        received = upload(ana, text="# Otra\n\nLa segunda circular.")
        work_off()
        return str(received.document_id)

    member = ana.member

    async def watch() -> None:
        stream = views._changes(member)
        assert await _next_states(stream, 1) == {str(first.document_id): "ready"}
        second = await sync_to_async(another)()
        assert await _next_states(stream, 1) == {second: "ready"}
        await stream.aclose()  # type: ignore[attr-defined]  # an async generator

    asyncio.run(watch())
