"""Open WebUI CVE-2026-45402: another person's file could be attached to one's own by its id.

Red when what a body names is looked up by its id alone; each of these keeps an id for later.
"""

from tests.advisories.conftest import Stage, untouched
from tests.tenancy.urls import CALLS

ATTACHED = [
    (call, field, thing)
    for call in CALLS
    for field, thing in call.nested
    if not call.url.startswith(("rag", "laboratory"))
]


def test_what_is_anothers_cannot_be_attached(stage_of_two: Stage) -> None:
    assert len(ATTACHED) > 10
    for call, field, thing in ATTACHED:
        name, path = field.removesuffix("[]"), stage_of_two.path(call, slug="sur", ids=stage_of_two.sur.ids)
        foreign = str(stage_of_two.norte.ids[thing])
        body = {**call.body(stage_of_two.sur.ids), name: [foreign] if field.endswith("[]") else foreign}
        body.pop("every_collection", None)
        with untouched(str(call)):
            answer = stage_of_two.ask(stage_of_two.zoe, call, path=path, body=body)
        # A form is shown again with its fault, or leads back to its page.
        assert answer.status_code in (400, 404, 302), (str(call), field)
