"""Texts that every format can hold and that no program that opens the file runs."""

import re
from functools import lru_cache

from transcription.exports.told import clean

# What a program skips, or a person does not see, before the sign that makes a formula: white space, controls, and
# marks of no width.
_SKIPPED = (
    "[\\s\x00-\x20\x7f-\xa0\xad\u034f\u061c\u180e\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)
# = + - @ as they are, small, of full width, and as a minus.
_SIGN = "[=+\\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212]"
_DANGEROUS = re.compile(f"[\t\r\n]|{_SKIPPED}*{_SIGN}")


def is_dangerous(text: str) -> bool:
    """Say whether a program could take a text for a formula, if it were typed into a cell."""
    return _DANGEROUS.match(text) is not None


def fit(text: str) -> str:
    """Return a text without what no file may hold: controls, half characters, marks that turn a line around."""
    return text if text.isprintable() else clean(text).replace("\r", "\n")


@lru_cache(maxsize=1024)
def one_line(text: str) -> str:
    """Return a text in one line, for names and headers."""
    return " ".join(fit(text).split())
