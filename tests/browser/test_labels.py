"""A class list that somebody called public: the library asks, its page says why, and a person decides."""

import re
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.cast import Cast
from tests.browser.watch import Arrive

LIST = """# Nómina de alumnos del taller {of}

La alumna Sofía Ledesma tiene asma y lleva su inhalador.

| Alumno | DNI | Fecha de nacimiento |
|---|---|---|
| Ledesma, Sofía | 48.201.337 | 12/08/2012 |
| Herrera, Tomás | 48.201.338 | 03/02/2012 |
| Coronel, Abril | 48.201.339 | 30/11/2012 |
"""


def test_a_list_of_pupils_is_not_left_public_by_mistake(
    norte: Cast, arrive: Arrive, tmp_path: Path, width: int
) -> None:
    page, watch = arrive("olga@oeste.example" if width > 600 else "elsa@este.example")
    library = f"/e/{'oeste' if width > 600 else 'este'}/biblioteca/"
    file = tmp_path / "nomina-del-taller.md"
    file.write_text(LIST.format(of=width), "utf-8")
    page.goto(library)
    page.locator(".upload-labels summary").click()
    page.locator("#upload-label").select_option("public")
    watch.look(page, "labels-upload")
    page.locator("#upload-file").set_input_files(file)
    row = page.locator("tr.document", has_text="Nómina de alumnos")
    expect(row.locator(".document-state")).to_contain_text("Listo")
    expect(row.locator(".label-chip")).to_contain_text("Público · por confirmar")
    page.locator("#filter-label").select_option("to_confirm")
    expect(page).to_have_url(re.compile("etiqueta=to_confirm"))
    expect(page.locator("tr.document")).to_have_count(1)
    row.get_by_role("checkbox").check()
    watch.look(page, "labels-library")

    row.locator(".document-title").click()
    expect(page.get_by_text("Conviene «Datos de menores».")).to_be_visible()
    watch.look(page, "labels-suggested")
    page.get_by_role("button", name="Dejar «Público»").click()
    expect(page.get_by_text("un motor de afuera podría recibirlos")).to_be_visible()
    watch.look(page, "labels-insist")
    page.get_by_role("link", name="Volver").click()
    page.locator(".label-spots a").first.click()
    expect(page.locator("#mark")).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="Usar «Datos de menores»").click()
    expect(page.get_by_text("Clasificado: Datos de menores.")).to_be_visible()
    expect(page.locator(".label-now .label-chip")).to_have_text("Datos de menores")
    page.get_by_text("Elegir otra").click()
    watch.look(page, "labels-done")
