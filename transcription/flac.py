"""FLAC of 16 kHz and 16 bits, one channel or two: written piece by piece, read to the sample. Memory stays flat."""

from collections.abc import Generator
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Self

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RATE = 16_000  # samples a second, of every sound that is stored
_LAYOUTS = {1: "mono", 2: "stereo"}
# Where a seek lands before the place asked for is not promised; this much earlier is always far enough.
_LEAD_S = 1.0


def write(sound: IO[bytes], from_s: float, to_s: float, path: Path) -> None:
    """Write a stretch of an open sound as a FLAC file of its own."""
    with path.open("wb") as target:
        writer: Writer | None = None
        for piece in read(sound, from_s, to_s):
            writer = writer or Writer(target, channels=piece.shape[1])
            writer.write(piece)
        (writer or Writer(target, channels=1)).close()


def read(sound: IO[bytes], from_s: float, to_s: float) -> "Generator[NDArray[np.int16], None, None]":
    """Yield a stretch of an open sound in pieces: one row a sample, one column a channel."""
    import av
    import numpy as np

    first, last = max(0, round(from_s * RATE)), round(to_s * RATE)
    sound.seek(0)
    with av.open(sound, "r", format="flac") as container:
        stream = container.streams.audio[0]
        if (lead := first - round(_LEAD_S * RATE)) > 0:
            container.seek(round(lead / RATE / float(stream.time_base or 1 / RATE)), stream=stream)
        for frame in container.decode(stream):
            at = round((frame.pts or 0) * float(frame.time_base or 1 / RATE) * RATE)
            if at >= last:
                return
            if at + frame.samples > first:
                piece = frame.to_ndarray().astype(np.int16, copy=False).reshape(-1, frame.layout.nb_channels)
                yield piece[max(0, first - at) : last - at]


class Writer:
    """Writes FLAC to a file as its samples come."""

    def __init__(self, target: IO[bytes], *, channels: int) -> None:
        import av

        self.channels = channels
        self._container = av.open(target, "w", format="flac")
        self._stream = self._container.add_stream("flac", rate=RATE, layout=_LAYOUTS[channels], format="s16")
        self._at = 0

    def write(self, piece: "NDArray[np.int16]") -> None:
        """Add samples: one row a sample, one column a channel."""
        import av

        if not len(piece):
            return
        frame = av.AudioFrame.from_ndarray(piece.reshape(1, -1), format="s16", layout=_LAYOUTS[self.channels])
        frame.sample_rate = RATE
        frame.pts = self._at
        self._at += len(piece)
        self._container.mux(self._stream.encode(frame))

    def close(self) -> None:
        """Write what is left and the head, which knows the length."""
        self._container.mux(self._stream.encode(None))
        self._container.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()
