"""Markdown: CommonMark with tables; raw HTML in it is left out, links keep their words only."""

import re
from collections.abc import Sequence
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from documents.blocks import Kind, ParsedDocument
from documents.parsers import decode, tidy
from documents.parsers.base import Progress, ignore_progress
from documents.parsers.flow import Flow

_FRONT_MATTER = re.compile(r"\A---[ \t]*\r?\n(.*?)\r?\n(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_TITLE = re.compile(r"^(?:title|t[íi]tulo)\s*:\s*[\"']?(.+?)[\"']?\s*$", re.MULTILINE | re.IGNORECASE)
MAX_NESTING = 20


def parse(path: Path, progress: Progress = ignore_progress) -> ParsedDocument:
    """Return the blocks of a Markdown file; its title is that of the front matter, else its first heading."""
    text = decode.read(path)
    front = _FRONT_MATTER.match(text)
    declared = _TITLE.search(front.group(1)) if front else None
    reader = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING, "html": False}).enable("table")
    flow = Flow()
    _walk(flow, reader.parse(text[front.end() :] if front else text))
    progress(1, 1)
    return ParsedDocument(
        tuple(flow.blocks), tidy.line(declared.group(1)) if declared else flow.first_heading(), None
    )


def _walk(flow: Flow, tokens: Sequence[Token]) -> None:
    lists: list[tuple[str, int]] = []  # ordered or not, next number
    markers: list[str] = []
    quotes = 0
    rows: list[list[str]] = []
    header_rows = 0
    for index, token in enumerate(tokens):
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                lists.append((token.type, int(token.attrs.get("start", 1))))
            case "bullet_list_close" | "ordered_list_close":
                lists.pop()
            case "list_item_open":
                kind, number = lists[-1]
                lists[-1] = kind, number + 1
                markers.append(f"{number}. " if kind == "ordered_list_open" else "• ")
            case "list_item_close":
                markers.pop()
            case "blockquote_open":
                quotes += 1
            case "blockquote_close":
                quotes -= 1
            case "table_open":
                rows, header_rows = [], 0
            case "thead_close":
                header_rows = len(rows)
            case "tr_open":
                rows.append([])
            case "table_close":
                flow.add_table(rows, header_rows=header_rows)
            case "fence" | "code_block":
                flow.add(Kind.CODE, token.content)
            case "inline":
                opening = tokens[index - 1]
                words = _words(token)
                if opening.type in {"th_open", "td_open"}:
                    rows[-1].append(words)
                elif opening.type == "heading_open":
                    flow.add(Kind.HEADING, words, level=int(opening.tag[1]))
                elif markers:
                    flow.add(Kind.LIST_ITEM, f"{markers[-1]}{words}", level=min(4, len(lists) - 1))
                    markers[-1] = ""
                else:
                    flow.add(Kind.QUOTE if quotes else Kind.PARAGRAPH, words)


def _words(token: Token) -> str:
    """Return what a reader sees of a line: no marks, no addresses, an image as its description."""
    words: list[str] = []
    for child in token.children or ():
        if child.type in {"text", "code_inline", "image"}:
            words.append(child.content)
        elif child.type in {"softbreak", "hardbreak"}:
            words.append(" ")
    return "".join(words)
