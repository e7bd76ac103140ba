"""An answer's text as safe HTML, or taken apart: our own small Markdown, without images, links or markup."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from html import escape

from markdown_it import MarkdownIt
from markdown_it.token import Token

from rag.cite import parse_answer
from schools import unseen

_MARK = re.compile(r"\[\s*(\d{1,3}(?:\s*[,;y]\s*\d{1,3})*)\s*\]")
# A private character, which no text holds any more when it is given a meaning here.
_UNSUPPORTED = "\ue000"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one look. `note`: a mark [n], without a text; `is_doubt`: no source holds what stands before."""

    text: str
    is_strong: bool = False
    is_emphasis: bool = False
    note: int | None = None
    is_doubt: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, or an item of a list: `depth` lists deep, with its `number` in an ordered one."""

    spans: tuple[Span, ...] = field(default=())
    depth: int = 0
    number: int | None = None


@cache
def _markdown() -> MarkdownIt:
    """Return the parser: paragraphs, lists, emphasis, code, tables. No HTML, link, image or automatic link."""
    return MarkdownIt("zero", {"html": False, "linkify": False, "breaks": True}).enable(
        ["list", "emphasis", "backticks", "fence", "table", "escape", "newline"]
    )


def render(
    text: str, *, links: Mapping[int, str], supported: Callable[[int], bool], label: str, unsupported: str
) -> str:
    """Return the answer as HTML.

    `links`: where each source number leads; a number without one stays text. `supported(i)`: whether a source holds
    sentence i; the others are followed by a mark with the tooltip `unsupported`. `label`: "Fuente %d", for screen
    readers.
    """
    html: str = _markdown().renderer.render(_tokens(text, supported), _markdown().options, {})
    html = _MARK.sub(lambda found: _links(found, links, label), html)
    why = escape(unsupported)
    flag = f'<span class="unsupported" role="img" title="{why}" aria-label="{why}">?</span>'
    return html.replace(_UNSUPPORTED, flag)


def parse(text: str, *, supported: Callable[[int], bool]) -> list[Block]:
    """Return the same text taken apart, for what is no HTML; a row of a table becomes a paragraph."""
    blocks: list[Block] = []
    lists: list[int | None] = []  # the number of the next item of each open list; None: it has none
    is_item, in_cell, row = False, False, list[Span]()
    for token in _tokens(text, supported):
        if token.type in ("bullet_list_open", "ordered_list_open"):
            lists.append(int(token.attrGet("start") or 1) if token.type[0] == "o" else None)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif token.type == "list_item_open":
            is_item = True
        elif token.type in ("th_open", "td_open"):
            in_cell = True
        elif token.type in ("th_close", "td_close"):
            in_cell = False
            row.append(Span(" | "))
        elif token.type == "tr_close":
            blocks.append(Block(tuple(row[:-1])))
            row = []
        elif token.type == "fence":
            blocks += [Block(tuple(_cut(line))) for line in token.content.splitlines() if line.strip()]
        elif token.type == "inline":
            spans = tuple(_spans(token.children or ()))
            if in_cell:
                row += spans
                continue
            number = lists[-1] if lists and is_item else None
            if number is not None:
                lists[-1] = number + 1
            blocks.append(Block(spans, len(lists) if is_item else 0, number))
            is_item = False
    return blocks


def clean(text: str) -> str:
    """Return the text without what nobody sees in it: sentences are counted in this one."""
    return unseen.strip_all(text)


def _tokens(text: str, supported: Callable[[int], bool]) -> list[Token]:
    """Return the text as tokens that carry none of its words but as text.

    The name after a code's fence would become a class, in which a mark [n] would open a tag; the sides of a table's
    columns would become styles, which pages do not allow.
    """
    tokens = _markdown().parse(_doubted(text, supported))
    for token in tokens:
        token.info = ""
        token.attrs = {"start": int(token.attrs["start"])} if "start" in token.attrs else {}
    return tokens


def _doubted(text: str, supported: Callable[[int], bool]) -> str:
    """Return the text with a private character after each sentence that no source holds."""
    text = clean(text)
    marked = []
    at = 0
    for number, sentence in enumerate(parse_answer(text)):
        if not supported(number):
            marked.append(text[at : sentence.end].rstrip() + _UNSUPPORTED)
            at = sentence.end
    return "".join(marked) + text[at:]


def _spans(tokens: Iterable[Token]) -> Iterator[Span]:
    strong = emphasis = 0
    for token in tokens:
        strong += {"strong_open": 1, "strong_close": -1}.get(token.type, 0)
        emphasis += {"em_open": 1, "em_close": -1}.get(token.type, 0)
        said = "\n" if token.type in ("softbreak", "hardbreak") else token.content
        yield from _cut(said, is_strong=strong > 0, is_emphasis=emphasis > 0)


def _cut(said: str, *, is_strong: bool = False, is_emphasis: bool = False) -> Iterator[Span]:
    """Yield a text's words, its marks and its doubts."""
    at = 0
    for found in re.finditer(rf"\s*{_MARK.pattern}|{_UNSUPPORTED}", said):
        if before := said[at : found.start()]:
            yield Span(before, is_strong, is_emphasis)
        if found[0] == _UNSUPPORTED:
            yield Span("", is_doubt=True)
        else:
            yield from (Span("", note=int(digits)) for digits in re.findall(r"\d+", found[1]))
        at = found.end()
    if said[at:]:
        yield Span(said[at:], is_strong, is_emphasis)


def _links(found: re.Match[str], links: Mapping[int, str], label: str) -> str:
    numbers = [int(digits) for digits in re.findall(r"\d+", found.group(1))]
    if any(number not in links for number in numbers):
        return found.group(0)
    return "".join(
        f'<a class="cite" href="{escape(links[n])}" data-n="{n}" aria-label="{escape(label % n)}">{n}</a>'
        for n in numbers
    )
