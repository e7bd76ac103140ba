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
    pack_words,
    to_json,
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


def test_rows_and_characters_are_exact() -> None:
    text = "a | b\nc | d\ne | f"
    assert locate(Sheet("h", (4, 6)), words=b"", text=text, start=6, end=7) == Sheet("h", (5, 5))
    assert locate(Sheet("h", (4, 6)), words=b"", text=text, start=0, end=6) == Sheet("h", (4, 4))
    assert locate(Sheet("h", (4, 6)), words=b"", text=text, start=4, end=len(text)) == Sheet("h", (4, 6))
    assert locate(Text(100, 200), words=b"", text="x" * 100, start=5, end=9) == Text(105, 109)
    assert locate(Slide(2), words=b"", text="x", start=0, end=1) == Slide(2)
