"""Numbers in words: "siete", "treinta y uno", "dos mil catorce", "siete con cincuenta"."""

import re

_SMALL = (
    "cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce", "trece",
    "catorce", "quince", "dieciseis", "diecisiete", "dieciocho", "diecinueve", "veinte", "veintiuno", "veintidos",
    "veintitres", "veinticuatro", "veinticinco", "veintiseis", "veintisiete", "veintiocho", "veintinueve",
)  # fmt: skip
_TENS = {
    "treinta": 30, "cuarenta": 40, "cincuenta": 50, "sesenta": 60, "setenta": 70, "ochenta": 80, "noventa": 90,
}  # fmt: skip
_HUNDREDS = {
    "cien": 100, "ciento": 100, "doscientos": 200, "trescientos": 300, "cuatrocientos": 400, "quinientos": 500,
    "seiscientos": 600, "setecientos": 700, "ochocientos": 800, "novecientos": 900,
}  # fmt: skip
_ONES = {word: value for value, word in enumerate(_SMALL)}
_ONES |= {"un": 1, "una": 1, "veintiun": 21, "veintiuna": 21, "primero": 1}
_VALUES = _ONES | _TENS | _HUNDREDS
_VALUES |= {name[:-2] + "as": value for name, value in _HUNDREDS.items() if name.endswith("os")}
_WORD = "(?:" + "|".join(sorted((*_VALUES, "mil"), key=len, reverse=True)) + ")"
RUN = re.compile(rf"(?<![^\W_]){_WORD}(?:\s+(?:y\s+|con\s+)?{_WORD}){{0,8}}(?![^\W_])")
"""Words of numbers that stand together in a leveled text."""

_HUNDREDTHS = re.compile(r"(\d{1,2})/100")  # "siete con 50/100"
_MOST_WORDS = 12


def value(folded: str) -> int | float | None:
    """Return the number that folded words say, decimals after "con"; None when they say none."""
    whole, con, decimals = " ".join(folded.split()).partition(" con ")
    said = _whole(whole)
    if said is None or not con:
        return said
    if hundredths := _HUNDREDTHS.fullmatch(decimals):
        return said + int(hundredths[1]) / 100
    cents = _whole(decimals.removesuffix(" centesimos").removesuffix(" centavos"))
    # "Con cinco" may be five tenths or five hundredths.
    if cents is None or not (10 <= cents < 100):
        return None
    return said + cents / 100


def _whole(folded: str) -> int | None:
    words = folded.split()
    if not words or len(words) > _MOST_WORDS:
        return None
    if "mil" in words:
        at = words.index("mil")
        thousands = _below_thousand(words[:at]) if at else 1
        rest = _below_thousand(words[at + 1 :]) if words[at + 1 :] else 0
        return None if thousands is None or rest is None or not thousands else thousands * 1_000 + rest
    return _below_thousand(words)


def _below_thousand(words: list[str]) -> int | None:
    total, scale = 0, 1_000
    for index, word in enumerate(words):
        if word == "y":
            if (
                not 0 < index < len(words) - 1
                or words[index - 1] not in _TENS
                or words[index + 1] not in _ONES
            ):
                return None
            continue
        each = _VALUES.get(word)
        if each is None:
            return None
        size = 100 if each >= 100 else 10 if word in _TENS else 1
        joined = index > 0 and words[index - 1] == "y"
        if size >= scale or (size == 1 and scale == 10 and not (joined and 0 < each < 10)):
            return None
        total, scale = total + each, size
    return total if words else None
