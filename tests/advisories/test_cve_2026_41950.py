"""Dify CVE-2026-41950: `files: [id]` inside a chat request was taken without asking whose the file is.

Red when rag/retrieve.py takes `collections` as they were sent.
"""

from typing import Any
from uuid import uuid4

import pytest

from documents.models import Document
from schools.scope import school_scope
from tests.advisories.conftest import Stage, calls, content, untouched
from tests.conftest import Person, upload

ASKS = [
    (call, field, thing)
    for call in calls("rag:start", "rag:messages", "rag_api:messages", "rag_api:search", methods=("POST",))
    for field, thing in call.nested
]


@pytest.mark.parametrize("around", [list, lambda own: [own]], ids=["alone", "behind one's own"])
def test_a_question_names_nobody_elses_documents(stage_of_two: Stage, around: object) -> None:
    norte, sur = stage_of_two.norte, stage_of_two.sur
    for call, field, thing in ASKS:
        name = field.removesuffix("[]")
        first = [] if around is list else [str(sur.ids[thing])]
        path = stage_of_two.path(call, slug="sur", ids=sur.ids)
        body = {key: value for key, value in call.body(sur.ids).items() if key != "every_collection"}
        told = []
        for foreign in (str(norte.ids[thing]), str(uuid4())):
            with untouched():
                answer = stage_of_two.ask(
                    stage_of_two.zoe, call, path=path, body={**body, name: [*first, foreign]}
                )
                assert answer.status_code in (400, 404, 302), str(call)
                told.append((answer.status_code, content(answer) if call.is_api else b""))
        assert told[0] == told[1], "a row of another school is told apart from none"
        stage_of_two.serve(call)


def test_a_field_that_we_do_not_know_brings_nothing_along(ana: Person, zoe: Person, work_off: Any) -> None:
    """Red when the search takes its school from the body."""
    document = str(upload(ana).document_id)
    work_off()
    with school_scope(ana.school_id):
        collection = str(Document.objects.get().collection_id)
    for smuggled in (
        {"files": [document]},
        {"documents": [document]},
        {"school": str(ana.school_id)},
        {"filter": {"school_id": str(ana.school_id)}},
        {"collection": collection, "document_ids": [document]},
    ):
        body = {"query": "inasistencias", **smuggled}
        answer = zoe.program().post("/api/v1/schools/sur/search/", body, format="json")
        assert answer.status_code in (200, 400), smuggled
        assert document not in answer.content.decode(), smuggled
    found = ana.program().post("/api/v1/schools/norte/search/", {"query": "inasistencias"}, format="json")
    assert document in found.content.decode(), "it was there to be found"
