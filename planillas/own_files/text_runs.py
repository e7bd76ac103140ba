"""Marks replaced in a text that is cut into runs, as office files cut theirs: what was formatted stays so."""

from collections.abc import Callable, Sequence

from lxml import etree

from planillas.own_files.marks import MARK

_SPACE = "{http://www.w3.org/XML/1998/namespace}space"


def replace(texts: Sequence[etree._Element], value: Callable[[str], str], *, keep_space: bool = True) -> bool:
    """Put values in the place of the marks of a text that stands in several elements; say whether there were any.

    A value stands where its mark began, and is never read for marks itself.
    """
    told = [each.text or "" for each in texts]
    found = list(MARK.finditer("".join(told)))
    if not found:
        return False
    start = 0
    for element, text in zip(texts, told, strict=True):
        end = start + len(text)
        made, at = [], start
        for mark in found:
            if mark.end() <= start or mark.start() >= end:
                continue
            made.append(text[at - start : max(at, mark.start()) - start])
            if mark.start() >= start:
                made.append(value(mark[1]))
            at = min(end, mark.end())
        made.append(text[at - start :])
        new = "".join(made)
        if new != text:
            element.text = new
            if keep_space and new != new.strip():
                element.set(_SPACE, "preserve")
        start = end
    return True
