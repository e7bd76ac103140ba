"""Turns the elements of an OpenDocument body into blocks: one walk for texts and for slides.

A note follows the paragraph that refers to it, a frame the paragraph that it hangs on, and a table inside
another the one that holds it.
"""

from lxml import etree

from documents import outline
from documents.blocks import Kind
from documents.parsers import grid, odf_tables, odf_text, office_drawings, tidy
from documents.parsers.base import Broken
from documents.parsers.flow import Flow
from documents.parsers.odf import DRAW, OFFICE, SVG, TABLE, TEXT, XLINK, Package
from documents.parsers.odf_styles import Counts, Level, Style, Styles
from documents.parsers.odf_text import SHAPES, Hanging, Words, is_hidden, words

MAX_DEPTH = 60
MAX_BOLD_HEADING_CHARS = 120
_DRAWOOO = "{http://openoffice.org/2010/draw}"
_CHART = "{urn:oasis:names:tc:opendocument:xmlns:chart:1.0}"
_MATH = "{http://www.w3.org/1998/Math/MathML}"
_LEADER = " ..... "  # before the page number of an entry of the table of contents, as the page shows it
_INDEXES = frozenset(
    f"{TEXT}{name}"
    for name in (
        "table-of-content", "illustration-index", "table-index", "object-index", "alphabetical-index", "user-index",
        "bibliography",
    )
)  # fmt: skip
# Elements that only hold others.
_HOLDERS = frozenset((f"{TEXT}section", f"{TEXT}index-body", f"{TEXT}numbered-paragraph", f"{DRAW}text-box"))


class OdfFlow:
    """Reads elements into blocks, in the order in which they are given."""

    def __init__(self, package: Package, *, has_headings: bool) -> None:
        self.flow = Flow()
        self.title: str | None = None
        self.is_unread_object = False  # an object of another program was met
        self.styles = Styles(package.styles, package.content)
        self._package = package
        self._has_headings = has_headings  # else bold lines are no headings: slides have titles of their own
        self._headings = Counts()
        self._lists: dict[str, Counts] = {}  # by the id of a list, and by the name of its style

    def read(self, parent: etree._Element, *, depth: int = 0, tab: str = " ") -> None:
        """Add all that an element holds."""
        if depth > MAX_DEPTH:
            raise Broken("El documento está anidado de un modo que no se puede leer.", code="nested_too_deep")
        for child in parent:
            self.read_one(child, depth=depth, tab=tab)

    def read_one(self, element: etree._Element, *, depth: int = 0, tab: str = " ") -> None:
        """Add what an element says."""
        tag = element.tag
        if tag == f"{TEXT}p":
            self._read_paragraph(element, tab=tab)
        elif tag == f"{TEXT}h":
            self._read_heading(element)
        elif tag == f"{TEXT}list":
            self._read_list(element, Counts(), "", level=1, depth=depth + 1)
        elif tag == f"{TABLE}table":
            self.read_table(element, depth=depth + 1)
        elif tag in _INDEXES:
            self.read(element, depth=depth + 1, tab=_LEADER)
        elif tag == f"{TEXT}index-title":
            for title in element.iterchildren(f"{TEXT}p", f"{TEXT}h"):
                self.flow.add(Kind.HEADING, words(title, self.styles).text, level=1)
        elif tag in _HOLDERS:
            if not is_hidden(element):
                self.read(element, depth=depth + 1, tab=tab)
        elif tag in SHAPES:
            self.draw(element, depth=depth + 1)

    def _read_heading(self, element: etree._Element) -> None:
        found = words(element, self.styles)
        text = tidy.line(found.text)
        if text:
            number = str(element.get(f"{TEXT}outline-level", "1"))
            level = min(6, max(1, int(number))) if number.isdigit() and len(number) < 3 else 1
            marker = ""
            if element.get(f"{TEXT}is-list-header") != "true":
                marker = self._headings.marker(self.styles.outline, level)
            kind = Kind.HEADING if len(text) <= 2 * outline.MAX_HEADING_CHARS else Kind.PARAGRAPH
            shown = f"{marker} {text}" if marker and marker != "•" else text
            self.flow.add(kind, shown, level=level if kind is Kind.HEADING else 0)
        self.hang(found.hanging)

    def _read_paragraph(
        self, element: etree._Element, *, tab: str = " ", marker: str = "", depth: int = 0
    ) -> None:
        style = self.styles.of("paragraph", element.get(f"{TEXT}style-name"))
        found = Words() if style.is_hidden else words(element, self.styles, tab=tab)
        text = tidy.line(found.text)
        begins_at = len(found.text) - len(found.text.lstrip())
        before = [each for each in found.hanging if text and each.is_inline and each.at <= begins_at]
        self.hang(before)
        if text:
            if style.is_title and self.title is None:
                self.title = text
            may_be_heading = self._has_headings and tab != _LEADER and not marker
            level = self._heading_level(style, text, element) if may_be_heading else 0
            if level:
                self.flow.add(Kind.HEADING, text, level=level)
            elif marker:
                self.flow.add(Kind.LIST_ITEM, f"{marker} {text}", level=min(4, depth))
            elif tab != _LEADER and outline.list_marker(text) and not outline.is_article(text):
                self.flow.add(Kind.LIST_ITEM, text)
            else:
                self.flow.add(Kind.QUOTE if style.is_quote else Kind.PARAGRAPH, text)
        self.hang([each for each in found.hanging if each not in before])

    def _heading_level(self, style: Style, text: str, element: etree._Element) -> int:
        declared = style.outline_level or (1 if style.is_title else 0)
        if declared:
            return declared if len(text) <= 2 * outline.MAX_HEADING_CHARS else 0
        structural = outline.structural_level(text)
        if structural or outline.list_marker(text) or text.endswith((".", ",", ";", ":")):
            return structural or 0
        if len(text) > MAX_BOLD_HEADING_CHARS or not any(char.isalpha() for char in text):
            return 0
        return 4 if style.is_bold or self._is_bold(element) else 0

    def _is_bold(self, element: etree._Element) -> bool:
        """Say whether every word of a paragraph stands in a bold span."""
        if (element.text or "").strip() or not len(element):
            return False
        return all(
            child.tag == f"{TEXT}span"
            and self.styles.of("text", child.get(f"{TEXT}style-name")).is_bold
            and not (child.tail or "").strip()
            for child in element
            if isinstance(child.tag, str) and (odf_text.all_of(child).strip() or (child.tail or "").strip())
        )

    def _read_list(
        self, element: etree._Element, counts: Counts, style: str, *, level: int, depth: int
    ) -> None:
        """Add the items of a list; `level` is 1 for one that stands in no other."""
        if depth > MAX_DEPTH:
            raise Broken("El documento está anidado de un modo que no se puede leer.", code="nested_too_deep")
        style = str(element.get(f"{TEXT}style-name") or style or self._style_within(element))
        levels = self.styles.levels(style) or _PLAIN
        if level == 1:
            counts = self._counts_of(element, style)
        for item in element.iterchildren(f"{TEXT}list-item", f"{TEXT}list-header"):
            start = str(item.get(f"{TEXT}start-value", ""))
            first = int(start) if start.isdigit() and len(start) < 6 else None
            is_unmarked = item.tag == f"{TEXT}list-item"
            for child in item:
                if child.tag == f"{TEXT}list":
                    self._read_list(child, counts, style, level=level + 1, depth=depth + 1)
                elif child.tag == f"{TEXT}p":
                    marker = ""
                    if is_unmarked and tidy.line(words(child, self.styles).text):
                        marker = counts.marker(levels, level, start=first)
                        is_unmarked = False
                    self._read_paragraph(child, marker=marker, depth=level - 1)
                else:
                    self.read_one(child, depth=depth + 1)

    def _style_within(self, element: etree._Element) -> str:
        """Return the list style that the first paragraph's own style names."""
        first = next(element.iter(f"{TEXT}p"), None)
        return "" if first is None else self.styles.of("paragraph", first.get(f"{TEXT}style-name")).list_style

    def _counts_of(self, element: etree._Element, style: str) -> Counts:
        """Return the count that a list begins, or the one that it says to continue."""
        own = str(element.get("{http://www.w3.org/XML/1998/namespace}id", ""))
        continued = self._lists.get(f"id {element.get(f'{TEXT}continue-list', '')}")
        if continued is None and element.get(f"{TEXT}continue-numbering") == "true":
            continued = self._lists.get(f"style {style}")
        counts = continued or Counts()
        self._lists[f"style {style}"] = counts
        if own:
            self._lists[f"id {own}"] = counts
        return counts

    def read_table(self, table: etree._Element, *, depth: int = 0) -> None:
        """Add a table, with what hangs on it."""
        if odf_tables.is_frame(table):
            for row in odf_tables.rows_of(table):
                for cell in odf_tables.cells_of(row):
                    self.read(cell, depth=depth + 1)
            return
        if depth > MAX_DEPTH:
            raise Broken("El documento está anidado de un modo que no se puede leer.", code="nested_too_deep")
        hanging: list[Hanging] = []
        nested: list[etree._Element] = []
        rows = list(odf_tables.rows(table, lambda cell: self._cell_text(cell, hanging, nested)))
        header_rows = odf_tables.marked_header_rows(table)
        if table.get(f"{TABLE}use-first-row-styles") == "true" and len(rows) > 1:  # slides mark it so
            header_rows = header_rows or 1
        header_rows = header_rows or grid.header_length([tuple(row) for row in rows])
        self.flow.add_table(rows, header_rows=min(header_rows, 3))
        self.hang(hanging)
        for inner in nested:
            self.read_table(inner, depth=depth + 1)

    def _cell_text(self, cell: etree._Element, hanging: list[Hanging], nested: list[etree._Element]) -> str:
        """Return the text of a cell; what hangs on it and the tables in it wait until after the table."""
        parts: list[str] = []
        counts = Counts()
        waiting: list[tuple[etree._Element, int, str, str]] = [(child, 0, "", "") for child in reversed(cell)]
        while waiting:
            element, level, style, marker = waiting.pop()
            if element.tag in {f"{TEXT}p", f"{TEXT}h"}:
                hidden = self.styles.of("paragraph", element.get(f"{TEXT}style-name")).is_hidden
                found = Words() if hidden else words(element, self.styles)
                hanging += found.hanging
                if tidy.line(found.text):
                    shown = counts.marker(self.styles.levels(style) or _PLAIN, level) if marker else ""
                    parts += [shown, found.text]
            elif element.tag == f"{TABLE}table":
                if odf_tables.is_small(element):
                    inner = (each for row in odf_tables.rows_of(element) for each in odf_tables.cells_of(row))
                    waiting += [
                        (child, 0, "", "") for each in reversed(list(inner)) for child in reversed(each)
                    ]
                else:
                    nested.append(element)
            elif element.tag == f"{TEXT}list":
                own = str(element.get(f"{TEXT}style-name") or style)
                waiting += [(item, level + 1, own, "") for item in reversed(element)]
            elif element.tag in {f"{TEXT}list-item", f"{TEXT}list-header"}:
                first = "item" if element.tag == f"{TEXT}list-item" else ""
                children = [
                    (child, level, style, "" if index else first) for index, child in enumerate(element)
                ]
                waiting += reversed(children)
            elif element.tag in SHAPES:
                hanging.append(Hanging(element, 0))
        return tidy.line(" ".join(parts))

    def hang(self, hanging: list[Hanging]) -> None:
        """Add notes and drawings."""
        for each in hanging:
            if each.is_note:
                self._read_note(each.element)
            else:
                self.draw(each.element)

    def _read_note(self, note: etree._Element) -> None:
        citation, body = note.find(f"{TEXT}note-citation"), note.find(f"{TEXT}note-body")
        if body is None:
            return
        found = [words(paragraph, self.styles).text for paragraph in body.iter(f"{TEXT}p", f"{TEXT}h")]
        text = tidy.line(" ".join(found))
        mark = "" if citation is None else tidy.line(str(citation.get(f"{TEXT}label") or citation.text or ""))
        if text:
            self.flow.add(Kind.NOTE, f"Nota {mark}: {text}" if mark else f"Nota: {text}")

    def draw(self, shape: etree._Element, *, depth: int = 0) -> None:
        """Add what a drawing says: its text, or its chart, its formula, its picture."""
        if depth > MAX_DEPTH:
            raise Broken("El documento está anidado de un modo que no se puede leer.", code="nested_too_deep")
        if "none" in {shape.get(f"{DRAW}display"), shape.get(f"{_DRAWOOO}display")}:
            return
        if shape.tag == f"{DRAW}g":
            for child in shape:
                if child.tag in SHAPES:
                    self.draw(child, depth=depth + 1)
            return
        if shape.tag != f"{DRAW}frame":
            self.read(shape, depth=depth + 1)
            return
        said = _description(shape)
        box, table = shape.find(f"{DRAW}text-box"), shape.find(f"{TABLE}table")
        inner = shape.find(f"{DRAW}object")
        if box is not None:
            self.read(box, depth=depth + 1)
        elif table is not None:
            self.read_table(table, depth=depth + 1)
        elif inner is None or not self._read_object(inner):
            self._add_picture(shape, said)
            self.is_unread_object |= inner is not None or shape.find(f"{DRAW}object-ole") is not None

    def _read_object(self, element: etree._Element) -> bool:
        """Add a chart or a formula; say whether it was one."""
        math = next(element.iter(f"{_MATH}math"), None)
        root = self._package.inner(str(element.get(f"{XLINK}href", ""))) if math is None else None
        if math is None and root is not None:
            math = root if root.tag == f"{_MATH}math" else next(root.iter(f"{_MATH}math"), None)
        if math is not None:
            written_so = next(math.iter(f"{_MATH}annotation"), None)
            text = odf_text.all_of(math) if written_so is None else written_so.text or ""
            self.flow.add(Kind.PARAGRAPH, text)
            return True
        chart = None if root is None else root.find(f"{OFFICE}body/{OFFICE}chart/{_CHART}chart")
        if chart is None:
            return False
        title, table = chart.find(f"{_CHART}title"), chart.find(f"{TABLE}table")
        if title is not None:
            self.flow.add(Kind.PARAGRAPH, odf_text.all_of(title))
        if table is not None:
            self.flow.add_table(odf_tables.rows(table, _value), header_rows=1)
        return True

    def _add_picture(self, frame: etree._Element, said: str) -> None:
        names = (
            self._package.picture(str(image.get(f"{XLINK}href", "")))
            for image in frame.iterchildren(f"{DRAW}image")
        )
        name = next(filter(None, names), "")
        if name or said:
            self.flow.add_picture(name, said)


_PLAIN = {depth: Level("", is_bullet=True) for depth in range(1, 11)}  # where a list has no style


def _value(cell: etree._Element) -> str:
    """Return a cell of a chart, a number with the Spanish comma."""
    text = tidy.line(odf_text.all_of(cell))
    return text.replace(".", ",") if cell.get(f"{OFFICE}value-type") == "float" else text


def _description(shape: etree._Element) -> str:
    return office_drawings.described(shape.findtext(f"{SVG}desc") or shape.findtext(f"{SVG}title") or "")
