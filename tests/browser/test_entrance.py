"""Coming in: password, second factor, forgotten password."""

import re
import time
from urllib.parse import urlsplit

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Page, expect

from tests.browser.cast import PASSWORD, Cast
from tests.browser.watch import Arrive

PERIOD_S = 30
TYPING_S = 12


def _log_in(page: Page, address: str, password: str) -> None:
    page.goto("/cuenta/login/")
    page.locator("[name=login]").fill(address)
    page.locator("[name=password]").fill(password)
    page.get_by_role("button", name="Entrar").click()


def test_a_wrong_password_is_told_and_the_right_one_opens(arrive: Arrive) -> None:
    page, watch = arrive()
    _log_in(page, "beto@norte.example", "una-clave-equivocada")
    expect(page.locator("[role=alert], .alert, .invalid-feedback").first).to_contain_text("correo")
    watch.look(page, "login-wrong")
    _log_in(page, "beto@norte.example", PASSWORD)
    expect(page).to_have_url(f"{watch.url}/e/norte/")
    page.locator(".user-menu summary").click()
    page.get_by_role("button", name="Salir").click()
    page.goto("/e/norte/")
    expect(page).to_have_url(re.compile("/cuenta/login/"))


def test_a_second_factor_is_set_up_and_asked_for(norte: Cast, arrive: Arrive) -> None:
    address = norte.newcomer("Facundo")
    page, watch = arrive(address)
    page.goto("/e/norte/")
    page.locator(".user-menu summary").click()
    page.get_by_role("link", name="Segundo factor").click()
    page.locator("a[href$='/totp/activate/']").click()
    if page.locator("[name=password]").count():  # who has not typed the password for a while types it again
        watch.look(page, "confirm")
        page.locator("[name=password]").fill(PASSWORD)
        page.get_by_role("button", name="Confirmar").click()
    watch.look(page, "totp")
    secret = page.locator("#authenticator_secret").input_value()
    page.locator("[name=code]").fill("000000")
    page.locator("main form button[type=submit]").last.click()
    expect(page.locator(".invalid-feedback, [role=alert]").first).to_contain_text("no es correcto")
    page.locator("[name=code]").fill(_code(secret))
    page.locator("main form button[type=submit]").last.click()
    expect(page).to_have_url(re.compile("/recovery-codes/"))
    watch.look(page, "recovery-codes")

    stranger, other = arrive()
    _log_in(stranger, address, PASSWORD)
    expect(stranger).to_have_url(re.compile("/2fa/authenticate/"))
    other.look(stranger, "totp-login")
    stranger.goto("/e/norte/")
    expect(stranger).to_have_url(re.compile("/cuenta/2fa/authenticate/"))  # the password alone opens nothing
    stranger.locator("[name=code]").fill(_code(secret))
    stranger.locator("main form button[type=submit]").first.click()
    expect(stranger).to_have_url(f"{watch.url}/e/norte/")


def _code(secret: str) -> str:
    """Return the code of this moment, with enough of its half minute left to type it on a busy machine."""
    left_s = PERIOD_S - time.time() % PERIOD_S
    if left_s < TYPING_S:
        time.sleep(left_s)
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // PERIOD_S)))


def test_a_forgotten_password_is_set_anew_by_mail(norte: Cast, arrive: Arrive) -> None:
    address = norte.newcomer("Olvido")
    page, watch = arrive()
    page.goto("/cuenta/login/")
    page.locator("a[href$='/password/reset/']").click()
    page.locator("[name=email]").fill(address)
    page.locator("main form button[type=submit]").click()
    expect(page).to_have_url(re.compile("/password/reset/done/"))
    watch.look(page, "reset-done")
    link = re.search(r"http://\S+/password/reset/key/\S+", norte.live.mails(address)[-1])
    assert link
    page.goto(urlsplit(link[0]).path)
    watch.look(page, "reset-key")
    fresh = "otra-clave-muy-larga-2"
    page.locator("[name=password1]").fill(fresh)
    page.locator("[name=password2]").fill(fresh)
    page.locator("main form button[type=submit]").first.click()
    expect(page).to_have_url(re.compile("/password/reset/key/done/"))
    _log_in(page, address, fresh)
    expect(page).to_have_url(f"{watch.url}/e/norte/")
