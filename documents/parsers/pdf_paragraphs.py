"""Lines of a PDF become paragraphs, headings and list items, by distance, indent, weight and numbering."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from documents import outline
from documents.blocks import CELL_SEPARATOR, Kind, ParsedBlock
from documents.parsers import grid
from documents.parsers.base import MAX_BLOCK_CHARS
from documents.parsers.pdf_lines import Line, Word, around
from documents.parsers.pdf_order import Column
from documents.places import Page, pack_words

PARAGRAPH_GAP = 1.3  # times the usual distance of lines
SHORT_LINE = 0.88  # of the column's width
MAX_HEADING_LINES = 4
NOTE_SIZE = 0.9  # of most letters, at most
_NOTE_MARK = re.compile(r"(?:\d{1,3}|[*†‡]{1,3}|[¹²³⁴-⁹]+|\(\d{1,3}\))[.)]?\s*[A-ZÁÉÍÓÚÑ«“\"¿a-z]")
_SENTENCE_ENDS = (".", ":", ";", "!", "?", "…", ".”", ".»", '."')


@dataclass(frozen=True, slots=True)
class Style:
    """What is usual in this document."""

    size: float  # of most letters, points
    pitch: float  # distance of lines within a paragraph, in line heights


@dataclass(frozen=True, slots=True)
class Paragraph:
    lines: tuple[Line, ...]
    column: Column
    page: int

    @property
    def is_centred(self) -> bool:
        return all(_is_centred(line, self.column) for line in self.lines)

    @property
    def size(self) -> float:
        return median(line.size for line in self.lines)

    @property
    def is_bold(self) -> bool:
        return all(line.is_bold for line in self.lines)


def usual_style(pages: Iterable[Sequence[Column]]) -> Style:
    """Return the size and pitch that most lines of a document have."""
    sizes: Counter[float] = Counter()
    pitches: list[float] = []
    for page in pages:
        for column in page:
            for line in column.lines:
                sizes[max(0.5, round(line.size * 2) / 2)] += len(line.text)
            pitches += _pitches(column)
    pitches.sort()
    return Style(sizes.most_common(1)[0][0] if sizes else 10.0, _low(pitches) if pitches else 1.1)


def paragraphs(column: Column, *, page: int, style: Style) -> list[Paragraph]:
    """Return the paragraphs of one column of one page."""
    own = _pitches(column)
    pitch = _low(sorted(own)) if len(own) >= 8 else style.pitch
    groups: list[list[Line]] = []
    chars = 0
    for line in column.lines:
        chars += len(line.text) + 1
        if groups and chars < MAX_BLOCK_CHARS and not _starts(line, groups[-1], column, pitch):
            groups[-1].append(line)
        else:
            groups.append([line])
            chars = len(line.text) + 1
    return [Paragraph(tuple(group), column, page) for group in groups]


def blocks(found: Sequence[Paragraph], *, style: Style) -> Iterator[ParsedBlock]:
    """Yield the block of every paragraph; "CAPÍTULO II" takes the name on the next line with it."""
    notes = _first_note(found, style)
    index = 0
    while index < len(found):
        paragraph = found[index]
        index += 1
        if index > notes:
            yield _block(Kind.NOTE, *_compose(paragraph.lines), paragraph.page, 0)
            continue
        if paragraph.lines[0].cells:
            yield _table(paragraph)
            continue
        text, words = _compose(paragraph.lines)
        level = _heading_level(paragraph, text, style)
        if level and outline.is_bare_structural(text):
            lines = paragraph.lines
            while index < len(found) and _names(
                found[index], paragraph, style, is_first=lines is paragraph.lines
            ):
                lines += found[index].lines
                index += 1
            text, words = _compose(lines)
        if level:
            yield _block(Kind.HEADING, text, words, paragraph.page, level)
        elif outline.list_marker(text) and not outline.is_article(text):
            yield _block(Kind.LIST_ITEM, text, words, paragraph.page, _depth(paragraph))
        elif text:
            yield _block(Kind.PARAGRAPH, text, words, paragraph.page, 0)


def _first_note(found: Sequence[Paragraph], style: Style) -> int:
    """Return the index of the first footnote: from there on all is small print, and it begins with a mark."""
    first = len(found)
    for index in range(len(found) - 1, 0, -1):
        paragraph = found[index]
        if paragraph.lines[0].cells or paragraph.size > NOTE_SIZE * style.size:
            break
        if _NOTE_MARK.match(paragraph.lines[0].text):
            first = index
    return first


def _starts(line: Line, group: list[Line], column: Column, pitch: float) -> bool:
    """Say whether `line` opens a paragraph after the lines of `group`."""
    before = group[-1]
    if line.cells or before.cells:
        return True
    distance = line.box[3] - before.box[3]
    if distance > PARAGRAPH_GAP * pitch * max(line.size, before.size) or distance < 0:
        return True
    if not 0.85 < line.size / before.size < 1.18 or (
        line.is_bold != before.is_bold and _has_own_look(line, before, column)
    ):
        return True
    text, earlier = line.text, before.text
    if outline.is_article(text) or outline.structural_level(text):
        return True
    if outline.list_marker(text) and (
        earlier.endswith((*_SENTENCE_ENDS, ",", " y", " o", ", e")) or _is_listed(group)
    ):
        return True
    if _is_display(line, column) and _is_display(before, column):
        return False
    ends_short = before.box[2] < column.left + SHORT_LINE * column.width
    if ends_short and (
        earlier.endswith(_SENTENCE_ENDS) or _is_display(before, column) or _is_display(line, column)
    ):
        return True
    if (
        ends_short
        and before.box[2] < column.left + 0.6 * column.width
        and text[:1].isupper()
        and earlier[-1:] not in "-,"
    ):
        return True
    is_indented = line.box[0] > before.box[0] + 0.9 * line.size
    return is_indented and len(group) > 1 and earlier.endswith(_SENTENCE_ENDS)


def _has_own_look(line: Line, before: Line, column: Column) -> bool:
    """Say whether a change of weight is a change of paragraph and not a bold word in the running text."""
    bold = line if line.is_bold else before
    return bold.box[2] < column.left + SHORT_LINE * column.width or _is_centred(line, column) != _is_centred(
        before, column
    )


def _is_listed(group: list[Line]) -> bool:
    return outline.list_marker(group[0].text) is not None


def _is_centred(line: Line, column: Column) -> bool:
    left, right = line.box[0] - column.left, column.right - line.box[2]
    return left > 0.06 * column.width and abs(left - right) < 0.06 * column.width


def _is_display(line: Line, column: Column) -> bool:
    return _is_centred(line, column) and (line.is_bold or outline.is_shouted(line.text))


def _heading_level(paragraph: Paragraph, text: str, style: Style) -> int:
    """Return the level of a heading, 0 for running text."""
    structural = outline.structural_level(text)
    if structural:
        return structural
    if (
        len(text) > outline.MAX_HEADING_CHARS
        or len(paragraph.lines) > MAX_HEADING_LINES
        or not _has_letters(text)
    ):
        return 0
    if outline.is_article(text):
        is_whole = outline.article_label(text) == text or (paragraph.is_bold and text.endswith("."))
        return outline.ARTICLE_LEVEL if is_whole and len(text) <= 90 else 0
    if text.endswith((",", ";")) or (
        outline.list_marker(text) and not (paragraph.is_bold and outline.numbered_level(text))
    ):
        return 0
    ratio = paragraph.size / style.size
    if ratio >= 1.2 and not text.endswith("."):
        return 1 if ratio >= 1.45 else 2
    is_shouted = outline.is_shouted(text)
    if is_shouted and not text.endswith(".") and (paragraph.is_centred or paragraph.is_bold):
        return 2 if paragraph.is_centred else 3
    if paragraph.is_bold and not text.endswith("."):
        return outline.numbered_level(text) or (3 if paragraph.is_centred else 4)
    return 0


def _names(after: Paragraph, structural: Paragraph, style: Style, *, is_first: bool) -> bool:
    """Say whether a paragraph after "CAPÍTULO II" is its name, or a further line of it."""
    text = " ".join(line.text for line in after.lines)
    if (
        after.page != structural.page
        or len(text) > outline.MAX_HEADING_CHARS
        or text.endswith((",", ";", "."))
    ):
        return False
    if outline.structural_level(text) or outline.is_article(text) or outline.list_marker(text):
        return False
    if not is_first:
        return outline.is_shouted(text) and (after.is_centred or after.is_bold)
    return after.is_centred or _heading_level(after, text, style) > 0


def _depth(paragraph: Paragraph) -> int:
    em = max(1.0, paragraph.size)
    return min(4, int(max(0.0, paragraph.lines[0].box[0] - paragraph.column.left) / (2.4 * em)))


def _has_letters(text: str) -> bool:
    return sum(char.isalpha() for char in text) >= 3


def _compose(lines: Iterable[Line]) -> tuple[str, list[tuple[int, Word]]]:
    """Return the running text of some lines, cut words whole again, and where in it each word starts."""
    text = ""
    placed: list[tuple[int, Word]] = []
    for line in lines:
        for index, word in enumerate(line.words):
            text = _joint(text, word, is_first=index == 0)
            placed.append((len(text), word))
            text += word.text
    return text, placed


def _table(paragraph: Paragraph) -> ParsedBlock:
    text = ""
    placed: list[tuple[int, Word]] = []
    rows: list[tuple[str, ...]] = []
    for row in paragraph.lines[0].cells:
        cells: list[str] = []
        for cell in row:
            text += CELL_SEPARATOR if cells else "\n" if rows else ""
            began = len(text)
            for word in cell:
                text += " " if len(text) > began else ""
                placed.append((len(text), word))
                text += word.text
            cells.append(text[began:])
        rows.append(tuple(cells))
    header_rows = grid.header_length(rows)
    block = _block(Kind.TABLE, text, placed, paragraph.page, header_rows)
    return replace(block, cells=tuple(rows))


def _joint(text: str, word: Word, *, is_first: bool) -> str:
    if not text:
        return text
    if is_first and len(text) > 2 and text[-1] in "-‐" and text[-2].isalpha() and word.text[0].isalnum():
        return text[:-1] if text[-2].islower() and word.text[0].islower() else text
    return text + " "


def _block(kind: Kind, text: str, words: list[tuple[int, Word]], page: int, level: int) -> ParsedBlock:
    x0, y0, x1, y1 = around([word.shown for _, word in words])
    box = round(x0, 1), round(y0, 1), round(x1, 1), round(y1, 1)
    packed = pack_words((start, word.shown) for start, word in words)
    return ParsedBlock(
        kind, text, Page(page, (box,)), level=level, words=packed, doubts=_doubts(words, len(text))
    )


def _doubts(words: list[tuple[int, Word]], length: int) -> tuple[tuple[int, int], ...]:
    """Return the characters of doubtful words, neighbours as one range."""
    ends = [start for start, _ in words[1:]] + [length]
    found: list[tuple[int, int]] = []
    for (start, word), end in zip(words, ends, strict=True):
        if not word.is_doubtful:
            continue
        end = min(end, start + len(word.text))
        if found and found[-1][1] >= start - 1:
            found[-1] = found[-1][0], end
        else:
            found.append((start, end))
    return tuple(found)


def _pitches(column: Column) -> list[float]:
    """Return the distances of neighbouring lines, in line heights."""
    return [
        (below.box[3] - above.box[3]) / above.size
        for above, below in pairwise(column.lines)
        if not (above.cells or below.cells)
        and above.size > 0
        and 0.85 < below.size / above.size < 1.18
        and below.box[3] > above.box[3]
    ]


def _low(ordered: list[float]) -> float:
    return max(0.8, ordered[int(0.3 * (len(ordered) - 1))])
