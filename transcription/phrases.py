"""What was said as turns and sentences that know their seconds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from engines import sentences
from engines.spanish import fold

Word = tuple[str, float, float]
"""One spoken word: its text, its first and last second."""

# A pause of one speaker that is longer begins a new turn.
_PAUSE_S = 6.0
_MOST_TURN_CHARS = 4_000


@dataclass(frozen=True, slots=True)
class Utterance:
    """A segment of a transcript as the rules read it; `words` empty where no times of words are known."""

    speaker: str
    from_s: float
    to_s: float
    text: str
    id: str = ""
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Turn:
    """What one speaker said in a row; `marks`: (start, end, from_s, to_s) of its pieces, in characters and seconds."""

    speaker: str
    text: str
    marks: tuple[tuple[int, int, float, float], ...]
    ids: tuple[str, ...]

    def seconds(self, start: int, end: int) -> tuple[float, float]:
        """Return from and to which second `text[start:end]` is said."""
        return _moment(self.marks, start, is_end=False), _moment(self.marks, end, is_end=True)


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a turn, by its place in it. `turn_index` counts the turns of the transcript."""

    turn: Turn
    turn_index: int
    start: int
    end: int

    @property
    def text(self) -> str:
        """Return its words as they were said."""
        return self.turn.text[self.start : self.end]

    @property
    def speaker(self) -> str:
        """Return who said it."""
        return self.turn.speaker

    @property
    def is_question(self) -> bool:
        """Say whether it asks."""
        return self.text.rstrip(" \"»”')").endswith("?")

    @property
    def seconds(self) -> tuple[float, float]:
        """Return from and to which second it is said."""
        return self.turn.seconds(self.start, self.end)


def turns(said: Iterable[Utterance]) -> list[Turn]:
    """Return the utterances joined where one speaker goes on."""
    found: list[Turn] = []
    gathered: list[Utterance] = []
    length = 0
    for each in said:
        if not each.text.strip():
            continue
        last = gathered[-1] if gathered else None
        if last is not None and (
            each.speaker != last.speaker
            or each.from_s - last.to_s > _PAUSE_S
            or length + len(each.text) > _MOST_TURN_CHARS
        ):
            found.append(_turn(gathered))
            gathered, length = [], 0
        gathered.append(each)
        length += len(each.text)
    if gathered:
        found.append(_turn(gathered))
    return found


def cut(found: Sequence[Turn]) -> list[Sentence]:
    """Return the sentences of turns, in order."""
    return [
        Sentence(turn, index, start, end)
        for index, turn in enumerate(found)
        for start, end in sentences.split(turn.text)
    ]


def level(text: str) -> str:
    """Return the text in lower case without accents, character for character, so that offsets still hold."""
    return "".join(map(_leveled, text))


def lower(text: str) -> str:
    """Return the text in lower case with its accents, character for character."""
    return "".join(one if len(one := char.lower()) == 1 else char for char in text)


@lru_cache(maxsize=1_024)
def _leveled(char: str) -> str:
    folded = fold(char)
    return folded if len(folded) == 1 else char


def _turn(said: Sequence[Utterance]) -> Turn:
    pieces: list[str] = []
    marks: list[tuple[int, int, float, float]] = []
    at = 0
    for each in said:
        text = " ".join(each.text.split())
        marks += _marks(each, text, at)
        pieces.append(text)
        at += len(text) + 1
    return Turn(said[0].speaker, " ".join(pieces), tuple(marks), tuple(each.id for each in said))


def _marks(each: Utterance, text: str, at: int) -> list[tuple[int, int, float, float]]:
    found: list[tuple[int, int, float, float]] = []
    after = 0
    for word, from_s, to_s in each.words:
        bare = word.strip()
        start = text.find(bare, after) if bare else -1
        if start >= 0:
            after = start + len(bare)
            found.append((at + start, at + after, from_s, to_s))
    return found or [(at, at + len(text), each.from_s, each.to_s)]


def _moment(marks: Sequence[tuple[int, int, float, float]], at: int, *, is_end: bool) -> float:
    """Return the second of a place in the text; between the marks, the nearer edge of the next one."""
    for start, end, from_s, to_s in marks:
        if at < start and not is_end:
            return from_s
        if start <= at < end or (is_end and start < at <= end):
            share = (at - start) / (end - start)
            return round(from_s + (to_s - from_s) * share, 2)
    if is_end:
        for one, other in pairwise(marks):
            if one[1] <= at <= other[0]:
                return one[3]
    return marks[-1][3]
