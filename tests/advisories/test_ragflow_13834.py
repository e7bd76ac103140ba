"""RAGFlow #13834, #14496, #15508: a download by id was mended, and the check was lost in a later change of the code.

So the check is no line of each view: what has a school's name in its address carries it, or stands in no list and the
suite is red. Red when `@in_school` is taken from any view, or an address is added to no list of tests/tenancy.
"""

import pytest

from schools.admission import rights_of
from tests.tenancy.urls import ADMIN, CALLS, LOGGED_IN, PUBLIC, THIRD_PARTY, addresses

KNOWN = {*PUBLIC, *LOGGED_IN, *(call.url for call in CALLS)}


def test_no_address_stands_outside_the_lists() -> None:
    found = {each.name for each in addresses() if not each.name.startswith((*ADMIN, *THIRD_PARTY))}
    assert found == KNOWN


@pytest.mark.parametrize("of_a_school", [True])
def test_what_is_of_a_school_asks_for_a_member_with_a_right(of_a_school: bool) -> None:
    unguarded = [
        each.name
        for each in addresses()
        if ("slug" in each.parameters) == of_a_school and not rights_of(each.view)
    ]
    assert unguarded == []
    # And what takes an id takes a school's name with it.
    ids = [each for each in addresses() if any(name.endswith("_id") for name in each.parameters)]
    assert [
        each.name for each in ids if "slug" not in each.parameters and not each.name.startswith(ADMIN)
    ] == []
