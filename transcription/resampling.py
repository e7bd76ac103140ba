"""Frames of any make turned into one: 16 kHz and 16 bits, in pieces. Imported where FFmpeg is at work: in its child."""

import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler

from documents.parsers.sandbox import Give
from transcription.flac import RATE

PIECE_BYTES = 128 * 1024


class Out:
    """Gives the frames it takes: a byte that says how many channels, then samples; each piece anew."""

    def __init__(self, give: Give) -> None:
        self._give = give
        self._held = bytearray()
        self._resampler: AudioResampler | None = None
        self._make: tuple[object, ...] = ()
        self.channels = 0  # as the first frame has them; more than two are mixed
        self.given = 0  # samples, with those still held

    def add(self, frame: AudioFrame) -> None:
        """Take the next frame."""
        make = (frame.format.name, frame.layout.name, frame.sample_rate)
        if self._resampler is None or make != self._make:  # a stream may change in its midst
            self._drain()
            self._set_channels(frame)
            layout = "stereo" if self.channels == 2 else "mono"
            self._resampler, self._make = AudioResampler(format="s16", layout=layout, rate=RATE), make
        frame.pts = None  # its time is known already
        self._keep(self._resampler.resample(frame))

    def silence(self, *, until_s: float, like: AudioFrame) -> None:
        """Fill up to a second of the original."""
        self._drain()
        self._set_channels(like)
        left = round(until_s * RATE) - self.given
        while left > 0:
            some = min(left, RATE)
            self._hold(bytes(2 * self.channels * some))
            left -= some

    def flush(self) -> None:
        """Give what is held."""
        self._drain()
        self._send()

    def _set_channels(self, frame: AudioFrame) -> None:
        if not self.channels:
            self.channels = 2 if frame.layout.nb_channels == 2 else 1

    def _drain(self) -> None:
        """Get out what the resampler holds back."""
        if self._resampler is not None:
            self._keep(self._resampler.resample(None))
            self._resampler = None

    def _keep(self, frames: list[AudioFrame]) -> None:
        for frame in frames:
            self._hold(np.ascontiguousarray(frame.to_ndarray(), dtype="<i2").tobytes())

    def _hold(self, samples: bytes) -> None:
        self.given += len(samples) // (2 * self.channels)
        self._held += samples
        if len(self._held) >= PIECE_BYTES:
            self._send()

    def _send(self) -> None:
        if self._held:
            self._give(bytes([self.channels]) + self._held)
            self._held.clear()
