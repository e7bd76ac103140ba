"""The page of a recording in each of its states, its sound in ranges, and how its script is answered."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.urls import reverse
from django.utils import timezone

from documents import collections
from documents.models import Document, Status
from pipeline.models import Mark, Run, RunState
from schools.models import Membership
from schools.roles import Role
from schools.scope import school_scope
from tests import streams
from tests.conftest import Person, join
from tests.transcription import made
from transcription.models import Part, Recording, Segment
from transcription.pages import _changes

SOUND = b"fLaC" + bytes(range(256)) * 8
SPOKEN = [("Marta", 0.0, 2.0, "Creo que <b>debemos</b> bajar el precio."), ("", 3.0, 4.0, "Hasta luego.")]


def _address(name: str, recording_id: UUID, *more: UUID) -> str:
    return reverse(f"transcription:{name}", args=["norte", recording_id, *more])


def _page(person: Person, document: Document, query: str = "") -> str:
    response = person.browser().get(_address("recording", document.pk) + query)
    assert response.status_code == 200
    return str(response.content.decode())


def _waiting(ana: Person) -> Document:
    """Return a recording whose sound nobody has touched, and which waits for an engine."""
    with school_scope(ana.school_id):
        document = Document.objects.create(
            collection=collections.ensure_default(), title="Padres", filename="a.mp3", format="sound",
            sha256="1" * 64, size_bytes=9, status=Status.PROCESSING, uploaded_by=ana.user,
        )  # fmt: skip
        run = Run.objects.create(
            kind="recording", subject_id=document.pk, stage="transcribe", state=RunState.RUNNING,
            started_at=timezone.now(),
        )  # fmt: skip
        Mark.objects.create(
            run=run, stage="transcribe", version=1, waits="Falta un motor: habilitarlo en Motores."
        )
    return document


def _again(ana: Person) -> Document:
    return made.transcript(ana, "Otra vez", SPOKEN, status=Status.PROCESSING)


def _failed(ana: Person) -> Document:
    return made.transcript(ana, "Rota", [], status=Status.FAILED, error_code="x", error_detail="Se corta.")


def _silent(ana: Person) -> Document:
    place = {"kind": "time", "from_s": 61.0, "to_s": 75.0}
    told = {"place": place, "reason": "Hay mucho ruido.", "code": "noise", "ignored": False}
    return made.transcript(ana, "Silencio", [], status=Status.PARTIAL, unreadable=[told])


@pytest.mark.parametrize(
    ("make", "shows", "hides"),
    [
        (_waiting, ("Transcribiendo", "Falta un motor", "Se puede cerrar esta página", "data-busy=\"1\""), ("<audio",)),
        (_again, ("Mientras tanto se puede leer", "Hasta luego."), ("Reintentar",)),
        (_failed, ("No se pudo transcribir", "Se corta.", "Reintentar"), ('id="lines"', 'data-busy="1"')),
        (_silent, ("No se oyó hablar a nadie", "1 parte no se pudo", "1:01–1:15", "Hay mucho ruido."), ('id="lines"',)),
    ],
    ids=["waiting", "transcribed again", "failed", "silent"],
)  # fmt: skip
def test_the_page_says_what_is_going_on(
    make: Callable[[Person], Document], shows: tuple[str, ...], hides: tuple[str, ...], ana: Person
) -> None:
    page = _page(ana, make(ana))
    assert all(each in page for each in shows), page
    assert not any(each in page for each in hides)


def test_the_transcript_is_there_without_a_script_and_can_be_corrected_by_its_owner_alone(
    ana: Person, beto: Person
) -> None:
    document = made.transcript(ana, "Claustro", SPOKEN, sound=SOUND)
    with school_scope(ana.school_id):
        segment = Segment.objects.order_by("from_s")[0]
        segment.words[0][3] = 0.2
        segment.save()
        Part.objects.create(
            recording_id=document.pk, ordinal=0, from_s=0, to_s=5, engine="whisper", runs="here",
            done_at=timezone.now(),
        )  # fmt: skip
    page = _page(ana, document)
    for shown in (
        "Creo que &lt;b&gt;debemos&lt;/b&gt; bajar el precio.", "Marta", "Sin distinguir", "Aproximada",
        "Transcripción: whisper, en el equipo de la escuela.", "se marca lo que se oyó con dudas",
        _address("sound", document.pk), _address("export", document.pk), _address("acta", document.pk),
    ):  # fmt: skip
        assert shown in page
    assert "tools-template" in page
    read_only = _page(beto, document)
    assert "debemos" in read_only
    assert "data-do=" not in read_only
    listed = ana.browser().get(reverse("transcription:recordings", args=["norte"])).content.decode()
    assert _address("recording", document.pk) in listed


@pytest.mark.parametrize(
    ("asked", "status", "sent"),
    [
        ("", 200, SOUND),
        ("bytes=0-3", 206, b"fLaC"),
        ("bytes=1000-", 206, SOUND[1000:]),
        ("bytes=-5", 206, SOUND[-5:]),
        ("bytes=99999-", 416, b""),
    ],
)
def test_the_sound_is_sent_in_the_range_that_a_player_asks_for(
    asked: str, status: int, sent: bytes, ana: Person
) -> None:
    document = made.transcript(ana, "Claustro", SPOKEN, sound=SOUND)
    response = ana.browser().get(_address("sound", document.pk), headers={"Range": asked} if asked else {})
    body = streams.gather(response) if response.streaming else response.content
    assert (response.status_code, body) == (status, sent)
    if sent:
        assert (response["Content-Type"], response["Content-Length"]) == ("audio/flac", str(len(sent)))
    assert response["Accept-Ranges"] == "bytes"
    assert response["Cache-Control"] == "private, no-store"


def test_what_stands_on_a_shelf_out_of_reach_is_neither_read_nor_heard_nor_changed(
    ana: Person, zoe: Person
) -> None:
    document = made.transcript(ana, "Claustro", SPOKEN, sound=SOUND)
    with school_scope(ana.school_id):
        segment = Segment.objects.order_by("from_s")[0]
    shelf = collections.create(ana.member, name="Otro estante")
    limited = join(ana.school, "limitada@norte.example", Role.DIRECTOR, collections=[shelf.pk])
    for person in (limited, zoe):
        browser = person.browser()
        for name in ("recording", "peaks", "words", "events", "export"):
            assert browser.get(_address(name, document.pk)).status_code == 404
        assert browser.get(_address("sound", document.pk), headers={"Range": "bytes=0-3"}).status_code == 404
        written = browser.post(
            _address("segment_text", document.pk, segment.pk), {"text": "Otra", "rev": segment.rev}
        )
        assert written.status_code == 404
    browser = ana.browser()
    assert browser.get(_address("peaks", document.pk)).content == bytes(_recording(ana, document).peaks)
    assert streams.gather(browser.get(_address("sound", document.pk))) == SOUND


def _recording(person: Person, document: Document) -> Recording:
    with school_scope(person.school_id):
        return Recording.objects.get(pk=document.pk)


def test_the_script_is_told_what_a_correction_left_behind_or_what_stands_there_now(ana: Person) -> None:
    document = made.transcript(ana, "Claustro", SPOKEN)
    browser = ana.browser()
    first, second = browser.get(_address("words", document.pk)).json()["segments"]
    assert (first["t0"], first["speaker_name"], second["speaker"]) == (0.0, "Marta", None)
    assert first["words"][0] == ["Creo", 0.0, first["words"][0][2], 0.9]

    def send(name: str, **fields: Any) -> Any:
        return browser.post(_address(name, document.pk, first["id"]), fields)

    done = send("segment_text", text="Creo que no.", rev=1).json()
    assert [(each["text"], each["rev"]) for each in done["segments"]] == [("Creo que no.", 2)]
    assert done["revision"] == 2
    stale = send("segment_text", text="Creo que sí.", rev=1)
    assert (stale.status_code, stale.json()["code"]) == (409, "stale")
    assert stale.json()["segment"]["text"] == "Creo que no."
    assert send("segment_text", text="x", rev="dos").status_code == 400
    divided = send("segment_split", word=1, rev=2).json()
    assert [each["text"] for each in divided["segments"]] == ["Creo", "que no."]
    removed = send("segment_delete", rev=3).json()
    assert (removed["removed"], removed["segments"]) == ([first["id"]], [])
    assert (
        "Fragmento"
        not in _page(ana, document).split('id="removed"')[0].split('id="lines"')[1].split("</ol>")[0]
    )
    assert send("segment_restore", version=3, rev=4).json()["segments"][0]["text"] == "Creo"
    told = browser.get(_address("segment_history", document.pk, first["id"])).content.decode()
    assert all(each in told for each in ("Restituido", "Quitado", "Dividido", "Texto corregido", "Ana"))
    named = browser.post(_address("speaker", document.pk, first["speaker"]), {"name": "Marta Gil"}).json()
    assert [each["name"] for each in named["voices"]] == ["Marta Gil"]
    answer = browser.post(_address("voices", document.pk), {"speakers": "3"})
    assert answer["Location"] == _address("recording", document.pk)
    assert "Se están distinguiendo las voces" in _page(ana, document)


def test_progress_is_told_until_there_is_none_and_never_to_who_was_sent_away(ana: Person) -> None:
    ready, busy = made.transcript(ana, "Lista", SPOKEN), _waiting(ana)
    member = ana.member

    async def listen(document: Document, *, then: Callable[[], Any] = lambda: None) -> list[dict[str, Any]]:
        told = []
        async for event in _changes(member, document.pk):
            told.append(event.data)
            await sync_to_async(then)()
        return told

    (only,) = async_to_sync(listen)(ready)
    assert (only["is_busy"], only["status"]) == (False, "ready")

    def send_away() -> None:
        Membership.objects.filter(pk=ana.membership.pk).update(is_active=False)

    (waiting,) = async_to_sync(listen)(busy, then=send_away)
    assert (waiting["is_busy"], waiting["waits"]) == (True, "Falta un motor: habilitarlo en Motores.")
