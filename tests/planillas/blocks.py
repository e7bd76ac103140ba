"""Sources in a few lines for the tests of what rules read: blocks, a reading, the rows that come of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from documents.blocks import Kind, ParsedBlock, table_text
from documents.places import Place, Text
from planillas import rules
from planillas.cells import Value
from planillas.columns import Column, Identity
from planillas.columns import Kind as ColumnKind
from planillas.joining import Joiner
from planillas.records import Numbered, Reading, Record

DOCUMENT = UUID(int=7)
PUPILS = (
    Column("nombre", "Apellido y nombre", is_key=True),
    Column("dni", "DNI", ColumnKind.IDENTITY, identity=Identity.DNI),
    Column("nacimiento", "Fecha de nacimiento", ColumnKind.DATE),
    Column("curso", "Curso"),
)


def table(*rows: Sequence[str], level: int = 1, place: Place | None = None) -> ParsedBlock:
    """Return a table's block; short rows are filled up."""
    width = max(map(len, rows))
    cells = tuple((*row, *[""] * (width - len(row))) for row in rows)
    text = table_text(cells)
    return ParsedBlock(Kind.TABLE, text, place or Text(0, len(text)), level=level, cells=cells)


def line(text: str, kind: Kind = Kind.PARAGRAPH, *, level: int = 0) -> ParsedBlock:
    """Return a block of text."""
    return ParsedBlock(kind, text, Text(0, len(text)), level=level)


def heading(text: str, level: int = 2) -> ParsedBlock:
    """Return a heading."""
    return line(text, Kind.HEADING, level=level)


def item(text: str) -> ParsedBlock:
    """Return a line of a list."""
    return line(text, Kind.LIST_ITEM)


@dataclass
class Found:
    """What rules made of some blocks: records, told codes and words, and rows of plain values."""

    records: list[Record]
    told: list[tuple[str, str]]
    columns: Sequence[Column]

    @property
    def rows(self) -> list[dict[str, Value | str | None]]:
        """Return the joined rows: each cell's value, or its status where it has none."""
        joiner = Joiner(self.columns)
        for record in self.records:
            joiner.add(record)
        return [
            {key: str(cell.status) if cell.value is None else cell.value for key, cell in cells.items()}
            for _keys, cells in joiner.rows()
        ]


def find(
    blocks: Iterable[ParsedBlock], columns: Sequence[Column] = PUPILS, *, row_is: str = "un alumno"
) -> Found:
    """Return what rules find in blocks."""
    told: list[tuple[str, str]] = []
    numbered = [Numbered(ordinal, block) for ordinal, block in enumerate(blocks)]
    reading = Reading(DOCUMENT, "Fuente", "docx", numbered)
    records = list(
        rules.records(reading, columns, row_is=row_is, tell=lambda code, words: told.append((code, words)))
    )
    return Found(records, told, columns)
