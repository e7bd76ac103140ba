"""What is cut out of real documents: two pages of a decree of Guatemala, and passages of a course unit."""

import io
import re
from pathlib import Path

import docx as reader
import pypdfium2
from docx.document import Document

from tests.planillas.bundles.writers import FOLDER, word

_DECREE, _PAGES = "acuerdo-gubernativo-13-77.pdf", [6, 7]
_UNIT = "catedu_unidad_1.docx"
_FIRST, _LAST = "Cerrar un documento", "Barras de herramientas"


def make(folder: Path) -> None:
    """Write them out of the folder that has the whole documents."""
    with pypdfium2.PdfDocument(folder / _DECREE) as whole, pypdfium2.PdfDocument.new() as part:
        part.import_pages(whole, _PAGES)
        out = io.BytesIO()
        part.save(out)
    # The only thing of chance in it.
    settled = re.sub(rb"/ID\s*\[[^\]]*\]", lambda found: b" " * len(found[0]), out.getvalue())
    (FOLDER / "decreto-real" / "acuerdo-13-77-paginas-7-y-8.pdf").write_bytes(settled)
    word("unidad-real/unidad-1-extracto.docx", _Extract(folder / _UNIT))


class _Extract:
    def __init__(self, path: Path) -> None:
        self._path = path

    def __call__(self, document: Document) -> None:
        is_inside = False
        for paragraph in reader.Document(str(self._path)).paragraphs:
            text = paragraph.text.strip()
            is_inside = (is_inside or text == _FIRST) and text != _LAST
            if is_inside and text:
                style = paragraph.style.name if paragraph.style is not None else "Normal"
                known = {each.name for each in document.styles}
                document.add_paragraph(text, style=style if style in known else "Normal")
