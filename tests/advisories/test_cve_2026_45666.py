"""Open WebUI CVE-2026-45666: memories of others were read and changed by their id.

Every object that belongs to one person, with every verb, as each relation to it. Red when rag/conversations.py looks a
conversation up by school and id, without the person.
"""

from schools.roles import Role
from tests.advisories.conftest import Stage
from tests.conftest import join
from tests.tenancy.urls import CALLS

PRIVATE = [call for call in CALLS if call.is_private]


def test_what_is_ones_own_is_nobody_elses(stage_of_two: Stage) -> None:
    assert len({call.method for call in PRIVATE}) >= 4
    colleague = join(stage_of_two.ana.school, "docente2@norte.example", Role.TEACHER)
    for call in PRIVATE:
        stage_of_two.refuse(call)
        stage_of_two.refuse(call, colleague)
        assert stage_of_two.ask(None, call).status_code in (302, 401)
        stage_of_two.serve(call)
