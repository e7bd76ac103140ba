"""The viewer opens at a place, marks the words that stand there, and quotes only what the document says."""

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from lxml import html

from documents import finding, library, places, reading, uploads
from documents.blocks import Kind, ParsedBlock, table_text
from documents.models import Document
from documents.places import Page, Place, Sheet, Slide, Text, Time
from rag import answer, conversations
from tests.conftest import Person, upload
from tests.documents.test_finding import refill


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
        Text(120, 410),
    ],
)
def test_an_address_carries_its_place_there_and_back(place: Place) -> None:
    address = reading.address("norte", uuid4(), place)
    [carried] = parse_qs(urlsplit(address).query)["lugar"]
    assert reading.place_from(carried) == place


def test_the_address_of_a_second_is_that_of_the_recording() -> None:
    address = urlsplit(reading.address("norte", document_id := uuid4(), Time(12.504, 18.0)))
    assert address.path == reverse("transcription:recording", args=["norte", document_id])
    assert parse_qs(address.query) == {"t": ["12.5"], "hasta": ["18.0"]}


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


VIEW = "/e/norte/biblioteca/"
EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>"


def _flow(*texts: tuple[Kind, str]) -> list[ParsedBlock]:
    """Return blocks as documents without pages have them: each at its characters of the whole text."""
    at, made = 0, []
    for kind, text in texts:
        made.append(ParsedBlock(kind, text, Text(at, at + len(text)), level=1))
        at += len(text) + 1
    return made


def _page(person: Person, document: Document, **asked: str) -> html.HtmlElement:
    answer = person.browser().get(f"{VIEW}{document.pk}/leer", asked)
    assert answer.status_code == 200, answer
    return html.fromstring(answer.content.decode())


def _marked(page: html.HtmlElement, css: str = "") -> list[str]:
    article = page.find(".//article")
    return [each.text_content() for each in article.iterfind(".//mark") if (each.get("class") or "") == css]


@pytest.mark.parametrize(
    ("quote", "blocks"),
    [
        ("pidió\nel informe", [(Kind.PARAGRAPH, "La inspección pidió"), (Kind.LIST_ITEM, "el informe de hoy")]),
        ("año «único»", [(Kind.HEADING, "Título"), (Kind.NOTE, "Vale por un año «único».")]),
        ("Plano del patio", [(Kind.PARAGRAPH, "Sigue el plano:"), (Kind.PICTURE, "Plano del patio")]),
        ("<b>", [(Kind.CODE, "a <b> c")]),
    ],
)  # fmt: skip
def test_the_marked_words_of_a_flowing_document_are_the_quoted_ones(
    ana: Person, document: uploads.Received, quote: str, blocks: Sequence[tuple[Kind, str]]
) -> None:
    made = refill(ana, document, _flow(*blocks), format="docx")
    whole = "\n".join(text for _kind, text in blocks)
    start = whole.index(quote)
    place = json.dumps({"kind": "text", "from": start, "to": start + len(quote)})
    page = _page(ana, made, lugar=place)
    assert "\n".join(_marked(page)) == quote
    assert page.findtext(".//q") == quote.replace("\n", " ")
    assert page.xpath("count(.//*[@id='mark'])") == 1


def _sheet() -> list[ParsedBlock]:
    head = (("Alumno", "Nota", "Curso"),)
    first = (*head, *((f"Ana {n}", str(n), "5.º B") for n in range(2, 41)))
    rest = tuple((f"Ana {n}", str(n), "5.º B") for n in range(41, 81))
    other = (("Docente",), ("Beto",))
    return [
        ParsedBlock(Kind.TABLE, table_text(first), Sheet("2026", (1, 40)), level=1, cells=first),
        ParsedBlock(Kind.TABLE, table_text(rest), Sheet("2026", (41, 80)), cells=rest),
        ParsedBlock(Kind.TABLE, table_text(other), Sheet("Otra", (1, 2)), level=1, cells=other),
    ]


def test_the_marked_rows_of_a_sheet_are_the_cited_ones(ana: Person, document: uploads.Received) -> None:
    made = refill(ana, document, _sheet(), format="xlsx")
    page = _page(ana, made, lugar='{"kind":"sheet","sheet":"2026","rows":[40,42]}')
    rows = page.xpath(".//article//tr[.//mark]")
    assert [each.findtext("th") for each in rows] == ["40", "41", "42"]
    assert _marked(page) == ["Ana 40", "40", "5.º B", "Ana 41", "41", "5.º B", "Ana 42", "42", "5.º B"]
    assert [each.text for each in page.iterfind(".//nav[@class='viewer-sheets']/a")] == ["2026", "Otra"]


def test_one_goes_to_a_row_and_its_header_goes_along(ana: Person, document: uploads.Received) -> None:
    made = refill(ana, document, _sheet(), format="xlsx")
    browser, path = ana.browser(), f"{VIEW}{made.pk}/leer"
    assert browser.get(path, {"ir": "57"})["Location"] == f"{path}?parte=1#b1f57"
    assert browser.get(path, {"ir": "2", "hoja": "Otra"})["Location"] == f"{path}?parte=1#b2f2"
    beyond = browser.get(path, {"ir": "5000"}, follow=True)
    assert beyond.redirect_chain[0][0].endswith("#b1f80")
    assert "La hoja «2026» termina en la fila 80." in beyond.content.decode()
    for nonsense in ("-1", "x", "9" * 40, "0"):
        assert browser.get(path, {"ir": nonsense}).status_code == 200
    second = reading.blocks_context(ana.member, made, None, part="2", per_part=1)
    assert re.findall(r'id="b0f1"|<th scope="col">Alumno', str(second["pages_html"])) == [
        'id="b0f1"', '<th scope="col">Alumno',
    ]  # fmt: skip


def _slides() -> list[ParsedBlock]:
    return [
        ParsedBlock(Kind.HEADING, "Normas", Slide(1), level=1),
        ParsedBlock(Kind.LIST_ITEM, "Llegar a horario", Slide(1)),
        ParsedBlock(Kind.HEADING, EVIL, Slide(2), level=1),
        ParsedBlock(Kind.PARAGRAPH, "Llegar a horario siempre", Slide(2)),
        ParsedBlock(Kind.PICTURE, EVIL, Slide(2), picture="1.png"),
    ]


def test_a_cited_slide_is_marked_by_its_words_or_whole(ana: Person, document: uploads.Received) -> None:
    made = refill(ana, document, _slides(), format="pptx")
    place = Slide(2)
    address = reading.address("norte", made.pk, place, quote="Llegar a horario")
    asked = {name: value[0] for name, value in parse_qs(urlsplit(address).query).items()}
    page = _page(ana, made, **asked)
    assert _marked(page) == ["Llegar a horario"]
    assert page.xpath("string(.//mark[@id='mark']/ancestor::section/@id)") == "d2"
    assert page.findtext(".//q") == "Llegar a horario"
    # Words that are not there are not quoted: the slide is shown.
    made_up = _page(ana, made, lugar=asked["lugar"], cita="Expulsar a quien llegue tarde")
    assert made_up.xpath("string(.//section[contains(@class, 'is-cited')]/@id)") == "d2"
    assert "Expulsar" not in made_up.text_content()
    assert ana.browser().get(f"{VIEW}{made.pk}/leer", {"ir": "2"})["Location"].endswith("?parte=1#d2")
    toc = [each.text for each in page.iterfind(".//nav[@class='toc']//a")]
    assert toc == ["1. Normas", f"2. {EVIL}"]


def test_an_address_carries_a_quote_only_to_a_slide(ana: Person, document: uploads.Received) -> None:
    assert "cita" not in reading.address("norte", document.document_id, Text(1, 2), quote="x")
    assert "cita=x" in reading.address("norte", document.document_id, Slide(1), quote="x")


def test_a_search_inside_is_a_plain_page(ana: Person, document: uploads.Received) -> None:
    made = refill(ana, document, _slides(), format="pptx", title=EVIL)
    page = _page(ana, made, buscar="LLEGAR a")
    assert (_marked(page, "is-current"), _marked(page, "is-found")) == (["Llegar a"], ["Llegar a"])
    assert page.findtext(".//*[@id='find-count']") == "1 de 2"
    links = [each.get("href") for each in page.iterfind(".//ol[@class='viewer-hits-list']//a")]
    second = html.fromstring(ana.browser().get(links[1]).content.decode())
    assert second.xpath("string(.//mark[@id='mark']/ancestor::section/@id)") == "d2"
    assert second.xpath("string(.//*[@id='find-next']/@href)") == links[0]
    none = _page(ana, made, buscar=EVIL + "no")
    assert none.findtext(".//*[@id='find-count']") == "Sin resultados"
    assert EVIL in none.find(".//aside[@id='hits']").text_content()


def test_hostile_words_stay_words_wherever_they_are_shown(ana: Person, document: uploads.Received) -> None:
    made = refill(ana, document, _slides(), format="pptx", title=EVIL)
    for asked in (
        {},
        {"buscar": "alert"},
        {"buscar": EVIL},
        {"lugar": EVIL, "cita": EVIL, "parte": EVIL, "hoja": EVIL},
    ):
        content = ana.browser().get(f"{VIEW}{made.pk}/leer", asked).content.decode()
        assert "<script>alert" not in content
        assert "<img src=x" not in content
        assert "&lt;script&gt;alert" in content


def test_a_picture_is_sent_as_a_picture_and_nothing_else(
    ana: Person, beto: Person, zoe: Person, document: uploads.Received
) -> None:
    names = ("1.png", "2.jpg", "3.svg", "4.html", "5.png")
    blocks = [ParsedBlock(Kind.PICTURE, "", Text(n, n), picture=name) for n, name in enumerate(names[:4])]
    made = refill(ana, document, blocks, format="docx")
    for name in names:
        default_storage.save(made.picture_key(name), ContentFile(b"content of " + name.encode()))
    path = f"{VIEW}{made.pk}/imagenes/"
    sent = beto.browser().get(path + "1.png")
    assert (sent.status_code, sent.content) == (200, b"content of 1.png")
    assert sent["Content-Type"] == "image/png"
    assert sent["X-Content-Type-Options"] == "nosniff"
    assert sent["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert sent["Cache-Control"] == "private, no-store"
    assert beto.browser().get(path + "2.jpg")["Content-Type"] == "image/jpeg"
    # A name that no block has, a kind that is never one, a path of one's own.
    for name in ("5.png", "3.svg", "4.html", "", "..%2f1.png", "1.png%00", "copy.pdf"):
        assert beto.browser().get(path + name).status_code == 404, name
    assert zoe.browser().get(path + "1.png").status_code == 404
    default_storage.delete(made.picture_key("1.png"))
    assert beto.browser().get(path + "1.png").status_code == 404


def test_the_text_of_pages_is_read_without_them(ana: Person, document: uploads.Received) -> None:
    text = "Acta de la reunión"
    words = places.pack_words(
        [(0, (72, 72, 100, 84)), (5, (105, 72, 120, 84)), (8, (125, 72, 140, 84)), (11, (145, 72, 200, 84))]
    )
    blocks = [ParsedBlock(Kind.PARAGRAPH, text, Page(n, ((72, 72, 200, 84),)), words=words) for n in (1, 2)]
    made = refill(ana, document, blocks, format="image", has_copy=True, pages=2)
    place = '{"kind":"page","page":2,"boxes":[[104,70,141,86]]}'
    as_text = _page(ana, made, como="texto", lugar=place)
    assert _marked(as_text) == ["de la"]
    assert as_text.xpath("string(.//mark/ancestor::section/@id)") == "p2"
    assert (
        ana.browser().get(f"{VIEW}{made.pk}/leer", {"ir": "2", "como": "texto"})["Location"].endswith("#p2")
    )
    pages = _page(ana, made, lugar=place, buscar="reunion")
    assert pages.xpath("string(.//*[@id='viewer']/@data-page)") == "2"
    hits = [
        (each.get("data-page"), json.loads(each.get("data-boxes", "")))
        for each in pages.iterfind(".//*[@data-page]")
        if each.tag == "a"
    ]
    assert hits == [("1", [[145.0, 72.0, 200.0, 84.0]]), ("2", [[145.0, 72.0, 200.0, 84.0]])]
    assert _page(ana, made, ir="2").xpath("string(.//*[@id='viewer']/@data-page)") == "2"


def test_a_hit_that_is_not_there_is_none(ana: Person, document: uploads.Received) -> None:
    made = refill(ana, document, _slides(), format="pptx")
    found = finding.find(ana.member, made, "horario")
    for number in (0, 3, 99):
        shown = reading.search_context(ana.member, made, found, hit=number)
        assert shown["hit"] == 0
    assert (
        _page(ana, made, buscar="horario", hallazgo="99").findtext(".//*[@id='find-count']") == "2 resultados"
    )
