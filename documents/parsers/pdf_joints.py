"""What a page's end cut in two: a table that goes on overleaf keeps one header."""

import re
from collections.abc import Sequence
from dataclasses import replace

from documents.blocks import Kind, ParsedBlock, table_text
from documents.parsers.pdf_lines import around
from documents.places import Page, pack_words, unpack_words

SAME_EDGE_PT = 8.0
_SPACES = re.compile(r"\s+")


def joined(blocks: Sequence[ParsedBlock]) -> list[ParsedBlock]:
    """Return the blocks with tables that go on: without a header of their own, or with the one above repeated."""
    kept: list[ParsedBlock] = []
    header: tuple[tuple[str, ...], ...] = ()  # of the table that may go on
    for block in blocks:
        if kept and _goes_on(kept[-1], block):
            rest = _without_header(block, header)
            if rest is None:
                continue
            kept.append(rest)
            continue
        header = block.cells[: block.level] if block.kind is Kind.TABLE else ()
        kept.append(block)
    return kept


def _goes_on(above: ParsedBlock, block: ParsedBlock) -> bool:
    """Say whether a table at the top of a page is the rest of the one at the end of the page before."""
    if not (above.kind is block.kind is Kind.TABLE and above.cells and block.cells):
        return False
    before, here = above.place, block.place
    if not (isinstance(before, Page) and isinstance(here, Page) and here.page == before.page + 1):
        return False
    if len(above.cells[0]) != len(block.cells[0]) or not (before.boxes and here.boxes):
        return False
    (x0, _, x1, _), (left, _, right, _) = before.boxes[0], here.boxes[0]
    return abs(x0 - left) <= SAME_EDGE_PT or abs(x1 - right) <= SAME_EDGE_PT


def _without_header(block: ParsedBlock, header: tuple[tuple[str, ...], ...]) -> ParsedBlock | None:
    """Return the rows of a table that goes on; None when it has none but the header again."""
    rows = block.cells
    repeats = bool(header) and [_plain(row) for row in rows[: len(header)]] == [_plain(row) for row in header]
    if not repeats:
        return replace(block, level=0)
    rest = rows[len(header) :]
    if not rest:
        return None
    cut = len(block.text) - len(table_text(rest))
    words = [(start - cut, box) for start, box in unpack_words(block.words) if start >= cut]
    place = block.place
    if isinstance(place, Page) and words:
        place = Page(place.page, (around([box for _, box in words]),))
    return replace(block, text=block.text[cut:], cells=rest, level=0, words=pack_words(words), place=place)


def _plain(row: Sequence[str]) -> list[str]:
    return [_SPACES.sub("", cell).casefold() for cell in row]
