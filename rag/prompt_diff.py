"""What differs between two versions of a prompt: line by line, and within a changed line word by word."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import zip_longest

from rag.prompt_text import Variable

# Lines that stay the same and stand around a change; the others are folded away.
AROUND = 2
# Below this share of common words a pair of lines is told as two lines, not as one that changed.
ALIKE = 0.3

_WORDS = re.compile(r"\s+|\w+|[^\w\s]")


class Kind(StrEnum):
    """What became of a line."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"
    FOLDED = "folded"  # lines left out because they are the same: `count` of them


@dataclass(frozen=True, slots=True)
class Span:
    """Words of a line; `is_changed`: these are what differs."""

    text: str
    is_changed: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a comparison."""

    kind: Kind
    spans: tuple[Span, ...] = ()
    count: int = 1


def compare(old: str, new: str) -> tuple[Line, ...]:
    """Return the lines of both texts, those removed before those added; long stretches without change are folded."""
    before, after = old.split("\n"), new.split("\n")
    lines: list[Line] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(a=before, b=after).get_opcodes():
        if tag == "equal":
            lines += [Line(Kind.SAME, (Span(text),)) for text in before[i1:i2]]
        else:
            lines += _changed(before[i1:i2], after[j1:j2])
    return tuple(_folded(lines))


def variables_changed(
    old: Sequence[Variable], new: Sequence[Variable]
) -> tuple[tuple[Variable | None, Variable | None], ...]:
    """Return each variable that differs, as it was and as it is; None: it was not there, or is not."""
    before, after = {each.name: each for each in old}, {each.name: each for each in new}
    names = dict.fromkeys([*before, *after])
    return tuple((before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name))


def _changed(old: list[str], new: list[str]) -> list[Line]:
    removed: list[Line] = []
    added: list[Line] = []
    for was, now in zip_longest(old, new):
        left, right = _words(was, now) if was is not None and now is not None else (None, None)
        if was is not None:
            removed.append(Line(Kind.REMOVED, left or (Span(was, is_changed=True),)))
        if now is not None:
            added.append(Line(Kind.ADDED, right or (Span(now, is_changed=True),)))
    return [*removed, *added]


def _words(was: str, now: str) -> tuple[tuple[Span, ...] | None, tuple[Span, ...] | None]:
    """Return both lines with the words marked that differ; None for lines that have too little in common."""
    old, new = _WORDS.findall(was), _WORDS.findall(now)
    matcher = SequenceMatcher(a=old, b=new)
    if matcher.ratio() < ALIKE:
        return None, None
    left: list[Span] = []
    right: list[Span] = []
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        for spans, words in ((left, old[i1:i2]), (right, new[j1:j2])):
            if words:
                spans.append(Span("".join(words), is_changed=tag != "equal"))
    return tuple(left), tuple(right)


def _folded(lines: Sequence[Line]) -> Iterator[Line]:
    changed = [at for at, line in enumerate(lines) if line.kind is not Kind.SAME]
    near = {at + step for at in changed for step in range(-AROUND, AROUND + 1)}
    hidden = 0
    for at, line in enumerate(lines):
        if at in near or not changed:
            if hidden:
                yield Line(Kind.FOLDED, count=hidden)
                hidden = 0
            yield line
        else:
            hidden += 1
    if hidden:
        yield Line(Kind.FOLDED, count=hidden)
