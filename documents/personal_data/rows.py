"""Lines of lists in running text: each with somebody's name and a document or a birth."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from documents.personal_data import names, pupils
from documents.personal_data.kinds import IDENTIFIERS, Finding, Kind, hide_words

_DATE = re.compile(r"\d{1,4}[/-]\d{1,2}[/-]\d{2,4}")
_AGE = re.compile(r"(?<!\d)(\d{1,2}) años\b")
_LINE_MOST_CHARS = 200  # longer is prose, not a row
_LINES_MOST = 20_000


def find(text: str, numbers: Sequence[Finding], *, on: date) -> Iterator[Finding]:
    """Yield one finding for each line that tells a name with a document, a birth or an age."""
    documents = [each.start for each in numbers if each.kind in IDENTIFIERS]
    start = at = 0
    for count, line in enumerate(text.split("\n")):
        if count == _LINES_MOST:
            return
        end = start + len(line)
        while at < len(documents) and documents[at] < start:
            at += 1
        has_document = at < len(documents) and documents[at] < end
        if 8 <= len(line) <= _LINE_MOST_CHARS:
            born = _born(line, on=on)
            if (has_document or born is Kind.PUPIL_BIRTH) and (name := names.find(text, start, end)):
                kind = Kind.PUPIL_ROW if born is Kind.PUPIL_BIRTH else Kind.PERSON_ROW
                yield Finding(kind, name.start, name.end, hide_words(text[name.start : name.end]))
        start = end + 1


def _born(line: str, *, on: date) -> Kind | None:
    """Return what the dates and ages of a line tell of a birth."""
    for match in _DATE.finditer(line):
        dated = pupils.date_at(line, match.start())
        # A child of this year or the last is no pupil: such a date is of something else.
        if dated and 2 <= on.year - dated[0] <= pupils.ADULT_YEARS:
            return Kind.PUPIL_BIRTH
    for match in _AGE.finditer(line):
        if 2 <= int(match[1]) < pupils.ADULT_YEARS:
            return Kind.PUPIL_BIRTH
    return None
