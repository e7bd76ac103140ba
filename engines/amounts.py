"""Money in words: exact for programs, short for people."""

from decimal import ROUND_HALF_UP, Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext as _

MILLION = Decimal(1_000_000)
_SIGNS = {
    "USD": "US$", "EUR": "€", "ARS": "$", "CLP": "$", "COP": "$", "MXN": "$", "UYU": "$U", "PYG": "₲", "BOB": "Bs",
    "PEN": "S/", "GTQ": "Q", "CRC": "₡", "DOP": "RD$", "HNL": "L", "NIO": "C$", "BRL": "R$",
}  # fmt: skip
_MOST_PLACES = 6


def exact(amount_u: int) -> str:
    """Return millionths as the decimal that they are: `1234500` becomes `1.2345`, `2000000` becomes `2.00`."""
    text = f"{Decimal(amount_u) / MILLION:.6f}"
    whole, _point, rest = text.partition(".")
    return f"{whole}.{rest.rstrip('0').ljust(2, '0')}"


def to_json(amount_u: int, currency: str) -> dict[str, str]:
    """Return an amount as programs are told it."""
    return {"amount": exact(amount_u), "currency": currency}


def say(amount_u: int, currency: str) -> str:
    """Return an amount for people: two places, more where there would be nothing to see but zeros."""
    return f"{sign(currency)} {number(amount_u)}"


def number(amount_u: int) -> str:
    """Return an amount for people, without its currency."""
    value = Decimal(amount_u) / MILLION
    places = 2
    if value and abs(value) < Decimal("0.1"):
        # Two figures that are none of them a leading zero.
        places = min(_MOST_PLACES, 1 - value.adjusted())
    rounded = value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    if not rounded and value:
        return _("menos de %s") % number_format(Decimal("0.000001"), use_l10n=True)
    return number_format(rounded, decimal_pos=places, use_l10n=True, force_grouping=True)


def sign(currency: str) -> str:
    """Return what stands before an amount; a currency without a sign of its own goes by its letters."""
    return _SIGNS.get(currency, currency)
