"""PDF with text: blocks in reading order, each with its page and the box of every word (pypdfium2)."""

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pypdfium2.raw as pdfium

from documents import outline
from documents.blocks import Kind, ParsedBlock, ParsedDocument, Unreadable
from documents.parsers import (
    pdf_forms,
    pdf_joints,
    pdf_lines,
    pdf_objects,
    pdf_order,
    pdf_paragraphs,
    pdf_tables,
    pdf_unruled,
    tidy,
)
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
from documents.parsers.pdf_pages import Pages
from documents.places import Box, Page

MAX_GARBLED_SHARE = 0.25
MAX_PAGE_CHARS = 400_000
# A page is an image (`no_text`) when something is drawn on it and it has no letters; and when a picture covers most of
# it and its letters are so few that they are a stamp or a page number, or are a hidden layer of poor recognition.
# Its letters are kept until OCR replaces them. A page on which nothing is drawn is blank, which is no fault.
MIN_PICTURE_SHARE = 0.04
SCAN_PICTURE_SHARE = 0.5
SCAN_TEXT_CHARS = 80
MIN_OUTLINE_POINTS = 400  # of a page whose letters were turned into drawings
MAX_ODD_SHARE = 0.35  # of the words of a hidden layer

_LIKELY_WORD = re.compile(
    r"[\W_]*(?:[^\W\d_]*[aeiouáéíóúüAEIOUÁÉÍÓÚÜ][^\W\d_]*|[yY]|\d+(?:[.,:/-]\d+)*\W?)[\W_]*|[–—•·-]+"
)
_POOR_TITLE = re.compile(
    r"^(?:microsoft|untitled|sin t[íi]tulo|documento?\d*\b|document\d*\b)|\.\w{2,4}$|[\\/_]|\ufffd",
    re.IGNORECASE,
)


def parse(
    path: Path,
    progress: Progress = ignore_progress,
    *,
    without: Container[int] = (),
    last: int = MAX_PDF_PAGES,
) -> ParsedDocument:
    """Return what a PDF says. Pages that are images, or whose letters have no map, come back as unreadable.

    `progress` is called before each page, so that whoever listens knows which page is under work. Pages in
    `without`, and those after `last`, are not touched and not mentioned.
    """
    pdf = _open(path)
    try:
        pdf_forms.start(pdf)
        pages = len(pdf)
        if pages > MAX_PDF_PAGES:
            raise ParseTooBig(
                f"El PDF tiene {pages} páginas y el máximo es {MAX_PDF_PAGES}. Conviene dividirlo.",
                code="too_many_pages",
            )
        texts, repeated = Pages(), pdf_order.Repeated()
        unreadable: list[Unreadable] = []
        chars = 0
        for number in range(1, min(pages, last) + 1):
            progress(number - 1, pages)
            if number in without:
                continue
            text, problem = _read(pdf, number)
            chars += text.chars if text else 0
            if chars > MAX_DOCUMENT_CHARS:
                raise ParseTooBig("El PDF tiene demasiado texto para leerlo de una vez. Conviene dividirlo.")
            if problem is not None:
                unreadable.append(problem)
            if text is not None:
                texts.add(number, text)
                repeated.see(text)
        progress(pages, pages)
        blocks = _blocks(texts, repeated)
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


def _read(pdf: pypdfium2.PdfDocument, number: int) -> tuple[pdf_lines.PageText | None, Unreadable | None]:
    """Return the text of one page, None without any that is of use, and what could not be read of it."""
    try:
        page = pdf[number - 1]
    except pypdfium2.PdfiumError:
        reason = (
            f"La página {number} está dañada. Conviene generar el PDF de nuevo, o imprimirla y escanearla."
        )
        return None, Unreadable(Page(number), reason, "broken_page")
    try:
        page, written = pdf_forms.settle(pdf, page, number - 1)
        text = pdf_lines.read_page(page, written)
        drawn = pdf_objects.survey(page)
        if text.chars > MAX_PAGE_CHARS:
            reason = f"La página {number} tiene demasiado texto. Conviene dividir el documento."
            return None, Unreadable(Page(number), reason, "page_too_big")
        if text.garbled_chars > MAX_GARBLED_SHARE * text.chars:
            reason = (
                f"Las letras de la página {number} no están identificadas en el archivo:"
                " su texto solo se puede leer con OCR."
            )
            return None, Unreadable(Page(number), reason, "garbled_text")
        kept = pdf_tables.with_tables(text, drawn.segments) if text.lines else None
        is_image = _is_image(page, text, drawn)
    finally:
        page.close()
    if not is_image:
        return kept, None
    reason = f"La página {number} es una imagen: su texto solo se puede leer con OCR."
    return kept, Unreadable(Page(number), reason, "no_text")


def _is_image(page: pypdfium2.PdfPage, text: pdf_lines.PageText, drawn: pdf_objects.Drawn) -> bool:
    """Say whether what a reader sees of a page is a picture of text and not text; see the head of this file."""
    if not text.lines:
        return drawn.picture_share >= MIN_PICTURE_SHARE or drawn.outline_points >= MIN_OUTLINE_POINTS
    if drawn.picture_share < SCAN_PICTURE_SHARE:
        return False
    if sum(len(line.text) for line in text.lines) < SCAN_TEXT_CHARS:
        return True
    return pdf_lines.is_hidden(page) and _odd_share(text) > MAX_ODD_SHARE


def _odd_share(text: pdf_lines.PageText) -> float:
    """Return how many of the words of a page are none, as those of poor recognition."""
    words = [word.text for line in text.lines for word in line.words]
    return sum(1 for word in words if not _LIKELY_WORD.fullmatch(word)) / max(1, len(words))


def _blocks(texts: Pages, repeated: pdf_order.Repeated) -> list[ParsedBlock]:
    def columns(
        pages: Iterable[tuple[int, pdf_lines.PageText]],
    ) -> Iterator[tuple[int, list[pdf_order.Column]]]:
        for number, text in pages:
            yield number, _columns(repeated.without(text), text.rules)

    # Those of a long document are found again: they would fill the memory.
    pages = list(columns(texts)) if texts.are_loose else None
    style = pdf_paragraphs.usual_style(found for _, found in pages or columns(texts.sample()))
    blocks: list[ParsedBlock] = []
    for number, page in pages or columns(texts):
        found = [
            paragraph
            for column in page
            for paragraph in pdf_paragraphs.paragraphs(column, page=number, style=style)
        ]
        blocks += pdf_paragraphs.blocks(found, style=style)
    return pdf_joints.joined(blocks)


def _columns(lines: Sequence[pdf_lines.Line], rules: Sequence[Box]) -> list[pdf_order.Column]:
    """Return the columns of a page in reading order, tables found in each."""
    return [
        replace(column, lines=pdf_unruled.with_tables(column.lines, rules=rules))
        for column in pdf_order.columns(lines)
    ]


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
