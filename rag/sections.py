"""The sections of a document, in pieces that a chunk holds whole: paragraphs, sentences, rows."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from documents import outline
from documents.blocks import Kind, ParsedBlock
from documents.places import Page, Place, Sheet, Slide
from rag import tokens

# As tokens.estimate tells: what models of 512 tokens read whole, with the headings above it.
TARGET_TOKENS = 300
MAX_TOKENS = 450
MAX_HEADER_TOKENS = 100  # of a table's header, repeated where a chunk begins in its middle
MAX_PATH_CHARS = 160  # of one heading in the path

_SENTENCES = re.compile(r"[.!?;:…][\"'»”)\]]*\s+(?=[A-ZÁÉÍÓÚÑ¿¡«“\"'(\[•\-–—\d])")


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters of a block that are not parted."""

    block: int
    start: int
    end: int
    tokens: float
    joint: str = "\n"  # what stands between it and the piece before, if one chunk holds both
    header: str = ""  # of its table, for a chunk that begins here
    is_note: bool = False  # stays with what it follows


@dataclass(slots=True)
class Section:
    """What stands under one heading, in one article, on one slide."""

    path: tuple[str, ...]
    part: int | str | None = None  # the slide, the sheet
    pieces: list[Piece] = field(default_factory=list)
    is_only_headings: bool = True

    def opens(self, section: "Section") -> bool:
        """Say whether this is but the headings above `section`."""
        return (
            self.is_only_headings
            and section.part == self.part
            and section.path[: len(self.path)] == self.path
        )


def sections(blocks: Sequence[ParsedBlock]) -> Iterator[Section]:
    """Yield the sections that have anything, each with the headings right above it that have no text of their own."""
    above: Section | None = None
    for section in _sections(blocks):
        if not section.pieces:
            continue
        if above is not None:
            if above.opens(section):
                section.pieces[:0] = above.pieces
            else:
                yield above
        above = section if section.is_only_headings else None
        if above is None:
            yield section
    if above is not None:
        yield above


def is_left_out(kind: Kind, text: str) -> bool:
    """Say whether a block is in no chunk: it has no text, or is of a table of contents.

    A table of contents repeats every heading and answers nothing.
    """
    return (
        not text
        or outline.is_contents_entry(text)
        or (kind is Kind.HEADING and outline.is_contents_title(text))
    )


def _sections(blocks: Sequence[ParsedBlock]) -> Iterator[Section]:
    """Yield one section per heading, article and slide, each with the path of headings above it."""
    stack: list[tuple[int, str, int | str | None]] = []
    section = Section(())
    header, columns = "", 0
    names_previous = False
    for ordinal, block in enumerate(blocks):
        if is_left_out(block.kind, block.text):
            continue
        part = _part(block.place)
        if block.kind is Kind.HEADING:
            if names_previous and stack and outline.structural_level(block.text) is None:
                # "CAPÍTULO II" ended a page and its name opens the next
                level, name, _ = stack[-1]
                stack[-1] = (level, f"{name} {block.text}"[:MAX_PATH_CHARS], part)
                section.path = _names(stack)
            else:
                level = block.level or 1
                while stack and stack[-1][0] >= level:
                    stack.pop()
                stack.append((level, block.text[:MAX_PATH_CHARS], part))
                yield section
                section = Section(_names(stack), part)
            names_previous = outline.is_bare_structural(block.text)
            section.pieces += _sentences(ordinal, blocks, section.pieces)
            continue
        names_previous = False
        label = outline.article_label(block.text) if block.kind is Kind.PARAGRAPH else None
        if label:
            while stack and stack[-1][0] >= outline.ARTICLE_LEVEL:
                stack.pop()
            yield section
            section = Section((*_names(stack), label), part)
        elif part != section.part and section.pieces:
            # A slide or sheet without a heading: those of the one before say nothing of it.
            while stack and stack[-1][2] == section.part:
                stack.pop()
            yield section
            section = Section(_names(stack), part)
        section.part = part
        section.is_only_headings = False
        if block.kind is Kind.TABLE:
            if block.level or len(block.cells[0] if block.cells else ()) != columns:
                header = "\n".join(block.text.split("\n", block.level)[: block.level])
                header = header[: tokens.fit(header, 0, len(header), most=MAX_HEADER_TOKENS)]
            columns = len(block.cells[0]) if block.cells else 0
            section.pieces += _rows(ordinal, block, header)
        else:
            columns = 0
            _add(section.pieces, _sentences(ordinal, blocks, section.pieces))
    yield section


def _part(place: Place) -> int | str | None:
    """Return what a chunk may not reach beyond, whatever the headings say."""
    match place:
        case Slide(slide):
            return slide
        case Sheet(sheet):
            return sheet
    return None


def _names(stack: Sequence[tuple[int, str, int | str | None]]) -> tuple[str, ...]:
    return tuple(name for _level, name, _part in stack)


def _piece(
    block: int, text: str, start: int, end: int, joint: str = "\n", header: str = "", *, is_note: bool = False
) -> Piece:
    return Piece(block, start, end, tokens.estimate(text[start:end]), joint, header, is_note)


def _sentences(ordinal: int, blocks: Sequence[ParsedBlock], before: Sequence[Piece]) -> Iterator[Piece]:
    """Yield a block whole, or its sentences where it is too long."""
    block, joint = blocks[ordinal], "\n"
    is_note = block.kind is Kind.NOTE
    told = next((piece for piece in reversed(before) if not piece.is_note), None)
    if told is not None and told.end == len(blocks[told.block].text) and not is_note:
        joint = _page_joint(blocks[told.block], block)
    whole = _piece(ordinal, block.text, 0, len(block.text), joint, is_note=is_note)
    if whole.tokens <= MAX_TOKENS:
        yield whole
        return
    for start, end in _cuts(block.text):
        yield _piece(ordinal, block.text, start, end, joint if start == 0 else " ", is_note=is_note)


def _add(pieces: list[Piece], more: Iterator[Piece]) -> None:
    """Add a block's pieces; a sentence that runs on comes before the notes that stood at the foot of its page."""
    new = list(more)
    at = len(pieces)
    if new and new[0].joint == " ":
        while at and pieces[at - 1].is_note:
            at -= 1
    pieces[at:at] = new


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


def _rows(ordinal: int, block: ParsedBlock, header: str) -> Iterator[Piece]:
    start = 0
    for row in block.text.split("\n"):
        end = start + len(row)
        is_header = bool(block.level) and start < len(header)
        piece = _piece(ordinal, block.text, start, end, header="" if is_header else header)
        if piece.tokens <= MAX_TOKENS - MAX_HEADER_TOKENS:
            yield piece
        else:
            for first, last in _cuts(row):
                joint = "\n" if first == 0 else " "
                yield _piece(ordinal, block.text, start + first, start + last, joint, header)
        start = end + 1


def _cuts(text: str) -> Iterator[tuple[int, int]]:
    """Yield where the sentences of `text` begin and end; one that is too long is cut between words."""
    ends = [match.end() for match in _SENTENCES.finditer(text)]
    start = 0
    for end in [*ends, len(text)]:
        while (reach := tokens.fit(text, start, end, most=TARGET_TOKENS)) < end:
            cut = text.rfind(" ", start + (reach - start) // 2, reach) + 1 or reach
            yield start, start + len(text[start:cut].rstrip())
            start = cut
        if text[start:end].strip():
            yield start, start + len(text[start:end].rstrip())
        start = end
