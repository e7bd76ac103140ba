"""Onyx #13326: what a person typed was compiled as a regular expression.

A search finds what was typed, letter by letter, and takes no longer for a pattern than for a word; a search among rows
knows no wildcard; an option of a column is no pattern. Red when documents/finding.py leaves out `re.escape`.
"""

import pytest

from documents import finding
from documents.models import Block, Document
from planillas.columns import Column, Kind
from planillas.written import choices
from schools.scope import school_scope
from tests.advisories.conftest import Stage, calls
from tests.conftest import Person, upload

PATTERNS = (
    "(a+)+$",
    "a|b", ".*", "[a-z]+", "^a", "a$", "***=a.c", "***:a", "(?i)a", "(?=a)", "\\d+", "\\m", "a{1,9999}", "\\1",
    "a\\", "[", "]", "(", "+", "?", "{", "[[:alpha:]]", "%", "_", "a%b",
)  # fmt: skip


def test_a_search_in_a_document_finds_what_was_typed_and_no_more(ana: Person) -> None:
    upload(ana)
    with school_scope(ana.school_id):
        document = Document.objects.get()
        place = {"kind": "text", "from": 0, "to": 10}
        Block.objects.bulk_create(
            Block(
                school_id=ana.school_id, document=document, ordinal=number, kind="paragraph", text=said, place=place
            )
            for number, said in enumerate(("a" * 5_000 + "b", "abc abd 123 aab", *PATTERNS), start=100)
        )  # fmt: skip
    for number, pattern in enumerate(PATTERNS, start=102):
        found = {hit.block_ordinal for hit in finding.find(ana.member, document, pattern).hits}
        assert number in found, pattern
        literal = {at for at, said in enumerate(PATTERNS, start=102) if pattern in said}
        assert {at for at in found if at >= 102} == literal, pattern
        assert not found & {100, 101}, pattern


def test_a_search_among_rows_knows_no_wildcard(stage_of_two: Stage) -> None:
    [rows] = calls("planillas:rows", methods=["GET"])
    client, path = stage_of_two.client(stage_of_two.ana, rows), stage_of_two.path(rows).partition("?")[0]
    everything = client.get(path).json()
    assert (
        client.get(path, {"texto": stage_of_two.norte.canary}).json()
        != client.get(path, {"texto": "%"}).json()
    )
    for pattern in sorted(
        set(PATTERNS) - {"[", "]"}
    ):  # brackets stand around a row's values as they are kept
        told = client.get(path, {"texto": pattern})
        assert told.status_code == 200
        assert stage_of_two.norte.canary not in told.content.decode(), pattern
    assert stage_of_two.norte.canary in str(everything)


@pytest.mark.parametrize("pattern", PATTERNS)
def test_an_option_of_a_column_is_no_pattern(pattern: str) -> None:
    column = Column(key="x", name="X", kind=Kind.CHOICE, choices=(pattern, "otra cosa"))
    assert [each for *_where, each in choices.spot_choice("aaaa abc 123 con otra cosa", column)] == [
        "otra cosa"
    ]
