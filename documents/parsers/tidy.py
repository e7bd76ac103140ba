"""Text as it is kept: composed accents, no invisible characters, single spaces."""

import re
import unicodedata
from collections.abc import Iterator

from documents.parsers.base import MAX_BLOCK_CHARS
from schools import unseen

# They hide text from a reader but not from an engine; soft hyphens split words.
_INVISIBLE = dict.fromkeys([*unseen.CODES, *range(0x0E, 0x20)])
_LIGATURES = {
    0xFB00: "ff",
    0xFB01: "fi",
    0xFB02: "fl",
    0xFB03: "ffi",
    0xFB04: "ffl",
    0xFB05: "st",
    0xFB06: "st",
}
_CLEAN = {**_INVISIBLE, **_LIGATURES}
_SPACES = re.compile(r"\s+")
_SENTENCE_END = re.compile(r"[.;:!?…]\s")


def word(raw: str) -> str:
    """Return one word as it is kept."""
    if raw.isascii() and raw.isprintable():
        return raw
    return unicodedata.normalize("NFC", raw.translate(_CLEAN))


def line(raw: str) -> str:
    """Return `raw` on one line."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", raw.translate(_CLEAN))).strip()


def lines(raw: str) -> str:
    """Return `raw` with its line breaks and leading spaces, each line without trailing space."""
    text = unicodedata.normalize("NFC", raw.translate(_CLEAN).replace("\r\n", "\n").replace("\r", "\n"))
    return "\n".join(part.replace("\t", "    ").rstrip() for part in text.split("\n")).strip("\n")


def pieces(text: str, *, max_chars: int = MAX_BLOCK_CHARS) -> Iterator[str]:
    """Yield `text` in pieces no longer than `max_chars`, cut after a sentence or at least between words."""
    while len(text) > max_chars:
        ends = [match.end() for match in _SENTENCE_END.finditer(text, max_chars // 2, max_chars)]
        cut = ends[-1] if ends else text.rfind(" ", max_chars // 2, max_chars) + 1 or max_chars
        yield text[:cut].rstrip()
        text = text[cut:].lstrip()
    if text:
        yield text
