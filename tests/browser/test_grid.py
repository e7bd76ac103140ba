"""A planilla reviewed as a spreadsheet: written by keyboard, pasted from Excel, undone, settled, approved."""

import json

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.cast import Cast
from tests.browser.watch import ON_A_PHONE, Arrive

OLGA = "olga@oeste.example"
ON_A_DESK = pytest.mark.parametrize("width", [1280], ids=["1280px"], indirect=True)

# As Excel puts a range on the clipboard: a table, and text in which a cell of two lines stands in quotes.
_PASTE = """() => {
  const data = new DataTransfer();
  data.setData("text/html", "<html><body><table><tr><td>Pérez, Eva</td><td>44.123.456</td></tr>" +
    "<tr><td>Núñez,<br style='mso-data-placement:same-cell'>Sofía</td><td>45987654</td></tr></table></body></html>");
  data.setData("text/plain", 'Pérez, Eva\\t44.123.456\\n"Núñez,\\nSofía"\\t45987654\\n');
  document.activeElement.dispatchEvent(
    new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""
_COPY = """() => {
  const data = new DataTransfer();
  document.activeElement.dispatchEvent(
    new ClipboardEvent("copy", { clipboardData: data, bubbles: true, cancelable: true }));
  return [data.getData("text/plain"), data.getData("text/html")];
}"""


def _made(norte: Cast, title: str) -> str:
    asked = {"school": "oeste", "email": OLGA, "title": title}
    done = norte.live.run("-m", "tests.browser.filled", given=json.dumps(asked))
    return f"/e/oeste/planillas/{done.strip().splitlines()[-1]}/"


def _cell(page: Page, row: int, column: int) -> Locator:
    return page.locator(f"#cell-{row}-{column} .grid-text")


def _saved(page: Page) -> None:
    expect(page.locator("#grid-note")).to_have_text("Guardado")


@ON_A_DESK
def test_a_planilla_is_reviewed_like_a_spreadsheet(norte: Cast, arrive: Arrive) -> None:
    page, watch = arrive(OLGA)
    page.goto(_made(norte, "Nómina 2026"))
    expect(page.get_by_role("grid", name="Nómina 2026")).to_have_attribute("aria-rowcount", "61")
    expect(_cell(page, 0, 0)).to_have_text("Álvarez, Ana 00")
    watch.look(page, "grid")
    keys = page.keyboard
    # Written by keyboard, each kind as people write it; what is none says why and stays.
    page.locator("#cell-2-2").click()
    keys.type("3 de mayo de 2014")
    keys.press("Tab")
    expect(_cell(page, 2, 2)).to_have_text("3/5/2014")
    keys.type("2")  # a list: the first choice that begins so
    keys.press("Enter")
    expect(_cell(page, 2, 3)).to_have_text("2.º A")
    keys.press("ArrowRight")
    keys.type("mucho")
    keys.press("Enter")
    expect(page.locator("#grid-note")).to_have_text("1 celda no se pudo guardar")
    keys.press("ArrowUp")
    expect(page.locator("#cell-panel")).to_contain_text("«mucho» no es un número")
    watch.look(page, "grid-refused")
    page.get_by_role("button", name="Descartar").click()
    _saved(page)
    # Pasted from Excel and copied again; taken back as one gesture and done again.
    page.locator("#cell-3-0").click()
    page.evaluate(_PASTE)
    expect(_cell(page, 4, 0)).to_have_text("Núñez, Sofía")
    expect(_cell(page, 3, 1)).to_have_text("44123456")
    _saved(page)
    plain, html = page.evaluate(_COPY)
    assert plain == "Pérez, Eva\t44123456\nNúñez, Sofía\t45987654" and "mso-number-format:'\\@'" in html
    keys.press("Control+z")
    expect(_cell(page, 4, 0)).to_have_text("Álvarez, Ana 04")
    keys.press("Control+y")
    expect(_cell(page, 4, 0)).to_have_text("Núñez, Sofía")
    # The conflict is found, looked at in its source, and settled.
    page.get_by_role("button", name="En conflicto 1").click()
    expect(page.locator("[data-total]")).to_have_text("1 fila coincide")
    page.locator("#cell-0-4").click()
    panel = page.locator("#cell-panel")
    expect(panel.get_by_role("button", name="Elegir esta")).to_have_count(2)
    with page.context.expect_page() as opened:
        panel.get_by_role("link", name="Legajos de Nómina 2026, hoja «Nómina», fila 2").click(
            modifiers=["Control"]
        )
    expect(opened.value.locator("mark").first).to_be_visible()
    opened.value.close()
    panel.get_by_role("button", name="Elegir esta").last.click()
    expect(_cell(page, 0, 4)).to_have_text("8")
    expect(panel).to_contain_text("elegida")
    page.get_by_role("button", name="Quitar filtros").click()
    expect(page.locator("[data-total]")).to_have_text("60 filas")
    # To the last row and back; what a filter leaves; a column's menu.
    keys.press("Control+End")
    expect(_cell(page, 59, 7)).to_be_attached()
    keys.press("Alt+ArrowDown")
    page.get_by_label("Estado", exact=True).select_option("Vacía")
    page.get_by_role("button", name="Aplicar").click()
    expect(page.locator("[data-total]")).to_have_text("60 filas coinciden")
    page.get_by_role("button", name="Quitar filtros").click()
    expect(page.locator("[data-total]")).to_have_text("60 filas")
    # What cannot be sent stays in the browser, and goes when it can.
    watch.expected.append("ERR_INTERNET_DISCONNECTED")
    page.locator("#cell-5-0").click()
    page.context.set_offline(True)
    keys.type("Sin red")
    keys.press("Enter")
    expect(page.locator("#grid-note")).to_contain_text("Sin conexión: 1 sin guardar")
    page.context.set_offline(False)
    _saved(page)
    # Approved with what is left, knowingly; it is there for whoever comes later.
    page.get_by_role("button", name="Aprobar", exact=True).click()
    dialog = page.locator("#approval")
    expect(dialog).to_contain_text("1 celda inválida")
    watch.look(page, "grid-approval")
    dialog.get_by_label("Aprobarla igual, sabiendo que quedan así").check()
    dialog.get_by_role("button", name="Aprobar").click()
    expect(page.get_by_text("Aprobada, versión 1")).to_be_visible()
    expect(_cell(page, 5, 0)).to_have_text("Sin red")
    page.locator("#cell-5-0").click()
    keys.press("Delete")
    _saved(page)
    page.get_by_label("Versiones e historial").click()
    page.get_by_role("link", name="Versiones").click()
    page.get_by_role("button", name="Comparar").click()
    expect(page.get_by_role("row").filter(has_text="Sin red")).to_be_visible()
    watch.look(page, "grid-versions")


@ON_A_PHONE
def test_a_planilla_is_reviewed_on_a_phone(norte: Cast, arrive: Arrive) -> None:
    page, watch = arrive(OLGA)
    page.goto(_made(norte, "Nómina de bolsillo"))
    expect(_cell(page, 0, 0)).to_have_text("Álvarez, Ana 00")
    watch.look(page, "grid")
    page.locator("#cell-0-0").tap()
    page.get_by_role("button", name="Cerrar").tap()
    page.get_by_role("button", name="Ordenar y filtrar la columna").tap()
    page.get_by_label("Ordenar por esta columna").select_option("down")
    page.get_by_role("button", name="Aplicar").tap()
    expect(_cell(page, 0, 0)).to_have_text("Álvarez, Ana 59")
    page.get_by_role("button", name="Inválida 1").tap()
    expect(_cell(page, 0, 0)).to_have_text("Álvarez, Ana 01")
    page.locator("#grid").evaluate("grid => (grid.scrollLeft = 400)")
    page.locator("#cell-0-4").tap()
    watch.look(page, "grid-panel")
    page.get_by_role("button", name="Corregir").tap()
    page.get_by_label("Promedio, fila 1").fill("6,5")
    page.get_by_label("Promedio, fila 1").press("Enter")
    expect(_cell(page, 0, 4)).to_have_text("6,50")
    _saved(page)
