"""Frames around what an engine is shown: no text inside can end its frame, begin another, or change who speaks."""

import re

from schools import unseen

# Every frame of the house, wherever it is written.
NAMES = ("fuente", "pregunta", "pasaje", "planilla", "transcripcion")
# What looks like these signs is read as them, by an engine too: of full width, and the other angles and slashes.
_ALIKE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    **dict.fromkeys(map(ord, "﹤‹〈⟨〈❮˂"), "<"),
    **dict.fromkeys(map(ord, "⁄∕⧸"), "/"),
    **dict.fromkeys(map(ord, "│∣ǀ"), "|"),
    ord("ó"): "o",
    ord("Ó"): "O",
}
# One of our own frames, begun or ended.
_OURS = re.compile(rf"<(?=\s*[/\\]?\s*(?:{'|'.join(NAMES)})\b)", re.IGNORECASE)
# What engines themselves are trained on, and local ones read wherever it stands: <|im_start|>, <s>, [INST].
_THEIRS = re.compile(
    r"<(?=\||/?(?:s|bos|eos|pad|unk|think|start_of_turn|end_of_turn|tool_call|function_calls)>|</?SYS>>)"
    r"|\|(?=>)"
    r"|\[(?=/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_RESULTS|TOOL_CALLS)\])",
    re.IGNORECASE,
)


def quiet(text: str) -> str:
    """Return the text so that it can stand in a frame: without what hides, its imitations of our marks broken."""
    text = unseen.strip(text)
    plain = text if text.isascii() else text.translate(_ALIKE)
    for found in _OURS.finditer(plain):
        text = f"{text[: found.start()]}({text[found.end() :]}"
    if not _THEIRS.search(plain):
        return text
    pieces, at = [], 0
    for found in _THEIRS.finditer(plain):
        pieces.append(text[at : found.end()])
        at = found.end()
    return " ".join([*pieces, text[at:]])


def framed(name: str, text: str, **facts: object) -> str:
    """Return a text in its frame; `facts` stand in the opening mark."""
    assert name in NAMES
    told = "".join(f' {fact}="{value}"' for fact, value in facts.items())
    return f"<{name}{told}>\n{quiet(text)}\n</{name}>"
