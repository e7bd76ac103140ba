"""Every page as it looks before anything is done on it, at both widths and in both themes."""

import pytest
from playwright.sync_api import expect

from tests.browser.cast import Cast
from tests.browser.watch import ON_A_PHONE, Arrive

pytestmark = pytest.mark.each_width

SCHOOL = {
    "home": "/e/norte/",
    "library": "/e/norte/biblioteca/",
    "document": "/e/norte/biblioteca/{document}/",
    "ask": "/e/norte/preguntar/",
    "people": "/e/norte/personas/",
    "settings": "/e/norte/ajustes/",
    "password": "/cuenta/password/change/",
    "second-factor": "/cuenta/2fa/",
}
OUTSIDE = {
    "login": "/cuenta/login/",
    "reset": "/cuenta/password/reset/",
    "signup": "/cuenta/signup/",
    "invitation-dead": "/invitacion/no-existe/",
}
OTHERS = {
    "home-empty": ("vera@vacia.example", "/e/vacia/"),
    "library-empty": ("vera@vacia.example", "/e/vacia/biblioteca/"),
    "ask-empty": ("vera@vacia.example", "/e/vacia/preguntar/"),
    "home-full": ("lia@llena.example", "/e/llena/"),
    "library-full": ("lia@llena.example", "/e/llena/biblioteca/"),
    "library-failed": ("lia@llena.example", "/e/llena/biblioteca/?estado=failed"),
    "choose": ("dora@dos.example", "/escuelas/?todas=1"),
}


def test_the_pages_of_a_school(norte: Cast, arrive: Arrive) -> None:
    page, watch = arrive("ana@norte.example")
    for name, path in SCHOOL.items():
        page.goto(path.format(document=norte.documents["regimen-academico.pdf"]))
        expect(page.locator("main h1")).to_be_visible()
        watch.look(page, name)


def test_the_pages_outside(arrive: Arrive) -> None:
    page, watch = arrive()
    watch.expect_status(404)
    for name, path in OUTSIDE.items():
        page.goto(path)
        expect(page.locator("main h1")).to_be_visible()
        watch.look(page, name)


def test_the_pages_of_schools_with_nothing_and_with_much(arrive: Arrive) -> None:
    for name, (address, path) in OTHERS.items():
        page, watch = arrive(address)
        page.goto(path)
        expect(page.locator("main h1")).to_be_visible()
        watch.look(page, name)
        page.close()


@pytest.mark.parametrize(
    ("status", "path", "heading"),
    [
        (404, "/e/no-existe/", "No está aquí"),
        (404, "/e/sur/", "No está aquí"),
        (404, "/ninguna-parte/", "No está aquí"),
        (403, "/e/norte/personas/", "Esta parte está reservada"),
    ],
)
def test_a_page_that_is_refused_says_so_and_leads_home(
    arrive: Arrive, status: int, path: str, heading: str
) -> None:
    page, watch = arrive("beto@norte.example")
    watch.expect_status(status)
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == status
    expect(page.locator("h1")).to_have_text(heading)
    if path in ("/e/sur/", "/e/norte/personas/"):
        watch.look(page, f"refused-{status}")
    page.get_by_role("link", name="Ir al inicio").click()
    expect(page).to_have_url(f"{watch.url}/e/norte/")


@ON_A_PHONE
def test_colours_are_kept(arrive: Arrive) -> None:
    page, _watch = arrive("beto@norte.example")
    page.goto("/e/norte/")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")
    page.locator(".user-menu summary").click()
    page.get_by_text("Usar colores oscuros").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.goto("/e/norte/biblioteca/")
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
    page.locator(".user-menu summary").click()
    page.get_by_text("Usar colores claros").click()
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")


@ON_A_PHONE
def test_a_person_of_two_schools_goes_from_one_to_the_other(arrive: Arrive) -> None:
    page, _watch = arrive("dora@dos.example")
    page.goto("/")
    expect(page.locator("h1")).to_have_text("Mis escuelas")
    page.get_by_role("link", name="Escuela Norte").click()
    expect(page.locator("main h1")).to_have_text("Escuela Norte")
    page.locator(".school-menu summary").click()
    page.locator(".school-menu").get_by_role("link", name="Escuela Sur").click()
    expect(page.locator("main h1")).to_have_text("Escuela Sur")
    page.goto("/e/sur/biblioteca/")
    expect(page.get_by_text("La biblioteca está vacía")).to_be_visible()
