"""Headers and footers of a DOCX: those of its first section, which the others mostly repeat."""

from collections.abc import Callable, Iterator

from lxml import etree

from documents.parsers import margins
from documents.parsers.docx_numbers import W
from documents.parsers.office_parts import R, Relation
from documents.parsers.unzip import Archive


def lines(
    archive: Archive,
    body: etree._Element,
    targets: dict[str, Relation],
    *,
    name: str,
    text_of: Callable[[etree._Element], str],
) -> Iterator[str]:
    """Yield what the first section's headers (`name` "header") or footers ("footer") say beyond the body."""
    section = next(body.iter(f"{W}sectPr"), None)
    if section is None:
        return
    references = {
        str(each.get(f"{W}type", "default")): str(each.get(f"{R}id"))
        for each in section.iterfind(f"{W}{name}Reference")
    }
    found: list[str] = []
    for kind in ("first", "default"):
        target = targets.get(references.get(kind, ""))
        root = None if target is None or target.kind != name else archive.xml(target.part)
        if root is not None and (kind != "first" or section.find(f"{W}titlePg") is not None):
            found += map(text_of, root.iter(f"{W}p"))
    yield from margins.beyond("".join(text.text or "" for text in body.iter(f"{W}t")), found)
