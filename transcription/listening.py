"""From an original file to its sound: decoded once, stored as FLAC, and what is heard in it, all in flat memory."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeAlias

from transcription import decoding, flac
from transcription.decoding import Decoded
from transcription.peaks import Peaks
from transcription.stereo import Stereo
from transcription.voice import Stretch, Voice, together

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Report: TypeAlias = Callable[[float], None]
"""Takes the share that is done, 0–1."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A recording's sound, in a file, and what is known of it."""

    path: Path
    decoded: Decoded
    channels: int  # in the file; 2: one speaker in each
    peaks: bytes
    voice_by_channel: tuple[tuple[Stretch, ...], ...]

    @property
    def voice(self) -> list[Stretch]:
        """Return where anybody speaks."""
        return together(self.voice_by_channel)


def hear(source: IO[bytes], *, size_bytes: int, folder: Path, report: Report) -> Sound:
    """Decode `source`, a real file, into a FLAC in `folder`; raise what `decoding.decode` raises.

    One channel is listened to while it is decoded. Two must first be heard to their end, to know whether they are two
    speakers: they are put aside as they are, and listened to from there.
    """
    first, aside, stereo = folder / "sound.flac", folder / "both.flac", Stereo()
    with first.open("wb") as one, aside.open("wb") as both:
        listener, keeper = _Listener(one), _Keeper(both)

        def take(samples: "NDArray[np.int16]") -> None:
            if samples.shape[1] == 1:
                listener.hear(samples)
            else:
                stereo.hear(samples)
                keeper.keep(samples)

        decoded = decoding.decode(
            source,
            size_bytes=size_bytes,
            take=take,
            progress=lambda done, total: report(done / max(total, 1) / (2 if keeper.has_any else 1)),
        )
        keeper.close()
        if keeper.has_any:
            mix = stereo.decide()
            with aside.open("rb") as kept, closing(flac.read(kept, 0, decoded.seconds + 1)) as pieces:
                heard = 0
                for samples in pieces:
                    heard += len(samples)
                    listener.hear(mix.apply(samples))
                    report(0.5 + min(0.5, heard / flac.RATE / max(decoded.seconds, 0.1) / 2))
        peaks, voice = listener.end()
    aside.unlink()
    return Sound(first, decoded, listener.channels, peaks, voice)


class _Listener:
    """Writes sound down, and listens to it: how loud it is, and where somebody speaks on each channel."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self._writer: flac.Writer | None = None
        self._peaks = Peaks()
        self._voices: list[Voice] = []
        self.channels = 1

    def hear(self, samples: "NDArray[np.int16]") -> None:
        """Take the next samples: one row a sample, one column a channel."""
        if self._writer is None:
            self.channels = samples.shape[1]
            self._writer = flac.Writer(self._target, channels=self.channels)
            self._voices = [Voice() for _channel in range(self.channels)]
        self._writer.write(samples)
        self._peaks.hear(samples)
        for channel, voice in enumerate(self._voices):
            voice.hear(samples[:, channel])

    def end(self) -> tuple[bytes, tuple[tuple[Stretch, ...], ...]]:
        """Finish the file; return how loud it is, and the stretches of speech on each channel."""
        (self._writer or flac.Writer(self._target, channels=1)).close()
        return self._peaks.end(), tuple(tuple(voice.end()) for voice in self._voices)


class _Keeper:
    """Puts two channels aside as they come."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self._writer: flac.Writer | None = None

    @property
    def has_any(self) -> bool:
        """Say whether anything was put aside."""
        return self._writer is not None

    def keep(self, samples: "NDArray[np.int16]") -> None:
        """Take the next samples."""
        self._writer = self._writer or flac.Writer(self._target, channels=2)
        self._writer.write(samples)

    def close(self) -> None:
        """Finish the file."""
        if self._writer is not None:
            self._writer.close()
