"""What the cells of one row say of the columns: as they stand, put together, apart, or the same as above."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from engines.spanish import fold
from planillas import names, values
from planillas.asked import RAISED, Asked, without_note
from planillas.columns import Kind
from planillas.meanings import SURNAME
from planillas.quoting import TableText
from planillas.records import Said
from planillas.unpivoting import Taken

DITTO = frozenset({"idem", "id.", "idem.", '"', "''", "”", "“", "″", "〃", "´´", "»"})
MOST_DITTO_CHARS = 5


class Taking:
    """Takes the values of a table's rows, one after the other."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._above: Mapping[str, Said] = {}  # what the row before said

    def begin(self) -> None:
        """Forget the row before."""
        self._above = {}

    def row(self, table: TableText, number: int, taken: Sequence[Taken]) -> dict[str, Said]:
        """Return what a row says, by columns."""
        said = dict(self.cells(table, number, taken))
        self._above = said
        return dict(said)

    def cells(self, table: TableText, number: int, taken: Sequence[Taken]) -> Iterator[tuple[str, Said]]:
        """Yield what some cells of a row say."""
        row = table.cells[number]
        width = len(row)
        read, quote = self._asked.read, table.quote
        for each in taken:
            text = row[each.index] if each.index < width else ""
            if not text:
                continue
            if len(text) <= MOST_DITTO_CHARS and fold(text) in DITTO:
                above = self._above.get(each.column.key)
                if above is not None:
                    yield each.column.key, replace(above, confidence=above.confidence * 0.95)
                continue
            if each.is_plain:
                value, why = read(text, each.column)
                if value is not None and each.doubt:
                    value, why = None, each.doubt
                if value is not None or why:
                    evidence = quote(number, each.index)
                    if text[-1] in RAISED:  # the figure of a footnote is none of the value
                        evidence = table.slice(number, each.index, 0, len(without_note(text)))
                    yield each.column.key, Said(value, evidence, each.certainty, why)
                continue
            said = self._joined(table, number, each) if each.others else self._part(table, number, each)
            if said is not None:
                yield each.column.key, said

    def _joined(self, table: TableText, number: int, taken: Taken) -> Said | None:
        """Return a value of several cells: surnames and given names, a number and its check digit."""
        row = table.cells[number]
        parts = [
            (row[index], table.quote(number, index))
            for index in (taken.index, *taken.others)
            if index < len(row) and not values.is_blank(row[index])
        ]
        if taken.column.kind is Kind.IDENTITY:
            text = "-".join(text for text, _ in parts)
            value, why = self._asked.read(text, taken.column)
            if value is None:
                return Said(None, parts[0][1], taken.certainty, why) if why else None
            quotes = "-".join(evidence.quote for _, evidence in parts)
            if len(parts) < 2 or not values.occurs(value, taken.column, quotes):
                return None
            return Said(value, parts[0][1], taken.certainty, also=tuple(each for _, each in parts[1:]))
        has_last = taken.others[-1] < len(row) and not values.is_blank(row[taken.others[-1]])
        if (
            len(parts) < 2
            or not has_last
            or not all(self._asked.fits(text, taken.column) for text, _ in parts)
        ):
            return None
        if taken.part == SURNAME:  # both surnames, and no given name
            return names.run(parts, taken.column, taken.certainty)
        return names.join(parts[:-1], parts[-1], taken.column, taken.certainty)

    def _part(self, table: TableText, number: int, taken: Taken) -> Said | None:
        """Return the part of a cell's name that the column asks for."""
        text = table.cells[number][taken.index]
        found = names.split(text, taken.order)
        if found is None:
            self._asked.seen.note("unsplit_name", taken.column.name)
            return None
        start, end = found.surname if taken.part == SURNAME else found.given
        evidence = table.slice(number, taken.index, start, end)
        return self._asked.say(text[start:end], taken.column, evidence, taken.certainty)
