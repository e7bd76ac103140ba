"""What is said of all that stands below: by headings, by lines over a table, by titles inside one."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from engines.spanish import fold
from planillas import meanings, values
from planillas.asked import Asked
from planillas.cells import Evidence
from planillas.columns import Column, Kind
from planillas.records import Said

CERTAINTY = 0.9
LOWEST = 9

Slice = Callable[[int, int], Evidence]
"""Returns the evidence of a part of a text, by its characters."""

_LABELLED = re.compile(
    r"[^-–—|;,.·]*:.*"
)  # "Docente: Laura Ponce" beside a title does not make it one of teachers
_STAFF = re.compile(r"\W*personal\b", re.IGNORECASE)
_NO_COURSE = r"(?!\s?(?i:trim|bim|cuat|per[ií]odo|etapa|art|de\b|y\b))"
_ORDINAL = r"(?<![\w/.,-])\d{1,2}\s?(?:\.?[º°ª]|(?i:er|ero|ra|do|da|to|ta|mo|ma|vo|va|no|na)\b)\.?"
_DIVISION = r"\s?[\"“”'«]?[A-H][\"“”'»]?(?![\w.])"
COURSE = re.compile(rf"{_ORDINAL}(?:\s(?i:año|grado)(?:{_DIVISION})?|{_DIVISION}){_NO_COURSE}")
_COURSE_BARE = re.compile(_ORDINAL + _NO_COURSE)
COURSE_PLAIN = re.compile(r"(?<![\w/.,-])\d{1,2}\s?[\"“'«]?[A-H][\"”'»]?(?![\w.])")
_SHIFT = re.compile(
    r"\bturno:?\s(mañana|tarde|noche|vespertino|matutino|nocturno|intermedio)\b", re.IGNORECASE
)
_YEAR = re.compile(
    r"\b(?:ciclo|a[ñn]o|per[ií]odo|curso)\s(?:lectivo|escolar|acad[eé]mico):?\s(\d{4})\b", re.IGNORECASE
)
_PART = re.compile(r"[^\s–—|·,:;()-](?:[^–—|·,:;()-]*[^\s–—|·,:;()-])?")
_TERM = re.compile(
    r"(?<!\w)(?:\d\s?(?:\.?[º°ª]|er|do|to)?|primer|segundo|tercer|cuarto|i{1,3}|iv)\s?(?:trimestre|bimestre|cuatrimestre)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Held:
    level: int
    said: Said


class Around:
    """The facts that hold where the reading stands, each until the part of the document that it heads is over."""

    def __init__(self, asked: Asked) -> None:
        self._asked = asked
        self._held: dict[str, _Held] = {}
        self._level = 0
        self.title = ""  # of the part where the reading stands

    def open(self, level: int, text: str) -> None:
        """Begin a part of the document below a heading."""
        self._held = {key: each for key, each in self._held.items() if each.level < level}
        self._level, self.title = level, text

    def note(self, column: Column, said: Said) -> None:
        """Remember a fact until the part is over, or something else is said."""
        self._held[column.key] = _Held(self._level, said)

    def said(self) -> dict[str, Said]:
        """Return the facts that hold here, by their columns."""
        return {key: each.said for key, each in self._held.items()}

    def is_of_others(self) -> bool:
        """Say whether the part is about other people than the rows are, as "Personal docente" is."""
        whose = self._asked.matcher.whose
        if whose and _STAFF.match(self.title):
            return whose not in meanings.people(self.title)
        people = meanings.people(_LABELLED.sub("", self.title))
        return bool(whose and people and whose not in people)


def group_facts(asked: Asked, text: str, cut: Slice) -> list[tuple[Column, Said]]:
    """Return what a title says without a label of all below it: a course, a shift, a year, a part of it."""
    found: list[tuple[Column, Said]] = []
    for column in asked.columns:
        if not asked.matcher.is_of_group(column):
            continue
        span = _span(asked, text, column)
        if span is None:
            continue
        start, end = span
        said = asked.say(text[start:end], column, cut(start, end), CERTAINTY)
        if said is not None and said.value is not None:
            found.append((column, said))
    return found


def _span(asked: Asked, text: str, column: Column) -> tuple[int, int] | None:
    if column.kind is Kind.CHOICE:
        spotted = values.spot(text, column)
        is_one = len({repr(value) for _s, _e, value in spotted}) == 1
        return spotted[0][:2] if spotted and is_one else None
    match asked.matcher.about(column):
        case "course":
            if COURSE.search(text):
                return _only(COURSE, text)
            return (_only(COURSE_PLAIN, text) or _only(_COURSE_BARE, text)) if _names_course(text) else None
        case "shift":
            return _only(_SHIFT, text)
        case "school_year":
            return _only(_YEAR, text)
        case "term":
            return _only(_TERM, text)
        case "subject":
            parts = [found.span() for found in _PART.finditer(text)]
            named = [(start, end) for start, end in parts if meanings.is_subject(text[start:end])]
            return named[0] if len(named) == 1 else None
    return None


def _names_course(text: str) -> bool:
    words = set(re.findall(r"\w+", fold(text)))
    return len(words) <= 2 or bool(
        words & {"curso", "grado", "ano", "division", "seccion", "alumnos", "nomina"}
    )


def _only(pattern: re.Pattern[str], text: str) -> tuple[int, int] | None:
    """Return where the one thing of a kind stands in a text; None where there are several."""
    found = list(pattern.finditer(text))
    if len({each[0] for each in found}) != 1:
        return None
    group = 1 if pattern.groups else 0
    start, end = found[0].span(group)
    kept = text[start:end].rstrip()
    return start, start + len(kept)
