"""ODP: every slide with its title, lists, tables, charts, pictures and notes; straight from its XML (lxml).

Each block's place is its slide. Hidden slides are told, not read, as those of PPTX are.
"""

import re
from pathlib import Path

from lxml import etree

from documents.blocks import Kind, ParsedDocument, Unreadable
from documents.parsers import only_pictures, tidy
from documents.parsers.base import Broken, ParseTooBig, Progress, ignore_progress
from documents.parsers.odf import DRAW, PRESENTATION, STYLE, SVG, TABLE, TEXT, Package
from documents.parsers.odf_flow import OdfFlow
from documents.parsers.odf_text import SHAPES, all_of, words
from documents.parsers.pptx import MAX_SLIDES
from documents.parsers.pptx_shapes import MAX_TITLE_CHARS
from documents.parsers.slide_order import Area, around, in_order
from documents.places import Slide

MAX_GROUPS = 60
_LENGTH = re.compile(r"(-?\d{1,6}(?:\.\d{1,9})?)(cm|mm|in|pt|pc|px)?")
_IN_POINTS = {"cm": 28.35, "mm": 2.835, "in": 72.0, "pt": 1.0, "pc": 12.0, "px": 0.75, None: 1.0}
_MARGINS = frozenset(("header", "footer", "date-time", "page-number", "page"))


def parse(path: Path, progress: Progress = ignore_progress) -> ParsedDocument:
    """Return what a presentation says, slide by slide; its pages are its slides."""
    package = Package(path)
    with package.archive:
        slides = list(package.body("presentation").iterchildren(f"{DRAW}page"))
        if not slides:
            raise Broken("La presentación está dañada o no tiene diapositivas.", code="broken_odp")
        if len(slides) > MAX_SLIDES:
            raise ParseTooBig(
                f"La presentación tiene más de {MAX_SLIDES} diapositivas. Conviene dividirla.",
                code="too_many_slides",
            )
        reader = _Reader(package)
        for number, slide in enumerate(slides, start=1):
            reader.read(number, slide)
            progress(number, len(slides))
        return ParsedDocument(
            tuple(reader.inner.flow.blocks),
            package.title() or reader.title or reader.inner.flow.first_heading(),
            len(slides),
            tuple(reader.unreadable),
            package.shelf.pictures,
        )


class _Reader:
    def __init__(self, package: Package) -> None:
        self.inner = OdfFlow(package, has_headings=False)
        self.unreadable: list[Unreadable] = []
        self.title: str | None = None

    def read(self, number: int, slide: etree._Element) -> None:
        """Add what one slide says."""
        place = self.inner.flow.place = Slide(number)
        if self._is_hidden(slide):
            reason = (
                f"La diapositiva {number} está oculta y no se leyó. Para que se lea hay que mostrarla y volver a "
                "subir el archivo."
            )
            self.unreadable.append(Unreadable(place, reason, "hidden_slide"))
            return
        shapes = [shape for shape in slide if shape.tag in SHAPES and _role(shape) not in _MARGINS]
        shapes = _ordered([shape for shape in shapes if not _is_placeholder(shape)])
        # Some designs have many titles on a slide, or fill one with prose: the first short one is.
        titles = [shape for shape in shapes if _role(shape) == "title" and _is_short(shape)][:1]
        others = [shape for shape in shapes if shape not in titles]
        self._read_title(
            number,
            " ".join(text for title in titles for text in self._paragraphs(title)),
            others,
        )
        first = len(self.inner.flow.blocks)
        for shape in others:
            self.inner.draw(shape)
        if not titles:
            self.unreadable += only_pictures.told(self.inner.flow.blocks[first:], slide=number)
        if next(slide.iter(f"{DRAW}plugin"), None) is not None:
            reason = f"La diapositiva {number} tiene un video o un audio, que no se leyó."
            self.unreadable.append(Unreadable(place, reason, "media"))
        if self.inner.is_unread_object:
            self.inner.is_unread_object = False
            reason = (
                f"La diapositiva {number} tiene dentro un archivo de otro programa, del que se ve solo la imagen. "
                "Conviene subir también ese archivo."
            )
            self.unreadable.append(Unreadable(place, reason, "inserted_file"))
        self._read_notes(slide)

    def _read_title(self, number: int, raw: str, others: list[etree._Element]) -> None:
        title = tidy.line(raw)
        if title:
            # It names the whole presentation where a subtitle or nothing but a picture comes with it.
            is_whole = number == 1 and (
                any(_role(shape) == "subtitle" for shape in others) or not any(map(_says_words, others))
            )
            self.title = title if is_whole else self.title
            self.inner.flow.add(Kind.HEADING, title, level=1 if is_whole else 2)
        elif any(map(_says, others)):
            # Every slide is a section of its own, so that its text is not put under the title of another.
            self.inner.flow.add(Kind.HEADING, f"Diapositiva {number}", level=2)

    def _read_notes(self, slide: etree._Element) -> None:
        for notes in slide.iterchildren(f"{PRESENTATION}notes"):
            for frame in notes.iterchildren(f"{DRAW}frame"):
                if _role(frame) == "notes" and not _is_placeholder(frame):
                    for text in self._paragraphs(frame):
                        self.inner.flow.add(Kind.NOTE, text)

    def _paragraphs(self, shape: etree._Element) -> list[str]:
        return [words(paragraph, self.inner.styles).text for paragraph in shape.iter(f"{TEXT}p")]

    def _is_hidden(self, slide: etree._Element) -> bool:
        style = self.inner.styles.own("drawing-page", slide.get(f"{DRAW}style-name"))
        properties = None if style is None else style.find(f"{STYLE}drawing-page-properties")
        return properties is not None and properties.get(f"{PRESENTATION}visibility") == "hidden"


def _says(shape: etree._Element) -> bool:
    """Say whether a shape may give a block."""
    return next(shape.iter(f"{DRAW}image"), None) is not None or _says_words(shape)


def _says_words(shape: etree._Element) -> bool:
    shown = (f"{DRAW}object", f"{DRAW}object-ole", f"{TABLE}table")
    return next(shape.iter(*shown), None) is not None or bool(all_of(shape).strip())


def _is_short(shape: etree._Element) -> bool:
    return 0 < len(all_of(shape).strip()) <= MAX_TITLE_CHARS


def _role(shape: etree._Element) -> str:
    return str(shape.get(f"{PRESENTATION}class", ""))


def _is_placeholder(shape: etree._Element) -> bool:
    """Say whether a shape only invites to write something there."""
    return bool(shape.get(f"{PRESENTATION}placeholder") == "true")


def _ordered(shapes: list[etree._Element]) -> list[etree._Element]:
    """Return shapes as they are read; those of a group stay together."""
    found: list[etree._Element] = []
    for _, shape in in_order([(_area(shape), shape) for shape in shapes]):
        found += (
            _ordered([each for each in shape if each.tag in SHAPES]) if shape.tag == f"{DRAW}g" else [shape]
        )
    return found


def _area(shape: etree._Element, *, depth: int = 0) -> Area | None:
    if shape.tag == f"{DRAW}g":
        inner = [each for each in shape if each.tag in SHAPES] if depth < MAX_GROUPS else []
        return around([_area(each, depth=depth + 1) for each in inner])
    x, y, width, height = (_points(shape.get(f"{SVG}{name}")) for name in ("x", "y", "width", "height"))
    if x is None or y is None:
        return None
    return x, y, x + max(1.0, width or 0.0), y + max(1.0, height or 0.0)


def _points(text: object) -> float | None:
    match = _LENGTH.fullmatch(text) if isinstance(text, str) else None
    return None if match is None else float(match.group(1)) * _IN_POINTS[match.group(2)]
