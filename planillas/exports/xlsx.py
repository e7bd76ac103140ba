"""XLSX: a grid to work with, each cell with its source beside it, and the sheets «Fuentes» and «Acerca de».

How a cell tells its source depends on how many there are, as Excel suffers from comments and has 65,530 links a sheet:
up to COMMENTS_MOST cells a comment each, up to LINKS_MOST a link each to its line of «Fuentes», beyond that one link a
row (in its last column), where what one page, row or minute says of several cells is one line that names them.

XlsxWriter makes everything but the rows of the two long sheets, which are written here as XML: with it alone, the cells
of the planilla and those of «Fuentes» took four times as long as the planilla's cells (see bench/planilla_xlsx.py).
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from io import BytesIO
from itertools import zip_longest
from typing import IO, Any

from django.utils.translation import gettext as _

from planillas.cells import Cell, Status
from planillas.columns import Kind
from planillas.exports import grids
from planillas.exports.about import Counts
from planillas.exports.grids import COMMENTS_MOST, FITTED_CHARS, ROWS_MOST, WIDE_CHARS, Widths
from planillas.exports.inert import one_line
from planillas.exports.sheet import Sheet, TooLarge
from planillas.exports.sources import Line, Lines
from planillas.exports.xlsx_about import About
from planillas.exports.xlsx_cells import Met, held, put_for, text_cell
from planillas.exports.xlsx_formats import Palette
from planillas.exports.xlsx_parts import EXCEL_LINKS, LINE_PT, ROW_MOST_PT, Rows, join
from planillas.exports.xlsx_sources import SourcesSheet

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LINKS_MOST = 50_000  # cells
_TIP_MOST_CHARS = 200
_COMMENT_PX, _COMMENT_LINE_PX, _COMMENT_LINE_CHARS, _COMMENT_MOST_PX = 300, 17, 46, 420
_NOTHING_GUESSED = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


class Detail(Enum):
    """How a cell tells its source."""

    COMMENTS = "comments"
    LINKS = "links"
    ROWS = "rows"


def detail(cells: int) -> Detail:
    """Return how a planilla of so many cells tells their sources."""
    if cells <= COMMENTS_MOST:
        return Detail.COMMENTS
    return Detail.LINKS if cells <= LINKS_MOST else Detail.ROWS


def write(sheet: Sheet, file: IO[bytes]) -> None:
    """Write the workbook; raise TooLarge for more rows than Excel has."""
    if sheet.count >= ROWS_MOST:
        raise TooLarge(_("Excel admite hasta 1.048.575 filas: descargar la planilla como CSV."))
    book = _Book(sheet)
    try:
        book.read()
        book.write(file)
    finally:
        book.close()


class _Book:
    """One workbook: its long sheets as the rows go by, then all that XlsxWriter makes around them."""

    def __init__(self, sheet: Sheet) -> None:
        from xlsxwriter.utility import xl_col_to_name  # only who downloads one pays for it

        self._sheet, self._columns = sheet, sheet.columns
        self._letters = [xl_col_to_name(index) for index in range(len(sheet.columns) + 1)]
        self._detail = detail(sheet.count * len(sheet.columns))
        self._names = (_("Fuentes"), _("Acerca de"), _("Listas"))
        self._name = grids.sheet_name(sheet.title, self._names)
        self._palette = Palette()
        self._about = About(self._palette)
        self._grid, rows = Rows(self._letters[-1]), Rows("K")
        self._long = {"sheet1": self._grid, "sheet2": rows}
        self._sources = SourcesSheet(sheet, self._palette, rows, letters=self._letters, grid=self._name)
        self._counts = Counts(sheet)
        self._comments: list[tuple[int, int, str]] = []
        self._met = Met()
        self._widths = Widths(sheet.columns)

    def close(self) -> None:
        """Forget what is on disk."""
        for rows in self._long.values():
            rows.close()

    def read(self) -> None:
        """Write the long sheets, going once through the rows."""
        merged, keys = self._detail is Detail.ROWS, [column.key for column in self._columns]
        lines = Lines(self._sheet, merged=merged)
        puts = [
            put_for(letter, column, self._palette, self._met)
            for letter, column in zip(self._letters, self._columns, strict=False)
        ]
        cells_of = list(zip(keys, puts, self._letters, strict=False))
        absent = self._palette.fill(Status.NO_EVIDENCE)
        link, quiet, last = self._palette.link(), self._palette.quiet(), self._letters[-1]
        self._head()
        for row, cells in enumerate(self._sheet.rows(), start=2):
            told = lines.of(cells)
            if not merged:
                self._tell(row, cells, told)
            written = [
                put(row, cells[key]) if key in cells else f'<c r="{letter}{row}" s="{absent}"/>'
                for key, put, letter in cells_of
            ]
            if told:
                look = link if self._link_row(row) else quiet
                written.append(text_cell(f"{last}{row}", look, grids.names_of(self._sheet, told)))
                self._sources.add(row, told)
            self._grid.add(row, written, height=self._height())
            self._counts.add(cells)
            self._widths.add(cells)

    def write(self, file: IO[bytes]) -> None:
        """Write the workbook around the long sheets."""
        import xlsxwriter

        made = BytesIO()
        with xlsxwriter.Workbook(made, dict(_NOTHING_GUESSED)) as workbook:
            workbook.set_properties(
                {
                    "title": one_line(self._sheet.title)[:200],
                    "company": one_line(self._sheet.school)[:200],
                    "created": self._sheet.made_at.replace(tzinfo=None),
                }
            )
            grid = workbook.add_worksheet(self._name)
            formats = self._palette.add_to(workbook, grid)
            self._sources.finish(workbook.add_worksheet(self._names[0]))
            about = workbook.add_worksheet(self._names[1])
            self._about.write(about, formats, self._sheet, self._counts, self._notes())
            self._finish(grid)
            if self._counts.rows:
                self._validate(workbook, grid)
        made.seek(0)
        join(made, self._long, len(formats) - 1, file)

    def _height(self) -> int:
        """Return how tall the row is that was just written; 0: as any."""
        lines, self._met.lines = self._met.lines, 1
        return min(LINE_PT * lines, ROW_MOST_PT) if lines > 1 else 0

    def _head(self) -> None:
        head, names = self._palette.head(), [held(one_line(column.name)) for column in self._columns]
        cells = zip(self._letters, [*names, self._names[0]], strict=True)
        self._grid.add(1, [text_cell(f"{letter}1", head, name) for letter, name in cells], height=32)

    def _tell(self, row: int, cells: Mapping[str, Cell], lines: Sequence[Line]) -> None:
        """Give each cell its comment or its link."""
        for index, told in grids.of_columns(lines, self._sources.next).items():
            if self._detail is Detail.COMMENTS:
                said = grids.comment(self._sheet, cells[self._columns[index].key], told)
                self._comments.append((row - 1, index, said))
            elif len(self._grid.links) < EXCEL_LINKS:
                number, line = told[0]
                tip = f"{grids.names_of(self._sheet, [line])}, {line.where}" if line.where else line.by
                self._grid.link_within(
                    f"{self._letters[index]}{row}",
                    f"'{self._names[0]}'!A{number}",
                    tip=one_line(tip)[:_TIP_MOST_CHARS],
                )

    def _link_row(self, row: int) -> bool:
        if len(self._grid.links) >= EXCEL_LINKS or self._sources.next > ROWS_MOST:
            return False
        self._grid.link_within(f"{self._letters[-1]}{row}", f"'{self._names[0]}'!A{self._sources.next}")
        return True

    def _finish(self, grid: Any) -> None:
        columns, rows = self._columns, self._counts.rows
        widths, frozen = self._widths.found(), grids.frozen(columns)
        for index, width in enumerate([*widths, 26]):
            grid.set_column(index, index, width)
        grid.freeze_panes(1, frozen)
        grid.autofilter(0, 0, max(rows, 1), len(columns))
        grid.ignore_errors({"number_stored_as_text": f"A1:{self._letters[-1]}{rows + 1}"})
        grid.set_paper(9)
        grid.repeat_rows(0)
        if sum(widths) > WIDE_CHARS:
            grid.set_landscape()
        if sum(widths) <= FITTED_CHARS:
            grid.fit_to_pages(1, 0)
        elif frozen:
            grid.repeat_columns(0, frozen - 1)
        if title := _printed(self._sheet.title):
            grid.set_header(f"&L{title}")
        grid.set_footer("&L" + _printed(self._sheet.school) + "&R" + _("Página &P de &N"))
        grid.set_comments_author(_("Preceptor"))
        for row, index, text in self._comments:
            grid.write_comment(row, index, text, _size(text))

    def _validate(self, workbook: Any, grid: Any) -> None:
        """Let cells of few possible values be chosen from a list, which a person may still overrule."""
        from xlsxwriter.utility import xl_col_to_name

        lists: list[tuple[str, ...]] = []
        for index, column in enumerate(self._columns):
            source: str | list[str]
            if column.kind == Kind.YES_NO:
                source = [_("Sí"), _("No")]
            elif column.kind == Kind.CHOICE and column.choices:
                letter = xl_col_to_name(len(lists))
                lists.append(column.choices)
                source = f"='{self._names[2]}'!${letter}$1:${letter}${len(column.choices)}"
            else:
                continue
            told = {
                "validate": "list",
                "source": source,
                "error_type": "warning",
                "error_title": _("No está en la lista"),
                "error_message": _("El valor no es una de las opciones de la columna."),
            }
            grid.data_validation(1, index, self._counts.rows, index, told)
        if lists:
            sheet = workbook.add_worksheet(self._names[2])
            sheet.hide()
            inert = workbook.add_format({"quote_prefix": True})
            for row, texts in enumerate(zip_longest(*lists, fillvalue="")):
                for index, text in enumerate(texts):
                    if text:
                        sheet.write_string(row, index, held(one_line(text)), inert)

    def _notes(self) -> list[str]:
        told = {
            Detail.COMMENTS: _(
                "Cada celda lleva un comentario con su fuente; la última columna lleva a la hoja «Fuentes»."
            ),
            Detail.LINKS: _(
                "Un clic en una celda lleva a su fuente, en la hoja «Fuentes»; también la última columna."
            ),
            Detail.ROWS: _(
                "La planilla es larga: la última columna de cada fila lleva a sus fuentes, en la hoja «Fuentes», que "
                "dice para qué celdas es cada una."
            ),
        }[self._detail]
        found = [told]
        if self._met.cut:
            told = _("Textos cortados, por ser más largos de lo que admite Excel: %d.") % self._met.cut
            found.append(told)
        if self._sources.left_out:
            found.append(_("Fuentes que no entraron en la hoja «Fuentes»: %d.") % self._sources.left_out)
        return found


def _printed(text: str) -> str:
    """Return a text for a page's head, where & begins an order."""
    return one_line(text)[:100].replace("&", "&&")


def _size(text: str) -> dict[str, Any]:
    lines = sum(1 + len(line) // _COMMENT_LINE_CHARS for line in text.split("\n"))
    height = min(_COMMENT_LINE_PX * lines + 14, _COMMENT_MOST_PX)
    return {"width": _COMMENT_PX, "height": height, "font_size": 9, "color": "#FFFDF5"}
