"""ODS: a grid to work with, each cell with its source, and the tables «Fuentes» and «Acerca de».

Written here with the standard library, a row at a time: odfdo keeps an object for each and took 16 s for 2,000 rows
of 20. A cell tells its source by an annotation, up to COMMENTS_MOST of them; a row always leads to its lines of
«Fuentes» by its last cell, as links stand inside texts here, and values keep their types.
"""

import shutil
import tempfile
import zipfile
from collections.abc import Sequence
from typing import IO

from django.utils.translation import gettext as _

from planillas.cells import Cell, Status
from planillas.columns import Column, Kind
from planillas.exports import about, beside, grids, ods_styles
from planillas.exports.about import Counts
from planillas.exports.grids import COMMENTS_MOST, ROWS_MOST, WIDE_CHARS, Widths
from planillas.exports.inert import one_line
from planillas.exports.ods_cells import annotation, attribute, choices, put_for, text_cell
from planillas.exports.ods_styles import DECLARATION, MANIFEST, MEDIA_TYPE, NAMESPACES
from planillas.exports.sheet import Sheet, TooLarge
from planillas.exports.sources import Lines

_LAST_WIDTH = 26
_ABOUT_WIDTHS = (26, 90, 10)


def write(sheet: Sheet, file: IO[bytes]) -> None:
    """Write the workbook; raise TooLarge for more rows than a sheet has."""
    if sheet.count >= ROWS_MOST:
        raise TooLarge(_("Una hoja admite hasta 1.048.575 filas: descargar la planilla como CSV."))
    with (
        tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as grid,
        tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as sources,
    ):
        book = _Book(sheet, grid, sources)
        book.read()
        book.write(file)


class _Book:
    """One workbook: its long tables as the rows go by, then what stands around them."""

    def __init__(self, sheet: Sheet, grid: IO[str], sources: IO[str]) -> None:
        self._sheet, self._columns = sheet, sheet.columns
        self._grid, self._sources = grid, sources
        self._names = (_("Fuentes"), _("Acerca de"))
        self._name = grids.sheet_name(sheet.title, self._names)
        self._is_annotated = sheet.count * len(sheet.columns) <= COMMENTS_MOST
        self._letters = [_letter(index) for index in range(len(sheet.columns) + 1)]
        self._table = beside.Table(sheet, self._letters)
        self._counts, self._widths = Counts(sheet), Widths(sheet.columns)
        self._next, self._left_out = 2, 0

    def read(self) -> None:
        """Write the long tables, going once through the rows."""
        lines = Lines(self._sheet, merged=not self._is_annotated)
        puts = [
            (index, column.key, put_for(index, column, _list_name(index, column)))
            for index, column in enumerate(self._columns)
        ]
        for row, cells in enumerate(self._sheet.rows(), start=2):
            told = lines.of(cells)
            beside_of = grids.of_columns(told, self._next) if self._is_annotated else {}
            written = []
            for index, key, put in puts:
                cell = cells.get(key) or _EMPTY
                inside = (
                    annotation(grids.comment(self._sheet, cell, of)) if (of := beside_of.get(index)) else ""
                )
                written.append(put(cell, inside))
            if told:
                link = f"#{self._names[0]}.A{self._next}"
                written.append(text_cell("quiet", grids.names_of(self._sheet, told), link=link))
            self._grid.write(_row(written))
            for line in told:
                if self._next > ROWS_MOST:
                    self._left_out += 1
                    continue
                self._sources.write(_row(self._said(self._table.say(row, line))))
                self._next += 1
            self._counts.add(cells)
            self._widths.add(cells)

    def write(self, file: IO[bytes]) -> None:
        """Write the file."""
        title, made_at = one_line(self._sheet.title), self._sheet.made_at.replace(tzinfo=None)
        frozen = ((self._name, grids.frozen(self._columns)), (self._names[0], 1))
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
            # First and as it is, so that a program knows the file by its first bytes.
            packed.writestr("mimetype", MEDIA_TYPE, zipfile.ZIP_STORED)
            packed.writestr("META-INF/manifest.xml", MANIFEST)
            packed.writestr("meta.xml", ods_styles.meta(title, made_at.isoformat(timespec="seconds")))
            packed.writestr("settings.xml", ods_styles.settings(frozen))
            packed.writestr("styles.xml", ods_styles.page(title, one_line(self._sheet.school), _("Página")))
            with packed.open("content.xml", "w", force_zip64=True) as content:
                self._content(content)

    def _content(self, content: IO[bytes]) -> None:
        widths = self._widths.found()
        every = [*widths, _LAST_WIDTH, *beside.WIDTHS, *_ABOUT_WIDTHS]
        styles = ods_styles.automatic(self._columns, every, is_wide=sum(widths) > WIDE_CHARS)
        lists = "".join(
            f'<table:content-validation table:name="{_list_name(index, column)}" '
            f'table:condition="{choices(column.choices)}" table:allow-empty-cell="true" '
            'table:display-list="unsorted"><table:error-message table:message-type="warning" table:display="true" '
            f'table:title="{attribute(_("No está en la lista"))}"/></table:content-validation>'
            for index, column in enumerate(self._columns)
            if _list_name(index, column)
        )
        lists = f"<table:content-validations>{lists}</table:content-validations>" if lists else ""
        content.write(
            f"{DECLARATION}<office:document-content {NAMESPACES}>{styles}<office:body><office:spreadsheet>"
            f"{lists}".encode()
        )
        names = [held.name for held in self._columns]
        first = len(names) + 1
        heads = [one_line(name) for name in names]
        self._long(content, self._name, "tGrid", range(first), [*heads, self._names[0]], self._grid)
        second = range(first, first + len(beside.WIDTHS))
        printed = f"{_quoted(self._names[0])}.A1:{_quoted(self._names[0])}.{beside.PRINTED_TO}{self._next}"
        self._long(content, self._names[0], "tBeside", second, self._table.heads(), self._sources, printed)
        content.write(_begin(self._names[1], "tBeside", range(second.stop, second.stop + 3)).encode())
        content.write(f"{self._about()}</table:table>".encode())
        filtered = (
            (self._name, f"{self._letters[-1]}{self._counts.rows + 1}"),
            (self._names[0], f"K{max(self._next - 1, 2)}"),
        )
        ranges = "".join(
            f'<table:database-range table:name="__Anonymous_Sheet_DB__{index}" '
            f'table:target-range-address="{_quoted(name)}.A1:{_quoted(name)}.{last}" '
            'table:display-filter-buttons="true" table:contains-header="true"/>'
            for index, (name, last) in enumerate(filtered)
        )
        content.write(
            f"<table:database-ranges>{ranges}</table:database-ranges></office:spreadsheet></office:body>"
            "</office:document-content>".encode()
        )

    def _long(
        self,
        content: IO[bytes],
        name: str,
        look: str,
        widths: range,
        heads: Sequence[str],
        rows: IO[str],
        printed: str = "",
    ) -> None:
        header = _row([text_cell("head", head) for head in heads])
        content.write(
            f"{_begin(name, look, widths, printed)}<table:table-header-rows>{header}</table:table-header-rows>".encode()
        )
        rows.flush()
        rows.seek(0)
        shutil.copyfileobj(rows.buffer, content, 1 << 20)  # type: ignore[attr-defined]  # a text file has one
        content.write(b"</table:table>")

    def _said(self, said: beside.Said) -> list[str]:
        links = {
            beside.CELLS: f"#{_quoted(self._name)}.{said.to}",
            beside.ADDRESS: said.texts[beside.ADDRESS],
        }
        quiet = (beside.CELLS, beside.ADDRESS, beside.SHA256)
        return [
            text_cell("quiet" if index in quiet else "plain", text, link=links.get(index, ""))
            for index, text in enumerate(said.texts)
        ]

    def _about(self) -> str:
        plain = [_row([text_cell("title", _("Acerca de esta planilla"))])]
        plain += [
            _row([text_cell("quiet", name), text_cell("plain", said)])
            for name, said in about.facts(self._sheet, self._counts.rows)
        ]
        plain += [_row([text_cell("title", "")]), _row([text_cell("title", _("Qué dicen los colores"))])]
        states = list(Status)
        plain += [
            _row(
                [
                    text_cell(f"fill{states.index(status)}", str(status.label)),
                    text_cell("plain", words),
                    f'<table:table-cell table:style-name="plain" office:value-type="float" '
                    f'office:value="{self._counts.of[status]}"><text:p>{self._counts.of[status]}</text:p>'
                    "</table:table-cell>",
                ]
            )
            for status, words in about.legend()
        ]
        plain += [_row([text_cell("title", "")]), _row([text_cell("title", _("De dónde sale cada dato"))])]
        plain += [_row([text_cell("plain", ""), text_cell("plain", words)]) for words in self._notes()]
        if self._sheet.told:
            plain += [
                _row([text_cell("title", "")]),
                _row([text_cell("title", _("Lo que no se pudo completar"))]),
            ]
            plain += [_row([text_cell("plain", ""), text_cell("plain", words)]) for words in self._sheet.told]
        plain += [_row([text_cell("title", "")]), _row([text_cell("title", _("Columnas"))])]
        for column in self._columns:
            said = " · ".join(filter(None, (str(column.kind.label), one_line(column.meaning))))
            plain.append(_row([text_cell("plain", one_line(column.name)), text_cell("plain", said)]))
        return "".join(plain)

    def _notes(self) -> list[str]:
        if self._is_annotated:
            found = [
                _(
                    "Cada celda lleva un comentario con su fuente; la última columna lleva a la hoja «Fuentes»."
                )
            ]
        else:
            found = [
                _(
                    "La planilla es larga: la última columna de cada fila lleva a sus fuentes, en la hoja «Fuentes», "
                    "que dice para qué celdas es cada una."
                )
            ]
        if self._left_out:
            found.append(_("Fuentes que no entraron en la hoja «Fuentes»: %d.") % self._left_out)
        return found


_EMPTY = Cell()


def _row(cells: Sequence[str]) -> str:
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


def _begin(name: str, look: str, widths: range, printed: str = "") -> str:
    columns = "".join(
        f'<table:table-column table:style-name="w{index}" table:default-cell-style-name="Default"/>'
        for index in widths
    )
    area = f' table:print-ranges="{printed}"' if printed else ""
    return f'<table:table table:name="{attribute(name)}" table:style-name="{look}"{area}>{columns}'


def _list_name(index: int, column: Column) -> str:
    return f"list{index}" if column.kind == Kind.CHOICE and column.choices else ""


def _quoted(name: str) -> str:
    return attribute("'" + name.replace("'", "''") + "'")


def _letter(index: int) -> str:
    """Return a column's name: A, B, … Z, AA."""
    found = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        found = chr(ord("A") + rest) + found
    return found
