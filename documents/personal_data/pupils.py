"""Pupils told one by one: by name, by initials, by a document, by a birth not long ago."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from documents.personal_data import names
from documents.personal_data.kinds import IDENTIFIERS, Finding, Kind, hide, hide_words, lower
from engines.sentences import set_of
from engines.spanish import fold

ADULT_YEARS = 18
MOST_YEARS = 100

_PUPIL = re.compile(r"\b(?:alumn[oa]|estudiante|menor|niñ[oa]|(?:mi|nuestr[oa]) hij[oa]|pupil[oa]|nen[ea])\b")
_CAPITAL = r"[A-ZÁÉÍÓÚÑ][A-Za-zÁÉÍÓÚÑáéíóúñü]{1,20}"
_NAMED = re.compile(
    r"[:,]? {1,2}(?:[A-ZÁÉÍÓÚÑ]\. ?[A-ZÁÉÍÓÚÑ]\."
    rf"|{_CAPITAL},? (?:(?:de|del|la|las|los) ){{0,2}}{_CAPITAL}|{_CAPITAL})"
)
_WORD = re.compile(_CAPITAL)
_BORN = re.compile(
    r"\b(?:f(?:echa|ec|\.)? ?(?:de )?nac(?:imiento\b|\.)|nacid[oa]s?\b|naci[oó]\b|nac\.)[^\d\n]{0,16}"
)
_DATE = re.compile(
    r"(?P<day>\d{1,2})(?:[/.\-](?P<month>\d{1,2})[/.\-]| de [a-z]{4,10} (?:de |del )?)(?P<year>\d{4}|\d{2})(?!\d)"
    r"|(?P<iso>\d{4})-\d{2}-\d{2}(?!\d)",
)
# "el alumno Regular", "Estudiante Universitario": a kind of pupil, not a name.
_NO_NAME = set_of("""
    regular libre condicional oyente universitario universitaria avanzado avanzada no si el la en que con
    secundario primaria nivel escuela docente ciclo ano curso dni apellido nombre nombres apellidos firma general
    jesus
""")


def are_meant(low: str) -> bool:
    """Say whether a text in lower case has any of the words that pupils are called by: quick, before a closer look."""
    # One after the other: this is asked of every paragraph.
    return (
        "alumn" in low
        or "estudiante" in low
        or "hij" in low
        or "niñ" in low
        or "menor" in low
        or "nen" in low
        or "pupil" in low
    )


def named(text: str, first: int, last: int) -> names.Name | None:
    """Return the first pupil that is told by name or by initials between two characters."""
    for match in _PUPIL.finditer(lower(text[first:last])):
        if (found := _named_after(text, first + match.start(), first + match.end())) is not None:
            return found
    return None


def find(text: str, numbers: Sequence[Finding], *, on: date, most: int) -> list[Finding]:
    """Return pupils by name or by document, and births; so many looked at of each. `numbers`: what is found of them."""
    low = lower(text)
    found = [*_by_name(text, low, most), *_by_number(low, numbers)] if are_meant(low) else []
    if "nac" not in low:
        return found
    for number, match in enumerate(_BORN.finditer(low)):
        if number == most:
            break
        if (born := date_at(low, match.end())) is not None and (kind := of_birth(born[0], on=on)) is not None:
            _year, end = born
            found.append(Finding(kind, match.end(), end, hide(text[match.end() : end], first=0, last=2)))
    return found


def date_at(text: str, start: int) -> tuple[int, int] | None:
    """Return the year of the date that begins at a character, and where the date ends."""
    match = _DATE.match(text, start)
    if match is None:
        return None
    year = int(match["iso"] or match["year"])
    if year < 100:
        year += 2000 if year < 40 else 1900
    return year, match.end()


def of_birth(year: int, *, on: date) -> Kind | None:
    """Return what a year of birth tells: of a minor, of an adult, or nothing of anybody alive."""
    age = on.year - year
    if 0 <= age <= ADULT_YEARS:
        return Kind.PUPIL_BIRTH
    return Kind.BIRTH if ADULT_YEARS < age <= MOST_YEARS else None


def _by_name(text: str, low: str, most: int) -> Iterator[Finding]:
    for number, match in enumerate(_PUPIL.finditer(low)):
        if number == most:
            return
        if (name := _named_after(text, *match.span())) is not None:
            shown = f"{match[0]} {hide_words(text[name.start : name.end])}"
            yield Finding(Kind.PUPIL, match.start(), name.end, shown)


def _named_after(text: str, start: int, end: int) -> names.Name | None:
    match = _NAMED.match(text, end)
    if match is None:
        return None
    words = [fold(word) for word in _WORD.findall(match[0])]
    if any(word in _NO_NAME for word in words) or (len(words) == 1 and not names.is_given(words[0])):
        return None
    # All in capitals it is a title: "EL ALUMNO DEBE".
    if text[start:end].isupper() and match[0].isupper():
        return None
    begin = match.start() + len(match[0]) - len(match[0].lstrip(" :,"))
    return names.Name(begin, match.end())


def _by_number(low: str, numbers: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the documents that a pupil's word stands before, on the same line."""
    for each in numbers:
        if each.kind not in IDENTIFIERS:
            continue
        first, _last = names.line_around(low, each.start, each.end)
        before = low[max(first, each.start - 90) : each.start]
        if _PUPIL.search(before):
            yield Finding(Kind.PUPIL, each.start, each.end, each.masked)
