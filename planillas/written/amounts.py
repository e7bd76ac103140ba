"""Amounts of money: "$ 1.234,50", "US$ 10", "1.234,50 €", "Q 25.00"."""

import re
from collections.abc import Iterator

from django.utils.translation import gettext as _

from engines.spanish import fold
from planillas.columns import Column
from planillas.written import BadValue, numbers, plain

_PESOS = ("ARS", "CLP", "COP", "CUP", "DOP", "MXN", "UYU")
# What a sign may stand for; "$" is pesos or dollars as the country has them.
_SIGNS: dict[str, tuple[str, ...]] = {
    "us$": ("USD",), "u$s": ("USD",), "u$d": ("USD",), "usd$": ("USD",), "dolares": ("USD",), "dolar": ("USD",),
    "€": ("EUR",), "euros": ("EUR",), "euro": ("EUR",), "s/.": ("PEN",), "s/": ("PEN",), "soles": ("PEN",),
    "q": ("GTQ",), "q.": ("GTQ",), "quetzales": ("GTQ",), "bs": ("BOB", "VES"), "bs.": ("BOB", "VES"),
    "bolivianos": ("BOB",), "bolivares": ("VES",), "₡": ("CRC",), "colones": ("CRC",), "l": ("HNL",), "l.": ("HNL",),
    "lempiras": ("HNL",), "c$": ("NIO",), "cordobas": ("NIO",), "₲": ("PYG",), "gs": ("PYG",), "gs.": ("PYG",),
    "guaranies": ("PYG",), "rd$": ("DOP",), "b/.": ("PAB",), "b/": ("PAB",), "balboas": ("PAB",), "ar$": ("ARS",),
    "mx$": ("MXN",), "col$": ("COP",), "$u": ("UYU",), "uyu$": ("UYU",), "m.n.": ("MXN",), "mn": ("MXN",),
    "$": (*_PESOS, "USD", "NIO"), "pesos": _PESOS, "peso": _PESOS,
}  # fmt: skip
_CODES = frozenset(
    (*_PESOS, "USD", "EUR", "PEN", "GTQ", "BOB", "VES", "CRC", "HNL", "NIO", "PYG", "PAB", "BRL", "GBP")
)
_SHOWN = dict.fromkeys(_PESOS, "$")
_SHOWN |= {
    "USD": "US$", "PEN": "S/", "GTQ": "Q", "BOB": "Bs", "CRC": "₡", "HNL": "L", "NIO": "C$", "PYG": "₲"
}  # fmt: skip
_WHOLE = ("CLP", "PYG")  # have no cents

_SIGN = "|".join(sorted((*map(re.escape, _SIGNS), *(code.lower() for code in _CODES)), key=len, reverse=True))
_AMOUNT = re.compile(
    rf"(?P<minus>[-−])?\s?(?P<before>{_SIGN})?\s{{0,3}}(?P<minus2>[-−])?(?P<digits>{numbers.DIGITS})"
    rf"(?:[.,]\s?[-–—]+)?\s{{0,3}}(?P<after>{_SIGN})?\.?"
)
_SPOT = re.compile(
    rf"(?<![\w.,/:$-])(?P<minus>[-−])?(?:(?P<before>{_SIGN})\s{{0,3}})?(?P<digits>{numbers.DIGITS})"
    rf"(?=(?:[.,]\s?-)?\s{{0,3}}(?P<after>(?:{_SIGN})(?![^\W_]))?)(?![\w/:]|[.,]\d|-\d)"
)


def read(text: str, column: Column) -> int | float:
    """Return the amount that a text says in the column's currency."""
    tidy = plain.line(text)
    match = _AMOUNT.fullmatch(plain.level(tidy))
    value = numbers.amount(match["digits"]) if match else None
    if match is None or value is None:
        raise BadValue(
            _("«%(text)s» no es un importe: se espera uno como %(example)s.")
            % {"text": plain.quoted(tidy), "example": show(1234.5, column)}
        )
    _check_currency([each for each in (match["before"], match["after"]) if each], tidy, column)
    return numbers.accept(-value if match["minus"] or match["minus2"] else value, column)


def show(value: float, column: Column) -> str:
    """Return an amount with the sign of its currency, thousands by points and two decimals."""
    whole = column.currency in _WHOLE and value == int(value)
    digits = f"{abs(value):,.{0 if whole else 2}f}".translate(str.maketrans(",.", ".,"))
    minus = "-" if value < 0 else ""
    if column.currency == "EUR":
        return f"{minus}{digits} €"
    sign = _SHOWN.get(column.currency, column.currency)
    return f"{minus}{sign} {digits}" if sign else f"{minus}{digits}"


def spot(text: str, column: Column) -> Iterator[tuple[int, int, int | float]]:
    """Yield the amounts of a text that are, or may be, in the column's currency."""
    for match in _SPOT.finditer(plain.level(text)):
        signs = [each for each in (match["before"], match["after"]) if each]
        value = numbers.amount(match["digits"])
        if value is not None and round(value, 2) == value and _may_be(signs, column):
            yield match.start(), match.end(), -value if match["minus"] else value


def _may_be(signs: list[str], column: Column) -> bool:
    return not column.currency or all(column.currency in _currencies(sign) for sign in signs)


def _check_currency(signs: list[str], text: str, column: Column) -> None:
    if not _may_be(signs, column):
        raise BadValue(
            _("«%(text)s» está en otra moneda: la columna es en %(currency)s.")
            % {"text": plain.quoted(text), "currency": column.currency}
        )


def _currencies(sign: str) -> tuple[str, ...]:
    folded = fold(sign)
    return _SIGNS.get(folded) or (folded.upper(),)
