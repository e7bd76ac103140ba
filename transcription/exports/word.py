"""What every Word document of the house has in common; only this file and its neighbours know python-docx."""

from collections.abc import Iterable
from copy import deepcopy
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

GREEN, QUIET = (0x14, 0x59, 0x4C), (0x54, 0x63, 0x5E)
FACE = "Calibri"


def new(title: str, language: str = "es") -> Any:
    """Return an empty A4 document with the house's styles, without a trace of who made its template."""
    from docx import Document  # heavy, and only who wants a DOCX pays for it
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt, RGBColor

    document = Document()
    page = document.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(22)
    page.top_margin = page.bottom_margin = Mm(22)
    for name, size, before in (
        ("Normal", 11, 0),
        ("Title", 22, 0),
        ("Heading 1", 14, 16),
        ("Heading 2", 12, 10),
    ):
        style = document.styles[name]
        style.font.name, style.font.size = FACE, Pt(size)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for attribute in list(fonts.attrib):  # a theme's font would win over the named one
            if attribute.endswith("Theme"):
                del fonts.attrib[attribute]
        for attribute in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
            fonts.set(qn(attribute), FACE)
        style.paragraph_format.space_before = Pt(before)
        style.paragraph_format.space_after = Pt(6)
        if name != "Normal":
            style.font.color.rgb, style.font.bold = RGBColor(*GREEN), True
            style.paragraph_format.keep_with_next = True
    for border in document.styles["Title"].element.iter(qn("w:pBdr")):
        border.getparent().remove(border)
        break
    for tag in document.styles.element.iter(qn("w:lang")):
        tag.set(qn("w:val"), language or "es")
    facts = document.core_properties
    facts.title, facts.language = title[:255], language or "es"
    facts.author = facts.last_modified_by = facts.comments = facts.keywords = facts.subject = ""
    facts.created = facts.modified = datetime.now(UTC).replace(tzinfo=None)
    facts.revision = 1
    document.add_heading(title, 0)
    return document


def facts_of(document: Any, rows: list[tuple[str, str]]) -> None:
    """Write names and values, one a line."""
    for name, value in rows:
        line = document.add_paragraph()
        line.paragraph_format.space_after = 0
        quiet(line, f"{name}: ")
        line.add_run(value)


def quiet(paragraph: Any, text: str, *, is_italic: bool = False) -> None:
    """Write small and grey."""
    from docx.shared import Pt, RGBColor

    run = paragraph.add_run(text)
    run.font.color.rgb, run.font.size, run.italic = RGBColor(*QUIET), Pt(9.5), is_italic


def warning(document: Any, text: str) -> None:
    """Write what a reader has to know first, on a ground of its own."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_before = Pt(8)
    paragraph.add_run(text).font.size = Pt(10)
    shade = OxmlElement("w:shd")
    shade.set(qn("w:val"), "clear")
    shade.set(qn("w:fill"), "FDF0D5")
    # Where the schema has it: before the spacing.
    paragraph._p.get_or_add_pPr().insert(0, shade)


def table(document: Any, heads: list[str], rows: list[list[str]], widths_mm: list[int]) -> None:
    """Write a table whose head comes again on each page and whose rows stay whole."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Mm, Pt

    made = document.add_table(rows=0, cols=len(heads), style="Table Grid")
    made.autofit = False
    for number, texts in enumerate([heads, *rows]):
        row = made.add_row()
        for cell, text, width in zip(row.cells, texts, widths_mm, strict=True):
            cell.width = Mm(width)
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_after = Pt(2)
            run = paragraph.add_run(text)
            run.font.size, run.bold = Pt(10), number == 0
            if number == 0:
                shade = OxmlElement("w:shd")
                shade.set(qn("w:val"), "clear")
                shade.set(qn("w:fill"), "E4EFEB")
                cell._tc.get_or_add_tcPr().append(shade)
        facts = row._tr.get_or_add_trPr()
        facts.append(OxmlElement("w:cantSplit"))
        if number == 0:
            facts.append(OxmlElement("w:tblHeader"))
    for column, width in zip(made.columns, widths_mm, strict=True):
        column.width = Mm(width)


def spoken(document: Any, rows: Iterable[tuple[str, str, str]]) -> None:
    """Write minute, speaker and words, a paragraph each: copies of one, as thousands made one by one take long."""
    from docx.oxml.ns import qn

    made: dict[bool, Any] = {}
    end = document.element.body.sectPr
    for minute, speaker, text in rows:
        is_named = bool(speaker)
        if is_named not in made:
            paragraph = document.add_paragraph()
            quiet(paragraph, "0:00")
            if is_named:
                paragraph.add_run("0").bold = True
            paragraph.add_run("0")
            made[is_named] = paragraph._p
            document.element.body.remove(paragraph._p)
        copied = deepcopy(made[is_named])
        texts = [f"{minute}  ", f"{speaker}: ", text] if is_named else [f"{minute}  ", text]
        for run, said in zip(copied.iter(qn("w:t")), texts, strict=True):
            run.text = said
            run.set(qn("xml:space"), "preserve")
        end.addprevious(copied)


def to_bytes(document: Any) -> bytes:
    """Return the file."""
    held = BytesIO()
    document.save(held)
    return held.getvalue()
