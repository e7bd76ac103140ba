"""What a header or a label means: its words without what does not count, what they are about, and whose."""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from engines import sentences
from engines.spanish import fold, stem

PERSON, GROUP, THING = "persona", "grupo", "cosa"
FULL_NAME, SURNAME, GIVEN_NAME = "full_name", "surname", "given_name"
SECOND_SURNAME = "second_surname"
RELATIVES = frozenset({"father", "mother", "guardian"})
MOST_WORDS = 12  # of a header; more is a sentence

_ASIDE = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_CUT = re.compile(r"([^\W_]+)(\.?)")
_SCALE = re.compile(r"(?<=[a-z])\s?/\s?\d+(?:[.,]\d+)?\s*$")  # "Calificación/10,00"
_GENDERED = re.compile(r"(?<=[a-z]{2})(?:/(?:as|os|es|a|o|s|e)\b|\((?:as|os|es|a|o|s|e)\)|@s?\b)")
_INITIALS = re.compile(r"\b(?:[a-z]\.){2,}")
_NUMBER_SIGN = re.compile(r"\b(?:nros?|num|numero)\b\.?|\bn\s?[°.]+|#")
_ORDINAL = re.compile(r"\b(\d{1,2})\s?(?:\.?°|\.?(?:er|ero|ra|era|do|da|to|ta|mo|ma|vo|va|no|na)\b)\.?")
_ENUMERATED = re.compile(
    r"^\W*(?:\d{1,3}\s?[.)]|[a-z]\s?\))(?:\s?-)?\s+(?!trim|bim|cuat|per|etapa)(?=\W*[a-z]{2})"
)
_IN_CHARGE = re.compile(r"\ba cargo(?: de)?\b")
_NUMBERED = re.compile(r"(?<=[a-z])\s(?:numero\s)?\d{1,3}$")
_DEGREE = str.maketrans("ºª", "°°")  # before folding makes letters of them
_WORD = re.compile(r"%|[^\W_]+")
_STUCK = re.compile(r"(\d)(t|trim|bim|cuat)$|(t|trim|bim|cuat)(\d)$")
_DROPPED = sentences.set_of("a al con de del e el en la las lo los o para por su sus u un una y")
_LONG = {
    **dict.fromkeys(("trim", "trimestral", "trimestres"), "trimestre"),
    **dict.fromkeys(("bim", "bimestral", "bimestres"), "bimestre"),
    **dict.fromkeys(("cuat", "cuatr", "cuatrim", "cuatrimestral", "cuatrimestres"), "cuatrimestre"),
    **dict.fromkeys(("primer", "primero", "primera"), "1"),
    **dict.fromkeys(("segundo", "segunda"), "2"),
    **dict.fromkeys(("tercer", "tercero", "tercera"), "3"),
    **dict.fromkeys(("cuarto", "cuarta"), "4"),
}  # fmt: skip
TERM_WORDS = frozenset({"trimestre", "bimestre", "cuatrimestre", "periodo", "etapa"})
_SURE_SUMS = frozenset({"total", "totales", "subtotal", "subtotales", "iva"})
_MONTHS = sentences.set_of(
    "enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre"
)
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4"}
GRADE_WORDS = frozenset({"nota", "notas", "calificacion", "calificaciones", "calif", "promedio"})


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a phrase means. `words`: all that count, in order; `about`: a name of the list, else its words' stems.

    `whose`: whose it is, by the names of the list; "" where it does not say. `is_known`: the list has it.
    """

    words: tuple[str, ...]
    about: str
    whose: str = ""
    is_known: bool = False
    area: str = THING


@dataclass(frozen=True, slots=True)
class _Lists:
    labels: tuple[tuple[tuple[str, ...], tuple[str, str]], ...]
    names: dict[
        frozenset[str], tuple[str, str]
    ]  # the words of a label: the name of what it says, and its area
    whose: dict[str, str]
    whose_phrases: tuple[tuple[tuple[str, ...], str], ...]
    subjects: frozenset[frozenset[str]]
    totals: frozenset[str]
    areas: dict[str, str]


NOTHING = Meaning((), "")


@lru_cache(maxsize=1 << 12)
def of(phrase: str) -> Meaning:
    """Return what a header or label means; NOTHING for one without words, or with too many."""
    words = words_of(phrase)
    if not words or len(words) > MOST_WORDS:
        return NOTHING
    lists = _lists()
    exact = lists.names.get(frozenset(words))
    if exact is not None:  # "adulto responsable" is of the list of persons, "responsable" of the things
        return Meaning(words, exact[0], "", is_known=True, area=exact[1])
    rest, whose = _whose(words, lists)
    if not rest:
        return Meaning(words, FULL_NAME, whose, is_known=True, area=PERSON)
    known = lists.names.get(frozenset(rest)) or (
        _cut_short(phrase, lists) if "." in phrase and not whose else None
    )
    if known is None and TERM_WORDS & {*rest}:
        rest = tuple(word for word in rest if word not in GRADE_WORDS) or rest
    if known is not None and known[0] == "responsible" and whose:  # "docente a cargo"
        known = (FULL_NAME, PERSON)
    if known is not None:
        return Meaning(words, known[0], whose, is_known=True, area=known[1])
    return Meaning(words, " ".join(sorted({stem(word) for word in rest})), whose)


def is_cut(phrase: str, whole: tuple[str, ...]) -> bool:
    """Say whether a phrase is these words, some cut short, as "Inasist." and "Valor unit." are."""
    words = [found for found in _CUT.findall(fold(phrase)) if found[0] not in _DROPPED]
    return len(words) == len(whole) and all(
        word == full or (dot and len(word) > 2 and full.startswith(word))
        for (word, dot), full in zip(words, whole, strict=True)
    )


def _cut_short(phrase: str, lists: _Lists) -> tuple[str, str] | None:
    """Return the one thing of the list of which a phrase is a label cut short."""
    found = {named for words, named in lists.labels if is_cut(phrase, words)}
    return next(iter(found)) if len(found) == 1 else None


def words_of(phrase: str) -> tuple[str, ...]:
    """Return the words of a header that count, folded and written out; without remarks in brackets."""
    low = _INITIALS.sub(
        lambda found: found[0].replace(".", "") + " ", fold(phrase.translate(_DEGREE)).replace("n.°", "n°")
    )
    low = _ORDINAL.sub(r"\1 ", _NUMBER_SIGN.sub(" numero ", _GENDERED.sub("", low)))
    low = _IN_CHARGE.sub(" responsable ", _ENUMERATED.sub("", low))
    bare = _ASIDE.sub(" ", _SCALE.sub("", low))
    found = _WORD.findall(bare) or _WORD.findall(low)
    parts: list[str] = []
    for word in found:
        stuck = _STUCK.fullmatch(word)
        if stuck:
            number, term = (stuck[1], stuck[2]) if stuck[1] else (stuck[4], stuck[3])
            parts += [number, _LONG.get(term, "trimestre")]
        else:
            parts.append(_LONG.get(word, word))
    if TERM_WORDS & {*parts}:
        parts = [_ROMAN.get(word, word) for word in parts]
    for at, word in enumerate(parts[1:], start=1):  # "1º T"
        if word == "t" and parts[at - 1].isdigit():
            parts[at] = "trimestre"
    kept = tuple(word for word in parts if word not in _DROPPED)
    return kept or tuple(parts)


def area_of(about: str) -> str:
    """Return whether a thing of the list is of one person, of all that stand together, or neither."""
    return _lists().areas.get(about, THING)


def people(text: str) -> frozenset[str]:
    """Return whom a text mentions, by the names of the list: students, teachers, mothers…"""
    lists = _lists()
    words = tuple(_WORD.findall(_GENDERED.sub("", fold(text))))
    named = {lists.whose[word] for word in words if word in lists.whose}
    if not named:
        kept = tuple(word for word in words if word not in _DROPPED)
        named = {name for phrase, name in lists.whose_phrases if _holds(kept, phrase)}
    return frozenset(named)


def whose_words(text: str) -> str:
    """Return the words of a text that say whose it is: "padre madre tutor" of "Datos del padre, madre o tutor"."""
    lists = _lists()
    words = _WORD.findall(_GENDERED.sub("", fold(text)))
    return " ".join(dict.fromkeys(word for word in words if word in lists.whose))


def without_number(phrase: str) -> str:
    """Return a label without the number that counts it: "Acuerdo" of "Acuerdo 2"."""
    bare = fold(phrase.translate(_DEGREE)).replace("n.°", "n°").replace("n°", "numero").strip(" :.")
    kept = _NUMBERED.sub("", bare)
    return kept if kept and kept != bare else phrase


def is_subject(phrase: str) -> bool:
    """Say whether a header is the name of a school subject."""
    return frozenset(words_of(phrase)) in _lists().subjects


def is_month(phrase: str) -> bool:
    """Say whether a header is the name of a month, with its year or without."""
    words = words_of(phrase)
    return bool(words) and words[0] in _MONTHS and all(word.isdigit() for word in words[1:])


def is_term(phrase: str) -> bool:
    """Say whether a header is the name of a part of the year: "1º trimestre", "2T"."""
    words = words_of(phrase)
    return len(words) == 2 and len(TERM_WORDS & {*words}) == 1 and any(word.isdigit() for word in words)


def sums_up(text: str) -> bool:
    """Say whether a row that begins with this text sums up others, and is none of its own."""
    words = words_of(text)
    totals = _lists().totals
    if not words or words[0] not in totals:
        return False
    if words[0] in _SURE_SUMS:
        return "," not in text
    return len(words) == 1 or text.rstrip().endswith(":") or words[1] in totals or of(" ".join(words[1:])).is_known or (
        words[1] in ("general", "curso", "anual", "varones", "mujeres", "clase", "grupo", "final")
    )  # fmt: skip


def _holds(words: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    return any(words[at : at + len(phrase)] == phrase for at in range(len(words) - len(phrase) + 1))


def _whose(words: tuple[str, ...], lists: _Lists) -> tuple[tuple[str, ...], str]:
    rest = words
    found: set[str] = set()
    for phrase, name in lists.whose_phrases:
        for at in range(len(rest) - len(phrase) + 1):
            if rest[at : at + len(phrase)] == phrase:
                rest, found = rest[:at] + rest[at + len(phrase) :], found | {name}
                break
    for word in rest:
        if word in lists.whose:
            found.add(lists.whose[word])
    rest = tuple(word for word in rest if word not in lists.whose)
    if len(found) > 1:
        return rest, "guardian" if found <= RELATIVES else " ".join(sorted(found))
    return rest, next(iter(found), "")


@lru_cache(maxsize=1)
def _lists() -> _Lists:
    labels: list[tuple[tuple[str, ...], tuple[str, str]]] = []
    names: dict[frozenset[str], tuple[str, str]] = {}
    whose: dict[str, str] = {}
    phrases: list[tuple[tuple[str, ...], str]] = []
    subjects: set[frozenset[str]] = set()
    totals: set[str] = set()
    areas: dict[str, str] = {}
    section = ""
    for line in (Path(__file__).parent / "synonyms.txt").read_text("utf-8").splitlines():
        kept = line.partition("#")[0].strip()
        if kept.startswith("["):
            section = kept.strip("[]")
            continue
        name, _, listed = kept.partition(":")
        for label in filter(None, map(str.strip, listed.split(","))):
            words = words_of(label)
            match section:
                case "quien" if len(words) == 1:
                    whose[words[0]] = name
                case "quien":
                    phrases.append((words, name))
                case "materias":
                    subjects.add(frozenset(words))
                case "totales":
                    totals.add(words[0])
                case _:
                    labels.append((words, (name, section)))
                    names.setdefault(frozenset(words), (name, section))
                    areas[name] = section
    return _Lists(tuple(labels), names, whose, tuple(phrases), frozenset(subjects), frozenset(totals), areas)
