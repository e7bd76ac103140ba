"""Numbers as they are written in Spanish, and in the countries that write the decimal point.

"7,50" and "7.50" are seven and a half. One point before three digits is read as a column asks: thousands where it
holds whole numbers or money, and refused where it holds decimals ("1.234" may be either); a comma before three digits
is a decimal comma there.
"""

import math
import re
from collections.abc import Iterator
from decimal import Decimal

from django.utils.translation import gettext as _

from engines.spanish import fold
from planillas.columns import Column, Kind
from planillas.written import BadValue, number_words, plain

MOST = 10**15

# In a sentence these seldom count anything.
_ARTICLES = ("un", "una", "uno", "primero")

_SPACES = " \u00a0\u2009\u202f"
DIGITS = (
    rf"\d{{1,3}}(?:[{_SPACES}]\d{{3}}){{1,4}}(?:[.,]\d{{1,6}})?(?!\d)|\d{{1,16}}(?:[.,]\d{{1,15}}){{0,6}}"
)
_NUMBER = re.compile(rf"(?P<sign>[-+−])?\s?(?P<digits>{DIGITS})\s?(?P<rest>.*)")
_BEGINS = re.compile(r"[-+−$ ]{0,3}\d")
_GROUPS = re.compile(r"\d{1,3}(?:[.,]\d{3})+")
_SPACED = re.compile(rf"(?<=\d)[{_SPACES}](?=\d{{3}}(?!\d))")
# What may follow a count without changing it; units that are measured by must be the column's own.
_COUNTED = (
    "anos|ano|meses|mes|semanas|dias|dia|horas|hora|hs|hrs|h|minutos|min|puntos|punto|ptos|pts|pt|unidades|unidad|"
    "unid|uds|ud|un|u|cajas|caja|alumnos|alumnas|alumno|alumna|estudiantes|personas|docentes|veces|vez|faltas|"
    "inasistencias|ejemplares|ejemplar|piezas|pzas|pza|resmas|juegos|cupos|vacantes|filas|paginas|libros|%|por ciento"
)
_MEASURED = (
    *(
        "mm",
        "cm",
        "m",
        "m2",
        "m²",
        "m3",
        "m³",
        "km",
        "mg",
        "g",
        "gr",
        "grs",
        "kg",
        "kgs",
        "ml",
        "l",
        "lt",
        "lts",
    ),
    *("metros", "litros", "gramos", "kilos", "kilogramos", "centimetros", "kilometros"),
)
_SAME_UNIT = {
    "kgs": "kg", "kilos": "kg", "kilogramos": "kg", "gr": "g", "grs": "g", "gramos": "g", "lt": "l", "lts": "l",
    "litros": "l", "metros": "m", "centimetros": "cm", "kilometros": "km", "m²": "m2", "m³": "m3",
}  # fmt: skip
_UNITS = "|".join(sorted((*_COUNTED.split("|"), *map(re.escape, _MEASURED)), key=len, reverse=True))
_UNIT = re.compile(rf"(?:{_UNITS})\.?")
_UNIT_BEHIND = re.compile(rf"\s(?:{_COUNTED})$")
_ORDINAL = re.compile(r"\.?[º°ª]|er|ro|do|to|ta|ra|da")
_SAID_AGAIN = re.compile(r"[-–—/(]?\s?(?P<words>[a-z ]{2,60}?(?: \d{1,2}/100)?)\s?\)?\.?")
_SPOT = re.compile(
    rf"(?<![\w.,/:%-])(?P<sign>[-−](?=\d))?(?P<digits>{DIGITS})"
    rf"(?=[º°ª%]?(?![\w/:]|[.,]\d|-\d)|\s?(?:{_UNITS})(?![^\W_]))"
)


def read(text: str, column: Column) -> int | float:
    """Return the number that a text says; an int where it is whole."""
    tidy = plain.line(text)
    said = _in_digits(tidy, column) if _BEGINS.match(tidy) else _in_words(fold(tidy))
    if column.kind == Kind.INTEGER and said != int(said):
        raise BadValue(_("«%(text)s» no es un número entero.") % {"text": plain.quoted(tidy)})
    return _tidy(said)


def accept(given: float, column: Column) -> int | float:
    """Return a number that a program sent, checked."""
    if abs(given) >= MOST or not math.isfinite(given):  # in this order: an int may be more than a float holds
        raise BadValue(_("El número es demasiado grande."))
    if column.kind == Kind.INTEGER and given != int(given):
        raise BadValue(_("%(number)s no es un número entero.") % {"number": show(given)})
    if column.kind == Kind.MONEY and round(given, 2) != given:
        raise BadValue(_("Un importe lleva dos decimales como máximo: por ejemplo, 1.234,50."))
    return _tidy(given)


def show(value: float) -> str:
    """Return a number with the decimal comma, two decimals where it has one, and no separator of thousands."""
    text = format(Decimal(repr(value)), "f")
    whole, _point, decimals = text.partition(".")
    decimals = decimals.rstrip("0")
    return f"{whole},{decimals.ljust(2, '0')}" if decimals else whole


def spot(text: str, column: Column) -> Iterator[tuple[int, int, int | float]]:
    """Yield the numbers of a text, in digits and in words, that the column may hold."""
    for match in _SPOT.finditer(text):
        for each in _readings(match["digits"], column):
            signed = -each if match["sign"] else each
            if column.kind != Kind.INTEGER or signed == int(signed):
                yield match.start(), match.end(), _tidy(signed)
    for match in number_words.RUN.finditer(plain.level(text)):
        said = number_words.value(match[0])
        if said is not None and (match[0] not in _ARTICLES or match[0] == fold(text.strip())):
            yield match.start(), match.end(), said


def amount(digits: str) -> int | float | None:
    """Return an amount of money or a count: any group of three digits is of thousands; None when it is no number."""
    plain_digits = _SPACED.sub("", digits)
    if _GROUPS.fullmatch(plain_digits) and not (
        plain_digits.startswith("0") or len(set(plain_digits) & {".", ","}) > 1
    ):
        return int(re.sub(r"[.,]", "", plain_digits))
    return _decimal(plain_digits)


def _readings(digits: str, column: Column) -> list[int | float]:
    if column.kind == Kind.NUMBER:
        said = {_decimal(_SPACED.sub("", digits)), amount(digits)}
        return sorted(each for each in said if each is not None)
    said_amount = amount(digits)
    return [] if said_amount is None else [said_amount]


def _in_digits(text: str, column: Column) -> int | float:
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise _no_number(text)
    digits = match["digits"]
    if column.kind == Kind.NUMBER and re.fullmatch(r"[1-9]\d{0,2}\.\d{3}", digits):
        raise BadValue(
            _("«%(text)s» puede ser un número con decimales o de miles: escribir %(one)s o %(other)s.")
            % {"text": digits, "one": digits.replace(".", ","), "other": digits.replace(".", "")}
        )
    value = _decimal(_SPACED.sub("", digits)) if column.kind == Kind.NUMBER else amount(digits)
    if value is None or abs(value) >= MOST:
        raise _no_number(text)
    _check_rest(plain.level(match["rest"]).strip(), value, text, column)
    return -value if match["sign"] in ("-", "−") else value


def _check_rest(rest: str, value: float, text: str, column: Column) -> None:
    """Refuse what follows a number and says something else: "7 (ocho)", "3/5", "35 cm" in a column of metres."""
    if not rest or (column.kind == Kind.INTEGER and _ORDINAL.fullmatch(rest)):
        return
    if _UNIT.fullmatch(rest):
        _check_unit(rest.rstrip("."), column)
        return
    again = _SAID_AGAIN.fullmatch(rest)
    said = number_words.value(again["words"]) if again else None
    if said is None:
        raise _no_number(text)
    if said != value:
        raise BadValue(
            _("«%(text)s» dice un número en cifras y otro en letras.") % {"text": plain.quoted(text)}
        )


def _check_unit(unit: str, column: Column) -> None:
    named = {_SAME_UNIT.get(each, each) for each in _words(column) if each in _MEASURED}
    if unit in _MEASURED and named and _SAME_UNIT.get(unit, unit) not in named:
        raise BadValue(
            _("El número está en %(unit)s y la columna en %(named)s.")
            % {"unit": unit, "named": ", ".join(sorted(named))}
        )


def _words(column: Column) -> list[str]:
    return re.findall(r"[^\W_]+", fold(f"{column.name} {column.meaning}"))


def _in_words(folded: str) -> int | float:
    said = number_words.value(_UNIT_BEHIND.sub("", folded.rstrip(".")))
    if said is None:
        raise _no_number(folded)
    return said


def _decimal(digits: str) -> int | float | None:
    """Return a number whose last separator is of decimals, unless it stands more than once."""
    last = max(digits.rfind("."), digits.rfind(","))
    if last < 0:
        return int(digits)
    mark = digits[last]
    other = "," if mark == "." else "."
    whole = digits[:last]
    if mark in whole:
        groups = _GROUPS.fullmatch(digits) is not None and other not in digits
        return int(digits.replace(mark, "")) if groups else None
    if other in whole:
        if not _GROUPS.fullmatch(whole):
            return None
        whole = whole.replace(other, "")
    return float(Decimal(f"{whole}.{digits[last + 1 :]}"))


def _tidy(value: float) -> int | float:
    return int(value) if value == int(value) else float(value)


def _no_number(text: str) -> BadValue:
    return BadValue(
        _("«%(text)s» no es un número: se espera uno como 7, 7,50 o «siete».") % {"text": plain.quoted(text)}
    )
