"""What the formats that are spreadsheets share: limits, names, widths, and the words beside a cell."""

import re
from collections.abc import Sequence

from django.utils.translation import gettext as _

from planillas import values
from planillas.cells import Cell, Cells, Status
from planillas.columns import Column
from planillas.exports import looks
from planillas.exports.inert import fit, one_line
from planillas.exports.sheet import Sheet
from planillas.exports.sources import Line, states

COMMENTS_MOST = 8_000  # cells: programs suffer from more
ROWS_MOST = 1_048_576  # of a sheet, in Excel and LibreOffice
WIDE_CHARS = 95  # what a page holds upright
FITTED_CHARS = 240  # what a page still holds when it is made smaller
NAMES_MOST_CHARS = 200
SHEET_NAME_MOST_CHARS = 31
_MEASURED_ROWS = 300
_FROZEN_MOST = 2  # columns
_QUOTE_MOST_CHARS = 300
_LINES_MOST = 4  # places told beside one cell
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]+")


class Widths:
    """How wide columns have to be, learnt from the first rows that go by."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns, self._rows = columns, 0
        self.longest = [0] * len(columns)  # characters; of texts only

    def add(self, cells: Cells) -> None:
        """Look at a row."""
        self._rows += 1
        if self._rows > _MEASURED_ROWS:
            return
        for index, column in enumerate(self._columns):
            cell = cells.get(column.key)
            if cell is not None and column.kind in looks.TEXTS and cell.value is not None:
                self.longest[index] = max(self.longest[index], len(values.show(cell.value, column)))

    def found(self) -> list[float]:
        """Return the widths in characters."""
        return [looks.width(column, self.longest[at]) for at, column in enumerate(self._columns)]


def sheet_name(title: str, taken: Sequence[str]) -> str:
    """Return a name that a spreadsheet takes for a sheet."""
    name = " ".join(_FORBIDDEN.sub(" ", one_line(title)).split())
    while len(name.encode("utf-16-le")) > 2 * SHEET_NAME_MOST_CHARS:  # Excel counts an emoji as two
        name = name[:-1]
    name = name.strip("' ")
    reserved = {"history", *(each.casefold() for each in taken)}
    return name if name and name.casefold() not in reserved else _("Planilla")


def frozen(columns: Sequence[Column]) -> int:
    """Return how many columns stay in sight: those that say whose row it is, where they stand first."""
    keys = [index for index, column in enumerate(columns) if column.is_key][:_FROZEN_MOST]
    return len(keys) if keys == list(range(len(keys))) else 0


def names_of(sheet: Sheet, lines: Sequence[Line]) -> str:
    """Return the names of a row's sources, or who wrote it where it has none."""
    names = dict.fromkeys([one_line(sheet.title_of(each.document_id)) for each in lines if each.document_id])
    text = "; ".join(names) or fit(lines[0].by)
    return text if len(text) <= NAMES_MOST_CHARS else text[: NAMES_MOST_CHARS - 1] + "…"


def of_columns(lines: Sequence[Line], first: int) -> dict[int, list[tuple[int, Line]]]:
    """Return lines, numbered from `first`, by the index of the columns that they speak for, in order."""
    found: dict[int, list[tuple[int, Line]]] = {}
    for number, line in enumerate(lines, start=first):
        for index in line.columns:
            found.setdefault(index, []).append((number, line))
    return dict(sorted(found.items()))


def comment(sheet: Sheet, cell: Cell, told: Sequence[tuple[int, Line]]) -> str:
    """Return what stands beside a cell; `told`: its lines, with their numbers in «Fuentes»."""
    parts = [] if cell.status == Status.FOUND else [f"{states()[cell.status]}."]
    if cell.why:
        parts.append(fit(cell.why))
    for number, line in told[:_LINES_MOST]:
        if line.document_id is None:
            parts.append(f"{fit(line.by)} {line.at}".strip())
            continue
        says = f"{fit(line.says)} — " if line.says else ""
        parts.append(f"{says}{fit(sheet.title_of(line.document_id))}, {fit(line.where)}")
        if quote := line.quote:
            cut = quote if len(quote) <= _QUOTE_MOST_CHARS else quote[:_QUOTE_MOST_CHARS] + "…"
            parts.append(f"«{cut}»")
        parts.append(f"{fit(line.by)} · " + _("Fuentes, fila %d") % number)
    if len(told) > _LINES_MOST:
        more = {"more": len(told) - _LINES_MOST, "row": told[_LINES_MOST][0]}
        parts.append(_("Y %(more)d más desde la fila %(row)d de Fuentes.") % more)
    return "\n".join(parts)
