"""The grid's page and what its script is answered."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from documents.models import Document
from documents.places import Time
from planillas.cells import Evidence, found
from planillas.models import Planilla, Row, State
from schools.scope import school_scope
from tests.conftest import Person
from tests.planillas import made

XSS = "<img src=x onerror=alert(1)>"


def _url(name: str, planilla: Planilla, **ids: Any) -> str:
    return reverse(f"planillas:{name}", args=["norte", planilla.pk, *ids.values()])


def _rows(person: Person, planilla: Planilla, **asked: Any) -> dict[str, Any]:
    answer = person.browser().get(_url("rows", planilla), {"contar": "1", **asked})
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def _send(browser: Client, url: str, body: Any) -> Any:
    return browser.post(url, json.dumps(body), content_type="application/json")


@pytest.fixture
def planilla(ana: Person) -> Planilla:
    a, b = (made.document(ana, title, made.of_rows()) for title in ("Nómina", f"Legajo {XSS}"))
    said = made.conflict((7, made.evidence(a, 2, "7")), (8, made.evidence(b, 2, XSS)))
    wrong = made.invalid("«x» no es un número", made.evidence(a, 3, "x"))
    rows = [{"alumno": f"Ana {XSS}", "promedio": said}, {"alumno": "Bruno", "promedio": wrong}]
    return made.planilla(ana, rows=rows, sources=[a, b], title=f"Nómina {XSS}")


def test_the_page_and_its_rows_say_what_there_is(ana: Person, planilla: Planilla) -> None:
    page = ana.browser().get(_url("planilla", planilla)).content.decode()
    assert XSS not in page and "1 celda en conflicto" in page and "1 celda inválida" in page
    told = _rows(ana, planilla)
    assert (told["total"], told["rev"]) == (2, 1)
    first, second = told["rows"]
    assert first["c"]["promedio"] == ["", "conflict", "7 / 8"]
    assert second["c"] == {"alumno": ["Bruno", "found"], "promedio": ["", "invalid", "x"]}
    assert [row["id"] for row in _rows(ana, planilla, orden="-alumno")["rows"]] == [second["id"], first["id"]]
    filters = json.dumps([{"c": "alumno", "t": "brun"}])
    assert _rows(ana, planilla, filtros=filters)["total"] == 1
    for asked in ({"filtros": "[{}"}, {"filtros": "[1]"}, {"orden": "ajena"}, {"estado": "x"}):
        assert ana.browser().get(_url("rows", planilla), asked).status_code == 400, asked


def test_cells_are_written_one_by_one_and_nobody_is_overwritten(
    ana: Person, beto: Person, planilla: Planilla
) -> None:
    first, second = _rows(ana, planilla)["rows"]
    ids, revs = [first["id"], second["id"]], {first["id"]: 1, second["id"]: 1}
    body = {"rows": ids, "revs": revs, "changes": [[0, "promedio", {"choose": 1}], [1, "promedio", "mucho"]]}
    answer = _send(ana.browser(), _url("cells", planilla), body).json()
    assert [(each["row"], each["code"]) for each in answer["unwritten"]] == [(second["id"], "bad_value")]
    assert {row["id"]: row["c"]["promedio"][:2] for row in answer["rows"]} == {
        first["id"]: ["8", "edited"],
        second["id"]: ["", "invalid"],
    }
    assert (answer["counts"]["conflict"], answer["counts"]["invalid"], answer["rev"]) == (0, 1, 2)
    late = {"rows": ids[:1], "revs": revs, "changes": [[0, "promedio", "4"]]}
    refused = _send(ana.browser(), _url("cells", planilla), late)
    assert (refused.status_code, refused.json()["code"]) == (409, "planilla_changed")
    assert refused.json()["rows"][0]["c"]["promedio"] == ["8", "edited"]
    # A teacher who did not make it may look and not touch.
    assert beto.browser().get(_url("rows", planilla)).status_code == 200
    assert _send(beto.browser(), _url("cells", planilla), body).status_code == 403
    undone = _send(ana.browser(), _url("undo", planilla), {}).json()
    assert undone["counts"]["conflict"] == 1
    assert _send(ana.browser(), _url("undo", planilla), {}).status_code == 409


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"rows": ["x"], "changes": []},
        {"rows": [], "changes": [[0, "alumno", "X"]]},
        {"rows": 3, "changes": [[0, "alumno", "X"]]},
        {"changes": [["0", "alumno", "X"]]},
        {"changes": [[0, "alumno", {"choose": "1"}]]},
        {"changes": [[0, "alumno"]]},
        {"changes": [[0, "ajena", "X"]]},
        {"changes": [[0, "alumno", "X"]], "batch": "no"},
    ],
)
def test_what_is_not_understood_changes_nothing(ana: Person, planilla: Planilla, body: Any) -> None:
    rows = _rows(ana, planilla)
    if isinstance(body, dict) and body:
        body = {"rows": [rows["rows"][0]["id"]], **body}
    assert _send(ana.browser(), _url("cells", planilla), body).status_code == 400
    assert _rows(ana, planilla) == rows


def test_the_panel_shows_every_source_at_its_place(ana: Person, zoe: Person, planilla: Planilla) -> None:
    def panel(row: str, column: str) -> str:
        answer = ana.browser().get(_url("source", planilla, row=row), {"columna": column})
        assert answer.status_code == 200
        return answer.content.decode()

    first = _rows(ana, planilla)["rows"][0]["id"]
    shown = panel(first, "promedio")
    assert shown.count("Elegir esta") == 2 and "hoja «Nómina», fila 2" in shown and XSS not in shown
    assert "lugar=" in shown, "one click opens it at its place"
    assert "<mark>Ana" in panel(first, "alumno")
    with school_scope(ana.school_id):
        row = Row.objects.get(pk=first)
        source = Document.objects.get(title="Nómina")
        heard = Evidence(source.pk, 0, Time(62.5, 65.0), "veinte")
        row.write({**row.read(), "dni": found("20", [heard], confidence=0.9, engine="lejos")})
        row.save()
    shown = panel(first, "dni")
    assert "#t=62.50,65.00" in shown and "t=62.5&amp;hasta=65.0" in shown and "minuto 1:02" in shown
    assert "Leído por lejos" in shown and "certeza 90" in shown
    with school_scope(ana.school_id):
        Document.objects.filter(pk=source.pk).update(deleted_at="2026-01-01T00:00Z")
    assert "ya no está en la biblioteca" in panel(first, "dni")
    _send(ana.browser(), _url("cells", planilla), {"rows": [first], "changes": [[0, "dni", "44.123.456"]]})
    shown = panel(first, "dni")
    assert "Editada · Ana" in shown and "<del>20</del>" in shown
    assert "44123456" in ana.browser().get(_url("history", planilla)).content.decode()
    assert ana.browser().get(_url("source", planilla, row=first), {"columna": "ajena"}).status_code == 404
    assert zoe.browser().get(_url("source", planilla, row=first), {"columna": "dni"}).status_code == 404


def test_it_is_approved_knowingly_and_compared(ana: Person, beto: Person, planilla: Planilla) -> None:
    browser = ana.browser()
    browser.post(_url("approve", planilla), {"rev": "1"})
    assert "Todavía no se aprobó" in browser.get(_url("versions", planilla)).content.decode()
    assert beto.browser().post(_url("approve", planilla), {"knowingly": "1"}).status_code == 403
    browser.post(_url("approve", planilla), {"rev": "1", "knowingly": "1", "note": XSS})
    page = browser.get(_url("planilla", planilla)).content.decode()
    assert "Aprobada, versión 1" in page
    second = _rows(ana, planilla)["rows"][1]["id"]
    left = _send(
        browser, _url("cells", planilla), {"rows": [second], "changes": [[0, "promedio", "6,5"]]}
    ).json()
    assert left["state"] == State.REVIEW
    compared = browser.get(_url("compare", planilla), {"a": "1", "b": "ahora"}).content.decode()
    assert "1 celda cambiada" in compared and "<ins>6,50</ins>" in compared and XSS not in compared
    assert browser.get(_url("compare", planilla), {"a": "7"}).status_code == 404


def test_rows_come_without_a_question_for_each(ana: Person, django_assert_max_num_queries: Any) -> None:
    planilla = made.planilla(ana, rows=[{"alumno": f"A{number}"} for number in range(250)])
    browser = ana.browser()
    browser.get(_url("rows", planilla))
    with django_assert_max_num_queries(12):
        told = browser.get(_url("rows", planilla), {"contar": "1"}).json()
    assert (len(told["rows"]), told["total"]) == (200, 250)
