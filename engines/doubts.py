"""What of a transcript was said, and what the model made up. Pure; by how it says it, never by a list of phrases.

Over silence and noise every Whisper invents: "Gracias." is said in meetings too, so what it says proves nothing.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from engines.sound import Spoken

# The published limits of Whisper's own decoding (Radford et al., 2022, section 4.5).
_SILENT, _UNLIKELY = 0.6, -1.0
_COMPRESSED = 2.4
_FASTEST = 35.0  # characters a second: nobody speaks twice as fast as an auctioneer
# From here on it is looked at twice.
_DOUBTFUL = -0.6
_FAST = 22.0
_SHORT_WORDS = 6
_AGAIN = 3  # times the same text, one after the other
_AGAIN_WORDS = 4  # a shorter one may well be said so often: "Sí. Sí. Sí."
_LOOP_TIMES, _LOOP_SHARE = 4, 0.5
_LONG_LOOP_WORDS = 6  # the same six words at once again are looked at twice


class Doubt(StrEnum):
    """Why a segment is left out."""

    EMPTY = "empty"
    SILENCE = "silence"  # the model itself hears nobody
    LOOP = "loop"  # it says the same again and again
    TOO_FAST = "too_fast"
    NOBODY = "nobody"  # no voice is heard there


@dataclass(frozen=True, slots=True)
class Guess:
    """A segment as the model gives it, with what tells whether it was said."""

    spoken: Spoken
    likelihood: float  # average log-probability of its tokens
    silence: float  # how sure the model is that nobody speaks, 0–1
    compression: float  # how well the text can be packed: repetition packs well
    room_s: float  # until the next segment begins, or the clip ends: times of words may be squeezed


def sift(guesses: Sequence[Guess], *, has_voice: Callable[[float, float], bool]) -> list[Spoken]:
    """Return the segments that were said.

    `has_voice`: asked of seconds whose segment is doubtful whether a voice is heard there.
    """
    kept: list[Spoken] = []
    for guess, times in zip(guesses, _in_a_row(guesses), strict=True):
        doubt = judge(guess)
        words = guess.spoken.text.split()
        if doubt is None and times >= _AGAIN and len(words) >= _AGAIN_WORDS:
            doubt = Doubt.LOOP
        if doubt is None and (times >= _AGAIN or is_doubtful(guess)):
            doubt = None if has_voice(guess.spoken.start_s, guess.spoken.end_s) else Doubt.NOBODY
        if doubt is None:
            kept.append(guess.spoken)
    return kept


def measured(
    spoken: Sequence[Spoken],
    measures: Sequence[tuple[float | None, float | None, float | None]],
) -> list[Guess]:
    """Return segments of an engine elsewhere with likelihood, silence and compression, where it tells them."""
    guesses = []
    for at, (each, (likelihood, silence, compression)) in enumerate(zip(spoken, measures, strict=True)):
        following_s = spoken[at + 1].start_s if at + 1 < len(spoken) else each.end_s
        guesses.append(
            Guess(
                each,
                likelihood=0.0 if likelihood is None else likelihood,
                silence=0.0 if silence is None else silence,
                compression=1.0 if compression is None else compression,
                room_s=max(each.end_s, following_s) - each.start_s,
            )
        )
    return guesses


def within(voice: Sequence[tuple[float, float]]) -> Callable[[float, float], bool]:
    """Return what says whether some seconds touch the voice that was found; where none was given, all do."""

    def has_voice(start_s: float, end_s: float) -> bool:
        return not voice or any(start_s < ends and begins < end_s for begins, ends in voice)

    return has_voice


def judge(guess: Guess) -> Doubt | None:
    """Return why a segment cannot have been said; None when it may."""
    text = guess.spoken.text.strip()
    if not any(character.isalnum() for character in text):
        return Doubt.EMPTY
    if guess.silence > _SILENT and guess.likelihood < _UNLIKELY:
        return Doubt.SILENCE
    if guess.compression > _COMPRESSED or loops(text.lower().split()):
        return Doubt.LOOP
    if len(text) / max(guess.room_s, 0.3) > _FASTEST:
        return Doubt.TOO_FAST
    return None


def is_doubtful(guess: Guess) -> bool:
    """Say whether a segment is looked at twice: short, unlikely, fast, or twice the same."""
    words = guess.spoken.text.lower().split()
    return (
        len(words) <= _SHORT_WORDS
        or guess.likelihood < _DOUBTFUL
        or guess.silence > _SILENT
        or len(guess.spoken.text) / max(guess.room_s, 0.3) > _FAST
        or _repeats(words, times=2, least=_LONG_LOOP_WORDS)
    )


def loops(words: Sequence[str]) -> bool:
    """Say whether most of the words are the same few of them, again and again."""
    return _repeats(words, times=_LOOP_TIMES, least=1)


def _repeats(words: Sequence[str], *, times: int, least: int) -> bool:
    """Say whether `least` or more words come `times` in a row, and are at least half of all."""
    for size in range(least, len(words) // times + 1):
        for start in range(len(words) - size * times + 1):
            first = words[start : start + size]
            count = 1
            while words[start + count * size : start + (count + 1) * size] == first:
                count += 1
            if count >= times and count * size >= _LOOP_SHARE * len(words):
                return True
    return False


def _in_a_row(guesses: Iterable[Guess]) -> list[int]:
    """Return of each segment how many times its text has come in a row by then."""
    found: list[int] = []
    before = ""
    for guess in guesses:
        text = guess.spoken.text.strip().lower()
        found.append(found[-1] + 1 if found and text == before else 1)
        before = text
    return found
