"""A planilla's records read out of a source without a model: its tables, its labels and values, its regular lists."""

import re
from collections.abc import Callable, Iterator, Sequence

from documents.blocks import Kind
from planillas.around import Around
from planillas.asked import Asked
from planillas.columns import Column
from planillas.labelled import Forms
from planillas.lines import Lines
from planillas.records import Reading, Record
from planillas.seen import Seen
from planillas.tables import Tables

_ANNOUNCES = re.compile(r"\bejemplos?\s*:\s*$", re.IGNORECASE)
_READ = (Kind.HEADING, Kind.PARAGRAPH, Kind.LIST_ITEM, Kind.QUOTE, Kind.CODE)


def records(
    reading: Reading, columns: Sequence[Column], *, row_is: str = "", tell: Callable[[str, str], None]
) -> Iterator[Record]:
    """Yield what a source says of rows, in its order, as its blocks come; nothing is held but what is under way.

    `row_is`: what a row is, in words: "un alumno"; `tell`: called at the end with a code and a sentence for staff for
    each kind of thing that was seen and not used: see planillas.seen.
    """
    if not columns:
        return
    seen = Seen(reading.title, tell)
    asked = Asked(columns, row_is=row_is, document_id=reading.document_id, seen=seen)
    around = Around(asked)
    forms = Forms(asked, around)
    tables = Tables(asked, around, forms)
    lines = Lines(asked, around, forms)
    is_example = False
    for numbered in reading.blocks:
        kind = numbered.block.kind
        was_example, is_example = is_example, _ANNOUNCES.search(numbered.block.text[-20:]) is not None
        if was_example and kind is not Kind.HEADING:
            continue  # how a form is filled in, not one that is
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
    seen.say()
