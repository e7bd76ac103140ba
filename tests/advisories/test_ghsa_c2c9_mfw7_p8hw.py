"""Flowise GHSA-c2c9-mfw7-p8hw: the key of one workspace listed what stood in another.

Every list, asked with a token of Sur: at Norte there is nothing, and at Sur nothing of Norte's. Red when a list is
asked by the person and not by the school.
"""

from schools.roles import Role
from tests.advisories.conftest import PARAMETERS, Stage, content
from tests.conftest import join
from tests.tenancy.urls import CALLS

LISTS = [call for call in CALLS if call.method == "GET" and call.is_api and PARAMETERS[call.url] == ("slug",)]


def test_a_key_of_one_school_lists_nothing_of_another(stage_of_two: Stage) -> None:
    canary = stage_of_two.norte.canary.encode()
    shown = 0
    for call in LISTS:
        stage_of_two.refuse(call)
        own = stage_of_two.ask(
            stage_of_two.zoe, call, path=stage_of_two.path(call, slug="sur", ids=stage_of_two.sur.ids)
        )
        assert canary not in content(own), str(call)
        shown += canary in stage_of_two.serve(call)
    assert shown >= 5


def test_a_person_of_two_schools_is_shown_one_at_a_time(stage_of_two: Stage) -> None:
    both = join(stage_of_two.sur.director.school, stage_of_two.ana.user.email, Role.TEACHER)
    for call in (each for each in LISTS if each.can.name == "READ" and not each.is_shelved):
        answer = stage_of_two.ask(
            both, call, path=stage_of_two.path(call, slug="sur", ids=stage_of_two.sur.ids)
        )
        assert stage_of_two.norte.canary.encode() not in content(answer), str(call)
