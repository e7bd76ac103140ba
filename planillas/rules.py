"""A planilla's records read out of a source without a model: its tables, its labels and values, its regular lists."""

from collections.abc import Callable, Iterator, Sequence

from documents.blocks import Kind
from planillas.around import Around
from planillas.asked import Asked
from planillas.columns import Column
from planillas.labelled import Forms
from planillas.lines import Lines
from planillas.records import Reading, Record
from planillas.tables import Tables

_READ = (Kind.HEADING, Kind.PARAGRAPH, Kind.LIST_ITEM, Kind.QUOTE, Kind.CODE)


def records(
    reading: Reading, columns: Sequence[Column], *, row_is: str = "", tell: Callable[[str, str], None]
) -> Iterator[Record]:
    """Yield what a source says of rows, in its order, as its blocks come; nothing is held but what is under way.

    `row_is`: what a row is, in words: "un alumno"; `tell`: called with a code and words for what was seen and not used.
    Codes: unused_table, unused_header, unused_label, doubled_header, misfit, bad_value, said_again, of_others,
    rows_of_nobody, nobody, unreadable_table.
    """
    if not columns:
        return
    asked = Asked(columns, row_is=row_is, document_id=reading.document_id, tell=tell)
    around = Around(asked)
    forms = Forms(asked, around)
    tables = Tables(asked, around, forms)
    lines = Lines(asked, around, forms)
    for numbered in reading.blocks:
        kind = numbered.block.kind
        if kind is Kind.TABLE:
            yield from lines.end()
            yield from tables.read(numbered)
        elif kind in _READ:
            tables.close()
            if kind is not Kind.HEADING and lines.takes(numbered):
                yield from lines.read()
                continue
            yield from lines.end()
            yield from forms.read(numbered)
    yield from lines.end()
    yield from forms.close()
