"""What the viewer shows: a PDF at a page with its boxes, or a document's blocks as a readable page, marked."""

import json
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from documents import contents, marking, pages, places
from documents.contents import BLOCKS_PER_PART
from documents.finding import Found, Hit
from documents.models import Block, Document
from documents.pages import CITED, CURRENT
from documents.parsers import FileKind
from documents.places import Page, Place, Sheet, Slide, Time
from schools.admission import Member
from schools.scope import school_scope

PLACE_MOST_CHARS = 4_000
QUOTE_MOST_CHARS = 600
NOTHING = Found("", ())


@dataclass(frozen=True, slots=True)
class ShownHit:
    """A hit of a search as the panel beside the document lists it."""

    number: int
    place_label: str
    before: str
    words: str
    after: str
    url: str
    page: int | None
    boxes: list[list[float]]
    is_current: bool


def address(
    slug: str, document_id: UUID | str, place: Place | None, *, quote: str = "", query: str = "", hit: int = 0
) -> str:
    """Return the viewer's address, open at a place, and at a hit of a search when one is given.

    `quote`: the words cited there. They travel only where the place is no more exact than a whole slide.
    """
    if isinstance(place, Time):
        heard = urlencode({"t": round(place.from_s, 2), "hasta": round(place.to_s, 2)})
        return f"{_page_of('transcription:recording', slug, document_id)}?{heard}"
    path = _page_of("documents:view", slug, document_id)
    asked: dict[str, str | int] = {}
    if place is not None:
        asked["lugar"] = json.dumps(places.to_json(place), separators=(",", ":"))
    if quote and isinstance(place, Slide):
        asked["cita"] = quote[:QUOTE_MOST_CHARS]
    if query:
        asked |= {"buscar": query, "hallazgo": hit}
    return f"{path}?{urlencode(asked)}" if asked else path


@lru_cache(maxsize=1024)  # a planilla's file asks for thousands of places in a few documents
def _page_of(name: str, slug: str, document_id: UUID | str) -> str:
    return reverse(name, args=[slug, document_id])


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
            minutes, seconds = divmod(int(from_s), 60)
            hours, minutes = divmod(minutes, 60)
            clock = f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
            return _("minuto %s") % clock
    return _("en el texto")


def has_pages(document: Document) -> bool:
    """Say whether the browser can show the document as it is printed: it is a PDF, or one stands for it."""
    return document.format == FileKind.PDF or document.has_copy


def has_picture(member: Member, document: Document, name: str) -> bool:
    """Say whether one of the document's blocks shows a picture of this name."""
    with school_scope(member.school_id):
        return Block.objects.filter(document_id=document.pk, picture=name).exists()


def pdf_context(
    member: Member,
    document: Document,
    place: Place | None,
    *,
    page: int = 1,
    found: Found = NOTHING,
    hit: int = 0,
) -> dict[str, Any]:
    """Return what the PDF viewer needs to open at a place, or else at a page."""
    page, boxes = (place.page, place.boxes) if isinstance(place, Page) else (page, ())
    if 1 <= hit <= len(found.hits):
        boxes = ()  # the hit is marked by itself
    with school_scope(member.school_id):
        quote = marking.quoted(document, marking.of_place(document, Page(page, boxes))) if boxes else ""
    return {
        "file_url": reverse("documents:file", args=[member.slug, document.pk]) + "?ver=1",
        "page": page,
        "boxes": [list(box) for box in boxes],
        "quote": quote,
        "place_label": say(place) if place else "",
        **search_context(member, document, found, hit=hit),
    }


def blocks_context(
    member: Member,
    document: Document,
    place: Place | None,
    *,
    part: str,
    per_part: int = BLOCKS_PER_PART,
    quote: str = "",
    found: Found = NOTHING,
    hit: int = 0,
    as_text: bool = False,
) -> dict[str, Any]:
    """Return a document's blocks as readable HTML around a place, with a table of contents.

    `quote`: the words cited at the place; `as_text`: of a document that has pages, what was read of them.
    """
    hits = marking.of_hits(found.hits, current=hit)
    current = [mark for mark in hits if mark.why == CURRENT]
    with school_scope(member.school_id):
        laid = contents.layout(document, per_part=per_part)
        cited = [] if current else marking.of_place(document, place, quote=quote)
        whole = place if isinstance(place, Slide) and not cited and not current else None
        leading = [mark.block_ordinal for mark in (current or cited)] or _ordinals(document, whole)
        number = contents.part_number(
            part, most=len(laid.starts), otherwise=contents.marked_part(laid, leading)
        )
        first, after = laid.bounds(number)
        rows = Block.objects.filter(document_id=document.pk, ordinal__gte=first).order_by("ordinal")
        shown = list((rows.filter(ordinal__lt=after) if after is not None else rows).defer("words"))
        above = contents.header_above(document, shown[0] if shown else None)
        toc, sheets = contents.entries(document, laid), contents.sheets(document, laid)
        words = marking.quoted(document, cited)
    html = pages.render(
        [*above, *((block.ordinal, block.parsed()) for block in shown)],
        marks=[*cited, *hits],
        cited=whole,
        picture=lambda name: reverse("documents:picture", args=[member.slug, document.pk, name]),
    )
    tag = f"<mark{pages.CLASSES[CURRENT if current else CITED]}>"
    return {
        "pages_html": _trusted(html.replace(tag, tag.replace("<mark", '<mark id="mark"'), 1)),
        "toc": [] if sheets else toc,
        "sheets": sheets,
        "go_to": laid.kind if laid.kind in ("sheet", "slide", "page") else "",
        "has_doubts": any(block.doubts for block in shown),
        "quote": words,
        "mark_found": tag in html or whole is not None,
        "part": number,
        "parts": len(laid.starts),
        "place_label": say(place) if place else "",
        "as_text": as_text,
        **search_context(member, document, found, hit=hit, as_text=as_text),
    }


def search_context(
    member: Member, document: Document, found: Found, *, hit: int = 0, as_text: bool = False
) -> dict[str, Any]:
    """Return what the search panel shows: the hits in order, and the ones before and after the current one."""

    def url(number: int) -> str:
        each = found.hits[number - 1]
        there = address(member.slug, document.pk, each.place, query=found.query, hit=number)
        return f"{there}&como=texto" if as_text else there

    count = len(found.hits)
    hit = hit if 1 <= hit <= count else 0
    return {
        "query": found.query,
        "hits": [
            _shown(each, number, url(number), is_current=number == hit)
            for number, each in enumerate(found.hits, start=1)
        ],
        "hits_cut": found.is_cut,
        "hit": hit,
        "previous_hit": url(hit - 1 if hit > 1 else count) if count else "",
        "next_hit": url(hit + 1 if hit < count else 1) if count else "",
    }


def _shown(hit: Hit, number: int, url: str, *, is_current: bool) -> ShownHit:
    on_page = hit.place if isinstance(hit.place, Page) else None
    return ShownHit(
        number=number,
        place_label=say(hit.place) if on_page or isinstance(hit.place, Sheet | Slide) else "",
        before=hit.before,
        words=hit.words,
        after=hit.after,
        url=url,
        page=on_page.page if on_page else None,
        boxes=[list(box) for box in on_page.boxes] if on_page else [],
        is_current=is_current,
    )


def _ordinals(document: Document, place: Place | None) -> list[int]:
    """Return the blocks of a slide. Inside a scope."""
    if not isinstance(place, Slide):
        return []
    rows = Block.objects.filter(document_id=document.pk, place__kind="slide", place__slide=place.slide)
    return list(rows.order_by("ordinal").values_list("ordinal", flat=True)[:1])


def _trusted(html: str) -> SafeString:
    # Every word of the document was escaped by pages.render; the tags are its own.
    return mark_safe(html)  # noqa: S308
