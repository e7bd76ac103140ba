"""What becomes of words that are gone: chosen, stopped, taken away, approved; none outlives its document unnoticed."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from documents.blocks import Kind as BlockKind
from documents.blocks import ParsedBlock
from documents.models import Collection, Document
from documents.places import Text
from pipeline.stages import LeaseLost
from planillas import cells, fill, rechecked, starting
from planillas.cells import Candidate, Cell, Evidence, Status
from planillas.columns import Column, Kind
from planillas.models import Planilla, Row
from planillas.records import Said
from schools.ids import new_id
from schools.scope import school_scope
from tests.conftest import Person
from tests.planillas import made
from tests.planillas.test_fill import PUPILS, CutOff, kept, nomina, only_quoting, template
from tests.planillas.test_staleness import filled, recheck, rewrite, row, statuses

__all__ = ["filled", "only_quoting"]


def test_words_in_a_newer_version_are_no_place_to_lead_to(ana: Person) -> None:
    words = "La mamá de Ana Álvarez se llama Marta Gil."
    document = made.document(ana, "Informe", [ParsedBlock(BlockKind.PARAGRAPH, words, Text(0, len(words)))])
    with school_scope(ana.school_id):
        shelf = Collection.objects.create(name="Reservada")
    lines = ("Dato reservado.", "Otro dato.", words)
    newer = made.document(
        ana,
        "Informe reservado",
        [ParsedBlock(BlockKind.PARAGRAPH, each, Text(0, len(each))) for each in lines],
        collection=shelf,
    )
    said = Evidence(document.pk, 0, Text(0, len(words)), words)
    told = {"madre": cells.found("Marta Gil", [said], confidence=0.8, engine="cerca")}
    planilla = made.planilla(ana, (Column("madre", "Madre"),), [told], [document])
    with school_scope(ana.school_id):
        Document.objects.filter(pk=newer.pk).update(supersedes_id=document.pk)
    recheck(ana, newer.pk)
    cell = row(planilla)["madre"]
    # They stand in another block there: the cell is borne out, and still names only what its planilla was made from.
    assert cell.status == Status.FOUND and cell.sources == (said,)


def test_what_was_chosen_loses_the_words_of_what_is_gone(ana: Person) -> None:
    gone, other = new_id(), new_id()
    column = Column("promedio", "Promedio", Kind.NUMBER)
    mine, theirs = Evidence(gone, 0, Text(0, 1), "8"), Evidence(other, 0, Text(0, 1), "9")
    both = (Candidate(8, (mine,)), Candidate(9, (theirs,)))
    chosen = Cell(8, Status.EDITED, (mine,), candidates=both, edited_by="x", edited_at="2026-01-01")
    now = rechecked.unsaid(chosen, document_id=gone, stands=lambda _each: None, why="Se borró.", blank=True)
    assert (now.value, now.status, now.sources, now.why) == (8, Status.EDITED, (), "Se borró.")
    again = rechecked.said_again(
        chosen, Said(4, Evidence(gone, 0, Text(0, 1), "4"), 1.0), column, document_id=gone, why="Cambió."
    )
    assert (again.value, again.sources, again.why) == (8, (), "Cambió.")
    assert [each.value for each in again.candidates] == [9, 4]


def test_a_planilla_that_was_taken_away_loses_the_words_of_what_is_gone(
    ana: Person, filled: Callable[..., Planilla]
) -> None:
    document = nomina(ana)
    planilla = filled(document)
    with school_scope(ana.school_id):
        Planilla.objects.filter(pk=planilla.pk).update(deleted_at=timezone.now())
        Document.objects.filter(pk=document.pk).update(deleted_at=timezone.now())
    recheck(ana, document.pk)
    assert {each.quote for cell in row(planilla).values() for each in cell.sources} == {""}


def test_a_planilla_that_was_stopped_half_way_loses_the_words_of_what_is_gone(ana: Person) -> None:
    document, other = nomina(ana), nomina(ana, [["Díaz, Eva", "47.000.111", "", "1.º A", "9"]], "Otra")
    planilla = starting.start(ana.member, template_id=template(ana).pk, documents=[document.pk, other.pk])
    with pytest.raises(LeaseLost):
        fill.fill(CutOff(ana, planilla.pk, writes=1))
    with school_scope(ana.school_id):
        Document.objects.filter(pk=document.pk).update(deleted_at=timezone.now())
    recheck(ana, document.pk)
    assert {each.quote for cell in row(planilla).values() for each in cell.sources} == {""}


def test_what_was_approved_and_is_filled_again_has_to_be_approved_again(
    ana: Person, filled: Callable[..., Planilla], work_off: Callable[[], None]
) -> None:
    planilla = filled(nomina(ana))
    with school_scope(ana.school_id):
        Planilla.objects.filter(pk=planilla.pk).update(state="approved")
        first = Row.objects.get(planilla=planilla, position=1.0)
    starting.refill(ana.member, planilla.pk, rows=[first.pk])
    work_off()
    assert kept(planilla)[0].state == "review"


def test_what_changed_while_it_was_filled_is_noticed_at_its_end(ana: Person) -> None:
    document, other = nomina(ana), nomina(ana, [["Díaz, Eva", "47.000.111", "", "1.º A", "9"]], "Otra")
    planilla = starting.start(ana.member, template_id=template(ana).pk, documents=[document.pk, other.pk])
    with pytest.raises(LeaseLost):
        fill.fill(CutOff(ana, planilla.pk, writes=1))
    rewrite(ana, document, [[*PUPILS[0][:4], "4"], *PUPILS[1:]])
    recheck(ana, document.pk)  # leaves alone what is being filled
    assert statuses(planilla) == {}
    with school_scope(ana.school_id):
        Document.objects.filter(pk=other.pk).update(deleted_at=timezone.now())
    fill.fill(CutOff(ana, planilla.pk, writes=1_000))
    assert statuses(planilla) == {"1.promedio": "stale"}
    assert {"source_failed"} <= {each["code"] for each in kept(planilla)[0].told}
