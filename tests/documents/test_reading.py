"""The viewer opens at a place, marks the words that stand there, and quotes only what the document says."""

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from documents import library, reading, uploads
from documents.places import Page, Place, Sheet, Slide, Text, Time
from rag import answer, conversations
from tests.conftest import Person, upload


def _read(
    person: Person, received: uploads.Received, place: Place | None, *, part: str = "", per_part: int = 1_500
) -> dict[str, object]:
    document = library.get(person.member, received.document_id).document
    return reading.blocks_context(person.member, document, place, part=part, per_part=per_part)


@pytest.mark.parametrize(
    "place",
    [
        Page(3, ((72.0, 100.5, 300.0, 112.0),)),
        Sheet("Año 2026", (4, 9)),
        Slide(2),
        Time(12.5, 18.0),
        Text(120, 410),
    ],
)
def test_an_address_carries_its_place_there_and_back(place: Place) -> None:
    address = reading.address("norte", uuid4(), place)
    [carried] = parse_qs(urlsplit(address).query)["lugar"]
    assert reading.place_from(carried) == place


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", '{"kind": "page"}', '{"kind": "page", "page": "x", "boxes": []}', "[" * 3_000, "x" * 9_000,
     '{"kind":"page","page":1,"boxes":[[1,2,3]]}', '{"kind":"otro"}'],
)  # fmt: skip
def test_a_made_up_place_opens_the_document_at_its_beginning(text: str) -> None:
    assert reading.place_from(text) is None


def test_the_cited_words_are_marked_in_a_text(ana: Person, document: uploads.Received) -> None:
    conversation = conversations.start(ana.member)
    message = answer.ask_whole(
        ana.member, conversation.pk, text="¿Cuántas inasistencias puede tener un alumno?"
    )
    place = reading.place_from(json.dumps(message.citations[0]["place"]))
    shown = _read(ana, document, place)
    assert shown["mark_found"]
    assert str(shown["quote"]).strip(".") == message.citations[0]["quote"].strip(".")
    assert '<mark id="mark">El estudiante que supere' in str(shown["pages_html"])


def test_a_place_beyond_the_end_marks_nothing(ana: Person, document: uploads.Received) -> None:
    shown = _read(ana, document, Text(10_000_000, 10_000_100))
    assert not shown["mark_found"]
    assert shown["quote"] == ""


def test_the_rows_of_a_sheet_are_marked(ana: Person, work_off: Callable[[], None]) -> None:
    received = upload(ana, name="notas.csv", text="Alumno;Nota\nAna;8\nBeto;9\nCira;10\n")
    work_off()
    shown = _read(ana, received, Sheet("datos", (3, 3)))
    assert "<mark" in str(shown["pages_html"])
    assert "Beto" in str(shown["quote"])
    assert "Cira" not in str(shown["quote"])


def test_the_quote_above_a_pdf_is_read_from_the_page_itself(
    ana: Person, work_off: Callable[[], None]
) -> None:
    original = Path(__file__).parents[2] / "demo" / "files" / "regimen-academico.pdf"
    file = SimpleUploadedFile("regimen.pdf", original.read_bytes())
    received = uploads.receive(ana.member, file, facts=uploads.Facts())
    work_off()
    conversation = conversations.start(ana.member)
    message = answer.ask_whole(
        ana.member,
        conversation.pk,
        text="¿Cuántas inasistencias puede tener un alumno antes de perder la regularidad?",
    )
    cited = message.citations[0]
    place = reading.place_from(json.dumps(cited["place"]))
    assert isinstance(place, Page)
    assert place.page == 5
    document = library.get(ana.member, received.document_id).document
    context = reading.pdf_context(ana.member, document, place)
    assert " ".join(str(context["quote"]).split()).rstrip(".") == cited["quote"].rstrip(".")
    assert "veinticinco (25)" in str(context["quote"])


def test_a_long_document_is_read_in_parts_and_opens_in_the_right_one(
    ana: Person, work_off: Callable[[], None]
) -> None:
    text = "\n\n".join(f"Párrafo número {n} del documento." for n in range(35))
    received = upload(ana, name="largo.txt", text=text)
    work_off()
    first = _read(ana, received, None, per_part=10)
    assert (first["part"], first["parts"]) == (1, 4)
    start = text.replace("\n\n", "\n").index("Párrafo número 27")
    opened = _read(ana, received, Text(start, start + 17), per_part=10)
    assert opened["part"] == 3
    assert opened["quote"] == "Párrafo número 27"
    assert _read(ana, received, None, part="999", per_part=10)["part"] == 4
    assert _read(ana, received, None, part="-1", per_part=10)["part"] == 1
