"""Which header or label of a source means which column. What is doubtful is matched to none: precision counts first."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from engines.spanish import fold
from planillas import meanings
from planillas.columns import Column, Identity, Kind
from planillas.meanings import FULL_NAME, GIVEN_NAME, GROUP, NOTHING, PERSON, RELATIVES, SURNAME, Meaning

# How sure a match is, by what it rests on.
EXACT, ALSO, WORDS, STEMS, OWN, KNOWN, SHORT, GUESSED = 0.99, 0.985, 0.97, 0.95, 0.94, 0.92, 0.9, 0.86

DOCUMENTS = frozenset({"document", "dni", "cedula", "cuil", "rut", "curp", "nif"})
_OF_IDENTITY = {
    Identity.DNI: {"dni", "document", "cedula"},
    Identity.CUIT: {"cuil"},
    Identity.RUT: {"rut", "document", "cedula"},
    Identity.CURP: {"curp", "document", "cedula"},
    Identity.NIF: {"nif", "dni", "document"},
    Identity.ANY: DOCUMENTS,
}
_QUESTION = re.compile(r"\sque\s[^?]*$")  # "… del adulto que completa"
_NAMES = frozenset({FULL_NAME, SURNAME, GIVEN_NAME})


@dataclass(frozen=True, slots=True)
class Match:
    """That a header means a column, and how surely (0–1)."""

    column: Column
    certainty: float


class Matcher:
    """The columns of a planilla as headers and labels are held against them. `row_is`: what a row is, in words."""

    def __init__(self, columns: Sequence[Column], *, row_is: str = "") -> None:
        self.columns = tuple(columns)
        self.meaning: dict[str, Meaning] = {column.key: _meaning(column) for column in columns}
        self.whose = _whose(self.meaning.values(), row_is)
        if not self.parts_names:  # "Nombre" alone is the whole name
            for key, meaning in self.meaning.items():
                if meaning.about == GIVEN_NAME:
                    self.meaning[key] = replace(meaning, about=FULL_NAME)
        self._exact: dict[str, list[Match]] = {}
        self._forms: dict[str, list[Meaning]] = {}
        for column in columns:
            self._know(column)
        self._matches: dict[str, tuple[Match, ...]] = {}

    @property
    def names(self) -> frozenset[str]:
        """Return which of full name, surname and given name of whom a row is about the columns hold."""
        return frozenset(self.about(column) for column in self.columns if self.is_own(column)) & _NAMES

    def about(self, column: Column) -> str:
        """Return what a column is about: a name of the list, or the stems of its own words."""
        return self.meaning[column.key].about

    def is_own(self, column: Column) -> bool:
        """Say whether a column tells of whom the row is, not of their mother or teacher."""
        return self.meaning[column.key].whose in ("", self.whose)

    def of(self, about: str, *, own: bool = True) -> Column | None:
        """Return the one column that is about something; None where there is none, or more than one."""
        found = [
            column
            for column in self.columns
            if self.about(column) == about and (self.is_own(column) or not own)
        ]
        return found[0] if len(found) == 1 else None

    def is_name(self, column: Column) -> bool:
        """Say whether the column holds names of persons."""
        meaning = self.meaning[column.key]
        return meaning.about in _NAMES and column.kind is Kind.TEXT

    def is_of_person(self, column: Column) -> bool:
        """Say whether the column tells something of one person, such as the day of birth."""
        return self.meaning[column.key].area == PERSON

    def is_of_group(self, column: Column) -> bool:
        """Say whether a column says something of all that stand together, such as the course."""
        meaning = self.meaning[column.key]
        if meaning.area == GROUP:
            return meaning.whose in ("", self.whose)
        return meaning.about == FULL_NAME and meaning.whose in ("teacher", "assistant", "director")

    def match(self, phrase: str) -> Match | None:
        """Return the column that a header or label means by itself; None where none does, or two as surely."""
        found = self.all(phrase)
        if not found or (len(found) > 1 and found[1].certainty >= found[0].certainty):
            return None
        return found[0]

    def all(self, phrase: str) -> tuple[Match, ...]:
        """Return each column that a phrase may mean, surest first."""
        known = self._matches.get(phrase)
        if known is None:
            if len(self._matches) > 20_000:
                self._matches.clear()
            known = self._matches[phrase] = tuple(self._all(phrase))
        return known

    def assign(self, headers: Sequence[str]) -> dict[int, Match]:
        """Return which headers mean which columns, one to one; two that mean one column as surely mean none."""
        wanted: dict[str, list[tuple[float, int]]] = {}
        best: dict[int, float] = {}
        for index, header in enumerate(headers):
            found = self.all(header) if header else ()
            for match in found:
                wanted.setdefault(match.column.key, []).append((match.certainty, index))
            if found:
                best[index] = found[0].certainty
        assigned: dict[int, Match] = {}
        by_key = {column.key: column for column in self.columns}
        offers = sorted(
            ((certainty, key, index) for key, each in wanted.items() for certainty, index in each),
            reverse=True,
        )
        taken: set[str] = set()
        closed: dict[int, float] = {}
        for certainty, key, index in offers:
            rivals = [other for other, at in wanted[key] if at != index and other >= certainty]
            if key in taken or index in assigned:
                continue
            if rivals or closed.get(index, 0.0) >= certainty:
                if rivals:
                    taken.add(key)
                continue
            others = [
                offer for offer in offers if offer[2] == index and offer[1] != key and offer[1] not in taken
            ]
            if any(offer[0] >= certainty for offer in others):
                closed[index] = certainty
                continue
            assigned[index] = Match(by_key[key], certainty)
            taken.add(key)
        return assigned

    def doubled(self, headers: Sequence[str]) -> list[Column]:
        """Return the columns that several headers mean as surely, so that none was taken."""
        found = Counter(
            match.column.key for header in headers if header and (match := self.match(header)) is not None
        )
        assigned = {match.column.key for match in self.assign(headers).values()}
        return [column for column in self.columns if found[column.key] > 1 and column.key not in assigned]

    def _know(self, column: Column) -> None:
        for phrases, certainty in (((column.name,), EXACT), (column.also, ALSO)):
            for phrase in phrases:
                plain = _plain(phrase)
                held = self._exact.setdefault(plain, [])
                if plain and all(each.column.key != column.key for each in held):
                    held.append(Match(column, certainty))
        forms = [meanings.of(phrase) for phrase in (column.name, *column.also)]
        self._forms[column.key] = [form for form in forms if form is not NOTHING]

    def _all(self, phrase: str) -> Iterable[Match]:
        found = self._found(phrase)
        if found:
            return found
        for other in (meanings.without_number(phrase), _QUESTION.sub("", phrase)):
            if other != phrase:
                found = [Match(each.column, min(each.certainty, SHORT)) for each in self._found(other)]
                if found:
                    return found
        return self._asked(phrase) if "?" in phrase else ()

    def _found(self, phrase: str) -> list[Match]:
        exact = self._exact.get(_plain(phrase), [])
        told = meanings.of(phrase)
        found = {each.column.key: each for each in exact}
        for column in self.columns:
            sure = max((self._certainty(told, form, column) for form in self._forms[column.key]), default=0.0)
            if not sure and "." in phrase:
                sure = (
                    SHORT
                    if any(meanings.is_cut(phrase, form.words) for form in self._forms[column.key])
                    else 0.0
                )
            if sure > (found[column.key].certainty if column.key in found else 0.0):
                found[column.key] = Match(column, sure)
        return sorted(found.values(), key=lambda each: -each.certainty)

    def _asked(self, phrase: str) -> list[Match]:
        """Return the columns all of whose words stand in a question: "¿Autoriza la salida del 8/5?"."""
        words = {*meanings.words_of(phrase)}
        return [
            Match(column, GUESSED)
            for column in self.columns
            if any(len(form.words) > 1 and words.issuperset(form.words) for form in self._forms[column.key])
        ]

    def _certainty(self, told: Meaning, form: Meaning, column: Column) -> float:
        if told is NOTHING:
            return 0.0
        if told.words == form.words:
            return WORDS
        same_person = told.whose == form.whose
        if not same_person and not ({told.whose, form.whose} <= {"", self.whose} and self.whose):
            return 0.0
        if told.about == form.about:
            if not (told.is_known or same_person):
                return OWN
            return (STEMS if same_person else OWN) if not told.is_known else (KNOWN if same_person else SHORT)
        if column.kind is Kind.IDENTITY and {told.about, form.about} <= DOCUMENTS:
            return SHORT if told.about in _OF_IDENTITY[column.identity] else 0.0
        if (told.about == "mobile" and form.about == "phone") or (
            told.about == "phone" and form.about == "mobile"
        ):
            return SHORT - 0.05
        # "Alumno" over full names where the planilla has "Nombre" alone, and the other way round.
        if {told.about, form.about} == {FULL_NAME, GIVEN_NAME} and not self.parts_names:
            return SHORT - 0.02 if form.about == GIVEN_NAME or told.whose else 0.0
        return 0.0

    @property
    def parts_names(self) -> bool:
        """Say whether surname and name are columns of their own."""
        return any(meaning.about == SURNAME for meaning in self.meaning.values())


def whose_rows(row_is: str) -> str:
    """Return of whom a row is, by the names of the list: "student" of "un alumno"; "" where it says nobody."""
    found = meanings.people(row_is)
    return next(iter(found)) if len(found) == 1 else ""


def _meaning(column: Column) -> Meaning:
    """Return what a column means: by its name, or by the first of its other headers that the list knows."""
    own = meanings.of(column.name)
    if own.is_known:
        return own
    others = (meanings.of(phrase) for phrase in column.also)
    return next((each for each in others if each.is_known and each.whose == own.whose), own)


def _whose(columns: Iterable[Meaning], row_is: str) -> str:
    told = whose_rows(row_is)
    if told:
        return told
    held = list(columns)
    named = {each.whose for each in held if each.about in _NAMES and each.whose}
    if any(each.about in _NAMES and not each.whose for each in held):
        named.clear()  # whom the rows are about has the plain name
    if "student" in named:  # a row may be a mark or an absence of theirs
        return "student"
    if row_is.strip():
        return ""
    if len(named) == 1 and not named & RELATIVES:
        return named.pop()
    return "student" if any(each.area == PERSON and not each.whose for each in held) and not named else ""


def _plain(phrase: str) -> str:
    return " ".join(fold(phrase).split()).strip(" :.*")


def by_key(matches: Mapping[int, Match]) -> dict[str, int]:
    """Return at which index each matched column stands."""
    return {match.column.key: index for index, match in matches.items()}
