"""DOCX: headings, paragraphs, lists with their numbers, tables, notes, pictures; straight from its XML (lxml).

Read as if every tracked change were accepted. Left out: comments, hidden text, and what headers and footers
repeat. A note follows the paragraph that refers to it, a text box the paragraph that it hangs on, and a table
inside another the one that holds it.
"""

from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from documents import outline
from documents.blocks import Kind, ParsedDocument, Unreadable
from documents.parsers import docx_margins, docx_tables, grid, office_parts, only_pictures, tidy
from documents.parsers.base import Broken, Progress, ignore_progress
from documents.parsers.docx_drawings import Drawings
from documents.parsers.docx_notes import Notes
from documents.parsers.docx_numbers import Numbering, W
from documents.parsers.docx_styles import PLAIN, Style, is_on, numbering_of, own_heading_level, read_styles
from documents.parsers.docx_text import PAGE_BREAK, WRAPPERS, Hanging, Words, is_mark_gone, words
from documents.parsers.flow import Flow
from documents.parsers.office_drawings import MC, chosen
from documents.parsers.pictures import Shelf
from documents.parsers.unzip import Archive

MAX_BOLD_HEADING_CHARS = 120
PROGRESS_EVERY_BLOCKS = 500
_MAIN = "word/document.xml"
_OLE = "{urn:schemas-microsoft-com:office:office}OLEObject"
_DC_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_LEADER = " ..... "  # before the page number of an entry of the table of contents, as the page shows it


def parse(path: Path, progress: Progress = ignore_progress) -> ParsedDocument:
    """Return what a Word document says, as a reader sees it."""
    with Archive(path, must_have=_MAIN) as archive:
        main = archive.xml(_MAIN)
        body = None if main is None else main.find(f"{W}body")
        if body is None:
            raise Broken("El documento está dañado: no tiene contenido.", code="broken_docx")
        reader = _Reader(archive)
        reader.read_margin(body, "header")
        for done, element in enumerate(_elements(body)):
            reader.read(element)
            if done % PROGRESS_EVERY_BLOCKS == 0:
                progress(min(done, len(body)), len(body))
        reader.end_paragraph()
        reader.read_margin(body, "footer")
        progress(len(body), len(body))
        return ParsedDocument(
            tuple(reader.flow.blocks),
            _title(archive, reader),
            None,
            (*_unread(body), *only_pictures.told(reader.flow.blocks)),
            reader.shelf.pictures,
        )


class _Reader:
    def __init__(self, archive: Archive) -> None:
        self.flow = Flow()
        self.shelf = Shelf()
        self.title: str | None = None
        self._archive = archive
        self._targets = office_parts.relations(archive, _MAIN)
        self._styles = read_styles(archive.xml("word/styles.xml"))
        self._numbering = Numbering(archive.xml("word/numbering.xml"))
        self._notes = Notes(archive, lambda paragraph: words(paragraph, self._styles).text)
        self._drawings = Drawings(archive, self._targets, self.flow, self.shelf, read_box=self._read_box)
        self._open: Words | None = None  # of paragraphs whose end was deleted: they run on into the next

    def read(self, element: etree._Element) -> None:
        """Add a paragraph or a table, with what hangs on it."""
        if element.tag == f"{W}p":
            self._read_paragraph(element)
        elif element.tag == f"{W}tbl":
            self.end_paragraph()
            self._read_table(element)

    def end_paragraph(self) -> None:
        """Add what waits for a paragraph to run on into, where none comes."""
        if self._open is not None:
            found, self._open = self._open, None
            self._add(found, None, PLAIN)

    def read_margin(self, body: etree._Element, name: str) -> None:
        """Add what the headers or the footers say that the body does not."""
        found = docx_margins.lines(
            self._archive,
            body,
            self._targets,
            name=name,
            text_of=lambda paragraph: words(paragraph, self._styles, with_page_numbers=False).text,
        )
        for line in found:
            self.flow.add(Kind.NOTE, line)

    def _read_paragraph(self, element: etree._Element) -> None:
        style = self._style(element.find(f"{W}pPr"))
        found = self._words(element, style)
        if self._open is not None:
            found, self._open = self._open.followed_by(found), None
        if is_mark_gone(element):
            self._open = found if found.text or found.hanging else None
        else:
            self._add(found, element, style)

    def _words(self, element: etree._Element, style: Style) -> Words:
        if style.is_hidden:
            return Words()
        return words(element, self._styles, tab=_LEADER if style.is_contents else " ")

    def _add(self, found: Words, element: etree._Element | None, style: Style) -> None:
        texts = [text for text in map(tidy.line, found.text.split(PAGE_BREAK)) if text]
        begins_at = len(found.text) - len(found.text.lstrip())
        before = [each for each in found.hanging if texts and each.is_inline and each.at <= begins_at]
        for each in before:
            self._hang(each)
        for index, text in enumerate(texts):
            if index:  # after a page break in the middle of a paragraph
                self.flow.add(Kind.PARAGRAPH, text)
            else:
                self._add_text(text, element, style)
        for each in found.hanging:
            if each not in before:
                self._hang(each)

    def _add_text(self, text: str, element: etree._Element | None, style: Style) -> None:
        if style.is_contents:
            self.flow.add(Kind.PARAGRAPH, text)
            return
        properties = None if element is None else element.find(f"{W}pPr")
        marker = self._marker(properties, style)
        level = self._heading_level(element, properties, style, text, has_marker=bool(marker))
        shown = f"{marker} {text}" if marker else text
        if style.is_title and self.title is None:
            self.title = text
        if level:
            self.flow.add(Kind.HEADING, shown, level=level)
        elif marker or (outline.list_marker(text) and not outline.is_article(text)):
            depth = numbering_of(properties)[1] or style.num_level if marker else 0
            self.flow.add(Kind.LIST_ITEM, shown, level=min(4, depth))
        else:
            self.flow.add(Kind.QUOTE if style.is_quote else Kind.PARAGRAPH, shown)

    def _style(self, properties: etree._Element | None) -> Style:
        found = None if properties is None else properties.find(f"{W}pStyle")
        return PLAIN if found is None else self._styles.get(str(found.get(f"{W}val")), PLAIN)

    def _marker(self, properties: etree._Element | None, style: Style) -> str:
        num_id, level = numbering_of(properties)
        if num_id is None:
            num_id, level = style.num_id, level or style.num_level
        return self._numbering.marker(num_id, level) if num_id and num_id != "0" else ""

    def _heading_level(
        self,
        element: etree._Element | None,
        properties: etree._Element | None,
        style: Style,
        text: str,
        *,
        has_marker: bool,
    ) -> int:
        declared = own_heading_level(properties) or style.heading_level or (1 if style.is_title else 0)
        if declared:
            return declared if len(text) <= 2 * outline.MAX_HEADING_CHARS else 0
        structural = outline.structural_level(text)
        if structural or has_marker or outline.list_marker(text) or text.endswith((".", ",", ";", ":")):
            return structural or 0
        if len(text) > MAX_BOLD_HEADING_CHARS or not any(char.isalpha() for char in text):
            return 0
        return 4 if style.is_bold or (element is not None and _is_bold(element)) else 0

    def _read_table(self, table: etree._Element) -> None:
        if docx_tables.is_frame(table):
            for row in docx_tables.rows_of(table):
                for cell in docx_tables.cells_of(row):
                    for inner in _elements(cell):
                        self.read(inner)
                    self.end_paragraph()
            return
        hanging: list[Hanging] = []
        nested: list[etree._Element] = []
        rows = list(docx_tables.rows(table, lambda cell: self._cell_text(cell, hanging, nested)))
        header_rows = docx_tables.marked_header_rows(table) or grid.header_length(
            [tuple(row) for row in rows]
        )
        self.flow.add_table(rows, header_rows=min(header_rows, 3))
        for each in hanging:
            self._hang(each)
        for inner in nested:
            self._read_table(inner)

    def _cell_text(self, cell: etree._Element, hanging: list[Hanging], nested: list[etree._Element]) -> str:
        """Return the text of a cell; what hangs on it and the tables in it wait until after the table."""

        def inner_text(inner: etree._Element) -> str:
            return self._cell_text(inner, hanging, nested)

        parts: list[str] = []
        for element in _elements(cell):
            if element.tag == f"{W}tbl":
                if docx_tables.is_small(element):
                    parts += [docx_tables.flat(element, inner_text), " "]
                else:
                    nested.append(element)
                continue
            properties = element.find(f"{W}pPr")
            style = self._style(properties)
            found = self._words(element, style)
            hanging += found.hanging
            text = found.text.strip()
            marker = self._marker(properties, style) if text else ""
            parts += [f"{marker} " if marker else "", found.text, "" if is_mark_gone(element) else " "]
        return tidy.line("".join(parts))

    def _hang(self, hanging: Hanging) -> None:
        if hanging.note:
            note = self._notes.shown(
                hanging.note, str(hanging.element.get(f"{W}id")), has_own_mark=hanging.has_own_mark
            )
            self.flow.add(Kind.NOTE, note)
        else:
            self._drawings.read(hanging.element)

    def _read_box(self, box: etree._Element) -> None:
        for inner in _elements(box):
            self.read(inner)
        self.end_paragraph()


def _elements(parent: etree._Element) -> Iterator[etree._Element]:
    """Yield paragraphs and tables, also those inside content controls and accepted insertions."""
    for child in parent:
        if child.tag in {f"{W}p", f"{W}tbl"}:
            yield child
        elif child.tag == f"{W}sdt" and is_on(child.find(f"{W}sdtPr"), "showingPlcHdr"):
            continue
        elif child.tag in WRAPPERS:
            yield from _elements(child)
        elif child.tag == f"{MC}AlternateContent":
            form = chosen(child)
            if form is not None:
                yield from _elements(form)


def _is_bold(paragraph: etree._Element) -> bool:
    runs = [
        run
        for run in paragraph.iter(f"{W}r")
        if any((text.text or "").strip() for text in run.iterfind(f"{W}t"))
    ]
    return bool(runs) and all(is_on(run.find(f"{W}rPr"), "b") for run in runs)


def _unread(body: etree._Element) -> Iterator[Unreadable]:
    """Yield what is inside the document and cannot be read from here."""
    if next(body.iter(f"{W}altChunk", f"{W}subDoc"), None) is not None:
        reason = (
            "El documento incluye otro archivo que no se leyó. Conviene abrirlo con Word, guardarlo otra vez "
            "y volver a subirlo."
        )
        yield Unreadable(None, reason, "inserted_file")
    objects = sum(1 for found in body.iter(_OLE) if not str(found.get("ProgID", "")).startswith("Equation"))
    if objects:
        reason = (
            f"El documento tiene {objects} objeto{'s' if objects > 1 else ''} de otros programas dentro, de "
            "los que se ve solo la imagen. Conviene subir también esos archivos."
        )
        yield Unreadable(None, reason, "inserted_file")


def _title(archive: Archive, reader: _Reader) -> str | None:
    core = archive.xml("docProps/core.xml")
    declared = tidy.line(core.findtext(_DC_TITLE) or "") if core is not None else ""
    if 6 <= len(declared) <= 200 and " " in declared:
        return declared
    return reader.title or reader.flow.first_heading()
