"""What a planilla asks of its sources: its columns, and how what a source says becomes a value of one of them."""

import re
from collections.abc import Mapping, Sequence
from uuid import UUID

from planillas import identity, meanings, values
from planillas.cells import Evidence, Value
from planillas.columns import Column, Kind
from planillas.headers import Matcher
from planillas.records import Record, Said
from planillas.seen import Seen

MOST_KNOWN = 4_000  # texts of a column whose reading is remembered
MOST_TEXT_CHARS = 300  # of a TEXT; more is a passage
MOST_NAME_WORDS = 8

RAISED = "¹²³⁴⁵⁶⁷⁸⁹"
_NOTE_MARK = re.compile(rf"(?:\s*(?:\*+|[†‡{RAISED}]+|\((?:\*+|\d|[a-f])\)))+$")
_NOTED = frozenset("*)†‡" + RAISED)
_TEXTS = (Kind.TEXT, Kind.LONG_TEXT)

Outcome = tuple[Value | None, str]
"""A value; or None and why there is none: "" where the text is blank."""


class Asked:
    """The columns of a planilla as a source is read for them. `seen`: what was seen there and not used."""

    def __init__(
        self,
        columns: Sequence[Column],
        *,
        row_is: str,
        document_id: UUID,
        seen: Seen,
    ) -> None:
        self.columns = tuple(columns)
        self.matcher = Matcher(columns, row_is=row_is)
        self.document_id, self.seen = document_id, seen
        self.ways = identity.ways(self.columns)
        self._known: dict[str, dict[str, Outcome]] = {column.key: {} for column in columns}
        self._names = {column.key for column in columns if self.matcher.is_name(column)}

    def read(self, text: str, column: Column) -> Outcome:
        """Return the value that a whole text says for a column, or why it says none."""
        known = self._known[column.key]
        outcome = known.get(text)
        if outcome is None:
            if len(known) >= MOST_KNOWN:
                known.clear()
            outcome = known[text] = self._read(text, column)
        return outcome

    def say(self, text: str, column: Column, evidence: Evidence, certainty: float) -> Said | None:
        """Return what a quoted text says of a column; None where it says nothing."""
        value, why = self.read(text, column)
        if value is not None:
            return Said(value, evidence, certainty)
        return Said(None, evidence, certainty, why) if why else None

    def fits(self, text: str, column: Column) -> bool:
        """Say whether a text that is not blank is a value of the column."""
        return self.read(text, column)[0] is not None

    def record(self, said: Mapping[str, Said], *, is_row: bool = True) -> Record | None:
        """Return a record; None where what it says could belong to nobody, or to anybody."""
        valued = {key: each.value for key, each in said.items() if each.value is not None}
        if not valued:
            return None
        if self.ways.tell(valued):
            return Record(said, is_row=is_row)
        # What tells whose it is may stand there and be no such value: a row, of which a person has to say.
        return (
            Record(said, is_row=True) if is_row and len(valued) > 1 and self.ways.tell(said.keys()) else None
        )

    def tells_who(self, keys: Sequence[str]) -> bool:
        """Say whether some of these columns tell whom or what a row is about."""
        ways = self.ways
        return any(column.key in keys for column in (*ways.documents, *ways.names, *ways.declared))

    def _read(self, text: str, column: Column) -> Outcome:
        if values.is_blank(text):
            return None, ""
        kept = without_note(text) if text[-1] in _NOTED else text
        try:
            value = values.read(kept or text, column)
        except values.Blank:
            return None, ""
        except values.BadValue as bad:
            return None, bad.detail
        if column.key in self._names and not is_name(str(value)):
            return None, ""
        if column.kind is Kind.TEXT and len(str(value)) > MOST_TEXT_CHARS:
            return None, ""
        if column.kind in _TEXTS and value == text:
            return value, ""
        said = kept if text[-1] in RAISED else text
        return (value, "") if values.occurs(value, column, said) else (None, "")


def without_note(text: str) -> str:
    """Return a cell's text without the mark of a footnote at its end."""
    return _NOTE_MARK.sub("", text).rstrip() or text


def is_name(text: str) -> bool:
    """Say whether a text may be the name of a person: letters, few words, no figures."""
    letters = sum(map(str.isalpha, text))
    return (
        letters >= 2
        and not any(map(str.isdigit, text))
        and len(text.split()) <= MOST_NAME_WORDS
        and text[0] not in "([«"
        and not any(char in text for char in ":;?!@=")
        and ("," in text or not _is_heading_word(text.split()[0]))
    )


def _is_heading_word(word: str) -> bool:
    """Say whether a line that begins so counts or describes: "Presentes por día" is nobody's name."""
    told = meanings.of(word)
    return told.is_known and told.about != meanings.FULL_NAME
