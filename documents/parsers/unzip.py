"""Office files are zip archives: opened counting what they really hold, their XML read without entities."""

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from lxml import etree

from documents.parsers.base import MIB, Broken, Encrypted, ParseTooBig

MAX_ENTRIES = 20_000
MAX_UNPACKED_BYTES = 512 * MIB  # of all the XML in one file
MAX_PART_BYTES = 256 * MIB
MAX_RATIO = 250  # unpacked to packed; office XML reaches 60
RATIO_FROM_BYTES = 16 * MIB  # small parts may shrink as they like
READ_BYTES = MIB

_ENCRYPTED_FLAG = 0x1
_XML = (".xml", ".rels", ".vml")
_BOMB = "El archivo, descomprimido, es demasiado grande para leerlo."


class Archive:
    """An office file whose XML parts were all unpacked once, within the limits, before any was parsed."""

    def __init__(self, path: Path, *, must_have: str) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except (zipfile.BadZipFile, ValueError, OSError) as error:
            raise Broken(
                "El archivo está dañado o incompleto y no se puede abrir.", code="broken_zip"
            ) from error
        names = self._zip.namelist()
        if len(names) > MAX_ENTRIES:
            raise ParseTooBig(_BOMB, code="zip_bomb")
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

    def xml(self, name: str) -> etree._Element | None:
        """Return one part as XML, None when the archive has none of that name."""
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
        if root.getroottree().docinfo.internalDTD is not None:
            raise Broken(
                "El archivo contiene definiciones que no corresponden a un documento.", code="broken_xml"
            )
        return root

    def _count(self) -> None:
        unpacked = 0
        for info in self._zip.infolist():
            if info.flag_bits & _ENCRYPTED_FLAG:
                raise Encrypted("El archivo está protegido con contraseña. Subir una copia sin contraseña.")
            if not info.filename.lower().endswith(_XML):
                continue
            for data in self._unpack(info):
                unpacked += len(data)
                if unpacked > MAX_UNPACKED_BYTES:
                    raise ParseTooBig(_BOMB, code="zip_bomb")

    def _unpack(self, info: zipfile.ZipInfo) -> Iterator[bytes]:
        size = 0
        try:
            with self._zip.open(info) as part:
                while data := part.read(READ_BYTES):
                    size += len(data)
                    if size > MAX_PART_BYTES or (
                        size > RATIO_FROM_BYTES and size > MAX_RATIO * max(1, info.compress_size)
                    ):
                        raise ParseTooBig(_BOMB, code="zip_bomb")
                    yield data
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError) as error:
            raise Broken(
                "El archivo está dañado o incompleto y no se puede abrir.", code="broken_zip"
            ) from error
