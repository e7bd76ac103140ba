"""Pieces of a document that are searched and quoted as one, cut where headings, articles, slides and rows allow."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from documents.blocks import ParsedBlock
from rag import tokens
from rag.sections import MAX_TOKENS, TARGET_TOKENS, Piece, Section, sections

VERSION = (
    2  # 2: limits in tokens, no chunk over two sections; raise it when the same blocks are cut otherwise
)
MIN_TOKENS = 90  # a chunk is not ended below this, where its section goes on


@dataclass(frozen=True, slots=True)
class Span:
    """Says which characters of a chunk are which characters of a block."""

    block_ordinal: int
    chunk_start: int
    block_start: int
    length: int


@dataclass(frozen=True, slots=True)
class ChunkDraft:
    ordinal: int
    text: str
    heading_path: tuple[str, ...]
    spans: tuple[Span, ...]


def chunk(blocks: Sequence[ParsedBlock]) -> list[ChunkDraft]:
    """Return the chunks of a document in order; a block's ordinal is its index in `blocks`.

    A chunk holds text of one section only, and of one slide: what stands under one heading, or one article. Headings
    without text of their own stand with the first section under them. A chunk that begins in the middle of a table
    repeats its header, which has no span.
    """
    drafts: list[ChunkDraft] = []
    for section in sections(blocks):
        for pieces in _pack(section):
            text, spans = _compose(pieces, blocks)
            if text.strip():
                drafts.append(ChunkDraft(len(drafts), text, section.path, spans))
    return drafts


def locate_in_blocks(spans: Sequence[Span], start: int, end: int) -> tuple[tuple[int, int, int], ...]:
    """Return `(block_ordinal, start, end)` of every stretch of block text behind `chunk.text[start:end]`."""
    found: list[tuple[int, int, int]] = []
    for span in spans:
        first, last = max(start, span.chunk_start), min(end, span.chunk_start + span.length)
        if first < last:
            shift = span.block_start - span.chunk_start
            found.append((span.block_ordinal, first + shift, last + shift))
    return tuple(found)


def _pack(section: Section) -> Iterator[list[Piece]]:
    """Yield the pieces of each chunk of one section, in even portions of about `TARGET_TOKENS`."""
    total = sum(_cost(piece) for piece in section.pieces)
    if total <= MAX_TOKENS:
        yield section.pieces
        return
    aim = total / math.ceil(total / TARGET_TOKENS)
    before: list[Piece] = []
    held: list[Piece] = []
    spent = spent_before = 0.0
    header = _header_cost(section.pieces[0])
    for piece in section.pieces:
        cost = _cost(piece)
        is_enough = spent >= MIN_TOKENS and spent + cost / 2 > aim and not piece.is_note
        if held and (header + spent + cost > MAX_TOKENS or is_enough):
            if before:
                yield before
            before, spent_before = held, header + spent
            held, spent, header = [], 0.0, _header_cost(piece)
        held.append(piece)
        spent += cost
    if before and spent < MIN_TOKENS and spent_before + spent <= MAX_TOKENS:
        yield [*before, *held]  # what is left over is too little by itself
        return
    if before:
        yield before
    yield held


def _cost(piece: Piece) -> float:
    return piece.tokens + tokens.estimate(piece.joint)


def _header_cost(piece: Piece) -> float:
    """Return what a chunk that begins here has before its own text."""
    return tokens.estimate(f"{piece.header}\n") if piece.header else 0.0


def _compose(pieces: Sequence[Piece], blocks: Sequence[ParsedBlock]) -> tuple[str, tuple[Span, ...]]:
    text = f"{pieces[0].header}\n" if pieces[0].header else ""
    spans: list[Span] = []
    for index, piece in enumerate(pieces):
        source = blocks[piece.block].text
        if index and piece.block == pieces[index - 1].block:
            last = spans.pop()
            start, stop = last.block_start, piece.end
            text = text[: last.chunk_start] + source[start:stop]
            spans.append(Span(piece.block, last.chunk_start, start, stop - start))
            continue
        if index:
            text, spans = _join(text, spans, piece.joint)
        spans.append(Span(piece.block, len(text), piece.start, piece.end - piece.start))
        text += source[piece.start : piece.end]
    return text, tuple(spans)


def _join(text: str, spans: list[Span], joint: str) -> tuple[str, list[Span]]:
    """Return text and spans with the joint; a word cut by the end of a page is whole again."""
    if joint == " " and len(text) > 2 and text[-1] == "-" and text[-2].isalpha():
        last = spans[-1]
        return text[:-1], [
            *spans[:-1],
            Span(last.block_ordinal, last.chunk_start, last.block_start, last.length - 1),
        ]
    return text + joint, spans
