"""Recordings as sources: cited to the second, beside documents, and as a person corrected them."""

import json
import re
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from django.urls import reverse

from documents import collections, reading
from documents.models import Block, Document, Status
from documents.places import Time, from_json
from pipeline import runs
from schools.models import Membership
from schools.scope import school_scope
from tests.conftest import Person, upload
from tests.transcription import made
from transcription import revising
from transcription.models import Recording, Segment

API = "/api/v1/schools/norte/"
MENU = "# Comedor\n\nEl menú del comedor cuesta $ 3.200 por día y se paga a principio de mes.\n"
SPOKEN: list[made.Said] = [
    *made.TRUTH,
    ("Marta", 725.2, 728.4, "Pablo enviará el presupuesto de la obra el lunes."),
    ("Marta", 728.9, 732.0, "La familia de Juan Pérez, DNI 28.345.112, pidió una beca."),
    ("Lucía", 3723.0, 3726.5, "El comedor abrirá también los sábados de agosto."),
]
PRECISION_S = 0.5


@pytest.fixture
def recording(ana: Person, work_off: Callable[[], None]) -> Document:
    """Return a meeting in the index, and a leaflet beside it."""
    document = made.transcript(ana, "Claustro de marzo", SPOKEN)
    upload(ana, name="comedor.md", text=MENU)
    _publish(ana, document)
    work_off()
    return document


def _publish(person: Person, document: Document) -> None:
    with school_scope(person.school_id):
        runs.start("republishing", document.pk)


def _ask(person: Person, text: str, **facts: Any) -> dict[str, Any]:
    """Return the answer as the API gives it."""
    program = person.program()
    talk = program.post(f"{API}conversations/", {}, format="json").json()["id"]
    asked = program.post(f"{API}conversations/{talk}/messages/", {"text": text, **facts}, format="json")
    assert asked.status_code == 201, asked.content
    return {**asked.json(), "conversation": talk}


def _search(person: Person, words: str) -> list[dict[str, Any]]:
    found = person.program().post(f"{API}search/", {"query": words}, format="json")
    return list(found.json()["results"])


def _view(person: Person, document: Document, **asked: str) -> Any:
    return person.browser().get(reverse("documents:view", args=["norte", document.pk]), asked)


QUESTIONS = {
    "¿Quién organizará el curso en noviembre?": "Lucía organizará el curso en noviembre.",
    "¿Qué piden los profesores?": "Los profesores piden formación en tecnología.",
    "¿Cuándo será la próxima reunión?": "La próxima reunión será el martes a las cinco.",
    "¿Quién enviará el presupuesto?": "Pablo enviará el presupuesto de la obra el lunes.",
    "¿Cuándo abrirá el comedor en agosto?": "El comedor abrirá también los sábados de agosto.",
}


def test_a_question_is_answered_with_the_second_it_was_said(ana: Person, recording: Document) -> None:
    for question, said in QUESTIONS.items():
        answer = _ask(ana, question)
        assert answer["status"] == "quoted", question
        cited = next(each for each in answer["citations"] if each["document_id"] == str(recording.pk))
        assert cited["verified"] is True
        assert said.rstrip(".") in cited["quote"]
        place = cited["place"]
        assert set(place) == {"kind", "from_s", "to_s"} and place["kind"] == "time"
        spoken = [(t0, t1) for _who, t0, t1, text in SPOKEN if text.rstrip(".") in cited["quote"]]
        assert place["from_s"] == pytest.approx(spoken[0][0], abs=PRECISION_S), question
        assert place["to_s"] == pytest.approx(spoken[-1][1], abs=PRECISION_S), question


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.0, "0:00"), (59.99, "0:59"), (724.2, "12:04"), (3599.9, "59:59"), (3723.0, "1:02:03")],
)
def test_a_second_in_words(seconds: float, said: str) -> None:
    assert reading.say(Time(seconds, seconds + 1)) == f"minuto {said}"


def test_the_chat_leads_to_the_second_and_names_the_minute(ana: Person, recording: Document) -> None:
    answer = _ask(ana, "¿Quién enviará el presupuesto?")
    page = ana.browser().get(reverse("rag:conversation", args=["norte", answer["conversation"]]))
    html = page.content.decode()
    links = [tag for tag in re.findall(r"<a [^>]*>", html) if 'data-kind="time"' in tag]
    assert links
    address = urlsplit(unescape(re.findall(r'href="([^"]*)"', links[0])[0]))
    assert address.path == reverse("transcription:recording", args=["norte", recording.pk])
    asked = {name: float(values[0]) for name, values in parse_qs(address.query).items()}
    assert asked.keys() == {"t", "hasta"}
    assert asked["t"] == pytest.approx(725.2, abs=PRECISION_S)
    assert 'data-place="Minuto 12:05"' in links[0]
    assert ana.browser().get(address.path, {name: str(at) for name, at in asked.items()}).status_code == 200


def test_an_answer_cites_a_document_and_a_recording(ana: Person, recording: Document) -> None:
    answer = _ask(ana, "¿Cuánto cuesta el menú del comedor y cuándo abrirá el comedor en agosto?")
    kinds = {each["place"]["kind"] for each in answer["citations"]}
    assert kinds == {"text", "time"}
    assert all(each["verified"] for each in answer["citations"])
    menu = _ask(ana, "¿Cuánto cuesta el menú?")["citations"]
    assert menu[0]["place"]["kind"] == "text"


def test_a_correction_is_found_and_what_it_replaced_is_not(
    ana: Person, recording: Document, work_off: Callable[[], None]
) -> None:
    with school_scope(ana.school_id):
        segment = Segment.objects.get(recording_id=recording.pk, text__contains="presupuesto")
        segment.text = segment.text.replace("presupuesto", "inventario")
        segment.save()
        revising.changed(Recording.objects.get(pk=recording.pk))
    work_off()
    answer = _ask(ana, "¿Quién enviará el inventario?")
    assert "inventario" in answer["citations"][0]["quote"]
    assert answer["citations"][0]["place"]["from_s"] == pytest.approx(725.2, abs=PRECISION_S)
    assert not [each for each in _search(ana, "presupuesto") if "presupuesto" in each["text"]]
    with school_scope(ana.school_id):
        assert not Block.objects.filter(document_id=recording.pk, text__contains="presupuesto").exists()


def test_who_may_not_see_the_collection_hears_nothing_of_it(
    ana: Person, beto: Person, recording: Document
) -> None:
    assert any(each["document_id"] == str(recording.pk) for each in _search(beto, "presupuesto de la obra"))
    other = collections.create(ana.member, name="Otra")
    Membership.objects.filter(pk=beto.membership.pk).update(collections=[str(other.pk)])
    assert _search(beto, "presupuesto de la obra") == []
    answer = _ask(beto, "¿Quién enviará el presupuesto?")
    told = json.dumps(answer)
    assert (answer["status"], answer["citations"]) == ("refused", [])
    assert "Pablo" not in told and str(recording.pk) not in told and "Claustro" not in told
    assert _view(beto, recording).status_code == 404


HANDED_OVER: list[tuple[dict[str, str], dict[str, list[str]]]] = [
    ({}, {}),
    ({"buscar": " presupuesto "}, {"buscar": ["presupuesto"]}),
    ({"buscar": "á" * 900}, {"buscar": ["á" * 200]}),
    ({"ir": "3", "parte": "2", "hallazgo": "1", "como": "texto"}, {}),
    ({"lugar": '{"kind":"time","from_s":725.2,"to_s":728.4}'}, {"t": ["725.2"], "hasta": ["728.4"]}),
    ({"lugar": '{"kind":"page","page":1,"boxes":[]}', "buscar": "obra"}, {"buscar": ["obra"]}),
    ({"lugar": '{"kind":"time","from_s":"x"}'}, {}),
    ({"lugar": '{"kind":"time","from_s":NaN,"to_s":Infinity}'}, {}),
]


def test_the_viewer_hands_a_recording_over_to_its_page(ana: Person) -> None:
    recording = made.transcript(ana)
    for asked, query in HANDED_OVER:
        sent = _view(ana, recording, **asked)
        assert sent.status_code == 302
        address = urlsplit(sent["Location"])
        assert address.path == reverse("transcription:recording", args=["norte", recording.pk])
        assert parse_qs(address.query) == query


def test_personal_data_is_shown_at_the_second_it_was_said(ana: Person, recording: Document) -> None:
    with school_scope(ana.school_id):
        told = Document.objects.get(pk=recording.pk).personal_data
    samples = [each["place"] for kind in told for each in kind["samples"]]
    found = [from_json(each) for each in samples]
    assert found and all(
        isinstance(each, Time) and 728.4 < each.from_s < each.to_s <= 732.5 for each in found
    )
    html = _document_page(ana, recording.pk)
    assert "minuto 12:" in html
    assert reverse("transcription:recording", args=["norte", recording.pk]) + "?t=7" in html
    assert "28.345.112" not in html
    lab = ana.browser().get(reverse("laboratory:document", args=["norte", recording.pk])).content.decode()
    assert "minuto 0:00" in lab
    assert reverse("transcription:recording", args=["norte", recording.pk]) + "?t=0.54" in lab


def test_a_recording_in_the_library_is_heard(ana: Person, recording: Document) -> None:
    missed = {"from_s": 61.0, "to_s": 65.5, "kind": "time"}
    with school_scope(ana.school_id):
        Document.objects.filter(pk=recording.pk).update(
            status=Status.PROCESSING,
            unreadable=[
                {"place": missed, "reason": "Hay ruido.", "code": "noise", "ignored": False},
                {"place": None, "reason": "Se corta.", "code": "cut", "ignored": False},
            ],
        )
    html = _document_page(ana, recording.pk)
    assert "Leer y escuchar" in html
    assert "Toda la grabación" in html and "Minuto 1:01" in html and "?t=61&amp;hasta=65.5" in html
    for no_use in ("?ir=", "Leer otra vez con OCR", "Subir una versión nueva", "página"):
        assert no_use not in html
    shelf = ana.browser().get(reverse("documents:library", args=["norte"])).content.decode()
    row = shelf[shelf.index(f'id="document-{recording.pk}"') :].partition("</tr>")[0]
    assert "Leer y escuchar" in row and "#i-microphone" in row
    assert shelf.count("Leer y escuchar") == 1


def _document_page(person: Person, document_id: UUID) -> str:
    html: str = (
        person.browser().get(reverse("documents:document", args=["norte", document_id])).content.decode()
    )
    return html.partition("<main")[2]
