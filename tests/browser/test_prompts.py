"""A director writes an instruction from an example, changes it, compares, tries it out, and takes the change back."""

from playwright.sync_api import expect

from tests.browser.asking import ATTENDANCE
from tests.browser.watch import Arrive


def test_an_instruction_is_written_compared_tried_and_restored(arrive: Arrive) -> None:
    page, watch = arrive("ana@norte.example")
    name = f"Paso a paso {watch.width}"
    page.goto("/e/norte/")
    if watch.width < 992:
        page.locator(".user-menu summary").click()
    page.get_by_role("link", name="Instrucciones").locator("visible=true").click()
    page.goto("/e/norte/instrucciones/nueva/?ejemplo=pasos")
    page.locator("#name").fill(name)
    text = page.locator("#text")
    text.fill(text.input_value() + "\nEs para {{curso}}, y no {{ curso.nombre }}.")
    row = page.locator(".prompt-variable", has_text="{{curso}}")
    row.get_by_label("Qué es").fill("El curso")
    row.get_by_label("Valor").fill("5.º B")
    watch.expect_status(400)
    page.get_by_role("button", name="Guardar").click()
    expect(page.get_by_role("alert")).to_contain_text("Línea 4, posición 25")
    watch.look(page, "prompt-refused")
    # Nothing of what was typed is lost.
    expect(row.get_by_label("Valor")).to_have_value("5.º B")
    text.fill(text.input_value().replace(", y no {{ curso.nombre }}", ""))
    page.get_by_role("button", name="Guardar").click()
    expect(page.locator("h1")).to_have_text(name)
    expect(page.locator(".prompt-versions li")).to_have_count(1)

    text.fill(text.input_value().replace("decirlo", "avisarlo"))
    page.locator("#note").fill("Otra palabra")
    page.get_by_text("Solamente estos roles").click()
    page.get_by_label("Docente").check()
    page.get_by_role("button", name="Guardar").click()
    expect(page.locator(".prompt-versions li")).to_have_count(2)
    watch.look(page, "prompt")
    page.get_by_role("link", name="Versión 2").click()
    expect(page.locator("del")).to_have_text("decirlo")
    expect(page.locator("ins")).to_have_text("avisarlo")
    watch.look(page, "prompt-version")

    page.goto(page.url.split("versiones/")[0] + "probar")
    page.locator("#question").fill(ATTENDANCE)
    page.get_by_role("button", name="Responder las dos").click()
    expect(page.locator(".prompt-side")).to_have_count(2)
    expect(page.locator(".note")).to_contain_text("no tienen efecto")
    watch.look(page, "prompt-try")

    page.goto(page.url.replace("probar", "versiones/1/"))
    page.get_by_role("button", name="Restaurar esta versión").click()
    expect(page.locator(".prompt-versions li").first).to_contain_text("Vuelve a la versión 1")
    expect(text).to_have_value(
        "Responder con una lista de pasos, en el orden en que se hacen.\n"
        "Cada paso empieza con un verbo y dice quién lo hace.\n"
        "No más de {{pasos}} pasos. Si falta un dato para un paso, decirlo.\nEs para {{curso}}."
    )
    page.goto("/e/norte/instrucciones/")
    expect(page.locator(".prompt-list li", has_text=name)).to_contain_text("Docente")
    watch.look(page, "prompts")


def test_an_empty_library_says_what_an_instruction_is(arrive: Arrive) -> None:
    page, watch = arrive("vera@vacia.example", scripts=False)
    page.goto("/e/vacia/instrucciones/")
    expect(page.locator(".empty-state")).to_contain_text("Una instrucción es un texto")
    page.get_by_role("link", name="Para familias").click()
    expect(page.locator("#text")).to_have_value(
        "La respuesta se va a compartir con las familias de {{escuela}}.\n"
        "Usar frases cortas, sin siglas ni términos técnicos.\n"
        "Si hay un plazo o una fecha, va en la primera oración."
    )
    # Without a script a variable's row comes with the first try to save.
    page.locator("#text").fill("Para {{quien}}.")
    watch.expect_status(400)
    page.get_by_role("button", name="Guardar").click()
    expect(page.get_by_role("alert")).to_contain_text("no están declaradas: {{quien}}")
    expect(page.locator(".prompt-variable")).to_have_count(1)
