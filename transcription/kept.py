"""What a person corrected or took away, and the words that a new transcript has besides. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from transcription.segments import Draft
from transcription.stretches import Stretches
from transcription.words import Word

Sign: TypeAlias = tuple[str, float, float]
"""By which a word is known again: its text and its seconds."""
Span: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Kept:
    """A segment that stays. `signs`: of the words that it has, and of those that it was made of.

    `channels`: whose voice it is, where each channel is one voice; none: nobody knows.
    """

    from_s: float
    to_s: float
    signs: frozenset[Sign]
    channels: frozenset[int] = frozenset()


def signs(words: Iterable[Word]) -> frozenset[Sign]:
    """Return by what words are known again."""
    return frozenset(_sign(word) for word in words)


def besides(made: Sequence[Draft], kept: Sequence[Kept], *, by_channel: bool) -> list[Draft]:
    """Return the segments without the words that stand in what is kept; each gap there makes two of one.

    A word stands there when it is one of its words, or when the middle of it lies inside. `by_channel`: two may speak
    at once, and then only the words of the same voice are meant.
    """
    known = frozenset[Sign]().union(*(each.signs for each in kept))
    lanes: dict[int | None, list[Draft]] = {}
    for draft in made:
        lanes.setdefault(draft.speaker if by_channel else None, []).append(draft)
    # Where words are known again, the voice is too: whoever a person said that it was.
    told = {lane: {_sign(word) for draft in drafts for word in draft.words} for lane, drafts in lanes.items()}
    found: list[Draft] = []
    for lane, drafts in lanes.items():
        others = [words for other, words in told.items() if other != lane]
        spans = [span for each in kept if (span := _span(each, lane, told[lane], others)) is not None]
        inside = Stretches((*span, None) for span in spans)
        for draft in drafts:
            found.extend(_pieces(draft, known, inside))
    return sorted(found, key=lambda draft: (draft.from_s, draft.to_s))


def _span(kept: Kept, lane: int | None, mine: set[Sign], others: Sequence[set[Sign]]) -> Span | None:
    """Return from when to when the words of a lane stand in a kept segment; None: they do not."""
    if lane is None:
        return kept.from_s, kept.to_s
    if again := kept.signs & mine:
        return min(from_s for _text, from_s, _to in again), max(to_s for *_rest, to_s in again)
    if any(kept.signs & words for words in others) or (kept.channels and lane not in kept.channels):
        return None
    return kept.from_s, kept.to_s


def _pieces(draft: Draft, known: frozenset[Sign], inside: Stretches[None]) -> Iterator[Draft]:
    held: list[Word] = []
    for word in draft.words:
        at = (word[1] + word[2]) / 2
        if _sign(word) in known or any(a < at < b for a, b, _none in inside.about(at, at)):
            if held:
                yield Draft(draft.speaker, tuple(held))
            held = []
        else:
            held.append(word)
    if held:
        yield Draft(draft.speaker, tuple(held))


def _sign(word: Word) -> Sign:
    return str(word[0]), float(word[1]), float(word[2])
