"""DOCX: headings, paragraphs, lists with their numbers, tables, footnotes; straight from its XML (lxml).

Read as if every tracked change were accepted. Left out: comments, hidden text, headers and footers, pictures.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from lxml import etree

from documents import outline
from documents.blocks import Kind, ParsedDocument
from documents.parsers import grid, tidy
from documents.parsers.base import Broken, Progress, ignore_progress
from documents.parsers.docx_numbers import Numbering, W
from documents.parsers.docx_styles import PLAIN, Style, is_on, numbering_of, own_heading_level, read_styles
from documents.parsers.flow import Flow
from documents.parsers.unzip import Archive

MAX_BOLD_HEADING_CHARS = 120
MAX_SPAN = 64
PROGRESS_EVERY_BLOCKS = 500
_MAIN = "word/document.xml"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_DC_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_GONE = frozenset(
    (
        f"{W}del",
        f"{W}moveFrom",
        f"{W}pPr",
        f"{W}rPr",
        f"{W}instrText",
        f"{W}delText",
        f"{W}txbxContent",
        _FALLBACK,
    )
)
_WRAPPERS = frozenset((f"{W}sdt", f"{W}sdtContent", f"{W}ins", f"{W}moveTo", f"{W}customXml", f"{W}smartTag"))


def parse(path: Path, progress: Progress = ignore_progress) -> ParsedDocument:
    """Return what a Word document says, as a reader sees it."""
    with Archive(path, must_have=_MAIN) as archive:
        main = archive.xml(_MAIN)
        body = None if main is None else main.find(f"{W}body")
        if body is None:
            raise Broken("El documento está dañado: no tiene contenido.", code="broken_docx")
        reader = _Reader(archive)
        for done, element in enumerate(_elements(body)):
            reader.read(element)
            if done % PROGRESS_EVERY_BLOCKS == 0:
                progress(done, len(body))
        progress(len(body), len(body))
        return ParsedDocument(tuple(reader.flow.blocks), _title(archive, reader), None)


class _Reader:
    def __init__(self, archive: Archive) -> None:
        self.flow = Flow()
        self.title: str | None = None
        self._styles = read_styles(archive.xml("word/styles.xml"))
        self._numbering = Numbering(archive.xml("word/numbering.xml"))
        self._notes = {**_notes(archive, "footnote"), **_notes(archive, "endnote")}
        self._noted = 0

    def read(self, element: etree._Element) -> None:
        """Add a paragraph or a table, then the text boxes and footnotes that hang on it."""
        if element.tag == f"{W}p":
            self._read_paragraph(element)
        elif element.tag == f"{W}tbl":
            self._read_table(element)
        for note in element.iter(f"{W}footnoteReference", f"{W}endnoteReference"):
            kind = "footnote" if note.tag == f"{W}footnoteReference" else "endnote"
            text = self._notes.get((kind, str(note.get(f"{W}id"))))
            if text:
                self._noted += 1
                self.flow.add(Kind.PARAGRAPH, f"Nota {self._noted}: {text}")

    def _read_paragraph(self, element: etree._Element) -> None:
        text = tidy.line(_text(element))
        properties = element.find(f"{W}pPr")
        style = self._style(properties)
        if text:
            marker = self._marker(properties, style)
            level = self._heading_level(element, properties, style, text, has_marker=bool(marker))
            shown = f"{marker} {text}" if marker else text
            if style.is_title and self.title is None:
                self.title = text
            if level:
                self.flow.add(Kind.HEADING, shown, level=level)
            elif marker or (outline.list_marker(text) and not outline.is_article(text)):
                depth = numbering_of(properties)[1] if marker else 0
                self.flow.add(Kind.LIST_ITEM, shown, level=min(4, depth))
            else:
                self.flow.add(Kind.QUOTE if style.is_quote else Kind.PARAGRAPH, shown)
        for box in element.iter(f"{W}txbxContent"):
            if not any(parent.tag == _FALLBACK for parent in box.iterancestors()):
                for inner in _elements(box):
                    self.read(inner)

    def _style(self, properties: etree._Element | None) -> Style:
        found = None if properties is None else properties.find(f"{W}pStyle")
        return PLAIN if found is None else self._styles.get(str(found.get(f"{W}val")), PLAIN)

    def _marker(self, properties: etree._Element | None, style: Style) -> str:
        num_id, level = numbering_of(properties)
        if num_id is None:
            num_id, level = style.num_id, style.num_level
        return self._numbering.marker(num_id, level) if num_id and num_id != "0" else ""

    def _heading_level(
        self,
        element: etree._Element,
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
        return 4 if style.is_bold or _is_bold(element) else 0

    def _read_table(self, table: etree._Element) -> None:
        rows = list(_rows(table))
        if max((len(row) for row in rows), default=0) <= 1:  # a frame around text, not a table
            for row in table.iterfind(f"{W}tr"):
                for cell in row.iterfind(f"{W}tc"):
                    for inner in _elements(cell):
                        self.read(inner)
            return
        marked = 0
        for row in table.iterfind(f"{W}tr"):
            if not is_on(row.find(f"{W}trPr"), "tblHeader"):
                break
            marked += 1
        header_rows = marked or grid.header_length([tuple(row) for row in rows])
        self.flow.add_table(rows, header_rows=min(header_rows, 3))


def _elements(parent: etree._Element) -> Iterator[etree._Element]:
    """Yield paragraphs and tables, also those inside content controls and accepted insertions."""
    for child in parent:
        if child.tag in {f"{W}p", f"{W}tbl"}:
            yield child
        elif child.tag in _WRAPPERS:
            yield from _elements(child)


def _text(element: etree._Element) -> str:
    parts: list[str] = []
    _collect(element, parts)
    return "".join(parts)


def _collect(element: etree._Element, parts: list[str]) -> None:
    for child in element:
        tag = child.tag
        if tag == f"{W}t":
            parts.append(child.text or "")
        elif tag in {f"{W}tab", f"{W}br", f"{W}cr", f"{W}ptab"}:
            parts.append(" ")
        elif tag == f"{W}noBreakHyphen":
            parts.append("-")
        elif tag not in _GONE and not (tag == f"{W}r" and is_on(child.find(f"{W}rPr"), "vanish")):
            _collect(child, parts)


def _is_bold(paragraph: etree._Element) -> bool:
    runs = [
        run
        for run in paragraph.iter(f"{W}r")
        if any((text.text or "").strip() for text in run.iterfind(f"{W}t"))
    ]
    return bool(runs) and all(is_on(run.find(f"{W}rPr"), "b") for run in runs)


def _rows(table: etree._Element) -> Iterator[list[str]]:
    """Yield the cells of each row; a merged cell gives its text to every row, but once to its columns."""
    above: dict[int, str] = {}
    for row in table.iterfind(f"{W}tr"):
        texts: list[str] = []
        for cell in _cells(row):
            properties = cell.find(f"{W}tcPr")
            merge = None if properties is None else properties.find(f"{W}vMerge")
            text = tidy.line(" ".join(_text(inner) for inner in cell.iter(f"{W}p")))
            if merge is not None and merge.get(f"{W}val") != "restart":
                text = text or above.get(len(texts), "")
            above[len(texts)] = text
            span = None if properties is None else properties.find(f"{W}gridSpan")
            wide = str(span.get(f"{W}val")) if span is not None else "1"
            texts += [text, *[""] * (min(int(wide), MAX_SPAN) - 1 if wide.isdigit() else 0)]
        yield texts


def _cells(row: etree._Element) -> Iterable[etree._Element]:
    for child in row:
        if child.tag == f"{W}tc":
            yield child
        elif child.tag in _WRAPPERS:
            yield from _cells(child)


def _notes(archive: Archive, kind: str) -> dict[tuple[str, str], str]:
    root = archive.xml(f"word/{kind}s.xml")
    if root is None:
        return {}
    found = ((str(note.get(f"{W}id")), tidy.line(_text(note))) for note in root.iterfind(f"{W}{kind}"))
    return {(kind, note_id): text for note_id, text in found if text}


def _title(archive: Archive, reader: _Reader) -> str | None:
    core = archive.xml("docProps/core.xml")
    declared = tidy.line(core.findtext(_DC_TITLE) or "") if core is not None else ""
    if 6 <= len(declared) <= 200 and " " in declared:
        return declared
    return reader.title or reader.flow.first_heading()
