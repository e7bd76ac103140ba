"""A recording: opened at a second and heard, its words followed; corrected, its speakers named and made one."""

import json

from playwright.sync_api import Page, expect

from tests.browser.cast import Cast
from tests.browser.watch import ON_A_PHONE, Arrive

OLGA = "olga@oeste.example"
# Chromium here has no device to play on: its clock is the sound's all the same.
_SECONDS = "() => document.querySelector('audio').currentTime"


def _made(norte: Cast, title: str) -> str:
    asked = {"school": "oeste", "email": OLGA, "title": title}
    done = norte.live.run("-m", "tests.browser.recorded", given=json.dumps(asked))
    return f"/e/oeste/grabaciones/{done.strip().splitlines()[-1]}/"


def _line(page: Page, text: str) -> str:
    return f".line:has-text('{text}')"


def test_a_recording_is_opened_at_a_second_and_looked_at(norte: Cast, arrive: Arrive, width: int) -> None:
    page, watch = arrive(OLGA)
    page.goto(_made(norte, f"Claustro {width}") + "?t=31.3&hasta=33.1")
    cited = page.locator(".line.is-cited")
    expect(cited).to_have_count(1)
    expect(cited).to_be_in_viewport()
    expect(cited.locator(".w.is-cited")).to_have_text(["Yo", "me", "encargo", "de", "avisar", "mañana."])
    expect(page.locator("[data-now]")).to_have_text("0:31")
    watch.look(page, "recording")
    page.get_by_role("tab", name="Resumen").click()
    expect(page.locator("#resumen")).to_be_visible()
    expect(page.locator("#lines")).to_be_hidden()


@ON_A_PHONE
def test_a_recording_is_heard_and_corrected(norte: Cast, arrive: Arrive) -> None:
    page, watch = arrive(OLGA)
    address = _made(norte, "Claustro que se corrige")
    page.goto(address)
    # Heard: a word is clicked, and those that are spoken light up.
    word = page.locator(_line(page, "bajar el precio")).get_by_text("debemos", exact=True)
    word.click()
    expect(page.get_by_role("button", name="Pausar")).to_be_visible()
    expect(page.locator(".w.is-spoken")).to_have_count(1)
    assert page.evaluate(_SECONDS) > 18
    page.keyboard.press("k")
    expect(page.get_by_role("button", name="Escuchar", exact=True)).to_be_visible()
    # Corrected: it saves itself, and is there for whoever comes later.
    line = page.locator(".line").nth(1)
    line.get_by_role("button", name="Corregir").click()
    field = page.get_by_label("Texto del fragmento")
    field.fill("Hola, soy Marta Gil, la directora del colegio.")
    expect(line.locator(".editor-state")).to_have_text("Guardado")
    watch.look(page, "recording-editor")
    field.press("Enter")
    expect(line).to_be_focused()
    # Divided where the cursor is, and joined again.
    line.press("Enter")
    field.evaluate("each => each.setSelectionRange(6, 6)")
    page.get_by_role("button", name="Dividir aquí").click()
    expect(page.locator(".line").nth(2)).to_contain_text("soy Marta Gil, la directora del colegio.")
    line.get_by_role("button", name="Más acciones").click()
    page.get_by_role("menuitem", name="Unir con el siguiente").click()
    expect(line.locator(".line-text")).to_have_text("Hola, soy Marta Gil, la directora del colegio.")
    # Named once for the whole recording; two that are one person made one.
    page.locator(_line(page, "el jefe de estudios")).get_by_title("Cambiar quién habla").click()
    page.get_by_role("button", name="Cambiar el nombre de Pablo").click()
    page.get_by_role("textbox", name="El nombre de Pablo").fill("Pablo Ruiz")
    page.get_by_role("button", name="Guardar").click()
    expect(page.locator(".line [data-name]", has_text="Pablo Ruiz")).to_have_count(4)
    page.locator("#voices-box > summary").click()
    page.get_by_role("button", name="Unir Lucía con otra voz").click()
    page.get_by_label("Es la misma persona que").select_option(label="Pablo Ruiz")
    watch.look(page, "recording-merge")
    page.get_by_role("button", name="Unir", exact=True).click()
    expect(page.locator(".voice")).to_have_count(2)
    # Taken away and brought back.
    last = page.locator(".line").last
    last.get_by_role("button", name="Más acciones").click()
    page.get_by_role("menuitem", name="Quitar").click()
    page.get_by_role("button", name="Deshacer").click()
    expect(page.locator(".line").last).to_contain_text("Hasta luego.")
    # Found, whatever the accents.
    page.get_by_role("button", name="Buscar en lo que se dijo").click()
    page.get_by_role("searchbox").fill("REUNION")
    expect(page.locator("#find-count")).to_have_text("2 de 2")  # the first one from here on
    page.get_by_role("button", name="Resultado siguiente").click()
    expect(page.locator("#find-count")).to_have_text("1 de 2")
    expect(page.locator(".w.is-found-now")).to_be_in_viewport()
    page.reload()
    expect(page.locator(".line").nth(1)).to_contain_text("soy Marta Gil")
    expect(page.locator(".line [data-name]", has_text="Lucía")).to_have_count(0)
    # What cannot be sent stays in the browser, and goes when it can.
    line = page.locator(".line").nth(1)
    line.get_by_role("button", name="Corregir").click()
    watch.expected.append("ERR_INTERNET_DISCONNECTED")
    page.context.set_offline(True)
    field = page.get_by_label("Texto del fragmento")
    field.fill("Hola, soy Marta Gil, la rectora del colegio.")
    expect(line.locator(".editor-state")).to_have_text("No se pudo guardar: se reintenta")
    page.context.set_offline(False)
    expect(line.locator(".editor-state")).to_have_text("Guardado")
