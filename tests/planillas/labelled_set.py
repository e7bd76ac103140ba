"""The labelled set: sources with the planilla that a person would fill from them, and how near ours comes."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

import yaml

from documents import parsers
from documents.blocks import Kind as BlockKind
from documents.blocks import ParsedBlock
from documents.parsers import FORMATS
from documents.places import Time
from planillas import columns, ready_made, rules, values
from planillas.cells import Cells, Status, Value
from planillas.columns import Column, Kind
from planillas.joining import Joiner
from planillas.records import Numbered, Reading
from planillas.written import plain

FOLDER = Path(__file__).parent / "bundles"
SOUNDS = Path(__file__).parents[1] / "transcription" / "sounds"
_KINDS = {ending: each.kind for each in FORMATS for ending in each.extensions}
_IDS = UUID("5d1f3c52-0a11-4f7e-9a43-0c5b3f3f7a10")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a cell should hold: one of `values`; both of `conflict`; or nothing, as what stands there `is_invalid`."""

    values: tuple[Value, ...] = ()
    conflict: tuple[Value, ...] = ()
    is_invalid: bool = False


Row = Mapping[str, Wanted]


@dataclass(frozen=True, slots=True)
class Source:
    """A source's blocks as they are parsed."""

    id: UUID
    title: str
    format: str
    blocks: tuple[ParsedBlock, ...]


@dataclass(frozen=True, slots=True)
class Bundle:
    """Sources and what should come out. `may_be`: rows that are neither right nor wrong."""

    name: str
    row_is: str
    columns: tuple[Column, ...]
    sources: tuple[Source, ...]
    rows: tuple[Row, ...]
    may_be: tuple[Row, ...]


@dataclass(slots=True)
class Score:
    """Counts, which add up over bundles."""

    filled: int = 0  # cells found
    right: int = 0
    wanted: int = 0  # cells that have a value, or two
    reached: int = 0  # of those, how many hold it
    rows: int = 0
    right_rows: int = 0
    wanted_rows: int = 0
    wrong: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def add(self, other: "Score") -> None:
        """Take another's counts in."""
        for name in ("filled", "right", "wanted", "reached", "rows", "right_rows", "wanted_rows"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.wrong += other.wrong
        self.missing += other.missing

    def shares(self) -> dict[str, float | int | None]:
        """Return precision and recall of cells and rows; None where there is nothing to share out."""
        return {
            "cell precision": _share(self.right, self.filled),
            "cell recall": _share(self.reached, self.wanted),
            "row precision": _share(self.right_rows, self.rows),
            "row recall": _share(self.right_rows, self.wanted_rows),
            "cells filled": self.filled,
            "cells wanted": self.wanted,
        }


def names() -> list[str]:
    """Return the names of the bundles."""
    return sorted(path.parent.name for path in FOLDER.glob("*/expected.yaml"))


@cache
def load(name: str) -> Bundle:
    """Return a bundle, its sources parsed as documents are."""
    told = yaml.safe_load((FOLDER / name / "expected.yaml").read_text("utf-8"))
    shape = _columns(told["columns"])
    return Bundle(
        name=name,
        row_is=told["row_is"],
        columns=shape,
        sources=tuple(_source(name, file) for file in told["sources"]),
        rows=tuple(_rows(told["rows"], shape)),
        may_be=tuple(_rows(told.get("may_be", ""), shape)),
    )


@cache
def fill(name: str) -> list[Cells]:
    """Return the rows that rules alone make of a bundle's sources."""
    bundle = load(name)
    joiner = Joiner(bundle.columns)
    for source in bundle.sources:
        numbered = (Numbered(at, block) for at, block in enumerate(source.blocks))
        reading = Reading(source.id, source.title, source.format, numbered)
        for record in rules.records(
            reading, bundle.columns, row_is=bundle.row_is, tell=lambda _code, _words: None
        ):
            joiner.add(record)
    return [cells for _keys, cells in joiner.rows()]


def score(bundle: Bundle, rows: Sequence[Cells]) -> Score:
    """Return how near rows come to those wanted; each is compared with the wanted one that it is most like."""
    made = Score(wanted_rows=len(bundle.rows), wanted=sum(len(_told(row)) for row in bundle.rows))
    pairs, left = _pairs(bundle, rows)
    made.rows, made.right_rows = len(rows) - len(_tolerated(bundle, rows, left)), 0
    for wanted, cells in pairs:
        made.right_rows += _is_same_row(wanted, cells, bundle.columns)
        for column in bundle.columns:
            _compare(made, bundle.name, column, wanted.get(column.key, Wanted()), cells)
    tolerated = _tolerated(bundle, rows, left)
    for at in left:
        if at not in tolerated:
            for column in bundle.columns:
                _compare(made, bundle.name, column, Wanted(), rows[at])
    lost = {id(row) for row in bundle.rows} - {id(wanted) for wanted, _cells in pairs}
    made.missing += [f"{bundle.name}: {_name(row)}: la fila" for row in bundle.rows if id(row) in lost]
    return made


def quotes_that_do_not_stand(bundle: Bundle, rows: Sequence[Cells]) -> list[str]:
    """Return what cells cite that is not in the block they cite, and found cells that cite nothing."""
    texts = {source.id: [block.text for block in source.blocks] for source in bundle.sources}
    found = []
    for cells in rows:
        for key, cell in cells.items():
            cited = [*cell.sources, *(each for one in cell.candidates for each in one.sources)]
            if cell.status == Status.FOUND and not cell.sources:
                found.append(f"{key}: {cell.value!r} sin fuente")
            found += [
                f"{key}: {each.quote!r}"
                for each in cited
                if not each.quote or each.quote not in texts[each.document_id][each.block]
            ]
    return found


def _columns(told: str | list[dict[str, Any]]) -> tuple[Column, ...]:
    """Return columns as they are told, or those of a template that comes with the product, by its name."""
    if isinstance(told, str):
        return next(each.columns for each in ready_made.planillas() if each.name == told)
    return columns.from_json(told)


def _pairs(bundle: Bundle, rows: Sequence[Cells]) -> tuple[list[tuple[Row, Cells]], set[int]]:
    """Return wanted rows with the made one that is most like each, and the numbers of those left over."""
    likes = sorted(
        (
            (-_likeness(wanted, cells, bundle.columns), at, number)
            for at, wanted in enumerate(bundle.rows)
            for number, cells in enumerate(rows)
        ),
    )
    taken: dict[int, int] = {}
    left = set(range(len(rows)))
    for like, at, number in likes:
        if like < 0 and at not in taken and number in left:
            taken[at] = number
            left.discard(number)
    return [(bundle.rows[at], rows[number]) for at, number in taken.items()], left


def _tolerated(bundle: Bundle, rows: Sequence[Cells], left: set[int]) -> set[int]:
    return {at for at in left if any(_is_same_row(each, rows[at], bundle.columns) for each in bundle.may_be)}


def _likeness(wanted: Row, cells: Cells, shape: Sequence[Column]) -> int:
    equal = 0
    for column in shape:
        value = cells[column.key].value if column.key in cells else None
        if value is not None and any(
            _same(value, each, column) for each in _told(wanted).get(column.key, ())
        ):
            equal += 3 if column.is_key or column.kind == Kind.IDENTITY else 1
    return equal


def _is_same_row(wanted: Row, cells: Cells, shape: Sequence[Column]) -> bool:
    """Say whether a made row is about what the wanted one is about: the key columns that it wants are right."""
    keys = [column for column in shape if column.is_key and column.key in _told(wanted)]
    return all(
        column.key in cells
        and any(_same(cells[column.key].value, each, column) for each in _told(wanted)[column.key])
        for column in keys
    )


def _compare(made: Score, name: str, column: Column, wanted: Wanted, cells: Cells) -> None:
    cell = cells.get(column.key)
    value = cell.value if cell is not None and cell.status == Status.FOUND else None
    is_reached = value is not None and any(_same(value, each, column) for each in wanted.values)
    if value is not None:
        made.filled += 1
        made.right += is_reached
        if not is_reached:
            made.wrong.append(f"{name}: {column.key} = {value!r}, y no {_said(wanted)}")
    if wanted.conflict and cell is not None and cell.status == Status.CONFLICT:
        is_reached = len(cell.candidates) == len(wanted.conflict) and all(
            any(_same(one.value, each, column) for one in cell.candidates) for each in wanted.conflict
        )
    if wanted.values or wanted.conflict:
        made.reached += is_reached
        if not is_reached and value is None:
            made.missing.append(f"{name}: {column.key}: {_said(wanted)}")


def _same(value: Value | None, other: Value, column: Column) -> bool:
    if value is None:
        return False
    if column.kind == Kind.TEXT and column.is_key and isinstance(value, str) and isinstance(other, str):
        # "Peña, Renata" and "PENA RENATA" name the same pupil.
        return sorted(plain.tokens(value)) == sorted(plain.tokens(other))
    return values.same(value, other, column)


def _told(row: Row) -> dict[str, tuple[Value, ...]]:
    return {key: each.values or each.conflict for key, each in row.items() if each.values or each.conflict}


def _said(wanted: Wanted) -> str:
    return " o ".join(map(repr, wanted.values or wanted.conflict)) or (
        "inválida" if wanted.is_invalid else "vacía"
    )


def _name(row: Row) -> str:
    return str(next(iter(_told(row).values()), ("?",))[0])


def _rows(lines: str, shape: Sequence[Column]) -> Iterator[Row]:
    """Read "a | b" lines: "!" no value there is right, "x // y" two sources differ, "x ~ y" either will do."""
    by_key = {column.key: column for column in shape}
    header, *rest = [
        [cell.strip() for cell in line.split("|")] for line in lines.splitlines() if line.strip()
    ] or [[]]
    for line in rest:
        row = {}
        for key, cell in zip(header, line, strict=False):
            if cell == "!":
                row[key] = Wanted(is_invalid=True)
            elif " // " in cell:
                row[key] = Wanted(conflict=tuple(_value(one, by_key[key]) for one in cell.split(" // ")))
            elif cell:
                row[key] = Wanted(values=tuple(_value(one, by_key[key]) for one in cell.split(" ~ ")))
        yield row


def _value(text: str, column: Column) -> Value:
    match column.kind:
        case Kind.NUMBER | Kind.MONEY | Kind.INTEGER:
            return float(text) if "." in text else int(text)
        case Kind.YES_NO:
            return text == "true"
        case Kind.LIST:
            return [each.strip() for each in text.split(";")]
        case _:
            return text


def _source(name: str, file: str) -> Source:
    path = SOUNDS / file if file.endswith(".json") else FOLDER / name / file
    if path.suffix == ".json":
        return Source(uuid5(_IDS, file), path.stem, "sound", tuple(_spoken(path)))
    kind = _KINDS[path.suffix[1:]]
    parsed = parsers.parse(path, kind)
    return Source(uuid5(_IDS, f"{name}/{file}"), parsed.title or path.stem, kind.value, parsed.blocks)


def _spoken(path: Path) -> Iterator[ParsedBlock]:
    for each in json.loads(path.read_text("utf-8"))["segments"]:
        text = f"{each['speaker']}: {each['text']}"
        yield ParsedBlock(BlockKind.PARAGRAPH, text, Time(each["t0"], each["t1"]))


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
