"""Dify CVE-2026-41949: any login read any tenant's file by its id, at the preview that had forgotten the check.

Every way to a file's bytes or words is one family here, with one check. Red when `document_id` is looked up without the
member's shelves, in documents/viewing.py or documents/originals.py.
"""

from schools.roles import Role
from tests.advisories.conftest import Stage, calls
from tests.conftest import join

FILES = calls(
    "documents:file", "documents:picture", "documents:view", "documents:row", "documents_api:file",
    "documents_api:blocks", "documents_api:search", "rag_api:chunks", "laboratory:document",
    "transcription:sound", "transcription:peaks", "transcription:words", "transcription:export",
    "transcription:acta_download", "transcription_api:transcript", "transcription_api:export",
    "planillas:export", "planillas:source", "planillas:template_file", "planillas:pack", "planillas_api:export",
    "planillas_api:evidence", "reports:export", "reports:pack", "planillas_api:report_export", "rag:pack",
    "rag_api:evidence",
    methods=("GET",),
)  # fmt: skip


def test_no_way_to_a_file_is_open_to_another_school(stage_of_two: Stage) -> None:
    for call in FILES:
        stage_of_two.refuse(call)
        assert stage_of_two.ask(None, call).status_code in (302, 401), str(call)
        stage_of_two.serve(call)


def test_nor_to_who_may_not_see_the_shelf(stage_of_two: Stage) -> None:
    shelf = [stage_of_two.norte.ids["elsewhere"]]
    limited = join(stage_of_two.ana.school, "limitada@norte.example", Role.DIRECTOR, collections=shelf)
    for call in (each for each in FILES if each.is_shelved):
        stage_of_two.refuse(call, limited)
