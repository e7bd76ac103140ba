"""Tables of people: what their columns hold, by the words of their header, and the rows that tell of somebody."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from documents.personal_data import names, pupils
from documents.personal_data.kinds import Finding, Kind, hide, hide_words
from engines.spanish import fold

SEPARATOR = " | "  # between the cells of a row, as documents.blocks joins them


class Column(StrEnum):
    """What a column holds."""

    PUPIL = "pupil"
    NAME = "name"  # of somebody
    TITLE = "title"  # "nombre" alone: of somebody or of something
    GUARDIAN = "guardian"
    DOCUMENT = "document"
    BIRTH = "birth"
    AGE = "age"
    FILE = "file"
    CONTACT = "contact"
    HEALTH = "health"
    SCHOOLING = "schooling"  # section, marks, absences


# The first that fits a header's cell says what the column holds.
_HEADERS: tuple[tuple[Column, re.Pattern[str]], ...] = (
    (Column.GUARDIAN, re.compile(r"\b(?:adulto|tutor|tutora|responsable|padre|madre|apoderad|acudiente)")),
    (Column.BIRTH, re.compile(r"nacimiento|\bnac\b")),
    (Column.DOCUMENT, re.compile(r"\b(?:dni|documento|cui[lt]|rut|run|curp|cedula|nif|nie|c i|identidad)\b")),
    (Column.PUPIL, re.compile(r"\b(?:alumn[oa]s?|estudiantes?|niñ[oa]s?|nin[oa]s?|menor(?:es)?)\b")),
    (Column.AGE, re.compile(r"\bedad\b")),
    (Column.FILE, re.compile(r"\blegajo\b|\bmatricula\b")),
    (Column.CONTACT, re.compile(r"\b(?:telefono|tel|celular|mail|e mail|correo|domicilio|direccion)\b")),
    (Column.HEALTH, re.compile(r"\b(?:diagnostico|alergias?|medicacion|salud|discapacidad|obra social)\b")),
    (
        Column.SCHOOLING,
        re.compile(
            r"\b(?:curso|grado|seccion|division|nota|notas|calificacion|promedio|inasistencias|faltas)\b"
        ),
    ),
    (Column.NAME, re.compile(r"\bapellidos?\b|nombre completo|nombre y apellido")),
    (Column.TITLE, re.compile(r"\bnombres?\b")),
)
_ABOUT_SOMEBODY = frozenset(
    {Column.DOCUMENT, Column.BIRTH, Column.AGE, Column.FILE, Column.CONTACT, Column.HEALTH}
)
_ABOUT_A_PUPIL = _ABOUT_SOMEBODY | {Column.GUARDIAN, Column.SCHOOLING}
_HEADER_WORDS = re.compile(r"\b(?:apellidos?|nombres?|alumn[oa]s?|estudiantes?|total)\b")
_MOST_HEADER_CHARS = 60


@dataclass(frozen=True, slots=True)
class Columns:
    """What each column of a table holds, by its number from 0."""

    of: Mapping[int, Column]
    name_at: int
    is_of_pupils: bool


def columns(header: Sequence[str]) -> Columns | None:
    """Return what a table's columns hold; None for one that tells of nobody."""
    of: dict[int, Column] = {}
    for number, cell in enumerate(header):
        words = " ".join(re.findall(r"\w+", fold(cell[:_MOST_HEADER_CHARS])))
        found = next((column for column, form in _HEADERS if form.search(words)), None)
        if found is not None:
            of[number] = found
    held = set(of.values())
    name_at = next(
        (
            at
            for kind in (Column.PUPIL, Column.NAME, Column.TITLE)
            for at, held_ in of.items()
            if held_ is kind
        ),
        None,
    )
    if name_at is None or not held & _ABOUT_A_PUPIL:
        return None
    is_of_pupils = Column.PUPIL in held or Column.GUARDIAN in held
    if not is_of_pupils and not held & _ABOUT_SOMEBODY:
        return None
    return Columns(of, name_at, is_of_pupils)


def find(text: str, columns: Columns, *, on: date) -> Iterator[Finding]:
    """Yield one finding for each row that tells of somebody, and the documents that only the header says to be one."""
    start = 0
    for line in text.split("\n"):
        cells = line.split(SEPARATOR)
        if len(cells) > columns.name_at:
            yield from _in_row(cells, columns, start, on=on)
        start += len(line) + 1


def _in_row(cells: Sequence[str], columns: Columns, start: int, *, on: date) -> Iterator[Finding]:
    starts, at = [], start
    for cell in cells:
        starts.append(at)
        at += len(cell) + len(SEPARATOR)
    name = cells[columns.name_at].strip()
    if not _is_name(name, columns):
        return
    is_minor = columns.is_of_pupils
    tells = False
    for number, column in columns.of.items():
        value = cells[number].strip() if number < len(cells) else ""
        if number == columns.name_at or not value:
            continue
        tells = tells or column in (_ABOUT_A_PUPIL if columns.is_of_pupils else _ABOUT_SOMEBODY)
        if column is Column.DOCUMENT and re.fullmatch(r"\d{7,8}", value):
            first = starts[number] + cells[number].index(value)
            yield Finding(Kind.DNI, first, first + len(value), hide(value))
        is_minor = is_minor or _is_of_minor(column, value, on=on)
    if tells:
        kind = Kind.PUPIL_ROW if is_minor else Kind.PERSON_ROW
        first = starts[columns.name_at] + cells[columns.name_at].index(name)
        yield Finding(kind, first, first + len(name), hide_words(name))


def _is_of_minor(column: Column, value: str, *, on: date) -> bool:
    if column is Column.AGE:
        match = re.match(r"\d{1,2}(?!\d)", value)
        return match is not None and int(match[0]) < pupils.ADULT_YEARS
    if column is Column.BIRTH:
        born = pupils.date_at(value, 0)
        return born is not None and pupils.of_birth(born[0], on=on) is Kind.PUPIL_BIRTH
    return False


def _is_name(value: str, columns: Columns) -> bool:
    """Say whether a cell tells who: under "nombre" alone only a name that is known to be a person's."""
    if (
        not 3 <= len(value) <= 80
        or any(char.isdigit() for char in value)
        or _HEADER_WORDS.search(fold(value))
    ):
        return False
    if columns.of[columns.name_at] is Column.TITLE:
        return names.find(value, 0, len(value)) is not None
    return value[0].isupper() and (" " in value or "." in value or columns.is_of_pupils)
