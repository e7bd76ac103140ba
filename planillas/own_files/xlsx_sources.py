"""The sheet «Fuentes» that is put behind a workbook's own: each cell's document, place, words and address."""

import io
from typing import IO
from xml.sax.saxutils import quoteattr

from django.utils.translation import gettext as _
from lxml import etree

from planillas.cells import Cells
from planillas.exports.sheet import Sheet
from planillas.own_files import ooxml_cleaning, written
from planillas.own_files.package import broken
from planillas.own_files.shifting import MAX_ROWS
from planillas.own_files.xlsx_book import MAIN, REL, RELS, SHEET_TYPE, Book, q, rels_name
from planillas.own_files.xlsx_rows import coded
from planillas.own_files.xlsx_styles import Styles

MAX_LINES = MAX_ROWS - 10
MAX_LINKS = 60_000  # Excel stops at 65,530 a sheet
_LETTERS = "ABCDEFGHIJ"
_WIDTHS = (8, 8, 24, 24, 16, 36, 26, 60, 14, 40)


class Sources:
    """Collects the lines while the rows are written, and then is a sheet of the workbook."""

    def __init__(self, book: Book, styles: Styles, sheet: Sheet, places: dict[str, str], first: int) -> None:
        self._teller = written.Teller(sheet)
        self._places = places  # letters by the column's key
        self._first = first
        self._header = styles.bold()
        self._lines = io.BytesIO()  # the confined process may write no file
        book.package.open_files.callback(self._lines.close)
        self._links: list[tuple[int, str]] = []
        self._count = 0
        self._left_out = 0
        self._part = self._name_part(book)
        self._announce(book)

    def see(self, index: int, cells: Cells) -> None:
        """Take over where the cells of a row came from."""
        lines = []
        for told in self._teller.told(index + 1, cells):
            if self._count >= MAX_LINES:
                self._left_out += 1
                continue
            self._count += 1
            row = self._count + 1
            letter = self._places.get(told.column.key, "")
            texts = (
                f"{letter}{self._first + index}" if letter else "",
                told.row, told.column.name, told.value, told.state, told.document, told.place, told.quote, told.read_at,
                told.url,
            )  # fmt: skip
            lines.append(_row(row, texts))
            if told.url and len(self._links) < MAX_LINKS:
                self._links.append((row, told.url))
        self._lines.write("".join(lines).encode("utf-8", "replace"))

    def write(self, part: IO[bytes]) -> None:
        """Write the sheet."""
        heads = (
            _("Celda"), _("Fila"), _("Columna"), _("Valor"), _("Estado"), _("Documento"), _("Lugar"), _("Cita"),
            _("Leído"), _("Dirección"),
        )  # fmt: skip
        columns = "".join(
            f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>'
            for n, width in enumerate(_WIDTHS, start=1)
        )
        part.write(
            (
                f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{MAIN}" xmlns:r="{REL}">'
                '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" '
                f'state="frozen"/></sheetView></sheetViews><cols>{columns}</cols><sheetData>'
                f"{_row(1, heads, self._header)}"
            ).encode()
        )
        self._lines.seek(0)
        while data := self._lines.read(1 << 20):
            part.write(data)
        if self._left_out:
            words = _("Hay %d fuentes más, que no entran en esta hoja.") % self._left_out
            part.write(_row(self._count + 2, (words,)).encode())
        part.write(b"</sheetData>")
        if self._count:
            part.write(f'<autoFilter ref="A1:J{self._count + 1}"/>'.encode())
        if self._links:
            part.write(b"<hyperlinks>")
            links = (
                f'<hyperlink ref="J{row}" r:id="rId{n}"/>'
                for n, (row, _url) in enumerate(self._links, start=1)
            )
            part.write("".join(links).encode())
            part.write(b"</hyperlinks>")
        part.write(b"</worksheet>")

    def write_links(self, part: IO[bytes]) -> None:
        """Write the addresses that the sheet's links lead to."""
        part.write(
            f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<Relationships xmlns="{RELS}">'.encode()
        )
        links = (
            f'<Relationship Id="rId{number}" Type="{REL}/hyperlink" Target={quoteattr(url)} TargetMode="External"/>'
            for number, (_row_at, url) in enumerate(self._links, start=1)
        )
        part.write("".join(links).encode())
        part.write(b"</Relationships>")

    def attach(self, book: Book) -> None:
        """Have the parts written when the workbook is packed, after the rows."""
        book.package.streams[self._part] = self.write
        book.package.streams[rels_name(self._part)] = self.write_links

    def _name_part(self, book: Book) -> str:
        number = 1
        taken = {name.lower() for name in book.package.parts}
        while f"xl/worksheets/sheet{number}.xml" in taken:
            number += 1
        return f"xl/worksheets/sheet{number}.xml"

    def _announce(self, book: Book) -> None:
        """Say in the workbook that there is one sheet more."""
        package = book.package
        ooxml_cleaning.set_type(package, self._part, SHEET_TYPE)
        rels = package.xml(rels_name(book.part))
        ids = {each.get("Id", "") for each in rels}
        number = 1
        while f"rId{number}" in ids:
            number += 1
        etree.SubElement(
            rels,
            f"{{{RELS}}}Relationship",
            Id=f"rId{number}",
            Type=f"{REL}/worksheet",
            Target=f"/{self._part}",
        )
        package.put(rels_name(book.part), rels)
        sheets = book.root.find(q("sheets"))
        if sheets is None:
            raise broken()
        names = {each.get("name", "").lower() for each in sheets}
        name, count = str(_(written.NAME)), 2
        while name.lower() in names:
            name = f"{written.NAME} ({count})"
            count += 1
        sheet = etree.SubElement(sheets, q("sheet"))
        sheet.set("name", name)
        sheet.set("sheetId", str(1 + max((int(each.get("sheetId", "0")) for each in sheets), default=0)))
        sheet.set(f"{{{REL}}}id", f"rId{number}")
        package.put(book.part, book.root)


def _row(row: int, texts: tuple[str | int, ...], style: str = "0") -> str:
    look = f' s="{style}"' if style != "0" else ""
    cells = [
        f'<c r="{letter}{row}"{look}><v>{text}</v></c>'
        if isinstance(text, int)
        else f'<c r="{letter}{row}"{look} t="inlineStr"><is><t xml:space="preserve">{coded(text)}</t></is></c>'
        for letter, text in zip(_LETTERS, texts, strict=False)
        if text != ""
    ]
    return f'<row r="{row}">{"".join(cells)}</row>'
