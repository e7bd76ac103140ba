"""How near a parsed document comes to what its maker wrote into it."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from documents import places
from documents.blocks import Kind, ParsedBlock, ParsedDocument
from documents.places import Place, Slide, Text

MOST_ERRORS = 0.01  # of the characters
LEAST_CELLS = 0.95


@dataclass(frozen=True)
class Expected:
    """One block as its maker meant it; `slide` for presentations."""

    kind: Kind
    text: str
    level: int = 0
    slide: int = 0
    cells: tuple[tuple[str, ...], ...] = ()


def heading(level: int, text: str, *, slide: int = 0) -> Expected:
    return Expected(Kind.HEADING, text, level, slide)


def paragraph(text: str, *, slide: int = 0) -> Expected:
    return Expected(Kind.PARAGRAPH, text, 0, slide)


def item(text: str, depth: int = 0, *, slide: int = 0) -> Expected:
    return Expected(Kind.LIST_ITEM, text, depth, slide)


def note(text: str, *, slide: int = 0) -> Expected:
    return Expected(Kind.NOTE, text, 0, slide)


def picture(text: str = "", *, slide: int = 0) -> Expected:
    return Expected(Kind.PICTURE, text, 0, slide)


def table(header_rows: int, *rows: Sequence[str], slide: int = 0) -> Expected:
    cells = tuple(tuple(row) for row in rows)
    return Expected(Kind.TABLE, "\n".join(" | ".join(row) for row in cells), header_rows, slide, cells)


def assert_reads_as(document: ParsedDocument, expected: Sequence[Expected]) -> None:
    """Assert structure, text, cells and places of a document."""
    outline = [(block.kind.value, block.level, _shown(block)) for block in document.blocks]
    meant = [(each.kind.value, each.level, _shown(each)) for each in expected]
    assert outline == meant, "\n".join(difflib.ndiff(list(map(str, meant)), list(map(str, outline))))
    wanted, found = ("\n".join(each.text for each in them) for them in (expected, document.blocks))
    assert character_error_rate(wanted, found) <= MOST_ERRORS
    for block, each in zip(document.blocks, expected, strict=True):
        assert cell_share(each.cells, block.cells) >= LEAST_CELLS, block.cells
    assert_places_hold(document, [Slide(each.slide) if each.slide else None for each in expected])
    kept = {each.name for each in document.pictures}
    shown = {block.picture for block in document.blocks if block.picture}
    assert shown == kept


def _shown(block: ParsedBlock | Expected) -> str:
    """Return a text of which every letter counts; a table's cells are counted by themselves."""
    return "" if block.kind is Kind.TABLE else block.text


def assert_places_hold(document: ParsedDocument, slides: Sequence[Place | None]) -> None:
    """Assert that what a citation of any words would mark are those very words."""
    whole = "\n".join(block.text for block in document.blocks)
    for block, slide in zip(document.blocks, slides, strict=True):
        start = len(block.text) // 3
        end = start + len(block.text) // 2
        place = places.locate(block.place, words=block.words, text=block.text, start=start, end=end)
        if slide is not None:
            assert place == slide
        else:
            assert isinstance(place, Text)
            assert whole[place.start : place.end] == block.text[start:end]


def character_error_rate(expected: str, found: str) -> float:
    """Return the edits (one character put in, taken out or changed) per expected character."""
    if not expected:
        return float(bool(found))
    return edits(expected, found) / len(expected)


def edits(one: str, other: str) -> int:
    """Return by how many characters two texts differ (Levenshtein).

    A whole column of the table at once, as the bits of two numbers that say where it rises and where it falls
    (Myers, 1999): pages are compared in milliseconds.
    """
    if not one:
        return len(other)
    places: dict[str, int] = {}
    for at, char in enumerate(one):
        places[char] = places.get(char, 0) | 1 << at
    last, every = 1 << len(one) - 1, (1 << len(one)) - 1
    rises, falls, distance = every, 0, len(one)
    for char in other:
        same = places.get(char, 0)
        across = (((same & rises) + rises) ^ rises) | same
        right_rises, right_falls = falls | ~(across | rises), rises & across
        distance += bool(right_rises & last) - bool(right_falls & last)
        right_rises, right_falls = right_rises << 1 | 1, right_falls << 1
        down = same | falls
        rises, falls = (right_falls | ~(down | right_rises)) & every, right_rises & down & every
    return distance


def cell_share(expected: Sequence[Sequence[str]], found: Sequence[Sequence[str]]) -> float:
    """Return the share of expected cells that stand in their row and column with their very text."""
    wanted = [(at, column, cell) for at, row in enumerate(expected) for column, cell in enumerate(row)]
    if not wanted:
        return float(not found)
    right = sum(
        at < len(found) and column < len(found[at]) and found[at][column] == cell
        for at, column, cell in wanted
    )
    return right / len(wanted)
