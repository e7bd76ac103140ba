"""Documents of identity, tax numbers and bank accounts, by their form and their check digits."""

import re
from collections.abc import Callable, Iterator, Sequence

from stdnum import iban
from stdnum.ar import cbu, cuit
from stdnum.cl import rut
from stdnum.es import nie, nif
from stdnum.mx import curp

from documents.personal_data import names
from documents.personal_data.kinds import Finding, Kind, hide
from engines.spanish import fold

# A run of digits and what people put between them; one class, so it is read once.
_RUN = re.compile(r"[(+]?\d[\d.\-–/ ()]{5,}")
_NUMBER = re.compile(
    r"(?P<cuit>\d{2}[- ]\d{8}[- ]\d|\d{2}-\d{1,2}\.\d{3}\.\d{3}-\d)"
    r"|(?P<checked>\d{1,2}\.\d{3}\.\d{3}-[\dkK])"
    r"|(?P<nif>(?:\d{8}|\d{2}\.\d{3}\.\d{3})-?[A-Z])"
    r"|(?P<nie>[XYZ]-?\d{7}-?[A-Z])"
    r"|(?P<bare>\d{7,8}-[\dkK])"
    r"|(?P<dotted>\d{1,2}\.\d{3}\.\d{3})"
    r"|(?P<account>\d{22}|\d{8}[ -]\d{14}|\d{18}|\d{3} \d{3} \d{11} \d)"
    r"|(?P<eleven>\d{11})"
    r"|(?P<plain>\d{6,10})"
)
# Both begin with capitals and go on with digits: most texts have no such thing.
_LETTERS_THEN_DIGITS = re.compile(r"[A-Z]{2}\d{2}")
_CURP = re.compile(r"\b[A-Z]{4}\d{6}[A-Z]{6}[A-Z\d]\d\b")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2} ?[A-Z\d]{4} ?[A-Z\d]{4}[A-Z\d ]{0,28}")

# Words before a number that say what it is; read in the little that stands before it.
BEFORE_CHARS = 30
_DNI_WORD = re.compile(
    r"(?<![a-z])(?:d\.? ?n\.? ?i|dnis|documentos?|doc|d\.? ?u|l\. ?[ec])(?![a-z])[^\d\n]{0,20}$"
)
_CI_WORD = re.compile(r"(?<![a-z])(?:c\.? ?[ic]|cedulas?|tarjeta de identidad)(?![a-z])[^\d\n]{0,20}$")
_TAX_WORD = re.compile(r"(?<![a-z])(?:cui[tl]s?|c\.u\.i\.[tl])(?![a-z])[^\d\n]{0,16}$")
_RUT_WORD = re.compile(r"(?<![a-z])(?:ru[tn]s?|r\.u\.[tn])(?![a-z])[^\d\n]{0,12}$")
_MONEY = re.compile(r"(?:[$€]|us[sd]|ars|clp|cop|pesos?|total|importe|monto)[^\w\n]{0,4}$")
_COUNTED = re.compile(
    r"\s{0,2}(?:pesos?|habitantes|personas|dolares|euros|guaranies|%|millones|m2|km|has\b|hectareas|ejemplares)"
)
# No number of these is a document: of laws, files, schools.
_NO_PERSON = re.compile(
    r"(?<![a-z])(?:ley|leyes|decreto|dto|resolucion|res|expediente|expte|exp|disposicion|acuerdo|cue|cueanexo|clave|"
    r"factura|recibo|remito|orden|partida|matricula|isbn|issn|poliza|inventario|serie|articulo|art|pag|pagina|cuenta"
    r"|nomenclatura|catastral)(?![a-z])[^\d\n]{0,14}$"
)

_PERSONAL_CUIT = ("20", "23", "24", "25", "26", "27")
_COMPANIES_FROM = 50_000_000  # a Chilean RUT from here on is a company's


def runs_of(text: str) -> list[tuple[int, int]]:
    """Return where digits stand that could be a number of anything looked for here, or a telephone."""
    return [match.span() for match in _RUN.finditer(text)]


def find(text: str, runs: Sequence[tuple[int, int]], *, most: int) -> list[Finding]:
    """Return numbers that are of a person, or of an account; at most so many."""
    found: list[Finding] = []
    for start, end in runs:
        for each in _in_run(text, max(0, start - 2), min(len(text), end + 2)):
            found.append(each)
            if len(found) == most:
                return found
    if not _LETTERS_THEN_DIGITS.search(text):
        return found
    found += _by_letters(text, _CURP, Kind.CURP, curp.is_valid, most=most)
    found += _accounts(text, most=most)
    return found


def _in_run(text: str, first: int, last: int) -> Iterator[Finding]:
    for match in _NUMBER.finditer(text, first, last):
        start, end = match.span()
        if _goes_on(text, start, end):
            continue
        kind = _kind(text, match.lastgroup or "", match[0], start, end)
        if kind is not None:
            yield Finding(kind, start, end, hide(match[0]))


def _goes_on(text: str, start: int, end: int) -> bool:
    """Say whether a number is only a part of a longer number or word."""
    before, after = text[max(0, start - 2) : start], text[end : end + 2]
    if before[-1:].isalnum() or (before[-1:] in (".", ",", "/", "-") and before[:1].isdigit()):
        return True
    return after[:1].isalnum() or (after[:1] in (".", ",", "/", "-") and after[1:].isdigit())


def _kind(text: str, form: str, value: str, start: int, end: int) -> Kind | None:
    before = fold(text[max(0, start - BEFORE_CHARS) : start])
    match form:
        case "cuit":
            return Kind.CUIT if _is_cuit(value) else None
        case "eleven":
            return Kind.CUIT if _TAX_WORD.search(before) and _is_cuit(value) else None
        case "checked":
            return _checked(value, before)
        case "bare":
            said = _RUT_WORD.search(before) or _CI_WORD.search(before)
            return _checked(value, before) if said else None
        case "nif":
            return Kind.NIF if nif.is_valid(value.replace(".", "")) else None
        case "nie":
            return Kind.NIF if nie.is_valid(value) else None
        case "account":
            digits = re.sub(r"\D", "", value)
            return Kind.ACCOUNT if (cbu.is_valid(digits) or _is_clabe(digits)) else None
        case "dotted":
            return _dotted(text, value, before, start, end)
    if not 7 <= len(value) <= 8:
        return Kind.CI if _CI_WORD.search(before) else None
    if _DNI_WORD.search(before):
        return Kind.DNI
    return Kind.CI if _CI_WORD.search(before) else None


def _dotted(text: str, value: str, before: str, start: int, end: int) -> Kind | None:
    """Tell a document from an amount: the word before it, or a person's name on its line."""
    if _DNI_WORD.search(before):
        return Kind.DNI
    if _CI_WORD.search(before):
        return Kind.CI
    if _MONEY.search(before) or _NO_PERSON.search(before) or _COUNTED.match(fold(text[end : end + 16])):
        return None
    if not int(value.replace(".", "")) >= 1_000_000:
        return None
    return Kind.DNI if names.on_line(text, start, end) else None


def _checked(value: str, before: str) -> Kind | None:
    """Tell a Chilean RUT from a Uruguayan cédula: both are a number and a digit that checks it."""
    digits = re.sub(r"[^\dkK]", "", value)
    is_rut = rut.is_valid(digits) and int(digits[:-1]) < _COMPANIES_FROM
    is_ci = _is_ci(digits)
    if is_ci and (not is_rut or _CI_WORD.search(before)):
        return Kind.CI
    return Kind.RUT if is_rut else None


def _is_cuit(value: str) -> bool:
    digits = re.sub(r"\D", "", value)
    return digits.startswith(_PERSONAL_CUIT) and cuit.is_valid(digits)


def _is_ci(digits: str) -> bool:
    """Check a Uruguayan cédula: weights 2 9 8 7 6 3 4, modulo 10."""
    if not digits.isdigit() or not 7 <= len(digits) <= 8:
        return False
    padded = digits.zfill(8)
    total = sum(int(digit) * weight for digit, weight in zip(padded, (2, 9, 8, 7, 6, 3, 4), strict=False))
    return -total % 10 == int(padded[7])


def _is_clabe(digits: str) -> bool:
    """Check a Mexican CLABE: weights 3 7 1, each product modulo 10, modulo 10."""
    if len(digits) != 18 or digits == "0" * 18:
        return False
    total = sum(int(digit) * (3, 7, 1)[index % 3] % 10 for index, digit in enumerate(digits[:17]))
    return -total % 10 == int(digits[17])


def _by_letters(
    text: str, form: re.Pattern[str], kind: Kind, is_valid: Callable[[str], bool], *, most: int
) -> Iterator[Finding]:
    for number, match in enumerate(form.finditer(text)):
        if number == most:
            return
        if is_valid(match[0]):
            yield Finding(kind, *match.span(), hide(match[0]))


def _accounts(text: str, *, most: int) -> Iterator[Finding]:
    """Yield IBANs: of what could be one, the longest beginning whose check digits are right."""
    for number, match in enumerate(_IBAN.finditer(text)):
        if number == most:
            return
        words = match[0].rstrip().split(" ")
        for count in range(len(words), 0, -1):
            value = " ".join(words[:count])
            if iban.is_valid(value.replace(" ", "")):
                yield Finding(Kind.ACCOUNT, match.start(), match.start() + len(value), hide(value, first=4))
                break
