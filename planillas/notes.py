"""The notes of a section: [n] in its text, each with what it cites. Pure."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.utils.translation import gettext as _

from rag.cite import parse_answer
from schools.refusals import Refused

Note: TypeAlias = dict[str, Any]
"""As rag.proofs gives a citation: {"n", "document_id", "title", "place", "quote", "verified", …}."""

MARK = re.compile(r"\[\s*(\d{1,3}(?:\s*[,;y]\s*\d{1,3})*)\s*\]")
_SAME = ("document_id", "place", "quote", "verified")


class UnknownNote(Refused):
    """The text names a note that the section does not have."""

    code = "unknown_note"


@dataclass(frozen=True, slots=True)
class Noted:
    """A text whose marks and notes agree: numbered from 1 as they come, none without the other.

    `unsupported`: the sentences that no note proves, as they stand.
    """

    text: str
    notes: tuple[Note, ...]
    unsupported: tuple[str, ...] = ()


def settle(text: str, citations: Sequence[Note], *, of: Collection[int]) -> Noted:
    """Return what an engine wrote, with a note for each thing that it cites.

    `citations`: as rag.proofs.check_citations gives them for this text: in the order of the marks, without those whose
    number is not in `of`. One source may be cited for many things, and each becomes a note of its own; a mark that
    names no source goes.
    """
    left = list(reversed(citations))
    kept: dict[str, Note] = {}
    parts: list[str] = []
    unsupported: list[str] = []
    at = 0
    for sentence in parse_answer(text):
        found: dict[int, Note] = {}
        for mark in sentence.marks:
            if mark in of and left and left[-1]["n"] == mark:
                found[mark] = left.pop()
        is_said = any(char.isalpha() for char in sentence.text)  # or it is the number of a list's item
        if is_said and not any(each["verified"] for each in found.values()):
            unsupported.append(sentence.text)
        numbers = {mark: _number(kept, each) for mark, each in found.items()}
        parts += [text[at : sentence.start], _marked(text[sentence.start : sentence.end], numbers)]
        at = sentence.end
    parts.append(_marked(text[at:], {}))
    return Noted("".join(parts).strip(), tuple(kept.values()), tuple(unsupported))


def keep(text: str, notes: Sequence[Note], unsupported: Sequence[str] = ()) -> Noted:
    """Return what a person wrote, with the notes that it still names; raise UnknownNote for one that is not there."""
    by_number = {each["n"]: each for each in notes}
    kept: dict[int, Note] = {}
    for mark in numbers_in(text):
        if mark not in by_number:
            raise UnknownNote(_unknown(mark, by_number), field="text")
        kept.setdefault(mark, {**by_number[mark], "n": len(kept) + 1})
    whole = _marked(text, {mark: each["n"] for mark, each in kept.items()})
    there = {sentence.text for sentence in parse_answer(whole)}
    return Noted(whole, tuple(kept.values()), tuple(each for each in unsupported if each in there))


def numbers_in(text: str) -> list[int]:
    """Return the numbers that the marks of a text name, in order, with repetitions."""
    return [int(digits) for found in MARK.finditer(text) for digits in re.findall(r"\d+", found[1])]


def _unknown(mark: int, notes: Mapping[int, Note]) -> str:
    if not notes:
        return _("La sección no tiene notas: sacar [%d] del texto.") % mark
    named = ", ".join(f"[{number}]" for number in sorted(notes))
    return _("La sección no tiene una nota [%(n)d]. Las que hay: %(named)s.") % {"n": mark, "named": named}


def _number(kept: dict[str, Note], note: Note) -> int:
    name = repr([note.get(each) for each in _SAME])
    if name not in kept:
        kept[name] = {**note, "n": len(kept) + 1}
    number: int = kept[name]["n"]
    return number


def _marked(text: str, numbers: Mapping[int, int]) -> str:
    """Return the text with its marks by other numbers; those that have none go, with the space before them."""

    def renamed(found: re.Match[str]) -> str:
        named = dict.fromkeys(
            numbers[int(digits)] for digits in re.findall(r"\d+", found[2]) if int(digits) in numbers
        )
        return found[1] + "".join(f"[{number}]" for number in named) if named else ""

    return re.sub(rf"(\s*){MARK.pattern}", renamed, text)
