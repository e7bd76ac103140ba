"""Zip archives, and the office files and books that are some: opened counting what they hold, XML without entities."""

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Self

from lxml import etree

from documents.parsers.base import MIB, Broken, Encrypted, ParseTooBig

MAX_ENTRIES = 20_000
MAX_UNPACKED_BYTES = 512 * MIB  # of all the XML in one file
MAX_PART_BYTES = 256 * MIB
MAX_RATIO = 250  # unpacked to packed; office XML reaches 60
RATIO_FROM_BYTES = 16 * MIB  # small parts may shrink as they like
READ_BYTES = MIB

_ENCRYPTED_FLAG = 0x1
_XML = (".xml", ".rels", ".vml", ".opf", ".ncx", ".xhtml", ".html", ".htm")
_FAILURES = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, NotImplementedError, RuntimeError, OSError, ValueError,
)  # fmt: skip
_DAMAGED = "El archivo está dañado o incompleto y no se puede abrir."
_BOMB = "El archivo, descomprimido, es demasiado grande para leerlo."


class Archive:
    """An office file whose XML parts were all unpacked once, within the limits, before any was parsed."""

    def __init__(self, path: Path, *, must_have: str) -> None:
        self._zip = opened(path)
        names = self._zip.namelist()
        if must_have not in names:
            if "EncryptedPackage" in names:
                raise Encrypted("El archivo está protegido con contraseña. Subir una copia sin contraseña.")
            raise Broken("El contenido del archivo no corresponde a su extensión.", code="lying_type")
        self.names = frozenset(names)
        self._count()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def read(self, name: str) -> bytes:
        """Return one part, unpacked."""
        return b"".join(self._unpack(self._zip.getinfo(name)))

    def size_of(self, name: str) -> int:
        """Return how many bytes one part says it has, unpacked."""
        return self._zip.getinfo(name).file_size

    def open(self, name: str) -> IO[bytes]:
        """Return one part as a stream; its XML was counted before."""
        return self._zip.open(name)

    def xml(self, name: str, *, may_name_type: bool = False) -> etree._Element | None:
        """Return one part as XML, None when the archive has none of that name.

        `may_name_type`: books name the type of their parts, which is well; none may define anything.
        """
        if name not in self.names:
            return None
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
        )
        try:
            root = etree.fromstring(self.read(name), parser)
        except etree.XMLSyntaxError as error:
            raise Broken(
                "El archivo está dañado: una de sus partes no se puede leer.", code="broken_xml"
            ) from error
        definitions = root.getroottree().docinfo.internalDTD
        if definitions is not None and not (may_name_type and _is_empty(definitions)):
            raise Broken(
                "El archivo contiene definiciones que no corresponden a un documento.", code="broken_xml"
            )
        return root

    def _count(self) -> None:
        unpacked = 0
        for info in self._zip.infolist():
            if is_locked(info):
                raise Encrypted("El archivo está protegido con contraseña. Subir una copia sin contraseña.")
            if not info.filename.lower().endswith(_XML):
                continue
            for data in self._unpack(info):
                unpacked += len(data)
                if unpacked > MAX_UNPACKED_BYTES:
                    raise ParseTooBig(_BOMB, code="zip_bomb")

    def _unpack(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        return unpacked(self._zip, info)


def _is_empty(definitions: etree.DTD) -> bool:
    # The stubs of lxml are older than these.
    return not definitions.entities() and not definitions.elements()  # type: ignore[attr-defined]


def opened(path: Path) -> zipfile.ZipFile:
    """Return an archive whose table of contents was read; raise Broken or ParseTooBig."""
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, struct.error) as error:
        raise Broken(_DAMAGED, code="broken_zip") from error
    if len(archive.infolist()) > MAX_ENTRIES:
        raise ParseTooBig(_BOMB, code="zip_bomb")
    return archive


def is_locked(info: zipfile.ZipInfo) -> bool:
    """Say whether a member is encrypted."""
    return bool(info.flag_bits & _ENCRYPTED_FLAG)


def unpacked(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield a member piece by piece; raise ParseTooBig once it is too large, or grows as no honest file does."""
    size = 0
    try:
        with archive.open(info) as part:
            while data := part.read(READ_BYTES):
                size += len(data)
                if size > MAX_PART_BYTES or (
                    size > RATIO_FROM_BYTES and size > MAX_RATIO * max(1, info.compress_size)
                ):
                    raise ParseTooBig(_BOMB, code="zip_bomb")
                yield data
    except _FAILURES as error:
        raise Broken(_DAMAGED, code="broken_zip") from error
