"""Footnotes of a Word document, which python-docx does not write: their part, their styles, their marks."""

from typing import Any

_MEDIA = "application/vnd.openxmlformats-officedocument.wordprocessingml.footnotes+xml"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/footnotes"
_EMPTY = (
    '<w:footnotes xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
    '<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
    '<w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:r><w:continuationSeparator/></w:r></w:p>'
    "</w:footnote></w:footnotes>"
)


class Footnotes:
    """The footnotes of one document, as they are written; `close` puts them in."""

    def __init__(self, document: Any) -> None:
        from docx.oxml import parse_xml

        self._document = document
        self._root = parse_xml(_EMPTY)
        self._count = 0
        _styles(document)

    def add(self, paragraph: Any, text: str) -> None:
        """Put a mark at the end of a paragraph, with its note."""
        from docx.oxml import OxmlElement
        from docx.oxml.ns import qn

        self._count += 1
        run = paragraph.add_run()
        run.style = self._document.styles["Footnote Reference"]
        mark = OxmlElement("w:footnoteReference")
        mark.set(qn("w:id"), str(self._count))
        run._r.append(mark)
        note = OxmlElement("w:footnote")
        note.set(qn("w:id"), str(self._count))
        note.append(_paragraph(text))
        self._root.append(note)

    def close(self) -> None:
        """Make them a part of the document."""
        if not self._count:
            return
        from docx.opc.packuri import PackURI
        from docx.opc.part import Part
        from lxml import etree

        content = etree.tostring(self._root, xml_declaration=True, encoding="UTF-8", standalone=True)
        package = self._document.part.package
        part = Part(PackURI("/word/footnotes.xml"), _MEDIA, content, package)
        self._document.part.relate_to(part, _RELATION)


def _paragraph(text: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    paragraph = OxmlElement("w:p")
    facts = OxmlElement("w:pPr")
    style = OxmlElement("w:pStyle")
    style.set(qn("w:val"), "FootnoteText")
    facts.append(style)
    paragraph.append(facts)
    sign, said = OxmlElement("w:r"), OxmlElement("w:r")
    look = OxmlElement("w:rPr")
    name = OxmlElement("w:rStyle")
    name.set(qn("w:val"), "FootnoteReference")
    look.append(name)
    sign.append(look)
    sign.append(OxmlElement("w:footnoteRef"))
    words = OxmlElement("w:t")
    words.text = f" {text}"
    words.set(qn("xml:space"), "preserve")
    said.append(words)
    paragraph.append(sign)
    paragraph.append(said)
    return paragraph


def _styles(document: Any) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.shared import Pt

    mark = document.styles.add_style("Footnote Reference", WD_STYLE_TYPE.CHARACTER)
    mark.element.set(_id(), "FootnoteReference")
    mark.font.superscript = True
    text = document.styles.add_style("Footnote Text", WD_STYLE_TYPE.PARAGRAPH)
    text.element.set(_id(), "FootnoteText")
    text.base_style = document.styles["Normal"]
    text.font.size = Pt(9)
    text.paragraph_format.space_after = Pt(2)


def _id() -> str:
    from docx.oxml.ns import qn

    name: str = qn("w:styleId")
    return name
