"""Records out of labelled values: forms, letters, minutes. One begins where what tells whose it is comes again."""

import re
from collections.abc import Collection, Generator, Iterator

from documents.blocks import Kind
from planillas import labels, meanings
from planillas.around import Around, Slice, group_facts
from planillas.asked import Asked
from planillas.cells import Evidence
from planillas.columns import Column
from planillas.columns import Kind as ColumnKind
from planillas.headers import Match
from planillas.joining import agree
from planillas.labels import Pair
from planillas.names import join
from planillas.quoting import quote
from planillas.records import Numbered, Record, Said

CERTAINTY = 0.97  # of what stands behind a label, once the label is sure
_FREE = (ColumnKind.TEXT, ColumnKind.LONG_TEXT, ColumnKind.LIST, ColumnKind.CHOICE, ColumnKind.YES_NO)
_SURNAMES = (meanings.SURNAME, meanings.SECOND_SURNAME)
_TEXTS = (ColumnKind.TEXT, ColumnKind.LONG_TEXT)
_MARKER = re.compile(r"\s*(?:\d{1,3}\s?[.)°º]-?|[-–—•·*▪]|[a-z]\))\s+")
MOST_TITLE_CHARS = 120
FEWEST = 2  # values of a record that makes a row


class Forms:
    """What labels say, collected into records as the blocks go by."""

    def __init__(self, asked: Asked, around: Around) -> None:
        self._asked, self._around = asked, around
        self._said: dict[str, Said] = {}
        self._led: dict[
            str, Said
        ] = {}  # what labels said of all below since a record that says whose it is ended
        self._first = ""  # the label with which the record began
        self._is_marked = False  # some label of the record had a colon, or stood in a table
        self._of_whom = ""
        self._level = 0  # of the heading below which the reading stands
        self._is_lent = self._is_heading = False
        self._named_above: Match | None = None  # the column that a heading right above names
        self._parts: dict[str, Evidence] = {}  # of a name whose other part is yet to come
        self._is_of_other = False  # the person named last is not whom the rows are about
        self._ended: Record | None = None  # until what comes next does not cast doubt on it

    def lend(self) -> dict[str, Said]:
        """Return what the record that is open says, for the rows of a table that belong to it."""
        self._is_lent = True
        return dict(self._said)

    def knows_who(self) -> bool:
        """Say whether the open record says whose it is."""
        return self._asked.tells_who(list(self._said))

    def read(self, numbered: Numbered) -> Iterator[Record]:
        """Yield the records that end with a block that is no table; begin or go on with another."""
        block = numbered.block

        def cut(start: int, end: int) -> Evidence:
            return quote(self._asked.document_id, numbered, start, end)

        if block.kind is Kind.HEADING:
            yield from self._heading(block.text, block.level, cut)
            return
        named, self._named_above = self._named_above, None
        if named is not None and self._asked.fits(block.text, named.column):
            said = self._asked.say(block.text, named.column, cut(0, len(block.text)), named.certainty * 0.95)
            if said is not None:
                yield from self._take(named.column, said, label=named.column.name, is_marked=True)
                return
        yield from self.text(block.text, cut)

    def text(self, text: str, cut: Slice) -> Iterator[Record]:
        """Yield the records that end with a text."""
        found = labels.pairs(text, self._asked, of_whom=self._of_whom)
        yield from self._lead(text, found, cut)
        for pair in found:
            yield from self._pair(pair, text, cut)
        if len(text) <= MOST_TITLE_CHARS:
            said = {pair.label.match.column.key for pair in found if pair.label.match is not None}
            self._note_group(text, cut, besides=said, is_plain=not found)

    def _lead(self, text: str, found: list[Pair], cut: Slice) -> Iterator[Record]:
        """Take what stands before the labels of a line under a heading that names a column: "Acuerdos"."""
        asked = self._asked
        match = asked.matcher.match(self._around.title) if self._around.title else None
        matched = [pair.label.match.column for pair in found if pair.label.match is not None]
        if match is None or not matched or match.column in matched or match.column.kind not in _TEXTS:
            return
        if match.column not in (*asked.ways.declared, *(asked.columns if not asked.ways.any else ())):
            return
        marker = _MARKER.match(text)
        start, end = labels.trim(text, marker.end() if marker else 0, found[0].label.start)
        if start < end and len(text[start:end].split()) > 1:
            said = asked.say(text[start:end], match.column, cut(start, end), match.certainty * 0.95)
            if said is not None and said.value is not None:
                yield from self._take(match.column, said, label=self._around.title, is_marked=True)

    def pair(self, label: str, value: str, evidence: Evidence) -> Iterator[Record]:
        """Yield the records that end where a table says a label and its value side by side."""
        told = meanings.of(label)
        match = self._asked.matcher.match(label)
        self._note_person(told)
        is_personal = told.area == meanings.PERSON or (
            match is not None and match.column.kind in labels.OF_PERSONS
        )
        if self._of_whom and not told.whose and is_personal:
            match = labels.of_another(match, label, self._of_whom, self._asked)
        part = self._part(label)
        if part and (yield from self._take_part(part, evidence, label=label, is_marked=True)):
            return
        if match is None:
            if meanings.of(label).is_known:
                self._asked.seen.note("unused_label", label)
            return
        said = self._asked.say(value, match.column, evidence, match.certainty * CERTAINTY)
        if said is not None:
            yield from self._take(match.column, said, label=label, is_marked=True)

    def of_whom(self, title: str) -> None:
        """Take a title inside a form: whose what follows is, where it is not whom the rows are about."""
        people, own = meanings.people(title), self._asked.matcher.whose
        self._of_whom = meanings.whose_words(title) if own and people and own not in people else ""

    def close(self) -> Iterator[Record]:
        """Yield what is left at the end of a source."""
        yield from self.end()
        ended, self._ended = self._ended, None
        if ended is not None:
            yield ended

    def end(self) -> Iterator[Record]:
        """End the record that is open, and begin anew; yield the one before.

        A document that comes alone after a record that has another is as likely to be the right one of the same
        person: then neither is taken.
        """
        said, is_marked, is_lent = self._said, self._is_marked, self._is_lent
        known = {**self._around.said(), **self._led}
        if self.knows_who():
            self._led = {}
        self._said, self._first, self._is_marked, self._is_lent = {}, "", False, False
        own = len(said)
        if not any(each.value is not None for each in said.values()):
            return
        whole = {**{key: each for key, each in known.items() if key not in said}, **said}
        columns = self._asked.columns
        has_document = any(column.key in said for column in self._asked.ways.documents)
        is_row = (is_marked or has_document) and own >= min(FEWEST, len(columns))
        if not self._asked.ways.any:
            main = next((column for column in columns if column.is_required), columns[0])
            is_row = is_row and (main.key in said or own * 2 > len(columns))
        record = self._asked.record(whole, is_row=is_row)
        if record is not None and (record.is_row or self._asked.ways.any):
            ended, alone = self._ended, set(said)
            documents = {column.key for column in self._asked.ways.documents}
            if ended is not None and is_marked and alone <= documents and alone <= set(ended.said):
                for column in (each for each in columns if each.key in alone):
                    self._asked.seen.note("said_twice", column.name)
                rest = {key: each for key, each in ended.said.items() if key not in alone}
                self._ended = self._asked.record(rest, is_row=ended.is_row)
                return
            self._ended = record
            if ended is not None:
                yield ended
        elif self._asked.ways.any and not is_lent:
            self._asked.seen.count("rows_of_nobody")

    def _heading(self, text: str, level: int, cut: Slice) -> Iterator[Record]:
        asked = self._asked
        told = meanings.people(text)
        found = labels.pairs(text, asked)
        names_someone = any(
            pair.label.match and asked.tells_who([pair.label.match.column.key]) for pair in found
        )
        if names_someone or self._ends_with(level):
            yield from self.end()
        self._around.open(level, text)
        if not self.knows_who():
            self._led = {}
        match = asked.matcher.match(text) if not found else None
        self._named_above = match if match is not None and match.column.kind not in _FREE else None
        self._of_whom, self._is_of_other, self._parts = "", False, {}
        own = asked.matcher.whose
        others = told - {own}
        if own and others and own not in told and not found:
            self._of_whom = meanings.whose_words(text)
        self._is_heading = True
        for pair in found:
            yield from self._pair(pair, text, cut)
        self._is_heading = False
        if not names_someone:
            self._note_group(text, cut)
        name = self._named(text) if not found else None
        if name is not None:
            yield from self.end()
            column, start, end = name
            said = asked.say(text[start:end], column, cut(start, end), 0.9)
            if said is not None:
                self._said[column.key] = said
                self._first, self._is_marked = column.key, True
        self._level = level

    def _ends_with(self, level: int) -> bool:
        """Say whether a heading ends the open record: it stands higher than the one below which that began."""
        return bool(self._said) and level < self._level

    def _named(self, text: str) -> tuple[Column, int, int] | None:
        """Return the name of whom a heading is about, where it is nothing but a name as lists have it."""
        full = self._asked.matcher.of(meanings.FULL_NAME)
        if full is None or "," not in text or not 6 <= len(text) <= 60:
            return None
        start = len(text) - len(text.lstrip("0123456789.-)–— "))
        end = labels.name_end(text, start)
        return (full, start, end) if end == len(text) and "," in text[start:end] else None

    def _pair(self, pair: Pair, text: str, cut: Slice) -> Iterator[Record]:
        label = pair.label
        if label.is_marked:
            told = meanings.of(label.phrase)
            if pair.start < pair.end or told.whose in meanings.RELATIVES:  # not "Señora directora:"
                self._note_person(told)
        part = self._part(label.phrase)
        if part and pair.start < pair.end:
            end = labels.name_end(text, pair.start) or pair.end
            evidence = cut(pair.start, end)
            if (yield from self._take_part(part, evidence, label=label.phrase, is_marked=label.is_marked)):
                return
        if label.match is None:
            if pair.start < pair.end and label.is_marked and meanings.of(label.phrase).is_known:
                self._asked.seen.note("unused_label", label.phrase)
            return
        if pair.start == pair.end:
            return
        evidence = cut(pair.start, pair.end)
        said = self._asked.say(
            text[pair.start : pair.end], label.match.column, evidence, label.match.certainty * CERTAINTY
        )
        if said is not None:
            yield from self._take(label.match.column, said, label=label.phrase, is_marked=label.is_marked)

    def _take(self, column: Column, said: Said, *, label: str, is_marked: bool) -> Iterator[Record]:
        """Yield the record that ends where this comes; take it into the one that is open."""
        asked = self._asked
        if said.value is None:
            asked.seen.note("bad_value", label)
        ways = asked.ways
        is_reach = column.kind in (ColumnKind.PHONE, ColumnKind.EMAIL)
        if (
            self._is_of_other
            and (
                column in ways.documents
                or (not self.knows_who() and not is_reach and asked.matcher.is_of_person(column))
            )
            and asked.matcher.is_own(column)
        ):
            asked.seen.note("of_others", label)
            return
        is_group = asked.matcher.is_of_group(column) and (ways.is_person or column not in ways.declared)
        held = self._said.get(column.key)
        is_led = held is None and is_group and self.knows_who() and column.key in self._led
        if is_led:  # the date above a name: another one stands above the next name
            held = self._led[column.key]
        elif held is None and is_group and column in ways.rest and self.knows_who():
            held = self._around.said().get(column.key)
        if held is not None:
            if said.value is None:
                tells = asked.tells_who([column.key]) or column in ways.rest or is_led
                if held.evidence.quote == said.evidence.quote or not tells:
                    return
                yield from self.end()
            elif held.value is not None and agree(held.value, said.value, column):
                return
            elif held.value is not None:
                tells = (
                    asked.tells_who([column.key])
                    or column in ways.rest
                    or not ways.any
                    or is_group
                    or self._first == column.key
                )
                if not tells and self.knows_who():
                    asked.seen.note("said_again", label)
                    return
                yield from self.end()
            elif is_led:
                yield from self.end()
        if is_group and (self._is_heading or (ways.any and not self.knows_who())):
            self._around.note(column, said)
            if not self._is_heading:
                self._led[column.key] = said
            return
        if not self._said:
            self._first = column.key
        self._said[column.key] = said
        self._is_marked = self._is_marked or is_marked

    def _part(self, label: str) -> str:
        """Return whether a label is of a surname or a given name that belong together in one column; else ""."""
        told, matcher = meanings.of(label), self._asked.matcher
        is_own = told.whose in ("", matcher.whose) and not self._of_whom
        is_part = told.about in (meanings.SURNAME, meanings.SECOND_SURNAME, meanings.GIVEN_NAME)
        whole = matcher.of(meanings.FULL_NAME)
        return told.about if is_own and is_part and whole is not None and not matcher.parts_names else ""

    def _take_part(
        self, part: str, evidence: Evidence, *, label: str, is_marked: bool
    ) -> Generator[Record, None, bool]:
        """Take a part of a name; with the other one it is the name. Return whether there is no more to do with it."""
        whole = self._asked.matcher.of(meanings.FULL_NAME)
        assert whole is not None
        if part in self._parts or not self._asked.fits(evidence.quote, whole):
            self._parts = {}
        self._parts[part] = evidence
        surnames = [each for name in _SURNAMES if (each := self._parts.get(name)) is not None]
        given = self._parts.get(meanings.GIVEN_NAME)
        if given is None or meanings.SURNAME not in self._parts:
            return part != meanings.GIVEN_NAME
        self._parts = {}
        said = join([(each.quote, each) for each in surnames], (given.quote, given), whole, 0.92)
        if said is None:
            return False
        held = self._said.get(whole.key)
        if held is not None and held.evidence == given:  # taken for the whole name, before its surname came
            self._said[whole.key] = said
        else:
            yield from self._take(whole, said, label=label, is_marked=is_marked)
        return True

    def _note_person(self, told: meanings.Meaning) -> None:
        """Remember who was named last: what follows without a name may be about them."""
        if told.about == meanings.FULL_NAME and told.whose != "":
            self._is_of_other = told.whose != self._asked.matcher.whose
        elif told.about in (meanings.FULL_NAME, meanings.SURNAME, meanings.GIVEN_NAME):
            self._is_of_other = False

    def _note_group(
        self, text: str, cut: Slice, *, besides: Collection[str] = (), is_plain: bool = True
    ) -> None:
        """Remember what a title says of all below; of one with labels only what cannot be part of their values."""
        for column, said in group_facts(self._asked, text, cut):
            if column.key not in besides and (
                is_plain or self._asked.matcher.about(column) in ("shift", "school_year")
            ):
                self._around.note(column, said)
                if not self.knows_who():
                    self._led.pop(column.key, None)
