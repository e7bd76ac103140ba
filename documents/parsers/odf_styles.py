"""What the styles of an OpenDocument file make of its paragraphs, its words and its lists."""

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from documents.parsers.docx_numbers import written
from documents.parsers.odf import FO, LOEXT, STYLE, TEXT

MAX_PARENTS = 12
MAX_LEVELS = 10
_FORMS = {"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_TITLES = frozenset(("Title", "Título"))
_QUOTES = frozenset(("Quotations", "Citas"))


@dataclass(frozen=True, slots=True)
class Style:
    outline_level: int = 0
    is_title: bool = False
    is_quote: bool = False
    is_bold: bool = False
    is_hidden: bool = False
    list_style: str = ""


@dataclass(frozen=True, slots=True)
class Level:
    """How one level of a list is marked. `form` "": no number; `shape`: "%1%.%2%." when the file says so."""

    form: str
    is_bullet: bool = False
    prefix: str = ""
    suffix: str = ""
    start: int = 1
    shown_levels: int = 1
    shape: str = ""


class Styles:
    """The styles of both parts of a package; those of the content win."""

    def __init__(self, *roots: etree._Element | None) -> None:
        self._own: dict[tuple[str, str], etree._Element] = {}
        self._lists: dict[str, dict[int, Level]] = {}
        self._known: dict[tuple[str, str], Style] = {}
        self.outline: dict[int, Level] = {}
        for root in roots:
            if root is None:
                continue
            for found in root.iter(f"{STYLE}style"):
                self._own[str(found.get(f"{STYLE}family")), str(found.get(f"{STYLE}name"))] = found
            for found in root.iter(f"{TEXT}list-style"):
                self._lists[str(found.get(f"{STYLE}name"))] = dict(_levels(found))
            for found in root.iter(f"{TEXT}outline-style"):
                self.outline = dict(_levels(found))

    def of(self, family: str, name: str | None) -> Style:
        """Return what a style of a family ("paragraph", "text") makes of what has it."""
        if not name:
            return Style()
        if (family, name) not in self._known:
            self._known[family, name] = self._resolve(family, name)
        return self._known[family, name]

    def levels(self, name: str | None) -> dict[int, Level]:
        """Return the levels of a list style, from 1; empty when there is none of that name."""
        return self._lists.get(name or "", {})

    def own(self, family: str, name: str | None) -> etree._Element | None:
        """Return a style as it stands in the file."""
        return self._own.get((family, name or ""))

    def _resolve(self, family: str, name: str) -> Style:
        level, list_style = 0, ""
        is_title = is_quote = is_bold = is_hidden = False
        parent: str | None = name
        for _ in range(MAX_PARENTS):
            found = self._own.get((family, parent)) if parent else None
            if found is None or parent is None:
                break
            shown = str(found.get(f"{STYLE}display-name", parent))
            outline = str(found.get(f"{STYLE}default-outline-level", ""))
            level = level or (int(outline) if outline.isdigit() and len(outline) < 3 else 0)
            is_title = is_title or parent in _TITLES or shown in _TITLES
            is_quote = is_quote or parent in _QUOTES or shown in _QUOTES
            list_style = list_style or str(found.get(f"{STYLE}list-style-name", ""))
            letters = found.find(f"{STYLE}text-properties")
            if letters is not None:
                is_bold = is_bold or letters.get(f"{FO}font-weight") in {"bold", "700", "800", "900"}
                is_hidden = is_hidden or letters.get(f"{TEXT}display") == "none"
            parent = found.get(f"{STYLE}parent-style-name")
        return Style(min(level, 6), is_title, is_quote, is_bold, is_hidden, list_style)


class Counts:
    """Counts the items of one list, or the headings of a document, level by level."""

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}

    def marker(self, levels: dict[int, Level], depth: int, *, start: int | None = None) -> str:
        """Return what stands before the next item at `depth` (from 1), and count it."""
        level = levels.get(depth)
        if level is None or depth > MAX_LEVELS:
            return ""
        first = level.start if start is None else start
        self._counts[depth] = first if start is not None else self._counts.get(depth, first - 1) + 1
        for deeper in [other for other in self._counts if other > depth]:
            del self._counts[deeper]
        if level.is_bullet:
            return "•"
        if not level.form:
            return ""
        if level.shape:
            shown = level.shape
            for other in range(1, depth + 1):
                shown = shown.replace(f"%{other}%", self._shown(levels, other))
            return shown.strip()
        above = range(max(1, depth - level.shown_levels + 1), depth + 1)
        number = ".".join(filter(None, (self._shown(levels, other) for other in above)))
        return f"{level.prefix}{number}{level.suffix}".strip()

    def _shown(self, levels: dict[int, Level], depth: int) -> str:
        level = levels.get(depth)
        if level is None or not level.form:
            return ""
        return written(self._counts.get(depth, level.start), _FORMS.get(level.form, "decimal"))


def _levels(style: etree._Element) -> Iterator[tuple[int, Level]]:
    for found in style:
        depth = _number(found.get(f"{TEXT}level"), 0)
        if not 1 <= depth <= MAX_LEVELS:
            continue
        form = str(found.get(f"{STYLE}num-format", ""))
        if found.tag in {f"{TEXT}list-level-style-bullet", f"{TEXT}list-level-style-image"}:
            yield depth, Level("", is_bullet=True)
        elif found.tag in {f"{TEXT}list-level-style-number", f"{TEXT}outline-level-style"}:
            yield (
                depth,
                Level(
                    form,
                    prefix=str(found.get(f"{STYLE}num-prefix", ""))[:20],
                    suffix=str(found.get(f"{STYLE}num-suffix", ""))[:20],
                    start=_number(found.get(f"{TEXT}start-value"), 1),
                    shown_levels=_number(found.get(f"{TEXT}display-levels"), 1),
                    shape=str(found.get(f"{LOEXT}num-list-format", ""))[:60],
                ),
            )


def _number(text: object, default: int) -> int:
    return int(text) if isinstance(text, str) and text.isdigit() and len(text) < 6 else default
