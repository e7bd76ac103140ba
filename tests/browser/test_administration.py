"""The platform's administrator opens a school and names its director, who then comes in."""

from playwright.sync_api import expect

from tests.browser.cast import ADMINISTRATOR, Cast
from tests.browser.watch import Arrive


def test_an_administrator_opens_a_school_and_its_director_comes_in(
    norte: Cast, arrive: Arrive, width: int
) -> None:
    director = norte.newcomer(f"Delia{width}")
    page, watch = arrive(ADMINISTRATOR)
    page.goto("/admin/")
    watch.look(page, "admin")
    page.goto("/admin/schools/school/add/")
    watch.look(page, "admin-school")
    page.locator("[name=name]").fill(f"Escuela Nueva {width}")
    page.locator("[name=slug]").fill(f"nueva-{width}")
    page.locator(".add-row").click()
    row = page.locator("tr:has([name$='-0-user']), div:has(> [name$='-0-user'])").first
    row.locator(".select2-selection").first.click()
    page.locator(".select2-search__field").fill(director)
    page.locator(".select2-results__option", has_text=f"Delia{width}").click()
    page.locator("[name$='-0-role']").select_option("director")
    page.locator("[name=_save]").click()
    expect(page.locator("body")).to_contain_text(f"Escuela Nueva {width}")

    page, watch = arrive(director)
    page.goto(f"/e/nueva-{width}/")
    expect(page.locator("main h1")).to_have_text(f"Escuela Nueva {width}")
    expect(page.locator(".shell-nav")).to_contain_text("Personas")
