"""Stored originals read back: whole and as they came in, or not at all."""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from documents.parsers.base import Broken
from pipeline.stages import Later

PIECE_BYTES = 1024 * 1024
WAIT_S = 30.0
ALTERED, MISSING = "original_altered", "original_missing"


class StoreAway(Exception):
    """The store of files does not give what it has: later it may."""


class Missing(Broken):
    """There is no file of that name."""

    code = MISSING


class Altered(Broken):
    """The file is not the one that came in."""

    code = ALTERED


def later(error: StoreAway) -> Later:
    """Return what a stage raises while the store is away."""
    told = _("El archivo espera y no se pierde: el almacén de archivos del servidor no responde.")
    return Later(WAIT_S, str(error), told=told)


@contextmanager
def opened(key: str) -> Iterator[IO[bytes]]:
    """Open a stored file; raise Missing or StoreAway."""
    try:
        file = default_storage.open(key, "rb")
    except FileNotFoundError as error:
        raise Missing(_("El archivo ya no está en el servidor. Volver a subirlo.")) from error
    except OSError as error:
        raise StoreAway(f"{key}: {error}") from error
    with file:
        yield file


def read(file: IO[bytes], size: int = PIECE_BYTES) -> bytes:
    """Return the next bytes of a stored file; raise StoreAway where it gives none."""
    try:
        return file.read(size)
    except OSError as error:
        raise StoreAway(str(error)) from error


def fetch(key: str, path: Path, *, sha256: str = "") -> None:
    """Copy a stored file to a local one, as the storage may be far away; raise Missing, Altered or StoreAway.

    `sha256`: what its bytes must be. A copy that differs is made once more: it may have been cut on the way.
    """
    for _turn in range(2):
        digest = hashlib.sha256()
        with opened(key) as source, path.open("wb") as target:
            while piece := read(source):
                digest.update(piece)
                target.write(piece)
        if not sha256 or digest.hexdigest() == sha256:
            return
    path.unlink()
    raise altered()


def check(file: IO[bytes], *, sha256: str) -> None:
    """Raise Altered unless an open file holds these bytes; leave it at its beginning."""
    file.seek(0)
    if digest_of(iter(lambda: read(file), b"")) != sha256:
        raise altered()
    file.seek(0)


def digest_of(pieces: Iterable[bytes]) -> str:
    """Return the SHA-256 of bytes."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


def altered() -> Altered:
    """Return what is raised for a file that is not the one that came in."""
    return Altered(
        _(
            "El archivo guardado en el servidor está incompleto o cambió desde que se subió, y no se usa. Volver a "
            "subirlo, o pedir a quien administra el servidor que lo reponga de una copia."
        )
    )
