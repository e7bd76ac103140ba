"""Telephone numbers and e-mail addresses."""

import re
from collections.abc import Iterator, Sequence

import phonenumbers

from documents.personal_data.kinds import Finding, Kind, hide, hide_address
from engines.sentences import set_of
from engines.spanish import fold

# Where a school that works in Spanish may be; a number without its country's is tried as one of each.
REGIONS = (
    "AR",
    "UY",
    "CL",
    "MX",
    "ES",
    "CO",
    "PE",
    "PY",
    "BO",
    "EC",
    "VE",
    "GT",
    "CR",
    "SV",
    "HN",
    "NI",
    "PA",
    "DO",
)
_BEFORE_CHARS = 28
_SAID = re.compile(
    r"(?<![a-z])(?:tel|tels|telefonos?|telefonicos?|te|cel|celular(?:es)?|movil|moviles|whatsapp|wsp|pbx|fax"
    r"|llamar al|contacto)(?![a-z])[^\n]{0,18}$"
)
_AREA = re.compile(r"\(0?\d{2,5}\) ?(?:15[ -])?\d{2,4}[ -]\d{4}")
_NUMBER = re.compile(r"\+?\(?\d{1,5}\)?(?:[ .-]{1,2}\(?\d{1,5}\)?){0,6}")
_FEWEST_DIGITS, _MOST_DIGITS = 7, 15

_USER = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._%+-")
_MOST_USER, _MOST_DOMAIN = 64, 100
_DOMAIN = re.compile(r"[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}")
_OFFICES = set_of("""
    secretaria direccion administracion info informes contacto consultas mesa mesadeentradas rrhh personal
    biblioteca preceptoria inspeccion escuela colegio instituto liceo cooperadora admision admisiones inscripciones
    soporte ayuda prensa comunicacion comunicaciones web webmaster noreply no-reply mail correo oficina tesoreria
    vicedireccion regencia jefatura supervision ventas privacidad atencion recepcion hola
""")


def find(text: str, runs: Sequence[tuple[int, int]], *, taken: Sequence[Finding], most: int) -> list[Finding]:
    """Return telephones and addresses; at most so many. `runs`: of digits; `taken`: numbers of something else."""
    found = list(_addresses(text, most))
    spans = sorted((each.start, each.end) for each in taken)
    at = 0
    for first, last in runs:
        while at < len(spans) and spans[at][1] <= first:
            at += 1
        if at < len(spans) and spans[at][0] < last:
            continue  # a document's number; what stands beside it in one run is left
        found += _in_run(text, first, last)
        if len(found) >= most:
            break
    return found


def _in_run(text: str, first: int, last: int) -> Iterator[Finding]:
    said = bool(_SAID.search(fold(text[max(0, first - _BEFORE_CHARS) : first])))
    for match in _NUMBER.finditer(text, first, last):
        value = match[0].rstrip(" .-(")
        digits = sum(char.isdigit() for char in value)
        if not _FEWEST_DIGITS <= digits <= _MOST_DIGITS or _is_part(text, *match.span()):
            continue
        if value.startswith("+"):
            is_phone = _is_number(value, None)
        elif said:
            # Numbers of our own invention in examples are possible without being given to anybody.
            is_phone = any(_is_possible(value, region) for region in REGIONS[:6])
        else:
            is_phone = bool(_AREA.fullmatch(value))
        if is_phone:
            yield Finding(Kind.PHONE, match.start(), match.start() + len(value), hide(value))


def _is_part(text: str, start: int, end: int) -> bool:
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    return before.isalnum() or before in ("/", "$", ".", ",") or after.isalpha() or after in ("/", "%")


def _is_number(value: str, region: str | None) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(value, region))
    except phonenumbers.NumberParseException:
        return False


def _is_possible(value: str, region: str) -> bool:
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(value, region))
    except phonenumbers.NumberParseException:
        return False


def _addresses(text: str, most: int) -> Iterator[Finding]:
    """Yield e-mail addresses: read to both sides of each "@", no further than one may be long."""
    at, count = text.find("@"), 0
    while at >= 0 and count < most:
        start = at
        while start > 0 and at - start < _MOST_USER and text[start - 1] in _USER:
            start -= 1
        match = _DOMAIN.match(text, at + 1, at + 1 + _MOST_DOMAIN)
        if start < at and match is not None:
            value = text[start : match.end()].lstrip(".")
            user = fold(value.partition("@")[0])
            kind = Kind.ROLE_EMAIL if _is_office(user) else Kind.EMAIL
            yield Finding(kind, match.end() - len(value), match.end(), hide_address(value))
            count += 1
        at = text.find("@", at + 1)


def _is_office(user: str) -> bool:
    return any(part in _OFFICES for part in re.split(r"[._+\-\d]+", user))
