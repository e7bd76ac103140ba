"""The words of a paragraph of a DOCX as its reader sees them, and what hangs on it: notes, pictures, boxes.

Every tracked change counts as accepted; hidden text, comments, instructions of fields and the hints of empty
form fields are left out. The marks of notes are left out too: they would stick to the word before them, which
could then not be quoted.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from documents.parsers import docx_symbols, tidy
from documents.parsers.docx_numbers import W
from documents.parsers.docx_styles import PLAIN, Style, is_on
from documents.parsers.office_drawings import MC, chosen

M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
PAGE_BREAK = "\f"
WRAPPERS = frozenset((f"{W}sdt", f"{W}sdtContent", f"{W}ins", f"{W}moveTo", f"{W}customXml", f"{W}smartTag"))
_GONE = frozenset(
    (
        f"{W}del",
        f"{W}moveFrom",
        f"{W}pPr",
        f"{W}rPr",
        f"{W}sdtPr",
        f"{W}delText",
        f"{W}delInstrText",
        f"{W}rt",  # the small letters above others
        f"{M}ctrlPr",
    )
)
_SHAPES = frozenset((f"{W}drawing", f"{W}pict", f"{W}object"))
_NOTES = {f"{W}footnoteReference": "footnote", f"{W}endnoteReference": "endnote"}
_SPACES = frozenset((f"{W}tab", f"{W}cr", f"{W}ptab"))
_PAGE_FIELD = re.compile(r"\s*(?:PAGE|NUMPAGES|SECTIONPAGES)\b", re.IGNORECASE)
_SIMPLE = re.compile(r"[\w√]*")


@dataclass(frozen=True, slots=True)
class Hanging:
    """A note or a drawing, and how many characters of the text stand before it."""

    element: etree._Element
    note: str  # "footnote", "endnote" or, for a drawing, ""
    at: int
    has_own_mark: bool = False

    @property
    def is_inline(self) -> bool:
        """Whether it stands in the line like a letter; others float beside the paragraph."""
        return self.element.find(f"{WP}inline") is not None or self.element.tag == f"{W}object"


@dataclass(slots=True)
class Words:
    text: str = ""
    hanging: list[Hanging] = field(default_factory=list)

    def followed_by(self, after: "Words") -> "Words":
        """Return both as one, as where the mark between two paragraphs was deleted."""
        shift = len(self.text)
        moved = [
            Hanging(each.element, each.note, each.at + shift, each.has_own_mark) for each in after.hanging
        ]
        return Words(self.text + after.text, [*self.hanging, *moved])


@dataclass(slots=True)
class _Field:
    instruction: str = ""
    has_result: bool = False
    form: etree._Element | None = None


def words(
    paragraph: etree._Element, styles: Mapping[str, Style], *, tab: str = " ", with_page_numbers: bool = True
) -> Words:
    """Return the words of a paragraph. `tab`: what stands for a tabulator."""
    walk = _Walk(styles, tab=tab, with_page_numbers=with_page_numbers)
    walk.visit(paragraph)
    return Words("".join(walk.parts), walk.hanging)


def is_mark_gone(paragraph: etree._Element) -> bool:
    """Say whether the end of a paragraph was deleted, so that it runs on into the next."""
    mark = paragraph.find(f"{W}pPr/{W}rPr")
    return mark is not None and (mark.find(f"{W}del") is not None or mark.find(f"{W}moveFrom") is not None)


class _Walk:
    """Goes through a paragraph. A field that never ends hides nothing beyond its paragraph."""

    def __init__(self, styles: Mapping[str, Style], *, tab: str, with_page_numbers: bool) -> None:
        self.parts: list[str] = []
        self.hanging: list[Hanging] = []
        self._styles = styles
        self._tab = tab
        self._with_page_numbers = with_page_numbers
        self._chars = 0
        self._fields: list[_Field] = []

    def visit(self, element: etree._Element) -> None:
        for child in element:
            self._enter(child)

    def _enter(self, child: etree._Element) -> None:
        tag = child.tag
        if tag == f"{W}t":
            self._say(docx_symbols.in_text(child.text or ""))
        elif tag == f"{W}r":
            if not self._is_hidden(child):
                self.visit(child)
        elif tag in _SPACES:
            self._say(self._tab if tag != f"{W}cr" else " ")
        elif tag == f"{W}br":
            self._say(PAGE_BREAK if child.get(f"{W}type") == "page" else " ")
        elif tag == f"{W}noBreakHyphen":
            self._say("-")
        elif tag == f"{W}sym":
            self._say(docx_symbols.of_code(str(child.get(f"{W}font", "")), str(child.get(f"{W}char", ""))))
        elif tag == f"{W}fldChar":
            self._turn(child)
        elif tag == f"{W}instrText":
            if self._fields:
                self._fields[-1].instruction += (child.text or "")[:200]
        elif tag in _NOTES or tag in _SHAPES:
            if not self._is_silent():
                has_own_mark = child.get(f"{W}customMarkFollows", "0") in {"1", "true", "on"}
                self.hanging.append(Hanging(child, _NOTES.get(tag, ""), self._chars, has_own_mark))
        elif tag == f"{MC}AlternateContent":
            form = chosen(child)
            if form is not None:
                self.visit(form)
        elif tag in {f"{M}oMath", f"{M}oMathPara"}:
            self._say(f" {formula(child)} ")
        elif tag == f"{W}sdt":
            if not is_on(child.find(f"{W}sdtPr"), "showingPlcHdr"):
                self.visit(child)
        elif tag == f"{W}fldSimple":
            if self._with_page_numbers or not _PAGE_FIELD.match(str(child.get(f"{W}instr", ""))):
                self.visit(child)
        elif tag not in _GONE:
            self.visit(child)

    def _say(self, text: str) -> None:
        if text and not self._is_silent():
            self.parts.append(text)
            self._chars += len(text)

    def _turn(self, mark: etree._Element) -> None:
        """Follow a field from its instruction to its result and its end."""
        kind = mark.get(f"{W}fldCharType")
        if kind == "begin":
            self._fields.append(_Field(form=mark.find(f"{W}ffData")))
        elif kind == "separate" and self._fields:
            self._fields[-1].has_result = True
        elif kind == "end" and self._fields:
            ended = self._fields.pop()
            if ended.form is not None and not ended.has_result:
                self._say(_filled_in(ended.form))

    def _is_silent(self) -> bool:
        return any(
            not each.has_result or not (self._with_page_numbers or not _PAGE_FIELD.match(each.instruction))
            for each in self._fields
        )

    def _is_hidden(self, run: etree._Element) -> bool:
        properties = run.find(f"{W}rPr")
        if properties is None:
            return False
        if properties.find(f"{W}vanish") is not None:
            return is_on(properties, "vanish")
        style = properties.find(f"{W}rStyle")
        return style is not None and self._styles.get(str(style.get(f"{W}val")), PLAIN).is_hidden


def _filled_in(form: etree._Element) -> str:
    """Return what an old form field shows that has no text: a box to tick, or the chosen line of a list."""
    box, choice = form.find(f"{W}checkBox"), form.find(f"{W}ddList")
    if box is not None:
        checked = box.find(f"{W}checked")
        return "☒" if is_on(box, "default" if checked is None else "checked") else "☐"
    if choice is not None:
        lines = [str(line.get(f"{W}val", "")) for line in choice.iterfind(f"{W}listEntry")]
        result = choice.find(f"{W}result")
        index = "0" if result is None else str(result.get(f"{W}val", "0"))
        return lines[int(index)] if index.isdigit() and int(index) < len(lines) else ""
    return ""


def formula(element: etree._Element) -> str:
    """Return a formula on one line: (a+b)/2, x^2, √(x)."""
    parts: list[str] = []
    for child in element:
        tag = child.tag
        if tag == f"{M}t":
            parts.append(child.text or "")
        elif tag == f"{M}f":
            parts.append(f"{_part(child, 'num')}/{_part(child, 'den')}")
        elif tag == f"{M}sSup":
            parts.append(f"{_part(child, 'e')}^{_part(child, 'sup')}")
        elif tag == f"{M}sSub":
            parts.append(f"{_part(child, 'e')}_{_part(child, 'sub')}")
        elif tag == f"{M}rad":
            parts.append(f"√{_part(child, 'e')}")
        elif tag == f"{M}d":
            parts.append("(" + ", ".join(formula(each) for each in child.iterfind(f"{M}e")) + ")")
        elif tag not in _GONE:
            parts.append(formula(child))
    return tidy.line("".join(parts))


def _part(element: etree._Element, name: str) -> str:
    found = element.find(f"{M}{name}")
    text = "" if found is None else formula(found)
    is_whole = _SIMPLE.fullmatch(text) or (
        text.startswith("(") and text.endswith(")") and text.count("(") == 1
    )
    return text if is_whole else f"({text})"
