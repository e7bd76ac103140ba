"""Letters of symbol fonts: what a reader sees where the file holds a code of Symbol or Wingdings."""

_PRIVATE = 0xF000
_WINGDINGS = {
    0x4A: "☺", 0x6C: "●", 0x6E: "■", 0x6F: "□", 0x71: "❑", 0x75: "◆", 0x76: "❖", 0xA7: "▪", 0xA8: "☐", 0xB7: "•",
    0xD8: "➢", 0xDF: "←", 0xE0: "→", 0xE1: "↑", 0xE2: "↓", 0xE8: "➔", 0xF0: "⇨", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒",
    0xFE: "☑", 0x28: "☎", 0x2A: "✉", 0x32: "📄", 0x3F: "✍",
}  # fmt: skip
_WINGDINGS_2 = {0x4F: "✗", 0x50: "✓", 0x51: "☒", 0x52: "☑", 0xA3: "☐", 0x2A: "□"}
_SYMBOL = {
    **dict(zip(range(0x61, 0x7B), "αβχδεφγηιϕκλμνοπθρστυϖωξψζ", strict=True)),
    **dict(zip(range(0x41, 0x5B), "ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ", strict=True)),
    0xA3: "≤", 0xA5: "∞", 0xAB: "↔", 0xAC: "←", 0xAD: "↑", 0xAE: "→", 0xAF: "↓", 0xB0: "°", 0xB1: "±", 0xB2: "″",
    0xB3: "≥", 0xB4: "×", 0xB5: "∝", 0xB7: "•", 0xB8: "÷", 0xB9: "≠", 0xBA: "≡", 0xBB: "≈", 0xC6: "∅", 0xC7: "∩",
    0xC8: "∪", 0xCC: "⊂", 0xCE: "∈", 0xCF: "∉", 0xD0: "∠", 0xD6: "√", 0xDE: "⇒", 0xDB: "⇔", 0xE5: "∑", 0xF2: "∫",
    0x22: "∀", 0x24: "∃",
}  # fmt: skip
_FONTS = {
    "symbol": _SYMBOL,
    "wingdings": _WINGDINGS,
    "wingdings 2": _WINGDINGS_2,
}
_DIGITS_AND_SIGNS = range(0x20, 0x41)


def of_code(font: str, code: str) -> str:
    """Return the letter of a code such as "F0FC" in a symbol font, "" when it is not known."""
    try:
        number = int(code, 16)
    except ValueError:
        return ""
    return _letter(font, number)


def in_text(text: str) -> str:
    """Return `text` with the letters that were typed in a symbol font, where there are any."""
    if text.isascii() or not any(_PRIVATE <= ord(char) <= _PRIVATE + 0xFF for char in text):
        return text
    # Which font it was is a matter of the run, of styles and of the theme; bullets and ticks are mostly Wingdings.
    return "".join(
        _letter("wingdings", ord(char)) if _PRIVATE <= ord(char) <= _PRIVATE + 0xFF else char for char in text
    )


def _letter(font: str, number: int) -> str:
    known = _FONTS.get(font.strip().lower())
    if known is None:
        return chr(number) if 0x20 <= number < 0xD800 else ""
    code = number - _PRIVATE if _PRIVATE <= number <= _PRIVATE + 0xFF else number
    if code in known:
        return known[code]
    return chr(code) if known is _SYMBOL and code in _DIGITS_AND_SIGNS else ""
