import random

import pytest

from documents.parsers.slide_order import Area, around, in_order


def names(shapes: dict[str, Area | None]) -> str:
    return "".join(name for _, name in in_order([(area, name) for name, area in shapes.items()]))


def test_rows_are_read_before_columns() -> None:
    assert (
        names({"d": (10, 10, 19, 14), "b": (10, 0, 19, 4), "c": (0, 10, 9, 14), "a": (0, 0, 9, 4)}) == "abcd"
    )


def test_a_slightly_uneven_row_is_a_row() -> None:
    assert names({"b": (10, 0, 19, 10), "a": (0, 2, 9, 12)}) == "ab"


def test_headings_are_read_with_their_columns() -> None:
    heads: dict[str, Area | None] = {"c": (10, 0, 19, 2), "a": (0, 0, 9, 2)}
    assert names({**heads, "d": (10, 3, 19, 20), "b": (0, 3, 9, 20)}) == "abcd"


def test_headings_over_columns_that_cross_are_read_first() -> None:
    heads: dict[str, Area | None] = {"b": (10, 0, 30, 2), "a": (0, 0, 25, 2)}
    assert names({**heads, "d": (10, 3, 30, 20), "c": (0, 3, 25, 20)}) == "abcd"


def test_what_has_no_place_comes_first() -> None:
    assert names({"b": (0, 0, 1, 1), "a": None}) == "ab"
    assert around([None, (0, 1, 2, 3), (1, 0, 5, 2)]) == (0, 0, 5, 3)
    assert around([None]) is None


@pytest.mark.parametrize("seed", range(40))
def test_every_shape_is_read_once_however_they_lie(seed: int) -> None:
    dice = random.Random(seed)
    found: list[tuple[Area | None, int]] = []
    for name in range(60):
        x, y = dice.randint(0, 30), dice.randint(0, 30)
        found.append(((x, y, x + dice.randint(1, 15), y + dice.randint(1, 15)), name))
    assert sorted(name for _, name in in_order(found)) == list(range(60))
