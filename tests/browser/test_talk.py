"""Asking an engine that writes: its words as they come, a follow-up put right, and a stop that is heard at once."""

from collections.abc import Iterator

import pytest
import yaml
from playwright.sync_api import expect

from tests.browser.asking import ATTENDANCE, ask, ask_on
from tests.browser.cast import Cast
from tests.browser.watch import Arrive
from tests.doubles import openai_compat
from tests.doubles.base import Double


@pytest.fixture
def writer(norte: Cast) -> Iterator[Double]:
    """Run an engine that writes in the school's own network, first in the copy's file until the test ends."""
    file = norte.live.engines
    before = file.read_text("utf-8")
    with openai_compat.serving() as double:
        double.answer = (
            "Se pierde la regularidad ",
            "con «veinticinco (25) inasistencias» [1]. ",
            "También con cuarenta llegadas tarde [1].",
        )
        entry = openai_compat.entry(double, name="redactor")
        engines = yaml.safe_load(before)["engines"]
        file.write_text(yaml.safe_dump({"engines": [entry, *engines]}, allow_unicode=True), "utf-8")
        yield double
        file.write_text(before, "utf-8")


def test_a_conversation_with_an_engine_that_writes(arrive: Arrive, writer: Double) -> None:
    page, watch = arrive("ana@norte.example")
    answer = ask(page, ATTENDANCE)
    expect(answer.locator(".message-body a.cite").first).to_be_visible()
    expect(answer.locator(".unsupported")).to_have_count(1)
    expect(answer.locator(".message-facts")).to_contain_text(
        "Respondido en el equipo de la escuela; nada salió."
    )
    expect(answer.locator(".message-engine")).to_have_text("redactor (qwen3-30b) · sin costo")
    watch.look(page, "talk-answered")

    follow_up = ask_on(page, "¿Y para los de quinto?")
    expect(follow_up.locator(".understood")).to_contain_text("Se entendió: «")
    follow_up.get_by_text("Corregir").click()
    watch.look(page, "talk-understood")
    follow_up.get_by_label("La pregunta, como debe entenderse").fill(
        "¿Qué pasa con los alumnos de quinto año?"
    )
    follow_up.get_by_role("button", name="Preguntar así").click()
    corrected = page.locator("article.message-assistant").nth(2)
    expect(corrected.locator(".message-foot")).to_be_visible()
    expect(corrected.locator(".understood")).to_contain_text("«¿Qué pasa con los alumnos de quinto año?»")

    writer.fault = "hang_after"
    page.locator("#question").fill("¿Cómo se justifican las inasistencias de los alumnos?")
    page.locator("#send").click()
    expect(page.locator("article.message-assistant").last).to_contain_text("Se pierde la regularidad")
    page.locator("#stop").click()
    expect(page.locator("article.message-assistant").last).to_contain_text("Respuesta detenida.")
    assert writer.hung_up.wait(30)
    stopped = page.locator("article.message-assistant").last
    for _again in range(30):  # the line is let go first, then what was written is kept
        page.reload()
        if "is-stopped" in (stopped.get_attribute("class") or ""):
            break
    expect(stopped).to_contain_text("La respuesta se detuvo antes de terminar.")
    expect(stopped).to_contain_text("Se pierde la regularidad")
