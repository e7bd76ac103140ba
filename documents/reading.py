"""What the viewer shows: a PDF at a page with its boxes, or a document's blocks as a readable page, marked."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from documents import pages, places
from documents.blocks import Kind
from documents.models import Block, Document
from documents.pages import Mark
from documents.places import Box, Page, Place, Sheet, Slide, Text, Time
from schools.admission import Member
from schools.scope import school_scope

# A book of a thousand pages is read in parts of so many blocks.
BLOCKS_PER_PART = 1_500
PLACE_MOST_CHARS = 4_000


@dataclass(frozen=True, slots=True)
class Heading:
    """An entry of the table of contents."""

    level: int
    title: str
    part: int  # the part of the document that holds it
    anchor: str


def address(slug: str, document_id: UUID | str, place: Place | None) -> str:
    """Return the viewer's address, open at a place."""
    path = reverse("documents:view", args=[slug, document_id])
    if place is None:
        return path
    return f"{path}?{urlencode({'lugar': json.dumps(places.to_json(place), separators=(',', ':'))})}"


def place_from(text: str) -> Place | None:
    """Return the place that an address carries; None when it carries none that makes sense."""
    if not text or len(text) > PLACE_MOST_CHARS:
        return None
    try:
        stored = json.loads(text)
        return places.from_json(stored) if isinstance(stored, dict) else None
    except (ValueError, RecursionError):
        return None


def say(place: Place | None) -> str:
    """Return a place in words."""
    match place:
        case Page(page):
            return _("página %d") % page
        case Sheet(sheet, (first, last)) if first == last:
            return _("hoja «%(sheet)s», fila %(row)d") % {"sheet": sheet, "row": first}
        case Sheet(sheet, (first, last)):
            return _("hoja «%(sheet)s», filas %(a)d a %(b)d") % {"sheet": sheet, "a": first, "b": last}
        case Slide(slide):
            return _("diapositiva %d") % slide
        case Time(from_s):
            return f"{int(from_s) // 60}:{int(from_s) % 60:02d}"
    return _("en el texto")


def unreadable(document: Document) -> list[dict[str, str]]:
    """Return what could not be read, in words."""
    return [
        {
            "place": say(places.from_json(each["place"])) if each["place"] else _("todo el documento"),
            "reason": each["reason"],
        }
        for each in document.unreadable
    ]


def pdf_context(member: Member, document: Document, place: Place | None) -> dict[str, Any]:
    """Return what the PDF viewer needs to open at a place."""
    page, boxes = (place.page, place.boxes) if isinstance(place, Page) else (1, ())
    return {
        "file_url": reverse("documents:file", args=[member.slug, document.pk]) + "?ver=1",
        "page": page,
        "boxes": [list(box) for box in boxes],
        "quote": _words_under(member, document, page, boxes),
        "place_label": say(place) if place else "",
    }


def blocks_context(
    member: Member, document: Document, place: Place | None, *, part: str, per_part: int = BLOCKS_PER_PART
) -> dict[str, Any]:
    """Return a document's blocks as readable HTML around a place, with a table of contents."""
    with school_scope(member.school_id):
        rows = Block.objects.filter(document_id=document.pk).order_by("ordinal")
        parts = max(1, -(-rows.count() // per_part))
        marks = _marks(document, place)
        wanted = int(part) if part.isascii() and part.isdigit() and len(part) < 9 else 0
        number = wanted or (marks[0].block_ordinal // per_part + 1 if marks else 1)
        number = max(1, min(number, parts))
        first = (number - 1) * per_part
        shown = list(rows.filter(ordinal__gte=first, ordinal__lt=first + per_part).defer("words"))
        headings = list(rows.filter(kind=Kind.HEADING).values_list("ordinal", "text", "level")[:500])
        texts = dict(
            rows.filter(ordinal__in=[mark.block_ordinal for mark in marks]).values_list("ordinal", "text")
        )
    html = pages.render([(block.ordinal, block.parsed()) for block in shown], marks=marks)
    return {
        "pages_html": _trusted(html.replace("<mark>", '<mark id="mark">', 1)),
        "toc": [
            Heading(level=max(1, level), title=text, part=ordinal // per_part + 1, anchor=f"b{ordinal}")
            for ordinal, text, level in headings
        ],
        "quote": " ".join(texts[mark.block_ordinal][mark.start : mark.end] for mark in marks),
        "mark_found": "<mark>" in html,
        "part": number,
        "parts": parts,
        "place_label": say(place) if place else "",
    }


def _words_under(member: Member, document: Document, page: int, boxes: tuple[Box, ...]) -> str:
    """Return the words that stand under the boxes of a page, as the document has them."""
    if not boxes:
        return ""
    with school_scope(member.school_id):
        blocks = list(
            Block.objects.filter(document_id=document.pk, place__kind="page", place__page=page)
            .order_by("ordinal")
            .defer("cells")
        )
    found = []
    for block in blocks:
        words = places.unpack_words(bytes(block.words))
        under = [at for at, (_start, box) in enumerate(words) if _is_under(box, boxes)]
        if under:
            end = words[under[-1] + 1][0] if under[-1] + 1 < len(words) else len(block.text)
            found.append(block.text[words[under[0]][0] : end].strip())
    return " ".join(found)


def _is_under(word: Box, boxes: tuple[Box, ...]) -> bool:
    x, y = (word[0] + word[2]) / 2, (word[1] + word[3]) / 2
    return any(x0 <= x <= x1 and y0 <= y <= y1 for x0, y0, x1, y1 in boxes)


def _trusted(html: str) -> SafeString:
    # Every word of the document was escaped by pages.render; the tags are its own.
    return mark_safe(html)  # noqa: S308


def _marks(document: Document, place: Place | None) -> list[Mark]:
    """Return the characters of blocks that a place stands for. Inside a scope."""
    rows = Block.objects.filter(document_id=document.pk).order_by("ordinal")
    match place:
        case Text(start, end):
            touched = rows.filter(place__kind="text", place__from__lt=end, place__to__gt=start)[:50]
            return [
                Mark(
                    block.ordinal,
                    max(0, start - block.place["from"]),
                    min(len(block.text), end - block.place["from"]),
                )
                for block in touched
            ]
        case Sheet(sheet, (first, last)):
            touched = rows.filter(
                place__kind="sheet", place__sheet=sheet, place__rows__0__lte=last, place__rows__1__gte=first
            )[:50]
            return [mark for block in touched for mark in _row_marks(block, first, last)]
    return []


def _row_marks(block: Block, first: int, last: int) -> list[Mark]:
    at, found = 0, []
    for number, line in enumerate(block.text.split("\n"), start=block.place["rows"][0]):
        if first <= number <= last:
            found.append(Mark(block.ordinal, at, at + len(line)))
        at += len(line) + 1
    return found
