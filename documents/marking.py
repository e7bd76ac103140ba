"""Which characters of a document's blocks a place stands for: what the viewer marks, and quotes above the page."""

from collections.abc import Iterable, Sequence

from documents import finding, places
from documents.finding import Hit
from documents.models import Block, Document
from documents.pages import CITED, CURRENT, FOUND, Mark
from documents.places import Box, Page, Place, Sheet, Slide, Text

MOST_BLOCKS = 50


def of_place(document: Document, place: Place | None, *, quote: str = "") -> list[Mark]:
    """Return the characters of blocks that a place stands for. Inside a scope.

    `quote`: the words that are cited there, for places which are no more exact than a whole slide or page.
    """
    rows = Block.objects.filter(document_id=document.pk).order_by("ordinal")
    match place:
        case Text(start, end):
            touched = rows.filter(place__kind="text", place__from__lt=end, place__to__gt=start)
            return [
                Mark(
                    block.ordinal,
                    max(0, start - block.place["from"]),
                    min(len(block.text), end - block.place["from"]),
                )
                for block in touched.defer("words")[:MOST_BLOCKS]
            ]
        case Sheet(sheet, (first, last)):
            touched = rows.filter(
                place__kind="sheet", place__sheet=sheet, place__rows__0__lte=last, place__rows__1__gte=first
            )
            return [mark for block in touched[:MOST_BLOCKS] for mark in _rows(block, first, last)]
        case Slide(slide) if quote:
            return _words(rows.filter(place__kind="slide", place__slide=slide)[:MOST_BLOCKS], quote)
        case Page(page, boxes) if boxes:
            on_page = rows.filter(place__kind="page", place__page=page).defer("cells")
            return [mark for block in on_page for mark in _under(block, boxes)]
    return []


def of_hits(hits: Sequence[Hit], *, current: int) -> list[Mark]:
    """Return the characters of a search's hits; `current`: which of them is being looked at, from 1."""
    return [
        Mark(hit.block_ordinal, hit.start, hit.end, CURRENT if number == current else FOUND)
        for number, hit in enumerate(hits, start=1)
    ]


def quoted(document: Document, marks: Sequence[Mark]) -> str:
    """Return the words that stand under marks. Inside a scope."""
    if not marks:
        return ""
    ordinals = {mark.block_ordinal for mark in marks}
    rows = Block.objects.filter(document_id=document.pk, ordinal__in=ordinals)
    texts = dict(rows.values_list("ordinal", "text"))
    return " ".join(texts[mark.block_ordinal][mark.start : mark.end].strip() for mark in marks)


def _rows(block: Block, first: int, last: int) -> list[Mark]:
    at, found = 0, []
    for number, line in enumerate(block.text.split("\n"), start=block.place["rows"][0]):
        if first <= number <= last:
            found.append(Mark(block.ordinal, at, at + len(line), CITED))
        at += len(line) + 1
    return found


def _words(blocks: Iterable[Block], quote: str) -> list[Mark]:
    """Return where blocks have the words of a quote; each line of it may stand in a block of its own."""
    lines = [line for line in map(finding.pattern, quote.splitlines()) if line]
    return [
        Mark(block.ordinal, start, end)
        for block in blocks
        for line in lines
        for start, end in finding.spans(line, block.text)
    ]


def _under(block: Block, boxes: tuple[Box, ...]) -> list[Mark]:
    """Return the words of a block that stand under the boxes of its page."""
    words = places.unpack_words(bytes(block.words))
    under = [at for at, (_start, box) in enumerate(words) if _is_under(box, boxes)]
    if not under:
        return []
    end = words[under[-1] + 1][0] if under[-1] + 1 < len(words) else len(block.text)
    text = block.text[words[under[0]][0] : end]
    start = words[under[0]][0] + len(text) - len(text.lstrip())
    return [Mark(block.ordinal, start, start + len(text.strip()))]


def _is_under(word: Box, boxes: tuple[Box, ...]) -> bool:
    x, y = (word[0] + word[2]) / 2, (word[1] + word[3]) / 2
    return any(x0 <= x <= x1 and y0 <= y <= y1 for x0, y0, x1, y1 in boxes)
