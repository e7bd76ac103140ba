"""A director draws a template column by column, uses it on a document, and the page becomes the planilla."""

import re

from playwright.sync_api import expect

from tests.browser.cast import Cast
from tests.browser.watch import Arrive


def test_a_template_is_drawn_and_a_planilla_filled_with_it(norte: Cast, arrive: Arrive) -> None:
    page, watch = arrive("ana@norte.example")
    name = f"Curso {watch.width}"
    page.goto("/e/norte/planillas/")
    watch.look(page, f"planillas-{'none' if page.locator('.empty-state').count() else 'list'}")
    page.goto("/e/norte/planillas/plantillas/")
    watch.look(page, "planilla-templates")
    page.get_by_role("link", name="Dibujar una").click()
    page.locator("#name").fill(name)
    page.locator("#row_is").fill("un alumno")

    columns = page.locator("[data-column]")
    columns.nth(0).locator("[data-name]").fill("DNI")
    columns.nth(0).get_by_label("Tipo").select_option("identity")
    expect(columns.nth(0).get_by_label("Qué documento")).to_be_visible()
    expect(columns.nth(0).locator(".column-about")).to_contain_text("dígito verificador")
    # From one name to the next as one writes a list: Enter.
    columns.nth(0).locator("[data-name]").press("Enter")
    page.keyboard.type("Apellido y nombre")
    columns.nth(1).get_by_label("Distingue una fila de otra").check()
    columns.nth(1).locator("[data-name]").press("Enter")
    page.keyboard.type("Turno")
    columns.nth(2).get_by_label("Tipo").select_option("choice")
    preview = page.locator("[data-preview] thead th")
    expect(preview).to_have_text(["Fila", "DNI", "Apellido y nombre", "Turno"])

    columns.nth(1).get_by_role("button", name="Mover antes").press("Enter")
    expect(preview).to_have_text(["Fila", "Apellido y nombre", "DNI", "Turno"])
    expect(page.locator("[data-told]")).to_have_text("«Apellido y nombre», columna 1")
    page.get_by_role("button", name="Agregar una columna").click()
    page.keyboard.type("Sobra")
    columns.nth(3).get_by_role("button", name="Quitar la columna").click()
    expect(columns).to_have_count(3)
    if watch.width >= 992:
        # Both in sight: a page that scrolls under the mouse begins no drag.
        page.locator("#columns-title").evaluate("(head) => head.scrollIntoView({ behavior: 'instant' })")
        page.locator("[data-grip]").nth(1).drag_to(columns.nth(0), target_position={"x": 200, "y": 5})
        expect(preview).to_have_text(["Fila", "DNI", "Apellido y nombre", "Turno"])

    watch.expect_status(400)
    page.get_by_role("button", name="Guardar").click()
    expect(page.locator(".invalid-feedback")).to_contain_text("Faltan las opciones")
    watch.look(page, "planilla-template-refused")
    page.locator(".is-invalid[data-choices]").fill("Mañana\nTarde")
    page.get_by_role("button", name="Guardar").click()
    expect(page.locator("h1")).to_have_text(name)
    watch.look(page, "planilla-template")

    page.get_by_role("link", name="Completar una planilla").click()
    expect(page.locator("#template option:checked")).to_have_text(name)
    page.locator("#pick-query").fill("nomina alumnos")
    results = page.locator("[data-results] label")
    expect(results).to_have_count(1)
    results.get_by_role("checkbox").check()
    expect(page.locator("[data-picked] li")).to_have_count(1)
    expect(page.locator("[data-foretold]")).to_contain_text("1 fuente")
    watch.look(page, "planilla-new")
    page.get_by_role("button", name="Completar").click()
    expect(page).to_have_url(re.compile(r"/planillas/[0-9a-f-]{36}/$"))
    # First the counter, then, by itself, the rows.
    expect(page.locator("[data-filling]")).to_have_count(0)
    expect(page.get_by_text("DNI").first).to_be_visible()
    page.goto("/e/norte/planillas/")
    expect(page.locator(".planillas-one", has_text=name)).to_contain_text(re.compile(r"\d+ filas"))
    watch.look(page, "planillas")


def test_the_school_s_own_file_is_shown_as_it_was_recognised(arrive: Arrive) -> None:
    from tests.planillas.test_templates import workbook

    page, watch = arrive("ana@norte.example")
    page.goto("/e/norte/planillas/plantillas/subir")
    watch.look(page, "planilla-template-upload")
    content = workbook("Alumno", "Fecha de nacimiento", "Nota final")
    page.locator("#file").set_input_files(
        {"name": f"Notas {watch.width}.xlsx", "mimeType": "application/octet-stream", "buffer": content}
    )
    page.get_by_role("button", name="Subir y reconocer").click()
    expect(page.locator(".picture td.is-lit")).to_have_text(["Alumno", "Fecha de nacimiento", "Nota final"])
    expect(page.locator("[data-add]")).to_have_count(0)
    watch.look(page, "planilla-template-file")
