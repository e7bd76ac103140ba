"""Words looked for inside one document, whatever their accents and capitals, each hit at its exact place."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from documents import places
from documents.blocks import Kind
from documents.models import Block, Document
from documents.places import Place
from engines.spanish import fold
from schools.admission import Member
from schools.scope import school_scope

MOST_HITS = 100
MOST_CHARS = 200
AROUND_CHARS = 70

# What may stand inside a word without being seen: accents written apart, and hyphens that only show at a line's end.
_UNSEEN = "[\u0300-\u036f\u00ad]*"


@dataclass(frozen=True, slots=True)
class Hit:
    """One place of the words: characters of a block, and what stands around them."""

    block_ordinal: int
    start: int
    end: int
    place: Place
    before: str
    words: str
    after: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a search inside a document found, in reading order; `is_cut`: there is more."""

    query: str
    hits: tuple[Hit, ...]
    is_cut: bool = False


def find(member: Member, document: Document, query: str, *, most: int = MOST_HITS) -> Found:
    """Return where a document has the words of a query, one after the other, also as parts of longer words."""
    query = " ".join(query.replace("\0", "").split())[:MOST_CHARS]
    wanted = pattern(query)
    if not wanted:
        return Found(query, ())
    with school_scope(member.school_id):
        rows = Block.objects.filter(document_id=document.pk, text__iregex=wanted).order_by("ordinal")
        blocks = list(rows.defer("cells", "doubts")[: most + 1])
    hits: list[Hit] = []
    for block in blocks:
        for start, end in spans(wanted, block.text):
            if len(hits) == most:
                return Found(query, tuple(hits), is_cut=True)
            hits.append(_hit(block, start, end))
    return Found(query, tuple(hits))


def pattern(query: str) -> str:
    """Return the regular expression of a query, the same to Python and to Postgres; "" when it asks for nothing.

    It cannot take long: it repeats nothing but spaces and what is unseen.
    """
    words = fold(query).split()
    return r"\s+".join("".join(map(_letter, word)) for word in words)


def spans(wanted: str, text: str) -> Iterator[tuple[int, int]]:
    """Yield where a pattern stands in a text."""
    for match in re.finditer(wanted, text, re.IGNORECASE):
        yield match.span()


def _letter(char: str) -> str:
    if not char.isalnum():
        return re.escape(char)
    alike = _alike().get(char, "")
    return f"[{char}{char.upper() if len(char.upper()) == 1 else ''}{alike}]{_UNSEEN}"


@lru_cache(maxsize=1)
def _alike() -> dict[str, str]:
    """Return the accented and raised letters (ª, º), small and capital, of each plain one."""
    found: dict[str, str] = defaultdict(str)
    for code in (0xAA, 0xBA, *range(0xC0, 0x250), *range(0x1E00, 0x1F00)):
        base = unicodedata.normalize("NFKD", chr(code))[0].lower()
        if base.isascii() and base.isalpha():
            found[base] += chr(code)
    return dict(found)


def _hit(block: Block, start: int, end: int) -> Hit:
    place = places.locate(
        places.from_json(block.place), words=bytes(block.words), text=block.text, start=start, end=end
    )
    # Of a table, no more than the row.
    begins = block.text.rfind("\n", 0, start) + 1 if block.kind == Kind.TABLE else 0
    ends = block.text.find("\n", end) if block.kind == Kind.TABLE else -1
    ends = len(block.text) if ends < 0 else ends
    first, last = max(begins, start - AROUND_CHARS), min(ends, end + AROUND_CHARS)
    before, after = block.text[first:start], block.text[end:last]
    # Whole words around, unless what is cut has no space at all.
    if first > begins and " " in before:
        before = before.partition(" ")[2]
    if last < ends and " " in after:
        after = after.rpartition(" ")[0]
    return Hit(
        block_ordinal=block.ordinal,
        start=start,
        end=end,
        place=place,
        before=("… " if first > begins else "") + _line(before),
        words=_line(block.text[start:end]),
        after=_line(after) + (" …" if last < ends else ""),
    )


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", text)
