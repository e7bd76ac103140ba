"""PDF with text: blocks in reading order, each with its page and the box of every word (pypdfium2)."""

import re
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium

from documents import outline
from documents.blocks import Kind, ParsedBlock, ParsedDocument, Unreadable
from documents.parsers import pdf_lines, pdf_order, pdf_paragraphs, pdf_tables, tidy
from documents.parsers.base import (
    MAX_BLOCKS,
    MAX_DOCUMENT_CHARS,
    MAX_PDF_PAGES,
    Broken,
    Encrypted,
    ParseTooBig,
    Progress,
    ignore_progress,
)
from documents.places import Page

MIN_TEXT_CHARS = 12  # on a page, fewer is a stamp or a page number on a scan
MAX_GARBLED_SHARE = 0.25
MAX_PAGE_CHARS = 400_000
PROGRESS_EVERY_PAGES = 8

_SCAN = (
    "El documento no tiene texto: parece escaneado. La lectura de imágenes llegará en una próxima versión."
)
_POOR_TITLE = re.compile(
    r"^(?:microsoft|untitled|sin t[íi]tulo|documento?\d*\b|document\d*\b)|\.\w{2,4}$|[\\/_]|\ufffd",
    re.IGNORECASE,
)


def parse(path: Path, progress: Progress = ignore_progress) -> ParsedDocument:
    """Return what a PDF says. Pages without text, or whose letters have no map, come back as unreadable."""
    pdf = _open(path)
    try:
        pages = len(pdf)
        if pages > MAX_PDF_PAGES:
            raise ParseTooBig(
                f"El PDF tiene {pages} páginas y el máximo es {MAX_PDF_PAGES}. Conviene dividirlo.",
                code="too_many_pages",
            )
        texts: dict[int, pdf_lines.PageText] = {}
        unreadable: list[Unreadable] = []
        chars = 0
        for index in range(pages):
            text = _read(pdf, index)
            chars += text.chars if text else 0
            if chars > MAX_DOCUMENT_CHARS:
                raise ParseTooBig("El PDF tiene demasiado texto para leerlo de una vez. Conviene dividirlo.")
            problem = _problem(text, index + 1)
            if problem is None and text is not None:
                texts[index + 1] = text
            elif problem is not None:
                unreadable.append(problem)
            if index % PROGRESS_EVERY_PAGES == 0:
                progress(index, pages)
        progress(pages, pages)
        if pages > 1 and not texts and all(part.code == "no_text" for part in unreadable):
            unreadable = [Unreadable(None, _SCAN, "no_text")]
        blocks = _blocks(texts)
        title = _title(pdf.get_metadata_value("Title"), blocks)
    finally:
        pdf.close()
    if len(blocks) > MAX_BLOCKS:
        raise ParseTooBig("El PDF tiene demasiadas partes para leerlo de una vez. Conviene dividirlo.")
    return ParsedDocument(tuple(blocks), title, pages, tuple(unreadable))


def _open(path: Path) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pdfium.FPDF_ERR_PASSWORD:
            raise Encrypted(
                "El PDF está protegido con contraseña. Subir una copia sin contraseña."
            ) from error
        raise Broken("El PDF está dañado o incompleto y no se puede abrir.", code="broken_pdf") from error


def _read(pdf: pypdfium2.PdfDocument, index: int) -> pdf_lines.PageText | None:
    """Return the text of one page; None when the page itself is damaged."""
    try:
        page = pdf[index]
    except pypdfium2.PdfiumError:
        return None
    try:
        return pdf_tables.with_tables(page, pdf_lines.read_page(page))
    finally:
        page.close()


def _problem(text: pdf_lines.PageText | None, page: int) -> Unreadable | None:
    if text is None:
        return Unreadable(Page(page), f"La página {page} está dañada.", "broken_page")
    if text.chars > MAX_PAGE_CHARS:
        return Unreadable(Page(page), f"La página {page} tiene demasiado texto.", "page_too_big")
    if sum(len(line.text) for line in text.lines) < MIN_TEXT_CHARS:
        reason = (
            f"La página {page} no tiene texto: parece una imagen escaneada. Las imágenes todavía no se leen."
        )
        return Unreadable(Page(page), reason, "no_text")
    if text.garbled_chars > MAX_GARBLED_SHARE * text.chars:
        reason = f"El texto de la página {page} no se puede descifrar: sus letras no están identificadas."
        return Unreadable(Page(page), reason, "garbled_text")
    return None


def _blocks(texts: dict[int, pdf_lines.PageText]) -> list[ParsedBlock]:
    kept = pdf_order.without_repeated(list(texts.values()))
    pages = [(number, pdf_order.columns(lines)) for number, lines in zip(texts, kept, strict=True)]
    style = pdf_paragraphs.usual_style(columns for _, columns in pages)
    blocks: list[ParsedBlock] = []
    for number, columns in pages:
        found = [
            paragraph
            for column in columns
            for paragraph in pdf_paragraphs.paragraphs(column, page=number, style=style)
        ]
        blocks += pdf_paragraphs.blocks(found, style=style)
    return blocks


def _title(declared: str, blocks: list[ParsedBlock]) -> str | None:
    declared = tidy.line(declared)
    if 6 <= len(declared) <= 200 and " " in declared and not _POOR_TITLE.search(declared):
        return declared
    headings = [
        block
        for block in blocks[:40]
        if block.kind is Kind.HEADING and block.level <= 2 and not outline.structural_level(block.text)
    ]
    best = min(headings, key=lambda block: (len(block.text) < 12, block.level), default=None)
    return best.text if best else None
