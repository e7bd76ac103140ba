"""Characters that nobody sees and a program reads: where words could hide, they are taken out first.

Controls, marks of no width, marks that turn a line around, fillers, variation selectors and the "tag" letters, each of
which can carry a whole hidden sentence to an engine.
"""

import re

# Half-open ranges; tab, line feed and the other breaks of a line are white space, not hidden.
_RANGES = (
    (0x00, 0x09), (0x0E, 0x1C), (0x7F, 0x85), (0x86, 0xA0), (0xAD, 0xAE), (0x34F, 0x350), (0x61C, 0x61D),
    (0x115F, 0x1161), (0x17B4, 0x17B6), (0x180B, 0x1810), (0x200B, 0x2010), (0x202A, 0x202F), (0x2060, 0x2070),
    (0x3164, 0x3165), (0xD800, 0xE000), (0xFE00, 0xFE10), (0xFEFF, 0xFF00), (0xFFA0, 0xFFA1), (0xFFF0, 0xFFFC),
    (0xFFFE, 0x10000), (0x1BCA0, 0x1BCA4), (0x1D173, 0x1D17B), (0xE0000, 0xE1000),
)  # fmt: skip
CODES = frozenset(code for first, after in _RANGES for code in range(first, after))
_UNSEEN = re.compile("[" + "".join(f"\\U{first:08x}-\\U{after - 1:08x}" for first, after in _RANGES) + "]")
_PRIVATE = re.compile("[\ue000-\uf8ff\U000f0000-\U0010ffff]")


def strip(text: str) -> str:
    """Return the text without what cannot be seen."""
    return text if text.isascii() and text.isprintable() else _UNSEEN.sub("", text)


def strip_all(text: str) -> str:
    """Return the text also without private characters, which mean nothing but to whoever agreed on them."""
    return text if text.isascii() and text.isprintable() else _PRIVATE.sub("", _UNSEEN.sub("", text))
