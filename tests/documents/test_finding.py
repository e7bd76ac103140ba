"""Words are found inside a document whatever their accents and capitals, each hit at its exact place."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents import finding, library, parse, places, uploads
from documents.blocks import Kind, ParsedBlock, table_text
from documents.models import Block, Document
from documents.places import Page, Sheet, Slide, Text
from schools.bulk import insert
from schools.ids import new_id
from schools.scope import school_scope
from tests.conftest import Person, upload
from tests.documents.files import PdfPage, column, write_pdf
from tests.documents.test_api_documents import PATH, post


def refill(
    person: Person, received: uploads.Received, blocks: Sequence[ParsedBlock], **facts: Any
) -> Document:
    """Give a document other blocks than those that were read."""
    document = library.get(person.member, received.document_id).document
    with school_scope(person.school_id):
        Block.objects.filter(document_id=document.pk).delete()
        insert(parse.block_rows(document, blocks))
        Document.objects.filter(pk=document.pk).update(**facts)
        document.refresh_from_db()
    return document


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("inspeccion", "La INSPECCIÓN pidió"),
        ("INSPECCIÓN", "la inspeccion pidió"),
        ("ano", "el año lectivo"),
        ("año", "el ano lectivo"),
        ("inspección", "la inspeccio\u0301n"),
        ("evaluación", "la evalua\u00adción"),
        ("dos palabras", "las dos\n palabras"),
        ("cía", "la policía"),
        ("5.º B", "el 5.º B"),
        ("5.o b", "el 5.º B"),
        ("(art. 3) [a] *", "véase (art. 3) [A] * y más"),
        ("50 %", "el 50 % de"),
    ],
)
def test_accents_capitals_and_spaces_do_not_matter(query: str, text: str) -> None:
    assert list(finding.spans(finding.pattern(query), text))


@pytest.mark.parametrize(("query", "text"), [("a.c", "abc"), ("nota", "noticia"), ("dos tres", "dos, tres")])
def test_letters_and_marks_do_matter(query: str, text: str) -> None:
    assert not list(finding.spans(finding.pattern(query), text))


@given(st.text(max_size=60))
def test_any_query_is_a_pattern_that_finds_itself(query: str) -> None:
    wanted = finding.pattern(query)
    re.compile(wanted)
    if wanted and query.isascii() and query.isprintable():
        assert list(finding.spans(wanted, query)) == [(len(query) - len(query.lstrip()), len(query.rstrip()))]


@given(st.text(min_size=1, max_size=30))
@pytest.mark.django_db
def test_postgres_takes_any_pattern(query: str) -> None:
    from django.db import connection

    wanted = finding.pattern(query.replace("\0", ""))
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s ~* %s", ["texto", wanted])
        assert cursor.fetchone() is not None


def test_hits_come_in_reading_order_with_exact_places(ana: Person, document: uploads.Received) -> None:
    rows = (("Alumno", "Nota"), ("Ana", "Acción: ocho"), ("Beto", "Nueve"))
    made = refill(
        ana,
        document,
        [
            ParsedBlock(Kind.PARAGRAPH, "Toda acción tiene su reacción.", Text(0, 30)),
            ParsedBlock(Kind.TABLE, table_text(rows), Sheet("Notas", (4, 6)), level=1, cells=rows),
            ParsedBlock(Kind.LIST_ITEM, "Plan de acciones", Slide(3)),
        ],
    )
    found = finding.find(ana.member, made, "ACCION")
    assert [(hit.block_ordinal, hit.words) for hit in found.hits] == [
        (0, "acción"), (0, "acción"), (1, "Acción"), (2, "accion"),
    ]  # fmt: skip
    assert [hit.place for hit in found.hits] == [Text(5, 11), Text(23, 29), Sheet("Notas", (5, 5)), Slide(3)]
    # Of a table, the row alone is shown.
    assert (found.hits[2].before, found.hits[2].after) == ("Ana | ", ": ocho")


def test_a_hit_in_a_pdf_has_the_boxes_of_its_words(
    ana: Person, work_off: Callable[[], None], tmp_path: Path
) -> None:
    pages = [PdfPage(column([f"Acta número {n} del consejo.", "Firma la dirección."])) for n in (1, 2)]
    content = write_pdf(tmp_path / "a.pdf", pages).read_bytes()
    made = post(ana.program(), name="actas.pdf", content=content).json()
    work_off()
    document = library.get(ana.member, made["id"]).document
    found = finding.find(ana.member, document, "numero 2")
    [hit] = found.hits
    assert isinstance(hit.place, Page)
    assert (hit.place.page, len(hit.place.boxes)) == (2, 1)
    with school_scope(ana.school_id):
        block = Block.objects.get(document_id=document.pk, ordinal=hit.block_ordinal)
    boxes = dict(places.unpack_words(bytes(block.words)))
    x0, _y0, x1, _y1 = hit.place.boxes[0]
    assert (x0, x1) == (boxes[hit.start][0], boxes[block.text.index("2", hit.start)][2])


def test_no_more_hits_than_a_hundred_are_told(ana: Person, document: uploads.Received) -> None:
    made = refill(ana, document, [ParsedBlock(Kind.PARAGRAPH, "eco " * 150, Text(0, 600))])
    found = finding.find(ana.member, made, "eco")
    assert (len(found.hits), found.is_cut) == (finding.MOST_HITS, True)
    assert finding.find(ana.member, made, "  \0 ").hits == ()


def test_a_program_searches_inside_a_document(ana: Person, zoe: Person, document: uploads.Received) -> None:
    path = f"{PATH}{document.document_id}/search"
    answer = ana.program().get(path, {"q": "INASISTENCIAS injustificadas"}).json()
    assert answer["more"] is False
    [hit] = answer["results"]
    assert hit["words"] == "inasistencias injustificadas"
    assert hit["place"]["kind"] == "text"
    assert ana.program().get(path, {"q": "x" * 201}).json()["code"] == "invalid"
    assert ana.program().get(path).json()["results"] == []
    assert zoe.program().get(path, {"q": "inasistencias"}).status_code == 404
    assert ana.program().get(f"{PATH}{new_id()}/search", {"q": "a"}).status_code == 404


def test_a_document_of_another_school_is_not_searched(
    ana: Person, zoe: Person, document: uploads.Received, work_off: Callable[[], None]
) -> None:
    upload(zoe)
    work_off()
    mine = library.get(ana.member, document.document_id).document
    assert finding.find(ana.member, mine, "inasistencias").hits
    assert not finding.find(zoe.member, mine, "inasistencias").hits
