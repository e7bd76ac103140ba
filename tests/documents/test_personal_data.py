"""What is found of personal data in a text, what is not, and the label that it asks for."""

import json
import time
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.blocks import Kind as BlockKind
from documents.blocks import table_text
from documents.personal_data import Kind, Tally, columns_of, find, label_of_question, suggest
from documents.personal_data.kinds import hide
from documents.personal_data.reader import Reader
from engines.labels import Label

ON = date(2026, 11, 21)
TEXTS = json.loads((Path(__file__).parent / "personal_texts.json").read_text("utf-8"))
HEADER = ("N.º", "Apellido y nombres", "DNI", "Fecha de nacimiento", "Observaciones")


@pytest.mark.parametrize("each", TEXTS, ids=lambda each: each["text"][:40])
def test_a_text_asks_for_its_label_and_no_other(each: dict[str, str]) -> None:
    findings = find(each["text"], on=ON)
    assert str(suggest(findings).label or "") == each["label"]
    assert not each["kind"] or each["kind"] in {one.kind for one in findings}


def test_nothing_that_is_shown_tells_a_whole_value() -> None:
    for each in TEXTS:
        for finding in find(each["text"], on=ON):
            value = each["text"][finding.start : finding.end]
            assert value
            if finding.kind not in (Kind.HEALTH, Kind.PUPIL_HEALTH, Kind.PUPIL_PAPER):
                assert value not in finding.masked
                assert "•" in finding.masked


@given(st.text(alphabet="0123456789.-ABC ", max_size=40))
def test_more_than_half_of_a_value_is_hidden(value: str) -> None:
    hidden = hide(value)
    assert len(hidden) == len(value)
    shown = sum(char.isalnum() for char in hidden)
    assert shown * 2 <= sum(char.isalnum() for char in value)


@given(st.text(max_size=400))
def test_any_text_is_looked_through_and_places_stand_in_it(text: str) -> None:
    for finding in find(text, on=ON):
        assert 0 <= finding.start < finding.end <= len(text)


def test_capitals_that_grow_in_lower_case_move_no_place() -> None:
    text = "İİİİ El alumno Tomás Herrera, İ con asma, DNI 48.201.337."
    for finding in find(text, on=ON):
        if finding.kind is Kind.PUPIL_HEALTH:
            assert text[finding.start : finding.end] == "asma"


@pytest.mark.parametrize(
    "number",
    [
        "20-24318907-1",
        "12.345.678-9",
        "X1234567A",
        "12345678A",
        "HEGG560427MVZRRL05",
        "ES7720770024003102575766",
    ],
)
def test_a_wrong_check_digit_is_no_identifier(number: str) -> None:
    assert find(f"Registro {number} del catálogo.", on=ON) == []


@pytest.mark.parametrize(
    "piece",
    [
        "1", "12.345.678 ", "a@", "asma Ana Paz ", "alumno Ana Paz, ", "Ana ", "ES76 2077 0024 ", "fecha de nac", " ",
        "(0(0", "Ana Paz 1\n", "Ana Paz 45.123.456 12/03/2012\n", "A. B. ", "tel 11 4567-8901 ", "nómina de los las ",
    ],
)  # fmt: skip
def test_a_hostile_text_costs_its_length(piece: str) -> None:
    """Twice the text, about twice the time; what grows with the square would take four times as long."""

    def spent(chars: int) -> float:
        text = piece * (chars // len(piece))
        began = time.process_time()
        find(text, on=ON)
        return time.process_time() - began

    short, long = (min(spent(chars) for _try in range(3)) for chars in (4_000, 32_000))
    assert long < 24 * max(short, 0.0005)


# --- tables -----------------------------------------------------------------------------------------------------------


def _read(*blocks: tuple[BlockKind, int, str]) -> Reader:
    reader = Reader(on=ON)
    for ordinal, (kind, level, text) in enumerate(blocks):
        reader.read(ordinal, kind, level, text)
    return reader


def test_a_class_list_is_known_by_its_header_in_every_block_of_it() -> None:
    rows = tuple((str(n), f"Sosa, Aluén {n * 'a'}", "48201337", "12/08/2012", "") for n in range(1, 7))
    reader = _read(
        (BlockKind.TABLE, 1, table_text((HEADER, *rows[:3]))),
        (BlockKind.TABLE, 0, table_text(rows[3:])),
        (BlockKind.PARAGRAPH, 0, "1 | Sosa, Aluén | 48201337 | 12/08/2012"),
    )
    assert reader.tally.counts[Kind.PUPIL_ROW] == 6
    assert reader.tally.counts[Kind.DNI] == 6
    assert reader.tally.suggestion().label is Label.MINORS
    # Of many alike only one is shown.
    assert [one.finding.masked for one in reader.samples[Kind.DNI]] == ["48••••37"]


@pytest.mark.parametrize(
    ("header", "row", "label"),
    [
        (
            ("Legajo", "Apellido y nombre", "Cargo"),
            ("C-1", "Echegaray, Mariela", "Directora"),
            Label.CONFIDENTIAL,
        ),
        (("Alumno", "Curso", "Nota"), ("Ríos Aluén", "2.º B", "8"), Label.MINORS),
        (("Nombre", "Edad"), ("Martina Sosa", "11"), Label.MINORS),
        (("Nombre", "Teléfono"), ("Martina Sosa", "4567-8901"), Label.CONFIDENTIAL),
        (("Nombre", "Teléfono"), ("Escuela N.º 4", ""), None),
        (("Docente", "Materia", "Aula"), ("Lagos, Patricia", "Historia", "Aula 7"), None),
        (("Código", "Elemento", "Cantidad"), ("LAB-1", "Microscopio", "8"), None),
        (("Estudiantes", "Docentes"), ("25", "3"), None),
    ],
)
def test_what_the_columns_hold_decides(
    header: tuple[str, ...], row: tuple[str, ...], label: Label | None
) -> None:
    reader = _read((BlockKind.TABLE, 1, table_text((header, *[row] * 4))))
    assert reader.tally.suggestion().label == label


def test_a_table_without_columns_of_people_is_read_as_text() -> None:
    assert columns_of(("Día", "Hora")) is None
    reader = _read((BlockKind.TABLE, 1, "Dato | Valor\nDocumento | DNI 24.318.907"))
    assert reader.tally.counts[Kind.DNI] == 1


# --- the label --------------------------------------------------------------------------------------------------------


def test_a_letterhead_on_every_page_counts_once() -> None:
    tally = Tally()
    for _page in range(40):
        tally.add(find("Escuela N.º 12. Tel. (0230) 555-0112. secretaria@escuela12.example", on=ON))
    assert tally.suggestion().label is None


@pytest.mark.parametrize(
    ("question", "default", "label"),
    [
        ("¿Cuántas inasistencias puede tener un alumno?", Label.INTERNAL, Label.INTERNAL),
        ("¿Qué dice la Ley 26.206 del nivel inicial?", Label.PUBLIC, Label.PUBLIC),
        ("¿Cuántas faltas tiene el alumno Juan Pérez?", Label.INTERNAL, Label.CONFIDENTIAL),
        ("¿Qué hago si la estudiante M. O. tiene un ataque de asma?", Label.INTERNAL, Label.MINORS),
        ("Buscar el legajo de DNI 24.318.907", Label.INTERNAL, Label.CONFIDENTIAL),
        ("Escribir a marta.rojas@gmail.com", Label.MINORS, Label.MINORS),
    ],
)
def test_a_question_is_as_sensitive_as_what_it_tells(question: str, default: Label, label: Label) -> None:
    assert label_of_question(question, default, on=ON) is label
    assert label_of_question(question, default) is label
