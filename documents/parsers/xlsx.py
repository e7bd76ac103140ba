"""XLSX: every sheet as tables with row numbers, values as a person reads them in Spanish."""

from pathlib import Path

from documents.blocks import ParsedDocument
from documents.parsers.base import Broken, Progress, ignore_progress
from documents.parsers.unzip import Archive
from documents.parsers.workbook import MAX_SHEETS, Workbook, title_of
from documents.parsers.xlsx_book import Book


def parse(path: Path, progress: Progress = ignore_progress) -> ParsedDocument:
    """Return what a workbook shows: of formulas the last computed value, no comments; hidden sheets say so."""
    with Archive(path, must_have="xl/workbook.xml") as archive:
        book, workbook = Book(archive), Workbook()
        if not book.parts:
            raise Broken("La planilla está dañada: no tiene hojas.", code="broken_xlsx")
        parts = book.parts[:MAX_SHEETS]
        for index, part in enumerate(parts):
            title = title_of(part.title, index)
            if part.is_chart:
                workbook.tell(
                    title, f"La hoja «{title}» es un gráfico o un programa y no se leyó.", "chart_sheet"
                )
                continue
            merges = book.merges(part) if part.name in archive.names else None
            workbook.add(title, book.rows(part), merges=merges, is_hidden=part.is_hidden)
            if book.is_too_wide:
                workbook.tell_too_wide(title)
            if book.uncalculated:
                workbook.tell_uncalculated(title, book.uncalculated)
            progress(index + 1, len(parts))
        return workbook.document(_declared_title(archive))


def _declared_title(archive: Archive) -> str:
    root = archive.xml("docProps/core.xml")
    return (root.findtext("{*}title") or "") if root is not None else ""
