"""PPTX: every slide with its title, lists, tables, charts, diagrams, pictures and notes; straight from its XML.

Each block's place is its slide. Hidden slides are told, not read, as hidden sheets are. Left out: comments, what
layouts and masters draw, dates and slide numbers; a footer is read once.
"""

from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from documents.blocks import Kind, ParsedDocument, Unreadable
from documents.parsers import grid, office_drawings, office_parts, only_pictures, pptx_text, tidy
from documents.parsers.base import MAX_TABLE_COLUMNS, Broken, ParseTooBig, Progress, ignore_progress
from documents.parsers.flow import Flow
from documents.parsers.office_drawings import DGM, A, C
from documents.parsers.office_parts import R, Relation
from documents.parsers.pictures import Shelf
from documents.parsers.pptx_shapes import Ground, P, Shape, is_title, shapes
from documents.parsers.unzip import Archive
from documents.places import Slide

MAX_SLIDES = 2_000
_MAIN = "ppt/presentation.xml"
_DC_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_MARGINS = frozenset(("dt", "sldNum", "hdr"))
_MEDIA = (f"{A}videoFile", f"{A}audioFile", f"{A}wavAudioFile", f"{A}quickTimeFile")


def parse(path: Path, progress: Progress = ignore_progress) -> ParsedDocument:
    """Return what a presentation says, slide by slide; its pages are its slides."""
    with Archive(path, must_have=_MAIN) as archive:
        main = archive.xml(_MAIN)
        listed = None if main is None else main.find(f"{P}sldIdLst")
        entries = [] if listed is None else list(listed.iterfind(f"{P}sldId"))
        if not entries:
            raise Broken("La presentación está dañada o no tiene diapositivas.", code="broken_pptx")
        if len(entries) > MAX_SLIDES:
            raise ParseTooBig(
                f"La presentación tiene más de {MAX_SLIDES} diapositivas. Conviene dividirla.",
                code="too_many_slides",
            )
        targets = office_parts.relations(archive, _MAIN)
        reader = _Reader(archive)
        for number, entry in enumerate(entries, start=1):
            target = targets.get(str(entry.get(f"{R}id")))
            reader.read(number, target.part if target else "")
            progress(number, len(entries))
        if not reader.slides_read and not reader.hidden:
            raise Broken(
                "La presentación está dañada: no se pudo leer ninguna diapositiva.", code="broken_pptx"
            )
        return ParsedDocument(
            tuple(reader.flow.blocks),
            _title(archive, reader),
            len(entries),
            tuple(reader.unreadable),
            reader.shelf.pictures,
        )


class _Reader:
    def __init__(self, archive: Archive) -> None:
        self.flow = Flow()
        self.shelf = Shelf()
        self.unreadable: list[Unreadable] = []
        self.title: str | None = None
        self.slides_read = 0
        self.hidden = 0
        self._archive = archive
        self._targets: dict[str, Relation] = {}
        self._grounds: dict[str, Ground] = {}
        self._footers: set[str] = set()
        self._number = 0

    def read(self, number: int, part: str) -> None:
        """Add what one slide says."""
        self._number = number
        self.flow.place = Slide(number)
        try:
            slide = self._archive.xml(part)
            if slide is None:
                raise Broken("", code="broken_slide")
            self._targets = office_parts.relations(self._archive, part)
            if slide.get("show") in {"0", "false"}:
                self.hidden += 1
                self._tell(
                    f"La diapositiva {number} está oculta y no se leyó. Para que se lea hay que mostrarla y volver "
                    "a subir el archivo.",
                    "hidden_slide",
                )
                return
            self._read_slide(slide, number)
            self._read_notes()
        except Broken:
            self._tell(
                f"La diapositiva {number} está dañada y no se pudo leer. Conviene abrir el archivo, guardarlo otra "
                "vez y volver a subirlo.",
                "broken_slide",
            )
            return
        self.slides_read += 1

    def _read_slide(self, slide: etree._Element, number: int) -> None:
        found = shapes(slide, self._ground())
        is_named = bool(found) and is_title(found[0])
        if not is_named and any(map(_says, found)):
            # Every slide is a section of its own, so that its text is not put under the title of another.
            self.flow.add(Kind.HEADING, f"Diapositiva {number}", level=2)
        first = len(self.flow.blocks)
        for at, shape in enumerate(found):
            if not at and is_named:
                self._read_title(shape)
            else:
                self._read_shape(shape)
        if not is_named:
            self.unreadable += only_pictures.told(self.flow.blocks[first:], slide=number)
        if next(slide.iter(*_MEDIA), None) is not None:
            self._tell(f"La diapositiva {number} tiene un video o un audio, que no se leyó.", "media")
        if any(True for each in slide.iter(f"{P}oleObj")):
            self._tell(
                f"La diapositiva {number} tiene dentro un archivo de otro programa, del que se ve solo la imagen. "
                "Conviene subir también ese archivo.",
                "inserted_file",
            )

    def _read_shape(self, shape: Shape) -> None:
        element = shape.element
        for child in shape.children:
            self._read_shape(child)
        if element.tag == f"{P}pic":
            self._add_picture(element, element.find(f"{P}nvPicPr/{P}cNvPr"))
        elif element.tag == f"{P}graphicFrame":
            self._read_frame(element)
        elif element.tag == f"{P}sp":
            self._read_text(shape)
            if element.find(f"{P}spPr/{A}blipFill") is not None:
                self._add_picture(element, element.find(f"{P}nvSpPr/{P}cNvPr"))

    def _read_title(self, shape: Shape) -> None:
        text = _text(shape)
        is_whole = self._number == 1 and (self._ground().kind == "title" or shape.role == "ctrTitle")
        if is_whole:
            self.title = text or None
        self.flow.add(Kind.HEADING, text, level=1 if is_whole else 2)

    def _read_text(self, shape: Shape) -> None:
        body = shape.element.find(f"{P}txBody")
        if body is None or shape.role in _MARGINS:
            return
        for line in pptx_text.lines(body, shape.settings):
            if shape.role == "ftr":
                if line.text not in self._footers:
                    self._footers.add(line.text)
                    self.flow.add(Kind.NOTE, line.text)
            elif line.marker:
                self.flow.add(Kind.LIST_ITEM, f"{line.marker} {line.text}", level=min(4, line.depth))
            else:
                self.flow.add(Kind.PARAGRAPH, line.text)

    def _read_frame(self, frame: etree._Element) -> None:
        for element in frame.iter(f"{A}tbl", f"{C}chart", f"{DGM}relIds", f"{P}pic"):
            if element.tag == f"{A}tbl":
                self._add_table(element)
            elif element.tag == f"{P}pic":  # how an object of another program looks
                if not any(each.tag.endswith("}Choice") for each in element.iterancestors()):
                    self._add_picture(element, frame.find(f"{P}nvGraphicFramePr/{P}cNvPr"))
            elif element.tag == f"{C}chart":
                chart = self._linked(element.get(f"{R}id"))
                if chart is not None:
                    self.flow.add(Kind.PARAGRAPH, office_drawings.chart_title(chart))
                    self.flow.add_table(office_drawings.chart_rows(chart), header_rows=1)
            else:
                data = self._linked(element.get(f"{R}dm"))
                for depth, text in () if data is None else office_drawings.diagram_lines(data):
                    self.flow.add(Kind.LIST_ITEM, f"• {text}", level=min(4, depth))

    def _add_table(self, table: etree._Element) -> None:
        rows = list(_rows(table))
        properties = table.find(f"{A}tblPr")
        is_headed = properties is not None and properties.get("firstRow") in {"1", "true"}
        header_rows = 1 if is_headed and len(rows) > 1 else grid.header_length([tuple(row) for row in rows])
        self.flow.add_table(rows, header_rows=header_rows)

    def _add_picture(self, holder: etree._Element, properties: etree._Element | None) -> None:
        blip = next(holder.iter(f"{A}blip"), None)
        target = None if blip is None else self._targets.get(str(blip.get(f"{R}embed")))
        name = office_parts.shelve(self._archive, target.part, self.shelf) if target else ""
        said = office_drawings.description(properties)
        if name or said:
            self.flow.add_picture(name, said)

    def _read_notes(self) -> None:
        target = next((each for each in self._targets.values() if each.kind == "notesSlide"), None)
        notes = None if target is None else self._archive.xml(target.part)
        for shape in () if notes is None else notes.iterfind(f"{P}cSld/{P}spTree/{P}sp"):
            mark, body = shape.find(f"./*/{P}nvPr/{P}ph"), shape.find(f"{P}txBody")
            if mark is not None and mark.get("type") == "body" and body is not None:
                for line in pptx_text.lines(body, ()):
                    self.flow.add(Kind.NOTE, f"{line.marker} {line.text}" if line.marker else line.text)

    def _linked(self, relation: object) -> etree._Element | None:
        target = self._targets.get(str(relation))
        return self._archive.xml(target.part) if target else None

    def _ground(self) -> Ground:
        """Return what stands behind the slide being read; many slides share one."""
        part = next((each.part for each in self._targets.values() if each.kind == "slideLayout"), "")
        if part not in self._grounds:
            layout = self._archive.xml(part)
            linked = office_parts.relations(self._archive, part) if layout is not None else {}
            above = next((each.part for each in linked.values() if each.kind == "slideMaster"), "")
            self._grounds[part] = Ground(layout, self._archive.xml(above))
        return self._grounds[part]

    def _tell(self, reason: str, code: str) -> None:
        self.unreadable.append(Unreadable(Slide(self._number), reason, code))


def _text(shape: Shape) -> str:
    body = shape.element.find(f"{P}txBody")
    if body is None:
        return ""
    return tidy.line(" ".join(pptx_text.paragraph_text(each) for each in body.iterfind(f"{A}p")))


def _says(shape: Shape) -> bool:
    """Say whether a shape may give a block."""
    if shape.role in _MARGINS or shape.role == "ftr":
        return False
    return (
        shape.element.tag in {f"{P}pic", f"{P}graphicFrame"}
        or bool(_text(shape))
        or any(map(_says, shape.children))
    )


def _rows(table: etree._Element) -> Iterator[list[str]]:
    """Yield the cells of each row; a merged cell gives its text to every row, but once to its columns."""
    above: dict[int, str] = {}
    for row in table.iterfind(f"{A}tr"):
        texts: list[str] = []
        for column, cell in enumerate(row.iterfind(f"{A}tc")):
            if column >= MAX_TABLE_COLUMNS:
                break
            found = cell.iterfind(f"{A}txBody/{A}p")
            text = tidy.line(" ".join(pptx_text.paragraph_text(each) for each in found))
            if cell.get("vMerge") in {"1", "true"}:
                text = above.get(column, "")
            elif cell.get("hMerge") in {"1", "true"}:
                text = ""
            above[column] = text
            texts.append(text)
        yield texts


def _title(archive: Archive, reader: _Reader) -> str | None:
    if reader.title:
        return reader.title
    core = archive.xml("docProps/core.xml")
    declared = tidy.line(core.findtext(_DC_TITLE) or "") if core is not None else ""
    # What PowerPoint writes where nobody gave the presentation a title.
    is_made_up = declared.lower() in {"powerpoint presentation", "presentación de powerpoint"}
    if 6 <= len(declared) <= 200 and " " in declared and not is_made_up:
        return declared
    return reader.flow.first_heading()
