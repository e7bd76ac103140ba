"""Tables of a source read as tables: records row by row, however the table is laid, over as many blocks as it takes."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from documents.blocks import ParsedBlock
from engines.spanish import fold
from planillas import beside, doubts, layouts, meanings, values
from planillas.around import Around, group_facts
from planillas.asked import Asked
from planillas.cells import Evidence
from planillas.columns import Kind
from planillas.headers import KNOWN, WORDS
from planillas.labelled import Forms
from planillas.layouts import Layout
from planillas.quoting import TableText
from planillas.records import Numbered, Record, Said
from planillas.taking import Taking
from planillas.unpivoting import Taken

_EXAMPLE = re.compile(r"\W*(?:ejemplo|ej\.|p\. ?ej)", re.IGNORECASE)
_LABEL = re.compile(r"[^\W\d]\)?\s?:")
_SUMS = ("total", "subtot", "iva", "sub tot", "prom", "suma", "media", "resumen")
_TEXTS = (Kind.TEXT, Kind.LONG_TEXT, Kind.LIST)
FEWEST_SECTION_ROWS = 0.5  # of a block's rows have values besides a name: then one alone is a title


@dataclass(frozen=True, slots=True)
class _Open:
    """A table that may go on in the next block. `dims`: what its headers say, of each of the layout's repeats."""

    layout: Layout
    is_row: bool
    dims: tuple[Mapping[str, Said], ...]
    base: Mapping[str, Said]


class Tables:
    """Reads the tables of a source in order."""

    def __init__(self, asked: Asked, around: Around, forms: Forms) -> None:
        self._asked, self._around, self._forms = asked, around, forms
        self._taking = Taking(asked)
        self._open: _Open | None = None
        self._last: _Open | None = None  # that something came after
        self._section: dict[str, Said] = {}
        self._above: dict[
            str, Said
        ] = {}  # the last values of the first column, where it says what holds for several

    def close(self) -> None:
        """Note that something stands between the tables, so that none goes on."""
        self._open, self._last = None, self._open or self._last
        self._section, self._above = {}, {}
        self._taking.begin()

    def read(self, numbered: Numbered) -> Iterator[Record]:
        """Yield the records of one block of a table."""
        block = numbered.block
        table = TableText(self._asked.document_id, numbered)
        if not block.cells or not table.is_whole:
            self._asked.seen.note("unreadable_table", _head(block))
            return
        rows = block.cells
        if self._open is not None and block.level == 0 and self._is_more(rows[0], self._open.layout):
            yield from self._rows(table, 0, self._open)
            return
        layout = layouts.find(rows, block.level, self._asked)
        if layout is None or layout.doubled:
            parts = layouts.side_by_side(rows, block.level, self._asked)
            for part in parts:
                if self._is_sound(part, _head(block)):
                    yield from self._rows(table, part.rows, self._opened(part, table))
            if parts:
                self.close()
                return
        if self._open is not None and block.level == 0 and not (layout and len(layout.keys) > 1):
            first = self._goes_on(rows, self._open.layout)
            if first is not None:
                yield from self._rows(table, first, self._open)
                return
        self.close()
        labelled = beside.labels(rows, self._asked)
        matched = len(layout.keys) if layout is not None else 0
        if len(labelled) > max(1, matched):
            yield from beside.read(table, labelled, self._asked, self._around, self._forms)
            return
        if layout is None and not labelled and block.level == 0 and self._last is not None:
            last = self._last
            if self._goes_on(rows, last.layout, is_apart=True) is not None:
                base = self._inherited(last.layout.keys) if self._asked.ways.any else {}
                self._open = replace(last, base=base)
                yield from self._rows(table, 0, self._open)
                return
        layout = layout or (layouts.headless(rows, self._asked) if block.level == 0 else None)
        if layout is not None:
            titles = range(layout.rows - len(layout.header))
            yield from self._texts(table, [(row, at) for row in titles for at in range(len(rows[row]))])
        if layout is not None and self._is_sound(layout, _head(block)):
            layout = self._without_misfits(layout, rows)
            self._open = self._opened(layout, table)
            for phrase in layout.unused:
                if self._is_worth_telling(phrase):
                    self._asked.seen.note("unused_header", phrase)
            yield from self._rows(table, layout.rows, self._open)
            return
        if labelled:
            yield from beside.read(table, labelled, self._asked, self._around, self._forms)
            return
        if any(_LABEL.search(cell) for row in rows for cell in row):
            yield from self._inline(table)
        else:
            self._asked.seen.note("unused_table", _head(block))

    # How a table is laid

    def _is_sound(self, layout: Layout, told: str) -> bool:
        """Say whether what the header matches is enough to take the table's rows for the planilla's."""
        asked = self._asked
        if not layout.taken and not layout.repeats:
            return False
        for name in layout.doubled:
            asked.seen.note("doubled_header", name)
        keys = layout.keys
        if asked.ways.any:
            explicit = any(
                asked.matcher.whose in meanings.people(cell) for row in layout.header for cell in row
            )
            if self._around.is_of_others() and not explicit:
                asked.seen.note("of_others", told)
                return False
            if not asked.ways.tell([*keys, *self._inherited(keys)]):
                return False
            if len(keys) > 1:
                return True
            first = layout.taken[0] if layout.taken else None
            is_narrow = len(asked.columns) <= 2 or layout.width <= 2
            return (
                first is not None
                and first.certainty >= layouts.GUESSED
                and (is_narrow or first.certainty >= KNOWN)
            )
        if len(keys) == 1:
            return len(asked.columns) == 1
        main = next((column for column in asked.columns if column.is_required), asked.columns[0])
        return main.key in keys or len(keys) > 2

    def _post(self, layout: Layout) -> int | None:
        """Return where a table has the posts of those in it: only some of them may be whom the rows are about."""
        asked = self._asked
        if not asked.matcher.whose or asked.matcher.of("position") is not None or not layout.header:
            return None
        head = layout.header[-1]
        found = [index for index, cell in enumerate(head) if meanings.of(cell).about == "position"]
        return found[0] if found and asked.matcher.whose == "student" else None

    def _inherited(self, keys: frozenset[str]) -> dict[str, Said]:
        """Return what the form above a table says of whom its rows are about, where they do not say so themselves."""
        asked = self._asked
        if asked.tells_who(list(keys)) and not all(column.key in keys for column in asked.ways.rest):
            return self._around.said()
        if (
            asked.ways.rest
            and any(column.key in keys for column in asked.ways.rest)
            and self._forms.knows_who()
        ):
            names = {column.key for column in (*asked.ways.documents, *asked.ways.names)}
            return {} if names & keys else self._forms.lend()
        return {}

    def _opened(self, layout: Layout, table: TableText) -> _Open:
        asked = self._asked
        dims: list[Mapping[str, Said]] = []
        for each in layout.repeats:
            said: dict[str, Said] = {}
            for column, row, index in each.dims:
                told = asked.say(
                    table.cells[row][index], column, table.quote(row, index), layouts.GUESSED + 0.08
                )
                if told is not None:
                    said[column.key] = told
            dims.append(said)
        base = self._inherited(layout.keys) if asked.ways.any else {}
        is_row = len(layout.keys) > 1 or len(asked.columns) <= 2 or layout.width <= 2
        return _Open(layout, is_row, tuple(dims), base)

    def _without_misfits(self, layout: Layout, rows: Sequence[Sequence[str]]) -> Layout:
        """Return the layout without the columns whose values are mostly no such values, unless the header is sure."""
        kept: list[Taken] = []
        for taken in layout.taken:
            good = bad = 0
            for row in rows[layout.rows : layout.rows + layouts.LOOKED_AT_ROWS]:
                text = row[taken.index] if taken.index < len(row) else ""
                if layout.width > 1 and sum(map(bool, row)) < 2:
                    continue  # a title or a note
                if taken.is_plain and text and not values.is_blank(text):
                    fits = self._asked.fits(text, taken.column)
                    good, bad = good + fits, bad + (not fits)
            is_sure = taken.certainty >= WORDS and not self._asked.matcher.is_name(taken.column)
            if bad > 1 and bad > good and not is_sure:
                self._asked.seen.note("misfit", taken.column.name)
            else:
                doubt = doubts.of(taken, layout, rows)
                kept.append(replace(taken, doubt=doubt) if doubt else taken)
        return replace(layout, taken=tuple(kept))

    def _is_more(self, row: Sequence[str], layout: Layout) -> bool:
        """Say whether a block's first row is plainly one more of the open table, so that no header is looked for."""
        if len(row) != layout.width:
            return False
        texts = [(row[each.index], each.column) for each in layout.taken if each.column.kind not in _TEXTS]
        told = [
            self._asked.fits(text, column) for text, column in texts if text and not values.is_blank(text)
        ]
        return bool(told) and all(told)

    def _goes_on(
        self, rows: Sequence[Sequence[str]], layout: Layout, *, is_apart: bool = False
    ) -> int | None:
        """Return the first row of a block that goes on with the open table; None where it may be another.

        `is_apart`: something stands between both, so that only values that fit make sure of it.
        """
        width = max(map(len, rows))
        head = [tuple(row) for row in layout.header]
        first = len(head) if head and [tuple(row) for row in rows[: len(head)]] == head else 0
        if width == layout.width:
            sure = not is_apart
        elif width < layout.width:
            sure = False
        else:
            return None
        good = bad = 0
        for row in rows[first : first + 10]:
            for taken in layout.taken:
                text = row[taken.index] if taken.index < len(row) else ""
                if text and taken.column.kind not in _TEXTS and not values.is_blank(text):
                    fits = self._asked.fits(text, taken.column)
                    good, bad = good + fits, bad + (not fits)
        if bad > good or (not sure and (bad or not good)):
            return None
        return first

    def _is_worth_telling(self, phrase: str) -> bool:
        """Say whether staff may wonder why a column was not used: not that which counts the rows."""
        return bool(phrase.strip()) and not phrase.strip().isdigit() and meanings.of(phrase).about != "number"

    # Rows

    def _rows(self, table: TableText, first: int, opened: _Open) -> Iterator[Record]:
        asked, layout = self._asked, opened.layout
        rows = table.cells[first:]
        alone = sum(1 for row in rows if len({cell for cell in row if cell}) == 1)
        has_sections = alone <= FEWEST_SECTION_ROWS * len(rows) and layout.width > 1
        head = layout.header[-1] if layout.header else None
        around = {key: each for key, each in self._around.said().items() if key not in layout.keys}
        lost = others = 0
        post = self._post(layout)
        for number in range(first, len(table.cells)):
            row = table.cells[number]
            filled = [cell for cell in row if cell]
            if not filled or row == head or is_example(filled):
                continue
            if fold(filled[0][:8]).startswith(_SUMS) and meanings.sums_up(filled[0]):
                continue
            if len(filled) > 1 and filled[0].isdigit() and meanings.sums_up(filled[1]):
                continue
            if (
                len(filled) == 1
                and layout.width > 1
                and self._is_section(table, number, layout, has_sections)
            ):
                continue
            if post is not None and asked.matcher.whose not in meanings.people(row[post]):
                others += 1
                continue
            base = {**around, **opened.base, **self._section}
            said = self._cells(table, number, layout)
            if not said and not layout.repeats:
                continue
            for record in self._records(table, number, opened, base, said):
                if record is None:
                    lost += 1
                else:
                    yield record
        if others:
            asked.seen.count("rows_of_others", others)
        if lost:
            asked.seen.count("rows_of_nobody", lost)

    def _records(
        self,
        table: TableText,
        number: int,
        opened: _Open,
        base: Mapping[str, Said],
        said: Mapping[str, Said],
    ) -> Iterator[Record | None]:
        asked, layout = self._asked, opened.layout
        if not layout.repeats:
            whole = {key: each for key, each in base.items() if key not in said}
            yield asked.record({**whole, **said}, is_row=opened.is_row)
            return
        for dims, repeat in zip(opened.dims, layout.repeats, strict=True):
            measured = dict(self._taking.cells(table, number, repeat.measures))
            if any(each.value is not None for each in measured.values()):
                yield asked.record({**base, **said, **dims, **measured}, is_row=opened.is_row)

    def _cells(self, table: TableText, number: int, layout: Layout) -> dict[str, Said]:
        asked = self._asked
        said = self._taking.row(table, number, layout.taken)
        for taken in layout.taken:
            if taken.index or not asked.matcher.is_of_group(taken.column):
                continue
            if taken.column.key in said:
                self._above[taken.column.key] = said[taken.column.key]
            elif taken.column.key in self._above and said:
                above = self._above[taken.column.key]
                said[taken.column.key] = Said(above.value, above.evidence, above.confidence * 0.9, above.why)
        return said

    def _is_section(self, table: TableText, number: int, layout: Layout, are_likely: bool) -> bool:
        """Take a row that is a title for those below; say whether it is one."""
        row = table.cells[number]
        index = next(at for at, cell in enumerate(row) if cell)
        text = row[index]

        def cut(start: int, end: int) -> Evidence:
            return table.slice(number, index, start, end)

        facts = [
            (column, said)
            for column, said in group_facts(self._asked, text, cut)
            if column.key not in layout.keys
        ]
        for column, said in facts:
            self._section[column.key] = said
        if facts:
            self._above = {}
            return True
        label, colon, value = text.partition(":")
        match = self._asked.matcher.match(label) if colon else None
        if match is not None and match.column.key not in layout.keys:
            start = len(text) - len(value.lstrip())
            told = self._asked.say(text[start:], match.column, cut(start, len(text)), match.certainty)
            if told is not None and told.value is not None:
                self._section[match.column.key] = told
                return True
        if not are_likely:
            return False
        if not self._asked.ways.any or not any(
            taken.index == index and self._asked.tells_who([taken.column.key]) for taken in layout.taken
        ):
            return index == 0 or not colon
        return True

    # Cells that are text

    def _inline(self, table: TableText) -> Iterator[Record]:
        """Yield the records of cells that hold labels and values themselves: forms, which may stand side by side."""
        rows = table.cells
        width = max(map(len, rows))
        is_abreast = any(_is_repeated(row) for row in rows)
        cells = [
            (number, index)
            for number, row in enumerate(rows)
            for index, text in enumerate(row)
            if ":" in text
        ]
        if is_abreast:
            cells.sort(key=lambda at: at[1])
        for index in range(width) if is_abreast else (0,):
            yield from self._texts(table, [at for at in cells if not is_abreast or at[1] == index])
            if is_abreast:
                yield from self._forms.end()

    def _texts(self, table: TableText, cells: Sequence[tuple[int, int]]) -> Iterator[Record]:
        for number, index in cells:
            row = table.cells[number]
            text = row[index]
            if not text or (index and text == row[index - 1]):
                continue

            def cut(start: int, end: int, number: int = number, index: int = index) -> Evidence:
                return table.slice(number, index, start, end)

            yield from self._forms.text(text, cut)


def _head(block: ParsedBlock) -> str:
    """Return the header by which staff will know a table; nobody's data, which stand where there is none."""
    return (
        " | ".join(filter(None, block.cells[0])) if block.level and block.cells else _("una sin encabezados")
    )


def is_example(filled: Sequence[str]) -> bool:
    """Say whether a row shows how a form is filled in: an example, or hints in brackets."""
    return _EXAMPLE.match(filled[0]) is not None or (
        len(filled) > 1 and all(cell.startswith("(") and cell.endswith(")") for cell in filled)
    )


def _is_repeated(row: Sequence[str]) -> bool:
    """Say whether two cells of a row have the same label, each with its value."""
    labelled = [cell.partition(":")[0].strip() for cell in row if _LABEL.search(cell)]
    return len(labelled) > len(set(labelled)) and len(set(row)) > 1
