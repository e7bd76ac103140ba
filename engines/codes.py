"""Find what must stay whole in Spanish school prose: norms, dates, courses, big numbers, acronyms."""

import re
from collections.abc import Iterator

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "enero ene", "febrero feb", "marzo mar", "abril abr", "mayo may", "junio jun", "julio jul",
            "agosto ago", "septiembre setiembre sept", "octubre oct", "noviembre nov", "diciembre dic",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
_ORDINALS = {"p": 1, "seg": 2, "t": 3, "c": 4, "qui": 5, "sex": 6, "sep": 7, "o": 8, "n": 9, "d": 10}
_NORMS = {
    "articulo": "artículos? artículo articulos? arts? ",
    "resolucion": "resolución resolucion resoluciones resol res",
    "ley": "ley leyes",
    "decreto": "decretos? dec dto",
    "disposicion": "disposición disposicion disposiciones disp",
    "circular": "circular circulares circ",
    "expediente": "expedientes? expte expdte exp",
    "acta": "actas?",
    "anexo": "anexos?",
    "inciso": "incisos? incs? inc",
    "capitulo": "capítulos? capitulos? caps? cap",
    "titulo": "títulos? titulos? tít",
    "aula": "aulas?",
    "nota": "notas?",
    "punto": "puntos?",
}
_NORM_OF = {
    form: name
    for name, forms in _NORMS.items()
    for pattern in forms.split()
    for form in ({pattern.replace("s?", ""), pattern.replace("s?", "s")} if "?" in pattern else {pattern})
}

_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_DATE = re.compile(r"(?<![\d/])(\d{1,2})[/.\-](\d{1,2})(?:[/.\-](\d{4}|\d{2}))?(?![\d/]|[.,]\d)")
_DATE_MARK = re.compile(r"\d[/.\-]\d")
_LONG_DATE = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:\.?[º°]|ro)?\s+de\s+({_MONTH})(?:\s+(?:de|del)\s+(?:año\s+)?(\d{{4}}))?",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(?<![\w/.\-])(\d{1,7})\s?[/\-]\s?((?:19|20)?\d{2})(?![\w/]|[.,\-]\d)")
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:\.\d{3})+(?![\d])")
_NUMBER = re.compile(r"\d{1,3}(?:\.\d{3})+|\d+(?:\s?[/\-]\s?(?:19|20)?\d{2}(?!\d))?")
_NUMBERED_BY = re.compile(
    r"(?<![^\W_])([^\W\d_]+)\.?\s*(?:(?:n\.?\s?[º°o]|nro|núm(?:ero)?|numero|#)\.?\s*)?$", re.IGNORECASE
)
_YEAR_WORD = r"(?:\s+(?:año|grado|curso|sección|seccion|división|division|div\.?))*"
_SECTION = r"(?:\s*[\"“«']?([A-Ha-h])\b[\"”»']?(?![.º]))?"
_ORDINAL = re.compile(
    r"(?<![\w/,.\-])(\d{1,2})\s?(?:\.?\s?[º°ª]|(?:er|ro|do|to|mo|vo|no|ra|da|ta|ma|va|na)\b)"
    + _YEAR_WORD
    + _SECTION
)
# These two run on all text: a plain set of letters first lets the matcher skip, the look behind comes after
# it.
_ORDINAL_WORD = re.compile(
    r"[PSTCQONDpstcqond](?<!\w.)(?:(?<=[Pp])rimer[oa]?|(?<=[Tt])ercer[oa]?|"
    r"(?:(?<=[Ss])(?:egund|ext|[eé]ptim)|(?<=[Cc])uart|(?<=[Qq])uint|(?<=[Oo])ctav|"
    r"(?<=[Nn])oven|(?<=[Dd])[eé]cim)[oa])\b" + _YEAR_WORD + _SECTION
)
_COURSE = re.compile(r"(?<![\w/,.º°\-])([1-9])\s?[\"“«']?([A-H])\b(?![.º'])|(?<![\w/,.º°\-])([1-9])([a-h])\b")
_ACRONYM = re.compile(r"[A-ZÑÁÉÍÓÚ](?<![\w.].)[A-ZÑÁÉÍÓÚ]?\.\s?(?:[A-ZÑÁÉÍÓÚ]{1,2}\.\s?){1,5}(?!\w)")


def find(text: str) -> list[str]:
    """Return the canonical forms of the codes in the text, repeats kept.

    "Res. 1234/2026" gives "resolucion:1234/26" and "1234/26"; "14 de marzo de 2026" gives "2026-03-14" and
    "03-14"; "5.º B" and "quinto B" give "5º" and "5ºb"; "26.206" gives "26206"; "E.S.I." gives "esi".
    """
    return list(_codes(text))


def _codes(text: str) -> Iterator[str]:
    for window in _around_digits(text):
        yield from _dates(window)
        yield from _norms(window)
        if "/" in window or "-" in window:
            for found in _NUMBERED.finditer(window):
                yield f"{found[1]}/{found[2][-2:]}"
        if "." in window:
            for found in _THOUSANDS.finditer(window):
                yield found[0].replace(".", "")
        for found in _ORDINAL.finditer(window):
            yield from _course(int(found[1]), found[2])
        for found in _COURSE.finditer(window):
            yield from _course(int(found[1] or found[3]), found[2] or found[4])
    for found in _ORDINAL_WORD.finditer(text):
        # "quinta a la derecha", "primero e igual": a small letter that is a word names no course.
        section = None if found[1] in ("a", "e") else found[1]
        yield from _course(_ordinal(found[0]), section)
    for found in _ACRONYM.finditer(text):
        letters = found[0].replace(".", "").replace(" ", "")
        if letters.isupper():
            yield letters.lower()


_DIGITS = re.compile(r"\d+")
_BEFORE_CHARS, _AFTER_CHARS = 30, 45  # what a code may need around its first number


def _around_digits(text: str) -> Iterator[str]:
    """Yield the stretches of text that hold digits: the patterns are dear and most prose has none."""
    start, end = 0, -1
    for found in _DIGITS.finditer(text):
        if end < 0 or found.start() - _BEFORE_CHARS > end:
            if end > 0:
                yield text[start:end]
            start = text.rfind(" ", 0, max(0, found.start() - _BEFORE_CHARS)) + 1
        end = text.find(" ", found.end() + _AFTER_CHARS)
        if end < 0:
            end = len(text)
    if end > 0:
        yield text[start:end]


def _norms(text: str) -> Iterator[str]:
    for found in _NUMBER.finditer(text):
        before = _NUMBERED_BY.search(text, max(0, found.start() - _BEFORE_CHARS), found.start())
        norm = _NORM_OF.get(before[1].lower()) if before else None
        if norm:
            yield f"{norm}:{_number(found[0])}"


def _number(written: str) -> str:
    if "/" in written or "-" in written:
        number, year = re.split(r"\s?[/\-]\s?", written)
        return f"{number}/{year[-2:]}"
    return written.replace(".", "")


def _ordinal(written: str) -> int:
    low = written.lower().replace("é", "e")
    return next(number for opening, number in _ORDINALS.items() if low.startswith(opening))


def _course(number: int, section: str | None) -> Iterator[str]:
    yield f"{number}º"
    if section:
        yield f"{number}º{section.lower()}"


def _dates(text: str) -> Iterator[str]:
    for found in _DATE.finditer(text) if _DATE_MARK.search(text) else ():
        day, month = int(found[1]), int(found[2])
        if 1 <= day <= 31 and 1 <= month <= 12:
            yield from _date(day, month, found[3])
    for found in _LONG_DATE.finditer(text) if " de " in text else ():
        if 1 <= int(found[1]) <= 31:
            yield from _date(int(found[1]), MONTHS[found[2].lower()], found[3])


def _date(day: int, month: int, year: str | None) -> Iterator[str]:
    yield f"{month:02}-{day:02}"
    if year:
        yield f"{int(year) + (2000 if len(year) == 2 else 0)}-{month:02}-{day:02}"
