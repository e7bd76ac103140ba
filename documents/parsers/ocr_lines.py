"""Tesseract's table of words as the lines that PDF text comes in, so that both become blocks in one way."""

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from documents.parsers import tidy
from documents.parsers.pdf_lines import Line, Word, around
from documents.parsers.scan import Scan
from documents.places import Box

DOUBTFUL = 70.0  # a word that tesseract is less sure of, in hundredths
SPECK = 50.0  # what has no letter must be surer than this to be more than dust
JUNK = 25.0  # so unsure a word is a picture's edge
WIDE_GAP_EMS = 2.2
MAX_WORDS = 20_000
LONG_WORD_CHARS = 4

# How high a word's ink is, in parts of its letters' size, by the letters in it.
_X_HEIGHT, _TALL, _DEEP, _CAPPED = 0.47, 0.22, 0.21, 0.17
_TALL_LETTERS = frozenset("bdfhklt0123456789()[]{}/|¿?¡!ABCDEFGHIJKLMNÑOPQRSTUVWXYZÁÉÍÓÚÜáéíóúñüij%$&")
_DEEP_LETTERS = frozenset("gjpqy()[]{}/|,;¿¡Q$")
_CAPPED_LETTERS = frozenset("ÁÉÍÓÚÜÑ")


class NotATable(ValueError):
    """An answer that tesseract does not give."""

    code = "bad_answer"


@dataclass(frozen=True, slots=True)
class Seen:
    """A word as tesseract saw it."""

    text: str
    box: Box  # pixels
    certainty: float  # 0–100
    line: tuple[int, int, int]  # block, paragraph, line


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of a page, and how sure all of it is."""

    lines: tuple[Line, ...]
    certainty: float  # 0–1, a mean over the letters
    letters: int
    is_sideways: bool  # tesseract reads lines that climb too, but not in a reader's order


def read(table: str, scan: Scan) -> Lines:
    """Return the lines that tesseract saw, placed on the page; raise NotATable."""
    seen = list(_words(table))
    letters = sum(len(word.text) for word in seen)
    certainty = sum(word.certainty * len(word.text) for word in seen) / letters / 100 if letters else 0.0
    rows: dict[tuple[int, int, int], list[Seen]] = {}
    for word in seen:
        rows.setdefault(word.line, []).append(word)
    lines = tuple(_line(part, scan) for row in rows.values() for part in _apart(row))
    alphabetic = sum(sum(map(str.isalnum, word.text)) for word in seen)
    long = [word for word in seen if len(word.text) >= LONG_WORD_CHARS]
    climbing = sum(word.box[3] - word.box[1] > word.box[2] - word.box[0] for word in long)
    return Lines(lines, certainty, alphabetic, is_sideways=2 * climbing > len(long))


def _words(table: str) -> Iterator[Seen]:
    rows = csv.DictReader(table.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    found = 0
    for row in rows:
        try:
            if row["level"] != "5":
                continue
            left, top, width, height = (int(row[name]) for name in ("left", "top", "width", "height"))
            line = int(row["block_num"]), int(row["par_num"]), int(row["line_num"])
            certainty, text = float(row["conf"]), tidy.word(row["text"].strip())
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise NotATable(repr(row)[:200]) from error
        if not math.isfinite(certainty):
            raise NotATable(repr(row)[:200])
        if not text or certainty < JUNK or (certainty < SPECK and not any(map(str.isalnum, text))):
            continue
        found += 1
        if found > MAX_WORDS:
            return
        yield Seen(text, (left, top, left + max(1, width), top + max(1, height)), certainty, line)


def _apart(row: Sequence[Seen]) -> Iterator[list[Seen]]:
    """Yield the parts of a line of tesseract's that stand wide apart, as the cells of a table do."""
    height = median(_size(word) for word in row)
    part: list[Seen] = []
    for word in row:
        if part and word.box[0] - part[-1].box[2] > WIDE_GAP_EMS * height:
            yield part
            part = []
        part.append(word)
    yield part


def _line(row: Sequence[Seen], scan: Scan) -> Line:
    """Return a line; its words are as high as the line, whatever letters they have."""
    size = median(_size(word) for word in row)
    ink = around([word.box for word in row])
    text = "".join(word.text for word in row)
    top = ink[1] - (0.0 if _has(text, _CAPPED_LETTERS) else _CAPPED * size)
    bottom = ink[3] + (0.0 if _has(text, _DEEP_LETTERS) else _DEEP * size)
    level = [_within(word, size, top, bottom) for word in row]
    scale = 72 / scan.dpi
    words = tuple(
        Word(
            text=word.text,
            shown=scan.place(box),
            flat=(box[0] * scale, box[1] * scale, box[2] * scale, box[3] * scale),
            first_char=0,
            is_doubtful=word.certainty < DOUBTFUL,
        )
        for word, box in zip(row, level, strict=True)
    )
    return Line(words, around([word.flat for word in words]), size * scale, is_bold=False)


def _within(word: Seen, size: float, top: float, bottom: float) -> Box:
    """Return a word's box as high as a line is; the line may climb a little from word to word."""
    x0, y0, x1, y1 = word.box
    high = y0 - (0.0 if _has(word.text, _CAPPED_LETTERS) else _CAPPED * size)
    if not _has(word.text, _TALL_LETTERS):
        high -= _TALL * size
    low = y1 + (0.0 if _has(word.text, _DEEP_LETTERS) else _DEEP * size)
    return x0, max(0.0, max(top, min(high, y0))), x1, max(y1, min(bottom, low))


def _size(word: Seen) -> float:
    """Return how large a word's letters are, by the height of its ink and what letters it has."""
    parts = _X_HEIGHT
    if _has(word.text, _TALL_LETTERS):
        parts += _TALL
    if _has(word.text, _CAPPED_LETTERS):
        parts += _CAPPED
    if _has(word.text, _DEEP_LETTERS):
        parts += _DEEP
    return (word.box[3] - word.box[1]) / parts


def _has(text: str, letters: frozenset[str]) -> bool:
    return not letters.isdisjoint(text)
