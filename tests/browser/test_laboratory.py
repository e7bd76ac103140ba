"""A director looks at how a document was cut, and at what lies behind an answer."""

from playwright.sync_api import expect

from tests.browser.asking import ATTENDANCE
from tests.browser.cast import Cast
from tests.browser.watch import Arrive


def test_a_director_sees_how_a_document_was_cut(norte: Cast, arrive: Arrive) -> None:
    page, watch = arrive("ana@norte.example")
    page.goto(f"/e/norte/biblioteca/{norte.documents['regimen-academico.pdf']}/")
    page.get_by_role("link", name="Ver cómo se separó").click()
    expect(page.locator("h1")).to_have_text("Cómo se separó")
    cut = page.locator(".lab-cut", has_text="Artículo 5").first
    expect(cut).to_contain_text("tokens")
    expect(cut.locator(".lab-parts")).to_contain_text("Párrafo")
    expect(page.locator(".lab-left-out").first).to_contain_text("Quedó afuera")
    watch.look(page, "laboratory-document")
    page.get_by_role("link", name="Siguiente").click()
    expect(page.locator(".lab-cut h2").first).to_have_text("Fragmento 26")
    page.locator(".lab-cut-head a").first.click()
    expect(page.locator(".leaf-mark").first).to_be_visible()


def test_a_question_is_tried_and_its_best_passage_opens(arrive: Arrive) -> None:
    page, watch = arrive("ana@norte.example")
    page.goto("/e/norte/")
    if watch.width < 992:
        page.locator(".user-menu summary").click()
    page.get_by_role("link", name="Laboratorio").locator("visible=true").click()
    watch.look(page, "laboratory")
    page.locator("#question").fill(ATTENDANCE)
    page.get_by_role("button", name="Probar").click()
    best = page.locator(".lab-candidate").first
    expect(best).to_contain_text("Régimen académico")
    best.get_by_text("Por qué está en este puesto").click()
    expect(best.locator(".lab-points")).to_contain_text("Pedazos en común")
    expect(page.locator(".lab-why-not").first).to_be_visible()
    expect(page.locator(".lab-source").first.locator(".lab-text")).to_be_visible()
    watch.look(page, "laboratory-question")
    best.locator(".lab-candidate-name a").click()
    expect(page.locator(".leaf-mark").first).to_be_visible()


def test_what_is_not_there_and_what_makes_no_sense_are_told(arrive: Arrive) -> None:
    page, watch = arrive("ana@norte.example")
    page.goto("/e/norte/laboratorio/?pregunta=xyzzy")
    expect(page.locator(".empty-state")).to_contain_text("No se encontró nada")
    watch.look(page, "laboratory-nothing")
    watch.expect_status(400)
    page.goto("/e/norte/laboratorio/?pregunta=faltas&dia=ayer")
    expect(page.get_by_role("alert")).to_contain_text("La fecha no se entiende")


def test_an_empty_school_is_told_so(arrive: Arrive) -> None:
    page, watch = arrive("vera@vacia.example")
    page.goto("/e/vacia/laboratorio/")
    expect(page.locator(".empty-state")).to_contain_text("Todavía no hay documentos")
    watch.look(page, "laboratory-empty")
