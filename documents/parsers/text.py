"""Plain text: paragraphs between empty lines, headings only where numbering or capitals leave no doubt."""

import re
from collections.abc import Iterator
from pathlib import Path

from documents import outline
from documents.blocks import Kind, ParsedDocument
from documents.parsers import decode, tidy
from documents.parsers.base import Progress, ignore_progress
from documents.parsers.flow import Flow

MAX_SHOUTED_CHARS = 100
FULL_LINE_CHARS = 55  # lines about this long and more were broken by a program, not by a thought
_BLANK = re.compile(r"\n[ \t]*\n\s*")
_CUT = re.compile(r"(?<=[a-záéíóúüñ])-\n(?=[a-záéíóúüñ])")


def parse(path: Path, progress: Progress = ignore_progress) -> ParsedDocument:
    """Return the paragraphs of a text file."""
    flow = Flow()
    for paragraph in paragraphs(decode.read(path)):
        add(flow, paragraph)
    progress(1, 1)
    return ParsedDocument(tuple(flow.blocks), flow.first_heading(), None)


def paragraphs(text: str) -> Iterator[str]:
    """Yield the paragraphs of a text, hard-wrapped lines joined again."""
    for part in _BLANK.split(tidy.lines(text)):
        yield from _paragraphs(part.split("\n"))


def _paragraphs(lines: list[str]) -> list[str]:
    """Return the paragraphs of lines that no empty one separates: hard-wrapped lines joined again."""
    found: list[list[str]] = []
    for line in lines:
        stripped = line.strip()
        if not stripped:
            continue
        if found and not _starts(stripped, found[-1]):
            found[-1].append(stripped)
        else:
            found.append([stripped])
    return [_CUT.sub("", "\n".join(paragraph)) for paragraph in found]


def _starts(line: str, before: list[str]) -> bool:
    """Say whether a line begins a paragraph, after the lines of the one before it."""
    last = before[-1]
    if outline.list_marker(line) or outline.is_article(line) or outline.structural_level(line):
        return True
    is_heading = len(before) == 1 and _heading_level(last) > 0
    if is_heading or (outline.is_shouted(line) and not outline.is_shouted(last)):
        return True
    return len(last) < FULL_LINE_CHARS and (
        last.endswith((".", ":", ";", "!", "?")) or not line[:1].islower()
    )


def _heading_level(text: str) -> int:
    if "\n" in text or text.endswith((",", ";", ".")):
        return 0
    structural = outline.structural_level(text)
    if structural:
        return structural
    if outline.article_label(text) == text:
        return outline.ARTICLE_LEVEL
    words = re.findall(r"[^\W\d_]{2,}", text)
    if (
        outline.is_shouted(text)
        and len(text) <= MAX_SHOUTED_CHARS
        and len(words) >= 1
        and not text.endswith(":")
    ):
        return 2
    return 0


def add(flow: Flow, paragraph: str) -> None:
    """Add a paragraph as what it is: a heading, an item of a list, or running text."""
    level = _heading_level(paragraph)
    if level:
        flow.add(Kind.HEADING, paragraph, level=level)
    elif outline.list_marker(paragraph) and not outline.is_article(paragraph):
        flow.add(Kind.LIST_ITEM, paragraph)
    else:
        flow.add(Kind.PARAGRAPH, paragraph)
