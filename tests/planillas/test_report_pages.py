"""The pages of reports: read, written over, moved, approved, taken along; and their templates."""

from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from documents.models import Collection
from planillas import report_templates, reports
from planillas.models import Planilla, Report, Section
from schools.models import Membership
from schools.roles import Role
from schools.scope import school_scope
from tests import streams
from tests.conftest import Person, join
from tests.planillas import made, written


@pytest.fixture
def report(ana: Person) -> Report:
    return written.report(ana, written.act(ana), made.planilla(ana))


def url(name: str, person: Person, *ids: UUID) -> str:
    return reverse(f"reports:{name}", args=[person.school.slug, *ids])


def post(browser: Client, address: str, **sent: Any) -> Any:
    return browser.post(address, sent, follow=True)


def section(ana: Person, report: Report, ordinal: int = 0) -> Section:
    with school_scope(ana.school_id):
        return Section.objects.get(report=report, ordinal=ordinal)


def test_a_report_reads_as_a_document_whose_notes_open_the_source(ana: Person, report: Report) -> None:
    answer = ana.browser().get(url("report", ana, report.pk))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<q>hubo doce conflictos en los recreos</q>" in page and "<strong>biblioteca</strong>" in page
    assert "/biblioteca/" in page and "lugar=" in page and 'class="cite" href="/e/norte/' in page
    assert page.count('class="unsupported"') == 1
    assert "Álvarez, Ana" in page and page.count("sin evidencia") == 1, "the table says what is missing"
    for name, args in (("reports", ()), ("new", ()), ("templates", ())):
        assert ana.browser().get(url(name, ana, *args)).status_code == 200


def test_a_section_is_written_over_and_its_notes_follow(ana: Person, report: Report) -> None:
    browser, first = ana.browser(), section(ana, report)
    address = url("section", ana, report.pk, first.pk)
    form = browser.get(url("report", ana, report.pk) + f"?editar={first.pk}").content.decode()
    assert "data-report-edit" in form and "**biblioteca** [2]" in form
    page = post(browser, address, title="Hechos", text="Se abrió <b>algo</b> [2].", rev=first.rev)
    after = section(ana, report)
    assert (after.state, after.title, after.text) == ("edited", "Hechos", "Se abrió <b>algo</b> [1].")
    assert [(each["n"], each["quote"]) for each in after.citations] == [(1, "Se abrió la biblioteca")]
    assert "&lt;b&gt;algo" in page.content.decode()
    refused = post(browser, address, title="Hechos", text="Otra cosa [7].", rev=after.rev)
    assert (
        refused.status_code == 400
        and "[1]" in refused.content.decode()
        and "Otra cosa [7]." in refused.content.decode()
    )
    late = post(browser, address, title="Hechos", text="Tarde.", rev=first.rev)
    assert late.status_code == 409 and section(ana, report).text == after.text


def test_sections_are_moved_added_taken_away_and_drawn_again(ana: Person, report: Report) -> None:
    browser = ana.browser()
    chart = section(ana, report, 2)
    assert chart.drawn["made"]["labels"] == ["1.º A", "1.º B", "2.º A"]
    post(browser, url("section_move", ana, report.pk, chart.pk), to="up")
    assert section(ana, report, 1).pk == chart.pk
    picture = browser.get(url("chart", ana, report.pk, chart.pk) + "?tema=oscuro")
    assert picture["Content-Type"] == "image/svg+xml" and picture.content.startswith(b"<svg")
    planilla = chart.drawn["planilla"]
    sent = {"planilla": planilla, f"by.{planilla}": "beca", f"of.{planilla}": "cuota", "shape": "pie"}
    post(browser, url("section_draw", ana, report.pk, chart.pk), **sent)
    assert section(ana, report, 1).drawn["made"]["of"] == "Cuota"
    post(browser, url("section_add", ana, report.pk), title="Cierre", kind="text", words="80")
    assert section(ana, report, 4).title == "Cierre"
    post(browser, url("section_remove", ana, report.pk, chart.pk))
    with school_scope(ana.school_id):
        assert list(Section.objects.order_by("ordinal").values_list("ordinal", flat=True)) == [0, 1, 2, 3]


def test_only_whoever_approves_approves_and_a_change_takes_it_back(
    ana: Person, beto: Person, report: Report
) -> None:
    address = url("approve", ana, report.pk)
    assert beto.browser().post(address).status_code == 403
    post(ana.browser(), address)
    entry = reports.get(ana.member, report.pk)
    assert entry.report.state == "approved" and entry.report.approved_by == ana.user
    assert (
        "Solo quien hizo"
        in post(beto.browser(), url("change", ana, report.pk), title="Otro").content.decode()
    )
    post(ana.browser(), url("change", ana, report.pk), title="Otro título")
    entry = reports.get(ana.member, report.pk)
    assert (entry.report.state, entry.report.title, entry.report.approved_at) == (
        "review",
        "Otro título",
        None,
    )


@pytest.mark.parametrize("through_planilla", [False, True])
def test_whoever_does_not_see_a_source_does_not_see_the_report(ana: Person, through_planilla: bool) -> None:
    with school_scope(ana.school_id):
        open_shelf = Collection.objects.create(name="Abierta")
        closed = Collection.objects.create(name="Reservada")
    hidden = written.act(ana, collection=closed)
    shown = written.act(ana, collection=open_shelf)
    sheet: Planilla | None = made.planilla(ana, sources=[hidden]) if through_planilla else None
    made_report = written.report(ana, shown if through_planilla else hidden, sheet)
    reader = join(ana.school, "lea@norte.example", Role.READER, collections=[open_shelf.pk])
    assert reader.browser().get(url("report", ana, made_report.pk)).status_code == 404
    assert made_report.title not in reader.browser().get(url("reports", ana)).content.decode()
    Membership.objects.filter(pk=reader.membership.pk).update(collections=[open_shelf.pk, closed.pk])
    assert reader.browser().get(url("report", ana, made_report.pk)).status_code == 200


def test_a_report_is_begun_on_its_page_and_watched(ana: Person, committed: None) -> None:
    document = written.act(ana)
    browser = ana.browser()
    missing = post(browser, url("new", ana), template="informe-de-convivencia", title="Marzo")
    assert missing.status_code == 400 and "Elegir al menos" in missing.content.decode()
    told = browser.post(url("new_foretold", ana), {"documents": str(document.pk)}).content.decode()
    assert "1 fuente" in told and "citas textuales" in told
    page = post(
        browser, url("new", ana), template="informe-de-convivencia", documents=str(document.pk), do="start"
    )
    with school_scope(ana.school_id):
        begun = Report.objects.get()
    assert begun.state == "filling" and begun.title == "Informe de convivencia"
    assert "data-report-events" in page.content.decode()
    assert post(browser, url("section_add", ana, begun.pk), title="Más").status_code == 200
    with school_scope(ana.school_id):
        Report.objects.update(state="review")
    ((_name, event),) = streams.read(browser.get(url("events", ana, begun.pk)))
    assert event["is_busy"] is False and event["total"] == len(report_templates.ready_made()[0].parts) + 1


def test_templates_are_drawn_copied_changed_and_taken_away(ana: Person, beto: Person) -> None:
    browser = ana.browser()
    assert beto.browser().get(url("template_new", ana)).status_code == 403
    post(browser, url("template_copy", ana), name="memoria-anual")
    (copied,) = report_templates.every(ana.member)
    assert copied.ready_made == "memoria-anual" and copied.parts
    sent = {
        "name": "Memoria breve",
        "purpose": "",
        "rev": "1",
        "part_title": ["Matrícula", "", "Gráfico"],
        "part_prompt": ["Contar la matrícula.", "", ""],
        "part_words": ["80", "150", "150"],
        "part_kind": ["text", "text", "chart"],
    }
    address = url("template", ana, copied.id or UUID(int=0))
    assert post(browser, address, **sent).status_code == 200
    (changed,) = report_templates.every(ana.member)
    assert [(each.title, each.words, each.kind) for each in changed.parts] == [
        ("Matrícula", 80, "text"),
        ("Gráfico", 150, "chart"),
    ]
    assert post(browser, address, **sent).status_code == 409, "somebody else changed it"
    assert post(browser, address, **{**sent, "rev": "2", "part_words": ["5"]}).status_code == 400
    post(browser, url("template_delete", ana, copied.id or UUID(int=0)))
    assert not report_templates.every(ana.member)
