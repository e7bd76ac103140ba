"""CSV and TSV: one table with row numbers; encoding, separator and header are found."""

import csv
import io
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from documents.blocks import ParsedDocument
from documents.parsers import decode, grid
from documents.parsers.base import MAX_CELL_CHARS, MAX_TABLE_COLUMNS, Broken, Progress, ignore_progress
from documents.parsers.workbook import Workbook

SHEET = "datos"  # a CSV has one sheet without a name
SAMPLE_LINES = 50
_SEPARATORS = ";\t|,"  # the comma last: it also stands in numbers and in sentences


def parse(path: Path, progress: Progress = ignore_progress) -> ParsedDocument:
    """Return the rows of the file as tables. A row is a record, which may span lines of the file."""
    text = decode.read(path)
    csv.field_size_limit(16 * MAX_CELL_CHARS)
    first, _, rest = text.partition("\n")
    declared = first.strip().lower()
    if declared.startswith("sep=") and len(declared) == 5:  # Excel's own first line
        text, separator = rest, declared[4]
    else:
        separator = find_separator(text)
    try:
        document = _read(text, separator, quoting=csv.QUOTE_MINIMAL)
    except csv.Error:  # a quote that is never closed swallows the rest: then quotes are letters
        try:
            document = _read(text, separator, quoting=csv.QUOTE_NONE)
        except csv.Error as error:
            raise Broken("El archivo CSV está mal formado y no se puede leer.", code="broken_csv") from error
    progress(1, 1)
    return document


def _read(text: str, separator: str, *, quoting: Literal[0, 3]) -> ParsedDocument:
    workbook = Workbook()
    is_too_wide = False

    def rows() -> Iterator[grid.NumberedRow]:
        nonlocal is_too_wide
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, quoting=quoting)
        for number, row in enumerate(reader, start=1):
            is_too_wide = is_too_wide or any(row[MAX_TABLE_COLUMNS:])
            yield number, tuple(row[:MAX_TABLE_COLUMNS])

    workbook.add(SHEET, rows(), has_heading=False)
    if is_too_wide:
        workbook.tell_too_wide(SHEET)
    return workbook.document()


def find_separator(text: str) -> str:
    """Return the separator that gives most lines the same number of cells, more than one; else a comma."""
    sample = text[: 200 * SAMPLE_LINES]
    lines = sample.split("\n")[:SAMPLE_LINES]
    if len(lines) > 2:
        lines = lines[:-1]  # the sample may cut it
    best, best_score = ",", 0.0
    for separator in _SEPARATORS:
        try:
            widths = Counter(len(row) for row in csv.reader(lines, delimiter=separator) if row)
        except csv.Error:
            continue
        wide = [(count, width) for width, count in widths.items() if width > 1]
        if wide:
            count, width = max(wide)
            score = count / sum(widths.values()) + 0.01 * min(width, 20)
            if score > best_score:
                best, best_score = separator, score
    return best
