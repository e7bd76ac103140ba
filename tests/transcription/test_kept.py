"""A new transcript around what a person corrected: no word twice, none lost."""

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transcription import kept
from transcription.kept import Kept
from transcription.segments import Draft, drafts
from transcription.words import Word

Times = list[tuple[float, float]]
TURNS = [[0.0, 7.0, 1], [7.0, 12.0, 2], [12.5, 40.0, 1]]


def _words(name: str, lengths: Sequence[tuple[float, float]]) -> list[Word]:
    words: list[Word] = []
    at_s = 0.0
    for number, (silence_s, long_s) in enumerate(lengths):
        end = "." if number % 4 == 3 else ""
        words.append(
            [f"{name}{number}{end}", round(at_s + silence_s, 3), round(at_s + silence_s + long_s, 3), 0.9]
        )
        at_s = words[-1][2]
    return words


def _said(words: list[Word], **facts: int) -> dict[str, object]:
    text = " ".join(word[0] for word in words)
    return {"text": text, "from_s": words[0][1], "to_s": words[-1][2], "words": words, **facts}


LENGTHS = st.lists(st.tuples(st.sampled_from([0.0, 0.1, 1.2]), st.floats(0, 1.5)), min_size=1, max_size=25)
SPANS = st.lists(st.tuples(st.floats(0, 20), st.floats(0.01, 6)), max_size=4)


@given(LENGTHS, SPANS)
def test_every_word_stands_once_in_a_new_segment_or_inside_what_is_kept(lengths: Times, spans: Times) -> None:
    words = _words("p", lengths)
    rows = [Kept(from_s, from_s + long_s, frozenset()) for from_s, long_s in spans]
    made = kept.besides(drafts([_said(words)], TURNS), rows, by_channel=False)
    inside = [word for word in words if any(row.from_s < (word[1] + word[2]) / 2 < row.to_s for row in rows)]
    assert [word for draft in made for word in draft.words] == [word for word in words if word not in inside]
    assert all(one.from_s <= other.from_s for one, other in pairwise(made))
    for draft in made:  # nobody's words are joined over what stands between them
        places = [words.index(word) for word in draft.words]
        assert places == list(range(places[0], places[-1] + 1))


@given(LENGTHS, LENGTHS, st.integers(0, 24), st.sampled_from([1, 2]))
def test_who_speaks_at_the_same_time_loses_no_word(one: Times, other: Times, at: int, channel: int) -> None:
    lanes = {1: _words("a", one), 2: _words("b", other)}
    made = drafts([_said(words, speaker=number) for number, words in lanes.items()], [])
    mine = [draft for draft in made if draft.speaker == channel]
    taken = mine[at % len(mine)]
    # A person said that it was somebody else, which does not make the other channel's words theirs.
    row = Kept(taken.from_s, taken.to_s, kept.signs(taken.words), frozenset({3 - channel}))
    rest = kept.besides(made, [row], by_channel=True)
    told = Counter(word[0] for draft in (*rest, taken) for word in draft.words)
    assert told == Counter(word[0] for words in lanes.values() for word in words)


@pytest.mark.parametrize(("channels", "stays"), [({1}, {2}), ({2}, {1}), (set(), set()), ({1, 2}, set())])
def test_where_a_new_transcript_has_other_words_the_voice_says_whose_they_are(
    channels: set[int], stays: set[int]
) -> None:
    made = [Draft(1, (["hola", 1.0, 1.5, 0.9],)), Draft(2, (["sí", 1.1, 1.3, 0.9],))]
    row = Kept(0.5, 2.0, kept.signs([["buenas", 0.9, 1.6, 1.0]]), frozenset(channels))
    assert {draft.speaker for draft in kept.besides(made, [row], by_channel=True)} == stays
