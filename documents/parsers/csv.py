"""CSV and TSV: one table with row numbers; encoding, separator and header are found."""

import csv
import io
from collections import Counter
from pathlib import Path

from documents.blocks import ParsedDocument
from documents.parsers import decode, grid
from documents.parsers.base import MAX_BLOCKS, MAX_CELL_CHARS, Broken, ParseTooBig, Progress, ignore_progress

SHEET = "datos"  # a CSV has one sheet without a name
SAMPLE_LINES = 50
MAX_ROWS = 300_000
_SEPARATORS = ";,\t|"


def parse(path: Path, progress: Progress = ignore_progress) -> ParsedDocument:
    """Return the rows of the file as tables. A row is a record, which may span lines of the file."""
    text = decode.read(path)
    csv.field_size_limit(16 * MAX_CELL_CHARS)
    rows: list[grid.NumberedRow] = []
    first, _, rest = text.partition("\n")
    declared = first.strip().lower()
    if declared.startswith("sep=") and len(declared) == 5:  # Excel's own first line
        text, separator = rest, declared[4]
    else:
        separator = find_separator(text)
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator), start=1):
            if number > MAX_ROWS:
                raise ParseTooBig(
                    f"El archivo tiene más de {MAX_ROWS} filas. Conviene dividirlo.", code="too_many_rows"
                )
            rows.append((number, tuple(row)))
    except csv.Error as error:
        raise Broken("El archivo CSV está mal formado y no se puede leer.", code="broken_csv") from error
    blocks = tuple(grid.blocks(rows, sheet=SHEET))
    if len(blocks) > MAX_BLOCKS:
        raise ParseTooBig(
            "El archivo tiene demasiadas filas separadas para leerlo de una vez. Conviene dividirlo."
        )
    progress(1, 1)
    return ParsedDocument(blocks, None, None)


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
