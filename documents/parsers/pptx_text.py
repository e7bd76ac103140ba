"""The paragraphs of a shape of a presentation, with the bullets and numbers that it inherits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree

from documents.parsers import docx_symbols, tidy
from documents.parsers.docx_numbers import written
from documents.parsers.docx_text import M, formula
from documents.parsers.office_drawings import MC, A, chosen

MAX_LEVELS = 9
_FORMS = {
    "arabic": "decimal",
    "alphaLc": "lowerLetter",
    "alphaUc": "upperLetter",
    "romanLc": "lowerRoman",
    "romanUc": "upperRoman",
}
_BULLETS = (f"{A}buNone", f"{A}buAutoNum", f"{A}buChar", f"{A}buBlip")


@dataclass(frozen=True, slots=True)
class Line:
    text: str
    marker: str  # "•", "2.", "b)"; "" for a paragraph without one
    depth: int


def lines(body: etree._Element, above: Sequence[etree._Element]) -> Iterator[Line]:
    """Yield the paragraphs of a shape. `above`: the lists of level settings that it inherits, nearest first."""
    own = body.find(f"{A}lstStyle")
    settings = [*([] if own is None else [own]), *above]
    counts: dict[int, tuple[str, int]] = {}
    for paragraph in body.iterfind(f"{A}p"):
        text = tidy.line(paragraph_text(paragraph))
        if not text:
            continue
        properties = paragraph.find(f"{A}pPr")
        depth = _depth(properties)
        bullet = _bullet(properties, depth, settings)
        for deeper in [level for level in counts if level > depth]:
            del counts[deeper]
        if bullet is None or bullet.tag == f"{A}buNone":
            counts.pop(depth, None)
            yield Line(text, "", depth)
        elif bullet.tag == f"{A}buAutoNum":
            yield Line(text, _count(bullet, depth, counts), depth)
        else:
            yield Line(text, "•", depth)


def paragraph_text(paragraph: etree._Element) -> str:
    """Return the words of one paragraph; the number of the slide is not among them."""
    parts: list[str] = []
    for child in paragraph:
        if child.tag == f"{A}r" or (child.tag == f"{A}fld" and child.get("type") != "slidenum"):
            parts.append(docx_symbols.in_text(child.findtext(f"{A}t") or ""))
        elif child.tag == f"{A}br":
            parts.append(" ")
        elif child.tag == f"{MC}AlternateContent":
            form = chosen(child)
            parts += [] if form is None else [formula(each) for each in form.iter(f"{M}oMath")]
    return "".join(parts)


def _bullet(
    properties: etree._Element | None, depth: int, settings: Sequence[etree._Element]
) -> etree._Element | None:
    levels = [properties, *(each.find(f"{A}lvl{depth + 1}pPr") for each in settings)]
    for level in levels:
        for child in () if level is None else level:
            if child.tag in _BULLETS:
                return child
    return None


def _depth(properties: etree._Element | None) -> int:
    text = "0" if properties is None else str(properties.get("lvl", "0"))
    return min(int(text), MAX_LEVELS - 1) if text.isdigit() and len(text) < 3 else 0


def _count(bullet: etree._Element, depth: int, counts: dict[int, tuple[str, int]]) -> str:
    kind, start = str(bullet.get("type", "arabicPeriod")), str(bullet.get("startAt", "1"))
    before, number = counts.get(depth, ("", 0))
    first = int(start) if start.isdigit() and len(start) < 6 else 1
    number = number + 1 if before == kind else first
    counts[depth] = kind, number
    form = next((form for prefix, form in _FORMS.items() if kind.startswith(prefix)), "decimal")
    shown = written(number, form)
    if kind.endswith("ParenBoth"):
        return f"({shown})"
    return f"{shown})" if kind.endswith("ParenR") else shown if kind.endswith("Plain") else f"{shown}."
