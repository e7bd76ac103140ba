"""Write an article as a Word document with real styles, lists and tables."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor
from docx.text.paragraph import Paragraph
from markdown_it.tree import SyntaxTreeNode

from demo.article import CONTACT, SCHOOL, Article, rows, runs, weights

BORDO = RGBColor(0x7A, 0x1F, 0x3D)
TEXT_WIDTH_CM = 16.0


def write(article: Article, *, to: Path) -> None:
    """Write the article as a DOCX."""
    document = Document()
    _prepare(document, article)
    document.add_paragraph(article.title, style="Title")
    document.add_paragraph(article.subtitle, style="Subtitle")
    for node in article.body.children:
        _block(document, node)
    document.save(str(to))


def _prepare(document: WordDocument, article: Article) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.5)
    section.top_margin, section.bottom_margin = Cm(2.8), Cm(2.3)
    for name, size_pt, before_pt, after_pt in (
        ("Normal", 11, 0, 8),
        ("Title", 20, 0, 2),
        ("Subtitle", 12, 0, 16),
        ("Heading 1", 14, 18, 6),
        ("Heading 2", 12, 12, 4),
        ("List Bullet", 11, 0, 4),
        ("List Number", 11, 0, 4),
    ):
        style: Any = document.styles[name]
        style.font.name, style.font.size = "Calibri", Pt(size_pt)
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in ("asciiTheme", "hAnsiTheme", "eastAsiaTheme", "cstheme"):
            fonts.attrib.pop(qn(f"w:{theme}"), None)
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before_pt), Pt(after_pt)
        if name.startswith(("Title", "Heading")):
            style.font.color.rgb = BORDO
        if name == "Subtitle":
            style.font.color.rgb, style.font.italic = RGBColor(0x55, 0x55, 0x55), None
        # The template's theme, and its twin styles for characters, would win over what is given here.
        for twin in style.element.findall(qn("w:link")):
            style.element.remove(twin)
        for coloured in (*style.element.iter(qn("w:color")), *style.element.iter(qn("w:bottom"))):
            for attribute in ("themeColor", "themeShade", "themeTint"):
                coloured.attrib.pop(qn(f"w:{attribute}"), None)
            if coloured.tag == qn("w:bottom"):
                coloured.set(qn("w:color"), str(BORDO))
    defaults: Any = document.styles.element.find(qn("w:docDefaults"))
    for language in defaults.iter(qn("w:lang")):
        language.set(qn("w:val"), "es-AR")
    header = section.header.paragraphs[0]
    header.text = f"{SCHOOL}\n{CONTACT}"
    header.runs[0].font.size = Pt(8.5)
    footer = section.footer.paragraphs[0]
    footer.add_run("Página ").font.size = Pt(8.5)
    _page_number(footer)
    stamp = datetime(article.date.year, article.date.month, article.date.day, 12, tzinfo=UTC)
    core = document.core_properties
    core.title, core.author, core.language = article.title, SCHOOL, "es-AR"
    core.comments, core.created, core.modified, core.last_modified_by = "", stamp, stamp, "Secretaría"


def _block(document: WordDocument, node: SyntaxTreeNode) -> None:
    if node.type == "heading":
        _fill(document.add_heading(level=int(node.tag[1])), runs(node.children[0]))
    elif node.type == "paragraph":
        _fill(document.add_paragraph(), runs(node.children[0]))
    elif node.type == "bullet_list":
        for item in node.children:
            _fill(document.add_paragraph(style="List Bullet"), runs(item.children[0].children[0]))
    elif node.type == "ordered_list":
        number_id = _fresh_numbering(document)
        for item in node.children:
            paragraph = document.add_paragraph(style="List Number")
            properties: Any = paragraph._p.get_or_add_pPr()
            numbering = properties.get_or_add_numPr()
            numbering.get_or_add_ilvl().val, numbering.get_or_add_numId().val = 0, number_id
            _fill(paragraph, runs(item.children[0].children[0]))
    elif node.type == "table":
        _table(document, node)
    else:
        raise ValueError(f"word: no rule for a {node.type}")


def _fill(paragraph: Paragraph, pieces: list[tuple[str, bool]]) -> None:
    for text, bold in pieces:
        if text:
            paragraph.add_run(text).bold = bold or None


def _table(document: WordDocument, node: SyntaxTreeNode) -> None:
    lines, wanted = rows(node), weights(node)
    table = document.add_table(rows=len(lines), cols=len(lines[0]), style="Table Grid")
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for column, weight in enumerate(wanted):
        width = Cm(TEXT_WIDTH_CM * weight / sum(wanted))
        table.columns[column].width = width
        for row, line in enumerate(lines):
            cell = table.cell(row, column)
            cell.width = width
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(3)
            _fill(paragraph, line[column])
            for run in paragraph.runs:
                run.font.size = Pt(10)
                if row == 0:
                    run.bold, run.font.color.rgb = True, RGBColor(0xFF, 0xFF, 0xFF)
            if row == 0:
                shade = OxmlElement("w:shd")
                for key, value in (("val", "clear"), ("color", "auto"), ("fill", str(BORDO))):
                    shade.set(qn(f"w:{key}"), value)
                cell._tc.get_or_add_tcPr().append(shade)
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    document.add_paragraph().paragraph_format.space_after = Pt(2)


def _fresh_numbering(document: WordDocument) -> int:
    """Return the id of a numbering that starts again at 1, drawn as the style's own."""
    style: Any = document.styles["List Number"]
    numbering: Any = document.part.numbering_part.element
    own = numbering.num_having_numId(style.element.pPr.numPr.numId.val)
    fresh = numbering.add_num(own.abstractNumId.val)
    fresh.add_lvlOverride(ilvl=0).add_startOverride(1)
    return int(fresh.numId)


def _page_number(paragraph: Paragraph) -> None:
    run = paragraph.add_run()
    run.font.size = Pt(8.5)
    for kind in ("begin", "", "end"):
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.text = "PAGE"
        run._r.append(copy.copy(mark))
