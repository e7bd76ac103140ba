"""Ids: ordered by birth, and nothing in them to guess another by."""

import time

from schools.ids import new_id


def test_an_id_is_a_uuid_of_version_seven() -> None:
    before_ms = int(time.time() * 1000)
    made = new_id()
    assert made.version == 7
    assert before_ms <= made.int >> 80 <= time.time() * 1000


def test_ids_of_one_moment_share_nothing_but_the_moment() -> None:
    """A counter would tell how much another school does, and which id comes next."""
    made = [new_id().int for _ in range(2_000)]
    assert len(set(made)) == len(made)
    random_bits = [value & (1 << 62) - 1 for value in made]
    # Of 62 random bits each is set about half of the time; a counter's high bits would not be.
    for bit in range(62):
        assert 800 < sum(value >> bit & 1 for value in random_bits) < 1_200


def test_later_ids_are_greater() -> None:
    first = new_id()
    time.sleep(0.003)
    assert first < new_id()
