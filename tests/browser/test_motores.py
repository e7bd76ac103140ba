"""A director looks after engines and money."""

from playwright.sync_api import expect

from tests.browser.watch import Arrive


def test_a_director_looks_after_engines_and_money(arrive: Arrive) -> None:
    page, watch = arrive("olga@oeste.example")
    page.goto("/e/oeste/")
    if watch.width < 992:
        page.locator(".user-menu summary").click()
    page.get_by_role("link", name="Motores").locator("visible=true").click()
    expect(page.locator(".engine h2").first).to_have_text("Citas textuales, sin modelo de lenguaje")
    page.get_by_role("button", name="Probar ahora").first.click()
    expect(page.locator(".engine-note")).to_contain_text("No costó nada")
    watch.look(page, "engines")

    page.get_by_role("link", name="Gasto y tope").click()
    expect(page.locator(".month-then")).to_contain_text("La escuela no fijó un tope")
    page.locator("#tope > summary").click()
    page.locator("#cap").fill("mucho")
    watch.expect_status(400)
    page.locator("#tope").get_by_role("button", name="Guardar").click()
    expect(page.locator("#tope").get_by_role("alert")).to_contain_text("El monto no se entiende")
    expect(page.locator("#cap")).to_have_value("mucho")
    watch.look(page, "engines-cap-refused")
    page.locator("#cap").fill("1.250,50")
    page.locator("#tope").get_by_role("button", name="Guardar").click()
    expect(page.locator(".month-figures")).to_contain_text("250,50")
    watch.look(page, "engines-usage")

    page.get_by_role("link", name="Simular").click()
    page.locator("#confidencialidad").select_option("minors")
    page.get_by_role("button", name="Ver quién lo haría").click()
    expect(page.locator("main").get_by_role("status")).to_contain_text("no se gastó nada")
    expect(page.locator(".told-list").first).to_contain_text("nada sale")
    watch.look(page, "engines-explain")

    # As it was found, for the other width.
    page.get_by_role("link", name="Gasto y tope").click()
    page.locator("#tope > summary").click()
    page.locator("#cap").fill("")
    page.locator("#tope").get_by_role("button", name="Guardar").click()
    expect(page.locator(".month-then")).to_contain_text("La escuela no fijó un tope")
