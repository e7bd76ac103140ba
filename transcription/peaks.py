"""How loud a recording is, tenth of a second by tenth: what its waveform is drawn from."""

from typing import TYPE_CHECKING

from transcription.flac import RATE

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

A_SECOND = 10
_SAMPLES = RATE // A_SECOND


class Peaks:
    """Takes sound as it comes; keeps one byte for every tenth of a second: its loudest sample, 255 the loudest."""

    def __init__(self) -> None:
        self._told = bytearray()
        self._held: NDArray[np.int16] | None = None

    def hear(self, samples: "NDArray[np.int16]") -> None:
        """Take the next samples: one row a sample, one column a channel."""
        import numpy as np

        loudest = np.minimum(np.abs(samples.astype(np.int32)).max(axis=1), 32_767).astype(np.int16)
        heard = loudest if self._held is None else np.concatenate([self._held, loudest])
        whole = len(heard) // _SAMPLES * _SAMPLES
        self._told += (heard[:whole].reshape(-1, _SAMPLES).max(axis=1) >> 7).astype(np.uint8).tobytes()
        self._held = heard[whole:]

    def end(self) -> bytes:
        """Return the bytes."""
        if self._held is not None and len(self._held):
            self._told.append(int(self._held.max()) >> 7)
            self._held = None
        return bytes(self._told)
