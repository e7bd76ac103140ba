"""Rows of a sheet become blocks: tables with their header found, titles above them, all with row numbers."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TypeAlias

from documents.blocks import Kind, ParsedBlock, table_text
from documents.parsers.base import MAX_TABLE_COLUMNS
from documents.parsers.flow import Row, cell_text, portions
from documents.places import Sheet

LOOK_AHEAD_ROWS = 5
MAX_RUN_ROWS = 5_000  # of a table that are held at once
MAX_HEADER_ROWS = 4
MAX_HEADER_CELL_CHARS = 120
MAX_TITLE_CHARS = 120

NumberedRow = tuple[int, Row]  # as the spreadsheet counts, from 1
_DAY = re.compile(r"\d{1,2}/\d{1,2}(?:/\d{2,4})?")


@dataclass(frozen=True, slots=True)
class Merge:
    """A range shown as one cell, whose text stands in its top left one. Rows from 1, columns from 0."""

    top: int
    left: int
    bottom: int
    right: int


Merges: TypeAlias = dict[int, list[Merge]]
"""A sheet's merged cells by their first row."""


def blocks(rows: Iterable[NumberedRow], *, sheet: str, merges: Merges | None = None) -> Iterator[ParsedBlock]:
    """Yield the blocks of one sheet; empty rows separate its tables.

    A merged cell's text is repeated in each row that it spans, and in each column where it stands in a header.
    `merges` must know those that begin in a row by the time the row comes.
    """
    by_top = merges if merges is not None else {}
    left = width = 0
    alone: ParsedBlock | None = None  # a line by itself: the title of the table that comes next, or a note
    for run, is_continued in _runs(_fill_down(rows, by_top)):
        first = run[0][0]
        held = [row for _, row in run]
        if is_continued:  # under the columns that its header has
            width = min(max(width, _extent(held)[1] - left), MAX_TABLE_COLUMNS)
            yield from _table([_stretch(row, left, width) for row in held], first, sheet=sheet)
            continue
        if alone is not None:
            yield alone if len(held) == 1 else _as_title(alone)
            alone = None
        titles = _titles(held)
        lines = [
            ParsedBlock(Kind.PARAGRAPH, " ".join(filter(None, row)), Sheet(sheet, (first + offset,) * 2))
            for offset, row in enumerate(held[:titles])
        ]
        if len(held) == 1 and lines:
            alone = lines[0]
            continue
        yield from [*map(_as_title, lines[:1]), *lines[1:]]
        held, first = held[titles:], first + titles
        if not held:
            continue
        columns, (left, end) = width, _extent(held)
        width = min(end - left, MAX_TABLE_COLUMNS)
        table = [_stretch(row, left, width) for row in held]
        header_rows = _merged_header(table, first, by_top)
        if header_rows:
            _fill_across(table, first, header_rows, by_top, left=left)
        else:
            header_rows = header_length(table, continues=width == columns)
        yield from _table(table, first, sheet=sheet, header_rows=header_rows)
    if alone is not None:
        yield alone


def header_length(rows: Sequence[Row], *, continues: bool = False) -> int:
    """Return how many of the first rows are the header: 0, 1, or 2 where groups stand above names.

    `continues`: a table of as many columns went before, so that only a plain header counts as one.
    """
    if len(rows) < 2 or len(rows[0]) < 2:
        return 0
    width = len(rows[0])
    if _is_header(rows[0], at_least=width if continues else max(2, round(0.6 * width))):
        values = [cell for row in rows[1:LOOK_AHEAD_ROWS] for cell in row if cell]
        looks_alike = not any(map(_is_value, values)) and continues
        return 0 if looks_alike else 1
    is_grouped = (
        len(rows) > 2 and 0 < _filled(rows[0]) < _filled(rows[1]) and not any(map(_is_value, rows[0]))
    )
    return 2 if is_grouped and _is_header(rows[1], at_least=max(2, round(0.6 * width))) else 0


def _as_title(line: ParsedBlock) -> ParsedBlock:
    """Return a line that stands above a table as its heading, when it is no sentence."""
    is_sentence = line.text.endswith(".") or len(line.text) > MAX_TITLE_CHARS
    return line if is_sentence else replace(line, kind=Kind.HEADING, level=2)


def _extent(rows: Iterable[Row]) -> tuple[int, int]:
    """Return the first column that holds anything and the one after the last."""
    used = {index for row in rows for index, cell in enumerate(row) if cell}
    return min(used), max(used) + 1


def _table(table: list[Row], first: int, *, sheet: str, header_rows: int = 0) -> Iterator[ParsedBlock]:
    for part in portions(table):
        place = Sheet(sheet, (first, first + len(part) - 1))
        yield ParsedBlock(Kind.TABLE, table_text(part), place, level=min(header_rows, len(part)), cells=part)
        first, header_rows = first + len(part), 0


def _runs(rows: Iterable[NumberedRow]) -> Iterator[tuple[list[NumberedRow], bool]]:
    """Yield stretches of rows that follow on each other and are not empty; and whether one only goes on."""
    run: list[NumberedRow] = []
    is_continued = False
    for number, raw in rows:
        row = tuple(map(_cell, raw))
        if not any(row):
            continue
        if run and (number != run[-1][0] + 1 or len(run) >= MAX_RUN_ROWS):
            yield run, is_continued
            is_continued = number == run[-1][0] + 1
            run = []
        run.append((number, row))
    if run:
        yield run, is_continued


def _fill_down(rows: Iterable[NumberedRow], by_top: Merges) -> Iterator[NumberedRow]:
    """Yield the rows with the texts of cells that span several of them in each."""
    spanning: list[tuple[Merge, str]] = []
    for number, row in rows:
        if spanning:
            spanning = [held for held in spanning if held[0].bottom >= number]
            filled = [*row]
            for merge, text in spanning:
                filled.extend([""] * (merge.left + 1 - len(filled)))
                filled[merge.left] = filled[merge.left] or text
            row = tuple(filled)
        for merge in by_top.get(number, ()):
            if merge.bottom > number and merge.left < len(row) and row[merge.left]:
                spanning.append((merge, row[merge.left]))
        yield number, row


def _merged_header(table: Sequence[Row], first: int, by_top: Merges) -> int:
    """Return how many of the first rows are a header by their merged cells; 0 when these say nothing of it."""
    if not by_top.get(first) or len(table[0]) < 2:
        return 0
    depth = index = 1
    while index <= depth <= MAX_HEADER_ROWS:
        for merge in by_top.get(first + index - 1, ()):
            names_below = 1 if merge.right > merge.left else 0
            depth = max(depth, merge.bottom - first + 1 + names_below)
        index += 1
    if depth > MAX_HEADER_ROWS or depth >= len(table) or any(map(_is_value, _names(table[depth - 1]))):
        return 0
    is_named = _filled(table[depth - 1]) >= 0.6 * len(table[0])
    return depth if is_named and not any(_is_value(cell) for row in table[: depth - 1] for cell in row) else 0


def _fill_across(table: list[Row], first: int, rows: int, by_top: Merges, *, left: int) -> None:
    """Repeat in the header the texts that stand above several columns, in each of these."""
    header = [[*row] for row in table[:rows]]
    for index in range(rows):
        for merge in by_top.get(first + index, ()):
            at = merge.left - left
            text = header[index][at] if 0 <= at < len(header[index]) else ""
            for row in header[index : merge.bottom - first + 1]:
                for column in range(at, min(merge.right - left + 1, len(row))):
                    if text:
                        row[column] = row[column] or text
    table[:rows] = [tuple(row) for row in header]


def _titles(rows: Sequence[Row]) -> int:
    """Return how many rows at the top hold one text each, or a few with colons, as stand above a table."""
    if len(rows) == 1:
        return int(_filled(rows[0]) == 1)
    left, end = _extent(rows)
    if end - left == 1:
        return 0  # a list, not titles
    count = 0
    for row in rows:
        texts = [cell for cell in row if cell]
        is_facts = len(texts) < 0.75 * (end - left) and any(":" in cell for cell in texts)
        if not is_facts and (len(texts) != 1 or _is_value(texts[0])):
            break
        count += 1
    return count


def _is_header(row: Row, *, at_least: int) -> bool:
    filled = [cell for cell in row if cell]
    return (
        len(filled) >= at_least
        and not any(_is_value(cell) for cell in _names(row))
        and not any(len(cell) > MAX_HEADER_CELL_CHARS for cell in filled)
        and len({cell.casefold() for cell in filled}) >= 0.7 * len(filled)
    )


def _names(row: Row) -> list[str]:
    """Return the texts of a row less the days that stand beside a name, as in a register: Alumno, 1, 2, 3…"""
    filled = [cell for cell in row if cell]
    if not filled or _is_value(filled[0]):
        return filled
    days = [cell for cell in filled if cell.isascii() and cell.isdigit() and len(cell) <= 2]
    if len(days) >= 3 and all(int(after) == int(day) + 1 for day, after in pairwise(days)):
        return [cell for cell in filled if cell not in days]
    dates = [cell for cell in filled if _DAY.fullmatch(cell)]
    return [cell for cell in filled if cell not in dates] if len(dates) >= 2 else filled


def _filled(row: Row) -> int:
    return sum(1 for cell in row if cell)


def _stretch(row: Row, left: int, width: int) -> Row:
    part = row[left : left + width]
    return part if len(part) == width else part + ("",) * (width - len(part))


def _cell(raw: str) -> str:
    # Most cells are a number or a word, and there may be a million.
    return raw if raw.isalnum() and raw.isascii() and len(raw) < MAX_HEADER_CELL_CHARS else cell_text(raw)


def _is_value(cell: str) -> bool:
    """Say whether a cell holds a number, a date, an amount: what data is and names of columns are not."""
    letters = sum(char.isalpha() for char in cell)
    digits = sum(char.isdigit() for char in cell)
    return (
        digits > 0
        and digits >= letters
        and not (digits == 4 and letters == 0 and cell.isdigit() and "1900" <= cell <= "2100")
    )
