"""Write source files that are the same each time: no date, no author, no order of chance."""

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import docx
import openpyxl
import typst
from docx.document import Document
from odf import opendocument, table
from odf import text as odf_text
from openpyxl.workbook import Workbook

FOLDER = Path(__file__).parent
_DATE = (2026, 3, 2, 8, 0, 0)
_STAMPS = re.compile(rb"(<(?:dcterms:created|dcterms:modified|dc:date|meta:creation-date)[^>]*>)[^<]*(</)")
Row = Sequence[object]


def pdf(path: str, source: str) -> None:
    """Write a PDF out of Typst's markup."""
    head = (
        '#set document(date: none)\n#set page(paper: "a4", margin: 2cm)\n#set text(size: 9.5pt, lang: "es")\n'
    )
    made = typst.compile((head + source).encode(), ignore_system_fonts=True)
    (FOLDER / path).write_bytes(made)


def grid(rows: Sequence[Row], *, columns: str, ruled: bool = True, header: int = 1) -> str:
    """Return Typst's markup of a table whose header is repeated on each page."""
    cells = [[f"[{_escaped(str(cell))}]" for cell in row] for row in rows]
    head = ", ".join(cell for row in cells[:header] for cell in row)
    body = ",\n  ".join(", ".join(row) for row in cells[header:])
    stroke = "0.5pt" if ruled else "none"
    return f"#table(columns: {columns}, stroke: {stroke},\n  table.header({head}),\n  {body})\n"


def word(path: str, fill: Callable[[Document], None]) -> None:
    """Write a DOCX that `fill` fills."""
    document = docx.Document()
    fill(document)
    out = io.BytesIO()
    document.save(out)
    _settle(path, out.getvalue())


def word_table(
    document: Document, rows: Sequence[Row], *, merges: Sequence[tuple[int, int, int, int]] = ()
) -> None:
    """Add a table; `merges`: row and column of the first and of the last cell, the first one's text stays."""
    made = document.add_table(rows=len(rows), cols=max(map(len, rows)), style="Table Grid")
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            made.cell(at, column).text = str(cell)
    for top, left, bottom, right in merges:
        kept = made.cell(top, left).text
        made.cell(top, left).merge(made.cell(bottom, right)).text = kept


def excel(path: str, fill: Callable[[Workbook], None]) -> None:
    """Write an XLSX that `fill` fills; its first sheet is there."""
    book = openpyxl.Workbook()
    fill(book)
    out = io.BytesIO()
    book.save(out)
    _settle(path, out.getvalue())


def ods(
    path: str, sheets: Sequence[tuple[str, Sequence[Row]]], *, spans: Sequence[tuple[str, int, int]] = ()
) -> None:
    """Write an ODS; `spans`: a sheet's name, the row whose first cell spans, and how many rows."""
    book = opendocument.OpenDocumentSpreadsheet()
    spanned = {(name, row): count for name, row, count in spans}
    for name, rows in sheets:
        sheet = table.Table(name=name)
        covered = 0
        for at, row in enumerate(rows):
            line = table.TableRow()
            for column, value in enumerate(row):
                if column == 0 and covered:
                    line.addElement(table.CoveredTableCell())
                    continue
                line.addElement(_ods_cell(value, rows=spanned.get((name, at), 1) if column == 0 else 1))
            covered = covered - 1 if covered else spanned.get((name, at), 1) - 1
            sheet.addElement(line)
        book.spreadsheet.addElement(sheet)
    out = io.BytesIO()
    book.write(out)
    _settle(path, out.getvalue())


def text(path: str, content: str, *, encoding: str = "utf-8") -> None:
    """Write text."""
    (FOLDER / path).write_bytes(content.lstrip("\n").encode(encoding))


def _ods_cell(value: object, *, rows: int) -> table.TableCell:
    options = {"numberrowsspanned": str(rows), "numbercolumnsspanned": "1"} if rows > 1 else {}
    if isinstance(value, int | float):
        made = table.TableCell(valuetype="float", value=str(value), **options)
    else:
        made = table.TableCell(valuetype="string", **options)
    if value != "":
        made.addElement(odf_text.P(text=str(value)))
    return made


def _settle(path: str, content: bytes) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as made, zipfile.ZipFile(out, "w") as kept:
        for name in made.namelist():
            stamped = _STAMPS.sub(rb"\g<1>2026-03-02T08:00:00Z\g<2>", made.read(name))
            info = zipfile.ZipInfo(name, _DATE)
            info.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            kept.writestr(info, stamped)
    (FOLDER / path).write_bytes(out.getvalue())


def _escaped(cell: str) -> str:
    return re.sub(r"([\\#$*_@<>\[\]`~=/+-])", r"\\\1", cell)
