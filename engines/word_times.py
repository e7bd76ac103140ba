"""Times of words as a person can use them: inside their clip, rising, and each long enough to be heard. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from engines.sound import Spoken

_LETTER_S = 0.06  # as a quick speaker says them, where nothing else is known


def settle(words: Sequence[Spoken], *, start_s: float, end_s: float) -> tuple[Spoken, ...]:
    """Return the words of a clip with their times inside it, in order.

    Words that an aligner puts on one and the same moment share the time until the next, by their letters.
    """
    groups: list[list[Spoken]] = []
    for word in words:
        last_s = groups[-1][0].start_s if groups else start_s
        begins = min(max(word.start_s, last_s), end_s)
        placed = replace(word, start_s=begins, end_s=min(max(word.end_s, begins), end_s))
        if groups and begins == last_s:
            groups[-1].append(placed)
        else:
            groups.append([placed])
    if len(groups) > 1 and groups[-1][-1].end_s <= groups[-1][0].start_s:
        # Nothing is left for the last ones: they share with those before.
        groups[-2:] = [[*groups[-2], *groups[-1]]]
    return tuple(
        word
        for at, group in enumerate(groups)
        for word in _share(group, start_s, groups[at + 1][0].start_s if at + 1 < len(groups) else end_s)
    )


def _share(group: Sequence[Spoken], earliest_s: float, latest_s: float) -> Iterator[Spoken]:
    """Yield words that begin together one after the other."""
    begins, ends = group[0].start_s, min(group[-1].end_s, latest_s)
    if len(group) == 1 and ends > begins:
        yield replace(group[0], end_s=ends)
        return
    letters = sum(len(word.text) for word in group) or 1
    if ends <= begins:
        ends = min(begins + letters * _LETTER_S, latest_s)
    if ends <= begins:
        begins = max(earliest_s, ends - letters * _LETTER_S)
    passed = 0
    for word in group:
        first = begins + (ends - begins) * passed / letters
        passed += len(word.text)
        yield replace(word, start_s=first, end_s=begins + (ends - begins) * passed / letters)
