"""The table «Fuentes» of a spreadsheet: its heads, and what it says in each of them of a line."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from planillas.exports.inert import fit, one_line
from planillas.exports.sheet import Sheet
from planillas.exports.sources import Line, moment, states

WIDTHS = (10, 24, 34, 26, 60, 15, 40, 26, 16, 44, 20)
LETTERS = "ABCDEFGHIJK"
_WRAPPED = (1, 2, 3, 4, 6, 7)
PRINTED_TO = "I"  # addresses and sums are for screens
CELLS, ADDRESS, SHA256 = 0, 9, 10  # columns that look different


@dataclass(frozen=True, slots=True)
class Said:
    """A line as the table says it: a text for each column, "" for none; `to`: the first cell it speaks for."""

    texts: tuple[str, ...]
    to: str


class Table:
    """Says lines."""

    def __init__(self, sheet: Sheet, letters: Sequence[str]) -> None:
        self._sheet, self._letters = sheet, letters
        self._names = [one_line(column.name) for column in sheet.columns]
        self._documents = {
            key: (
                one_line(told.title) + (f" ({_('eliminado')})" if told.is_gone else ""),
                moment(told.read_at) if told.read_at else "",
                told.sha256,
            )
            for key, told in sheet.sources.items()
        }
        self._states, self._says = states(), _("Dice: %s")

    def heads(self) -> tuple[str, ...]:
        """Return the header."""
        return (
            _("Celdas"), _("Columnas"), _("Documento"), _("Lugar"), _("Cita"), _("Estado"), _("Observaciones"),
            _("Quién"), _("Cuándo"), _("Abrir"), _("SHA-256 del documento"),
        )  # fmt: skip

    def say(self, row: int, line: Line) -> Said:
        """Return a line of a row, given the row's number in the sheet."""
        title = quote = address = sha256 = ""
        when = line.at
        if line.document_id is not None:
            title, when, sha256 = self._documents.get(line.document_id, ("", "", ""))
            quote, address = line.quote, line.address(self._sheet)
        note = fit(self._says % line.says if line.says else line.why)
        texts = (
            ", ".join(_ranges(line.columns, self._letters, row)),
            ", ".join([self._names[each] for each in line.columns]),
            title, fit(line.where), quote, self._states[line.status], note, fit(line.by), when, address, sha256,
        )  # fmt: skip
        return Said(texts, f"{self._letters[line.columns[0]]}{row}")


def lines(texts: Sequence[str]) -> int:
    """Return how many lines the tallest of a row's texts takes."""
    most = 1
    for index in _WRAPPED:
        text = texts[index]
        if len(text) > WIDTHS[index] or "\n" in text:
            most = max(most, sum(1 + len(each) // WIDTHS[index] for each in text.split("\n")))
    return most


def _ranges(columns: Sequence[int], names: Sequence[str], row: int) -> list[str]:
    """Return cells as people write them: B5:F5, H5."""
    found: list[str] = []
    first = last = columns[0]
    for index in (*columns[1:], -1):
        if index != last + 1:
            only = f"{names[first]}{row}"
            found.append(only if first == last else f"{only}:{names[last]}{row}")
            first = index
        last = index
    return found
