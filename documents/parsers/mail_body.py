"""The text of a letter: the plain one or the page, whichever says more, with the answers it quotes told apart."""

import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

from lxml import html as lxml_html

from documents.blocks import Kind
from documents.parsers import html, html_tables, pictures, text
from documents.parsers.base import Broken
from documents.parsers.flow import Flow

STUB_SHARE = 0.5  # a plain text with less of the page's words than this only says that there is a page
MAX_ATTRIBUTION_CHARS = 300
HEAD_LINES = 6

_MARKS = re.compile(r"^\s{0,3}(?:>\s?)+")
_ATTRIBUTION = re.compile(r"^(?:El|On|Em|Le)\b.*(?:escribió|escribio|wrote|escreveu)\s*:$", re.IGNORECASE)
_ORIGINAL = re.compile(
    r"^(?:-{2,}\s*)(?:mensaje original|mensaje reenviado|mensaje original reenviado|original message|"
    r"forwarded message|message transféré)\s*-{2,}$",
    re.IGNORECASE,
)
_FROM = re.compile(r"^\*?(?:De|From)\s*:\*?\s*\S", re.IGNORECASE)
_SENT = re.compile(r"^\*?(?:Enviado(?: el)?|Sent|Fecha|Date)\s*:", re.IGNORECASE)
_SUBJECT = re.compile(r"^\*?(?:Asunto|Subject)\s*:", re.IGNORECASE)
_RULE = re.compile(r"^[\s\-_=*~]+$")
_QUOTE_CLASSES = frozenset(("gmail_quote", "yahoo_quoted", "protonmail_quote", "moz-cite-prefix"))
_QUOTE_STARTS = frozenset(("divRplyFwdMsg", "stopSpelling", "OLK_SRC_BODY_SECTION", "appendonsend"))


def add(flow: Flow, *, plain: str, page: str, shelf: pictures.Shelf, inline: Mapping[str, bytes]) -> None:
    """Add a body's blocks: from its plain text, or from its page where that shows more than the plain text can.

    `inline`: the pictures in the page, by content id.
    """
    root = _tree(page)
    if root is not None and (not plain.strip() or _shows_more(root, plain, inline)):
        before = len(flow.blocks)
        _mark_quotes(root)
        try:
            html.read(root, flow, shelf=shelf, fetch=lambda source: _picture(source, inline))
        except Broken:
            if not plain.strip():
                raise
            del flow.blocks[before:]
        else:
            return
    add_plain(flow, plain)


def add_plain(flow: Flow, plain: str) -> None:
    """Add the blocks of a plain text; what it quotes of other letters becomes quotes."""
    for is_quote, part in _parts(plain):
        for paragraph in text.paragraphs(part):
            if _RULE.match(paragraph):
                continue
            if is_quote:
                flow.add(Kind.QUOTE, paragraph)
            else:
                text.add(flow, paragraph)


def unflow(plain: str, *, delete_space: bool) -> str:
    """Return a text sent as `format=flowed` with its soft line breaks taken out (RFC 3676)."""
    found: list[str] = []
    open_depth = -1  # of the quote whose last line goes on
    for line in plain.replace("\r\n", "\n").split("\n"):
        depth = len(line) - len(line.lstrip(">"))
        content = line[depth:].removeprefix(" ")
        goes_on = content.endswith(" ") and content != "-- "
        shown = content[:-1] if goes_on and delete_space else content
        if depth == open_depth and content != "-- ":
            found[-1] += shown
        else:
            found.append(f"{'>' * depth} {shown}" if depth else shown)
        open_depth = depth if goes_on else -1
    return "\n".join(found)


def _tree(page: str) -> lxml_html.HtmlElement | None:
    if not page.strip():
        return None
    try:
        root = html.tree(page)
    except Broken:
        return None
    body = root.find("body")
    return body if body is not None else root


def _shows_more(root: lxml_html.HtmlElement, plain: str, inline: Mapping[str, bytes]) -> bool:
    if any(html_tables.is_data(table) for table in root.iter("table")):
        return True
    if any(_picture(str(image.get("src", "")), inline) for image in root.iter("img")):
        return True
    words = sum(
        len(str(part).split()) for part in root.xpath(".//text()[not(ancestor::style or ancestor::script)]")
    )
    return len(plain.split()) < STUB_SHARE * words


def _picture(source: str, inline: Mapping[str, bytes]) -> bytes | None:
    if source[:4].lower() == "cid:":
        return inline.get(unquote(source[4:].strip("<> ")))
    return html.written_in(source)


def _mark_quotes(root: lxml_html.HtmlElement) -> None:
    """Make quotes of what mail programs put below an answer without saying so to HTML."""
    for element in list(root.iter("div", "hr", "table")):
        classes = set(str(element.get("class", "")).split())
        if classes & _QUOTE_CLASSES:
            element.tag = "blockquote"
        elif element.get("id") in _QUOTE_STARTS or _is_head_of_original(element):
            _quote_from(element)
            return


def _is_head_of_original(element: lxml_html.HtmlElement) -> bool:
    """Say whether an element is what Outlook puts above the answered letter: a ruled line, then who and when."""
    if "border-top" not in str(element.get("style", "")).lower():
        return False
    beginning = " ".join(part.strip() for part in element.itertext() if part.strip())[
        : MAX_ATTRIBUTION_CHARS * 4
    ]
    return bool(_FROM.match(beginning)) and bool(
        re.search(r"(?:Asunto|Subject)\s*:", beginning, re.IGNORECASE)
    )


def _quote_from(element: lxml_html.HtmlElement) -> None:
    """Put an element and all that follows beside it into a quote."""
    parent = element.getparent()
    if parent is None:
        return
    quote = lxml_html.Element("blockquote")
    following = [element, *element.itersiblings()]
    element.addprevious(quote)
    quote.extend(following)


def _parts(plain: str) -> Iterator[tuple[bool, str]]:
    """Yield stretches of a text and whether each one is quoted."""
    lines = plain.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    held: list[str] = []
    held_is_quote = rest_is_quote = attributed = False
    for index, line in enumerate(lines):
        rest_is_quote = rest_is_quote or _starts_original(lines, index)
        said_before, attributed = attributed, False
        if not rest_is_quote and not said_before and (length := _attribution_lines(lines, index)):
            is_quote, attributed = True, length > 1
        else:
            is_quote = rest_is_quote or said_before or bool(_MARKS.match(line))
        if not line.strip() and not is_quote:
            is_quote = held_is_quote  # an empty line belongs to what went before
        if is_quote != held_is_quote:
            yield held_is_quote, "\n".join(held)
            held, held_is_quote = [], is_quote
        held.append(_MARKS.sub("", line) if is_quote else line)
    yield held_is_quote, "\n".join(held)


def _starts_original(lines: list[str], index: int) -> bool:
    line = lines[index].strip()
    if _ORIGINAL.match(line):
        return True
    if not _FROM.match(line):
        return False
    head = [each.strip() for each in lines[index + 1 : index + 1 + HEAD_LINES]]
    return any(map(_SENT.match, head)) and any(map(_SUBJECT.match, head))


def _attribution_lines(lines: list[str], index: int) -> int:
    """Return over how many lines "El … escribió:" goes from here; 0 when it does not begin here."""
    said = lines[index].strip()
    if len(said) <= MAX_ATTRIBUTION_CHARS and _ATTRIBUTION.match(said):
        return 1
    if said[:3] in ("El ", "On ") and index + 1 < len(lines):
        both = f"{said} {lines[index + 1].strip()}"
        if len(both) <= MAX_ATTRIBUTION_CHARS and _ATTRIBUTION.match(both):
            return 2
    return 0
