"""What was filled into a PDF's form, and notes written onto its page, as part of the page they stand on."""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium

from documents.parsers import tidy
from documents.places import Box

MAX_NOTES = 5_000  # on a page
MAX_VALUE_CHARS = 8_000
LINE_PT, CHAR_PT = 12.0, 5.5  # of text that only a reader's program would draw
_BUTTONS = (pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON)
_CHECKED, _UNCHECKED = "☑", "☐"


@dataclass(frozen=True, slots=True)
class Written:
    """A word that is not in the page's own text; its box by the page's own axes."""

    text: str
    box: Box


def start(pdf: pypdfium2.PdfDocument) -> None:
    """Make the forms of a document known to its pages; before any is opened."""
    if pdf.get_formtype() != pdfium.FORMTYPE_NONE:
        pdf.init_forms()


def settle(
    pdf: pypdfium2.PdfDocument, page: pypdfium2.PdfPage, index: int
) -> tuple[pypdfium2.PdfPage, tuple[Written, ...]]:
    """Return a page with what its fields show as part of its text, and what of them is not text.

    Fields and free text are drawn into the page, as a printer does; remarks, links and buttons are left out. A
    checkbox becomes a sign; a value that has no appearance is laid out in its field.
    """
    count = min(pdfium.FPDFPage_GetAnnotCount(page.raw), MAX_NOTES)
    if count <= 0:
        return page, ()
    drawn, removed = 0, []
    written: list[Written] = []
    for at in range(count):
        note = pdfium.FPDFPage_GetAnnot(page.raw, at)
        if not note:
            continue
        try:
            kept, words = _look(pdf, note)
        finally:
            pdfium.FPDFPage_CloseAnnot(note)
        written += words
        drawn += kept
        if not kept:
            removed.append(at)
    if not drawn:
        return page, tuple(written)
    for at in reversed(removed):
        pdfium.FPDFPage_RemoveAnnot(page.raw, at)
    if pdfium.FPDFPage_Flatten(page.raw, pdfium.FLAT_NORMALDISPLAY) != pdfium.FLATTEN_SUCCESS:
        return page, tuple(written)
    page.close()
    return pdf[index], tuple(written)


def _look(pdf: pypdfium2.PdfDocument, note: object) -> tuple[bool, list[Written]]:
    """Say whether a note is to be drawn into its page, and return the words that it stands for otherwise."""
    kind = pdfium.FPDFAnnot_GetSubtype(note)
    if kind == pdfium.FPDF_ANNOT_FREETEXT:
        return True, []
    if kind != pdfium.FPDF_ANNOT_WIDGET or not pdf.formenv:
        return False, []
    if pdfium.FPDFAnnot_GetFlags(note) & (pdfium.FPDF_ANNOT_FLAG_HIDDEN | pdfium.FPDF_ANNOT_FLAG_NOVIEW):
        return False, []
    form = pdf.formenv.raw
    field = pdfium.FPDFAnnot_GetFormFieldType(form, note)
    if field == pdfium.FPDF_FORMFIELD_PUSHBUTTON:
        return False, []
    box = _box(note)
    if field in _BUTTONS:
        sign = _CHECKED if pdfium.FPDFAnnot_IsChecked(form, note) else _UNCHECKED
        return False, [Written(sign, box)] if box else []
    if pdfium.FPDFAnnot_GetAP(note, pdfium.FPDF_ANNOT_APPEARANCEMODE_NORMAL, None, 0) > 2:
        return True, []
    return False, list(_laid_out(_value(form, note), box)) if box else []


def _box(note: object) -> Box | None:
    rect = pdfium.FS_RECTF()
    if not pdfium.FPDFAnnot_GetRect(note, rect):
        return None
    x0, x1 = sorted((rect.left, rect.right))
    y0, y1 = sorted((rect.bottom, rect.top))
    return (x0, y0, x1, y1) if x1 - x0 > 1 and y1 - y0 > 1 else None


def _value(form: object, note: object) -> str:
    size = min(pdfium.FPDFAnnot_GetFormFieldValue(form, note, None, 0), 2 * MAX_VALUE_CHARS)
    if size <= 2:
        return ""
    buffer = ctypes.create_string_buffer(size)
    pdfium.FPDFAnnot_GetFormFieldValue(form, note, ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), size)
    return tidy.lines(buffer.raw.decode("utf-16-le", errors="replace").rstrip("\x00"))


def _laid_out(text: str, box: Box) -> Iterator[Written]:
    """Yield the words of a field's value where a reader's program will roughly draw them."""
    x0, y0, x1, y1 = box
    height = min(LINE_PT, y1 - y0)
    top = y1 if y1 - y0 > 2 * LINE_PT else (y0 + y1 + height) / 2
    for line in text.splitlines():
        x = x0 + 2
        for word in line.split():
            wide = CHAR_PT * len(word)
            if x > x0 + 2 and x + wide > x1 and top - 2 * height >= y0:
                x, top = x0 + 2, top - height
            left = min(x, x1 - 1)
            yield Written(tidy.word(word), (left, top - height, max(left + 1, min(x + wide, x1)), top))
            x += wide + CHAR_PT
        top = max(y0 + height, top - height)
