"""The long sheets of a workbook: their rows and links on disk while they are made, then put where XlsxWriter left room.

The rows of a sheet are standard SpreadsheetML in `<sheetData>`, so they take the place of what XlsxWriter wrote there.
"""

import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from typing import IO

from planillas.exports.xlsx_cells import attribute

EXCEL_LINKS = 65_530  # of a sheet
LINE_PT, ROW_MOST_PT = 15, 405  # a line's height, and a row's: Excel has none above 409
_DATA = re.compile(rb"<sheetData>.*</sheetData>|<sheetData/>", re.DOTALL)
_DIMENSION = re.compile(rb'<dimension ref="[^"]*"/>')
_AFTER_LINKS = re.compile(rb"<printOptions|<pageMargins")  # what the schema has next
_STYLES = re.compile(rb'<c r="[A-Z]+1" s="(\d+)"/>')
_RELATIONS = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
)
_EXTERNAL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/hyperlink"


class Rows:
    """A sheet's rows and links, in order."""

    def __init__(self, last_letter: str) -> None:
        # Closed by whoever put it together.
        self._file: IO[str] = tempfile.TemporaryFile("w+", encoding="utf-8", newline="")  # noqa: SIM115
        self._last_letter, self.count = last_letter, 0
        self.links: list[str] = []
        self.addresses: list[str] = []

    def add(self, row: int, cells: Iterable[str], *, height: int = 0) -> None:
        """Write a row, given its number as Excel numbers them and its cells as XML."""
        tall = f' ht="{height}" customHeight="1"' if height else ""
        self._file.write(f'<row r="{row}"{tall}>{"".join(cells)}</row>')
        self.count = row

    def link_within(self, name: str, to: str, *, tip: str = "") -> None:
        """Let a cell lead to another; `to` is fit for an attribute."""
        shown = f' tooltip="{attribute(tip)}"' if tip else ""
        self.links.append(f'<hyperlink ref="{name}" location="{to}"{shown}/>')

    def link_out(self, name: str, address: str) -> None:
        """Let a cell open an address of ours."""
        self.addresses.append(address)
        self.links.append(f'<hyperlink ref="{name}" r:id="rIdLink{len(self.addresses)}"/>')

    def close(self) -> None:
        """Forget what was written."""
        self._file.close()

    def write(self, whole: bytes, target: IO[bytes]) -> None:
        """Write the sheet, given what XlsxWriter made of it."""
        data, after = _DATA.search(whole), _AFTER_LINKS.search(whole)
        assert data is not None and after is not None
        used = f'<dimension ref="A1:{self._last_letter}{max(self.count, 1)}"/>'.encode()
        target.write(_DIMENSION.sub(used, whole[: data.start()]))
        target.write(b"<sheetData>")
        self._file.flush()
        self._file.seek(0)
        shutil.copyfileobj(self._file.buffer, target, 1 << 20)  # type: ignore[attr-defined]  # a text file has one
        target.write(b"</sheetData>" + whole[data.end() : after.start()])
        if self.links:
            target.write(b"<hyperlinks>" + "".join(self.links).encode() + b"</hyperlinks>")
        target.write(whole[after.start() :])

    def relations(self) -> bytes:
        """Return where the links that lead out lead to."""
        lines = (
            f'<Relationship Id="rIdLink{number}" Type="{_EXTERNAL}" Target="{attribute(address)}" '
            'TargetMode="External"/>'
            for number, address in enumerate(self.addresses, start=1)
        )
        return f"{_RELATIONS}{''.join(lines)}</Relationships>".encode()


def join(made: IO[bytes], sheets: Mapping[str, Rows], looks: int, target: IO[bytes]) -> None:
    """Write the workbook that XlsxWriter made with the rows of its long sheets, by their name ("sheet1")."""
    with (
        zipfile.ZipFile(made) as source,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as written,
    ):
        for entry in source.infolist():
            name = entry.filename.removeprefix("xl/worksheets/").removesuffix(".xml")
            rows = sheets.get(name) if entry.filename.startswith("xl/worksheets/") else None
            content = source.read(entry)
            # Time and system as XlsxWriter sets them: the same planilla makes the same file.
            kept = zipfile.ZipInfo(entry.filename, entry.date_time)
            kept.compress_type, kept.external_attr = zipfile.ZIP_DEFLATED, entry.external_attr
            with written.open(kept, "w", force_zip64=rows is not None) as part:
                if rows is None:
                    part.write(content)
                    continue
                if name == "sheet1" and [int(each) for each in _STYLES.findall(content)] != list(
                    range(1, looks + 1)
                ):
                    raise AssertionError("XlsxWriter numbers looks in another way than we do")
                rows.write(content, part)
            if rows is not None and rows.addresses:
                kept = zipfile.ZipInfo(f"xl/worksheets/_rels/{name}.xml.rels", entry.date_time)
                kept.compress_type = zipfile.ZIP_DEFLATED
                written.writestr(kept, rows.relations())
