"""Segments out of words and turns: each word goes to who speaks most of it, then with its sentence. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from transcription import words as texts
from transcription.stretches import Stretches
from transcription.words import Word

PAUSE_S = 1.0
LONGEST_S = 30.0
NEAR_S = 0.5  # of a turn that a word outside of every turn may still belong to
ENDS = (".", "?", "!", "…")


@dataclass(frozen=True, slots=True)
class Draft:
    """A segment to be; `speaker` None: nobody was told apart."""

    speaker: int | None
    words: tuple[Word, ...]

    @property
    def from_s(self) -> float:
        """Return its first second."""
        return float(self.words[0][1])

    @property
    def to_s(self) -> float:
        """Return its last second."""
        return max(float(word[2]) for word in self.words)


def drafts(spoken: Iterable[dict[str, Any]], turns: Sequence[Sequence[float]]) -> list[Draft]:
    """Return the segments of what was spoken, in order; every word stands in exactly one."""
    lanes: dict[int | None, list[Word]] = {}
    for said in spoken:
        known = texts.timed(said["words"], said["text"], from_s=said["from_s"], to_s=said["to_s"])
        lanes.setdefault(said.get("speaker"), []).extend(known)
    heard = Stretches((from_s, to_s, int(number)) for from_s, to_s, number in turns)
    found: list[Draft] = []
    for channel, told in lanes.items():
        for sentence in _sentences(told):
            found += _by_speaker(sentence, heard) if channel is None else [Draft(channel, tuple(sentence))]
    return sorted(found, key=lambda draft: (draft.from_s, draft.to_s))


def _sentences(told: Sequence[Word]) -> Iterator[list[Word]]:
    held: list[Word] = []
    for word in told:
        if held and (
            str(held[-1][0]).endswith(ENDS)
            or word[1] - held[-1][2] >= PAUSE_S
            or word[2] - held[0][1] > LONGEST_S
        ):
            yield held
            held = []
        held.append(word)
    if held:
        yield held


def _by_speaker(sentence: list[Word], turns: Stretches[int]) -> list[Draft]:
    who = [_speaker(word, turns) for word in sentence]
    most, count = Counter(who).most_common(1)[0]
    if count > 0.7 * len(who):
        return [Draft(most, tuple(sentence))]
    found: list[Draft] = []
    for word, speaker in zip(sentence, who, strict=True):
        if found and found[-1].speaker == speaker:
            found[-1] = Draft(speaker, (*found[-1].words, word))
        else:
            found.append(Draft(speaker, (word,)))
    return found


def _speaker(word: Word, turns: Stretches[int]) -> int | None:
    """Return who speaks most of a word, or close to it."""
    best: tuple[float, int | None] = (-NEAR_S, None)
    for from_s, to_s, number in turns.about(word[1] - NEAR_S, word[2] + NEAR_S):
        shared = min(to_s, word[2]) - max(from_s, word[1])
        best = (shared, number) if shared > best[0] else best
    return best[1]
