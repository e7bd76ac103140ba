"""CSV as a Spanish spreadsheet opens it: UTF-8 with its mark, the country's separator and decimals, nothing runs."""

import codecs
import csv
import io
from typing import IO

from planillas import values
from planillas.cells import Value
from planillas.columns import Column, Kind
from planillas.exports import looks
from planillas.exports.inert import fit, is_dangerous, one_line
from planillas.exports.separators import Separator
from planillas.exports.sheet import Sheet


class Csv:
    """Writes with one separator."""

    def __init__(self, separator: Separator) -> None:
        self._sign, self._decimal = separator.sign, separator.decimal

    def write(self, sheet: Sheet, file: IO[bytes]) -> None:
        """Write the header and the values, as RFC 4180 has them."""
        file.write(codecs.BOM_UTF8)
        text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=False)
        written = csv.writer(text, delimiter=self._sign, lineterminator="\r\n")
        written.writerow([_inert(one_line(column.name)) for column in sheet.columns])
        for cells in sheet.rows():
            written.writerow(
                [
                    self._shown(cell.value, column)
                    if (cell := cells.get(column.key)) is not None and cell.value is not None
                    else ""
                    for column in sheet.columns
                ]
            )
        text.detach()

    def _shown(self, value: Value, column: Column) -> str:
        if column.kind in looks.NUMBERS and (number := looks.number(value)) is not None:
            return _number(number, column).replace(".", self._decimal)
        if column.kind == Kind.DATE and (day := looks.day(value)) is not None:
            return f"{day:%d/%m/%Y}"
        return _inert(fit(values.show(value, column)))


def _inert(text: str) -> str:
    return f"'{text}" if is_dangerous(text) else text


def _number(number: int | float, column: Column) -> str:
    """Return a number without an exponent; money with its cents, where it has no smaller part."""
    decimals = looks.money(column).cents
    if column.kind == Kind.MONEY and round(number, decimals) == number:
        return f"{number:.{decimals}f}"
    shown = str(number)
    return f"{number:.15f}".rstrip("0").rstrip(".") if "e" in shown else shown
