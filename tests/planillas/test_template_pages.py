"""The pages of templates: the editor also without a script, the school's own file, and who sees what."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from planillas import ready_made, templates
from planillas.columns import Column, Kind
from planillas.drafts import Draft
from tests.conftest import Person
from tests.planillas.test_templates import workbook

COLUMNS = (
    Column("", "Apellido y nombre", is_key=True, is_required=True, meaning="Como figura en el DNI"),
    Column("", "Turno", Kind.CHOICE, choices=("Mañana", "Tarde")),
)


def _address(name: str, *more: Any) -> str:
    return reverse(f"planillas:{name}", args=["norte", *more])


def _typed(*columns: dict[str, str], **more: str) -> dict[str, Any]:
    """Return the editor's form as a browser sends it; a column is its fields without their number."""
    sent: dict[str, Any] = {"name": "Nómina", "do": "save", "column": [], **more}
    for number, column in enumerate(columns):
        sent["column"].append(str(number))
        sent |= {f"{name}-{number}": value for name, value in column.items()}
    return sent


def _fields(page: str) -> dict[str, Any]:
    """Return what a browser would send of a page's editor: what was drawn may be sent back."""
    form = page[page.index("data-template-form") : page.index('<template id="column-template"')]
    sent: dict[str, Any] = {"do": "save", "column": re.findall(r'name="column" value="(\d+)"', form)}
    for tag in re.findall(r"<input[^>]*>", form):
        told = dict(re.findall(r'([a-z_]+)="([^"]*)"', tag))
        if told["name"] == "column" or (told.get("type") == "checkbox" and " checked" not in tag):
            continue
        sent[told["name"]] = told.get("value", "on")
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\n(.*?)</textarea>', form, re.S):
        sent[name] = text
    for name, choices in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', form, re.S):
        chosen = re.findall(r'value="([^"]*)"[^>]* selected', choices)
        sent[name] = chosen[0] if chosen else ""
    return sent


def test_a_template_is_drawn_column_by_column_without_a_script(ana: Person) -> None:
    browser = ana.browser()
    page = browser.get(_address("template_new")).content.decode()
    sent = _fields(page)
    assert len(sent["column"]) == 3

    # The buttons save nothing: they draw the page again with what was typed.
    sent |= {"name": "Nómina", "name-0": "Turno", "kind-0": "choice", "name-1": "Alumno", "do": "up-1"}
    page = browser.post(_address("template_new"), sent).content.decode()
    assert templates.every(ana.member) == []
    sent = _fields(page)
    assert (sent["name-0"], sent["name-1"]) == ("Alumno", "Turno")
    page = browser.post(_address("template_new"), {**sent, "do": "add"}).content.decode()
    assert len(_fields(page)["column"]) == 4

    refused = browser.post(_address("template_new"), sent)
    assert refused.status_code == 400
    assert "Faltan las opciones" in refused.content.decode()
    sent = _fields(refused.content.decode()) | {"choices-1": "Mañana\nTarde", "distinct-0": "on"}
    made = browser.post(_address("template_new"), sent)
    assert made.status_code == 302
    (kept,) = templates.every(ana.member)
    assert [(each.key, each.is_key) for each in templates.columns_of(kept)] == [
        ("alumno", True),
        ("turno", False),
    ]


def test_what_is_drawn_for_a_template_sends_it_back_unchanged(ana: Person) -> None:
    kept = templates.create(ana.member, Draft('La "A" & <b>', "p", "un alumno", 30, COLUMNS))
    page = ana.browser().get(_address("template", kept.pk)).content.decode()
    assert "<b>" not in page
    sent = {
        name: value.replace("&quot;", '"').replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        if isinstance(value, str)
        else value
        for name, value in _fields(page).items()
    }
    assert ana.browser().post(_address("template_change", kept.pk), sent).status_code == 302
    again = templates.get(ana.member, kept.pk)
    assert templates.draft_of(again) == templates.draft_of(kept)
    assert again.rev == 2

    # The other one, who began before, is told and loses nothing.
    late = ana.browser().post(_address("template_change", kept.pk), sent | {"name-0": "Estudiante"})
    assert late.status_code == 409
    told = late.content.decode()
    assert "otra persona cambió la plantilla" in told
    assert _fields(told)["name-0"] == "Estudiante"
    assert (
        ana.browser().post(_address("template_change", kept.pk), _fields(told) | {"name": "N"}).status_code
        == 302
    )


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"name": "x", "column": ["0", "no", "99999"], "kind-0": "nada", "identity-0": "?", "do": "down-7"},
        {"name": "x\0", "column": [str(n) for n in range(400)], "rows_expected": "muchas", "do": "add"},
        {"name": "x", "column": ["0"], "name-0": "A", "key-0": "../..", "width-0": "1e9"},
    ],
)
def test_what_no_page_sends_is_refused_in_words(ana: Person, sent: dict[str, Any]) -> None:
    assert ana.browser().post(_address("template_new"), sent).status_code in (200, 400)
    assert templates.every(ana.member) == []


def test_who_may_not_design_reads_what_a_template_holds_and_uses_it(ana: Person, beto: Person) -> None:
    kept = templates.create(ana.member, Draft("Nómina de 2.º", columns=COLUMNS))
    page = beto.browser().get(_address("template", kept.pk)).content.decode()
    assert "data-template-form" not in page
    assert "Como figura en el DNI" in page
    assert "Mañana · Tarde" in page
    shelf = beto.browser().get(_address("templates")).content.decode()
    assert _address("template_new") not in shelf
    assert f"?plantilla={kept.pk}" in shelf
    assert ready_made.planillas()[0].title in shelf


def test_an_own_file_is_shown_as_it_was_recognised(ana: Person) -> None:
    file = SimpleUploadedFile("Notas de <b>.xlsx", workbook("Alumno", "Nota final"))
    response = ana.browser().post(_address("template_upload"), {"file": file}, follow=True)
    page = response.content.decode()
    assert response.status_code == 200
    assert page.count("is-lit") >= 2
    assert "Nota final" in page
    assert "<b>" not in page
    (kept,) = templates.every(ana.member)
    sent = ana.browser().get(_address("template_file", kept.pk))
    assert b"".join(sent.streaming_content if not sent.is_async else _all(sent)).startswith(b"PK")  # type: ignore[attr-defined]
    assert "attachment" in sent["Content-Disposition"]

    broken = ana.browser().post(_address("template_upload"), {"file": SimpleUploadedFile("a.xlsx", b"nada")})
    assert broken.status_code == 422
    assert 'role="alert"' in broken.content.decode()
    assert ana.browser().post(_address("template_upload")).status_code == 400


def _all(response: Any) -> list[bytes]:
    from asgiref.sync import async_to_sync

    async def gather() -> list[bytes]:
        return [piece async for piece in response.streaming_content]

    return async_to_sync(gather)()


def test_a_long_list_of_templates_is_paged_and_searched(
    ana: Person, django_assert_max_num_queries: Any
) -> None:
    for number in range(53):
        templates.create(ana.member, Draft(f"Plantilla {number:02}", columns=(Column("", "Año"),)))
    with django_assert_max_num_queries(30):
        first = ana.browser().get(_address("templates")).content.decode()
    assert first.count("templates-one") == 50
    found = ana.browser().get(_address("templates") + "?q=plantilla+52").content.decode()
    assert found.count("templates-one") == 1
