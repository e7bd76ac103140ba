"""The sheet «Acerca de» of a workbook."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from planillas.cells import Status
from planillas.exports import about
from planillas.exports.about import Counts
from planillas.exports.inert import fit, is_dangerous, one_line
from planillas.exports.sheet import Sheet
from planillas.exports.xlsx_cells import held
from planillas.exports.xlsx_formats import Palette


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the sheet: a name, what is said of it, a count; and the number of the name's look."""

    name: str
    said: str = ""
    count: int | None = None
    look: int | None = None


class About:
    """The sheet; its looks are numbered when it is made, before those of the workbook are."""

    def __init__(self, palette: Palette) -> None:
        self._plain, self._inert = palette.plain(), palette.plain(is_inert=True)
        self._quiet, self._title = palette.quiet(), palette.title()
        self._fills = {status: palette.fill(status) for status in Status}

    def write(
        self, worksheet: Any, formats: Sequence[Any], sheet: Sheet, counts: Counts, notes: Sequence[str]
    ) -> None:
        """Write what the workbook says of itself; `notes`: how sources are told, and what Excel could not hold."""
        for row, line in enumerate(self._lines(sheet, counts, notes)):
            look = self._plain if line.look is None else line.look
            for index, (text, usual) in enumerate(((line.name, look), (line.said, self._plain))):
                if text:
                    number = self._inert if is_dangerous(text) else usual
                    worksheet.write_string(row, index, held(fit(text)), formats[number])
            if line.count is not None:
                worksheet.write_number(row, 2, line.count, formats[self._plain])
        for index, width in enumerate((26, 90, 10)):
            worksheet.set_column(index, index, width)
        worksheet.set_paper(9)
        worksheet.set_landscape()
        worksheet.fit_to_pages(1, 0)
        worksheet.hide_gridlines(2)

    def _lines(self, sheet: Sheet, counts: Counts, notes: Sequence[str]) -> list[Line]:
        told = [Line(_("Acerca de esta planilla"), look=self._title)]
        told += [Line(name, said, look=self._quiet) for name, said in about.facts(sheet, counts.rows)]
        told += [Line(""), Line(_("Qué dicen los colores"), look=self._title)]
        told += [
            Line(str(status.label), words, counts.of[status], self._fills[status])
            for status, words in about.legend()
        ]
        told += [Line(""), Line(_("De dónde sale cada dato"), look=self._title)]
        told += [Line("", words) for words in notes]
        if sheet.told:
            told += [Line(""), Line(_("Lo que no se pudo completar"), look=self._title)]
            told += [Line("", words) for words in sheet.told]
        told += [Line(""), Line(_("Columnas"), look=self._title)]
        told += [
            Line(
                one_line(column.name),
                " · ".join(filter(None, (str(column.kind.label), one_line(column.meaning)))),
            )
            for column in sheet.columns
        ]
        return told
