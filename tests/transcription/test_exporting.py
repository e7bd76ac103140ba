"""A transcript handed out: to whom, in which format, and what is said where there is none."""

import io
from typing import Any

import docx
import pytest
import srt
from django.urls import reverse

from documents.models import Document
from schools.scope import school_scope
from tests.conftest import Person
from tests.transcription.made import transcript
from transcription.exporting import FORMATS, gather
from transcription.models import Action, Digest, Part, Recording, Segment


@pytest.fixture
def claustro(ana: Person) -> Document:
    """Return a meeting of Norte, transcribed, with a summary and tasks."""
    document = transcript(ana, unreadable=[
        {"place": {"kind": "time", "from_s": 61.0, "to_s": 75.0}, "reason": "Ruido.", "code": "x", "ignored": False}
    ])  # fmt: skip
    with school_scope(ana.school_id):
        Part.objects.create(recording_id=document.pk, ordinal=0, from_s=0, to_s=46, engine="whisper-tiny")
        Digest.objects.create(
            recording_id=document.pk,
            revision=0,
            made_by="",
            content={"bullets": [{"text": "Se habló de formación.", "from_s": 12.0, "to_s": 15.0}]},
        )
        Action.objects.create(
            recording_id=document.pk, task="Avisar a las familias", state="open", from_s=31.2
        )
        Action.objects.create(recording_id=document.pk, task="Pintar el aula", state="rejected", from_s=1.0)
    return document


def _url(person: Person, document: Any, fmt: str | None, *, api: bool = False) -> str:
    name = "transcription_api:export" if api else "transcription:export"
    path = reverse(name, kwargs={"slug": person.school.slug, "recording_id": document.pk})
    return path + (f"?fmt={fmt}" if fmt is not None else "")


@pytest.mark.parametrize("fmt", FORMATS)
def test_every_format_is_a_download_for_people_and_programs(
    fmt: str, ana: Person, claustro: Document
) -> None:
    for client, api in ((ana.browser(), False), (ana.program(), True)):
        response = client.get(_url(ana, claustro, fmt, api=api))
        assert response.status_code == 200
        assert response["Content-Disposition"] == f'attachment; filename="Claustro.{fmt}"'
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Cache-Control"] == "private, no-store"
        assert len(response.content) > 300


def test_what_is_handed_out_is_what_stands_there_now(ana: Person, claustro: Document) -> None:
    with school_scope(ana.school_id):
        first, second, *_rest = Segment.objects.filter(recording_id=claustro.pk).order_by("from_s")
        Segment.objects.filter(pk=first.pk).update(text="Buenas tardes a todos.", words=first.words[:2])
        Segment.objects.filter(pk=second.pk).update(deleted_at="2026-03-05T00:00Z")
    told = gather(ana.member, claustro.pk)
    assert told.segments[0].text == "Buenas tardes a todos."
    assert " ".join(word.text for word in told.segments[0].words) == "Buenas tardes a todos."
    assert told.segments[1].text.startswith("Yo soy Pablo")
    assert [each.task for each in told.tasks] == ["Avisar a las familias"]
    assert told.engines == ("whisper-tiny",) and told.speakers == ("Marta", "Pablo", "Lucía")
    assert told.summary is not None and told.summary.is_outdated
    assert told.warnings == (
        "Quién habla se distinguió de manera aproximada: puede haber errores.",
        "Una parte no se pudo oír (1:01–1:15): Ruido.",
    )
    read = list(srt.parse(ana.browser().get(_url(ana, claustro, "srt")).content.decode()))
    assert read[0].content == "Buenas tardes a todos."


def test_an_unknown_format_is_refused_and_says_which_there_are(ana: Person, claustro: Document) -> None:
    told = ana.program().get(_url(ana, claustro, "exe", api=True))
    assert (told.status_code, told.json()["code"]) == (400, "unknown_format")
    assert "docx" in told.json()["detail"]
    page = ana.browser().get(_url(ana, claustro, "exe"), follow=True)
    assert "Formato desconocido" in page.content.decode()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda pk: Recording.objects.filter(pk=pk).update(written_at=None), "not_transcribed"),
        (lambda pk: Segment.objects.filter(recording_id=pk).update(deleted_at="2026-03-05T00:00Z"), "empty_transcript"),
    ],
)  # fmt: skip
def test_where_nothing_was_said_yet_the_reason_is_told(
    change: Any, code: str, ana: Person, claustro: Document
) -> None:
    assert ana.program().get(_url(ana, claustro, "txt", api=True)).status_code == 200
    with school_scope(ana.school_id):
        change(claustro.pk)
    told = ana.program().get(_url(ana, claustro, "txt", api=True))
    assert (told.status_code, told.json()["code"]) == (409, code)
    assert ana.browser().get(_url(ana, claustro, "txt")).status_code == 302


def test_strangers_and_other_shelves_get_nothing(ana: Person, zoe: Person, claustro: Document) -> None:
    for api, client in ((False, zoe.browser()), (True, zoe.program())):
        assert client.get(_url(ana, claustro, "exe", api=api)).status_code == 404
        assert client.get(_url(zoe, claustro, "txt", api=api)).status_code == 404
    ana.membership.collections = []
    ana.membership.save()
    assert ana.program().get(_url(ana, claustro, "txt", api=True)).status_code == 404


def test_a_title_makes_a_name_that_any_browser_takes(ana: Person) -> None:
    document = transcript(ana, title='Reunión "5/B" <\u202eñ>')
    response = ana.browser().get(_url(ana, document, "docx"))
    assert "filename*=utf-8''Reuni%C3%B3n%205%20B%20%C3%B1.docx" in response["Content-Disposition"]
    assert docx.Document(io.BytesIO(response.content)).core_properties.title == 'Reunión "5/B" <ñ>'
