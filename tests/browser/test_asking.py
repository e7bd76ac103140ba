"""Asking, and opening what was cited at the words that were quoted."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.asking import ATTENDANCE, ask, ask_on
from tests.browser.cast import Cast
from tests.browser.watch import ON_A_PHONE, Arrive, Watch

_NOTE_GROWTH = """() => {
  window.grown = [];
  new MutationObserver(() => {
    const body = document.querySelector(".message-assistant.is-writing .message-body");
    if (body && body.textContent.length !== window.grown.at(-1)) window.grown.push(body.textContent.length);
  }).observe(document.getElementById("messages"), { childList: true, subtree: true, characterData: true });
}"""
# The words of the text layer whose middle lies under a mark, in reading order.
_WORDS_UNDER_MARKS = """() => {
  const marks = [...document.querySelectorAll(".leaf-mark")].map((each) => each.getBoundingClientRect());
  const found = [];
  const leaf = document.querySelector(".leaf-mark").closest(".leaf");
  const walker = document.createTreeWalker(leaf.querySelector(".textLayer"), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    for (const word of walker.currentNode.data.matchAll(/\\S+/g)) {
      const range = document.createRange();
      range.setStart(walker.currentNode, word.index);
      range.setEnd(walker.currentNode, word.index + word[0].length);
      const box = range.getBoundingClientRect();
      const [x, y] = [(box.left + box.right) / 2, (box.top + box.bottom) / 2];
      if (marks.some((m) => m.left <= x && x <= m.right && m.top <= y && y <= m.bottom)) found.push(word[0]);
    }
  }
  return found;
}"""


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.replace("\u00ad", "").lower())


def _open(page: Page, answer: Locator, watch: Watch, *, picture: str = "") -> tuple[Page, str]:
    """Click the answer's first citation, then the panel's button; return the viewer and the quoted words."""
    answer.locator(".message-body a.cite").first.click()
    panel = page.locator("#source-panel")
    expect(panel).to_be_visible()
    expect(panel.locator("[data-verified]")).to_be_visible()
    quote = panel.locator("[data-quote]").inner_text()
    assert quote
    if picture:
        watch.look(page, picture)
    with page.context.expect_page() as opened:
        panel.locator("[data-open]").click()
    return opened.value, quote


def test_an_answer_streams_in_and_its_citation_opens_the_page_with_the_words_marked(
    arrive: Arrive,
) -> None:
    page, watch = arrive("ana@norte.example")
    page.goto("/e/norte/preguntar/")
    page.evaluate(_NOTE_GROWTH)
    answer = ask_on(page, ATTENDANCE)
    assert len(page.evaluate("window.grown")) > 1, "the answer came in one piece"
    expect(answer).to_contain_text("Palabras textuales de los documentos")
    expect(answer.locator(".message-body")).to_contain_text("veinticinco (25) inasistencias")
    watch.look(page, "ask-answered")
    viewer, quote = _open(page, answer, watch, picture="ask-source")
    assert "veinticinco (25) inasistencias" in quote
    expect(viewer.locator(".leaf-mark").first).to_be_in_viewport()
    expect(viewer.locator("#page-number")).to_have_value("5")
    expect(viewer.locator(".leaf[data-page='5'] .textLayer span").first).to_be_attached()
    assert _words(" ".join(viewer.evaluate(_WORDS_UNDER_MARKS))) == _words(quote)
    watch.look(viewer, "viewer-pdf")


@pytest.mark.parametrize(
    ("question", "words", "picture"),
    [
        (
            "¿Se permite el traslado de estudiantes en vehículos particulares de docentes o de familias?",
            "vehículos particulares de docentes o de familias",
            "viewer-docx",
        ),
        ("¿De cuánto son las becas y cuántas hay?", "veinte becas de $ 25.000 mensuales", "viewer-md"),
        ("¿Qué alumno de 5.º B es alérgico al maní?", "Alergia al maní", "viewer-xlsx"),
    ],
    ids=["docx", "md", "xlsx"],
)
def test_other_formats_open_as_a_page_with_the_words_marked(
    arrive: Arrive, question: str, words: str, picture: str
) -> None:
    page, watch = arrive("ana@norte.example")
    answer = ask(page, question)
    expect(answer.locator(".message-body")).to_contain_text(words)
    viewer, quote = _open(page, answer, watch)
    expect(viewer.locator("mark").first).to_be_in_viewport()
    marked = " ".join(viewer.locator("article mark").all_inner_texts())
    if picture == "viewer-xlsx":  # there a place is whole rows
        assert " ".join(_words(quote)) in " ".join(_words(marked))
    else:
        assert _words(marked) == _words(quote)
    watch.look(viewer, picture)


def test_what_the_documents_do_not_hold_is_refused_with_what_was_searched(
    norte: Cast, arrive: Arrive
) -> None:
    page, watch = arrive("ana@norte.example")
    answer = ask(page, "¿Cuál es la capital de Mongolia?")
    expect(answer).to_contain_text("No está en los documentos")
    expect(answer).to_contain_text(f"Se buscó en {len(norte.documents)} documentos")
    expect(answer.locator("a.cite")).to_have_count(0)
    watch.look(page, "ask-refused")


def test_a_conversation_is_kept_named_found_and_deleted(norte: Cast, arrive: Arrive, width: int) -> None:
    page, _watch = arrive(norte.newcomer("Quique"))
    ask(page, ATTENDANCE)
    ask_on(page, "¿Con qué nota se aprueba?")
    page.reload()
    expect(page.locator("article.message-user")).to_have_count(2)
    expect(page.locator("article.message-assistant .message-foot")).to_have_count(2)

    page.get_by_label("Acciones para esta conversación").click()
    page.get_by_text("Cambiar el nombre").click()
    page.locator("#rename-title").fill("Faltas y regularidad")
    page.locator("#rename button[type=submit], #rename button.btn-primary").click()
    expect(page.locator("#conversation-title")).to_have_text("Faltas y regularidad")

    ask(page, "¿Cómo se elige al abanderado?")
    if width < 600:
        page.get_by_label("Ver las conversaciones").click()
    place = page.locator("#conversations-drawer" if width < 600 else "aside.ask-list")
    expect(place.locator("a.conversation")).to_have_count(2)
    place.locator("[name=buscar]").fill("regularidad")
    expect(place.locator("a.conversation")).to_have_count(1)
    place.locator("a.conversation").click()
    expect(page.locator("#conversation-title")).to_have_text("Faltas y regularidad")

    page.get_by_label("Acciones para esta conversación").click()
    page.get_by_role("button", name="Borrar").click()
    page.locator("#confirmation [value=yes]").click()
    expect(page.get_by_text("Conversación borrada.")).to_be_visible()
    expect(page.get_by_text("Faltas y regularidad")).to_have_count(0)


@ON_A_PHONE
def test_an_answer_is_stopped_and_another_one_judged(norte: Cast, arrive: Arrive) -> None:
    page, _watch = arrive("beto@norte.example")
    page.goto("/e/norte/preguntar/")
    line = page.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 3000, "downloadThroughput": -1, "uploadThroughput": -1}
    line.send("Network.emulateNetworkConditions", slow)
    page.locator("#question").fill(ATTENDANCE)
    page.locator("#send").click()
    page.locator("#stop").click()
    expect(page.locator("article.message-assistant")).to_contain_text("Respuesta detenida.")
    line.send("Network.emulateNetworkConditions", slow | {"latency": 0})

    answer = ask(page, ATTENDANCE)
    liked = answer.get_by_role("button", name="Sirvió", exact=True)
    liked.click()
    expect(liked).to_have_attribute("aria-pressed", "true")
    page.reload()
    expect(page.get_by_role("button", name="Sirvió", exact=True)).to_have_attribute("aria-pressed", "true")


@ON_A_PHONE
def test_without_scripts_one_asks_and_opens_the_source(arrive: Arrive) -> None:
    page, _watch = arrive("beto@norte.example", scripts=False)
    page.goto("/e/norte/preguntar/")
    page.locator("#question").fill("¿De cuánto son las becas y cuántas hay?")
    page.locator("#send").click()
    answer = page.locator("article.message-assistant")
    expect(answer).to_contain_text("veinte becas de $ 25.000 mensuales")
    answer.locator("a.source").first.click()
    expect(page.locator("mark").first).to_contain_text("veinte becas")
