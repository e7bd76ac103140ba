"""Which words of the sources an engine is shown: their text cut in passages, and those that speak of a row. Pure."""

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from documents.blocks import Kind
from engines import estimate, spanish
from planillas.records import Numbered

MOST_CHARS = 1_200  # of a passage
WINDOW_TOKENS = 2_000  # of the passages of one call
ROW_TOKENS = 900  # of those that speak of one row
ROW_PASSAGES = 8
NEAR_BLOCKS = 2  # what stands about the words that a row was found by
_COLUMN_WEIGHT = 0.5
_NEAR_WEIGHT = 2.0
_TELLING = 0.5  # of the best passage's score: less speaks of somebody else


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a block: `start` is its first character there."""

    document_id: UUID
    block: int
    start: int
    text: str

    @property
    def tokens(self) -> int:
        """Return the most tokens that it may have."""
        return estimate.tokens(self.text) + 8


def cut(document_id: UUID, blocks: Iterable[Numbered]) -> Iterator[Passage]:
    """Yield a source's blocks as passages; a long one in several, cut between lines or words."""
    for each in blocks:
        if each.block.kind == Kind.PICTURE or not each.block.text.strip():
            continue
        text, start = each.block.text, 0
        while start < len(text):
            end = _end(text, start)
            if text[start:end].strip():
                yield Passage(document_id, each.ordinal, start, text[start:end])
            start = end


def windows(found: Iterable[Passage], *, most_tokens: int = WINDOW_TOKENS) -> Iterator[list[Passage]]:
    """Yield passages in order, as many together as fit into one call, never of two documents."""
    window: list[Passage] = []
    size = 0
    for each in found:
        is_other = window and window[0].document_id != each.document_id
        if window and (is_other or size + each.tokens > most_tokens):
            yield window
            window, size = [], 0
        window.append(each)
        size += each.tokens
    if window:
        yield window


@dataclass(slots=True)
class Index:
    """Passages by the stems of their words."""

    passages: list[Passage] = field(default_factory=list)
    _by_stem: dict[int, "array[int]"] = field(default_factory=dict)
    _by_block: dict[tuple[UUID, int], list[int]] = field(default_factory=lambda: defaultdict(list))
    _of_document: dict[UUID, list[int]] = field(default_factory=lambda: defaultdict(list))

    def add(self, passage: Passage) -> None:
        """Take a passage in."""
        number = len(self.passages)
        self.passages.append(passage)
        self._by_block[passage.document_id, passage.block].append(number)
        self._of_document[passage.document_id].append(number)
        for stem in stems(passage.text):
            self._by_stem.setdefault(stem, array("I")).append(number)

    def about(
        self,
        row: Collection[int],
        columns: Collection[int],
        *,
        near: Collection[tuple[UUID, int]] = (),
        own: Collection[UUID] = (),
        least: int = 1,
    ) -> list[Passage]:
        """Return the passages that may speak of a row, the likeliest first.

        `row`, `columns`: stems of what the row is called and of what is asked of it; `near`: blocks that the row was
        found in; `own`: documents that speak of no other row; `least`: how many words of what the row is called a
        passage has to hold.
        """
        of_row = self._scores(row, least=least)
        most = max(of_row.values(), default=0.0)
        chosen = {number: score for number, score in of_row.items() if score >= _TELLING * most}
        # What stands about words that are not here, a table's, speaks of every line of it.
        for document_id, block in (each for each in near if each in self._by_block):
            for at in range(block - NEAR_BLOCKS, block + NEAR_BLOCKS + 1):
                for number in self._by_block.get((document_id, at), ()):
                    chosen[number] = max(chosen.get(number, 0.0), of_row.get(number, 0.0)) + _NEAR_WEIGHT
        for document_id in own:
            for number in self._of_document.get(document_id, ()):
                chosen.setdefault(number, of_row.get(number, 0.0))
        if not chosen:
            return []
        asked = self._scores(columns)
        ranked = sorted(
            chosen, key=lambda number: (-(chosen[number] + _COLUMN_WEIGHT * asked.get(number, 0.0)), number)
        )
        kept: list[Passage] = []
        size = 0
        for number in ranked[:ROW_PASSAGES]:
            passage = self.passages[number]
            if kept and size + passage.tokens > ROW_TOKENS:
                break
            kept.append(passage)
            size += passage.tokens
        return kept

    def _scores(self, wanted: Collection[int], *, least: int = 1) -> dict[int, float]:
        found: dict[int, float] = {}
        counts: Counter[int] = Counter()
        total = len(self.passages)
        for stem in wanted:
            numbers = self._by_stem.get(stem, ())
            weight = math.log((total + 2) / (len(numbers) + 0.5)) if numbers else 0.0
            for number in numbers if weight > 0 else ():
                found[number] = found.get(number, 0.0) + weight
                counts[number] += 1
        return {number: score for number, score in found.items() if counts[number] >= least}


def stems(*texts: str) -> set[int]:
    """Return the stems of the words of texts that say something."""
    return {word.stem for text in texts for word in spanish.words(text) if not word.is_stop}


def together(rows: Sequence[Sequence[Passage]]) -> list[Passage]:
    """Return the passages of several rows, each once, in the order in which they are read."""
    found = {(each.document_id, each.block, each.start): each for row in rows for each in row}
    order = {document: at for at, document in enumerate(dict.fromkeys(key[0] for key in found))}
    return [found[key] for key in sorted(found, key=lambda key: (order[key[0]], key[1], key[2]))]


def _end(text: str, start: int) -> int:
    if len(text) - start <= MOST_CHARS:
        return len(text)
    most = start + MOST_CHARS
    for mark in ("\n", ". ", " "):
        at = text.rfind(mark, start + MOST_CHARS // 2, most)
        if at > 0:
            return at + len(mark)
    return most
