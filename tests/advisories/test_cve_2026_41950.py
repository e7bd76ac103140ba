"""Dify CVE-2026-41950: `files: [id]` inside a chat request was taken without asking whose the file is.

Red when rag/retrieve.py takes `collections` as they were sent.
"""

from uuid import uuid4

import pytest

from tests.advisories.conftest import Stage, calls, content, taken_back, untouched

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


def test_a_field_that_we_do_not_know_brings_nothing_along(stage_of_two: Stage) -> None:
    [search] = calls("rag_api:search")
    path = stage_of_two.path(search, slug="sur", ids=stage_of_two.sur.ids)
    document, collection = (str(stage_of_two.norte.ids[name]) for name in ("document", "collection"))
    for smuggled in (
        {"files": [document]},
        {"documents": [document]},
        {"school": str(stage_of_two.ana.school_id)},
        {"filter": {"school_id": str(stage_of_two.ana.school_id)}},
        {"collection": collection, "document_ids": [document]},
    ):
        with taken_back():
            body = {"query": stage_of_two.norte.canary, **smuggled}
            answer = stage_of_two.ask(stage_of_two.zoe, search, path=path, body=body)
        assert answer.status_code in (200, 400), smuggled
        assert document.encode() not in answer.content
