"""XLS, of Excel before 2007: every sheet as tables with row numbers, values as a person reads them in Spanish."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import python_calamine

from documents.blocks import ParsedDocument
from documents.parsers import number_formats
from documents.parsers.base import (
    MAX_CELL_CHARS,
    MAX_TABLE_COLUMNS,
    Broken,
    Encrypted,
    Progress,
    ignore_progress,
)
from documents.parsers.grid import Merge, Merges, NumberedRow
from documents.parsers.workbook import MAX_SHEETS, Workbook, title_of
from documents.parsers.xls_formats import Formats

_ERRORS = frozenset(("#N/A", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!", "#GETTING_DATA"))


def parse(path: Path, progress: Progress = ignore_progress) -> ParsedDocument:
    """Return what a workbook shows: of formulas the last computed value; hidden sheets say so.

    Its reader may end the process on a damaged file: only to be called in the sandbox.
    """
    try:
        with path.open("rb") as file:
            book = python_calamine.load_workbook(file)
    except python_calamine.PasswordError as error:
        raise Encrypted(
            "La planilla tiene contraseña. Abrirla con ella, guardar una copia sin contraseña y subir la copia."
        ) from error
    except (python_calamine.CalamineError, ValueError, OSError) as error:
        raise Broken("La planilla está dañada y no se puede leer.", code="broken_xls") from error
    workbook, formats = Workbook(), Formats(path)
    sheets = book.sheets_metadata[:MAX_SHEETS]
    for index, about in enumerate(sheets):
        title = title_of(about.name, index)
        if about.typ is not python_calamine.SheetTypeEnum.WorkSheet:
            workbook.tell(
                title, f"La hoja «{title}» es un gráfico o un programa y no se leyó.", "chart_sheet"
            )
            continue
        reader = _Reader(book, index, formats.of_sheet(index))
        is_hidden = about.visible is not python_calamine.SheetVisibleEnum.Visible
        workbook.add(title, reader.rows(), merges=reader.merges, is_hidden=is_hidden)
        progress(index + 1, len(sheets))
    return workbook.document()


class _Reader:
    """One sheet."""

    def __init__(self, book: Any, index: int, formats: dict[tuple[int, int], str]) -> None:
        self.merges: Merges = {}
        self._formats = formats
        try:
            self._sheet = book.get_sheet_by_index(index)
        except (python_calamine.CalamineError, ValueError, OSError) as error:
            raise Broken("La planilla está dañada y no se puede leer.", code="broken_xls") from error
        for (top, left), (bottom, right) in self._sheet.merged_cell_ranges or ():
            self.merges.setdefault(top + 1, []).append(Merge(top + 1, left, bottom + 1, right))

    def rows(self) -> Iterator[NumberedRow]:
        """Yield the rows that hold anything, numbered as the spreadsheet does."""
        if self._sheet.start is None:
            return
        left = self._sheet.start[1]
        before = ("",) * left
        for number, values in enumerate(self._sheet.iter_rows()):
            row = tuple(
                [
                    self._shown(value, number, column) if value != "" else ""
                    for column, value in enumerate(values, start=left)
                ]
            )
            if any(row):
                yield number + 1, (before + row)[:MAX_TABLE_COLUMNS]

    def _shown(self, value: object, row: int, column: int) -> str:
        number_format = self._formats.get((row, column), number_formats.GENERAL)
        match value:
            case str():
                return "" if value in _ERRORS else value[:MAX_CELL_CHARS]
            case bool():
                return number_formats.truth(value)
            case int() | float():
                return number_formats.number(value, number_format)
            case dt.datetime():
                return number_formats.moment(value, number_format)
            case dt.date():
                return number_formats.moment(dt.datetime.combine(value, dt.time()), number_format)
            case dt.time():
                return number_formats.time(value)
            case dt.timedelta():
                return number_formats.duration(value)
        return str(value)
