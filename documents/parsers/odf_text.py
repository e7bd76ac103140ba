"""The words of a paragraph of an OpenDocument file as its reader sees them, and the notes and frames in it.

Deleted text stands apart from the paragraphs and is never met here. Left out: comments, hidden text, the hints of
empty fields, and the marks of notes, which would stick to the word before them.
"""

from dataclasses import dataclass, field

from lxml import etree

from documents.parsers import docx_symbols
from documents.parsers.odf import DRAW, OFFICE, TEXT
from documents.parsers.odf_styles import Styles

_GONE = frozenset(
    (
        f"{OFFICE}annotation",
        f"{OFFICE}annotation-end",
        f"{TEXT}tracked-changes",
        f"{TEXT}placeholder",
        f"{TEXT}hidden-text",
        f"{TEXT}ruby-text",
        f"{TEXT}number",  # a marker as some programs repeat it; it is counted here
        f"{OFFICE}forms",
        f"{OFFICE}event-listeners",
    )
)
SHAPES = frozenset(
    f"{DRAW}{name}"
    for name in (
        "frame", "g", "custom-shape", "rect", "circle", "ellipse", "line", "connector", "polygon", "polyline", "path",
        "regular-polygon", "caption", "measure",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hanging:
    """A note or a drawing, and how many characters of the text stand before it."""

    element: etree._Element
    at: int

    @property
    def is_note(self) -> bool:
        """Whether it is a footnote or an endnote."""
        return bool(self.element.tag == f"{TEXT}note")

    @property
    def is_inline(self) -> bool:
        """Whether it stands in the line like a letter."""
        return self.element.get(f"{TEXT}anchor-type") in {"as-char", "char"}


@dataclass(slots=True)
class Words:
    text: str = ""
    hanging: list[Hanging] = field(default_factory=list)


def words(
    paragraph: etree._Element, styles: Styles, *, tab: str = " ", with_page_numbers: bool = True
) -> Words:
    """Return the words of a paragraph. `tab`: what stands for a tabulator."""
    walk = _Walk(styles, tab=tab, with_page_numbers=with_page_numbers)
    if not is_hidden(paragraph):
        walk.visit(paragraph)
    return Words("".join(walk.parts), walk.hanging)


def is_hidden(element: etree._Element) -> bool:
    """Say whether a paragraph or a section is told to be hidden."""
    if element.get(f"{TEXT}display") == "none" or element.get(f"{TEXT}is-hidden") == "true":
        return True
    mark = next(element.iterchildren(f"{TEXT}hidden-paragraph"), None)
    return mark is not None and mark.get(f"{TEXT}is-hidden") == "true"


def all_of(element: etree._Element) -> str:
    """Return all the text in an element, whatever it is."""
    return "".join(map(str, element.itertext()))


class _Walk:
    def __init__(self, styles: Styles, *, tab: str, with_page_numbers: bool) -> None:
        self.parts: list[str] = []
        self.hanging: list[Hanging] = []
        self._styles = styles
        self._tab = tab
        self._with_page_numbers = with_page_numbers
        self._chars = 0

    def visit(self, element: etree._Element) -> None:
        self._say(element.text)
        for child in element:
            if isinstance(child.tag, str):
                self._enter(child)
            self._say(child.tail)

    def _enter(self, child: etree._Element) -> None:
        tag = child.tag
        if tag in {f"{TEXT}s", f"{TEXT}line-break"}:
            self._say(" ")
        elif tag == f"{TEXT}tab":
            self._say(self._tab)
        elif tag == f"{TEXT}note" or tag in SHAPES:
            self.hanging.append(Hanging(child, self._chars))
        elif tag == f"{TEXT}span":
            if not self._styles.of("text", child.get(f"{TEXT}style-name")).is_hidden:
                self.visit(child)
        elif tag in {f"{TEXT}page-number", f"{TEXT}page-count"}:
            if self._with_page_numbers:
                self.visit(child)
        elif tag not in _GONE:
            self.visit(child)

    def _say(self, text: str | None) -> None:
        if text:
            text = docx_symbols.in_text(text)
            self.parts.append(text)
            self._chars += len(text)
