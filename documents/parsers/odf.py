"""The package of an OpenDocument file: its parts, its pictures, its title, and whether it has a password."""

import posixpath
from pathlib import Path

from lxml import etree

from documents.parsers import office_parts, tidy
from documents.parsers.base import Broken, Encrypted
from documents.parsers.pictures import Shelf
from documents.parsers.unzip import Archive

_NS = "urn:oasis:names:tc:opendocument:xmlns"
OFFICE = f"{{{_NS}:office:1.0}}"
TEXT = f"{{{_NS}:text:1.0}}"
TABLE = f"{{{_NS}:table:1.0}}"
DRAW = f"{{{_NS}:drawing:1.0}}"
STYLE = f"{{{_NS}:style:1.0}}"
FO = f"{{{_NS}:xsl-fo-compatible:1.0}}"
SVG = f"{{{_NS}:svg-compatible:1.0}}"
PRESENTATION = f"{{{_NS}:presentation:1.0}}"
LOEXT = "{urn:org:documentfoundation:names:experimental:office:xmlns:loext:1.0}"
XLINK = "{http://www.w3.org/1999/xlink}"
_MANIFEST = "META-INF/manifest.xml"
_DC_TITLE = "{http://purl.org/dc/elements/1.1/}title"


class Package:
    """An OpenDocument file that is open and has no password."""

    def __init__(self, path: Path) -> None:
        self.archive = Archive(path, must_have=_MANIFEST)
        # Looked for as bytes: older programs left their manifest to a DTD, without which it is no XML.
        is_locked = b"encryption-data" in self.archive.read(_MANIFEST)
        if is_locked or "encrypted-package" in self.archive.names:
            raise Encrypted("El archivo está protegido con contraseña. Subir una copia sin contraseña.")
        content = self.archive.xml("content.xml", may_name_type=True)
        if content is None:
            raise Broken("El documento está dañado: no tiene contenido.", code="broken_odf")
        self.content: etree._Element = content
        self.styles = self.archive.xml("styles.xml", may_name_type=True)
        self.shelf = Shelf()

    def body(self, name: str) -> etree._Element:
        """Return the body when it is of the kind "text" or "presentation"; raise Broken."""
        found = self.content.find(f"{OFFICE}body/{OFFICE}{name}")
        if found is None:
            raise Broken("El contenido del archivo no corresponde a su extensión.", code="lying_type")
        return found

    def picture(self, href: str) -> str:
        """Return the name under which the picture at an address inside the package is kept, else ""."""
        return office_parts.shelve(self.archive, _inside(href), self.shelf)

    def inner(self, href: str) -> etree._Element | None:
        """Return the content of a document inside the package, as a chart or a formula is."""
        return self.archive.xml(posixpath.join(_inside(href), "content.xml"), may_name_type=True)

    def title(self) -> str | None:
        """Return the title that the file declares, where it looks like one."""
        meta = self.archive.xml("meta.xml", may_name_type=True)
        found = None if meta is None else next(meta.iter(_DC_TITLE), None)
        declared = "" if found is None else tidy.line(found.text or "")
        return declared if 6 <= len(declared) <= 200 and " " in declared else None


def _inside(href: str) -> str:
    return posixpath.normpath(posixpath.join("/", href)).lstrip("/")
