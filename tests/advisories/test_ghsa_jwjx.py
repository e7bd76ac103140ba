"""GHSA-jwjx (RAGFlow): a word of the request became a name in a statement.

Every parameter that a page or a program may send, with what a statement would make of it. The rule itself is read from
the source in tests/house/test_sql.py. Red when `order_by(asked.sort)` takes the place of the column it names.
"""

import json
import re

import pytest

from tests.advisories.conftest import PARAMETERS, Stage, content, untouched
from tests.house.tree import PRODUCT, ours, text
from tests.tenancy.urls import CALLS

# Every name that our code looks for in an address.
NAMES = sorted(
    {
        name
        for path in ours(".py", below=PRODUCT)
        for name in re.findall(r'(?:GET|given|query_params)\.get\("(\w+)"', text(path))
    }
    | {"sort", "order_by", "fields", "orden", "filtros", "by", "por"}
)
ROWS = ("planillas:rows", "documents_api:search", "transcription_api:search", "documents:document")
ASKED = [
    call
    for call in CALLS
    if call.method == "GET"
    and "event-stream" not in call.accept
    and "events" not in call.url
    and (PARAMETERS[call.url] == ("slug",) or call.url in ROWS)
]
WORDS = {
    "a column of another table": "school__membership__user__password",
    "a statement": "1; DROP TABLE documents_document; --",
    "quotes": "\"') OR 1=1 --",
    "an argument of Django's": json.dumps([{"c": "_connector", "t": "OR 1=1 OR", "s": "x"}, {"c": "pk__in"}]),
    "a NUL and half a letter": "\0\ud83d'%s%(x)s\\",
    "a tower": "[" * 1_500,
}


# One of each kind by day; every page is asked for with each of them by night.
DAILY = "an argument of Django's"


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(words, id=name, marks=() if name == DAILY else pytest.mark.long)
        for name, words in WORDS.items()
    ],
)
def test_no_word_of_a_request_is_a_name_in_a_statement(stage_of_two: Stage, words: str) -> None:
    sent = words.encode("utf-8", "surrogatepass")
    for call in ASKED:
        client = stage_of_two.client(stage_of_two.zoe, call)
        path = stage_of_two.path(call, slug="sur", ids=stage_of_two.sur.ids).partition("?")[0]
        with untouched(str(call)):
            answer = client.get(path, dict.fromkeys(NAMES, sent), headers={"Accept": call.accept or "*/*"})
            assert answer.status_code in (200, 302, 400, 404), (str(call), answer.status_code)
        assert stage_of_two.norte.canary.encode() not in content(answer)
