"""Labels in running text and the values that they name: "DNI: 45.123.456", "Nombre .... Ana", "nacida el 3/5/14"."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from engines import sentences
from engines.spanish import fold
from planillas import around, meanings, values
from planillas.asked import Asked
from planillas.columns import Column, Kind
from planillas.headers import Match
from planillas.meanings import FULL_NAME, PERSON

MOST_LABEL_WORDS = 7
MOST_LABEL_CHARS = 70
MOST_TEXT_CHARS = 20_000
NEAR = 3  # characters between a label and a typed value
UNMARKED = 0.9  # of a match's certainty, where no colon parts label and value

_MARK = re.compile(r":(?!\d\d\b|//)(?=\s|$|[^\s\d/])|:(?=\d)(?<!\d:)|\.{4,}|…{2,}|_{3,}|\s=\s")
_BREAK = re.compile(r"[;|\n\t•·()¿?¡!]|(?<=\w),\s|(?<=[^\W\d]{3})\.\s|\s[–—-]\s|[.…]{3,}|_{3,}|,\s")
_GENDERED = re.compile(r"(?<=[^\W\d_])\((?:a|o|as|os|es|s)\)(?![^\W_])", re.IGNORECASE)  # "Apoderado(a):"
_ABBREVIATED = re.compile(r"(?<![^\W_])[^\W\d_]{1,5}$")
_SHORT = frozenset("fec nac nro num prof sr sra dra av dir est esc".split())  # noqa: SIM905  # words to be read
_WORDS = re.compile(r"\S+")
TYPED = (Kind.IDENTITY, Kind.DATE, Kind.EMAIL, Kind.PHONE)
OF_PERSONS = (Kind.IDENTITY, Kind.EMAIL, Kind.PHONE)  # nothing but persons has them
_HEAD_TYPED = (*TYPED, Kind.TIME, Kind.NUMBER, Kind.INTEGER, Kind.MONEY)
_NUMERIC = (Kind.NUMBER, Kind.INTEGER, Kind.MONEY)
_IN_WORDS = re.compile(r"\s*\([^()\d]{2,60}\)")
_JOINS = frozenset("de del la el los las y e o u al a".split())  # noqa: SIM905  # as above
_CAPITAL = r"[A-ZÁÉÍÓÚÜÑ][\w'’-]*"
_PERSON = re.compile(
    rf"{_CAPITAL}(?:\s(?:(?:de|del|la|las|los|y|da|di|van|von)\s){{0,2}}{_CAPITAL}){{0,4}}"
    rf"(?:,\s{_CAPITAL}(?:\s(?:(?:de|del|la|las|los)\s){{0,2}}{_CAPITAL}){{0,3}})?"
)
_EDGES = " \t\n,;.:–—-•·|=_…"
_UNMARKED_NAME = re.compile(r"\b(?:alumn[oa]|estudiante|hij[oa])s?\s(?=[A-ZÁÉÍÓÚÑ])", re.IGNORECASE)
_OTHERS = frozenset(
    ("father", "mother", "guardian", "teacher", "director", "assistant", "secretary", "sibling")
)
_TITLES = re.compile(r"\b(?:sr|sra|srta|lic|dra?)\b\.?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Label:
    """A label in a text, from `start` to `end`; its value begins at `begins`. `match` None: of no column."""

    start: int
    end: int
    begins: int
    phrase: str
    match: Match | None
    is_marked: bool = True  # with a colon or the like


@dataclass(frozen=True, slots=True)
class Pair:
    """A label and where its value stands in the text. `whose`: of whom, where it is nobody a row is about."""

    label: Label
    start: int
    end: int


def pairs(text: str, asked: Asked, *, of_whom: str = "") -> list[Pair]:
    """Return the labels of a text in order with their values, also those of no column, which end other values.

    `of_whom`: words that say of whom the text is, where a heading over it does: "madre".
    """
    if len(text) > MOST_TEXT_CHARS:
        return []
    labels = sorted([*_marked(text, asked)], key=lambda each: each.start)
    labels = sorted([*labels, *_unmarked(text, labels, asked)], key=lambda each: each.start)
    found: list[Pair] = []
    whom = of_whom
    for index, label in enumerate(labels):
        told = meanings.of(label.phrase)
        until = labels[index + 1].start if index + 1 < len(labels) else len(text)
        start, end = trim(text, label.begins, until)
        if told.whose and told.whose != asked.matcher.whose and (told.about == FULL_NAME or start == end):
            whom = meanings.whose_words(label.phrase)
        elif told.about == "responsible":
            whom = label.phrase
        elif told.about == FULL_NAME:
            whom = of_whom
        if whom and not told.whose and _is_personal(label, told.area):
            match = of_another(label.match, label.phrase, whom, asked)
            label = Label(label.start, label.end, label.begins, label.phrase, match, label.is_marked)
        if label.match is not None:
            start, end = _value(text, start, end, label.match.column, asked)
        found.append(Pair(label, start, end))
    return found


def of_another(match: Match | None, phrase: str, whom: str, asked: Asked) -> Match | None:
    """Return the column of a label that is about somebody else; where and how to reach a pupil is what parents give."""
    found = asked.matcher.match(f"{phrase} {whom}")
    is_contact = match is not None and match.column.kind in (Kind.PHONE, Kind.EMAIL)
    if found is not None or match is None or not is_contact or asked.matcher.whose != "student":
        return found
    is_of_parents = bool(meanings.people(whom) & meanings.RELATIVES)
    return Match(match.column, match.certainty * 0.8) if is_of_parents else None


def _is_personal(label: Label, area: str) -> bool:
    return area == PERSON or (label.match is not None and label.match.column.kind in OF_PERSONS)


def _marked(text: str, asked: Asked) -> Iterator[Label]:
    """Yield the labels that a colon, a line of dots or an equals sign ends."""
    floor = 0
    for mark in _MARK.finditer(text):
        begin = max(floor, mark.start() - MOST_LABEL_CHARS)
        breaks = _breaks(text, begin, mark.start())
        begin = breaks[-1] if breaks else begin
        words = list(_WORDS.finditer(text, begin, mark.start()))[-MOST_LABEL_WORDS:]
        if not words:
            continue
        label = _label(text, words, mark, asked, is_from_start=not breaks and begin == floor)
        if label is not None:
            yield label
            floor = mark.end()


def _label(
    text: str, words: Sequence[re.Match[str]], mark: re.Match[str], asked: Asked, *, is_from_start: bool
) -> Label | None:
    end = words[-1].end()
    for index, word in enumerate(words):
        phrase = text[word.start() : end]
        if index and (_leads_on(words, index) or not word[0][:1].isupper()):
            continue
        if fold(word[0]) in _JOINS and index + 1 < len(words):
            rest = asked.matcher.match(text[words[index + 1].start() : end])
            if rest is not None and words[index + 1][0][:1].isupper():
                continue  # the "A" of "5º A" before "Domicilio:"
        match = asked.matcher.match(phrase) or _whole_name(phrase, text, mark.end(), asked)
        if match is not None:
            return Label(word.start(), end, mark.end(), phrase, match)
    if not mark[0].startswith(":") and not meanings.of(text[words[0].start() : end]).is_known:
        return None
    # Of no column: it still ends the value before it. Where that runs into it, its last capital begins it.
    for index in range(len(words)) if is_from_start else range(len(words) - 1, -1, -1):
        phrase = text[words[index].start() : end]
        told = meanings.of(phrase)
        if told.is_known and not (_is_division(words, index) or (index and _joins_on(words, index))):
            return Label(words[index].start(), end, mark.end(), phrase, None)
    begins = next((each for each in reversed(words) if each[0][:1].isupper()), words[0])
    return Label(begins.start(), end, mark.end(), text[begins.start() : end], None)


def _breaks(text: str, begin: int, end: int) -> list[int]:
    """Return after which characters a label may begin; the point of "Tel." and the "(a)" of a word end nothing."""
    found = []
    gendered = {at for each in _GENDERED.finditer(text, begin, end) for at in range(*each.span())}
    for each in _BREAK.finditer(text, begin, end):
        if each.start() in gendered:
            continue
        before = _ABBREVIATED.search(text, begin, each.start()) if each[0].startswith(".") else None
        if before is None or not (fold(before[0]) in _SHORT or meanings.of(before[0]).is_known):
            found.append(each.end())
    return found


def _leads_on(words: Sequence[re.Match[str]], index: int) -> bool:
    """Say whether the word before leads on to this one, as "del" does; the "A" of "5º A" does not."""
    return _joins_on(words, index) or fold(words[index - 1][0]) in ("mi", "mis")  # the writer's own


def _joins_on(words: Sequence[re.Match[str]], index: int) -> bool:
    return fold(words[index - 1][0]) in _JOINS and not _is_division(words, index - 1)


def _is_division(words: Sequence[re.Match[str]], index: int) -> bool:
    """Say whether a word is the "A" of "5º A"."""
    return words[index][0] == "A" and index > 0 and any(map(str.isdigit, words[index - 1][0]))


def _whole_name(phrase: str, text: str, at: int, asked: Asked) -> Match | None:
    """Return the column of full names for a label "Nombre" whose value is a whole name."""
    told = meanings.of(phrase)
    full = asked.matcher.of(FULL_NAME)
    if full is None or told.about != "given_name" or told.whose not in ("", asked.matcher.whose):
        return None
    start = at + len(text[at:]) - len(text[at:].lstrip(_EDGES))
    end = name_end(text, start)
    return Match(full, 0.88) if end and " " in text[start:end] and "apellido" not in fold(text) else None


def name_end(text: str, at: int) -> int | None:
    """Return where the name of a person that begins here ends; None where none does."""
    found = _PERSON.match(text, at)
    if found is None:
        return None
    name = found[0]
    head, comma, tail = name.partition(",")
    if comma and (meanings.of(tail.split()[0]).is_known or (tail.strip().isupper() and not head.isupper())):
        name = head
    while name and meanings.of(name.split()[-1]).is_known:  # "Ana Pérez DNI"
        name = name[: -len(name.split()[-1])].rstrip(" ,")
    return at + len(name) if name else None


def _unmarked(text: str, labels: Sequence[Label], asked: Asked) -> Iterator[Label]:
    """Yield labels that stand right before a value which only they can name: "DNI 45.123.456"."""
    spans = [(each.start, each.end) for each in labels]
    for column in asked.columns:
        if column.kind not in TYPED:
            continue
        for start, _end, _value in values.spot(text, column):
            begin = max(0, start - MOST_LABEL_CHARS)
            breaks = _breaks(text, begin, start)
            words = list(_WORDS.finditer(text, breaks[-1] if breaks else begin, start))[-MOST_LABEL_WORDS:]
            for index, word in enumerate(words):
                phrase = text[word.start() : words[-1].end()]
                if phrase.endswith(":") or (index and fold(words[index - 1][0]) in _JOINS):
                    continue
                match = asked.matcher.match(phrase)
                if match is not None and match.column == column:
                    sure = Match(column, match.certainty * UNMARKED)
                    if not any(a < words[-1].end() and word.start() < b for a, b in spans) and _is_alone(
                        text, word.start(), asked
                    ):
                        yield Label(word.start(), words[-1].end(), start, phrase, sure, is_marked=False)
                    break
    full = asked.matcher.of(FULL_NAME)
    if full is None or asked.matcher.whose != "student":
        return
    for found in _UNMARKED_NAME.finditer(text):
        end = name_end(text, found.end())
        if end is None or " " not in text[found.end() : end] or found[0].rstrip().endswith("s"):
            continue
        if not _is_alone(text, found.start(), asked):
            continue
        phrase = found[0].strip()
        yield Label(found.start(), found.end() - 1, found.end(), phrase, Match(full, 0.85), is_marked=False)


@lru_cache(maxsize=64)
def _people(sentence: str) -> frozenset[str]:
    """Return whom a sentence mentions; whoever is called "Sra." is somebody's family, for all one knows."""
    told = meanings.people(sentence)
    return told | {"guardian"} if _TITLES.search(sentence) else told


@lru_cache(maxsize=4)
def _sentences(text: str) -> list[tuple[int, int]]:
    return sentences.split(text)


def _is_alone(text: str, at: int, asked: Asked) -> bool:
    """Say whether the sentence speaks of nobody but whom rows are about, so that its facts can only be theirs."""
    for start, end in _sentences(text):
        if start <= at < end:
            return not (_people(text[start:end]) - {asked.matcher.whose}) & _OTHERS
    return True


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a stretch of a text without the marks and spaces at its ends."""
    while start < end and text[start] in _EDGES:
        start += 1
    while start < end and text[end - 1] in _EDGES and not text[start:end].endswith("S.A."):
        end -= 1
    return start, end


def _value(text: str, start: int, end: int, column: Column, asked: Asked) -> tuple[int, int]:
    """Return where the value itself stands in what follows a label."""
    if start == end:
        return start, end
    whole = text[start:end]
    if column.kind in _HEAD_TYPED:
        for first, last, _ in values.spot(whole, column):
            if first <= NEAR:
                words = _IN_WORDS.match(whole, last)  # "6 (siete)" says two things, or one twice
                return start + first, start + (words.end() if words and column.kind in _NUMERIC else last)
            break
        return trim(text, start, start + _piece(whole))
    if column.kind in (Kind.LONG_TEXT, Kind.LIST):
        return start, end
    if asked.matcher.is_name(column):
        name = name_end(whole, 0)
        return trim(text, start, start + (name or _piece(whole)))
    if asked.matcher.about(column) == "course":
        course = around.COURSE.match(whole)
        if course:
            return start, start + course.end()
    return trim(text, start, start + _piece(whole))


def _piece(whole: str) -> int:
    """Return where the first piece of a text ends: at a semicolon, a bar or the end of its sentence."""
    cut = re.search(r"[;|\n\t]", whole)
    end = cut.start() if cut else len(whole)
    spans = sentences.split(whole[:end])
    return spans[0][1] if spans else end
