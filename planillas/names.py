"""The two parts of a person's name: told apart where there is no doubt, and put together."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from planillas import meanings, values
from planillas.cells import Evidence
from planillas.columns import Column
from planillas.meanings import GIVEN_NAME, SURNAME
from planillas.records import Said

_WORD = re.compile(r"\S+")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Parts:
    """Where in a name its parts stand."""

    surname: Span
    given: Span


def order_of(phrase: str) -> str:
    """Return which part of a name comes first by its header; "" where that does not say."""
    words = [word.rstrip("s") for word in meanings.words_of(phrase)]
    if "apellido" in words and "nombre" in words:
        return SURNAME if words.index("apellido") < words.index("nombre") else GIVEN_NAME
    return ""


Written = tuple[str, Evidence]


def join(surnames: Sequence[Written], given: Written, column: Column, certainty: float) -> Said | None:
    """Return a whole name of its parts, as the column's name has them, with where each stands."""
    if order_of(column.name) == GIVEN_NAME:
        return run([given, *surnames], column, certainty)
    return run([*surnames, given], column, certainty, comma=len(surnames))


def run(parts: Sequence[Written], column: Column, certainty: float, *, comma: int = 0) -> Said | None:
    """Return parts one after the other as a value, a comma after so many of them; None where they do not say it."""
    texts = [text.strip(" ,") for text, _evidence in parts]
    value = " ".join(texts)
    if comma:
        value = f"{' '.join(texts[:comma])}, {' '.join(texts[comma:])}"
    evidence = [each for _text, each in parts]
    if not values.occurs(value, column, " ".join(each.quote for each in evidence)):
        return None
    return Said(value, evidence[0], certainty, also=tuple(evidence[1:]))


def split(name: str, order: str = "") -> Parts | None:
    """Return the parts of a name: by its comma, by capitals, or by the order in which its header has them.

    None where it has more than two words and nothing that parts them.
    """
    surname, comma, given = name.partition(",")
    if comma:
        if "," in given or not surname.strip() or not given.strip():
            return None
        start = len(surname) + 1 + len(given) - len(given.lstrip())
        return Parts((0, len(surname.rstrip())), (start, len(name.rstrip())))
    words = [(found.start(), found.end(), found[0]) for found in _WORD.finditer(name)]
    if len(words) < 2:
        return None
    loud = [word.isupper() and len(word) > 1 for _start, _end, word in words]
    if any(loud) and not all(loud):
        if loud[0] and loud == sorted(loud, reverse=True):
            cut = loud.index(False)
            return Parts(_span(words[:cut]), _span(words[cut:]))
        if loud[-1] and loud == sorted(loud):
            cut = loud.index(True)
            return Parts(_span(words[cut:]), _span(words[:cut]))
        return None
    if len(words) != 2 or not order:
        return None
    first, second = _span(words[:1]), _span(words[1:])
    return Parts(first, second) if order == SURNAME else Parts(second, first) if order == GIVEN_NAME else None


def _span(words: list[tuple[int, int, str]]) -> Span:
    return words[0][0], words[-1][1]
