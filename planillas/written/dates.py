"""Days and times as they are written in Spanish: the day always before the month."""

import re
from collections.abc import Iterator
from datetime import date

from django.utils.translation import gettext as _

from planillas.written import BadValue, number_words, plain

EARLIEST, LATEST = 1800, 2100
# Two digits up to here are of this century: schools write of pupils and plans, and of guardians' births.
_LAST_OF_THIS_CENTURY = 39

_MONTHS = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
    "diciembre",
)  # fmt: skip
_BY_NAME = {name: number for number, name in enumerate(_MONTHS, start=1)}
_BY_NAME |= {name[:3]: number for name, number in _BY_NAME.items()}
_BY_NAME |= {"sept": 9, "set": 9, "setiembre": 9}
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
_NAME = "(?:" + "|".join(sorted(_BY_NAME, key=len, reverse=True)) + r")\b\.?"
_WEEKDAY = (
    r"(?:(?:lunes|martes|miercoles|jueves|viernes|sabado|domingo|lun|mar|mie|jue|vie|sab|dom)\b\.?,?\s{1,2})?"
)
_WORDS = r"[a-z]{2,12}(?: [a-z]{1,12}){0,4}?"
_DAY = rf"(?P<day>\d{{1,2}}|{number_words.RUN.pattern})(?:\s?\.?[º°]|e?ro|er)?"
_YEAR_WORDS = r"dos mil(?: [a-z]{3,12}(?: y [a-z]{2,6})?)?|mil novecientos(?: [a-z]{3,12}(?: y [a-z]{2,6})?)?"
_YEAR = rf"(?P<year>\d{{4}}|[12]\.\d{{3}}|['’]?\d{{2}}|{_YEAR_WORDS})"
_HOUR = r"(?:,?\s(?:a las )?\d{1,2}:\d{2}(?::\d{2})?(?:\s?h(?:s|rs)?\b\.?)?)?"
_FORMS = (
    re.compile(
        r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"
        r"(?:[t ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:z|[+-]\d{2}:?\d{2})?)?"
    ),
    re.compile(
        rf"{_WEEKDAY}(?P<day>\d{{1,2}})\s?(?P<mark>[-/.])\s?(?P<month>\d{{1,2}})\s?(?P=mark)\s?(?P<year>\d{{4}}|\d{{2}})"
        rf"(?!\d){_HOUR}"
    ),
    re.compile(
        rf"{_WEEKDAY}(?P<day>\d{{1,2}})\s?(?P<mark>[-/. ])\s?(?P<month>{_NAME}|x?[iv]{{1,4}}|xi{{0,2}}|ix)"
        r"\s?(?P=mark)\s?"
        rf"(?P<year>\d{{4}}|\d{{2}})(?!\d){_HOUR}"
    ),
    re.compile(
        rf"{_WEEKDAY}(?:a los |el )?(?:dia )?{_DAY}(?: dias?)? (?:de |del mes de )?(?P<month>{_NAME})"
        rf"(?:,)? (?:de |del |del ano |de ano )?{_YEAR}(?!\w){_HOUR}"
    ),
    re.compile(rf"(?P<month>{_NAME}) {_DAY}(?:,| de| del)? {_YEAR}(?!\w){_HOUR}"),
)
_DIGITS = re.compile(r"(?P<year>(?:19|20)\d{2})(?P<month>\d{2})(?P<day>\d{2})")  # of programs
_STARTS = re.compile(
    rf"(?<![\w/.:-])(?=\d{{1,4}}\s?[-/. ]|(?:a los |{_WEEKDAY}){_WORDS} (?:dias|de {_NAME})|{_WEEKDAY}\d|{_NAME} \d"
    rf"|{number_words.RUN.pattern} de )"
)
_MONTH_FIRST = 12

_TIME = re.compile(
    r"(?:a las? )?(?P<hour>\d{1,2})"
    r"(?:\s?[:.h]\s?(?P<minute>\d{2})(?::\d{2}(?:\.\d+)?)?)?"
    r"\s?(?P<half>[ap]\.?\s?m\.?)?"
    r"\s?(?P<unit>h(?:s|rs|oras?)?\.?)?"
)
_TIME_SPOT = re.compile(
    r"(?<![\w.,:/-])(?:\d{1,2}:\d{2}(?::\d{2})?(?:\s?[ap]\.?\s?m\b\.?)?|\d{1,2}(?:h|\.(?=\d{2}\s?h))\d{2}|"
    r"\d{1,2}\s?(?:[ap]\.?\s?m\b\.?|h(?:s|rs|oras)?\b))(?:\s?h(?:s|rs|oras?)?\b\.?)?(?!\w|[:/]\d)"
)


def read(text: str) -> str:
    """Return a day as "YYYY-MM-DD"."""
    tidy = plain.line(text)
    leveled = plain.level(tidy).rstrip(".").strip()
    for form in (*_FORMS, _DIGITS):
        match = form.fullmatch(leveled)
        if match is not None:
            return _day(match, tidy)
    raise BadValue(
        _("«%(text)s» no es una fecha completa: se espera una como 3/5/2014 o «3 de mayo de 2014».")
        % {"text": plain.quoted(tidy)}
    )


def show(value: str) -> str:
    """Return "2014-05-03" as "3/5/2014"."""
    year, month, day = value.split("-")
    return f"{int(day)}/{int(month)}/{year}"


def spot(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the days that a text names in full."""
    leveled, after = plain.level(text), 0
    for start in _STARTS.finditer(leveled):
        if start.start() < after:
            continue
        for form in _FORMS:
            match = form.match(leveled, start.start())
            if match is None or leveled[match.end() : match.end() + 1].isalnum():
                continue
            try:
                yield match.start(), match.end(), _day(match, match[0])
            except BadValue:
                continue
            after = match.end()
            break


def read_time(text: str) -> str:
    """Return a time of the day as "HH:MM"."""
    tidy = plain.line(text)
    match = _TIME.fullmatch(plain.level(tidy))
    value = _time(match) if match is not None else None
    if value is None:
        raise BadValue(
            _("«%(text)s» no es una hora: se espera una como 9:30 o 21:15.") % {"text": plain.quoted(tidy)}
        )
    return value


def show_time(value: str) -> str:
    """Return "09:30" as "9:30"."""
    return value.removeprefix("0")


def spot_times(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the times of the day that a text names."""
    leveled = plain.level(text)
    for found in _TIME_SPOT.finditer(leveled):
        match = _TIME.fullmatch(found[0].strip())
        value = _time(match) if match is not None else None
        if value is not None:
            yield found.start(), found.end(), value


def _day(match: re.Match[str], text: str) -> str:
    day, month, year = _number(match["day"]), _month(match["month"]), _year(match["year"])
    if month > _MONTH_FIRST and day <= _MONTH_FIRST:
        raise BadValue(
            _("«%(text)s»: no existe el mes %(month)d; se escribe primero el día y después el mes.")
            % {"text": plain.quoted(text), "month": month}
        )
    if not EARLIEST <= year <= LATEST:
        raise BadValue(
            _("«%(text)s»: el año debe estar entre %(first)d y %(last)d.")
            % {"text": plain.quoted(text), "first": EARLIEST, "last": LATEST}
        )
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        raise BadValue(_("«%(text)s»: ese día no existe.") % {"text": plain.quoted(text)}) from None


def _number(word: str) -> int:
    return int(word) if word.isdigit() else int(number_words.value(word) or 0)


def _month(word: str) -> int:
    name = word.rstrip(".")
    if name.isdigit():
        return int(name)
    return _BY_NAME.get(name) or _ROMAN.index(name) + 1 if name in _BY_NAME or name in _ROMAN else 0


def _year(word: str) -> int:
    digits = word.strip("'’").replace(".", "")
    if len(digits) == 2 and digits.isdigit():
        return int(digits) + (2000 if int(digits) <= _LAST_OF_THIS_CENTURY else 1900)
    return _number(digits)


def _time(match: re.Match[str]) -> str | None:
    hour, minute = int(match["hour"]), int(match["minute"] or 0)
    half = (match["half"] or "")[:1]
    if half and not 1 <= hour <= 12:
        return None
    if not (match["minute"] or half or match["unit"]):
        return None  # "9" alone may be anything
    hour = hour % 12 + (12 if half == "p" else 0) if half else hour
    return f"{hour:02}:{minute:02}" if hour < 24 and minute < 60 else None
