"""Documents and planillas as the tests need them, made without any run."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from documents.blocks import Kind as BlockKind
from documents.blocks import ParsedBlock, table_text
from documents.models import Block, Collection, Document, Sensitivity, Status
from documents.places import Sheet, to_json
from planillas import cells, columns
from planillas.cells import Candidate, Cell, Cells, Evidence
from planillas.columns import Column, Identity, Kind
from planillas.models import Planilla, Row, Source, State
from schools.ids import new_id
from schools.scope import school_scope

if TYPE_CHECKING:
    from tests.conftest import Person  # a journey's program must not import the tests' settings with it

COLUMNS = (
    Column("alumno", "Apellido y nombre", is_required=True, is_key=True),
    Column("dni", "DNI", Kind.IDENTITY, identity=Identity.DNI),
    Column("nacimiento", "Fecha de nacimiento", Kind.DATE, also=("Nacimiento",)),
    Column("curso", "Curso", Kind.CHOICE, choices=("1.º A", "1.º B", "2.º A")),
    Column("promedio", "Promedio", Kind.NUMBER),
    Column("beca", "Beca", Kind.YES_NO),
    Column("cuota", "Cuota", Kind.MONEY, currency="ARS"),
    Column("observaciones", "Observaciones", Kind.LONG_TEXT),
)

# By the column's key; None: without evidence. See `planilla` for the states other than found.
ROWS: tuple[Mapping[str, Any], ...] = (
    {
        "alumno": "Álvarez, Ana",
        "dni": "44123456",
        "nacimiento": "2014-05-03",
        "curso": "1.º A",
        "promedio": 8.5,
        "beca": True,
        "cuota": 12500.5,
    },
    {
        "alumno": "Benítez, Bruno",
        "dni": "45987654",
        "nacimiento": "2013-11-21",
        "curso": "1.º B",
        "promedio": 7,
        "beca": False,
    },
    {"alumno": "Núñez, Sofía", "curso": "2.º A", "observaciones": "=1+1 llega tarde los lunes"},
)


def document(
    person: "Person", title: str, blocks: Sequence[ParsedBlock], *, collection: Collection | None = None
) -> Document:
    """Return a document that was read: these are its blocks."""
    with school_scope(person.school_id):
        content = f"{title}{new_id()}".encode()
        made = Document.objects.create(
            collection=collection or Collection.objects.filter(is_default=True).first() or _shelf(),
            title=title,
            filename=f"{title}.xlsx",
            format="xlsx",
            sha256=hashlib.sha256(content).hexdigest(),
            size_bytes=len(content),
            status=Status.READY,
            sensitivity=Sensitivity.INTERNAL,
            uploaded_by=person.user,
        )
        Block.objects.bulk_create(
            Block(
                document=made,
                ordinal=ordinal,
                kind=each.kind,
                level=each.level,
                text=each.text,
                place=to_json(each.place),
                cells=[list(row) for row in each.cells],
                words=each.words,
            )
            for ordinal, each in enumerate(blocks)
        )
        return made


def table(rows: Sequence[Sequence[str]], *, sheet: str = "Nómina", first: int = 1) -> ParsedBlock:
    """Return a table of a spreadsheet; its first row is its header."""
    told = tuple(tuple(row) for row in rows)
    return ParsedBlock(
        BlockKind.TABLE,
        table_text(told),
        Sheet(sheet, (first, first + len(rows) - 1)),
        level=1,
        cells=told,
    )


def of_rows(rows: Sequence[Mapping[str, Any]] = ROWS, shown: Sequence[Column] = COLUMNS) -> list[ParsedBlock]:
    """Return the table that says what `rows` hold."""
    body = [[_written(row.get(each.key)) for each in shown] for row in rows]
    return [table([[each.name for each in shown], *body])]


def planilla(
    person: "Person",
    columns: Sequence[Column] = COLUMNS,
    rows: Sequence[Mapping[str, Any]] = ROWS,
    sources: Sequence[Document] | None = None,
    *,
    title: str = "Nómina 2026",
    state: State = State.REVIEW,
    **fields: Any,
) -> Planilla:
    """Return a planilla that was filled from `sources` (made here when None: a table of these rows).

    A row's value is a found one with its line of the first source as evidence; a `Cell` stands as it is given, which
    is how other states are made: see `conflict`, `invalid`.
    """
    if sources is None:
        sources = [document(person, "Nómina de alumnos", of_rows(rows, columns))]
    with school_scope(person.school_id):
        made = Planilla.objects.create(
            title=title,
            row_is="un alumno",
            columns=_to_json(columns),
            state=state,
            created_by=person.user,
            filled_at=datetime.now(UTC),
            **fields,
        )
        Source.objects.bulk_create(
            Source(
                planilla=made,
                document=each,
                document_id_then=each.pk,
                collection_id=each.collection_id,
                ordinal=ordinal,
                title=each.title,
                sha256=each.sha256,
                read_at=datetime.now(UTC),
            )
            for ordinal, each in enumerate(sources)
        )
        kept = []
        for number, values in enumerate(rows, start=1):
            row = Row(planilla=made, position=float(number))
            row.write(_cells(values, number, sources))
            kept.append(row)
        Row.objects.bulk_create(kept, batch_size=1_000)
        return made


def evidence(of: Document, line: int, quote: str) -> Evidence:
    """Return where a line of the first table of a document says something; its header is line 1."""
    return Evidence(of.pk, 0, Sheet("Nómina", (line, line)), quote)


def conflict(*said: tuple[Any, Evidence]) -> Cell:
    """Return a cell whose sources disagree."""
    told = tuple(Candidate(value, (each,)) for value, each in said)
    return Cell(None, cells.Status.CONFLICT, (), 0.5, told)


def invalid(why: str, of: Evidence) -> Cell:
    """Return a cell whose source says what is no such value."""
    return Cell(None, cells.Status.INVALID, (of,), 0.5, why=why)


def _cells(values: Mapping[str, Any], number: int, sources: Sequence[Document]) -> Cells:
    made: Cells = {}
    for key, value in values.items():
        if isinstance(value, Cell):
            made[key] = value
        elif value is not None and sources:
            quote = " | ".join(_written(each) for each in values.values() if each is not None)
            made[key] = cells.found(value, [evidence(sources[0], number + 1, quote)], confidence=1.0)
    return made


def _written(value: Any) -> str:
    if isinstance(value, Cell):
        return _written(value.value)
    if isinstance(value, bool):
        return "Sí" if value else "No"
    if isinstance(value, list):
        return ", ".join(value)
    return "" if value is None else str(value).replace(".", ",") if isinstance(value, float) else str(value)


def _shelf() -> Collection:
    return Collection.objects.create(name="Biblioteca", is_default=True)


_to_json = columns.to_json
