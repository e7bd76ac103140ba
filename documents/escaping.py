"""Words of documents, people and engines in a Markdown file: they show as they are, and no program obeys them."""

import re

# The last three: what some programs make a link of, though nobody wrote one.
_MARKS = re.compile(r"([\\`*_\[\]<>|~&$#@]|(?<=:)/(?=/)|(?<=\bwww)\.)", re.IGNORECASE)
_START = re.compile(r"^(\s*)([#+=-]|\d+(?=[.)]))")


def escape(text: str) -> str:
    """Return a line of text that shows as it is."""
    text = _MARKS.sub(r"\\\1", text)
    return _START.sub(
        lambda found: f"{found[1]}{found[2]}\\" if found[2].isdigit() else f"{found[1]}\\{found[2]}", text
    )
