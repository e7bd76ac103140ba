"""How the parts of an Office file (DOCX, PPTX) point at one another, and the pictures among them."""

import posixpath
from dataclasses import dataclass

from documents.parsers.base import Unparsable
from documents.parsers.pictures import Shelf
from documents.parsers.unzip import Archive

R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
_RELATION = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
MAX_RELATIONS = 20_000


@dataclass(frozen=True, slots=True)
class Relation:
    kind: str  # the last word of its type: "image", "slide", "footnotes"
    part: str  # the name of what it points at, which may be missing


def relations(archive: Archive, part: str) -> dict[str, Relation]:
    """Return what a part points at inside its file, by the ids that it uses."""
    folder, name = posixpath.split(part)
    root = archive.xml(posixpath.join(folder, "_rels", f"{name}.rels"))
    if root is None:
        return {}
    found: dict[str, Relation] = {}
    for relation in root.iterfind(_RELATION):
        target = str(relation.get("Target", ""))
        if relation.get("TargetMode") == "External" or not target or len(found) >= MAX_RELATIONS:
            continue
        aim = posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")
        found[str(relation.get("Id"))] = Relation(str(relation.get("Type", "")).rpartition("/")[2], aim)
    return found


def shelve(archive: Archive, part: str, shelf: Shelf) -> str:
    """Return the name under which a picture of the file is kept, "" when it is not kept."""
    if part not in archive.names:
        return ""
    try:
        return shelf.add(archive.read(part))
    except Unparsable:  # its packed bytes are damaged or a bomb; the text around it is read all the same
        return ""
