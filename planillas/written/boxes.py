"""Boxes to tick, as forms have them: "( ) Mañana (X) Tarde", "☐ Sí ☒ No", "Sí [x] No [ ]"."""

import re
from itertools import pairwise

_BOX = re.compile(r"(?P<on>[☒☑✅]|\(\s?[xX✓✔]\s?\)|\[\s?[xX✓✔]\s?\])|[☐□]|\(\s*\)|\[\s*\]")
_ASKED = re.compile(r".*[:?]\s*", re.DOTALL)  # what stands before the first of them
_FEWEST = 2


def has(text: str) -> bool:
    """Say whether a text offers boxes to tick."""
    return len(_BOX.findall(text)) >= _FEWEST


def ticked(text: str) -> list[str] | None:
    """Return what stands at the boxes that are ticked; None where it cannot be told at which side of each it stands."""
    boxes = list(_BOX.finditer(text))
    if len(boxes) < _FEWEST:
        return None
    before, after = text[: boxes[0].start()].strip(), text[boxes[-1].end() :].strip()
    between = [text[one.end() : other.start()] for one, other in pairwise(boxes)]
    if after and (not before or _ASKED.fullmatch(before)):
        labels = [*between, after]
    elif before and not after:
        labels = [_ASKED.sub("", before), *between]
    else:
        return None
    return [label.strip(" ,;.-") for box, label in zip(boxes, labels, strict=True) if box["on"]]
