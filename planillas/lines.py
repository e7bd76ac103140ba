"""Lists whose lines have one shape, "1. Pérez, Ana – DNI 45.123.456 – 5º A": a record per line, no labels needed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from documents.blocks import Kind
from planillas import labels
from planillas.around import COURSE, COURSE_PLAIN, Around
from planillas.asked import Asked
from planillas.columns import Column
from planillas.columns import Kind as ColumnKind
from planillas.headers import KNOWN
from planillas.labelled import Forms
from planillas.meanings import FULL_NAME, GIVEN_NAME, SURNAME, people
from planillas.names import split
from planillas.quoting import quote
from planillas.records import Numbered, Record, Said
from planillas.written import plain

CERTAINTY = 0.92
MOST_CHARS = 240
FEWEST, FEWEST_NAMES = 2, 3  # lines of one shape; of names alone

_MARKER = re.compile(r"\s*(?:\d{1,3}\s?(?:[.)°º]-?|-)|[-–—•·*▪]|[a-z]\))\s*")
_PART = re.compile(r"\s+[–—-]+\s+|\s*[;|\t•·]\s*|\s*\(|\)\s*|\s*/\s+")
_COMMA = re.compile(r",\s+")


@dataclass(frozen=True, slots=True)
class _Line:
    numbered: Numbered
    said: dict[str, Said]


class Lines:
    """Collects lines until enough of one shape make a list of them; a line that is alone goes to the forms."""

    def __init__(self, asked: Asked, around: Around, forms: Forms) -> None:
        self._asked, self._around, self._forms = asked, around, forms
        self._waiting: list[_Line] = []
        self._is_list = False
        self._read: _Line | None = None
        self._last: _Line | None = None  # of the list that is going on

    def takes(self, numbered: Numbered) -> bool:
        """Say whether a block is a line of a list; it is then to be read."""
        self._read = None
        text = numbered.block.text
        is_line = numbered.block.kind in (Kind.LIST_ITEM, Kind.PARAGRAPH) and len(text) <= MOST_CHARS
        if not is_line or not self._asked.ways.is_person or self._around.is_of_others():
            return False
        said = self._fields(numbered)
        before = self._waiting[-1] if self._waiting else self._last
        if not said or (before is not None and len(before.said.keys() & said.keys()) * 2 < len(said)):
            return False
        self._read = _Line(numbered, said)
        return True

    def read(self) -> Iterator[Record]:
        """Yield the records that the line that was taken makes sure."""
        line = self._read
        assert line is not None
        self._waiting.append(line)
        fewest = FEWEST if len(line.said) > 1 else FEWEST_NAMES
        if not self._is_list and len(self._waiting) < fewest:
            return
        if not self._is_list:
            yield from self._forms.end()
        self._is_list = True
        around = self._around.said()
        for each in self._waiting:
            whole = {key: said for key, said in around.items() if key not in each.said}
            record = self._asked.record({**whole, **each.said})
            if record is not None:
                yield record
        self._last, self._waiting = line, []

    def end(self) -> Iterator[Record]:
        """Yield what ends with the list; lines that were too few are read as any text is."""
        waiting, self._waiting = self._waiting, []
        self._is_list, self._last = False, None
        for each in waiting:
            yield from self._forms.read(each.numbered)

    def _fields(self, numbered: Numbered) -> dict[str, Said]:
        """Return what a line says: a name first, then what can be nothing but a value of one column."""
        text = numbered.block.text
        asked = self._asked
        marker = _MARKER.match(text)
        start = marker.end() if marker else 0
        end = labels.name_end(text, start)
        if end is None:
            return {}
        name = text[start:end]
        rest = text[end:]
        parts = _PART.match(rest) or _COMMA.match(rest)
        if " " not in name or (rest.strip(" .") and parts is None):
            return {}
        said = self._named(numbered, start, end)
        if not said:
            return {}
        count = len(said)
        splitter = _PART if parts is not None and parts.re is _PART else re.compile(rf"{_PART.pattern}|,\s+")
        at = end
        while at < len(text):
            cut = splitter.search(text, at)
            until = cut.start() if cut else len(text)
            self._field(numbered, at, until, said)
            at = cut.end() if cut else len(text)
        if len(said) > count:
            return said
        is_list = not rest.strip(" .") and "," in name and asked.matcher.whose in people(self._around.title)
        return said if is_list else {}

    def _named(self, numbered: Numbered, start: int, end: int) -> dict[str, Said]:
        asked, text = self._asked, numbered.block.text
        full, surname, given = (asked.matcher.of(name) for name in (FULL_NAME, SURNAME, GIVEN_NAME))
        if full is not None:
            said = self._say(numbered, start, end, full)
            return {full.key: said} if said is not None else {}
        parts = split(text[start:end])
        if surname is None or given is None or parts is None:
            return {}
        found: dict[str, Said] = {}
        for column, (first, last) in ((surname, parts.surname), (given, parts.given)):
            said = self._say(numbered, start + first, start + last, column)
            if said is None:
                return {}
            found[column.key] = said
        return found

    def _say(self, numbered: Numbered, start: int, end: int, column: Column) -> Said | None:
        evidence = quote(self._asked.document_id, numbered, start, end)
        said = self._asked.say(numbered.block.text[start:end], column, evidence, CERTAINTY)
        return said if said is not None and said.value is not None else None

    def _field(self, numbered: Numbered, start: int, end: int, said: dict[str, Said]) -> None:
        text = numbered.block.text
        while start < end and text[start] in " .,":
            start += 1
        while start < end and text[end - 1] in " .,":
            end -= 1
        found = self._labelled(text, start, end) or self._bare(text[start:end], start, end)
        if found is not None and found[0].key not in said:
            told = self._say(numbered, found[1], found[2], found[0])
            if told is not None:
                said[found[0].key] = told

    def _labelled(self, text: str, start: int, end: int) -> tuple[Column, int, int] | None:
        words = [(each.start(), each.end()) for each in re.finditer(r"\S+", text[start:end])]
        for count in range(min(5, len(words) - 1), 0, -1):
            phrase = text[start : start + words[count - 1][1]]
            match = self._asked.matcher.match(phrase.rstrip(":."))
            if match is not None and match.certainty >= KNOWN - 0.03:
                return match.column, start + words[count][0], end
        return None

    def _bare(self, field: str, start: int, end: int) -> tuple[Column, int, int] | None:
        """Return the one column of which a field without a label can be a value."""
        asked = self._asked
        documents = asked.ways.documents
        if len(documents) == 1 and sum(map(str.isdigit, field)) >= 6 and asked.fits(field, documents[0]):
            return documents[0], start, end
        course = asked.matcher.of("course")
        is_course = COURSE.fullmatch(field) or COURSE_PLAIN.fullmatch(field)
        if course is not None and is_course and asked.fits(field, course):
            return course, start, end
        emails = [column for column in asked.columns if column.kind is ColumnKind.EMAIL]
        if (
            "@" in field
            and len(emails) == 1
            and asked.matcher.is_own(emails[0])
            and asked.fits(field, emails[0])
        ):
            return emails[0], start, end
        choosing = [
            column
            for column in asked.columns
            if column.kind is ColumnKind.CHOICE
            and any(plain.key(each) == plain.key(field) for each in column.choices)
        ]
        return (choosing[0], start, end) if len(choosing) == 1 and len(field) > 2 else None
