"""Whether what an engine tells of a meeting was said in it, and at which second. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain

from engines import spanish
from engines.spanish import STOPWORDS, fold
from transcription.phrases import Utterance

LEAST_WORDS = 3  # of a quote: fewer prove nothing
_WORD = re.compile(r"[^\W_]+")
_NAME = re.compile(r"(?<![.!?¿¡«\"'(] )(?<!^)(?<![¿¡«\"'(])\b[A-ZÁÉÍÓÚÜÑ][\wáéíóúüñ]+")
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Found:
    """A quote that was said: word for word, from and to which second, by whom, from which segment on."""

    text: str
    from_s: float
    to_s: float
    speaker: str
    first: int  # place of its first utterance


@dataclass(frozen=True, slots=True)
class _Spoken:
    folded: str
    place: int  # of its utterance
    start: int  # in the utterance's text
    end: int


@dataclass(slots=True)
class Heard:
    """What was said in a stretch of a meeting, to be looked up."""

    said: Sequence[Utterance]
    words: list[_Spoken] = field(default_factory=list)
    stems: set[int] = field(default_factory=set)
    forms: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        for place, each in enumerate(self.said):
            for found in _WORD.finditer(each.text):
                self.words.append(_Spoken(fold(found[0]), place, found.start(), found.end()))
        told = [each.text for each in self.said] + sorted({each.speaker for each in self.said})
        for word in chain.from_iterable(spanish.words(text) for text in told):
            self.stems.add(word.stem)
            self.forms.add(word.folded)

    def locate(self, quote: str) -> Found | None:
        """Return where a quote was said, its words one after the other; None where it was not."""
        wanted = [fold(word) for word in _WORD.findall(quote)]
        if len(wanted) < LEAST_WORDS:
            return None
        spoken = [word.folded for word in self.words]
        for at in range(len(spoken) - len(wanted) + 1):
            if spoken[at] == wanted[0] and spoken[at : at + len(wanted)] == wanted:
                return self._found(self.words[at], self.words[at + len(wanted) - 1])
        return None

    def holds(self, words: str) -> bool:
        """Say whether some words were said one after the other, however few."""
        wanted = [fold(word) for word in _WORD.findall(words)]
        spoken = [word.folded for word in self.words]
        return bool(wanted) and any(
            spoken[at : at + len(wanted)] == wanted for at in range(len(spoken) - len(wanted) + 1)
        )

    def bears(self, text: str) -> bool:
        """Say whether a wording brings in no number and no name that nobody said, and few words of its own."""
        numbers = chain.from_iterable(_NUMBER.findall(each.text) for each in self.said)
        if set(_NUMBER.findall(text)) - set(numbers):
            return False
        if any(fold(name) not in self.forms and fold(name) not in STOPWORDS for name in _NAME.findall(text)):
            return False
        own = [word for word in spanish.words(text) if not word.is_stop]
        return bool(own) and 2 * sum(word.stem in self.stems for word in own) > len(own)

    def knows(self, name: str) -> bool:
        """Say whether somebody of that name speaks or is spoken of."""
        own = [fold(word) for word in _WORD.findall(name)]
        telling = [word for word in own if word not in STOPWORDS]
        return bool(telling) and all(word in self.forms for word in telling)

    def _found(self, first: _Spoken, last: _Spoken) -> Found:
        here, there = self.said[first.place], self.said[last.place]
        between = [each.text for each in self.said[first.place + 1 : last.place]]
        text = here.text[first.start : last.end]
        if first.place != last.place:
            text = " ".join([here.text[first.start :], *between, there.text[: last.end]])
        return Found(
            text=text,
            from_s=second_of(here, first.start, is_end=False),
            to_s=second_of(there, last.end, is_end=True),
            speaker=here.speaker,
            first=first.place,
        )


def second_of(said: Utterance, at: int, *, is_end: bool) -> float:
    """Return the second of a character of an utterance: its word's where words have times."""
    after = 0
    for word, from_s, to_s in said.words:
        bare = word.strip()
        start = said.text.find(bare, after) if bare else -1
        if start < 0:
            continue
        after = start + len(bare)
        if at < after or (is_end and at <= after):
            return to_s if is_end else from_s
    share = at / max(1, len(said.text))
    return round(said.from_s + (said.to_s - said.from_s) * share, 2)
