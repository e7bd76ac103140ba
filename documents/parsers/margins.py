"""Which lines of headers and footers are worth reading.

There a school writes its name, its address and the number of the resolution, which an answer may need. What the body
says too, and page numbers, would only get in the way.
"""

import re
from collections.abc import Iterable, Iterator

from documents.parsers import tidy

MAX_LINES = 40
_ONLY_PAGES = re.compile(
    r"(?:\W|\d|\b(?:página|pagina|pág|pag|page|hoja|folio|de|of|n[.º°]*)\b)*", re.IGNORECASE
)


def beyond(body: str, lines: Iterable[str]) -> Iterator[str]:
    """Yield, once, the lines that the body does not have."""
    said = _folded(body)
    count = 0
    for raw in lines:
        line = tidy.line(raw)
        folded = _folded(line)
        if folded and folded not in said and not _ONLY_PAGES.fullmatch(line) and count < MAX_LINES:
            count += 1
            said += f" {folded}"
            yield line


def _folded(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())
