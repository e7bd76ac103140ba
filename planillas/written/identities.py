"""Documents of identity by their number: DNI, CUIT and CUIL, RUT, CURP, NIF and NIE, with their check digits.

Kept as each is written: 40123456, 20-12345678-6, 12.345.678-5, HEGG560427MVZRRL04, 12345678Z. ANY takes others of
the region too: a Uruguayan or Dominican cédula, a CUI of Guatemala, a DNI of Honduras, a cédula of Venezuela, and
numbers of 6 to 10 digits, which many countries have without a check digit.
"""

import re
from collections.abc import Callable, Iterator

from django.utils.translation import gettext as _
from stdnum.ar import cuit
from stdnum.cl import rut
from stdnum.do import cedula as dominican
from stdnum.es import dni as spanish_dni
from stdnum.es import nie, nif
from stdnum.mx import curp

from planillas.columns import Column, Identity
from planillas.written import BadValue, plain

_LABEL = re.compile(
    r"^(?:(?:d\.?\s?n\.?\s?i|d\.?\s?u|l\.?\s?[ec]|c\.?\s?[ic]|c\.?u\.?i\.?[tl]?|dpi|cuit/cuil|r\.?u\.?[tn]|curp|n\.?i\.?[fe]"
    r"|t\.?i|documento|doc|cedula)(?:\b|(?=\d))\.?\s{0,2})?(?:n\.?\s?[º°ro]{1,2}\.?\s?|num\.?\s|#)?\s?[:.]?\s{0,2}",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[\s.\-–−/·]")
_SHAPE = re.compile(
    r"[A-Za-z]{0,4}[\d.\-–−/ ]{4,20}[A-Za-z]{0,6}\d?\d?|[A-Za-z]{4}\d{6}[A-Za-z]{6}[A-Za-z\d]\d"
)
_SPOT = re.compile(
    r"(?<![\w.,/-])(?:[A-Za-z]{4}\d{6}[A-Za-z]{6}[A-Za-z\d]\d|[XYZxyz][-. ]?\d{7}[-. ]?[A-Za-z]"
    r"|\d{4}[- ]\d{5}[- ]\d{4}|\d{4}-\d{4}-\d{5}|\d{3}-\d{7}-\d|[VE]- ?\d{1,2}\.?\d{3}\.?\d{3}|\d{13}"
    r"|\d{2}[- ]\d{2}\.?\d{3}\.?\d{3}[- ]\d"
    r"|\d{1,2}(?P<mark>[. ])\d{3}(?P=mark)\d{3}(?:[- ]?[\dkKA-Za-z])?|\d{6,11}(?:[- ]?[kKA-Za-z]|-\d)?)"
    r"(?!\w|[.,/-]\d)"
)
_VENEZUELAN = re.compile(r"[VEve][-–] ?\d{1,2}\.?\d{3}\.?\d{3}")  # without the dash it may be a passport
_DNI_DIGITS = (7, 8)
_ANY_DIGITS = range(6, 11)
_CUIT_DIGITS = 11
_CUI_DIGITS = 13


def read(text: str, column: Column) -> str:
    """Return the number of a document as that document has it."""
    tidy = plain.line(text)
    bare = _LABEL.sub("", tidy, count=1).strip().rstrip(".")
    compact = _BETWEEN.sub("", bare).upper()
    if not _SHAPE.fullmatch(bare) or not compact.isascii():
        raise _bad(column.identity, tidy)
    value = _READERS[column.identity](compact, bare)
    if value is None:
        raise _bad(column.identity, tidy)
    return value


def spot(text: str, column: Column) -> Iterator[tuple[int, int, str]]:
    """Yield the documents of the column's kind that a text names."""
    for match in _SPOT.finditer(text):
        for length in (len(match[0]), len(match[0].rpartition(" ")[0])):
            try:
                value = read(match[0][:length], column) if length else None
            except BadValue:
                continue
            if value is not None:
                yield match.start(), match.start() + length, value
                break


def key(value: str) -> str:
    """Return a document's number without what stands between its digits."""
    return _BETWEEN.sub("", value).upper()


def _dni(compact: str, _bare: str) -> str | None:
    digits = compact.lstrip("0")  # as some programs hand it out
    if compact.isdigit() and len(compact) <= _CUIT_DIGITS and len(digits) in _DNI_DIGITS:
        return digits
    return compact if spanish_dni.is_valid(compact) else None


def _cuit(compact: str, _bare: str) -> str | None:
    return cuit.format(compact) if cuit.is_valid(compact) else None


def _rut(compact: str, _bare: str) -> str | None:
    return rut.format(compact) if rut.is_valid(compact) else None


def _curp(compact: str, _bare: str) -> str | None:
    return compact if curp.is_valid(compact) else None


def _nif(compact: str, _bare: str) -> str | None:
    return compact if nie.is_valid(compact) or nif.is_valid(compact) else None


def _any(compact: str, bare: str) -> str | None:
    """Tell by its form which document it is; one that has check digits must pass them."""
    if compact.isdigit():
        if len(compact) == _CUIT_DIGITS:
            return _cuit(compact, bare) or _dominican(compact)
        if len(compact) == _CUI_DIGITS:
            return _cui(compact) or _honduran(compact)
        if re.fullmatch(r"[\d.]+-\d", bare):
            return _rut(compact, bare) or _cedula(compact)
        return compact if len(compact) in _ANY_DIGITS else None
    if _VENEZUELAN.fullmatch(bare):
        return f"{compact[0]}-{_dotted(compact[1:])}"
    if compact[:-1].isdigit():
        return _rut(compact, bare) if compact.endswith("K") else _nif(compact, bare)
    return _curp(compact, bare) or _nif(compact, bare)


def _cedula(compact: str) -> str | None:
    """Return a Uruguayan cédula as it is written. Weights 2 9 8 7 6 3 4, modulo 10."""
    padded = compact.zfill(8)
    total = sum(int(digit) * weight for digit, weight in zip(padded, (2, 9, 8, 7, 6, 3, 4), strict=False))
    if len(compact) not in _DNI_DIGITS or -total % 10 != int(padded[7]):
        return None
    return f"{_dotted(padded[:7])}-{padded[7]}"


def _dominican(compact: str) -> str | None:
    # No CUIT begins so; a mistaken CUIT may by chance pass this check too.
    return dominican.format(compact) if compact[0] in "04" and dominican.is_valid(compact) else None


def _cui(compact: str) -> str | None:
    """Return a CUI of Guatemala. The first eight digits by 2 to 9, modulo 11; then a department of 22 and its town."""
    total = sum(int(digit) * weight for weight, digit in enumerate(compact[:8], start=2))
    if total % 11 != int(compact[8]) or not (1 <= int(compact[9:11]) <= 22 and int(compact[11:])):
        return None
    return f"{compact[:4]} {compact[4:9]} {compact[9:]}"


def _honduran(compact: str) -> str | None:
    """Return a DNI of Honduras, which has no check digit: a department of 18, a town, the year of birth, a number."""
    is_one = (
        1 <= int(compact[:2]) <= 18 and 1 <= int(compact[2:4]) <= 28 and 1900 <= int(compact[4:8]) <= 2050
    )
    return f"{compact[:4]}-{compact[4:8]}-{compact[8:]}" if is_one else None


def _dotted(digits: str) -> str:
    return f"{int(digits):,}".replace(",", ".")


_READERS: dict[Identity, Callable[[str, str], str | None]] = {
    Identity.DNI: _dni,
    Identity.CUIT: _cuit,
    Identity.RUT: _rut,
    Identity.CURP: _curp,
    Identity.NIF: _nif,
    Identity.ANY: _any,
}


def _bad(identity: Identity, text: str) -> BadValue:
    told = {"text": plain.quoted(text)}
    match identity:
        case Identity.DNI:
            return BadValue(_("«%(text)s» no es un DNI: tiene 7 u 8 cifras, como 40.123.456.") % told)
        case Identity.CUIT:
            return BadValue(
                _(
                    "«%(text)s» no es un CUIT o CUIL: tiene 11 cifras, como 20-12345678-6, y la última debe coincidir."
                )
                % told
            )
        case Identity.RUT:
            return BadValue(
                _("«%(text)s» no es un RUT: se espera uno como 12.345.678-5, con su dígito verificador.")
                % told
            )
        case Identity.CURP:
            return BadValue(
                _("«%(text)s» no es una CURP: tiene 18 letras y cifras, y la última debe coincidir.") % told
            )
        case Identity.NIF:
            return BadValue(
                _(
                    "«%(text)s» no es un NIF ni un NIE: se espera uno como 12345678Z o X1234567L, con su letra."
                )
                % told
            )
        case Identity.ANY:
            return BadValue(
                _("«%(text)s» no es un documento de identidad, o su dígito verificador no coincide.") % told
            )
