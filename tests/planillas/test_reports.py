"""Reports in a program's hands, and the rules of their notes and sections."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.models import Document
from planillas import notes, report_sources, report_templates, reports
from planillas.models import Planilla, Report, Section
from planillas.notes import UnknownNote
from planillas.report_sources import Chosen
from planillas.report_templates import Part
from schools.scope import school_scope
from tests.conftest import Person
from tests.planillas import made, written

BASE = "/api/v1/schools/norte"
NOTES = [
    {"n": n, "document_id": "d", "place": None, "quote": f"cita {n}", "verified": True} for n in (1, 2, 3)
]


@pytest.fixture
def act(ana: Person) -> Document:
    return written.act(ana)


@pytest.fixture
def planilla(ana: Person) -> Planilla:
    return made.planilla(ana)


def call(person: Person, method: str, path: str, body: Any = None, **headers: Any) -> Any:
    return getattr(person.program(), method)(f"{BASE}/{path}", body, format="json", headers=headers)


# --- notes -----------------------------------------------------------------------------------------------------------


def test_a_note_that_the_text_names_no_more_goes_and_the_others_are_numbered_anew() -> None:
    kept = notes.keep("Primero [3], después [1; 3].", NOTES, ["Algo que ya no está."])
    assert kept.text == "Primero [1], después [2][1]." and kept.unsupported == ()
    assert [(each["n"], each["quote"]) for each in kept.notes] == [(1, "cita 3"), (2, "cita 1")]
    with pytest.raises(UnknownNote, match=r"\[1\], \[2\], \[3\]"):
        notes.keep("Una [4].", NOTES)
    with pytest.raises(UnknownNote, match="no tiene notas"):
        notes.keep("Una [1].", [])


@given(st.text(st.sampled_from("ab .[]123,;y\n-«»"), max_size=60))
def test_text_and_notes_always_agree(text: str) -> None:
    marks = {mark for mark in notes.numbers_in(text) if mark in (1, 2, 3)}
    unknown = set(notes.numbers_in(text)) - marks
    if unknown:
        with pytest.raises(UnknownNote):
            notes.keep(text, NOTES)
        return
    kept = notes.keep(text, NOTES)
    assert set(notes.numbers_in(kept.text)) == {each["n"] for each in kept.notes}
    assert [each["n"] for each in kept.notes] == list(range(1, len(marks) + 1))


# --- beginning -------------------------------------------------------------------------------------------------------


def test_a_report_is_begun_once_and_read(
    ana: Person, act: Document, planilla: Planilla, work_off: Callable[[], None]
) -> None:
    body = {
        "title": "Memoria",
        "documents": [str(act.pk)],
        "planillas": [str(planilla.pk)],
        "sections": [
            {"title": "Natación", "prompt": "Contar las clases."},
            {"title": "Nómina", "kind": "table"},
            {"title": "Por curso", "kind": "chart"},
        ],
    }
    first = call(ana, "post", "reports/", body, **{"Idempotency-Key": "uno"})
    again = call(ana, "post", "reports/", body, **{"Idempotency-Key": "uno"})
    assert first.status_code == again.status_code == 201 and first.json()["id"] == again.json()["id"]
    assert first.json()["state"] == "filling" and first.json()["progress"] == 0
    work_off()
    read = call(ana, "get", f"reports/{first.json()['id']}/").json()
    assert read["state"] == "review" and [each["state"] for each in read["sections"]] == [
        "empty",
        "drafted",
        "drafted",
    ]
    table, chart = read["sections"][1:]
    assert table["data"]["rows"][0][0] == ["Álvarez, Ana", "found"]
    assert chart["drawn"]["by"] == "curso" and chart["data"]["labels"] == ["1.º A", "1.º B", "2.º A"]
    assert [each["title"] for each in read["sources"]] == [act.title, planilla.title]
    listed = call(ana, "get", "reports/?q=memor&state=review").json()["results"]
    assert [each["id"] for each in listed] == [read["id"]] and not call(ana, "get", "reports/?q=otra").json()[
        "results"
    ]


def test_sources_that_are_none_or_elsewhere_are_refused(ana: Person, zoe: Person, act: Document) -> None:
    part = (Part("Una"),)
    with pytest.raises(report_sources.NoSources):
        reports.start(ana.member, Chosen(), parts=part, title="X")
    foreign = written.act(zoe)
    for chosen in (Chosen(documents=[foreign.pk]), Chosen(planillas=[made.planilla(zoe).pk])):
        with pytest.raises(report_sources.NoSuchSource):
            reports.start(ana.member, chosen, parts=part, title="X")
    with pytest.raises(report_templates.BadTemplate):
        reports.start(ana.member, Chosen(documents=[act.pk]), parts=(), title="X")
    whole_shelf = Chosen(collections=[act.collection_id], documents=[act.pk])
    entry = reports.start(ana.member, whole_shelf, parts=part, title="X")
    assert [each.document_id for each in entry.sources] == [act.pk]


# --- changing --------------------------------------------------------------------------------------------------------


@pytest.fixture
def report(ana: Person, act: Document, planilla: Planilla) -> Report:
    return written.report(ana, act, planilla)


def test_a_program_writes_over_a_section_and_hears_of_what_does_not_fit(
    ana: Person, beto: Person, report: Report
) -> None:
    path = f"reports/{report.pk}/"
    sections = call(ana, "get", path).json()["sections"]
    first, table = (f"{path}sections/{sections[at]['id']}/" for at in (0, 1))
    assert sections[0]["unsupported"] == ["- Nadie lo pidió."] and len(sections[0]["notes"]) == 2
    changed = call(ana, "patch", first, {"text": "Hubo *doce* [1].", "rev": 1}).json()["sections"][0]
    assert (changed["state"], changed["rev"], len(changed["notes"])) == ("edited", 2, 1)
    for address, body, status, code in (
        (first, {"text": "Hubo [9]."}, 400, "unknown_note"),
        (first, {"text": "Tarde.", "rev": 1}, 409, "section_changed"),
        (first, {"title": ""}, 400, "invalid"),
        (first, {"drawn": {"planilla": str(report.pk)}}, 400, "invalid"),
        (table, {"drawn": {"planilla": str(report.pk), "columns": ["alumno"]}}, 400, "bad_drawing"),
    ):
        refused = call(ana, "patch", address, body)
        assert (refused.status_code, refused.json()["code"]) == (status, code), body
    redraft = call(ana, "post", first + "redraft", {})
    assert (redraft.status_code, redraft.json()["code"]) == (409, "section_edited")
    assert call(beto, "patch", first, {"text": "De otro."}).status_code == 403
    assert call(ana, "post", first + "redraft", {"replace": True}).json()["state"] == "filling"
    assert call(ana, "post", path + "approve").json()["code"] == "report_at_work"
    assert call(ana, "post", first + "redraft", {"replace": True}).json()["code"] == "report_at_work"


def test_it_is_approved_handed_out_and_deleted(ana: Person, report: Report) -> None:
    path = f"reports/{report.pk}/"
    with school_scope(ana.school_id):
        Section.objects.filter(ordinal=0).update(state="waiting")
    assert call(ana, "post", path + "approve").json()["code"] == "report_not_ready"
    with school_scope(ana.school_id):
        Section.objects.filter(ordinal=0).update(state="edited")
    assert call(ana, "post", path + "approve").json()["state"] == "approved"
    answer = call(ana, "get", path + "export?fmt=md")
    assert answer.status_code == 200 and "Aprobado por Ana" in answer.content.decode()
    assert call(ana, "patch", path, {"title": "Otro"}).json()["state"] == "review"
    assert call(ana, "delete", path).status_code == 204
    assert call(ana, "get", path).status_code == 404


def test_templates_in_a_programs_hands(ana: Person, beto: Person) -> None:
    body = {"name": "Breve", "sections": [{"title": "Hechos", "words": 90}]}
    kept = call(ana, "post", "report-templates/", body).json()
    assert call(ana, "post", "report-templates/", body).json()["code"] == "template_name_taken"
    copied = call(ana, "post", "report-templates/", {"ready_made": "informe-de-convivencia"}).json()
    listed = call(beto, "get", "report-templates/").json()["results"]
    assert [each["id"] for each in listed] == [copied["id"], kept["id"]] and len(copied["sections"]) > 2
    path = f"report-templates/{kept['id']}/"
    assert call(beto, "patch", path, {"name": "Otra"}).status_code == 403
    assert call(ana, "patch", path, {"purpose": "Para todo.", "rev": 1}).json()["sections"][0]["words"] == 90
    assert call(ana, "patch", path, {"name": "X", "rev": 1}).json()["code"] == "template_changed"
    assert call(ana, "delete", path).status_code == 204 and call(ana, "get", path).status_code == 404
