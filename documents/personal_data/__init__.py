"""Personal data in a text: patterns with check digits, words beside people, rows of lists. Pure.

No model is downloaded (Microsoft Presidio wants one): what has no pattern, such as a name by itself, is not found.
Every pattern is bounded, so a hostile text costs its length and no more.
"""

import re
from datetime import UTC, date, datetime

from documents.personal_data import contacts, identifiers, lists, pupils, rows, words
from documents.personal_data.kinds import Finding, Kind
from documents.personal_data.lists import Columns
from documents.personal_data.lists import columns as columns_of
from documents.personal_data.suggestion import Suggestion, Tally, suggest
from engines import labels
from engines.labels import Label

__all__ = [
    "Columns", "Finding", "Kind", "Suggestion", "Tally", "columns_of", "find", "label_of_question", "suggest",
]  # fmt: skip

# Raised when something else is found: documents that are processed again are then looked through again.
VERSION = 1
# Of one text and one way of looking: a list of a hundred thousand rows is a list after a few.
MOST_PER_TEXT = 2_000
_DIGIT = re.compile(r"\d")


def find(text: str, *, on: date, columns: Columns | None = None) -> list[Finding]:
    """Return what is found in a text, in order, without overlaps of one kind.

    `on`: the day by which somebody is a minor; `columns`: what the columns of a table's text hold (`columns_of`).
    """
    runs = identifiers.runs_of(text)
    numbers = identifiers.find(text, runs, most=MOST_PER_TEXT)
    listed = lists.find(text, columns, on=on) if columns else []
    found = [
        *numbers,
        *listed,
        *contacts.find(text, runs, taken=numbers, most=MOST_PER_TEXT),
        *words.find(text, most=MOST_PER_TEXT // 10),
        *pupils.find(text, numbers, on=on, most=MOST_PER_TEXT // 10),
        *(rows.find(text, numbers, on=on) if columns is None and _DIGIT.search(text) else ()),
    ]
    return _once(found)


def label_of_question(text: str, default: Label, *, on: date | None = None) -> Label:
    """Return how sensitive what somebody typed is: the default, raised by the personal data in it.

    `on`: today when left out.
    """
    suggestion = suggest(find(text, on=on or datetime.now(UTC).date()))
    return labels.strictest([default, *([suggestion.label] if suggestion.label else [])])


def _once(found: list[Finding]) -> list[Finding]:
    """Return findings in order; of two of a kind that overlap only the first."""
    kept: list[Finding] = []
    ends: dict[Kind, int] = {}
    for each in sorted(found, key=lambda one: (one.start, -one.end)):
        if each.start >= ends.get(each.kind, 0):
            kept.append(each)
            ends[each.kind] = each.end
    return kept
