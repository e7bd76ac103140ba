"""HTML: what a reader of the page sees, without menus, scripts and hidden parts; nothing is fetched."""

import base64
import binascii
import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias
from urllib.parse import unquote_to_bytes

from lxml import etree, html

from documents.blocks import Kind, ParsedDocument
from documents.parsers import decode, html_tables, pictures, tidy
from documents.parsers.base import Broken, Progress, ignore_progress
from documents.parsers.flow import Flow

MAX_DEPTH = 200
MAX_DATA_CHARS = 16 * 1024 * 1024  # of a picture written into the page
_DROPPED = frozenset((
    "script", "style", "noscript", "template", "nav", "iframe", "object", "embed", "svg", "math",
    "canvas", "form", "button", "select", "option", "input", "textarea", "head", "audio", "video",
    "map", "link", "meta", "dialog", "menu",
))  # fmt: skip
_DROPPED_ROLES = frozenset(("navigation", "banner", "search", "menu", "menubar", "dialog", "alert"))
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0(?![.\d])", re.IGNORECASE
)
_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "header", "hr", "html", "li", "main", "ol", "p",
    "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "h1", "h2",
    "h3", "h4", "h5", "h6",
))  # fmt: skip
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_NOTES = frozenset(("footnote", "endnote", "rearnote", "doc-footnote", "doc-endnote"))
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")

Fetch: TypeAlias = Callable[[str], bytes | None]
"""Takes what a picture's element names as its source; gives its bytes when they came with the page."""


def parse(path: Path, progress: Progress = ignore_progress) -> ParsedDocument:
    """Return the blocks of a page; its title is the `<title>`, else the first heading."""
    root = tree(decode.read(path))
    flow, shelf = Flow(), pictures.Shelf()
    read(main_part(root), flow, shelf=shelf, fetch=written_in)
    progress(1, 1)
    return ParsedDocument(
        tuple(flow.blocks), title_of(root) or flow.first_heading(), None, pictures=shelf.pictures
    )


def tree(text: str) -> html.HtmlElement:
    """Return the tree of a page; raise Broken when there is none."""
    parser = html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        return html.document_fromstring(_XML_DECLARATION.sub("", text), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise Broken("La página HTML está vacía o dañada.", code="broken_html") from error


def title_of(root: html.HtmlElement) -> str | None:
    """Return the `<title>` of a page, None when it says nothing."""
    declared = tidy.line(root.findtext(".//title") or "")
    return declared if 4 <= len(declared) <= 200 else None


def main_part(root: html.HtmlElement) -> html.HtmlElement:
    """Return the part of a page that is its matter."""
    main = root.find(".//main")
    body = main if main is not None else root.find("body")
    return body if body is not None else root


def read(
    element: html.HtmlElement, flow: Flow, *, shelf: pictures.Shelf | None = None, fetch: Fetch | None = None
) -> None:
    """Add the blocks of an element to `flow`, and the pictures that came with the page to `shelf`."""
    _Walker(flow, shelf, fetch).walk(element)


def written_in(source: str) -> bytes | None:
    """Return the picture that a `data:` address holds; None for any other address."""
    if source[:5].lower() != "data:" or len(source) > MAX_DATA_CHARS:
        return None
    kind, comma, data = source[5:].partition(",")
    if not comma or not kind.lower().startswith("image/"):
        return None
    raw = unquote_to_bytes(data)
    try:
        return base64.b64decode(raw) if kind.lower().endswith(";base64") else raw
    except binascii.Error:
        return None


class _Walker:
    """Goes through the tree, collecting running text until an element that stands on its own ends it."""

    def __init__(self, flow: Flow, shelf: pictures.Shelf | None, fetch: Fetch | None) -> None:
        self._flow = flow
        self._shelf = shelf
        self._fetch = fetch
        self._text: list[str] = []
        self._pictures: list[tuple[str, str]] = []  # name and caption of those met in the running text
        self._kinds: list[tuple[Kind, int]] = [(Kind.PARAGRAPH, 0)]
        self._marker = ""
        self._lists: list[list[int]] = []  # of each open list the next number; 0: not numbered

    def walk(self, element: html.HtmlElement, depth: int = 0) -> None:
        if depth > MAX_DEPTH:
            raise Broken(
                "La página HTML está anidada de un modo que no se puede leer.", code="nested_too_deep"
            )
        self._text.append(element.text or "")
        for child in element:
            if isinstance(child.tag, str) and not _is_dropped(child):
                self._enter(child, depth)
            self._text.append(child.tail or "")
        if depth == 0:
            self._end()

    def _enter(self, element: html.HtmlElement, depth: int) -> None:
        tag = str(element.tag).lower()
        if tag == "br":
            self._text.append("\n" if self._kinds[-1][0] is Kind.CODE else " ")
        elif tag == "img":
            self._take_picture(element)
        elif tag not in _BLOCKS:
            self.walk(element, depth + 1)
        elif tag == "table" and html_tables.is_data(element):
            self._end()
            rows, header_rows = html_tables.rows(element, is_dropped=_is_dropped)
            self._flow.add_table(rows, header_rows=header_rows)
            for image in element.iter("img"):
                self._take_picture(image)
            self._end()
        else:
            self._end()
            self._open(tag, element)
            self.walk(element, depth + 1)
            self._end()
            self._close(tag)

    def _open(self, tag: str, element: html.HtmlElement) -> None:
        kind, level = self._kinds[-1]
        if tag in _HEADINGS:
            kind, level = Kind.HEADING, _HEADINGS[tag]
        elif tag == "blockquote":
            kind = Kind.QUOTE
        elif tag == "pre":
            kind = Kind.CODE
        elif tag in {"ul", "ol"}:
            start = str(element.get("start", "1"))
            self._lists.append(
                [int(start) if start.isdigit() and len(start) < 6 else 1] if tag == "ol" else [0]
            )
        elif tag == "li":
            kind, level = Kind.LIST_ITEM, min(4, max(0, len(self._lists) - 1))
            numbers = self._lists[-1] if self._lists else [0]
            self._marker = f"{numbers[0]}. " if numbers[0] else "• "
            numbers[0] += 1 if numbers[0] else 0
        if not _NOTES.isdisjoint((element.get("epub:type", "") + " " + element.get("role", "")).split()):
            kind = Kind.NOTE
        self._kinds.append((kind, level))

    def _close(self, tag: str) -> None:
        self._kinds.pop()
        if tag in {"ul", "ol"}:
            self._lists.pop()
        elif tag == "li":
            self._marker = ""

    def _take_picture(self, element: html.HtmlElement) -> None:
        """Keep a picture until the text that it stands in is at its end."""
        raw = self._fetch(str(element.get("src", "")).strip()) if self._fetch and self._shelf else None
        name = self._shelf.add(raw) if raw and self._shelf else ""
        if name:
            self._pictures.append((name, tidy.line(element.get("alt", ""))))

    def _end(self) -> None:
        text = "".join(self._text)
        self._text = []
        if text.strip():
            kind, level = self._kinds[-1]
            self._flow.add(kind, self._marker + text if kind is Kind.LIST_ITEM else text, level=level)
            self._marker = ""
        for name, caption in self._pictures:
            self._flow.add_picture(name, caption)
        self._pictures = []


def _is_dropped(element: html.HtmlElement) -> bool:
    return (
        str(element.tag).lower() in _DROPPED
        or element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or element.get("role") in _DROPPED_ROLES
        or bool(_HIDDEN.search(element.get("style", "")))
    )
