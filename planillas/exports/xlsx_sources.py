"""The sheet «Fuentes» of a workbook: a line for each place that cells were read from."""

from collections.abc import Sequence
from typing import Any

from planillas.exports import beside
from planillas.exports.grids import ROWS_MOST
from planillas.exports.inert import is_dangerous
from planillas.exports.sheet import Sheet
from planillas.exports.sources import Line
from planillas.exports.xlsx_cells import attribute, held, text_cell
from planillas.exports.xlsx_formats import Palette
from planillas.exports.xlsx_parts import EXCEL_LINKS, LINE_PT, ROW_MOST_PT, Rows


class SourcesSheet:
    """The sheet while it is written, a row's lines at a time."""

    def __init__(
        self, sheet: Sheet, palette: Palette, rows: Rows, *, letters: Sequence[str], grid: str
    ) -> None:
        self._rows, self._table = rows, beside.Table(sheet, letters)
        self._grid = attribute(grid.replace("'", "''"))
        self._plain, self._inert = palette.plain(), palette.plain(is_inert=True)
        self._quiet, self._link = palette.quiet(), palette.link()
        self.next = 2  # the row that comes next, as Excel numbers them
        self.left_out = 0  # lines that Excel has no room for
        head = palette.head()
        named = zip(beside.LETTERS, self._table.heads(), strict=True)
        rows.add(1, [text_cell(f"{letter}1", head, text) for letter, text in named], height=24)

    def add(self, row: int, lines: Sequence[Line]) -> None:
        """Write the lines of a row of the grid, given its number as Excel numbers them."""
        for line in lines:
            if self.next > ROWS_MOST:
                self.left_out += 1
                continue
            said = self._table.say(row, line)
            tall = beside.lines(said.texts)
            height = min(LINE_PT * tall, ROW_MOST_PT) if tall > 1 else 0
            self._rows.add(self.next, self._cells(self.next, said), height=height)
            self.next += 1

    def finish(self, worksheet: Any) -> None:
        """Set what holds for the whole sheet."""
        for index, width in enumerate(beside.WIDTHS):
            worksheet.set_column(index, index, width)
        worksheet.freeze_panes(1, 1)
        worksheet.autofilter(0, 0, max(self.next - 2, 1), len(beside.WIDTHS) - 1)
        worksheet.set_landscape()
        worksheet.set_paper(9)
        worksheet.fit_to_pages(1, 0)
        worksheet.repeat_rows(0)
        worksheet.print_area(f"A1:{beside.PRINTED_TO}{self.next}")
        worksheet.ignore_errors({"number_stored_as_text": f"A1:K{self.next}"})

    def _cells(self, at: int, said: beside.Said) -> list[str]:
        made = []
        for index, (letter, text) in enumerate(zip(beside.LETTERS, said.texts, strict=True)):
            if not text:
                continue
            if index == beside.CELLS or index == beside.ADDRESS:
                look = self._link_to(f"{letter}{at}", said.to if index == beside.CELLS else "", text)
            elif index == beside.SHA256:
                look = self._quiet
            else:
                text = held(text)
                look = self._inert if is_dangerous(text) else self._plain
            made.append(text_cell(f"{letter}{at}", look, text))
        return made

    def _link_to(self, name: str, cell: str, address: str) -> int:
        """Let a cell lead to a cell of the grid, or out to an address, while there is room; return its look."""
        if len(self._rows.links) >= EXCEL_LINKS:
            return self._quiet
        if cell:
            self._rows.link_within(name, f"'{self._grid}'!{cell}")
        else:
            self._rows.link_out(name, address)
        return self._link
