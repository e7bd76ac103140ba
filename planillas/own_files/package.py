"""A template's file as the parts it is made of: unpacked within limits, and packed again."""

import io
import re
import zipfile
from collections.abc import Callable
from contextlib import ExitStack
from typing import IO, Self

from django.utils.translation import gettext as _
from lxml import etree

from documents.parsers import unzip
from documents.parsers.base import MIB, Unparsable
from planillas.own_files.recognised import MAX_BYTES, NotFillable, TooBigFile

MAX_PARTS = 3_000
MAX_UNPACKED_BYTES = 128 * MIB
MAX_XML_BYTES = 32 * MIB  # of one part: as a tree it takes ten times that
XML_ENDINGS = (".xml", ".rels", ".vml")

_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_NAMES_TYPE = re.compile(rb'<!DOCTYPE\s+[\w:.-]+\s+(PUBLIC\s+"[^"<>\[]*"|SYSTEM)\s+"[^"<>\[]*"\s*>')
_PLAIN = ("UTF-8", "US-ASCII", "ASCII")
_EPOCH = (1980, 1, 1, 0, 0, 0)
_DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

Write = Callable[[IO[bytes]], None]
"""Writes one part."""


class Package:
    """The parts of an office file, by name, in their order. Each XML part is known to be sound and without a DTD."""

    def __init__(self, content: bytes) -> None:
        self.parts: dict[str, bytes] = {}
        self.streams: dict[str, Write] = {}
        self.open_files = ExitStack()  # what the streams read from
        self._names: set[str] = set()
        with _opened(content) as archive:
            size = 0
            for info in archive.infolist():
                if info.is_dir():
                    continue
                self._check(info)
                data = b"".join(unzip.unpacked(archive, info))
                size += len(data)
                if size > MAX_UNPACKED_BYTES:
                    raise _too_big()
                self.parts[info.filename] = data
        for name, data in list(self.parts.items()):
            if data and name.lower().endswith(XML_ENDINGS):  # LibreOffice writes some that are empty
                self.parts[name] = self._examined(name, data)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.open_files.close()

    def xml(self, name: str) -> etree._Element:
        """Return a part as a tree of its own; raise NotFillable where it is not there or not sound."""
        if name not in self.parts:
            raise broken()
        return parse(self.parts[name])

    def put(self, name: str, root: etree._Element) -> None:
        """Replace or add a part."""
        self.parts[name] = write(root)

    def remove(self, name: str) -> None:
        """Take a part away, if it is there."""
        self.parts.pop(name, None)

    def pack(self) -> bytes:
        """Return the file. A part in `streams` is written by its function, as the file is."""
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
            # What is written as it goes comes last: it may be known only then what else there is.
            for name in (*(each for each in self.parts if each not in self.streams), *self.streams):
                info = zipfile.ZipInfo(name, _EPOCH)
                info.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
                if name in self.streams:
                    with archive.open(info, "w", force_zip64=True) as part:
                        self.streams[name](part)
                else:
                    archive.writestr(info, self.parts[name])
        return made.getvalue()

    def _check(self, info: zipfile.ZipInfo) -> None:
        name = info.filename
        if unzip.is_locked(info):
            raise _encrypted()
        # Programs do not agree on which of two alike they read, nor on what a path that leads out means.
        if name.lower() in self._names or name.startswith("/") or "\\" in name or ".." in name.split("/"):
            raise broken()
        self._names.add(name.lower())

    @staticmethod
    def _examined(name: str, data: bytes) -> bytes:
        """Return an XML part that is sound, as UTF-8: in its bytes is looked for what must not be there."""
        if len(data) > MAX_XML_BYTES:
            raise _too_big()
        if name.lower().endswith(".vml"):  # not always XML; it is only searched, never parsed
            if b"<!ENTITY" in data or b"<!DOCTYPE" in data:
                raise _defines()
            return data
        root = parse(data)
        is_plain = (root.getroottree().docinfo.encoding or "UTF-8").upper() in _PLAIN
        return data if is_plain and b"\0" not in data[:200] else write(root)


def parse(data: bytes) -> etree._Element:
    """Return XML as a tree; raise NotFillable where it is broken or defines anything."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise broken() from error
    # Old files of OpenOffice name the type of their parts, which is well; none may define anything.
    if root.getroottree().docinfo.internalDTD is not None and (
        not _NAMES_TYPE.search(data) or b"<!ENTITY" in data or b"<!ATTLIST" in data
    ):
        raise _defines()
    return root


def attributes(element: etree._Element) -> list[tuple[str, str]]:
    """Return an element's attributes."""
    return [(str(name), str(value)) for name, value in element.attrib.items()]


def words(element: etree._Element) -> str:
    """Return all the text inside an element."""
    return "".join(map(str, element.itertext()))


def without(element: etree._Element, *names: str) -> None:
    """Take attributes away, where they are."""
    for name in names:
        if name in element.attrib:
            del element.attrib[name]


def within(element: etree._Element, tag: str) -> bool:
    """Say whether an element's parent is of a kind."""
    parent = element.getparent()
    return parent is not None and parent.tag == tag


def drop(element: etree._Element) -> None:
    """Take an element out of its tree; the words that follow it stay."""
    parent = element.getparent()
    if parent is None:
        return
    if element.tail:
        before = element.getprevious()
        if before is not None:
            before.tail = (before.tail or "") + element.tail
        else:
            parent.text = (parent.text or "") + element.tail
    parent.remove(element)


def write(root: etree._Element) -> bytes:
    """Return a tree as the bytes of a part."""
    return _DECLARATION + etree.tostring(root, encoding="UTF-8", xml_declaration=False)


def broken() -> NotFillable:
    """Return what is raised where a file does not hold together."""
    return NotFillable(
        _("El archivo está dañado o incompleto. Abrirlo, guardarlo de nuevo y volver a subirlo."),
        code="broken_file",
    )


def _opened(content: bytes) -> zipfile.ZipFile:
    if len(content) > MAX_BYTES:
        raise TooBigFile(_("La plantilla pesa más de 10 MB. Quitarle imágenes o datos y volver a subirla."))
    if content.startswith(_OLD_OFFICE):
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise _encrypted()
        raise NotFillable(
            _(
                "Es un archivo de una versión antigua de Office. Guardarlo como .xlsx o .docx y volver a subirlo."
            ),
            code="old_format",
        )
    if not content.startswith(b"PK"):
        raise NotFillable(
            _("La plantilla tiene que ser un archivo .xlsx, .ods o .docx; el contenido de este es otro."),
            code="unknown_format",
        )
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError) as error:
        raise broken() from error
    if len(archive.infolist()) > MAX_PARTS:
        raise _too_big()
    return archive


def unparsable(error: Unparsable) -> NotFillable:
    """Return what a parser's complaint is here."""
    if error.code in ("zip_bomb", "too_big"):
        return _too_big()
    return broken()


def _too_big() -> TooBigFile:
    return TooBigFile(
        _("La plantilla, descomprimida, es demasiado grande. Quitarle datos o imágenes y volver a subirla."),
        field="file",
    )


def _encrypted() -> NotFillable:
    return NotFillable(
        _("El archivo está protegido con contraseña. Subir una copia sin contraseña."), code="encrypted"
    )


def _defines() -> NotFillable:
    return NotFillable(
        _(
            "El archivo contiene definiciones que no corresponden a una planilla. No se puede usar como plantilla."
        ),
        code="broken_file",
    )
