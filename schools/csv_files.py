"""CSV files that a spreadsheet opens as a table and runs nothing of."""

import csv
import io
from collections.abc import Iterable, Sequence

# A spreadsheet takes a cell that begins so for a formula; some skip white space first.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def inert(cell: str) -> str:
    """Return a text that a spreadsheet shows and does not run."""
    return f"'{cell}" if cell.lstrip(" ").startswith(_FORMULA) else cell


def write(rows: Iterable[Sequence[str]]) -> bytes:
    """Return rows of texts as a file: semicolons and a byte order mark, which a Spanish spreadsheet expects."""
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=";").writerows([inert(cell) for cell in row] for row in rows)
    return file.getvalue().encode("utf-8-sig")
