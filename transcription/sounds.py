"""The stored sound of a recording: stretches of it, exact to the sample."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from django.core.files.storage import default_storage

from documents.models import Document
from transcription import flac

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def part(document: Document, from_s: float, to_s: float, path: Path) -> None:
    """Write a stretch of a document's sound as a FLAC file of its own; what lies beyond the end is left out.

    16 kHz, as many channels as are stored. Memory does not grow with the stretch.
    """
    with _stored(document) as sound:
        flac.write(sound, from_s, to_s, path)


def samples(document: Document, from_s: float, to_s: float) -> "NDArray[np.float32]":
    """Return a stretch of a document's sound, 16,000 rows a second, one column a channel, −1 to 1."""
    import numpy as np

    with _stored(document) as sound:
        pieces = list(flac.read(sound, from_s, to_s))
    whole = np.concatenate(pieces) if pieces else np.zeros((0, 1), dtype=np.int16)
    return whole.astype(np.float32) / np.float32(32_768)


@contextmanager
def _stored(document: Document) -> Iterator[IO[bytes]]:
    with default_storage.open(document.sound_key, "rb") as file:
        yield file
