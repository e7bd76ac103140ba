"""A director invites a colleague, who finds only what they may, until they are sent away."""

import re
from urllib.parse import urlsplit
from uuid import uuid4

from playwright.sync_api import expect

from tests.browser.asking import ATTENDANCE, ask
from tests.browser.cast import PASSWORD, Cast
from tests.browser.watch import ON_A_PHONE, Arrive


def test_who_is_invited_finds_only_what_they_may(norte: Cast, arrive: Arrive) -> None:
    address = f"carla-{uuid4().hex[:6]}@norte.example"
    director, watch = arrive("ana@norte.example")
    director.goto("/e/norte/personas/")
    director.locator("#invitar [name=email]").fill(address)
    director.locator("#invitar [name=role]").select_option("reader")
    director.locator("#invitar [name=every_collection]").uncheck()
    director.locator("#invitar label").filter(has_text="Familias").locator("input").check()
    director.get_by_role("button", name="Enviar la invitación").click()
    link = director.locator("#invitation-link").inner_text()
    assert link in norte.live.mails(address)[-1]
    expect(director.locator(".people-invitations")).to_contain_text(address)
    watch.look(director, "people-invited")

    colleague, other = arrive()
    other.expect_status(400)
    colleague.goto(urlsplit(link).path)
    other.look(colleague, "invitation")
    colleague.locator("[name=name]").fill("Carla Cáceres")
    colleague.locator("[name=password]").fill(PASSWORD)
    colleague.locator("[name=password_again]").fill("no es la misma")
    colleague.get_by_role("button", name="Aceptar y entrar").click()
    expect(colleague.get_by_text("Las dos contraseñas no son iguales.")).to_be_visible()
    colleague.locator("[name=password]").fill(PASSWORD)
    colleague.locator("[name=password_again]").fill(PASSWORD)
    colleague.get_by_role("button", name="Aceptar y entrar").click()
    expect(colleague).to_have_url(f"{watch.url}/e/norte/")
    other.look(colleague, "home-reader")
    expect(colleague.locator(".shell-nav")).not_to_contain_text("Personas")

    colleague.goto("/e/norte/biblioteca/")
    expect(colleague.locator("tr.document")).to_have_count(1)
    expect(colleague.locator("tr.document")).to_contain_text("preguntas frecuentes", ignore_case=True)
    expect(colleague.locator("#upload-file")).to_have_count(0)

    answer = ask(colleague, ATTENDANCE)
    expect(answer).not_to_contain_text("veinticinco")
    expect(answer).not_to_contain_text("gimen acad")
    other.expect_status(404)
    for path in ("leer", "original", ""):
        hidden = colleague.goto(f"/e/norte/biblioteca/{norte.documents['regimen-academico.pdf']}/{path}")
        assert hidden is not None
        assert hidden.status == 404
    expect(colleague.locator("h1")).to_have_text("No está aquí")
    seen = colleague.goto(
        f"/e/norte/biblioteca/{norte.documents['preguntas-frecuentes-de-secretaria.md']}/leer"
    )
    assert seen is not None
    assert seen.status == 200

    director.goto("/e/norte/personas/")
    director.locator("tr", has_text=address).locator("summary").click()
    director.get_by_role("button", name="Quitar el acceso").first.click()
    director.locator("#confirmation [value=yes]").click()
    expect(director.locator("tr", has_text=address)).to_contain_text("Sin acceso")
    refused = colleague.goto("/e/norte/biblioteca/")
    assert refused is not None
    assert refused.status == 404 or re.search("/cuenta/login/", colleague.url)
    expect(colleague.locator("body")).not_to_contain_text("preguntas frecuentes", ignore_case=True)


@ON_A_PHONE
def test_a_bad_address_and_one_that_is_here_already_are_told(arrive: Arrive) -> None:
    director, watch = arrive("ana@norte.example")
    watch.expect_status(400)
    director.goto("/e/norte/personas/")
    for address, sentence in (("no-es-un-correo", "correo"), ("beto@norte.example", "ya pertenece")):
        director.locator("#invitar [name=email]").fill(address)
        director.get_by_role("button", name="Enviar la invitación").click()
        expect(director.locator("#invitar .invalid-feedback")).to_contain_text(sentence)
