"""What can be found of a person in a text, and how it is shown without telling it."""

import re
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a place in a text tells of somebody."""

    DNI = "dni"  # a national document by its number alone: Argentina, Perú
    CI = "ci"  # cédula: Uruguay by its check digit, others beside the word
    CUIT = "cuit"  # CUIT or CUIL of a person
    RUT = "rut"
    CURP = "curp"
    NIF = "nif"  # NIF or NIE
    ACCOUNT = "account"  # IBAN, CBU or CLABE
    PHONE = "phone"
    EMAIL = "email"
    ROLE_EMAIL = "role_email"  # of an office: secretaria@…
    HEALTH = "health"  # beside a person
    PUPIL_HEALTH = "pupil_health"  # beside a pupil
    PUPIL = "pupil"  # a pupil told by name, initials or document
    PUPIL_BIRTH = "pupil_birth"  # the birth of a minor
    BIRTH = "birth"
    PUPIL_ROW = "pupil_row"  # a line of a list of pupils
    PERSON_ROW = "person_row"  # a line of a list of people
    PUPIL_PAPER = "pupil_paper"  # the name of a paper about pupils: «nómina de alumnos»


IDENTIFIERS = frozenset({Kind.DNI, Kind.CI, Kind.CUIT, Kind.RUT, Kind.CURP, Kind.NIF})

_WORD = re.compile(r"\w+")
_HIDDEN = "•"


@dataclass(frozen=True, slots=True)
class Finding:
    """One place: characters of the text, and what may be shown of them."""

    kind: Kind
    start: int
    end: int
    masked: str


def lower(text: str) -> str:
    """Return the text in lower case, every character at its place."""
    low = text.lower()
    if len(low) == len(text):
        return low
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in text)


def hide(value: str, *, first: int = 2, last: int = 2) -> str:
    """Return a value with its letters and digits hidden but for the first and the last ones.

    A short value keeps fewer, so that more than half of it is always hidden.
    """
    at = [index for index, char in enumerate(value) if char.isalnum()]
    while first + last > len(at) // 2:
        first, last = max(0, first - 1), max(0, last - 1)
    shown = {*at[:first], *(at[-last:] if last else [])}
    return "".join(
        char if index in shown or not char.isalnum() else _HIDDEN for index, char in enumerate(value)
    )


def hide_words(text: str) -> str:
    """Return a name as its initials."""
    return _WORD.sub(lambda match: f"{match[0][0]}{_HIDDEN * 3}", " ".join(text.split()))[:60]


def hide_address(address: str) -> str:
    """Return an e-mail address by its first letter and its domain."""
    user, _, domain = address.partition("@")
    return f"{user[:1]}{_HIDDEN * 3}@{domain}"
