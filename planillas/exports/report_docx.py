"""A report as DOCX, to be gone on with: headings that make an outline, and footnotes that Word knows."""

from io import BytesIO
from typing import Any

from planillas.exports import drawing, paper
from planillas.exports.footnotes import Footnotes
from planillas.exports.paper import Paper, Part, Table
from rag.prose import Block
from transcription.exports import word
from transcription.exports.docx import MEDIA_TYPE

__all__ = ["MEDIA_TYPE", "render"]

_WIDTH_MM = 166
_BAD = (0xA8, 0x28, 0x1F)


def render(made: Paper) -> bytes:
    """Return the report."""
    document = word.new(made.title)
    _number_pages(document, made.school)
    word.facts_of(document, paper.facts(made))
    footnotes = Footnotes(document)
    if made.has_contents:
        _contents(document, made)
    for part in made.parts:
        document.add_heading(part.title, 1)
        if part.warning:
            word.warning(document, part.warning)
        for block in part.blocks:
            _write(document, block, part, footnotes)
        if part.drawing:
            _picture(document, part)
        table = part.drawing.data if part.drawing else part.table
        if table is not None and table.heads:
            _table(document, table)
        if part.origin:
            word.quiet(document.add_paragraph(), part.origin, is_italic=True)
    if made.has_doubts:
        word.quiet(document.add_paragraph(), paper.doubt())
    if made.sources:
        document.add_heading(paper.sources_heading(), 1)
        for each in made.sources:
            document.add_paragraph(each, style="List Bullet")
    footnotes.close()
    return word.to_bytes(document)


def _write(document: Any, block: Block, part: Part, footnotes: Footnotes) -> None:
    from docx.shared import Mm, RGBColor

    style = "List Bullet" if block.depth and block.number is None else None
    paragraph = document.add_paragraph(style=style)
    if block.depth > 1 or block.number is not None:
        paragraph.paragraph_format.left_indent = Mm(6 * block.depth)
    if block.number is not None:
        paragraph.add_run(f"{block.number}. ")
    for span in block.spans:
        if span.note is not None:
            if span.note in part.notes:
                footnotes.add(paragraph, part.notes[span.note].text)
        elif span.is_doubt:
            sign = paragraph.add_run("[?]")
            sign.font.superscript, sign.font.color.rgb = True, RGBColor(*_BAD)
        else:
            run = paragraph.add_run(span.text)
            run.bold, run.italic = span.is_strong or None, span.is_emphasis or None


def _picture(document: Any, part: Part) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Mm

    assert part.drawing is not None
    png = drawing.png(part.drawing.made, part.drawing.shape)
    document.add_picture(BytesIO(png), width=Mm(150))
    # What is told to who cannot see it: the table below has every number.
    for facts in document.paragraphs[-1]._p.iter(qn("wp:docPr")):
        facts.set("descr", part.title)


def _table(document: Any, table: Table) -> None:
    widths = [_WIDTH_MM // len(table.heads)] * len(table.heads)
    rows = [[f"({text})" if is_quiet and text else text for text, is_quiet in row] for row in table.rows]
    word.table(document, list(table.heads), rows, widths)
    if table.note:
        word.quiet(document.add_paragraph(), table.note)


def _contents(document: Any, made: Paper) -> None:
    """Write the sections by name; Word makes page numbers for them when it is asked to."""
    word.quiet(document.add_paragraph(), paper.contents_heading())
    for number, part in enumerate(made.parts, start=1):
        document.add_paragraph(f"{number}. {part.title}")


def _number_pages(document: Any, school: str) -> None:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    foot = document.sections[0].footer.paragraphs[0]
    word.quiet(foot, f"{school} · ")
    for kind, text in (("begin", ""), ("", " PAGE "), ("end", "")):
        run = foot.add_run()
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        else:
            element.text = text
        run._r.append(element)
