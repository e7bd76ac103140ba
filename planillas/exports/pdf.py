"""PDF to be printed and signed: the table, wide ones in groups of columns, and a note for each place read.

A note is numbered by its document and place; where all that a row says was read in one place, its number stands once.
"""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import IO, Any
from uuid import UUID

from django.utils.translation import gettext as _

from planillas import values
from planillas.cells import Cell, Cells, Evidence, Status
from planillas.columns import Column, Kind
from planillas.exports import about, grids, looks
from planillas.exports.about import Counts
from planillas.exports.inert import fit, one_line
from planillas.exports.sheet import Sheet, TooLarge
from planillas.exports.sources import moment, where
from planillas.exports.typesetting import compiled

CELLS_MOST = 15_000  # typesetting 12,000 takes 3 s and 250 MB; beyond, nobody prints it
TEXT_MOST_CHARS = 4_000  # of one cell
SHORT_TITLE_CHARS = 80
UNIT_MM = 1.75  # of a character and its share of the margins
TALL_CHARS, WIDE_CHARS = 102, 152  # that a page holds, upright and across
SQUEEZED = 1.12  # of which a page still holds all, its columns a little narrower
QUOTE_MOST_CHARS = 160
TEXT_WIDTH, LONG_WIDTH = 28, 38
_STATES = list(Status)
_UNDECIDED = (Status.CONFLICT, Status.INVALID)
# A cell as the template takes it: its text, its state, the numbers of its notes.
_Shown = tuple[str, int, str]


def write(sheet: Sheet, file: IO[bytes]) -> None:
    """Write the planilla; raise TooLarge for more than can be typeset."""
    if sheet.count * len(sheet.columns) > CELLS_MOST:
        raise TooLarge(
            _("La planilla es demasiado grande para PDF (más de 15.000 celdas): descargarla como XLSX u ODS.")
        )
    paper = _Paper(sheet)
    file.write(compiled("planilla.typ", paper.data(), to="pdf"))


class _Paper:
    """A planilla while it is made ready for the template."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet, self._columns = sheet, sheet.columns
        self._widths = grids.Widths(sheet.columns)
        self._numbers: dict[tuple[UUID, str], int] = {}
        self._notes: list[tuple[str, str, str, str]] = []
        self._counts = Counts(sheet)

    def data(self) -> dict[str, Any]:
        """Return what the template shows."""
        read = list(self._sheet.rows())
        for cells in read:
            self._widths.add(cells)
            self._counts.add(cells)
        widths = [
            _width(column, longest)
            for column, longest in zip(self._columns, self._widths.longest, strict=True)
        ]
        rows = [self._row(cells, widths) for cells in read]
        total = sum(widths)
        groups = grouped(widths, grids.frozen(self._columns) or 1)
        told = [fit(each) for each in self._sheet.told]
        return {
            "title": one_line(self._sheet.title),
            "short": _short(one_line(self._sheet.title)),
            "school": one_line(self._sheet.school),
            "foot": moment(self._sheet.made_at),
            "facts": about.facts(self._sheet, self._counts.rows)[1:],  # its name stands above
            "told": told,
            "told-heading": _("Lo que no se pudo completar"),
            "fills": [looks.FILLS.get(status, "") for status in _STATES],
            "undecided": [_STATES.index(status) for status in _UNDECIDED],
            "legend": self._legend(),
            "wide": total > TALL_CHARS,
            "unit": UNIT_MM,
            "groups": [
                self._group(number, group, widths, len(groups)) for number, group in enumerate(groups)
            ],
            "rows": rows,
            "notes-heading": _("Fuentes"),
            "notes": self._notes,
            "documents-heading": _("Documentos leídos"),
            "documents": self._documents(),
        }

    def _row(self, cells: Cells, widths: Sequence[int]) -> list[_Shown]:
        marks = [self._marks(cells.get(column.key)) for column in self._columns]
        told = {each for each in marks if each}
        if len(told) == 1:  # all of it was read in one place
            first = next(index for index, each in enumerate(marks) if each)
            marks = ["" if index > first else each for index, each in enumerate(marks)]
        return [
            (breakable(_shown(cells.get(column.key), column), width), _state(cells.get(column.key)), mark)
            for column, width, mark in zip(self._columns, widths, marks, strict=True)
        ]

    def _marks(self, cell: Cell | None) -> str:
        if cell is None or cell.status == Status.EDITED:
            return ""
        told = [*cell.sources, *(each for candidate in cell.candidates for each in candidate.sources)]
        return ",".join(dict.fromkeys(self._number(each) for each in told))

    def _number(self, evidence: Evidence) -> str:
        said = where(evidence.place)
        name = (evidence.document_id, said)
        if name not in self._numbers:
            self._numbers[name] = len(self._numbers) + 1
            quote = one_line(evidence.quote)
            self._notes.append(
                (
                    str(len(self._numbers)),
                    f"{one_line(self._sheet.title_of(evidence.document_id))}, {fit(said)}.",
                    quote if len(quote) <= QUOTE_MOST_CHARS else quote[:QUOTE_MOST_CHARS] + "…",
                    self._sheet.open_at(evidence),
                )
            )
        return str(self._numbers[name])

    def _group(
        self, number: int, columns: Sequence[int], widths: Sequence[int], groups: int
    ) -> dict[str, Any]:
        kept = grids.frozen(self._columns) or 1
        first = 0 if number == 0 else next((each for each in columns if each >= kept), columns[0])
        told = {"first": first + 1, "last": columns[-1] + 1, "all": len(self._columns)}
        heading = _("Columnas %(first)d a %(last)d de %(all)d") % told if groups > 1 else ""
        return {
            "heading": heading,
            "columns": list(columns),
            "widths": [widths[index] for index in columns],
            "heads": [breakable(one_line(self._columns[index].name), widths[index]) for index in columns],
            "numbers": [self._columns[index].kind in looks.NUMBERS for index in columns],
        }

    def _legend(self) -> list[tuple[int, str]]:
        return [
            (_STATES.index(status), words)
            for status, words in about.legend()
            if status in looks.FILLS and self._counts.of[status]
        ]

    def _documents(self) -> list[tuple[str, str, str]]:
        used = {document_id for document_id, _place in self._numbers}
        return [
            (
                one_line(told.title),
                (_("(leído el %s)") % moment(told.read_at) if told.read_at else "")
                + (" " + _("(eliminado)") if told.is_gone else ""),
                f"SHA-256 {told.sha256}" if told.sha256 else "",
            )
            for document_id, told in self._sheet.sources.items()
            if document_id in used
        ]


def grouped(widths: Sequence[int], keys: int) -> list[list[int]]:
    """Return columns in groups that fit a page, by their indexes; those that say whose row it is begin each."""
    if sum(widths) <= WIDE_CHARS * SQUEEZED:
        return [list(range(len(widths)))]
    kept = list(range(keys)) if sum(widths[:keys]) <= WIDE_CHARS // 2 else []
    groups, taken = [list(kept)], sum(widths[index] for index in kept)
    for index in range(len(kept), len(widths)):
        if taken + widths[index] > WIDE_CHARS and len(groups[-1]) > len(kept):
            groups.append(list(kept))
            taken = sum(widths[each] for each in kept)
        groups[-1].append(index)
        taken += widths[index]
    return groups


def breakable(text: str, width: int) -> str:
    """Return a text with places to break in words that do not fit a column of so many characters."""
    most = max(4, width - 3)
    if len(text) <= most:
        return text
    return re.sub(rf"\S{{{most + 1},}}", lambda found: _pieces(found[0], most), text)


def _pieces(word: str, most: int) -> str:
    cuts = [*range(0, len(word), most), len(word)]
    return "\u200b".join(word[start:end] for start, end in pairwise(cuts))


def _width(column: Column, longest: int) -> int:
    """Return a column's width in characters: its header may take several lines."""
    word = min(max((len(each) for each in one_line(column.name).split()), default=0) + 2, 18)
    if column.kind == Kind.LONG_TEXT:
        return max(word, min(longest + 2, LONG_WIDTH), 16)
    if column.kind in looks.TEXTS:
        return max(word, min(longest + 2, TEXT_WIDTH), 6)
    return max(word, {Kind.MONEY: 15, Kind.DATE: 11}.get(column.kind, 8))


def _shown(cell: Cell | None, column: Column) -> str:
    if cell is None:
        return ""
    if cell.value is None and cell.status in _UNDECIDED:
        said = [values.show(each.value, column) for each in cell.candidates] or [
            f"«{each.quote}»" for each in cell.sources[:1]
        ]
        return fit(" / ".join(said))[:QUOTE_MOST_CHARS]
    text = fit(values.show(cell.value, column))
    return text if len(text) <= TEXT_MOST_CHARS else text[:TEXT_MOST_CHARS] + "…"


def _state(cell: Cell | None) -> int:
    return _STATES.index(cell.status if cell else Status.NO_EVIDENCE)


def _short(title: str) -> str:
    return title if len(title) <= SHORT_TITLE_CHARS else title[: SHORT_TITLE_CHARS - 1].rstrip() + "…"
