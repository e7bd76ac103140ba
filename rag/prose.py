"""An answer's text as safe HTML: our own small Markdown, in which no image, no link and no markup can be written."""

import re
from collections.abc import Callable, Mapping
from functools import cache
from html import escape

from markdown_it import MarkdownIt

from rag.cite import parse_answer

_MARK = re.compile(r"\[\s*(\d{1,3}(?:\s*[,;y]\s*\d{1,3})*)\s*\]")
# Private-use characters, taken out of the text before they are given a meaning here.
_UNSUPPORTED = "\ue000"
_PRIVATE = re.compile("[\ue000-\uf8ff]")


@cache
def _markdown() -> MarkdownIt:
    """Return the parser: paragraphs, lists, emphasis, code, tables. No HTML, link, image or automatic link."""
    return MarkdownIt("zero", {"html": False, "linkify": False, "breaks": True}).enable(
        ["list", "emphasis", "backticks", "fence", "table", "escape", "newline"]
    )


def render(
    text: str, *, links: Mapping[int, str], supported: Callable[[int], bool], label: str, unsupported: str
) -> str:
    """Return the answer as HTML.

    `links`: where each source number leads; a number without one stays text. `supported(i)`: whether a source holds
    sentence i; the others are followed by a mark with the tooltip `unsupported`. `label`: "Fuente %d", for screen
    readers.
    """
    text = _PRIVATE.sub("", text)
    marked = []
    at = 0
    for number, sentence in enumerate(parse_answer(text)):
        if not supported(number):
            marked.append(text[at : sentence.end].rstrip() + _UNSUPPORTED)
            at = sentence.end
    html: str = _markdown().render("".join(marked) + text[at:])
    html = _MARK.sub(lambda found: _links(found, links, label), html)
    why = escape(unsupported)
    flag = f'<span class="unsupported" role="img" title="{why}" aria-label="{why}">?</span>'
    return html.replace(_UNSUPPORTED, flag)


def _links(found: re.Match[str], links: Mapping[int, str], label: str) -> str:
    numbers = [int(digits) for digits in re.findall(r"\d+", found.group(1))]
    if any(number not in links for number in numbers):
        return found.group(0)
    return "".join(
        f'<a class="cite" href="{escape(links[n])}" data-n="{n}" aria-label="{escape(label % n)}">{n}</a>'
        for n in numbers
    )
