"""When what a planilla was made from changes, is replaced or goes away: the touched cells, and no others."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from documents import library
from documents.blocks import Kind as BlockKind
from documents.blocks import ParsedBlock
from documents.models import Block, Collection, Document
from documents.parse import block_rows
from documents.places import Sheet, Text, to_json
from pipeline import runs
from pipeline.stages import LeaseLost
from planillas import cells, changing, fill, rechecked, staleness, starting
from planillas.cells import Candidate, Cell, Evidence, Status
from planillas.columns import Column
from planillas.models import Act, Edit, Planilla, Report, ReportSource, Row, Section, Source
from planillas.readings import some
from planillas.records import Said
from schools.ids import SchoolId, new_id
from schools.scope import school_scope
from tests.conftest import Person
from tests.planillas import made
from tests.planillas.test_fill import HEADER, PUPILS, CutOff, kept, nomina, only_quoting, template

__all__ = ["only_quoting"]


@pytest.fixture
def filled(ana: Person, work_off: Callable[[], None]) -> Callable[..., Planilla]:
    """Give a function that fills a planilla from documents."""

    def fill(*documents: Document) -> Planilla:
        planilla = starting.start(
            ana.member, template_id=template(ana).pk, documents=[each.pk for each in documents]
        )
        work_off()
        return planilla

    return fill


def rewrite(person: Person, document: Document, rows: Sequence[Sequence[str]], *, first: int = 1) -> None:
    """Have a document read anew: it says this now."""
    with school_scope(person.school_id):
        Block.objects.filter(document=document).delete()
        Block.objects.bulk_create(block_rows(document, [made.table([HEADER, *rows], first=first)]))


def recheck(person: Person, document_id: UUID) -> None:
    staleness.recheck(CutOff(person, document_id, writes=1_000))


def row(planilla: Planilla, number: int = 1) -> dict[str, Cell]:
    with school_scope(SchoolId(planilla.school.pk)):
        return Row.objects.get(planilla=planilla, position=float(number)).read()


def statuses(planilla: Planilla) -> dict[str, str]:
    """Return the cells that are not simply found, as "row.column"."""
    with school_scope(SchoolId(planilla.school.pk)):
        rows = list(Row.objects.filter(planilla=planilla, deleted_at=None).order_by("position"))
    return {
        f"{int(each.position)}.{key}": str(cell.status)
        for each in rows
        for key, cell in each.read().items()
        if cell.status != Status.FOUND
    }


def source(planilla: Planilla, document: Document) -> Source:
    with school_scope(SchoolId(planilla.school.pk)):
        return Source.objects.get(planilla=planilla, document_id_then=document.pk)


def test_only_what_changed_becomes_stale(ana: Person, filled: Callable[..., Planilla]) -> None:
    document = nomina(ana)
    planilla = filled(document)
    rev = kept(planilla)[0].rev
    recheck(ana, document.pk)  # read again, nothing new
    assert (kept(planilla)[0].rev, statuses(planilla)) == (rev, {})
    # One line before the others, another mark, and somebody who is gone.
    rewrite(
        ana,
        document,
        [["Díaz, Eva", "47.000.111", "", "1.º A", "9"], [*PUPILS[0][:4], "4"], PUPILS[1]],
        first=7,
    )
    recheck(ana, document.pk)
    found = statuses(planilla)
    assert {key: each for key, each in found.items() if not key.startswith("3.")} == {"1.promedio": "stale"}
    assert {key for key in found if key.startswith("3.")} >= {"3.alumno", "3.dni", "3.promedio"}
    cell = row(planilla)["promedio"]
    assert cell.value == 8.5 and "ahora dice «4»" in cell.why
    assert [each.value for each in cell.candidates] == [4]
    # What still stands moved with its line, silently.
    (evidence,) = row(planilla, 2)["dni"].sources
    assert evidence.place == Sheet("Nómina", (10, 10))
    of = source(planilla, document)
    assert of.is_stale and "1 fila que no está" in of.why_stale
    # It says again what it said.
    rewrite(ana, document, PUPILS)
    recheck(ana, document.pk)
    assert statuses(planilla) == {} and not source(planilla, document).is_stale


def test_a_place_that_moves_is_nobodys_business(ana: Person, filled: Callable[..., Planilla]) -> None:
    document = nomina(ana)
    planilla = filled(document)
    before = kept(planilla)[0].rev
    rewrite(ana, document, PUPILS, first=4)
    recheck(ana, document.pk)
    assert (kept(planilla)[0].rev, statuses(planilla)) == (before, {})
    (evidence,) = row(planilla)["alumno"].sources
    assert evidence.place == Sheet("Nómina", (5, 5))


def test_what_a_person_wrote_stays_and_says_so(ana: Person, filled: Callable[..., Planilla]) -> None:
    document = nomina(ana)
    planilla = filled(document)
    with school_scope(ana.school_id):
        kept_row = Row.objects.get(planilla=planilla, position=1.0)
        told = kept_row.read()
        told["promedio"] = cells.edited(told["promedio"], 9, by=ana.user.pk, at=timezone.now())
        kept_row.write(told)
        kept_row.save()
    rewrite(ana, document, [[*PUPILS[0][:4], "4"], *PUPILS[1:]])
    recheck(ana, document.pk)
    cell = row(planilla)["promedio"]
    assert (cell.value, cell.status) == (9, Status.EDITED) and "ahora dice «4»" in cell.why
    assert [each.value for each in cell.candidates] == [4]
    with school_scope(ana.school_id):
        Document.objects.filter(pk=document.pk).update(deleted_at=timezone.now())
    recheck(ana, document.pk)
    cell = row(planilla)["promedio"]
    assert (cell.value, cell.status, cell.candidates) == (9, Status.EDITED, ()) and "Se borró" in cell.why


def test_a_document_that_goes_away_takes_its_words_with_it(
    ana: Person, filled: Callable[..., Planilla], work_off: Callable[[], None]
) -> None:
    document = nomina(ana)
    other = made.document(
        ana, "Boletín", [made.table([["DNI", "Promedio"], ["44123456", "8,5"], ["45987654", "9"]])]
    )
    planilla = filled(document, other)
    assert statuses(planilla) == {"2.promedio": "conflict"}
    with school_scope(ana.school_id):
        first = Row.objects.get(planilla=planilla, position=1.0)
        was = changing.one("alumno", first.read()["alumno"])
        edit = Edit.objects.create(
            planilla=planilla,
            row=first,
            batch=new_id(),
            act=Act.EDIT,
            column="alumno",
            before=was,
            by=ana.user,
        )
    library.delete(ana.member, [document.pk])
    work_off()
    with school_scope(ana.school_id):
        assert not Document.objects.filter(pk=document.pk).exists()
    found = statuses(planilla)
    # The other source still says the marks and documents of two of them.
    assert not {"1.promedio", "1.dni", "2.promedio", "2.dni"} & set(found)
    assert found["1.alumno"] == found["3.promedio"] == "stale"
    assert row(planilla, 2)["promedio"].value == 9
    with school_scope(ana.school_id):
        rows = list(Row.objects.filter(planilla=planilla))
    for each in rows:
        for cell in each.read().values():
            for evidence in (*cell.sources, *(one for said in cell.candidates for one in said.sources)):
                assert evidence.quote == "" or evidence.document_id != document.pk
    with school_scope(ana.school_id):
        edit.refresh_from_db()
    assert edit.before["cells"]["alumno"]["v"] == "Álvarez, Ana"
    assert edit.before["cells"]["alumno"]["e"] == [[0, ""]]
    of = source(planilla, document)
    assert (of.document_id, of.title, of.is_stale) == (None, "Nómina", True)
    assert of.collection_id == document.collection_id


def test_stale_cells_are_filled_again_alone(
    ana: Person, filled: Callable[..., Planilla], work_off: Callable[[], None]
) -> None:
    document = nomina(ana)
    planilla = filled(document)
    with pytest.raises(starting.NothingToFill):
        starting.refill(ana.member, planilla.pk)
    rewrite(ana, document, [[*PUPILS[0][:4], "4"], [*PUPILS[1][:3], "2.º A", "7"], PUPILS[2]])
    recheck(ana, document.pk)
    assert statuses(planilla) == {"1.promedio": "stale", "2.curso": "stale"}
    before = row(planilla, 3)
    starting.refill(ana.member, planilla.pk)
    with pytest.raises(starting.StillAtWork):
        starting.refill(ana.member, planilla.pk)
    work_off()
    assert statuses(planilla) == {}
    assert row(planilla)["promedio"].value == 4 and row(planilla, 2)["curso"].value == "2.º A"
    assert row(planilla, 3) == before
    with school_scope(ana.school_id):
        edits = list(Edit.objects.filter(planilla=planilla).order_by("-column"))
    assert [(each.act, each.column, each.by_id) for each in edits] == [
        (Act.REFILL, "promedio", ana.user.pk),
        (Act.REFILL, "curso", ana.user.pk),
    ]
    assert len({each.batch for each in edits}) == 1
    assert edits[0].before["cells"]["promedio"]["v"] == 8.5 and edits[0].after["cells"]["promedio"]["v"] == 4


@pytest.mark.parametrize("writes", [0, 2, 3])
def test_filling_again_that_was_cut_off_goes_on(
    ana: Person, filled: Callable[..., Planilla], writes: int
) -> None:
    document = nomina(ana)
    planilla = filled(document)
    rewrite(ana, document, [[*PUPILS[0][:4], "4"], [*PUPILS[1][:4], "5"], PUPILS[2]])
    recheck(ana, document.pk)
    starting.refill(ana.member, planilla.pk)
    with pytest.raises(LeaseLost):
        fill.refill(CutOff(ana, planilla.pk, writes=writes))
    fill.refill(CutOff(ana, planilla.pk, writes=1_000))
    assert statuses(planilla) == {}
    with school_scope(ana.school_id):
        edits = list(Edit.objects.filter(planilla=planilla).order_by("row__position"))
    kept_values = [
        (each.before["cells"]["promedio"]["v"], each.after["cells"]["promedio"]["v"]) for each in edits
    ]
    assert kept_values == [(8.5, 4), (7, 5)]
    fill.refill(CutOff(ana, planilla.pk, writes=0))  # nothing is asked any more


def test_chosen_rows_are_filled_again_but_for_what_people_wrote(
    ana: Person, filled: Callable[..., Planilla], work_off: Callable[[], None]
) -> None:
    document = nomina(ana)
    planilla = filled(document)
    with school_scope(ana.school_id):
        rows = list(Row.objects.filter(planilla=planilla).order_by("position"))
        for each in rows:
            told = each.read()
            told["curso"] = cells.edited(told["curso"], "1.º B", by=ana.user.pk, at=timezone.now())
            del told["promedio"]
            each.write(told)
            each.save()
    with pytest.raises(starting.NoSuchRow):
        starting.refill(ana.member, planilla.pk, rows=[rows[0].pk, planilla.pk])
    starting.refill(ana.member, planilla.pk, rows=[rows[0].pk])
    work_off()
    assert row(planilla)["promedio"].value == 8.5 and row(planilla)["curso"].status == Status.EDITED
    assert "promedio" not in row(planilla, 2)


def test_a_newer_version_of_a_source(
    ana: Person, filled: Callable[..., Planilla], work_off: Callable[[], None]
) -> None:
    document = nomina(ana)
    planilla = filled(document)
    staleness.look(ana.member, planilla.pk)
    assert not source(planilla, document).is_stale
    with school_scope(ana.school_id):
        shelf = Collection.objects.create(name="Otra")
    newer = nomina(ana, [[*PUPILS[0][:4], "10"], *PUPILS[1:]], "Nómina corregida", collection=shelf)
    library.change(ana.member, newer.pk, changes=library.Changes(supersedes_id=document.pk))
    staleness.look(ana.member, planilla.pk)
    assert source(planilla, document).is_stale
    work_off()
    # Whoever may see this planilla may not see the other shelf: nothing of it stands here yet.
    assert statuses(planilla) == {"1.promedio": "stale"} and row(planilla)["promedio"].candidates == ()
    staleness.look(ana.member, planilla.pk)
    with school_scope(ana.school_id):
        assert runs.progress_of(["rechecking"], [newer.pk])[newer.pk].finished_at is not None
    starting.refill(ana.member, planilla.pk)
    work_off()
    with school_scope(ana.school_id):
        assert set(Source.objects.filter(planilla=planilla).values_list("title", flat=True)) == {
            "Nómina",
            "Nómina corregida",
        }
    # Both are sources now, and they disagree: a person chooses.
    assert {each.value for each in row(planilla)["promedio"].candidates} == {8.5, 10}


def test_a_section_says_that_what_it_cites_is_gone(ana: Person) -> None:
    document = nomina(ana)
    quote = some(ana.school_id, document.pk, [0])[0].block.text.splitlines()[1]
    with school_scope(ana.school_id):
        report = Report.objects.create(title="Memoria", state="review", created_by=ana.user)
        ReportSource.objects.create(
            report=report, document=document, id_then=document.pk, ordinal=0, title=document.title
        )

        def section(ordinal: int, state: str, quoted: str) -> Any:
            cited = {
                "n": 1,
                "document_id": str(document.pk),
                "quote": quoted,
                "place": to_json(Sheet("N", (1, 1))),
            }
            text = f"«{quoted}» [1]\n\nNuestra conclusión [1]."
            return Section.objects.create(
                report=report, ordinal=ordinal, title="A", state=state, text=text, citations=[cited]
            ).pk

        ids = [section(0, "drafted", quote), section(1, "drafted", PUPILS[1][0]), section(2, "edited", quote)]
    recheck(ana, document.pk)
    with school_scope(ana.school_id):
        assert [Section.objects.get(pk=each).state for each in ids] == ["drafted", "drafted", "edited"]
    rewrite(ana, document, PUPILS[1:])
    recheck(ana, document.pk)
    with school_scope(ana.school_id):
        now = [Section.objects.get(pk=each) for each in ids]
        assert [each.state for each in now] == ["stale", "drafted", "edited"]
        assert ["why" in each.told for each in now] == [True, False, True]
        assert ReportSource.objects.get().is_stale
        Document.objects.filter(pk=document.pk).update(deleted_at=timezone.now())
    recheck(ana, document.pk)
    with school_scope(ana.school_id):
        assert [Section.objects.get(pk=each).citations[0]["quote"] for each in ids] == ["", "", ""]
        texts = [Section.objects.get(pk=each).text for each in ids]
        assert [each == "Nuestra conclusión [1]." for each in texts] == [True, True, False]


def test_a_document_that_nothing_was_made_from_costs_nothing(
    ana: Person, django_assert_max_num_queries: Any
) -> None:
    document = nomina(ana)
    with django_assert_max_num_queries(7):  # with those of the scope itself
        recheck(ana, document.pk)


EVIDENCE = st.builds(
    Evidence,
    document_id=st.sampled_from([UUID(int=1), UUID(int=2)]),
    block=st.integers(0, 2),
    place=st.just(Sheet("A", (1, 1))),
    quote=st.sampled_from(["uno", "dos"]),
)
SOURCES = st.lists(EVIDENCE, min_size=1, max_size=3).map(tuple)
VALUES = st.sampled_from(["uno", "dos", "tres"])
CANDIDATES = st.lists(st.builds(Candidate, VALUES, SOURCES), max_size=3).map(tuple)
CELLS = st.one_of(
    st.builds(Cell, value=VALUES, status=st.just(Status.FOUND), sources=SOURCES, confidence=st.just(0.9)),
    st.builds(Cell, value=VALUES, status=st.just(Status.STALE), sources=SOURCES, candidates=CANDIDATES),
    st.builds(Cell, status=st.just(Status.CONFLICT), candidates=CANDIDATES),
    st.builds(Cell, status=st.just(Status.INVALID), sources=SOURCES, why=st.just("no es un número")),
    st.builds(
        Cell, value=VALUES, status=st.just(Status.EDITED), candidates=CANDIDATES, edited_by=st.just("ana")
    ),
)


@given(CELLS, st.none() | VALUES, EVIDENCE, st.booleans(), st.booleans())
def test_no_cell_is_found_without_a_source_whatever_becomes_of_it(
    cell: Cell, value: str | None, evidence: Evidence, still: bool, blank: bool
) -> None:
    gone = UUID(int=1)
    column = Column("x", "X")
    again = rechecked.said_again(
        cell, Said(value, replace(evidence, document_id=gone), 0.9), column, document_id=gone, why="cambió"
    )
    left = rechecked.unsaid(
        cell, document_id=gone, stands=lambda each: each if still else None, why="cambió", blank=blank
    )
    for now in (again, left):
        assert now.status != Status.FOUND or (now.value is not None and now.sources)
        assert now.status != Status.FOUND or now.value in {
            cell.value,
            *(one.value for one in cell.candidates),
        }
        if cell.status == Status.EDITED:
            assert (now.value, now.status, now.edited_by) == (cell.value, cell.status, cell.edited_by)
    if not still and blank:
        told = (*left.sources, *(each for one in left.candidates for each in one.sources))
        assert all(each.quote == "" or each.document_id != gone for each in told)


def test_words_that_an_engine_found_are_looked_for_elsewhere(ana: Person) -> None:
    lines = ["La escuela tiene un patio.", "La mamá de Ana Álvarez se llama Marta Gil.", "Bruno llegó tarde."]

    def blocks(*texts: str) -> list[ParsedBlock]:
        return [ParsedBlock(BlockKind.PARAGRAPH, text, Text(0, len(text))) for text in texts]

    document = made.document(ana, "Informe", blocks(*lines))
    said = Evidence(document.pk, 1, Text(0, len(lines[1])), lines[1])
    short = Evidence(document.pk, 2, Text(0, 5), "Bruno")
    shown = (Column("alumno", "Alumno"), Column("madre", "Madre"))
    told = {
        "alumno": cells.found("Bruno", [short], confidence=0.8, engine="cerca"),
        "madre": cells.found("Marta Gil", [said], confidence=0.8, engine="cerca"),
    }
    planilla = made.planilla(ana, shown, [told], [document])
    with school_scope(ana.school_id):
        Block.objects.filter(document=document).delete()
        Block.objects.bulk_create(block_rows(document, blocks("Carta.", *lines[:2], "Eva y Bruno.")))
    recheck(ana, document.pk)
    madre, alumno = row(planilla)["madre"], row(planilla)["alumno"]
    assert madre.status == Status.FOUND and madre.sources[0].block == 2
    # One word stands anywhere by chance: in its block no more, it proves nothing.
    assert alumno.status == Status.STALE and "ya no dice" in alumno.why
