"""E-mail addresses and telephones."""

import re
from collections.abc import Iterator

import phonenumbers
from django.utils.translation import gettext as _

from planillas.written import BadValue, plain

_MOST_ADDRESS_CHARS = 254
_ADDRESS = (
    r"[A-Za-z0-9_%+'-]{1,64}(?:\.[A-Za-z0-9_%+'-]{1,64}){0,6}@(?:[A-Za-z0-9-]{1,63}\.){1,5}[A-Za-z]{2,24}"
)
_WHOLE = re.compile(
    rf"(?:[^<>@]{{0,200}}<(?:mailto:)?(?P<named>{_ADDRESS})>|(?:mailto:)?(?P<bare>{_ADDRESS}))"
)
_ADDRESS_SPOT = re.compile(rf"(?<![\w.@%+-]){_ADDRESS}(?![\w@-]|\.\w)")

_LABEL = re.compile(
    r"^(?:tel(?:efono)?s?|cel(?:ular)?|movil|whatsapp|wsp|t\.?\s?e|fijo)\b\.?\s{0,2}[:.]?\s{0,2}",
    re.IGNORECASE,
)
_NUMBER = r"\+?\(?\d{1,5}\)?(?:[ .-]{1,3}\(?\d{1,8}\)?){0,7}|\+?\d{6,15}"
_EXTENSION = r"(?:,?\s{0,2}(?:int(?:erno)?|ext(?:ension)?|anexo)\.?:?\s?\d{1,5})?"
_PHONE = re.compile(rf"(?:{_NUMBER}){_EXTENSION}(?:\s?\([a-z][a-z. ]{{1,30}}\))?")  # "… (madre)"
_PHONE_SPOT = re.compile(rf"(?<![\w.,/$-])(?P<number>{_NUMBER})(?![\w/]|[.,-]\d){_EXTENSION}(?!\w)")
_FEWEST_DIGITS, _MOST_DIGITS = 6, 15
_NO_PHONE = re.compile(
    r"\d{1,2}[-. ]\d{1,2}[-. ](?:19|20)\d{2}|(?:19|20)\d{2}[-. ]\d{1,2}[-. ]\d{1,2}|\d{2}-\d{8}-\d"
)


def read_email(text: str) -> str:
    """Return one e-mail address, its domain in lower case."""
    tidy = plain.line(text)
    match = _WHOLE.fullmatch(tidy.rstrip(".,;"))
    address = (match["named"] or match["bare"]) if match else ""
    if not address or len(address) > _MOST_ADDRESS_CHARS:
        raise BadValue(
            _("«%(text)s» no es un correo electrónico: se espera uno como nombre@escuela.org.")
            % {"text": plain.quoted(tidy)}
        )
    user, _at, domain = address.rpartition("@")
    return f"{user}@{domain.lower()}"


def spot_emails(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield the addresses of a text."""
    for match in _ADDRESS_SPOT.finditer(text) if "@" in text else ():
        yield match.start(), match.end(), read_email(match[0])


def read_phone(text: str) -> str:
    """Return one telephone as it was written; one with its country's code must be possible there."""
    tidy = plain.line(text)
    bare = _LABEL.sub("", plain.level(tidy), count=1)
    written = tidy[len(tidy) - len(bare) :].rstrip(".,;")
    match = _PHONE.fullmatch(plain.level(written))
    number = re.split(r"[,\s(]{0,3}[a-z]", plain.level(written), maxsplit=1)[0]
    if match is None or _NO_PHONE.fullmatch(number) or not _is_phone(number):
        raise BadValue(
            _("«%(text)s» no es un teléfono: se espera uno solo, como 11 4123-4567 o +54 11 4123-4567.")
            % {"text": plain.quoted(tidy)}
        )
    return written


def spot_phones(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield what may be a telephone in a text: other numbers as long may be among them."""
    for match in _PHONE_SPOT.finditer(plain.level(text)):
        if _is_phone(match["number"]) and not _NO_PHONE.fullmatch(match["number"]):
            yield match.start(), match.end(), text[match.start() : match.end()]


def phone_key(value: str) -> str:
    """Return the digits of a telephone, and of what follows it."""
    return re.sub(r"\D", "", value)


def _is_phone(number: str) -> bool:
    if not _FEWEST_DIGITS <= sum(char.isdigit() for char in number) <= _MOST_DIGITS:
        return False
    if not number.startswith("+"):
        return True
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(number, None))
    except phonenumbers.NumberParseException:
        return False
