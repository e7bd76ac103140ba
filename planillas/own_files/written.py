"""What goes into an own file's cells, and what is told of where it came from. Formats are the writers' business."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from documents import reading
from documents.places import Place, Slide
from planillas import values
from planillas.cells import Cell, Cells, Evidence, Status, Value
from planillas.columns import Column, Kind
from planillas.exports.sheet import Sheet
from planillas.own_files import marks

NAME = "Fuentes"
MAX_QUOTE = 500
MAX_VALUE = 2_000  # of what is repeated beside its source
MAX_PLACES = 20_000  # remembered at once

# Neither XML nor people know what these are.
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Told:
    """A line of the sheet of sources: what one piece of evidence says of one cell."""

    row: int  # of the planilla, from 1
    column: Column
    value: str
    state: str
    document: str
    place: str
    quote: str
    url: str
    read_at: str


@dataclass(frozen=True, slots=True)
class Marked:
    """What the marks of a file are filled with, by their name as it stands there."""

    values: Mapping[str, tuple[Value | None, Column]]

    def text(self, name: str) -> str:
        """Return a mark's value as people read it; one that nobody knows stays as it is."""
        if name not in self.values:
            return "{{" + name + "}}"
        return shown(*self.values[name])


def marked(layout: Mapping[str, Any], sheet: Sheet) -> Marked:
    """Return what the marks of a layout are filled with: facts, or a column's value of the first row that has one."""
    facts = marks.facts(sheet)
    columns = {each.key: each for each in sheet.columns}
    asked = [each["column"] for each in layout["marks"] if each.get("column") in columns]
    first = _first_values(sheet, set(asked))
    values: dict[str, tuple[Value | None, Column]] = {}
    for each in layout["marks"]:
        if fact := each.get("fact"):
            values[each["name"]] = _fact(fact, facts, sheet)
        elif each.get("column") in columns:
            values[each["name"]] = (first.get(each["column"]), columns[each["column"]])
        else:
            values[each["name"]] = (None, Column(each["name"], each["name"]))
    return Marked(values)


def plain(text: str) -> str:
    """Return a text as XML can hold it."""
    return _UNWRITABLE.sub("", text)


def shown(value: Value | None, column: Column) -> str:
    """Return a value as people read it."""
    return "" if value is None else plain(values.show(value, column))


def day(value: Value) -> date | None:
    """Return a DATE's value as a day."""
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None


def minutes(value: Value) -> int | None:
    """Return a TIME's value as minutes of the day."""
    found = re.fullmatch(r"(\d{1,2}):(\d{2})", str(value))
    return int(found[1]) * 60 + int(found[2]) if found else None


def is_amount(value: Value, column: Column) -> bool:
    """Say whether a value is written as a number."""
    return (
        column.kind in (Kind.NUMBER, Kind.INTEGER, Kind.MONEY)
        and isinstance(value, int | float)
        and not isinstance(value, bool)
        and abs(value) < 1e15
    )


class Teller:
    """Says where cells came from. What many cells share is put into words once."""

    def __init__(self, sheet: Sheet) -> None:
        self._sheet = sheet
        self._states = {each: str(each.label) for each in Status}
        self._places: dict[tuple[UUID, Place, str], tuple[str, str, str, str]] = {}

    def told(self, number: int, cells: Cells) -> Iterator[Told]:
        """Yield where the cells of a row came from; `number`: of the row, from 1."""
        for column in self._sheet.columns:
            cell = cells.get(column.key)
            if cell is None:
                continue
            value = None
            for evidence in _evidence(cell):
                if value is None:
                    value = shown(cell.value, column)[:MAX_VALUE]
                document, place, url, read_at = self._place(evidence)
                yield Told(
                    row=number,
                    column=column,
                    value=value,
                    state=self._states[cell.status],
                    document=document,
                    place=place,
                    quote=plain(evidence.quote)[:MAX_QUOTE],
                    url=url,
                    read_at=read_at,
                )

    def _place(self, evidence: Evidence) -> tuple[str, str, str, str]:
        """Return a place's document, its words, its address and the day it was read."""
        key = (
            evidence.document_id,
            evidence.place,
            evidence.quote if isinstance(evidence.place, Slide) else "",
        )
        if key not in self._places:
            if len(self._places) > MAX_PLACES:
                self._places.clear()
            told = self._sheet.sources.get(evidence.document_id)
            read = told.read_at if told is not None else None
            self._places[key] = (
                plain(told.title) if told is not None else _("(fuente quitada)"),
                reading.say(evidence.place),
                self._sheet.open_at(evidence),
                f"{read.day}/{read.month}/{read.year}" if read is not None else "",
            )
        return self._places[key]


def _fact(name: str, facts: Mapping[str, str], sheet: Sheet) -> tuple[Value | None, Column]:
    if name == "fecha":
        return sheet.made_at.date().isoformat(), Column(name, name, Kind.DATE)
    if name == "fecha_de_aprobacion" and sheet.approved_at is not None:
        return sheet.approved_at.date().isoformat(), Column(name, name, Kind.DATE)
    if name in ("anio", "filas"):
        return int(facts[name]), Column(name, name, Kind.INTEGER)
    return facts[name] or None, Column(name, name)


def _first_values(sheet: Sheet, asked: set[str]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    if not asked:
        return found
    for cells in sheet.rows():
        for key in asked - found.keys():
            if key in cells and (value := cells[key].value) is not None:
                found[key] = value
        if len(found) == len(asked):
            break
    return found


def _evidence(cell: Cell) -> tuple[Evidence, ...]:
    if cell.sources:
        return cell.sources
    return tuple(each for said in cell.candidates for each in said.sources)
