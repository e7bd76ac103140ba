"""Who says who they are: «soy Marta, la directora del colegio»."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from engines.spanish import fold

ROLE_MOST_WORDS = 6
_NAME = r"[A-ZÁÉÍÓÚÜÑ][\wáéíóúüñ'-]+"
_INTRODUCTION = re.compile(
    rf"\b(?:[Ss]oy|[Mm]e llamo|[Mm]i nombre es)\s+(?P<name>{_NAME}(?:\s+(?:de\s+(?:la\s+|los\s+)?)?{_NAME}){{0,3}})"
    r"(?:\s*,?\s+(?:y\s+soy\s+)?(?:(?:la|el|su|una|un)\s+)(?P<role>[a-záéíóúüñ][^.,;:!?]*))?"
)
# Where a role ends and a sentence goes on.
_FOLLOWING = "y e que quien para pero porque hoy ahora aca aqui voy quiero les estoy tengo"
_GOES_ON = frozenset(_FOLLOWING.split())


@dataclass(frozen=True, slots=True)
class Introduction:
    """A person by their own words."""

    number: int | None  # of the speaker
    name: str
    role: str
    from_s: float


def introductions(said: Iterable[tuple[int | None, float, str]]) -> list[Introduction]:
    """Return who introduces themselves; `said`: number of the speaker, second, text of each segment, in order."""
    found: dict[tuple[int | None, str], Introduction] = {}
    for number, from_s, text in said:
        for each in _INTRODUCTION.finditer(text):
            name = each["name"]
            found.setdefault(
                (number, fold(name)), Introduction(number, name, _role(each["role"] or ""), from_s)
            )
    return list(found.values())


def _role(said: str) -> str:
    words: list[str] = []
    for word in said.split()[:ROLE_MOST_WORDS]:
        if fold(word) in _GOES_ON:
            break
        words.append(word)
    role = " ".join(words)
    return role[:1].upper() + role[1:]
