"""Where in a source a piece of text stands: one value for blocks, passages, citations and planilla cells."""

import math
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias, cast

Box: TypeAlias = tuple[float, float, float, float]
"""x0, y0, x1, y1 in points of the page as it is shown (rotation applied), origin top left."""

JsonPlace: TypeAlias = dict[str, object]

WORD = struct.Struct("<5H")
"""One word of a PDF block: its first character in the block's text, then its box in tenths of a point."""

SPOKEN = struct.Struct("<3I")
"""One word of a recording's block: its first character in the block's text, then its first and last millisecond."""

MAX_WORD_START_CHARS = 0xFFFF
SAME_LINE_OVERLAP = 0.5


class UnknownPlace(ValueError):
    """A stored place that no version of this module wrote."""

    code = "unknown_place"


@dataclass(frozen=True, slots=True)
class Page:
    page: int  # from 1
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    sheet: str
    rows: tuple[int, int]  # first and last, from 1, as the spreadsheet numbers them


@dataclass(frozen=True, slots=True)
class Slide:
    slide: int  # from 1


@dataclass(frozen=True, slots=True)
class Time:
    from_s: float
    to_s: float


@dataclass(frozen=True, slots=True)
class Text:
    start: int  # characters in the document's text: its block texts joined by "\n"
    end: int


Place: TypeAlias = Page | Sheet | Slide | Time | Text


def to_json(place: Place) -> JsonPlace:
    """Return the form that the API and the database carry."""
    match place:
        case Page(page, boxes):
            return {
                "kind": "page",
                "page": page,
                "boxes": [[round(side, 1) for side in box] for box in boxes],
            }
        case Sheet(sheet, rows):
            return {"kind": "sheet", "sheet": sheet, "rows": list(rows)}
        case Slide(slide):
            return {"kind": "slide", "slide": slide}
        case Time(from_s, to_s):
            return {"kind": "time", "from_s": from_s, "to_s": to_s}
        case Text(start, end):
            return {"kind": "text", "from": start, "to": end}


def from_json(stored: Mapping[str, object]) -> Place:
    """Return the place that `to_json` wrote; `UnknownPlace` for anything else."""
    try:
        match stored["kind"]:
            case "page":
                boxes = cast(Iterable[Iterable[float]], stored["boxes"])
                return Page(_int(stored["page"]), tuple(_box(box) for box in boxes))
            case "sheet":
                first, last = cast(Iterable[object], stored["rows"])
                return Sheet(str(stored["sheet"]), (_int(first), _int(last)))
            case "slide":
                return Slide(_int(stored["slide"]))
            case "time":
                return Time(_seconds(stored["from_s"]), _seconds(stored["to_s"]))
            case "text":
                return Text(_int(stored["from"]), _int(stored["to"]))
    except (KeyError, TypeError, ValueError) as error:
        raise UnknownPlace(f"{stored!r}") from error
    raise UnknownPlace(f"{stored!r}")


def locate(place: Place, *, words: bytes, text: str, start: int, end: int) -> Place:
    """Return the exact place of `text[start:end]`, given the place and the packed words of its whole block.

    A page: one box per line. A recording: the seconds of the words. A sheet: the rows touched (one line of text is
    one row). A text: its offsets.
    Slides, and pages and seconds whose block has no words, are as exact as they get and come back unchanged.
    """
    match place:
        case Page(page) if words:
            boxes = tuple(_merge_lines(_touched(words, text, start, end)))
            return Page(page, boxes) if boxes else place
        case Time() if words:
            touched = list(_spoken(words, text, start, end))
            return Time(touched[0][0], touched[-1][1]) if touched else place
        case Sheet(sheet, (first, last)):
            top = first + text.count("\n", 0, start)
            return Sheet(
                sheet, (min(top, last), min(top + text.count("\n", start, max(start, end - 1)), last))
            )
        case Text(offset, _):
            return Text(offset + start, offset + end)
    return place


def pack_words(words: Iterable[tuple[int, Box]]) -> bytes:
    """Return `words` (first character in the block's text, box), in order, as a block stores them."""
    pack, parts = WORD.pack, []
    for start, (x0, y0, x1, y1) in words:
        try:
            parts.append(pack(start, round(x0 * 10), round(y0 * 10), round(x1 * 10), round(y1 * 10)))
        except struct.error:  # outside the page, or on one of more than 2 m
            parts.append(pack(min(start, MAX_WORD_START_CHARS), *map(_tenths, (x0, y0, x1, y1))))
    return b"".join(parts)


def unpack_words(words: bytes) -> list[tuple[int, Box]]:
    """Return what `pack_words` was given, to a tenth of a point."""
    return [
        (start, (x0 / 10, y0 / 10, x1 / 10, y1 / 10)) for start, x0, y0, x1, y1 in WORD.iter_unpack(words)
    ]


def pack_times(words: Iterable[tuple[int, float, float]]) -> bytes:
    """Return `words` (first character in the block's text, first and last second), in order, as a block stores them."""
    return b"".join(
        SPOKEN.pack(start, max(0, round(from_s * 1000)), max(0, round(to_s * 1000)))
        for start, from_s, to_s in words
    )


def unpack_times(words: bytes) -> list[tuple[int, float, float]]:
    """Return what `pack_times` was given, to a millisecond."""
    return [(start, from_ms / 1000, to_ms / 1000) for start, from_ms, to_ms in SPOKEN.iter_unpack(words)]


def _spoken(words: bytes, text: str, start: int, end: int) -> Iterator[tuple[float, float]]:
    records = unpack_times(words)
    for index, (word_start, from_s, to_s) in enumerate(records):
        word_end = records[index + 1][0] if index + 1 < len(records) else len(text)
        word_end = word_start + len(text[word_start:word_end].rstrip())
        if word_start < end and start < word_end:
            yield from_s, to_s


def _touched(words: bytes, text: str, start: int, end: int) -> Iterator[Box]:
    records = unpack_words(words)
    for index, (word_start, box) in enumerate(records):
        word_end = records[index + 1][0] if index + 1 < len(records) else len(text)
        word_end = word_start + len(text[word_start:word_end].rstrip())
        if word_start < end and start < word_end:
            yield box


def _merge_lines(boxes: Iterable[Box]) -> Iterator[Box]:
    line: Box | None = None
    for box in boxes:
        if line is None:
            line = box
        elif _follows(line, box):
            line = (line[0], min(line[1], box[1]), max(line[2], box[2]), max(line[3], box[3]))
        else:
            yield line
            line = box
    if line is not None:
        yield line


def _follows(line: Box, box: Box) -> bool:
    """Say whether `box` stands further right on the same line."""
    shared = min(line[3], box[3]) - max(line[1], box[1])
    height = min(line[3] - line[1], box[3] - box[1])
    return (
        shared > SAME_LINE_OVERLAP * height and box[0] >= line[0] and box[0] - line[2] < 4 * max(height, 1.0)
    )


def _tenths(side: float) -> int:
    return max(0, min(0xFFFF, round(side * 10)))


def _box(sides: Iterable[float]) -> Box:
    x0, y0, x1, y1 = (float(side) for side in sides)
    return x0, y0, x1, y1


def _seconds(stored: object) -> float:
    seconds = float(cast(float, stored))
    if not 0 <= seconds < math.inf:  # nor NaN, which an address may carry
        raise ValueError(f"not seconds of a recording: {stored!r}")
    return seconds


def _int(number: object) -> int:
    if isinstance(number, bool) or not isinstance(number, int):
        raise TypeError(f"not a whole number: {number!r}")
    return number
