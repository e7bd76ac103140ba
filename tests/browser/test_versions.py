"""A rule is replaced by its new version: what answers, on which day, and what stays readable."""

from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.asking import ask, ask_on
from tests.browser.cast import Cast
from tests.browser.watch import Arrive

QUESTION = "¿Cuántos libros puede llevar en préstamo cada estudiante de la biblioteca escolar?"
RULES = """# Préstamo de libros

## Artículo 4. Cantidad

Cada estudiante de la biblioteca escolar puede llevar en préstamo hasta {words} libros. Edición de prueba {of}.
"""


def _file(folder: Path, *, words: str, of: str) -> Path:
    path = folder / f"prestamo-{words}.md"
    path.write_text(RULES.format(words=words, of=of), "utf-8")
    return path


def _replace(page: Page, file: Path, *, title: str, since: str) -> None:
    page.get_by_text("Subir una versión nueva").click()
    form = page.locator("form[action$='/version']")
    form.get_by_label("Archivo").set_input_files(file)
    form.get_by_label("Título").fill(title)
    form.get_by_label("Vigente desde").fill(since)
    form.get_by_role("button", name="Subir y reemplazar").click()


@pytest.fixture
def school(width: int) -> str:
    """Return a school of this width's own: a rule that is replaced stays so."""
    return "este" if width < 600 else "oeste"


def test_a_new_version_answers_and_the_old_one_is_kept(
    norte: Cast, arrive: Arrive, school: str, tmp_path: Path, width: int
) -> None:
    director = {"este": "elsa@este.example", "oeste": "olga@oeste.example"}[school]
    page, watch = arrive(director)
    library = f"/e/{school}/biblioteca/"
    page.goto(library)
    page.locator("#upload-file").set_input_files(_file(tmp_path, words="cinco", of=str(width)))
    row = page.locator("tr.document", has_text="Préstamo de libros").first
    expect(row.locator(".document-state")).to_contain_text("Listo")
    row.locator(".document-title").click()

    _replace(
        page,
        _file(tmp_path, words="tres", of=str(width)),
        title="Préstamo de libros 2026",
        since="2026-03-01",
    )
    expect(page.get_by_text("Versión nueva recibida.")).to_be_visible()
    expect(page.locator(".document-page-state .badge").first).to_have_text("Listo")
    history = page.locator(".version")
    expect(history).to_have_count(2)
    expect(history.nth(0)).to_contain_text("Vigente")
    expect(history.nth(1)).to_contain_text("Reemplazado")
    page.get_by_text("Subir una versión nueva").click()
    watch.look(page, "versions")

    history.nth(1).get_by_role("link").first.click()
    expect(page.locator(".force-banner")).to_contain_text("Dejó de regir el 28/02/2026")
    page.get_by_role("link", name="Leer", exact=True).click()
    expect(page.locator("article")).to_contain_text("hasta cinco libros")
    watch.look(page, "version-replaced")
    page.locator(".force-banner a").click()
    expect(page.locator("article")).to_contain_text("hasta tres libros")
    expect(page.locator(".force-banner")).to_have_count(0)

    page.goto(library)
    page.locator("#filter-force").select_option("replaced")
    expect(page.locator("tr.document")).to_have_count(1)
    watch.look(page, "library-replaced")

    answer = ask(page, QUESTION, school=school)
    expect(answer.locator(".message-body")).to_contain_text("hasta tres libros")
    expect(answer).to_contain_text("rige «Préstamo de libros 2026» desde el 01/03/2026")
    watch.look(page, "ask-set-aside")
    page.locator(".as-of summary").click()
    watch.look(page, "ask-day")
    page.locator("#at-date").fill(date(2025, 3, 10).isoformat())
    answer = ask_on(page, QUESTION)
    expect(answer.locator(".message-body")).to_contain_text("hasta cinco libros")
    expect(answer).to_contain_text("Según lo vigente al 10/03/2025")
    expect(page.locator("article.message-user").last).to_contain_text("A la fecha 10/03/2025")
    watch.look(page, "ask-as-of")
