"""Yes or no, one of a column's choices, and several values in one cell."""

import re
from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _

from engines.spanish import fold
from planillas.columns import Column
from planillas.written import BadValue, Blank, boxes, plain

MOST_ITEMS = 100

_YES = frozenset(("si", "s", "x", "v", "yes", "y", "true", "verdadero", "1", *"✓✔☑☒✅", "[x]", "(x)", "[✓]"))
_NO = frozenset(("no", "n", "f", "false", "falso", "0", *"✗✘☐❌", "[]", "()", "[ ]", "( )"))
_SMALL = frozenset(("de", "del", "en", "el", "la", "los", "las", "a", "al"))
_REMARK = re.compile(r"(?<=[^\W\d_])\s?\([^()]*\)\.?$")  # "Sí (celíaca)"
# "Si" without its accent is as often "if": only a whole cell that says so is a yes.
_YES_NO_SPOT = re.compile(r"(?<![^\W_])(?:[sS]í|SÍ|SI|[nN][oO]|[vV]erdadero|[fF]also)(?![^\W_])|[✓✔☑✅✗✘❌]")

_PAIR = re.compile(r"(?P<short>[^\W_]{1,4}|[+✓✔✗-])\s{0,2}(?:=|:|\s[-–—])\s{0,2}(?P<long>.+)")
_ENDING = re.compile(r"(?<=[a-z]{3})[oa]\b")  # "Aprobada" is the choice "Aprobado"
_STRONG = re.compile(r"[;\n]")
_WEAK = re.compile(r",(?!\d)|(?<!\d),|(?<!\d)\s?/\s?|\s/\s|\s+[ye]\s+(?=\S)")
_BULLET = re.compile(r"^(?:[-–—•·*▪◦]+\s+|\(?(?:\d{1,2}[.)]|[a-z]\))\s+)")


def read_yes_no(text: str) -> bool:
    """Return whether a text says yes."""
    tidy = _ticked(plain.read(text))
    folded = _REMARK.sub("", fold(tidy)).rstrip(".").strip()
    if folded in _YES:
        return True
    if folded in _NO:
        return False
    plain.line(text)
    raise BadValue(_("«%(text)s» no es sí ni no.") % {"text": plain.quoted(tidy)})


def spot_yes_no(text: str) -> Iterator[tuple[int, int, bool]]:
    """Yield where a text says yes or no by themselves."""
    try:
        yield 0, len(text), read_yes_no(text)
    except BadValue:
        for match in _YES_NO_SPOT.finditer("" if boxes.has(text) else text):
            yield match.start(), match.end(), read_yes_no(match[0])


def read_choice(text: str, column: Column) -> str:
    """Return the one of the column's choices that a text names: whole, by its short form or by how it begins."""
    tidy = _ticked(plain.read(text))
    for matches in (tidy.__eq__, lambda choice: plain.key(choice) == plain.key(tidy)):
        for choice in column.choices:
            if matches(choice):
                return choice
    wanted = plain.key(tidy.strip("\"'«»“”()[] ")) or fold(tidy)
    named = [each for each in column.choices if wanted in map(plain.key, parts(each))]
    if len(named) == 1:
        return named[0]
    begun = [
        each for each in column.choices if any(plain.key(part).startswith(wanted) for part in parts(each))
    ]
    if len(begun) == 1 and any(char.isalnum() for char in wanted):
        return begun[0]
    gendered = [
        each
        for each in column.choices
        if _ENDING.sub("", plain.key(parts(each)[-1])) == _ENDING.sub("", wanted)
    ]
    if len(gendered) == 1:
        return gendered[0]
    lacking = [each for each in column.choices if _is_short_of(wanted, each)]
    if len(lacking) == 1:
        return lacking[0]
    if (bare := _REMARK.sub("", tidy)) != tidy and bare.strip():
        return read_choice(bare, column)
    plain.line(text)
    raise BadValue(
        _("«%(text)s» no está entre las opciones: %(choices)s.")
        % {"text": plain.quoted(tidy), "choices": plain.quoted(", ".join(column.choices))}
    )


def spot_choice(text: str, column: Column) -> Iterator[tuple[int, int, str]]:
    """Yield where a text names a choice in full; by its short form only where that is all it says."""
    try:
        yield 0, len(text), read_choice(text, column)
        return
    except BadValue:
        leveled = plain.level("" if boxes.has(text) else text)
    for choice in column.choices:
        for name in {parts(choice)[-1], choice}:
            pattern = _ENDING.sub("[oa]", r"[\W_]{1,3}".join(map(re.escape, plain.tokens(name))))
            if pattern:
                for match in re.finditer(rf"(?<![^\W_]){pattern}(?![^\W_])", leveled):
                    yield match.start(), match.end(), choice


def _is_short_of(wanted: str, choice: str) -> bool:
    """Say whether a choice is what is wanted but for a small word: "baja" for "De baja", never "asistió" for "No…"."""
    said, whole = wanted.split(), plain.tokens(choice)
    return bool(said) and set(said) < set(whole) and set(whole) - set(said) <= _SMALL


def _ticked(text: str) -> str:
    """Return what is ticked where a text offers boxes, the text itself where it does not; raise Blank or BadValue."""
    if not boxes.has(text):
        return text
    labels = boxes.ticked(text)
    if labels == []:
        raise Blank(_("Falta el valor: no hay ninguna casilla marcada."))
    if labels is None or len(labels) > 1 or not labels[0]:
        raise BadValue(
            _("«%(text)s»: debe haber una sola casilla marcada, junto a su opción.")
            % {"text": plain.quoted(text)}
        )
    return labels[0]


def parts(choice: str) -> tuple[str, ...]:
    """Return the short and the long form of a choice that is written "P = Presente"; the choice alone otherwise."""
    match = _PAIR.fullmatch(choice)
    return (match["short"], match["long"]) if match else (choice,)


def read_list(text: str) -> list[str]:
    """Return the values of a cell: by lines and semicolons where it has them, else by commas, "/" and "y"."""
    shown = plain.visible(text).strip()
    if plain.says_nothing(shown):
        raise Blank(_("Falta el valor."))
    pieces = _STRONG.split(shown)
    if len(pieces) == 1:
        pieces = _WEAK.split(shown)
    return accept_list(pieces)


def accept_list(items: Sequence[str]) -> list[str]:
    """Return values that came apart, tidied, each once."""
    kept: dict[str, str] = {}
    for item in items:
        tidy = _bare(" ".join(plain.visible(item).replace(";", ",").split()))
        if not plain.says_nothing(tidy):
            kept.setdefault(tidy, plain.bounded(tidy, plain.MOST_CHARS))
    if not kept:
        raise Blank(_("Falta el valor."))
    if len(kept) > MOST_ITEMS:
        raise BadValue(
            _("Son %(count)d valores y el máximo es %(most)d.") % {"count": len(kept), "most": MOST_ITEMS}
        )
    return list(kept.values())


def _bare(item: str) -> str:
    """Return one value without its bullets and the commas around it."""
    while (shorter := _BULLET.sub("", item).strip(", ")) != item:
        item = shorter
    return item


def show_list(items: Sequence[str]) -> str:
    """Return values as they are read again: a single one that would come apart ends with a semicolon."""
    if len(items) == 1 and _WEAK.search(items[0]):
        return f"{items[0]};"
    return "; ".join(items)
