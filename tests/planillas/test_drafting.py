"""A report is written: section by section, out of its own sources, every citation checked."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from pytest_django import Settings

from documents import library
from documents.models import Document, Sensitivity
from engines import health
from engines.models import Charge, Decision
from pipeline.advance import advance
from pipeline.models import Due
from planillas import report_sections, reports
from planillas.models import ReportSource, Section
from planillas.report_sections import Changes
from planillas.report_sources import Chosen
from planillas.report_templates import Part
from planillas.reports import Entry
from schools.ids import RunId, SchoolId
from schools.scope import school_scope
from tests.conftest import Person, upload
from tests.doubles import openai_compat
from tests.doubles.base import Double
from tests.engines import installed
from tests.planillas import made

ACT = """# Reunión de convivencia

## Situación

En marzo se registraron doce conflictos en los recreos, casi todos en el patio grande.

## Medidas

Se acordó abrir la biblioteca durante los recreos y sumar una preceptora en el patio grande.
La psicopedagoga entrevistará a las familias antes del 15 de mayo.
"""
OTHER = (
    "# Presupuesto\n\nLos conflictos por el alquiler del patio se pagaron con 9000 pesos en los recreos.\n"
)
PARTS = (
    Part("Conflictos", "Describir los conflictos en los recreos y dónde se dieron.", 100),
    Part("Medidas", "Enumerar las medidas que se acordaron para los recreos.", 100),
    Part("Transporte", "Contar cómo funciona el ómnibus escolar a Montevideo.", 100),
)
WRITTEN = (
    "Hubo conflictos: «se registraron doce conflictos en los recreos» [1]. "
    "Se contrató a un guardia nocturno. "
    "Se acordó «abrir la biblioteca durante los recreos» [1] y además «comprar cámaras» [1]. Lo dice el acta [9]."
)


@dataclass
class House:
    """A server of an engine that writes, and the file that names it."""

    double: Double
    file: Path

    def put(self, **changes: object) -> None:
        entry = openai_compat.entry(self.double, name="pluma", tasks=["chat"], **changes)
        self._write(installed.QUOTING, entry)

    def put_none(self) -> None:
        self._write(installed.QUOTING)

    def _write(self, *entries: Mapping[str, object]) -> None:
        for entry in entries:
            health.forget(str(entry["name"]))
        self.file.write_text(yaml.safe_dump({"engines": [dict(each) for each in entries]}))


@pytest.fixture
def house(settings: Settings, tmp_path: Path) -> Iterator[House]:
    settings.ENGINES_FILE = tmp_path / "engines.yaml"
    with openai_compat.serving() as double:
        double.answer = (WRITTEN,)
        made_house = House(double, settings.ENGINES_FILE)
        made_house.put_none()
        yield made_house


@pytest.fixture
def act(ana: Person, work_off: Callable[[], None]) -> Document:
    """Return a document of Norte, read and indexed, beside another that no report of these tests is written from."""
    found = upload(ana, name="convivencia.md", text=ACT)
    upload(ana, name="presupuesto.md", text=OTHER)
    work_off()
    return library.get(ana.member, found.document_id).document


@pytest.fixture
def write(ana: Person, act: Document, work_off: Callable[[], None]) -> Callable[..., Entry]:
    """Give a function that begins a report from the act and lets it be written."""

    def start(parts: tuple[Part, ...] = PARTS, **fields: Any) -> Entry:
        chosen = fields.pop("chosen", Chosen(documents=[act.pk]))
        entry = reports.start(ana.member, chosen, parts=parts, title="Convivencia", **fields)
        work_off()
        return reports.get(ana.member, entry.id)

    return start


def test_without_a_model_it_quotes_and_says_so(
    ana: Person, house: House, act: Document, write: Callable[..., Entry]
) -> None:
    entry = write()
    conflicts, measures, transport = entry.sections
    assert entry.report.state == "review" and entry.report.drafted_at is not None
    assert conflicts.state == measures.state == "quoted" and "motor que redacte" in conflicts.told["reason"]
    assert "doce conflictos en los recreos" in conflicts.text and "abrir la biblioteca" in measures.text
    for section in (conflicts, measures):
        assert section.citations and all(each["verified"] for each in section.citations)
        for note in section.citations:
            assert (
                note["quote"] in ACT and note["document_id"] == str(act.pk) and note["sha256"] == act.sha256
            )
            assert note["place"]["kind"] == "text" and f"[{note['n']}]" in section.text
        assert "9000" not in section.text, "only its own sources"
    assert (transport.state, transport.text, transport.citations) == ("empty", "", [])
    assert transport.told["searched"] == 1 and transport.told["titles"] == [act.title]


def test_what_an_engine_writes_is_checked_against_the_sources(
    ana: Person, house: House, act: Document, write: Callable[..., Entry]
) -> None:
    house.put()
    entry = write(PARTS[:1], instructions="Sin nombres de personas.")
    (section,) = entry.sections
    assert section.state == "drafted" and section.told["engine"] == "pluma"
    assert section.text == (
        "Hubo conflictos: «se registraron doce conflictos en los recreos» [1]. "
        "Se contrató a un guardia nocturno. "
        "Se acordó «abrir la biblioteca durante los recreos» [2] y además «comprar cámaras» [3]. Lo dice el acta."
    )
    assert [(each["n"], each["quote"], each["verified"]) for each in section.citations] == [
        (1, "se registraron doce conflictos en los recreos", True),
        (2, "abrir la biblioteca durante los recreos", True),
        (3, "comprar cámaras", False),
    ]
    assert section.told["unsupported"] == [
        "Se contrató a un guardia nocturno.",
        "y además «comprar cámaras».",
        "Lo dice el acta.",
    ]
    (asked,) = [each.body for each in house.double.journal if each.body]
    said = str(asked["messages"])
    assert "Sin nombres de personas." in said and "Describir los conflictos" in said and "9000" not in said
    assert section.decision_id is not None
    with school_scope(ana.school_id):
        assert Charge.objects.filter(decision_id=section.decision_id).count() == 1
        assert Decision.objects.get(pk=section.decision_id).purpose == "draft"


def test_every_source_counts_for_what_may_leave_the_school(
    ana: Person, house: House, act: Document, write: Callable[..., Entry]
) -> None:
    house.put(runs="outside", price=installed.PRICE)
    secret = made.document(ana, "Legajos", [])
    with school_scope(ana.school_id):
        Document.objects.filter(pk=act.pk).update(sensitivity=Sensitivity.PUBLIC)
        Document.objects.filter(pk=secret.pk).update(sensitivity=Sensitivity.MINORS)
    entry = write(PARTS[:1], chosen=Chosen(documents=[act.pk, secret.pk]))
    assert entry.sections[0].state == "quoted" and not house.double.journal


def test_a_busy_engine_is_waited_for_and_nothing_is_drafted_twice(
    ana: Person, house: House, act: Document, write: Callable[..., Entry], work_off: Callable[[], None]
) -> None:
    house.put()
    house.double.fault = "overloaded"
    chosen = Chosen(documents=[act.pk])
    entry = reports.start(ana.member, chosen, parts=PARTS[:2], title="Convivencia")
    due = Due.objects.get()
    advance(SchoolId(due.school_id), RunId(due.run_id))
    waiting = reports.get(ana.member, entry.id)
    assert waiting.report.state == "filling" and waiting.waiting == 2
    assert waiting.progress is not None and "motor" in waiting.progress.waits
    house.double.fault = ""
    health.forget("pluma")
    with school_scope(ana.school_id):
        done = Section.objects.filter(pk=waiting.sections[0].pk)
        done.update(state="drafted", text="Ya estaba.", rev=7)
    house.double.journal.clear()
    work_off()
    after = reports.get(ana.member, entry.id)
    assert [each.state for each in after.sections] == [
        "drafted",
        "drafted",
    ] and after.report.state == "review"
    assert (
        after.sections[0].text == "Ya estaba."
        and len([each for each in house.double.journal if each.body]) == 1
    )


def test_a_section_is_drafted_again_alone_and_what_people_wrote_is_asked_for(
    ana: Person, house: House, write: Callable[..., Entry], work_off: Callable[[], None]
) -> None:
    entry = write(PARTS[:2])
    first, _second = entry.sections
    report_sections.change(ana.member, entry.id, first.pk, Changes(text="A mano, sin notas."))
    with pytest.raises(report_sections.WrittenByHand):
        report_sections.redraft(ana.member, entry.id, first.pk)
    with school_scope(ana.school_id):
        Section.objects.filter(report_id=entry.id).update(state="stale", told={"why": "Cambió."})
        ReportSource.objects.update(is_stale=True, why_stale="Cambió.")
    house.put()
    with pytest.raises(report_sections.WrittenByHand):
        report_sections.redraft(ana.member, entry.id, first.pk)
    report_sections.redraft_waiting(ana.member, entry.id)
    work_off()
    kept, again = reports.get(ana.member, entry.id).sections
    assert (kept.state, kept.text) == ("stale", "A mano, sin notas.")
    assert again.state == "drafted" and again.text.startswith("Hubo conflictos")
    report_sections.redraft(ana.member, entry.id, first.pk, replacing=True)
    assert reports.get(ana.member, entry.id).is_at_work and Due.objects.count() == 1
    work_off()
    replaced, untouched = reports.get(ana.member, entry.id).sections
    assert replaced.state == "drafted" and replaced.rev > kept.rev and untouched.rev == again.rev
    with school_scope(ana.school_id):
        assert not ReportSource.objects.filter(is_stale=True).exists(), (
            "what was written before they changed is gone"
        )
