"""Words of health beside somebody's name, and the names of papers about pupils."""

import re
from collections.abc import Iterator

from documents.personal_data import names, pupils
from documents.personal_data.kinds import Finding, Kind, lower

# Beginnings of words; a profession ("la psicóloga") tells nothing of anybody's health.
_BEGINNINGS = (
    "acompañante terap", "adicci", "al[eé]rgi", "anemia", "apto f[ií]sico", "asma", "asm[aá]tic", "asperger",
    "autis", "autolesi", "cel[ií]ac", "certificados? m[eé]dic", "certificado [uú]nico", "cirug[ií]a",
    "convulsi", "depresi[oó]n", "diab[eé]t", "diagn[oó]stic", "discalculi", "discapaci", "dislexi", "embaraz",
    "enfermedad", "epil[eé]p", "esguince", "fonoaudiol", "fractur", "hipoac[uú]s", "historia cl[ií]nica",
    "hospitaliz", "inhalador", "insulin", "internaci[oó]n(?!a)", "internad[oa]", "licencia m[eé]dica",
    "medicaci[oó]n", "medicad[oa]", "neurol[oó]gic", "psicol[oó]gic", "psicopedag[oó]gic", "psiqui[aá]tric",
    "s[ií]ndrome", "trastorno", "tratamiento",
)  # fmt: skip


def _by_first_letter(beginnings: tuple[str, ...]) -> str:
    """Return one pattern of many beginnings that looks at a word's first letter once."""
    groups: dict[str, list[str]] = {}
    for each in beginnings:
        groups.setdefault(each[0], []).append(each[1:])
    return "|".join(f"{letter}(?:{'|'.join(rest)})" for letter, rest in groups.items())


_HEALTH = re.compile(rf"\b(?:{_by_first_letter(_BEGINNINGS)})\w{{0,12}}")
# By their initials these are told apart from words ("tea", "cud").
_SHORT = re.compile(r"[CTV](?:EA|DAH?|GD|EL|UD|IH)\b")
_SHORTS = frozenset({"TEA", "TDA", "TDAH", "TGD", "TEL", "CUD", "VIH"})
_PAPER = re.compile(
    r"\b(?:n[oó]minas?|legajos?|list(?:a|as|ado|ados)|planillas?|registros?|fichas?|padr[oó]n|matr[ií]cula|bolet[ií]n"
    r"|boletines|libreta|historial)"
    r"(?: (?:de|del|la|las|los|el|cada|asistencia|calificaciones|notas|general|completa|completo)){0,4}"
    r" (?:alumn[oa]s?|alumnado|estudiantes?|pupil[oa]s?|niñ[oa]s?|menores)\b"
)
_SENTENCE_ENDS = re.compile(r"[a-záéíóúñ0-9)]{4}[.;](?:\s|$)")
_PAPER_SHOWN_CHARS = 40
_NEAR_CHARS = 120


def find(text: str, *, most: int) -> Iterator[Finding]:
    """Yield words of health that stand beside a person, and the papers about pupils; so many looked at of each."""
    low = lower(text)
    yield from _health(text, _HEALTH.finditer(low), most)
    yield from _health(text, (match for match in _SHORT.finditer(text) if _is_short(text, match)), most)
    if not pupils.are_meant(low):
        return
    for number, match in enumerate(_PAPER.finditer(low)):
        if number == most:
            return
        yield Finding(Kind.PUPIL_PAPER, *match.span(), " ".join(match[0].split())[:_PAPER_SHOWN_CHARS])


def _is_short(text: str, match: re.Match[str]) -> bool:
    return match[0] in _SHORTS and not text[max(0, match.start() - 1) : match.start()].isalnum()


def _health(text: str, hits: Iterator[re.Match[str]], most: int) -> Iterator[Finding]:
    for number, match in enumerate(hits):
        if number == most:
            return
        first, last = _around(text, *match.span())
        # The word alone tells nothing of anybody: it may be shown.
        if pupils.named(text, first, last):
            yield Finding(Kind.PUPIL_HEALTH, *match.span(), text[match.start() : match.end()].lower())
        elif names.find(text, first, last):
            yield Finding(Kind.HEALTH, *match.span(), text[match.start() : match.end()].lower())


def _around(text: str, start: int, end: int) -> tuple[int, int]:
    """Return what stands around a word: its sentence at most, and no further than a short way."""
    first, last = names.line_around(text, start, end)
    first, last, begin = max(first, start - _NEAR_CHARS), min(last, end + _NEAR_CHARS), 0
    # A full stop ends a sentence when a word of some length stands before it; "B. M." and "Lic." do not end any.
    for match in _SENTENCE_ENDS.finditer(text[first:start]):
        begin = match.end()
    stop = _SENTENCE_ENDS.search(text, end, last)
    return first + begin, stop.end() if stop else last
