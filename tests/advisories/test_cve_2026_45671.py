"""Open WebUI CVE-2026-45671: what one may not delete was deleted through a branch that checked something else.

A child under a parent that is not its own, a thing under another school's name, a batch with one foreign row. Red when
a child is looked up without its parent (T8 holds the whole matrix: tests/tenancy/test_urls.py).
"""

from tests.advisories.conftest import Stage, untouched
from tests.tenancy.urls import CALLS

DELETES = [
    call
    for call in CALLS
    if call.method == "DELETE" or call.url.endswith(("delete", "withdraw", "section_remove", "segment_merge"))
]


def test_nothing_of_anothers_is_deleted_by_any_way(stage_of_two: Stage) -> None:
    assert len(DELETES) >= 15
    for call in DELETES:
        stage_of_two.refuse(call)
        # Their child below one's own parent, and one's own child below their parent.
        for mine, theirs in (
            (stage_of_two.sur.ids, stage_of_two.norte.ids),
            (stage_of_two.norte.ids, stage_of_two.sur.ids),
        ):
            parents = {"document", "planilla", "report", "recording", "conversation", "collection"}
            mixed = {name: (mine if name in parents else theirs)[name] for name in mine}
            if mixed in (mine, theirs):
                continue
            path = stage_of_two.path(call, slug="sur", ids=mixed)
            if path in (stage_of_two.path(call, slug="sur", ids=stage_of_two.sur.ids),):
                continue
            with untouched():
                answer = stage_of_two.ask(stage_of_two.zoe, call, path=path)
                assert answer.status_code == 404, (str(call), path)
        stage_of_two.serve(call)
