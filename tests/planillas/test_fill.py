"""A planilla filled without any model: started from sources, read into rows, cut off and begun again, filled anew."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest
import yaml
from pytest_django import Settings

from documents.blocks import Kind as BlockKind
from documents.blocks import ParsedBlock
from documents.collections import NoSuchCollection, NoSuchDocument
from documents.models import Collection, Document, Status
from documents.places import Text, Time
from pipeline import runs
from pipeline.advance import advance
from pipeline.stages import LeaseLost, Work
from planillas import columns as columns_
from planillas import fill, reading_rules, readings, register, starting, templates
from planillas.columns import Column
from planillas.models import Planilla, Row, Source, State, Template
from planillas.register import NotYours
from planillas.templates import NoSuchTemplate
from schools.ids import SchoolId, UserId, new_id
from schools.roles import Role
from schools.scope import school_scope
from tests.conftest import Person, join
from tests.engines import installed
from tests.planillas import made
from tests.transcription import made as recorded
from transcription.models import Action, ActionState

HEADER = ["Apellido y nombre", "DNI", "Fecha de nacimiento", "Curso", "Promedio"]
PUPILS = [
    ["Álvarez, Ana", "44.123.456", "03/05/2014", "1.º A", "8,50"],
    ["Benítez, Bruno", "45.987.654", "21/11/2013", "1.º B", "7"],
    ["Núñez, Sofía", "46.111.222", "09/09/2013", "2.º A", "6"],
]


@pytest.fixture(autouse=True)
def only_quoting(settings: Settings, tmp_path: Any) -> None:
    """Let the installation have no engine that writes."""
    settings.ENGINES_FILE = tmp_path / "engines.yaml"
    settings.ENGINES_FILE.write_text(yaml.safe_dump({"engines": [dict(installed.QUOTING)]}))


def template(person: Person, shown: Sequence[Column] = made.COLUMNS, **facts: Any) -> Template:
    with school_scope(person.school_id):
        return Template.objects.create(
            **{
                "name": f"Nómina {new_id()}",
                "row_is": "un alumno",
                "columns": columns_.to_json(shown),
                **facts,
            }
        )


def nomina(
    person: Person, rows: Sequence[Sequence[str]] = PUPILS, title: str = "Nómina", **facts: Any
) -> Document:
    return made.document(person, title, [made.table([HEADER, *rows])], **facts)


def kept(planilla: Planilla) -> tuple[Planilla, list[dict[str, Any]]]:
    """Return a planilla as it is now, and the values of its rows."""
    assert planilla.school_id is not None
    with school_scope(SchoolId(planilla.school_id)):
        rows = Row.objects.filter(planilla=planilla, deleted_at=None).order_by("position")
        for row in rows:
            for cell in row.read().values():
                assert cell.status != "found" or cell.sources
        values = [{key: cell.value for key, cell in row.read().items()} for row in rows]
        return Planilla.objects.get(pk=planilla.pk), values


def codes(planilla: Planilla) -> set[str]:
    return {each["code"] for each in planilla.told}


def test_tables_are_read_joined_and_told_of(ana: Person, work_off: Callable[[], None]) -> None:
    first = nomina(ana)
    second = made.document(
        ana,
        "Boletín",
        [
            made.table(
                [["DNI", "Promedio", "Beca"], ["44123456", "8,5", "Sí"], ["45987654", "9", "No"]],
                sheet="Notas",
            )
        ],
    )
    kind = template(ana, rows_expected=4)
    planilla = starting.start(
        ana.member, template_id=kind.pk, title="  Nómina   2026 ", documents=[first.pk, second.pk, first.pk]
    )
    assert planilla.title == "Nómina 2026" and planilla.state == State.FILLING
    work_off()
    now, rows = kept(planilla)
    assert (now.state, now.error_code) == (State.REVIEW, "")
    assert [row["alumno"] for row in rows] == ["Álvarez, Ana", "Benítez, Bruno", "Núñez, Sofía"]
    assert rows[0]["nacimiento"] == "2014-05-03" and rows[0]["beca"] is True
    entry = register.get(ana.member, planilla.pk)
    assert (entry.counts.rows, entry.counts.conflict) == (3, 1)  # Bruno's mark: 7 and 9
    assert entry.progress is not None and entry.progress.progress == 1.0
    assert {"rows_expected", "no_engine"} <= codes(now)
    with school_scope(ana.school_id):
        row = Row.objects.get(planilla=planilla, position=1.0)
        sources = list(Source.objects.filter(planilla=planilla).order_by("ordinal"))
    # Whoever says it: both sources, each at its line.
    assert {each.document_id for each in row.read()["promedio"].sources} == {first.pk, second.pk}
    assert [each.title for each in sources] == ["Nómina", "Boletín"]
    assert all(each.mark and each.read_at for each in sources)


class CutOff:
    """Work whose lease is lost after so many writes."""

    def __init__(
        self, person: Person, subject_id: Any, *, writes: int, asked_by: UserId | None = None
    ) -> None:
        self.school_id, self.subject_id = person.school_id, subject_id
        self.asked_by, self.left = asked_by, writes

    def report(self, done: float, total: float) -> None:
        assert 0 <= done <= total

    def hold(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise LeaseLost


@pytest.mark.parametrize("writes", [0, 1, 2])
def test_a_filling_that_was_cut_off_goes_on_and_writes_nothing_twice(ana: Person, writes: int) -> None:
    rows = [
        [
            f"Apellido{chr(97 + n // 26)}{chr(97 + n % 26)}, Ana",
            str(40_000_000 + n),
            "03/05/2014",
            "1.º A",
            "7",
        ]
        for n in range(620)
    ]
    document = nomina(ana, rows)
    other = made.document(
        ana, "Becas", [made.table([["DNI", "Beca"], *[[row[1], "Sí"] for row in rows[:40]]])]
    )
    planilla = starting.start(ana.member, template_id=template(ana).pk, documents=[document.pk, other.pk])
    work: Work = CutOff(ana, planilla.pk, writes=writes)
    with pytest.raises(LeaseLost):
        fill.fill(work)
    fill.fill(CutOff(ana, planilla.pk, writes=1_000))
    once = kept(planilla)[1]
    fill.fill(CutOff(ana, planilla.pk, writes=1_000))
    assert kept(planilla)[1] == once
    assert len(once) == 620 and len({row["dni"] for row in once}) == 620
    assert sum("beca" in row for row in once) == 40


def test_a_source_that_changed_while_it_was_read_is_read_anew(ana: Person) -> None:
    document = nomina(
        ana, [[f"Perez{chr(97 + n // 26)}{chr(97 + n % 26)}, Eva", "", "", "1.º A", "7"] for n in range(600)]
    )
    planilla = starting.start(ana.member, template_id=template(ana).pk, documents=[document.pk])
    with pytest.raises(LeaseLost):
        fill.fill(CutOff(ana, planilla.pk, writes=1))
    with school_scope(ana.school_id):
        assert Row.objects.filter(planilla=planilla).count() == 500
        block = document.blocks.get()
        table = made.table([HEADER, *PUPILS])
        block.text, block.cells = table.text, [list(row) for row in table.cells]
        block.save()
    fill.fill(CutOff(ana, planilla.pk, writes=1_000))
    assert [row["alumno"] for row in kept(planilla)[1]] == ["Álvarez, Ana", "Benítez, Bruno", "Núñez, Sofía"]


def test_what_is_still_being_read_is_waited_for_and_what_failed_is_told(
    ana: Person, work_off: Callable[[], None]
) -> None:
    good, slow, bad = nomina(ana), nomina(ana, [], "Lenta"), nomina(ana, [], "Rota")
    with school_scope(ana.school_id):
        Document.objects.filter(pk=slow.pk).update(status=Status.PROCESSING)
        Document.objects.filter(pk=bad.pk).update(status=Status.FAILED, error_detail="Está protegido.")
    planilla = starting.start(ana.member, template_id=template(ana).pk, documents=[good.pk, slow.pk, bad.pk])
    progress = register.get(ana.member, planilla.pk).progress
    assert progress is not None
    advance(ana.school_id, progress.run_id)
    progress = register.get(ana.member, planilla.pk).progress
    assert progress is not None and "«Lenta»" in progress.waits
    with school_scope(ana.school_id):
        Document.objects.filter(pk=slow.pk).update(status=Status.READY)
    work_off()
    now, rows = kept(planilla)
    assert now.state == State.REVIEW and len(rows) == 3
    assert any("«Rota»" in each["text"] and "protegido" in each["text"] for each in now.told)
    alone = starting.start(ana.member, template_id=template(ana).pk, documents=[bad.pk])
    work_off()
    now, _rows = kept(alone)
    assert (now.state, now.error_code) == (State.FAILED, "no_readable_source")
    with school_scope(ana.school_id):
        Document.objects.filter(pk=bad.pk).update(status=Status.READY)
    assert starting.retry(ana.member, alone.pk).planilla.state == State.FILLING
    work_off()
    assert kept(alone)[0].state == State.REVIEW


def test_nobody_fills_from_what_they_may_not_see(ana: Person, beto: Person, zoe: Person) -> None:
    document = nomina(ana)
    with school_scope(ana.school_id):
        shelf = Collection.objects.create(name="Dirección")
    secret = nomina(ana, title="Secreta", collection=shelf)
    with school_scope(zoe.school_id):
        foreign = Collection.objects.create(name="Ajena")
    theirs = nomina(zoe, title="Ajena", collection=foreign)
    kind = template(ana)
    beto.membership.collections = [document.collection_id]
    beto.membership.save()
    reader = join(ana.school, "leo@norte.example", Role.READER)

    def start(person: Person = beto, **asked: Any) -> Planilla:
        return starting.start(person.member, **{"template_id": kind.pk, **asked})

    for refusal, asked in (
        (NoSuchDocument, {"documents": [document.pk, secret.pk]}),
        (NoSuchDocument, {"documents": [theirs.pk]}),
        (NoSuchDocument, {"transcripts": [document.pk]}),
        (NoSuchCollection, {"collections": [shelf.pk]}),
        (NoSuchCollection, {"collections": [foreign.pk]}),
        (NoSuchTemplate, {"template_id": template(zoe).pk, "documents": [document.pk]}),
        (starting.NoSources, {}),
        (starting.BadPlanilla, {"title": "x" * 201, "documents": [document.pk]}),
        (starting.TooMany, {"documents": [new_id() for _n in range(501)]}),
        (NotYours, {"person": reader, "documents": [document.pk]}),
    ):
        with pytest.raises(refusal):
            start(**asked)
    with school_scope(ana.school_id):
        assert not Planilla.objects.exists()
    mine = start(documents=[document.pk], collections=[document.collection_id])
    with school_scope(ana.school_id):
        assert Source.objects.filter(planilla=mine).count() == 1
        runs.cancel_all(mine.pk)
    with pytest.raises(NotYours):
        starting.retry(join(ana.school, "ema@norte.example", Role.TEACHER).member, mine.pk)


def test_a_collection_gives_what_is_ready_and_in_force(ana: Person, work_off: Callable[[], None]) -> None:
    old, new = nomina(ana, title="2025"), nomina(ana, title="2026")
    waiting = nomina(ana, title="Espera")
    with school_scope(ana.school_id):
        Document.objects.filter(pk=new.pk).update(supersedes=old)
        Document.objects.filter(pk=waiting.pk).update(status=Status.QUEUED)
    planilla = starting.start(ana.member, template_id=template(ana).pk, collections=[old.collection_id])
    with school_scope(ana.school_id):
        assert [each.title for each in Source.objects.filter(planilla=planilla)] == ["2026"]


def test_a_recording_is_read_with_what_is_known_of_it(ana: Person, work_off: Callable[[], None]) -> None:
    recording = recorded.transcript(ana, "Claustro")
    with school_scope(ana.school_id):
        for task, state in (("Llamar al teatro", ActionState.OPEN), ("Comprar flores", ActionState.REJECTED)):
            Action.objects.create(
                recording_id=recording.pk, task=task, owner="Pablo", state=state, from_s=15.0, to_s=20.0
            )
    blocks = list(readings.of_document(ana.school_id, recording.pk).blocks)
    (fact,) = (each for each in blocks if each.block.kind == BlockKind.TABLE)
    assert "Llamar al teatro | Pablo" in fact.block.text and fact.block.place == Time(15.0, 20.0)
    assert readings.some(ana.school_id, recording.pk, [0, fact.ordinal])[fact.ordinal] == fact
    kind = templates.copy_ready_made(ana.member, "acuerdos-de-reuniones")
    planilla = starting.start(ana.member, template_id=kind.pk, transcripts=[recording.pk])
    work_off()
    (row,) = (each for each in kept(planilla)[1] if each.get("acuerdo") == "Llamar al teatro")
    assert (row["responsable"], row["estado"], row["reunion"]) == (["Pablo"], "Pendiente", "Claustro")


def test_a_long_document_is_read_in_portions(ana: Person) -> None:
    blocks = [ParsedBlock(BlockKind.PARAGRAPH, f"Línea {n}", Text(n * 10, n * 10 + 8)) for n in range(250)]
    document = made.document(ana, "Larga", blocks)
    reading = readings.of_document(ana.school_id, document.pk)
    for _again in range(2):
        assert [each.ordinal for each in reading.blocks] == list(range(250))
    seen: list[int] = []
    list(reading_rules.watched(reading.blocks, lambda each: seen.append(each.ordinal)))
    assert len(seen) == 250 and readings.sizes(ana.school_id, [document.pk]) == {document.pk: 250}
