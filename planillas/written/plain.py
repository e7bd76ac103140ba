"""Text as a cell keeps it, and as two texts are compared."""

import re
import unicodedata
from functools import lru_cache

from django.utils.translation import gettext as _

from engines.spanish import fold
from planillas.written import BadValue, Blank

MOST_CHARS = 2_000
MOST_LONG_CHARS = 20_000

_SHOWN_CHARS = 60
_DITTO = frozenset(("idem", "idem.", "id.", "ditto", '"', "''", "”", "“", "´´", "〃", "»"))
_BLANK_LINES = re.compile(r"\n{3,}")
# What a form or a list has where there is nothing.
_NOTHING = re.compile(
    r"[-–—―_.…*/\s]*|\(?(?:s/d|s\.\s?d\.?|n/d|n/c|n/a|n\.\s?d\.?|sin datos?|sin informacion|no consta|"
    r"no corresponde|no aplica)\)?\.?"
)
# Digits with what stands between them are one token, so that "7.5" does not stand in "7.5.2014".
_TOKEN = re.compile(r"\d+(?:[.,:/-]\d+)*|[^\W_]+")


def read(text: str) -> str:
    """Return a text on one line."""
    return bounded(" ".join(visible(text).split()), MOST_CHARS)


def read_long(text: str) -> str:
    """Return a text with its lines, two blank ones never together."""
    lines = (" ".join(line.split()) for line in visible(text).splitlines())
    return bounded(_BLANK_LINES.sub("\n\n", "\n".join(lines)).strip(), MOST_LONG_CHARS)


def visible(text: str) -> str:
    """Return the text composed, without what no eye sees: control characters and marks that turn its direction."""
    if text.isascii() and text.isprintable():
        return text
    kept = (
        char
        for char in text
        if char.isspace() or unicodedata.category(char) not in ("Cc", "Cf", "Cs") or char == "\n"
    )
    return unicodedata.normalize("NFC", "".join(kept))


def bounded(text: str, most: int) -> str:
    """Return the text; raise Blank where there is none and BadValue where it is too long."""
    if not text:
        raise Blank(_("Falta el valor."))
    if len(text) > most:
        raise BadValue(
            _("El texto tiene %(count)d caracteres y el máximo es %(most)d.")
            % {"count": len(text), "most": most}
        )
    return text


def line(text: str) -> str:
    """Return a text on one line to be read as a value of another kind; raise Blank where it says there is none."""
    tidy = read(text)
    if says_nothing(tidy):
        raise Blank(_("Falta el valor: «%(text)s» dice que no hay.") % {"text": quoted(tidy)})
    return tidy


def says_nothing(text: str) -> bool:
    """Say whether a cell's text only says that there is nothing: "-", "s/d", "……"."""
    return len(text) < _SHOWN_CHARS and _NOTHING.fullmatch(fold(text.strip())) is not None


def is_ditto(text: str) -> bool:
    """Say whether a cell's text stands for what is above it: "ídem"."""
    return fold(text.strip()) in _DITTO


def quoted(text: str) -> str:
    """Return the beginning of what was written, to be named in a refusal."""
    return text if len(text) <= _SHOWN_CHARS else text[: _SHOWN_CHARS - 1].rstrip() + "…"


def tokens(text: str) -> list[str]:
    """Return the words and numbers of a text, folded."""
    return _TOKEN.findall(fold(visible(text)))


def key(text: str) -> str:
    """Return what two texts that say the same share, whatever their case, accents, spaces and points."""
    return " ".join(tokens(text)) or " ".join(fold(text).split())


def stands_in(text: str, whole: str) -> bool:
    """Say whether the words of a text stand together in another."""
    mine = tokens(text)
    if not mine:
        return bool(text.strip()) and key(text) in " ".join(fold(visible(whole)).split())
    return f" {' '.join(mine)} " in f" {' '.join(tokens(whole))} "


def level(text: str) -> str:
    """Return the text in lower case without accents, character for character, so that offsets still hold.

    The marks of ordinals stay as they are: "2º" is not "2o".
    """
    return "".join(map(_leveled, text))


@lru_cache(maxsize=1_024)
def _leveled(char: str) -> str:
    folded = fold(char)
    return folded if len(folded) == 1 and char not in "ºª" else char
