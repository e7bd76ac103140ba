"""The texts of a PDF's pages, held in little memory while the document as a whole is judged."""

import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from documents.parsers.pdf_lines import Line, PageText, Word

LOOSE_PAGES = 250  # kept as they are; those after them are packed
SAMPLED_EVERY = 8  # of the packed, where a part tells enough


class Pages:
    """Pages with text, to be gone through several times in order."""

    def __init__(self) -> None:
        self._loose: list[tuple[int, PageText]] = []
        self._packed: list[tuple[int, PageText, bytes]] = []  # the page without its lines, and those

    def __len__(self) -> int:
        return len(self._loose) + len(self._packed)

    @property
    def are_loose(self) -> bool:
        """Whether none is packed, so that there is room for more about each."""
        return not self._packed

    def __iter__(self) -> Iterator[tuple[int, PageText]]:
        """Yield the number of each page, from 1, and its text."""
        yield from self._loose
        yield from map(_unpacked, self._packed)

    def sample(self) -> Iterator[tuple[int, PageText]]:
        """Yield enough pages, from beginning to end, to tell what is usual in the document."""
        yield from self._loose
        yield from map(_unpacked, self._packed[::SAMPLED_EVERY])

    def add(self, number: int, text: PageText) -> None:
        """Keep the text of the next page."""
        if len(self._loose) < LOOSE_PAGES:
            self._loose.append((number, text))
            return
        stored = json.dumps([_stored(line) for line in text.lines], separators=(",", ":"))
        self._packed.append((number, replace(text, lines=()), zlib.compress(stored.encode(), 1)))


def _unpacked(held: tuple[int, PageText, bytes]) -> tuple[int, PageText]:
    number, page, packed = held
    return number, replace(page, lines=tuple(map(_line, json.loads(zlib.decompress(packed)))))


def _stored(line: Line) -> list[Any]:
    cells = [[_words(cell) for cell in row] for row in line.cells]
    return [[] if cells else _words(line.words), _short(line.box), line.size, line.is_bold, cells]


def _words(words: Sequence[Word]) -> list[list[Any]]:
    return [
        [
            word.text,
            word.first_char,
            _short(word.shown),
            None if word.flat is word.shown else _short(word.flat),
        ]
        for word in words
    ]


def _short(box: Sequence[float]) -> list[float]:
    return [round(side, 2) for side in box]


def _line(stored: list[Any]) -> Line:
    words, box, size, is_bold, rows = stored
    cells = tuple(tuple(tuple(map(_word, cell)) for cell in row) for row in rows)
    held = tuple(word for row in cells for cell in row for word in cell) or tuple(map(_word, words))
    x0, y0, x1, y1 = box
    return Line(held, (x0, y0, x1, y1), size, is_bold, cells)


def _word(stored: list[Any]) -> Word:
    text, first_char, (x0, y0, x1, y1), flat = stored
    shown = x0, y0, x1, y1
    return Word(text, shown, (flat[0], flat[1], flat[2], flat[3]) if flat else shown, first_char)
