"""Words with their seconds, kept through a person's corrections. Pure: no database, no clock."""

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any, TypeAlias

from engines.spanish import fold

Word: TypeAlias = list[Any]
"""[text, from_s, to_s, confidence 0–1 | None], as Segment.words holds it."""

TYPED = 1.0  # the confidence of what a person wrote
MARKS = ".,;:!?¡¿()«»\"'“”‘’…—–-"


def correct(words: Sequence[Word], text: str, *, from_s: float, to_s: float) -> list[Word]:
    """Return the words of `text`, with the seconds that `words` had for those that did not change.

    A word that only gained or lost a mark or a capital keeps its seconds. New words share the time of those whose place
    they took, or else the gap between their neighbours, by their length; where there is none, they get an instant.
    `from_s`, `to_s`: of the whole segment.
    """
    told = text.split()
    before, after = [_bare(str(word[0])) for word in words], [_bare(word) for word in told]
    made: list[Word] = []
    for kind, i, j, k, m in SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        if kind == "equal":
            made.extend(_kept(words[i + n], told[k + n]) for n in range(m - k))
        elif k < m:
            left = _end(words, i, from_s)
            start = float(words[i][1]) if i < j else left
            end = float(words[j - 1][2]) if i < j else _start(words, j, to_s)
            made.extend(_spread(told[k:m], start, max(start, end)))
    return made


def text_of(words: Sequence[Word]) -> str:
    """Return what the words say."""
    return " ".join(str(word[0]).strip() for word in words)


def timed(words: Sequence[Word], text: str, *, from_s: float, to_s: float) -> list[Word]:
    """Return words that say `text` exactly: the given ones, or else corrected ones with times of their own."""
    if [str(word[0]).strip() for word in words] == text.split():
        return [[str(word[0]).strip(), *word[1:]] for word in words]
    if not words:
        return _spread(text.split(), from_s, to_s, confidence=None)
    return correct(words, text, from_s=from_s, to_s=to_s)


def split(words: Sequence[Word], at: int) -> tuple[list[Word], list[Word]]:
    """Return the words before the one numbered `at`, from 0, and the others; ValueError unless both have some."""
    if not 0 < at < len(words):
        raise ValueError(f"{at} of {len(words)}")
    return list(words[:at]), list(words[at:])


def mean_confidence(words: Sequence[Word]) -> float | None:
    """Return how sure the words are on the whole, by their length; None where nothing says."""
    known = [(len(str(word[0])), float(word[3])) for word in words if word[3] is not None]
    letters = sum(length for length, _sure in known)
    return sum(length * sure for length, sure in known) / letters if letters else None


def are_of(words: Sequence[Word], whole: Sequence[Word]) -> bool:
    """Say whether most of the words begin when words of `whole` do: they were once a piece of it."""
    starts = {round(float(word[1]), 2) for word in whole}
    shared = sum(1 for word in words if round(float(word[1]), 2) in starts)
    return bool(words) and 2 * shared >= len(words)


def _bare(word: str) -> str:
    return fold(word.strip()).strip(MARKS) or word


def _kept(word: Word, text: str) -> Word:
    same = str(word[0]).strip() == text
    return [text, word[1], word[2], word[3] if same else TYPED]


def _spread(told: Sequence[str], start: float, end: float, confidence: float | None = TYPED) -> list[Word]:
    letters = sum(map(len, told)) or 1
    made, at = [], start
    for word in told:
        until = at + (end - start) * len(word) / letters
        made.append([word, round(at, 3), round(until, 3), confidence])
        at = until
    return made


def _end(words: Sequence[Word], index: int, otherwise: float) -> float:
    return float(words[index - 1][2]) if index else otherwise


def _start(words: Sequence[Word], index: int, otherwise: float) -> float:
    return float(words[index][1]) if index < len(words) else otherwise
