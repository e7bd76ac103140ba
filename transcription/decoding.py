"""A recording's sound out of whatever file it came in: 16 kHz, 16 bits, decoded in a child that can reach nothing else.

FFmpeg reads what a stranger made, so it runs where a parser does (documents.parsers.sandbox): no network, no other
file, limits. It is told which reader to use, so that no list of addresses is ever taken for a recording.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, TypeAlias

from documents.parsers import sandbox
from documents.parsers.base import MIB, Broken, ParseCrashed, Progress, Refused, ignore_progress
from documents.parsers.recorded_signatures import container_of
from documents.parsers.sandbox import Limits
from transcription.flac import RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Take: TypeAlias = Callable[[NDArray[np.int16]], None]

MOST_S = 12 * 3600.0
DAMAGED, GAP, TRUNCATED = "damaged", "gap", "truncated"
_BROKEN = "La grabación está dañada o incompleta y no se puede oír. Conviene copiarla o bajarla otra vez."
_CRASHED = "El archivo hizo fallar al lector. Puede estar dañado."


@dataclass(frozen=True, slots=True)
class Missing:
    """A stretch of which nothing can be heard; `code`: DAMAGED, GAP or TRUNCATED."""

    from_s: float
    to_s: float
    code: str


@dataclass(frozen=True, slots=True)
class Decoded:
    """What came out of a file. Seconds are those of the original: what it leaves out was filled with silence."""

    seconds: float
    channels: int  # of the samples that were given: 1 or 2
    tracks: int  # of sound in the file; the one that its players choose was taken
    missing: tuple[Missing, ...]


def limits_for(size_bytes: int) -> Limits:
    """Return what decoding a file of this size may take: ten times what it does."""
    return Limits(
        wall_s=6 * 3600.0,  # whoever takes the sound may be slow; what hangs is ended by the step
        cpu_s=900 + 2 * size_bytes // 1_000_000,
        memory_bytes=512 * MIB,
        result_bytes=MIB,
        step_wall_s=120.0,
    )


def decode(
    source: IO[bytes], *, size_bytes: int, take: "Take", progress: Progress = ignore_progress
) -> Decoded:
    """Give a file's sound to `take`, piece by piece: one row a sample, one column a channel; return what it was.

    `source`: a real file. Raises `Unparsable`: `no_sound`, `empty_sound`, `unknown_codec`, `broken_sound`, `too_long`,
    or a limit of the child.
    """
    import numpy as np

    from transcription import demuxing  # PyAV, before the child is forked

    container = container_of(source)
    if container is None:
        raise Broken(_BROKEN, code="broken_sound")
    source.seek(0)
    channels = samples = 0

    def take_bytes(piece: bytes) -> None:
        nonlocal channels, samples
        # The first byte says how many channels, and goes on saying it: a child taken over may send anything.
        if not piece or piece[0] not in (1, 2) or (channels and piece[0] != channels):
            raise ParseCrashed(_CRASHED, code="bad_answer")
        channels = piece[0]
        if (len(piece) - 1) % (2 * channels):
            raise ParseCrashed(_CRASHED, code="bad_answer")
        heard = np.frombuffer(piece, dtype="<i2", offset=1).reshape(-1, channels)
        samples += len(heard)
        take(heard)

    told = sandbox.stream(
        source,
        lambda report, give: demuxing.demux(source, container, size_bytes, report, give),
        take=take_bytes,
        limits=limits_for(size_bytes),
        progress=progress,
    )
    try:
        facts = json.loads(told)
        return Decoded(
            seconds=samples / RATE,
            channels=channels or 1,
            tracks=int(facts["tracks"]),
            missing=tuple(_missing(*each) for each in facts["missing"]),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ParseCrashed(_CRASHED, code="bad_answer") from error


def _missing(from_s: float, to_s: float, code: str) -> Missing:
    if not 0 <= from_s <= to_s < MOST_S * 2 or code not in (DAMAGED, GAP, TRUNCATED):
        raise ValueError(code)
    return Missing(float(from_s), float(to_s), code)


def no_sound() -> Refused:
    """Return the refusal of a file that has pictures and no sound."""
    return Refused("El video no tiene sonido: no hay nada para transcribir.", code="no_sound")


def empty_sound() -> Refused:
    """Return the refusal of a recording of no length."""
    return Refused("La grabación está vacía: no llegó a grabarse nada.", code="empty_sound")


def unknown_codec(name: str) -> Refused:
    """Return the refusal of sound that is packed in a way which is not read here."""
    said = f" («{name}»)" if name.isalnum() else ""
    return Refused(
        f"El sonido está guardado de un modo que no se puede leer{said}. Conviene convertirlo a .mp3 o .m4a y volver"
        " a subirlo.",
        code="unknown_codec",
    )


def broken() -> Broken:
    """Return the failure of a file out of which no sound comes."""
    return Broken(_BROKEN, code="broken_sound")
