"""Subtitles by the usual reading rules: two lines of 42 characters for 7 seconds at most, broken where one breathes.

A cue is never of two speakers, and no two cues stand on the screen at once.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from transcription.exports.told import Segment

LINE_MOST_CHARS = 42
CUE_MOST_MS = 7000
CUE_LEAST_MS = 1000
CHARS_PER_S = 17  # that people read; a cue stays as long when nothing follows
SHORTEST_MS = 300  # when the next one presses
PAUSE_MS = 1500  # a silence that ends a cue
DASH = "– "

# A line that ends in one of these leaves the reader hanging.
_DANGLING = """
el la los las un una unos unas de del al a en con por para sin sobre entre hasta desde y e o u ni que se me te le les
nos lo mi tu su mis tus sus este esta estos estas ese esa muy más no si como cuando donde artículo art. nº n.º nro.
página señor señora sr. sra. dr. dra. prof.
"""
_OPENING = (
    "y e o u ni pero aunque porque que cuando donde como si pues entonces con sin por para en hasta desde"
)
_LEADS_ON = frozenset(_DANGLING.split())
_LEADS_IN = frozenset(_OPENING.split())
_CLINGS = frozenset({"de", "del"})  # to the word in front
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True)
class Cue:
    """What stands on the screen at once; milliseconds of the recording."""

    from_ms: int
    to_ms: int
    lines: tuple[str, ...]  # one or two
    speaker: str
    is_change: bool  # somebody else spoke before


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    from_ms: int
    to_ms: int


def cues(segments: Sequence[Segment], *, dashes: bool = False) -> list[Cue]:
    """Return the cues of a transcript in order; with `dashes` a change of speaker begins with one."""
    found: list[Cue] = []
    last: int | None = None
    ordered = sorted((each for each in segments if each.text), key=lambda each: (each.from_s, each.to_s))
    for run in _runs(ordered):
        is_change = bool(found) and run[0].number != last
        prefix = DASH if dashes and is_change else ""
        tokens = list(_tokens(run))
        start = 0
        while start < len(tokens):
            if len(prefix) + len(tokens[start].text) > LINE_MOST_CHARS:
                prefix = ""
            end = _end(tokens, start, prefix)
            chosen = tokens[start:end]
            fitted = _lines([each.text for each in chosen], prefix)
            assert fitted is not None
            to_ms = max(each.to_ms for each in chosen)
            found.append(Cue(chosen[0].from_ms, to_ms, fitted[0], run[0].speaker, is_change and start == 0))
            start, prefix = end, ""
        last = run[0].number
    return _timed(found)


def _runs(segments: Sequence[Segment]) -> Iterator[list[Segment]]:
    """Yield consecutive segments of one speaker."""
    held: list[Segment] = []
    for each in segments:
        if held and each.number != held[-1].number:
            yield held
            held = []
        held.append(each)
    if held:
        yield held


def _tokens(run: Sequence[Segment]) -> Iterator[_Token]:
    """Yield the words with their times, in order; a word longer than a line comes in pieces."""
    latest = 0
    for segment in run:
        for text, from_s, to_s in _spoken(segment):
            count = ceil(len(text) / LINE_MOST_CHARS)
            size = ceil(len(text) / count)  # two pieces never fit in one line
            step = (to_s - from_s) / count
            for index in range(count):
                piece = text[index * size : (index + 1) * size]
                latest = max(latest, round((from_s + index * step) * 1000))
                yield _Token(piece, latest, max(latest, round((from_s + (index + 1) * step) * 1000)))


def _spoken(segment: Segment) -> Iterator[tuple[str, float, float]]:
    """Yield the words of the text with their times: as heard, or spread over the segment where they differ."""
    texts = segment.text.split()
    if [each.text for each in segment.words] == texts:
        yield from ((each.text, each.from_s, each.to_s) for each in segment.words)
        return
    whole = sum(map(len, texts))
    length_s, told = max(0.0, segment.to_s - segment.from_s), 0
    for text in texts:
        from_s = segment.from_s + length_s * told / whole
        told += len(text)
        yield text, from_s, segment.from_s + length_s * told / whole


def _end(tokens: Sequence[_Token], start: int, prefix: str) -> int:
    """Return where the cue that begins at `start` had best end."""
    best, best_score = start + 1, float("-inf")
    texts: list[str] = []
    chars = len(prefix) - 1
    for end in range(start + 1, len(tokens) + 1):
        token = tokens[end - 1]
        if end - 1 > start and (
            token.from_ms - tokens[end - 2].to_ms > PAUSE_MS
            or token.to_ms - tokens[start].from_ms > CUE_MOST_MS
        ):
            break
        texts.append(token.text)
        chars += 1 + len(token.text)
        fitted = _lines(texts, prefix) if chars <= 2 * LINE_MOST_CHARS + 1 else None
        if fitted is None:
            break
        # As bad as a cue that ends inside a name is one whose first line does.
        score = chars / (2 * LINE_MOST_CHARS) + _rest_after(tokens, end) + 3 * min(0.0, fitted[1])
        if token.to_ms - tokens[start].from_ms < CUE_LEAST_MS:
            score -= 0.4
        if score >= best_score:
            best, best_score = end, score
    return best


def _rest_after(tokens: Sequence[_Token], end: int) -> float:
    """Return how well a cue ends before `end`."""
    if end == len(tokens):
        return 1.5
    rest = _rest(tokens[end - 1].text, tokens[end].text)
    if tokens[end].from_ms - tokens[end - 1].to_ms > CUE_LEAST_MS // 3:
        rest += 0.2
    if len(tokens) - end <= 2 and len(tokens[-1].text) < LINE_MOST_CHARS // 2:
        rest -= 0.4  # one or two words left alone
    return rest


def _rest(word: str, following: str) -> float:
    """Return how well a line ends between two words: 0.9 at a sentence's end, below 0 inside a number or a name."""
    low = word.casefold()
    if low in _LEADS_ON:
        return -0.5
    if word.endswith((".", "?", "!", "…", "»")):
        return 0.9
    if word.endswith((",", ";", ":")):
        return 0.45
    if _DIGIT.search(word) or _DIGIT.search(following) or following.startswith(("%", "€")):
        return -0.4
    if word[:1].isupper() and following[:1].isupper():
        return -0.5
    next_low = following.casefold()
    return 0.2 if next_low in _LEADS_IN else -0.2 if next_low in _CLINGS else 0.0


def _lines(texts: Sequence[str], prefix: str) -> tuple[tuple[str, ...], float] | None:
    """Return the words in one line or two, broken where it reads best, and how well; None when they do not fit."""
    whole = prefix + " ".join(texts)
    if len(whole) <= LINE_MOST_CHARS:
        return (whole,), 0.0
    best: tuple[tuple[str, str], float] | None = None
    best_score = float("-inf")
    first = len(prefix) - 1
    for index in range(1, len(texts)):
        first += 1 + len(texts[index - 1])
        second = len(whole) - first - 1
        if first > LINE_MOST_CHARS or second > LINE_MOST_CHARS:
            continue
        rest = _rest(texts[index - 1], texts[index])
        score = min(rest, 2 * rest) - abs(first - second) / LINE_MOST_CHARS
        if score > best_score:
            best, best_score = ((whole[:first], whole[first + 1 :]), rest), score
    return best


def _timed(found: list[Cue]) -> list[Cue]:
    """Return the cues in order, each as long as it takes to read where that can be, none over another."""
    timed: list[Cue] = []
    free_ms = 0
    for index, cue in enumerate(found):
        from_ms = max(cue.from_ms, free_ms)
        next_ms = found[index + 1].from_ms if index + 1 < len(found) else None
        reading_ms = max(CUE_LEAST_MS, sum(map(len, cue.lines)) * 1000 // CHARS_PER_S)
        to_ms = max(cue.to_ms, from_ms + reading_ms)
        if next_ms is not None:
            # Two who speak at once: the first gives way, but not before it can be seen.
            to_ms = min(to_ms, max(next_ms, from_ms + SHORTEST_MS))
        to_ms = min(to_ms, from_ms + CUE_MOST_MS)
        timed.append(Cue(from_ms, to_ms, cue.lines, cue.speaker, cue.is_change))
        free_ms = to_ms
    return timed
