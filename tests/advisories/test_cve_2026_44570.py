"""Open WebUI CVE-2026-44570: a note was changed by who may only read it, as nothing but its id was asked for.

Parts of what a school shares. Red when a writing view of these carries `Can.READ`.
"""

from schools.roles import Role
from tests.advisories.conftest import Stage, calls
from tests.conftest import join

PARTS = calls(
    "transcription:action_change", "transcription:segment_delete", "transcription:speaker",
    "transcription:acta_change", "planillas:cells", "planillas:rename", "reports:section", "reports:change",
    "transcription_api:action", "transcription_api:segment", "planillas_api:cells", "planillas_api:row",
    "planillas_api:report_section", "documents_api:collection",
    methods=("POST", "PATCH", "DELETE"),
)  # fmt: skip


def test_who_reads_changes_nothing_and_who_is_elsewhere_finds_nothing(stage_of_two: Stage) -> None:
    reader = join(stage_of_two.ana.school, "lectora@norte.example", Role.READER)
    for call in PARTS:
        stage_of_two.refuse(call)
        stage_of_two.refuse(call, reader, status=(403,))
        stage_of_two.serve(call)
