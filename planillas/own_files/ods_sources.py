"""The sheet «Fuentes» that is put behind an ODS's own: each cell's document, place and words."""

import io
from collections.abc import Mapping
from typing import IO, Any
from xml.sax.saxutils import escape, quoteattr

from django.utils.translation import gettext as _
from lxml import etree

from planillas.cells import Cells
from planillas.exports.sheet import Sheet
from planillas.own_files import ods_tree, shifting, written
from planillas.own_files.ods_cells import line
from planillas.own_files.ods_tree import q
from planillas.own_files.package import Package

MAX_LINES = shifting.MAX_ROWS - 10


class Sources:
    """The sheet «Fuentes»: its lines are kept aside until the table is written."""

    def __init__(
        self, sheet: Sheet, package: Package, root: etree._Element, table: Mapping[str, Any]
    ) -> None:
        self._teller = written.Teller(sheet)
        self._places = {
            place["key"]: letter
            for letter, place in (table or {}).get("columns", {}).items()
            if "key" in place
        }
        self._first = int((table or {}).get("first", 1))
        names = {each.get(q("table:name"), "").lower() for each in ods_tree.tables(root)}
        self._name, count = str(_(written.NAME)), 2
        while self._name.lower() in names:
            self._name = f"{_(written.NAME)} ({count})"
            count += 1
        self._lines = io.BytesIO()  # the confined process may write no file
        package.open_files.callback(self._lines.close)
        self._count = 0
        self._left_out = 0

    def see(self, index: int, cells: Cells) -> None:
        """Take over where the cells of a row came from."""
        for told in self._teller.told(index + 1, cells):
            if self._count >= MAX_LINES:
                self._left_out += 1
                continue
            self._count += 1
            letter = self._places.get(told.column.key, "")
            texts = (
                f"{letter}{self._first + index}" if letter else "",
str(told.row), told.column.name, told.value, told.state, told.document, told.place, told.quote, told.read_at,
            )  # fmt: skip
            cell = ""
            if told.url:
                link = f'xmlns:xlink={quoteattr(ods_tree.XLINK)} xlink:type="simple" xlink:href={quoteattr(told.url)}'
                words = f"<text:p><text:a {link}>{escape(_('Abrir'))}</text:a></text:p>"
                cell = f'<table:table-cell office:value-type="string">{words}</table:table-cell>'
            self._lines.write(line(texts, cell).encode("utf-8", "replace"))

    def write(self, to: IO[bytes]) -> None:
        """Write the sheet."""
        heads = (
            _("Celda"), _("Fila"), _("Columna"), _("Valor"), _("Estado"), _("Documento"), _("Lugar"), _("Cita"),
            _("Leído"), _("Dirección"),
        )  # fmt: skip
        columns = '<table:table-column table:number-columns-repeated="10"/>'
        to.write(f"<table:table table:name={quoteattr(self._name)}>{columns}".encode())
        to.write(line(heads, "").encode())
        self._lines.seek(0)
        while data := self._lines.read(1 << 20):
            to.write(data)
        if self._left_out:
            words = _("Hay %d fuentes más, que no entran en esta hoja.") % self._left_out
            to.write(line((words,), "").encode())
        to.write(b"</table:table>")
