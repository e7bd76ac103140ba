"""Dify CVE-2026-41947 ("DifyTap"): tracing could be turned on for another tenant's application.

Settings and connections of a school: red when one of these views asks for no right, or for no school.
"""

from schools.roles import Role
from tests.advisories.conftest import Stage, calls
from tests.conftest import join

SETTINGS = calls(
    "portal:settings", "engines:allow", "engines:plan", "engines:probe", "engines_api:engine", "engines_api:budget",
    "engines_api:check", "documents:watch_folder", "documents_api:watched_folder", "schools_api:school",
    "schools_api:member", "portal:person", "prompts:change", "rag_api:prompt",
    methods=("POST", "PATCH", "PUT", "DELETE"),
)  # fmt: skip


def test_nobody_sets_up_another_school(stage_of_two: Stage) -> None:
    for call in SETTINGS:
        stage_of_two.refuse(call)
        stage_of_two.serve(call)


def test_nor_does_who_only_reads_there(stage_of_two: Stage) -> None:
    reader = join(stage_of_two.ana.school, "lectora@norte.example", Role.READER)
    for call in SETTINGS:
        stage_of_two.refuse(call, reader, status=(403,))
