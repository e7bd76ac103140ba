"""Blocks as readable pages for the viewer: safe HTML made here from text alone, the quoted words marked."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby, pairwise

from django.utils.translation import gettext as _

from documents import outline
from documents.blocks import CELL_SEPARATOR, Kind, ParsedBlock
from documents.places import Page, Place, Sheet, Slide

# Why characters are marked: cited, the hit of a search that is being looked at, another hit. The first wins.
CITED, CURRENT, FOUND = "cited", "current", "found"
CLASSES = {CITED: "", CURRENT: ' class="is-current"', FOUND: ' class="is-found"'}
DEEPEST_LIST = 4

Numbered = tuple[int, ParsedBlock]
Address = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Mark:
    """Characters of one block to be marked."""

    block_ordinal: int
    start: int
    end: int
    why: str = CITED


def render(
    blocks: Iterable[Numbered],
    *,
    marks: Sequence[Mark] = (),
    cited: Place | None = None,
    picture: Address | None = None,
) -> str:
    """Return the blocks, each with its ordinal, as HTML in which nothing of the document is markup.

    Each block's element has `id="b{ordinal}"`; marked words stand in `<mark>`. Slides, sheets and pages are sections
    with `anchor` as their id; the slide that `cited` names is marked as a whole when none of its words is.
    `picture`: the address of a picture by its name; without it pictures are told by their words alone.
    """
    by_block: dict[int, list[Mark]] = {}
    for mark in marks:
        by_block.setdefault(mark.block_ordinal, []).append(mark)
    drawing = _Drawing(by_block, picture)
    return "\n".join(
        _section(name, list(found), drawing, cited=cited)
        for name, found in groupby(blocks, key=lambda numbered: section_of(numbered[1].place))
    )


def section_of(place: Place) -> str:
    """Return which section of its document a place stands in, in words; "" where documents have none."""
    match place:
        case Slide(slide):
            return _("Diapositiva %d") % slide
        case Sheet(sheet):
            return _("Hoja «%s»") % sheet
        case Page(page):
            return _("Página %d") % page
    return ""


def anchor(place: Place, *, ordinal: int) -> str:
    """Return the id of the section that a place stands in; `ordinal`: of the section's first block."""
    match place:
        case Slide(slide):
            return f"d{slide}"
        case Page(page):
            return f"p{page}"
    return f"h{ordinal}"


@dataclass(frozen=True, slots=True)
class _Drawing:
    """What the drawing of every block needs."""

    marks: Mapping[int, list[Mark]]
    picture: Address | None

    def words(self, ordinal: int, block: ParsedBlock) -> str:
        """Return the block's text with what is marked and doubted in it."""
        return _marked(
            block.text, [(m.start, m.end, m.why) for m in self.marks.get(ordinal, ())], block.doubts
        )


def _section(name: str, blocks: list[Numbered], drawing: _Drawing, *, cited: Place | None) -> str:
    bodies = "\n".join(
        _group(kind, list(found), drawing, is_inside=bool(name))
        for kind, found in groupby(blocks, key=lambda numbered: _together(numbered[1]))
    )
    if not name:
        return bodies
    ordinal, first = blocks[0]
    kind = {Slide: "doc-slide", Sheet: "doc-sheet"}.get(type(first.place), "doc-page")
    is_marked = any(
        mark.why == CITED for ordinal, _block in blocks for mark in drawing.marks.get(ordinal, ())
    )
    is_cited = isinstance(cited, Slide) and cited == first.place and not is_marked
    where = anchor(first.place, ordinal=ordinal)
    return (
        f'<section id="{where}" class="doc-section {kind}{" is-cited" if is_cited else ""}" '
        f'aria-labelledby="{where}-name"><h2 id="{where}-name" class="doc-name">{escape(name)}</h2>{bodies}</section>'
    )


def _together(block: ParsedBlock) -> tuple[str, str]:
    """Return what neighbours share when one element holds them: a list, or the tables of one sheet."""
    if block.kind is Kind.TABLE:
        width = len(block.cells[0]) if block.cells else 0
        return "table", str(width)
    return ("list", "") if block.kind is Kind.LIST_ITEM else ("flow", "")


def _group(key: tuple[str, str], blocks: list[Numbered], drawing: _Drawing, *, is_inside: bool) -> str:
    match key[0]:
        case "table":
            bodies = "".join(_table(ordinal, block, drawing) for ordinal, block in blocks)
            # Wide tables scroll inside their frame, which the keyboard must be able to reach.
            frame = f'<div class="doc-table" tabindex="0" role="group" aria-label="{escape(_("Tabla"))}">'
            return f"{frame}<table>{bodies}</table></div>"
        case "list":
            return "".join(_list(blocks, drawing))
    return "\n".join(_flowing(ordinal, block, drawing, is_inside=is_inside) for ordinal, block in blocks)


def _list(blocks: list[Numbered], drawing: _Drawing) -> Iterator[str]:
    """Yield lists inside lists; an item's number or bullet is part of its text wherever the source had one."""
    depth = -1
    for ordinal, block in blocks:
        wanted = max(0, min(block.level, DEEPEST_LIST, depth + 1))
        if wanted > depth:
            yield '<ul class="doc-list">'
        else:
            yield "</li>" + "</ul></li>" * (depth - wanted)
        depth = wanted
        css = ' class="has-marker"' if outline.list_marker(block.text) else ""
        yield f'<li id="b{ordinal}"{css}>{drawing.words(ordinal, block)}'
    yield "</li></ul>" * (depth + 1)


def _flowing(ordinal: int, block: ParsedBlock, drawing: _Drawing, *, is_inside: bool) -> str:
    words = drawing.words(ordinal, block)
    match block.kind:
        case Kind.HEADING:
            # h1 is the page's own, the document's title; inside a section h2 is the section's.
            tag = f"h{max(2 + is_inside, min(block.level + 1 + is_inside, 6))}"
            return f'<{tag} id="b{ordinal}">{words}</{tag}>'
        case Kind.QUOTE:
            return f'<blockquote id="b{ordinal}">{words}</blockquote>'
        case Kind.CODE:
            return f'<pre id="b{ordinal}">{words}</pre>'
        case Kind.NOTE:
            label = _("Notas del orador") if isinstance(block.place, Slide) else _("Nota")
            name = f'<span class="doc-note-name">{escape(label)}</span>'
            return f'<div id="b{ordinal}" class="doc-note" role="note">{name}<p>{words}</p></div>'
        case Kind.PICTURE:
            return _picture(ordinal, block, words, drawing.picture)
    return f'<p id="b{ordinal}">{words}</p>'


def _picture(ordinal: int, block: ParsedBlock, words: str, address: Address | None) -> str:
    caption = f"<figcaption>{words}</figcaption>" if block.text else ""
    if address is None or not block.picture:
        return f'<figure id="b{ordinal}" class="doc-picture">{caption}</figure>' if caption else ""
    alt = block.text or _("Imagen sin descripción")
    image = (
        f'<img src="{escape(address(block.picture))}" alt="{escape(alt)}" loading="lazy" decoding="async">'
    )
    return f'<figure id="b{ordinal}" class="doc-picture">{image}{caption}</figure>'


def _table(ordinal: int, block: ParsedBlock, drawing: _Drawing) -> str:
    first = block.place.rows[0] if isinstance(block.place, Sheet) else None
    marks = drawing.marks.get(ordinal, ())
    at = 0
    rows: list[str] = []
    for index, row in enumerate(block.cells):
        tag = "th" if index < block.level else "td"
        scope = ' scope="col"' if tag == "th" else ""
        number = f'<th scope="row" class="doc-row">{first + index}</th>' if first is not None else ""
        where = f' id="b{ordinal}f{first + index}"' if first is not None else ""
        cells = []
        for cell in row:
            end = at + len(cell)
            inside = [(m.start - at, m.end - at, m.why) for m in marks if m.start < end and m.end > at]
            doubts = [(a - at, b - at) for a, b in block.doubts if a < end and b > at]
            cells.append(f"<{tag}{scope}>{_marked(cell, inside, doubts)}</{tag}>")
            at = end + len(CELL_SEPARATOR)
        at += 1 - len(CELL_SEPARATOR)  # a line break, not a separator, ends the row
        rows.append(f"<tr{where}>{number}{''.join(cells)}</tr>")
    head, body = "".join(rows[: block.level]), "".join(rows[block.level :])
    if not head:
        return f'<tbody id="b{ordinal}">{body}</tbody>'
    return (
        f'<tbody id="b{ordinal}" class="doc-head">{head}</tbody><tbody>{body}</tbody>'
        if body
        else f'<tbody id="b{ordinal}">{head}</tbody>'
    )


def _marked(text: str, marks: Sequence[tuple[int, int, str]], doubts: Sequence[tuple[int, int]] = ()) -> str:
    """Return the text with its marked and its doubtful characters; where two marks meet, the stronger is shown."""
    if not marks and not doubts:
        return escape(text)
    edges = [at for start, end, _why in marks for at in (start, end)] + [at for pair in doubts for at in pair]
    cuts = sorted({0, len(text), *(min(max(at, 0), len(text)) for at in edges)})
    pieces = [
        (
            next((why for why in CLASSES if (why in _over(marks, start, end))), ""),
            _doubted(text[start:end], any(a <= start and end <= b for a, b in doubts)),
        )
        for start, end in pairwise(cuts)
    ]
    return "".join(
        f"<mark{CLASSES[why]}>{inside}</mark>" if why else inside
        for why, found in groupby(pieces, key=lambda piece: piece[0])
        for inside in ["".join(html for _why, html in found)]
    )


def _over(marks: Sequence[tuple[int, int, str]], start: int, end: int) -> set[str]:
    return {why for first, last, why in marks if first <= start and end <= last}


def _doubted(text: str, is_doubted: bool) -> str:
    if not is_doubted:
        return escape(text)
    return f'<span class="doc-doubt" title="{escape(_("Se leyó con poca certeza"))}">{escape(text)}</span>'
