import pytest
from hypothesis import given
from hypothesis import strategies as st

from documents.places import (
    Page,
    Place,
    Sheet,
    Slide,
    Text,
    Time,
    UnknownPlace,
    from_json,
    locate,
    pack_times,
    pack_words,
    to_json,
    unpack_times,
    unpack_words,
)

sides = st.integers(0, 65_535).map(lambda tenths: tenths / 10)
boxes = st.tuples(sides, sides, sides, sides)
numbers = st.integers(0, 10_000)
places = st.one_of(
    st.builds(Page, numbers, st.lists(boxes, max_size=3).map(tuple)),
    st.builds(Sheet, st.text(max_size=8), st.tuples(numbers, numbers)),
    st.builds(Slide, numbers),
    st.builds(Time, st.floats(0, 1e5), st.floats(0, 1e5)),
    st.builds(Text, numbers, numbers),
)


@given(places)
def test_a_place_comes_back_from_its_stored_form(place: Place) -> None:
    assert from_json(to_json(place)) == place


def test_stored_forms_are_those_of_the_api() -> None:
    assert to_json(Page(3, ((1, 2, 3, 4),))) == {"kind": "page", "page": 3, "boxes": [[1, 2, 3, 4]]}
    assert to_json(Sheet("2026", (4, 9))) == {"kind": "sheet", "sheet": "2026", "rows": [4, 9]}
    assert to_json(Text(120, 410)) == {"kind": "text", "from": 120, "to": 410}
    assert to_json(Time(12.4, 18.0)) == {"kind": "time", "from_s": 12.4, "to_s": 18.0}


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"kind": "moon"},
        {"kind": "page", "page": "1", "boxes": []},
        {"kind": "sheet", "sheet": "a", "rows": [1]},
        {"kind": "time", "from_s": -1.0, "to_s": 2.0},
        {"kind": "time", "from_s": float("nan"), "to_s": 2.0},
        {"kind": "time", "from_s": 1.0, "to_s": float("inf")},
    ],
)
def test_anything_else_is_refused(stored: dict[str, object]) -> None:
    with pytest.raises(UnknownPlace):
        from_json(stored)


@given(st.lists(st.tuples(st.integers(0, 65_535), boxes), max_size=5))
def test_words_come_back_to_a_tenth_of_a_point(
    words: list[tuple[int, tuple[float, float, float, float]]],
) -> None:
    assert unpack_words(pack_words(words)) == words


def test_words_of_one_line_give_one_box_and_lines_are_kept_apart() -> None:
    text = "uno dos tres cuatro"
    words = pack_words(
        [(0, (10, 10, 30, 20)), (4, (33, 10, 50, 20)), (8, (10, 22, 30, 32)), (13, (33, 22, 60, 32))]
    )
    place = locate(Page(1), words=words, text=text, start=5, end=10)
    assert place == Page(1, ((33, 10, 50, 20), (10, 22, 30, 32)))
    assert locate(Page(1), words=words, text=text, start=0, end=7) == Page(1, ((10, 10, 50, 20),))
    assert locate(Page(1), words=words, text=text, start=3, end=4) == Page(1)  # a space is no word


milliseconds = st.integers(0, 100 * 3_600_000).map(lambda each: each / 1000)


@given(st.lists(st.tuples(st.integers(0, 10**6), milliseconds, milliseconds), max_size=5))
def test_spoken_words_come_back_to_a_millisecond(words: list[tuple[int, float, float]]) -> None:
    assert unpack_times(pack_times(words)) == words


def test_what_a_decoder_places_before_the_beginning_begins_there() -> None:
    assert unpack_times(pack_times([(0, -0.02, 0.1)])) == [(0, 0.0, 0.1)]


SPOKEN = "Marta: El acto será el viernes"
SPOKEN_WORDS = pack_times(
    [(7, 64.2, 64.3), (10, 64.3, 64.7), (15, 64.9, 65.2), (20, 65.2, 65.3), (23, 65.35, 65.9)]
)


@pytest.mark.parametrize(
    ("cited", "seconds"),
    [
        ("acto", (64.3, 64.7)),
        ("acto será", (64.3, 65.2)),
        ("iern", (65.35, 65.9)),  # a part of a word is the word
        ("to s", (64.3, 65.2)),
        (SPOKEN, (64.2, 65.9)),
        ("Marta: El", (64.2, 64.3)),  # nobody said the name
        ("Marta", (60.0, 70.0)),
        ("Marta: ", (60.0, 70.0)),
    ],
)
def test_seconds_are_those_of_the_words_cited(cited: str, seconds: tuple[float, float]) -> None:
    start = SPOKEN.index(cited)
    found = locate(Time(60.0, 70.0), words=SPOKEN_WORDS, text=SPOKEN, start=start, end=start + len(cited))
    assert found == Time(*seconds)


def test_a_block_whose_words_have_no_seconds_is_cited_whole() -> None:
    assert locate(Time(60.0, 70.0), words=b"", text=SPOKEN, start=10, end=14) == Time(60.0, 70.0)


def test_rows_and_characters_are_exact() -> None:
    text = "a | b\nc | d\ne | f"
    assert locate(Sheet("h", (4, 6)), words=b"", text=text, start=6, end=7) == Sheet("h", (5, 5))
    assert locate(Sheet("h", (4, 6)), words=b"", text=text, start=0, end=6) == Sheet("h", (4, 4))
    assert locate(Sheet("h", (4, 6)), words=b"", text=text, start=4, end=len(text)) == Sheet("h", (4, 6))
    assert locate(Text(100, 200), words=b"", text="x" * 100, start=5, end=9) == Text(105, 109)
    assert locate(Slide(2), words=b"", text="x", start=0, end=1) == Slide(2)
