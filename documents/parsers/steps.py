"""Reading page by page: a page that kills the reader costs itself, not the document."""

import time
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from documents.blocks import ParsedDocument, Unreadable
from documents.parsers.base import (
    ParseCrashed,
    ParseTimeout,
    ParseTooBig,
    Progress,
    Unparsable,
)
from documents.places import Page

MAX_DEADLY_PAGES = 5
SHOWN_EVERY_S = 0.2

ReadPages: TypeAlias = Callable[[frozenset[int], int, Progress], ParsedDocument]
"""Takes pages to leave out, the last page to read, and whom to tell before each page; may die by any of them."""


def read(read_pages: ReadPages, *, most_pages: int, progress: Progress) -> ParsedDocument:
    """Return a document without the pages on which its reader died; `crashed_page` says so of each.

    After `MAX_DEADLY_PAGES` of them, what stands before the next is read and the rest is given up.
    """
    deadly: list[int] = []
    last = most_pages
    while True:
        watch = _Watch(progress)
        try:
            document = read_pages(frozenset(deadly), last, watch)
        except (ParseCrashed, ParseTimeout, ParseTooBig) as failure:
            page = watch.page
            if page is None or not _is_deadly(failure) or page in deadly or page > last:
                raise
            if len(deadly) < MAX_DEADLY_PAGES:
                deadly.append(page)
            elif page > 1:
                last = page - 1
            else:
                raise
            continue
        parts = [_skipped(page) for page in deadly if page <= last]
        if document.pages is not None and last < document.pages:
            parts.append(_given_up(last + 1))
        return replace(document, unreadable=_in_order((*document.unreadable, *parts)))


class _Watch:
    """Passes progress on, not more often than anyone looks, and knows the page under work."""

    def __init__(self, progress: Progress) -> None:
        self.page: int | None = None  # None: before the first page, or after the last
        self._progress = progress
        self._shown_at = 0.0

    def __call__(self, done: int, total: int) -> None:
        self.page = done + 1 if done < total else None
        now = time.monotonic()
        if done == total or now - self._shown_at >= SHOWN_EVERY_S:
            self._shown_at = now
            self._progress(done, total)


def _is_deadly(failure: Unparsable) -> bool:
    """Say whether a reader died of the page at which it was, and not of the document's size or its own answer."""
    return failure.code in ("parse_crashed", "step_timeout", "too_much_memory")


def _skipped(page: int) -> Unreadable:
    reason = f"La página {page} hizo fallar al lector y se salteó. Conviene imprimirla y subirla escaneada."
    return Unreadable(Page(page), reason, "crashed_page")


def _given_up(page: int) -> Unreadable:
    reason = (
        f"Desde la página {page} no se leyó nada: demasiadas páginas hicieron fallar al lector."
        " Conviene generar el PDF de nuevo."
    )
    return Unreadable(Page(page), reason, "crashed_page")


def _in_order(parts: tuple[Unreadable, ...]) -> tuple[Unreadable, ...]:
    return tuple(sorted(parts, key=lambda part: part.place.page if isinstance(part.place, Page) else 0))
