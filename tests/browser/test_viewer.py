"""Reading: a cited slide with its picture, words looked for in a PDF, and a part that does not matter."""

import io
import time
import zipfile
from pathlib import Path
from typing import Any

import pptx
from PIL import Image, ImageDraw
from playwright.sync_api import expect

from tests.browser.cast import Cast, Program
from tests.browser.watch import Arrive

OLGA = "olga@oeste.example"
DONE_TIMEOUT_S = 60


def _slides(width: int) -> bytes:
    """Return a deck of three slides with a chart on the second, unlike that of any other width."""
    deck = pptx.Presentation()
    image = Image.new("RGB", (640, 360), "#e7efe9")
    ImageDraw.Draw(image).rectangle((80, 120, 240, 360), fill="#14594c")
    picture = io.BytesIO()
    image.save(picture, "PNG")
    for number in (1, 2, 3):
        slide = deck.slides.add_slide(deck.slide_layouts[1])
        slide.shapes.title.text = f"Tema {number} de {width}"
        slide.placeholders[1].text = f"Acuerdo {number}: se llega a horario."
        slide.notes_slide.notes_text_frame.text = f"Recordar el ejemplo {number}."
        if number == 2:
            shown = slide.shapes.add_picture(io.BytesIO(picture.getvalue()), 914_400, 3_000_000)
            shown._element.nvPicPr.cNvPr.set("descr", "Ingresos por turno")
    content = io.BytesIO()
    deck.save(content)
    return content.getvalue()


def _archive(width: int) -> bytes:
    """Return an archive with a text, and a program that nobody reads."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr(f"acta-{width}.txt", f"Acta del consejo número {width}, sin novedades.")
        archive.writestr("programa.exe", b"MZ\x90\x00" + bytes(200))
    return content.getvalue()


def _done(program: Program, document_id: str) -> dict[str, Any]:
    """Wait until a document is processed; return it."""
    give_up_at = time.monotonic() + DONE_TIMEOUT_S
    while True:
        document: dict[str, Any] = program.get(f"documents/{document_id}/").json()
        if document["status"] not in ("queued", "processing"):
            return document
        assert time.monotonic() < give_up_at, document
        time.sleep(0.2)


def test_a_cited_slide_opens_marked_with_its_picture(
    norte: Cast, arrive: Arrive, width: int, tmp_path: Path
) -> None:
    file = tmp_path / f"taller-{width}.pptx"
    file.write_bytes(_slides(width))
    with Program(norte.live, "oeste", OLGA) as olga:
        document = _done(olga, olga.upload(file))
    assert document["status"] == "ready", document
    page, watch = arrive(OLGA)
    address = f"/e/oeste/biblioteca/{document['id']}/leer"
    page.goto(f'{address}?lugar={{"kind":"slide","slide":2}}&cita=Acuerdo 2: se llega a horario.')
    expect(page.locator("#d2 mark")).to_have_text("Acuerdo 2: se llega a horario.")
    expect(page.locator("#d2 mark")).to_be_in_viewport()
    picture = page.get_by_role("img", name="Ingresos por turno")
    picture.scroll_into_view_if_needed()
    expect(picture).to_have_js_property("complete", True)
    assert picture.evaluate("each => each.naturalWidth") == 640
    expect(page.locator("#d2 [role=note]")).to_contain_text("Recordar el ejemplo 2.")
    watch.look(page, "viewer-slide")
    page.locator("#go-number").fill("3")
    page.get_by_role("button", name="Ir", exact=True).click()
    expect(page.locator("#d3")).to_be_in_viewport()
    page.keyboard.press("Control+f")
    page.locator("#find-text").fill("EJEMPLO")
    page.keyboard.press("Enter")
    expect(page.locator("#find-count")).to_have_text("1 de 3")
    page.get_by_role("link", name="Resultado siguiente").click()
    expect(page.locator("#find-count")).to_have_text("2 de 3")
    expect(page.locator("#d2 mark.is-current")).to_be_in_viewport()
    watch.look(page, "viewer-search")


def test_words_are_found_in_a_pdf_and_shown_where_they_stand(norte: Cast, arrive: Arrive) -> None:
    page, watch = arrive("beto@norte.example")
    page.goto(f"/e/norte/biblioteca/{norte.documents['regimen-academico.pdf']}/leer")
    expect(page.locator("#viewer")).not_to_have_attribute("aria-busy", "true")
    page.keyboard.press("Control+f")
    page.locator("#find-text").fill("REINCORPORACION")
    expect(page.locator("#hits")).to_be_visible()
    current = page.locator(".leaf-found.is-current")
    expect(current.first).to_be_in_viewport()
    expect(page.locator("#find-count")).to_contain_text("1 de ")
    page.locator("#find-next").click()
    expect(page.locator("#find-count")).to_contain_text("2 de ")
    expect(current.first).to_be_in_viewport()
    # What is marked is what the text layer has there.
    box = current.first.bounding_box()
    assert box is not None
    under = page.evaluate(
        "([x, y]) => document.elementsFromPoint(x, y).map((each) => each.textContent).join(' ')",
        [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2],
    )
    assert "reincorporación" in under.lower()
    watch.look(page, "viewer-pdf-search")
    page.locator("#find-text").fill("esto no está escrito")
    expect(page.locator("#find-count")).to_have_text("Sin resultados")
    expect(current).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.locator("#find")).to_be_hidden()
    expect(page.locator("#hits")).to_be_hidden()


def test_a_part_that_does_not_matter_is_set_aside(
    norte: Cast, arrive: Arrive, width: int, tmp_path: Path
) -> None:
    file = tmp_path / f"carpeta-{width}.zip"
    file.write_bytes(_archive(width))
    with Program(norte.live, "oeste", OLGA) as olga:
        document = _done(olga, olga.upload(file))
    assert document["status"] == "partial", document
    page, watch = arrive(OLGA)
    page.goto("/e/oeste/biblioteca/")
    expect(page.locator(f"#document-{document['id']}")).to_contain_text("1 parte sin leer")
    page.goto(f"/e/oeste/biblioteca/{document['id']}/")
    unread = page.locator("#sin-leer")
    expect(unread).to_contain_text("programa.exe")
    watch.look(page, "document-unread")
    unread.get_by_role("button", name="No importa").click()
    expect(unread).to_contain_text("Nada que importe.")
    expect(page.locator("[data-document-id]").first).to_have_attribute("data-status", "ready")
    unread.get_by_text("Marcado como «no importa»: 1").click()
    unread.get_by_role("button", name="Sí importa").click()
    expect(page.locator("[data-document-id]").first).to_have_attribute("data-status", "partial")
