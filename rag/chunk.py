"""Pieces of a document that are searched and quoted as one, cut where headings, articles and rows allow."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from documents import outline
from documents.blocks import Kind, ParsedBlock
from documents.places import Page

TARGET_CHARS = 900
MAX_CHARS = 1_500
TINY_CHARS = 280  # a section below this joins its neighbour
MAX_HEADER_CHARS = 300  # of a table's header, repeated where a chunk begins in its middle
MAX_PATH_CHARS = 160  # of one heading in the path

_SENTENCES = re.compile(r"[.!?;:…][\"'»”)\]]*\s+(?=[A-ZÁÉÍÓÚÑ¿¡«“\"'(\[•\-–—\d])")


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


@dataclass(frozen=True, slots=True)
class _Piece:
    block: int
    start: int
    end: int
    joint: str = "\n"  # what stands between it and the piece before, if one chunk holds both
    header: str = ""  # of its table, for a chunk that begins here


@dataclass(slots=True)
class _Section:
    path: tuple[str, ...]
    parent: tuple[str, ...]
    pieces: list[_Piece] = field(default_factory=list)
    is_only_headings: bool = True

    @property
    def chars(self) -> int:
        return sum(piece.end - piece.start + len(piece.joint) for piece in self.pieces)


def chunk(blocks: Sequence[ParsedBlock]) -> list[ChunkDraft]:
    """Return the chunks of a document in order; a block's ordinal is its index in `blocks`.

    A chunk stays within its section, tiny sections join a neighbour, an article is cut only when it is longer
    than `MAX_CHARS`. A chunk that begins in the middle of a table repeats its header, which has no span.
    """
    drafts: list[ChunkDraft] = []
    for section in _merge_tiny(_sections(blocks)):
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


def _is_contents(block: ParsedBlock) -> bool:
    """Say whether a block is of a table of contents: it repeats every heading and answers nothing."""
    return outline.is_contents_entry(block.text) or (
        block.kind is Kind.HEADING and outline.is_contents_title(block.text)
    )


def _sections(blocks: Sequence[ParsedBlock]) -> Iterator[_Section]:
    """Yield one section per heading and per article, each with the path of headings above it."""
    stack: list[tuple[int, str]] = []
    section = _Section((), ())
    header, columns = "", 0
    names_previous = False
    for ordinal, block in enumerate(blocks):
        if not block.text or _is_contents(block):
            continue
        if block.kind is Kind.HEADING:
            if names_previous and stack and outline.structural_level(block.text) is None:
                # "CAPÍTULO II" ended a page and its name opens the next
                stack[-1] = (stack[-1][0], f"{stack[-1][1]} {block.text}"[:MAX_PATH_CHARS])
            else:
                level = block.level or 1
                while stack and stack[-1][0] >= level:
                    stack.pop()
                stack.append((level, block.text[:MAX_PATH_CHARS]))
            names_previous = outline.is_bare_structural(block.text)
            yield section
            path = tuple(text for _, text in stack)
            section = _Section(path, path[:-1])
            section.pieces.append(_Piece(ordinal, 0, len(block.text)))
            continue
        names_previous = False
        label = outline.article_label(block.text) if block.kind is Kind.PARAGRAPH else None
        if label:
            while stack and stack[-1][0] >= outline.ARTICLE_LEVEL:
                stack.pop()
            path = tuple(text for _, text in stack)
            yield section
            section = _Section((*path, label), path)
        section.is_only_headings = False
        if block.kind is Kind.TABLE:
            if block.level or len(block.cells[0] if block.cells else ()) != columns:
                header = "\n".join(block.text.split("\n")[: block.level])[:MAX_HEADER_CHARS]
            columns = len(block.cells[0]) if block.cells else 0
            section.pieces += _rows(ordinal, block, header)
        else:
            columns = 0
            before = section.pieces[-1] if section.pieces else None
            section.pieces += _sentences(ordinal, block.text, before, blocks)
    yield section


def _sentences(
    ordinal: int, text: str, before: _Piece | None, blocks: Sequence[ParsedBlock]
) -> Iterator[_Piece]:
    joint = "\n"
    if before is not None and before.end == len(blocks[before.block].text):
        joint = _page_joint(blocks[before.block], blocks[ordinal])
    if len(text) <= MAX_CHARS:
        yield _Piece(ordinal, 0, len(text), joint)
        return
    for start, end in _cuts(text):
        yield _Piece(ordinal, start, end, joint if start == 0 else " ")


def _page_joint(before: ParsedBlock, block: ParsedBlock) -> str:
    """Return a space where a sentence runs on over the end of a page, else a line break."""
    if (
        not isinstance(before.place, Page)
        or not isinstance(block.place, Page)
        or before.place.page == block.place.page
    ):
        return "\n"
    runs_on = before.kind is not Kind.HEADING and block.kind is Kind.PARAGRAPH and block.text[0].islower()
    return " " if runs_on and before.text[-1] not in ".:;!?" else "\n"


def _rows(ordinal: int, block: ParsedBlock, header: str) -> Iterator[_Piece]:
    start = 0
    for row in block.text.split("\n"):
        end = start + len(row)
        is_header = bool(block.level) and start < len(header)
        if len(row) <= MAX_CHARS - MAX_HEADER_CHARS - 1:
            yield _Piece(ordinal, start, end, header="" if is_header else header)
        else:
            for first, last in _cuts(row):
                yield _Piece(ordinal, start + first, start + last, "\n" if first == 0 else " ", header)
        start = end + 1


def _cuts(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the sentences of `text` begin and end; one that is too long is cut between words."""
    limit = TARGET_CHARS
    ends = [match.end() for match in _SENTENCES.finditer(text)]
    start = 0
    for end in [*ends, len(text)]:
        while end - start > limit:
            cut = text.rfind(" ", start + limit // 2, start + limit) + 1 or start + limit
            yield start, start + len(text[start:cut].rstrip())
            start = cut
        if text[start:end].strip():
            yield start, start + len(text[start:end].rstrip())
        start = end


def _merge_tiny(sections: Iterator[_Section]) -> Iterator[_Section]:
    pending: _Section | None = None
    for section in sections:
        if not section.pieces:
            continue
        if pending is None:
            pending = section
        elif (pending.is_only_headings and pending.chars + section.chars <= MAX_CHARS) or _is_tiny_pair(
            pending, section
        ):
            path = section.path if pending.is_only_headings else _common(pending.path, section.path)
            pending = _Section(
                path, pending.parent if not pending.is_only_headings else section.parent,
                [*pending.pieces, *section.pieces], pending.is_only_headings and section.is_only_headings,
            )  # fmt: skip
        else:
            yield pending
            pending = section
    if pending is not None:
        yield pending


def _is_tiny_pair(before: _Section, section: _Section) -> bool:
    """Say whether two sections of one parent are better as one, the smaller being too small alone."""
    if section.is_only_headings or min(before.chars, section.chars) >= TINY_CHARS:
        return False
    is_sibling = before.parent == section.parent or before.path == section.parent
    return is_sibling and before.chars + section.chars <= TARGET_CHARS


def _common(path: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    shared = 0
    while shared < min(len(path), len(other)) and path[shared] == other[shared]:
        shared += 1
    return path[:shared]


def _pack(section: _Section) -> Iterator[list[_Piece]]:
    """Yield the pieces of each chunk of one section, in even portions of about `TARGET_CHARS`."""
    if section.chars <= MAX_CHARS:
        yield section.pieces
        return
    aim = section.chars / math.ceil(section.chars / TARGET_CHARS)
    held: list[_Piece] = []
    chars = 0
    for piece in section.pieces:
        length = piece.end - piece.start + len(piece.joint)
        if held and (chars + length > MAX_CHARS or (chars >= TINY_CHARS and chars + length / 2 > aim)):
            yield held
            held, chars = [], 0
        if not held and piece.header:
            chars = len(piece.header) + 1
        held.append(piece)
        chars += length
    yield held


def _compose(pieces: Sequence[_Piece], blocks: Sequence[ParsedBlock]) -> tuple[str, tuple[Span, ...]]:
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
