"""Blocks as readable pages for the viewer: safe HTML made here from text alone, the quoted words marked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from django.utils.translation import gettext as _

from documents.blocks import CELL_SEPARATOR, Kind, ParsedBlock
from documents.places import Sheet


@dataclass(frozen=True, slots=True)
class Mark:
    """Characters of one block to be marked."""

    block_ordinal: int
    start: int
    end: int


def render(blocks: Iterable[tuple[int, ParsedBlock]], *, marks: Sequence[Mark] = ()) -> str:
    """Return the blocks, each with its ordinal, as HTML in which nothing of the document is markup.

    Each block's element has `id="b{ordinal}"`; marked words stand in `<mark>`.
    """
    by_block: dict[int, list[tuple[int, int]]] = {}
    for mark in marks:
        by_block.setdefault(mark.block_ordinal, []).append((mark.start, mark.end))
    merged = {ordinal: _merge(found) for ordinal, found in by_block.items()}
    return "\n".join(
        _group(kind, list(found), merged)
        for kind, found in groupby(blocks, key=lambda numbered: _together(numbered[1]))
    )


def _together(block: ParsedBlock) -> tuple[str, str]:
    """Return what neighbours share when one element holds them: a list, or the tables of one sheet."""
    if block.kind is Kind.TABLE:
        width = len(block.cells[0]) if block.cells else 0
        return "table", f"{block.place.sheet} {width}" if isinstance(block.place, Sheet) else str(width)
    return ("list", "") if block.kind is Kind.LIST_ITEM else ("flow", "")


def _group(
    key: tuple[str, str], blocks: list[tuple[int, ParsedBlock]], marks: dict[int, list[tuple[int, int]]]
) -> str:
    match key[0]:
        case "table":
            bodies = "".join(_table(ordinal, block, marks.get(ordinal, [])) for ordinal, block in blocks)
            # Wide tables scroll inside their frame, which the keyboard must be able to reach.
            frame = f'<div class="doc-table" tabindex="0" role="group" aria-label="{escape(_("Tabla"))}">'
            return f"{frame}<table>{bodies}</table></div>"
        case "list":
            items = "".join(
                f'<li id="b{ordinal}" class="doc-depth-{max(0, min(block.level, 4))}">'
                f"{_marked(block.text, marks.get(ordinal, []))}</li>"
                for ordinal, block in blocks
            )
            return f'<ul class="doc-list">{items}</ul>'
    return "\n".join(_flowing(ordinal, block, marks.get(ordinal, [])) for ordinal, block in blocks)


def _flowing(ordinal: int, block: ParsedBlock, marks: list[tuple[int, int]]) -> str:
    words = _marked(block.text, marks)
    match block.kind:
        case Kind.HEADING:
            tag = f"h{max(2, min(block.level + 1, 6))}"  # h1 is the page's own: the document's title
            return f'<{tag} id="b{ordinal}">{words}</{tag}>'
        case Kind.QUOTE:
            return f'<blockquote id="b{ordinal}">{words}</blockquote>'
        case Kind.CODE:
            return f'<pre id="b{ordinal}">{words}</pre>'
    return f'<p id="b{ordinal}">{words}</p>'


def _table(ordinal: int, block: ParsedBlock, marks: list[tuple[int, int]]) -> str:
    first = block.place.rows[0] if isinstance(block.place, Sheet) else None
    at = 0
    rows: list[str] = []
    for index, row in enumerate(block.cells):
        tag = "th" if index < block.level else "td"
        cells = [f'<th scope="row" class="doc-row">{first + index}</th>'] if first is not None else []
        for cell in row:
            inside = [(start - at, end - at) for start, end in marks if start < at + len(cell) and end > at]
            scope = ' scope="col"' if tag == "th" else ""
            cells.append(f"<{tag}{scope}>{_marked(cell, inside)}</{tag}>")
            at += len(cell) + len(CELL_SEPARATOR)
        at += 1 - len(CELL_SEPARATOR)  # a line break, not a separator, ends the row
        rows.append(f"<tr>{''.join(cells)}</tr>")
    head, body = "".join(rows[: block.level]), "".join(rows[block.level :])
    if not head:
        return f'<tbody id="b{ordinal}">{body}</tbody>'
    return (
        f'<tbody id="b{ordinal}" class="doc-head">{head}</tbody><tbody>{body}</tbody>'
        if body
        else f'<tbody id="b{ordinal}">{head}</tbody>'
    )


def _marked(text: str, marks: list[tuple[int, int]]) -> str:
    parts: list[str] = []
    at = 0
    for start, end in marks:
        start, end = max(at, start), min(len(text), end)
        if start < end:
            parts.append(f"{escape(text[at:start])}<mark>{escape(text[start:end])}</mark>")
            at = end
    return "".join(parts) + escape(text[at:])


def _merge(marks: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(marks):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], end)
        else:
            merged.append((start, end))
    return merged
