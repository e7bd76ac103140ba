"""Evidence: where in a block a value is said, to the cell, the row, the words or the seconds."""

from bisect import bisect_left, bisect_right
from uuid import UUID

from documents import places
from documents.blocks import CELL_SEPARATOR
from documents.places import WORD, Page, Place, Sheet, Text
from planillas.cells import Evidence
from planillas.records import Numbered

_GAP = len(CELL_SEPARATOR)


def quote(document_id: UUID, numbered: Numbered, start: int, end: int) -> Evidence:
    """Return the evidence of `text[start:end]` of a block."""
    block = numbered.block
    place = places.locate(block.place, words=block.words, text=block.text, start=start, end=end)
    return Evidence(document_id, numbered.ordinal, place, block.text[start:end])


class TableText:
    """A table's block, by whose cells evidence is made."""

    __slots__ = ("_block", "_document_id", "_ordinal", "_rows", "_sheets", "_starts", "cells")

    def __init__(self, document_id: UUID, numbered: Numbered) -> None:
        block = numbered.block
        self.cells = block.cells
        self._block, self._ordinal, self._document_id = block, numbered.ordinal, document_id
        self._rows: list[int] = []
        at = 0
        for row in block.cells:
            self._rows.append(at)
            at += sum(map(len, row)) + _GAP * max(0, len(row) - 1) + 1
        is_page = isinstance(block.place, Page) and bool(block.words)
        self._starts = [start for start, *_ in WORD.iter_unpack(block.words)] if is_page else []
        self._sheets: dict[int, Place] = {}

    @property
    def is_whole(self) -> bool:
        """Say whether the block's text is its cells, so that they can be quoted."""
        lines = self._block.text.split("\n")
        return len(lines) == len(self.cells) and all(
            line == CELL_SEPARATOR.join(row) for line, row in zip(lines, self.cells, strict=True)
        )

    def span(self, row: int, column: int) -> tuple[int, int]:
        """Return where in the block's text a cell stands."""
        held = self.cells[row]
        start = self._rows[row] + sum(map(len, held[:column])) + _GAP * column
        return start, start + len(held[column])

    def quote(self, row: int, column: int) -> Evidence:
        """Return the evidence of a cell."""
        place = self._block.place
        if isinstance(place, Sheet):
            there = self._sheets.get(row)
            if there is None:
                number = min(place.rows[0] + row, place.rows[1])
                there = self._sheets[row] = Sheet(place.sheet, (number, number))
            return Evidence(self._document_id, self._ordinal, there, self.cells[row][column])
        start, end = self.span(row, column)
        text = self.cells[row][column]
        return Evidence(self._document_id, self._ordinal, self._place(place, start, end), text)

    def slice(self, row: int, column: int, start: int, end: int) -> Evidence:
        """Return the evidence of a part of a cell's text."""
        began, _ = self.span(row, column)
        place = self._place(self._block.place, began + start, began + end)
        return Evidence(self._document_id, self._ordinal, place, self.cells[row][column][start:end])

    def _place(self, place: Place, start: int, end: int) -> Place:
        if isinstance(place, Text):
            return Text(place.start + start, place.start + end)
        words = self._block.words
        if self._starts:  # only the words that are touched are unpacked
            first = max(0, bisect_right(self._starts, start) - 1)
            last = bisect_left(self._starts, end)
            words = words[first * WORD.size : last * WORD.size]
        return places.locate(place, words=words, text=self._block.text, start=start, end=end)
