"""The numbers and bullets that Word shows before a paragraph but does not write into it."""

import re

from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
MAX_LEVELS = 9
_PLACEHOLDER = re.compile(r"%([1-9])")
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"),
          (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip


class Numbering:
    """Counts the numbered paragraphs of a document in the order in which they are asked for."""

    def __init__(self, root: etree._Element | None) -> None:
        self._levels: dict[tuple[str, int], tuple[str, str, int]] = {}  # (numId, level): format, text, start
        self._lists: dict[str, str] = {}  # numId: the abstract list whose count it shares
        self._counts: dict[tuple[str, int], int] = {}
        if root is None:
            return
        abstract = {str(found.get(f"{W}abstractNumId")): found for found in root.iterfind(f"{W}abstractNum")}
        by_style = {_value(found, "styleLink", ""): found for found in abstract.values()}
        for num in root.iterfind(f"{W}num"):
            num_id, link = str(num.get(f"{W}numId")), num.find(f"{W}abstractNumId")
            shape = abstract.get(str(link.get(f"{W}val"))) if link is not None else None
            if shape is None or link is None:
                continue
            # A list may borrow its shape from the one that defines a style of lists.
            shape = by_style.get(_value(shape, "numStyleLink", "-"), shape)
            has_override = num.find(f"{W}lvlOverride/{W}startOverride") is not None
            self._lists[num_id] = num_id if has_override else f"abstract {link.get(f'{W}val')}"
            for level in (*shape.iterfind(f"{W}lvl"), *num.iterfind(f"{W}lvlOverride/{W}lvl")):
                self._levels[num_id, _number(level.get(f"{W}ilvl"), 0)] = (
                    _value(level, "numFmt", "decimal"),
                    _value(level, "lvlText", "")[:40],
                    _number(_value(level, "start", "1"), 1),
                )
            for override in num.iterfind(f"{W}lvlOverride"):
                self._start_again(num_id, override)

    def marker(self, num_id: str, level: int) -> str:
        """Return what stands before the next paragraph of a list ("b)", "1.2.", "•"), and count it."""
        shape = self._levels.get((num_id, level))
        if shape is None or not 0 <= level < MAX_LEVELS:
            return ""
        form, text, start = shape
        if form == "bullet":
            return "•"
        if form == "none":
            return ""
        counted = self._lists[num_id]
        self._counts[counted, level] = self._counts.get((counted, level), start - 1) + 1
        for deeper in range(level + 1, MAX_LEVELS):
            self._counts.pop((counted, deeper), None)
        return _PLACEHOLDER.sub(
            lambda match: self._shown(num_id, counted, int(match.group(1)) - 1), text
        ).strip()

    def _start_again(self, num_id: str, override: etree._Element) -> None:
        at = num_id, _number(override.get(f"{W}ilvl"), 0)
        start = _value(override, "startOverride", "")
        if at in self._levels and start:
            form, text, before = self._levels[at]
            self._levels[at] = (form, text, _number(start, before))

    def _shown(self, num_id: str, counted: str, level: int) -> str:
        form, _, start = self._levels.get((num_id, level), ("decimal", "", 1))
        return written(self._counts.get((counted, level), start), form)


def written(number: int, form: str) -> str:
    """Return a number in one of Word's formats: 3, c, C, iii, III, 03, 3.º."""
    match form:
        case "lowerLetter" | "upperLetter":
            letters = (
                chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
                if 0 < number < 1_000
                else str(number)
            )
            return letters.upper() if form == "upperLetter" else letters
        case "lowerRoman" | "upperRoman":
            roman = _roman(number)
            return roman.upper() if form == "upperRoman" else roman
        case "decimalZero":
            return f"{number:02d}"
        case "ordinal":
            return f"{number}.º"
    return str(number)


def _roman(number: int) -> str:
    if not 0 < number < 4_000:
        return str(number)
    text = ""
    for value, sign in _ROMAN:
        text += sign * (number // value)
        number %= value
    return text


def _value(level: etree._Element, name: str, default: str) -> str:
    found = level.find(f"{W}{name}")
    return default if found is None else str(found.get(f"{W}val", default))


def _number(text: object, default: int) -> int:
    return int(text) if isinstance(text, str) and text.isdigit() and len(text) < 6 else default
