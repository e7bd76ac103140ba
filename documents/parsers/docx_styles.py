"""What a paragraph of a DOCX is, by its style and its own settings: heading, title, list item, quote."""

import re
from dataclasses import dataclass

from lxml import etree

from documents.parsers.docx_numbers import W

MAX_PARENTS = 12
_CONTENTS = re.compile(r"(?:toc|tdc|table of figures|tabla de ilustraciones)\s*\d?", re.IGNORECASE)
_HEADING = re.compile(r"(?:heading|t[íi]tulo|encabezado|titolo|titre)\s*([1-9])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Style:
    heading_level: int = 0
    is_title: bool = False
    is_bold: bool = False
    is_quote: bool = False
    is_contents: bool = False  # an entry of the table of contents
    is_hidden: bool = False
    num_id: str | None = None
    num_level: int = 0


PLAIN = Style()


def read_styles(root: etree._Element | None) -> dict[str, Style]:
    """Return what each style of the document makes of a paragraph, with what it inherits."""
    if root is None:
        return {}
    own = {str(found.get(f"{W}styleId")): found for found in root.iterfind(f"{W}style")}
    return {style_id: _resolve(style_id, own) for style_id in own}


def _resolve(style_id: str, own: dict[str, etree._Element]) -> Style:
    level, is_title, is_bold, is_quote, is_contents = 0, False, False, False, False
    is_hidden: bool | None = None  # the nearest style that says so wins
    num: tuple[str | None, int] = (None, 0)
    parent: str | None = style_id
    for _ in range(MAX_PARENTS):
        found = own.get(parent) if parent else None
        if found is None:
            break
        name = _value(found, "name") or ""
        match = _HEADING.fullmatch(name)
        properties = found.find(f"{W}pPr")
        level = level or (int(match.group(1)) if match else _outline_level(properties))
        is_title = is_title or name.lower() in {"title", "título", "puesto"}
        is_quote = is_quote or name.lower() in {"quote", "intense quote", "cita", "cita destacada"}
        is_contents = is_contents or _CONTENTS.fullmatch(name) is not None
        letters = found.find(f"{W}rPr")
        is_bold = is_bold or is_on(letters, "b")
        if is_hidden is None and letters is not None and letters.find(f"{W}vanish") is not None:
            is_hidden = is_on(letters, "vanish")
        if num[0] is None:
            num = numbering_of(properties)
        parent = _value(found, "basedOn")
    return Style(min(level, 6), is_title, is_bold, is_quote, is_contents, bool(is_hidden), *num)


def numbering_of(properties: etree._Element | None) -> tuple[str | None, int]:
    """Return the list and the level that a paragraph's properties name; "0" takes it out of any list."""
    found = None if properties is None else properties.find(f"{W}numPr")
    if found is None:
        return None, 0
    level = _value(found, "ilvl") or "0"
    return _value(found, "numId"), int(level) if level.isdigit() and len(level) == 1 else 0


def own_heading_level(properties: etree._Element | None) -> int:
    """Return the outline level that a paragraph sets for itself, 0 for none."""
    return min(6, _outline_level(properties))


def is_on(properties: etree._Element | None, name: str) -> bool:
    """Say whether a switch such as bold or hidden is set."""
    found = None if properties is None else properties.find(f"{W}{name}")
    return found is not None and found.get(f"{W}val", "1") not in {"0", "false", "off", "none"}


def _outline_level(properties: etree._Element | None) -> int:
    level = None if properties is None else _value(properties, "outlineLvl")
    return int(level) + 1 if level and level.isdigit() and int(level) < 9 else 0


def _value(parent: etree._Element, name: str) -> str | None:
    found = parent.find(f"{W}{name}")
    return None if found is None else found.get(f"{W}val")
