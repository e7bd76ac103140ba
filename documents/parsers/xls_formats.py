"""The number formats of an XLS workbook's cells, which the reader of its values leaves out."""

import struct
from collections.abc import Iterator
from pathlib import Path

import olefile
from openpyxl.styles.numbers import BUILTIN_FORMATS

from documents.parsers.number_formats import GENERAL

_BEGIN, _END, _SHEET, _FORMAT, _STYLE = 0x0809, 0x000A, 0x0085, 0x041E, 0x00E0
_FORMULA, _NUMBER, _SHORT_NUMBER, _SHORT_NUMBERS = 0x0006, 0x0203, 0x027E, 0x00BD
_EIGHT = 0x0600  # the version since Excel 97; before it texts have one byte a letter
_RECORD = struct.Struct("<HH")
_CELL = struct.Struct("<HHH")  # row, column, style


class Formats:
    """Formats by sheet, in the order of the workbook's sheets, and cell; `GENERAL` where nothing is known."""

    def __init__(self, path: Path) -> None:
        self._data = b""
        self._sheets: list[int] = []  # where each begins
        self._styles: list[str] = []
        try:
            with olefile.OleFileIO(path) as ole:
                name = next((each for each in ("Workbook", "Book") if ole.exists(each)), None)
                if name is not None:
                    self._data = ole.openstream(name).read()
            self._read_globals()
        except (OSError, ValueError, IndexError, TypeError, struct.error):
            self._styles = []  # damaged: its values may be read all the same

    def of_sheet(self, index: int) -> dict[tuple[int, int], str]:
        """Return the formats of a sheet's numbers, by row and column from 0, those that are `GENERAL` left out."""
        found: dict[tuple[int, int], str] = {}
        if not self._styles or index >= len(self._sheets):
            return found
        for kind, start, length in self._records(self._sheets[index]):
            if kind in (_FORMULA, _NUMBER, _SHORT_NUMBER) and length >= _CELL.size:
                row, column, style = _CELL.unpack_from(self._data, start)
                self._keep(found, row, column, style)
            elif kind == _SHORT_NUMBERS and length >= 6:
                row, column = struct.unpack_from("<HH", self._data, start)
                for each in range((length - 6) // 6):
                    (style,) = struct.unpack_from("<H", self._data, start + 4 + 6 * each)
                    self._keep(found, row, column + each, style)
        return found

    def _keep(self, found: dict[tuple[int, int], str], row: int, column: int, style: int) -> None:
        number_format = self._styles[style] if style < len(self._styles) else GENERAL
        if number_format != GENERAL:
            found[row, column] = number_format

    def _read_globals(self) -> None:
        own: dict[int, str] = {}
        styles: list[int] = []
        version = _EIGHT
        for kind, start, length in self._records(0):
            record = self._data[start : start + length]
            if kind == _BEGIN and length >= 2:
                version = int.from_bytes(record[:2], "little")
            elif kind == _SHEET and length >= 4:
                self._sheets.append(int.from_bytes(record[:4], "little"))
            elif kind == _STYLE and length >= 4:
                styles.append(int.from_bytes(record[2:4], "little"))
            elif kind == _FORMAT and length >= 5:
                own[int.from_bytes(record[:2], "little")] = _text(record, version)
        self._styles = [own.get(number) or BUILTIN_FORMATS.get(number, GENERAL) for number in styles]

    def _records(self, at: int) -> Iterator[tuple[int, int, int]]:
        """Yield the records of one part of the stream: what each is, where it begins and how long it is."""
        while at + _RECORD.size <= len(self._data):
            kind, length = _RECORD.unpack_from(self._data, at)
            start = at + _RECORD.size
            if kind == _END or start + length > len(self._data):
                return
            yield kind, start, length
            at = start + length


def _text(record: bytes, version: int) -> str:
    if version < _EIGHT:
        return record[3 : 3 + record[2]].decode("cp1252", "replace")
    count = int.from_bytes(record[2:4], "little")
    if record[4] & 1:
        return record[5 : 5 + 2 * count].decode("utf-16-le", "replace")
    return record[5 : 5 + count].decode("latin-1")
