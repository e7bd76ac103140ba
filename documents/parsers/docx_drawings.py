"""The drawings of a DOCX: pictures with their descriptions, charts, diagrams, text boxes."""

from collections.abc import Callable

from lxml import etree

from documents.blocks import Kind
from documents.parsers import office_drawings, office_parts
from documents.parsers.docx_numbers import W
from documents.parsers.docx_text import WP
from documents.parsers.flow import Flow
from documents.parsers.office_drawings import DGM, MC, A, C
from documents.parsers.office_parts import R, Relation
from documents.parsers.pictures import Shelf
from documents.parsers.unzip import Archive

_PIC = "{http://schemas.openxmlformats.org/drawingml/2006/picture}"
_V_IMAGE = "{urn:schemas-microsoft-com:vml}imagedata"
_DECORATIVE = "{http://schemas.microsoft.com/office/drawing/2017/decorative}decorative"


class Drawings:
    """Reads drawings into blocks; `read_box` adds the paragraphs of a text box."""

    def __init__(
        self,
        archive: Archive,
        targets: dict[str, Relation],
        flow: Flow,
        shelf: Shelf,
        *,
        read_box: Callable[[etree._Element], None],
    ) -> None:
        self._archive = archive
        self._targets = targets
        self._flow = flow
        self._shelf = shelf
        self._read_box = read_box

    def read(self, drawing: etree._Element) -> None:
        """Add what a drawing holds, in its order."""
        if not any(mark.get("val") == "1" for mark in drawing.iter(_DECORATIVE)):
            self._visit(drawing, "")

    def _visit(self, element: etree._Element, said: str) -> None:
        for child in element:
            tag = child.tag
            if tag == f"{W}txbxContent":
                self._read_box(child)
            elif tag == f"{MC}AlternateContent":
                form = office_drawings.chosen(child)
                if form is not None:
                    self._visit(form, said)
            elif tag == f"{WP}docPr":
                said = office_drawings.description(child)
            elif tag == _V_IMAGE:
                self._add_picture(child.get(f"{R}id"), office_drawings.description(element) or said)
            elif tag == f"{A}blip":
                self._add_picture(child.get(f"{R}embed"), said)
            elif tag == f"{C}chart":
                self._add_chart(child.get(f"{R}id"))
            elif tag == f"{DGM}relIds":
                self._add_diagram(child.get(f"{R}dm"))
            else:
                own = child.find(f"{_PIC}nvPicPr/{_PIC}cNvPr")
                self._visit(child, office_drawings.description(own) or said)

    def _add_picture(self, relation: object, said: str) -> None:
        target = self._targets.get(str(relation))
        name = office_parts.shelve(self._archive, target.part, self._shelf) if target else ""
        if name or said:
            self._flow.add_picture(name, said)

    def _add_chart(self, relation: object) -> None:
        chart = self._linked(relation)
        if chart is not None:
            self._flow.add(Kind.PARAGRAPH, office_drawings.chart_title(chart))
            self._flow.add_table(office_drawings.chart_rows(chart), header_rows=1)

    def _add_diagram(self, relation: object) -> None:
        data = self._linked(relation)
        for depth, text in () if data is None else office_drawings.diagram_lines(data):
            self._flow.add(Kind.LIST_ITEM, f"• {text}", level=min(4, depth))

    def _linked(self, relation: object) -> etree._Element | None:
        target = self._targets.get(str(relation))
        return self._archive.xml(target.part) if target else None
