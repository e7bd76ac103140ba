"""Whether what an engine says stands where it says so: nothing is found without words of a source that say it. Pure."""

from bisect import bisect_left
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from engines import sentences, spanish
from engines.spanish import fold
from planillas import values
from planillas.cells import Value
from planillas.columns import Column
from planillas.values import BadValue

QUOTE_MOST_CHARS = 600

# What may differ between a quote and its source besides case, accents and spaces.
_SHAPES = str.maketrans(
    {
        **dict.fromkeys("“”„‟«»″＂", '"'),
        **dict.fromkeys("‘’‚‛‹›′`´", "'"),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", ""),
    }
)
_EDGES = " \"'.,;:-()[]"


@dataclass(frozen=True, slots=True)
class Claim:
    """What an engine says of a column, with the words that are to prove it and the number of their passage."""

    column: str
    value: object
    quote: str
    passage: int


@dataclass(frozen=True, slots=True)
class Proved:
    """A value, and from which to which character of its passage the words stand that say it."""

    value: Value
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Flat:
    """A text without what may differ, each of its characters with its place in the text."""

    text: str
    at: tuple[int, ...]


def claims(given: object) -> list[Claim]:
    """Return the claims of an engine's answer; what has not their shape is left out."""
    found = []
    for each in given if isinstance(given, list) else ():
        if not isinstance(each, Mapping):
            continue
        column, quote, passage = each.get("column"), each.get("quote"), each.get("passage")
        if isinstance(passage, bool) or not isinstance(passage, int):
            continue
        if isinstance(column, str) and isinstance(quote, str):
            found.append(Claim(column, each.get("value"), quote, passage))
    return found


def prove(claim: Claim, column: Column, passage: str) -> Proved | None:
    """Return the value where the passage has the quote and the quote says the value; None otherwise."""
    span = find(claim.quote, passage)
    if span is None:
        return None
    try:
        value = values.accept(claim.value, column)
    except BadValue:
        return None
    if value is None or not values.occurs(value, column, passage[slice(*span)]):
        return None
    return Proved(value, *span)


def speaks_of(passage: str, proved: Proved, name: Collection[int], others: Sequence[Collection[int]]) -> bool:
    """Say whether the sentences of proved words may speak of who is meant: not where they name only somebody else.

    `name`, `others`: stems of what each is called; an empty name asks nothing.
    """
    said = {
        word.stem
        for start, end in sentences.split(passage)
        if start < proved.end and proved.start < end
        for word in spanish.words(passage[start:end])
    }
    if not name or said.intersection(name):
        return True
    return not any(said.intersection(other) for other in others)


def find(quote: str, text: str) -> tuple[int, int] | None:
    """Return where a quote stands in a text as whole words, whatever its case, accents, spaces and edges."""
    if len(quote) > QUOTE_MOST_CHARS:
        return None
    return find_in(quote, flat(text))


def find_in(quote: str, there: Flat, after: int = 0) -> tuple[int, int] | None:
    """Return where a quote stands in a text that was made flat, from a character of the text's own on."""
    wanted = flat(quote).text.strip(_EDGES)
    if not any(each.isalnum() for each in wanted):
        return None
    start = there.text.find(wanted, bisect_left(there.at, after))
    while start >= 0:
        end = start + len(wanted)
        if not _is_inside(there.text, start) and not _is_inside(there.text, end):
            return there.at[start], there.at[end - 1] + 1
        start = there.text.find(wanted, start + 1)
    return None


def flat(text: str) -> Flat:
    """Return a text folded, its shapes of quotes and dashes made one, each stretch of spaces one space."""
    letters: list[str] = []
    at: list[int] = []
    for place, letter in enumerate(text):
        if letter.isspace():
            if letters and letters[-1] != " ":
                letters.append(" ")
                at.append(place)
            continue
        for plain in letter.translate(_SHAPES) if letter.isascii() else fold(letter.translate(_SHAPES)):
            letters.append(plain.lower())
            at.append(place)
    return Flat("".join(letters), tuple(at))


def _is_inside(text: str, at: int) -> bool:
    """Say whether a word, or a number, goes on over this place."""
    return 0 < at < len(text) and text[at - 1].isalnum() and text[at].isalnum()
