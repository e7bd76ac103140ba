"""Records joined into rows: by what they are known by, with evidence added, and conflicts shown."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from documents.places import Text
from planillas import cells, identity, joining
from planillas.cells import Cell, Evidence, Status, Value
from planillas.columns import Column, Kind
from planillas.joining import Joiner
from planillas.records import Record, Said
from tests.planillas.blocks import DOCUMENT, PUPILS

MARKS = (*PUPILS[:2], Column("materia", "Materia", is_key=True), Column("nota", "Nota", Kind.NUMBER))
GOODS = (Column("codigo", "Nº de inventario", is_key=True), Column("bien", "Bien"))
FREE = (Column("acuerdo", "Acuerdo"), Column("plazo", "Plazo", Kind.DATE))


def evidence(block: int) -> Evidence:
    return Evidence(DOCUMENT, block, Text(block, block + 1), f"cita {block}")


def record(block: int = 0, **values: Value | None) -> Record:
    why = {None: "no es un valor"}
    return Record(
        {
            key: Said(value, evidence(block), 0.9, why.get(value, "") if value is None else "")
            for key, value in values.items()
        }
    )


@pytest.mark.parametrize(
    ("values", "columns", "keys"),
    [
        ({"nombre": "Pérez, Ana", "dni": "45.123.456"}, PUPILS, ["id:dni:45123456", "name:ana perez"]),
        ({"nombre": "ANA PEREZ"}, PUPILS, ["name:ana perez"]),
        ({"curso": "5º A"}, PUPILS, []),
        (
            {"nombre": "Ana Pérez", "dni": "45123456", "materia": "Lengua"},
            MARKS,
            ["id:dni:45123456+lengua", "name:ana perez+lengua"],
        ),
        ({"nombre": "Ana Pérez"}, MARKS, []),
        ({"codigo": "M-0101", "bien": "Silla"}, GOODS, ["key:m 0101"]),
        ({"acuerdo": "Pintar"}, FREE, []),
    ],
)
def test_what_a_row_is_known_by(
    values: dict[str, Value], columns: tuple[Column, ...], keys: list[str]
) -> None:
    found = identity.keys(values, columns)

    assert [key.replace("-", " ") if key.startswith("key") else key for key in found] == keys


def test_records_of_one_join_and_homonyms_do_not() -> None:
    joiner = Joiner(PUPILS)
    for each in (
        record(1, nombre="Pérez, Ana", dni="45123456"),
        record(2, nombre="Ana Pérez", curso="5º A"),
        record(3, nombre="Ana Perez", dni="46000111"),
        record(4, nombre="Ana Pérez", curso="5º B"),  # of which of the two?
        record(5, dni="45.123.456", nacimiento="2014-05-03"),
    ):
        joiner.add(each)

    rows = [{key: cell.value for key, cell in told.items()} for _keys, told in joiner.rows()]
    assert rows == [
        {"nombre": "Pérez, Ana", "dni": "45123456", "curso": "5º A", "nacimiento": "2014-05-03"},
        {"nombre": "Ana Perez", "dni": "46000111"},
        {"nombre": "Ana Pérez", "curso": "5º B"},
    ]


def test_a_record_that_makes_no_row_only_tells_of_one() -> None:
    joiner = Joiner(PUPILS)
    joiner.add(Record(record(nombre="Gómez, Luis").said, is_row=False))
    joiner.add(record(1, nombre="Pérez, Ana", dni="45123456"))
    joiner.add(Record(record(2, dni="45123456", curso="5º A").said, is_row=False))

    ((_keys, told),) = joiner.rows()
    assert told["curso"].value == "5º A"


def test_sources_that_agree_add_evidence_and_those_that_do_not_conflict() -> None:
    told: cells.Cells = {}
    for block, course in enumerate(["5º A", "5to A", "5° «A»", "5º A", "5º B", "5º B"]):
        told = joining.merge(told, record(block, curso=course), PUPILS)

    assert told["curso"].status is Status.CONFLICT and told["curso"].value is None
    first, second = told["curso"].candidates
    assert (first.value, [each.block for each in first.sources]) == ("5º A", [0, 1, 2])
    assert (second.value, [each.block for each in second.sources]) == ("5º B", [4, 5])


def test_what_a_person_wrote_stays_and_what_is_no_value_says_why() -> None:
    found = cells.found("5º A", [evidence(1)], confidence=0.9)
    by_hand = cells.edited(found, "5º C", by=UUID(int=1), at=datetime(2026, 3, 1, tzinfo=UTC))

    told = joining.merge({"curso": by_hand}, record(2, curso="5º B", dni=None), PUPILS)

    assert (told["curso"].value, told["curso"].status) == ("5º C", Status.EDITED)
    assert [each.value for each in told["curso"].candidates] == ["5º A", "5º B"]
    assert told["dni"] == Cell(None, Status.INVALID, (evidence(2),), 0.9, why="no es un valor")
    mended = joining.merge(told, record(3, dni="45123456"), PUPILS)
    assert (mended["dni"].value, mended["dni"].status) == ("45123456", Status.FOUND)
