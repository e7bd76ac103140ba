"""LibreChat CVE-2026-31950: a stream was opened by its id, whoever asked.

Every stream of ours, and what stops one. Red when a stream's view or generator asks for no member, or asks only once
(tests/tenancy/test_streams.py and test_suspension.py hold the second).
"""

from schools.roles import Role
from tests.advisories.conftest import Stage
from tests.conftest import join
from tests.tenancy.call import STREAM
from tests.tenancy.urls import CALLS

STREAMS = [
    call
    for call in CALLS
    if call.accept == STREAM or call.url.endswith(("events", ":stop", "cancel", "run_cancel"))
]


def test_a_stream_is_of_its_school_and_its_person(stage_of_two: Stage) -> None:
    assert len(STREAMS) >= 8
    colleague = join(stage_of_two.ana.school, "docente2@norte.example", Role.TEACHER)
    for call in STREAMS:
        stage_of_two.refuse(call)
        assert stage_of_two.ask(None, call).status_code in (302, 401)
        if call.is_private:
            stage_of_two.refuse(call, colleague)
        stage_of_two.serve(call)
