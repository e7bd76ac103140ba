"""HTML: what a reader of the page sees, without menus, scripts and hidden parts; nothing is fetched."""

import re
from pathlib import Path

from lxml import etree, html

from documents.blocks import Kind, ParsedDocument
from documents.parsers import decode, grid, tidy
from documents.parsers.base import Broken, Progress, ignore_progress
from documents.parsers.flow import Flow

MAX_DEPTH = 200
_DROPPED = frozenset(
    [
        "script",
        "style",
        "noscript",
        "template",
        "nav",
        "iframe",
        "object",
        "embed",
        "svg",
        "math",
        "canvas",
        "form",
        "button",
        "select",
        "option",
        "input",
        "textarea",
        "head",
        "audio",
        "video",
        "map",
        "link",
        "meta",
        "dialog",
        "menu",
    ]
)
_DROPPED_ROLES = frozenset(("navigation", "banner", "search", "menu", "menubar", "dialog", "alert"))
_HIDDEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0|opacity\s*:\s*0(?![.\d])", re.IGNORECASE
)
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "header",
        "hr",
        "html",
        "li",
        "main",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
    ]
)
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")


def parse(path: Path, progress: Progress = ignore_progress) -> ParsedDocument:
    """Return the blocks of a page; its title is the `<title>`, else the first heading."""
    text = _XML_DECLARATION.sub("", decode.read(path))
    parser = html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        root = html.document_fromstring(text, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise Broken("La página HTML está vacía o dañada.", code="broken_html") from error
    declared = tidy.line(root.findtext(".//title") or "")
    flow = Flow()
    main = root.find(".//main")
    body = main if main is not None else root.find("body")
    _Walker(flow).walk(body if body is not None else root)
    progress(1, 1)
    title = declared if 4 <= len(declared) <= 200 else flow.first_heading()
    return ParsedDocument(tuple(flow.blocks), title, None)


class _Walker:
    """Goes through the tree, collecting running text until an element that stands on its own ends it."""

    def __init__(self, flow: Flow) -> None:
        self._flow = flow
        self._text: list[str] = []
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
        elif tag not in _BLOCKS:
            self.walk(element, depth + 1)
        elif tag == "table" and _is_data_table(element):
            self._end()
            rows, header_rows = _rows(element)
            self._flow.add_table(rows, header_rows=header_rows)
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
        self._kinds.append((kind, level))

    def _close(self, tag: str) -> None:
        self._kinds.pop()
        if tag in {"ul", "ol"}:
            self._lists.pop()
        elif tag == "li":
            self._marker = ""

    def _end(self) -> None:
        text = "".join(self._text)
        self._text = []
        if text.strip():
            kind, level = self._kinds[-1]
            self._flow.add(kind, self._marker + text if kind is Kind.LIST_ITEM else text, level=level)
            self._marker = ""


def _is_dropped(element: html.HtmlElement) -> bool:
    return (
        str(element.tag).lower() in _DROPPED
        or element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or element.get("role") in _DROPPED_ROLES
        or bool(_HIDDEN.search(element.get("style", "")))
    )


def _is_data_table(table: html.HtmlElement) -> bool:
    """Say whether a table holds data; pages laid out by tables nest them or have a single column."""
    rows = table.findall(".//tr")
    return table.find(".//table") is None and bool(rows) and max(len(row.xpath("td|th")) for row in rows) > 1


def _rows(table: html.HtmlElement) -> tuple[list[list[str]], int]:
    rows: list[list[str]] = []
    header_rows = 0
    for row in table.iter("tr"):
        cells = [cell for cell in row.xpath("td|th") if not _is_dropped(cell)]
        texts: list[str] = []
        for cell in cells:
            texts.append(tidy.line(" ".join(cell.itertext())))
            span = str(cell.get("colspan", "1"))
            texts += [""] * (min(int(span), 50) - 1 if span.isdigit() else 0)
        if not any(texts):
            continue
        if (
            len(rows) == header_rows
            and cells
            and (all(cell.tag == "th" for cell in cells) or row.getparent().tag == "thead")
        ):
            header_rows += 1
        rows.append(texts)
    found = grid.header_length([tuple(row) for row in rows]) if not header_rows and rows else header_rows
    return rows, min(found, 3)
