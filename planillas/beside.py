"""Tables whose labels stand beside their values: forms in cells, and tables that lie on their side."""

from collections.abc import Iterator, Mapping, Sequence

from planillas import layouts, meanings
from planillas.around import Around
from planillas.asked import Asked
from planillas.headers import Match
from planillas.labelled import Forms
from planillas.quoting import TableText
from planillas.records import Record, Said

MOST_LABEL_CHARS = 60

Labels = Mapping[tuple[int, int], str]
"""The cells that are labels, by row and column."""


def labels(rows: Sequence[Sequence[str]], asked: Asked) -> Labels:
    """Return the cells that are labels of a column and have their value at their right."""
    found: dict[tuple[int, int], str] = {}
    for number, row in enumerate(rows):
        index = 0
        while index < len(row):
            text, value = row[index], row[index + 1] if index + 1 < len(row) else ""
            is_label = bool(text) and _is_label(text, asked)
            if is_label and value and not _is_label(value, asked):
                found[number, index] = text
                index += 2
            elif index == 0 and (not is_label or value):
                break  # no label, or one beside others: a header
            else:
                index += 1
    return found


def read(table: TableText, found: Labels, asked: Asked, around: Around, forms: Forms) -> Iterator[Record]:
    """Yield the records of such a table: one per further column, or those of the form that it goes on with."""
    rows = table.cells
    width = max(map(len, rows))
    several = sum(1 for number, _ in found if sum(map(bool, rows[number][1:])) > 1)
    if width > 2 and all(index == 0 for _row, index in found) and several * 2 > len(found):
        yield from _on_its_side(table, found, asked, around)
    else:
        yield from _form(table, found, forms)


def _form(table: TableText, found: Labels, forms: Forms) -> Iterator[Record]:
    for number, row in enumerate(table.cells):
        filled = [cell for cell in row if cell]
        if len(filled) == 1 and ":" not in filled[0]:
            forms.of_whom(filled[0])
        index = 0
        while index + 1 < len(row):
            if (number, index) in found or (row[index] and meanings.of(row[index]).is_known):
                if row[index + 1]:
                    yield from forms.pair(row[index], row[index + 1], table.quote(number, index + 1))
                index += 2
            else:
                index += 1


def _on_its_side(table: TableText, found: Labels, asked: Asked, around: Around) -> Iterator[Record]:
    """Yield a record of each column after that of the labels; names may stand above them without a label."""
    rows = table.cells
    assigned = asked.matcher.assign([row[0] if (at, 0) in found else "" for at, row in enumerate(rows)])
    name = asked.matcher.of(meanings.FULL_NAME)
    if name is not None and 0 not in assigned and all(match.column != name for match in assigned.values()):
        heads = [cell for cell in rows[0][1:] if cell]
        if len(heads) > 1 and all(" " in cell and asked.fits(cell, name) for cell in heads):
            assigned = {**assigned, 0: Match(name, layouts.GUESSED)}
    for index in range(1, max(map(len, rows))):
        said: dict[str, Said] = {}
        for number, match in assigned.items():
            text = rows[number][index] if index < len(rows[number]) else ""
            told = (
                asked.say(text, match.column, table.quote(number, index), match.certainty) if text else None
            )
            if told is not None:
                said[match.column.key] = told
        record = asked.record({**around.said(), **said}) if said else None
        if record is not None:
            yield record


def _is_label(text: str, asked: Asked) -> bool:
    return (
        len(text) <= MOST_LABEL_CHARS
        and any(map(str.isalpha, text))
        and asked.matcher.match(text) is not None
    )
