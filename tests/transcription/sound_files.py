"""Sounds made for the tests: a tone in any container, and files that are not what they seem."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
from numpy.typing import NDArray

from transcription import flac

Samples = NDArray[np.int16]
SOUNDS = Path(__file__).parent / "sounds"


@dataclass(frozen=True, slots=True)
class Made:
    """How a file is made: the name of FFmpeg's writer and codec, and of a codec for pictures beside the sound."""

    name: str
    container: str
    codec: str
    rate: int = 44_100
    pictures: str = ""
    options: tuple[tuple[str, str], ...] = ()


KINDS = (
    Made("voz.wav", "wav", "pcm_s16le"),
    Made("voz.mp3", "mp3", "libmp3lame"),
    Made("sin-etiqueta.mp3", "mp3", "libmp3lame", options=(("write_xing", "0"), ("id3v2_version", "0"))),
    Made("voz.m4a", "ipod", "aac"),
    Made("voz.ogg", "ogg", "flac"),
    Made("voz.opus", "ogg", "libopus", 48_000),
    Made("voz.flac", "flac", "flac"),
    Made("voz.aac", "adts", "aac"),
    Made("grabadora.webm", "webm", "libopus", 48_000),
    Made("clase.webm", "webm", "libopus", 48_000, "libvpx"),
    Made("clase.mp4", "mp4", "aac", pictures="mpeg4"),
    Made("clase.mkv", "matroska", "aac", pictures="mpeg4"),
    Made("clase.mov", "mov", "pcm_s16le", pictures="mpeg4"),
    Made("vieja.wav", "wav", "pcm_mulaw", 8_000),
)


def tone(seconds: float, *, hz: float = 440.0, rate: int = flac.RATE, loud: int = 8_000) -> Samples:
    """Return a tone: one row a sample, one column."""
    at = np.arange(round(seconds * rate)) / rate
    wave: Samples = np.rint(np.sin(2 * np.pi * hz * at) * loud).astype(np.int16)
    return wave.reshape(-1, 1)


def hz_of(samples: Samples) -> float:
    """Return the loudest frequency of one channel."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples))))
    return float(np.argmax(spectrum)) * flac.RATE / len(samples)


def speech(name: str) -> Samples:
    """Return what a fixture says: one row a sample, one column."""
    with (SOUNDS / f"{name}.flac").open("rb") as file:
        return np.concatenate(list(flac.read(file, 0, 3_600)))


def pack(
    made: Made,
    *tracks: Samples,
    gaps: Sequence[tuple[float, float]] = (),
    encoder: dict[str, str] | None = None,
) -> bytes:
    """Return a file of one or more tracks of sound. `gaps`: at this second of the sound, so many pass without any."""
    # A real file: some writers read again what they wrote.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "sound"
        _pack(path, made, tracks, gaps, encoder or {})
        return path.read_bytes()


def _pack(
    path: Path,
    made: Made,
    tracks: Sequence[Samples],
    gaps: Sequence[tuple[float, float]],
    encoder: dict[str, str],
) -> None:
    with av.open(path, "w", format=made.container, options=dict(made.options)) as container:
        film = container.add_stream(made.pictures, rate=5) if made.pictures else None
        streams = [
            container.add_stream(made.codec, rate=made.rate, layout=_layout(track), options=encoder)
            for track in tracks
        ]
        if film is not None:
            _shoot(container, film, max((len(track) for track in tracks), default=made.rate) / made.rate)
        for stream, track in zip(streams, tracks, strict=True):
            _write(container, stream, track, made.rate, gaps)


def film_without_sound() -> bytes:
    """Return an MP4 that has pictures alone."""
    return pack(Made("muda.mp4", "mp4", "", pictures="mpeg4"))


def _layout(track: Samples) -> str:
    return "stereo" if track.shape[1] == 2 else "mono"


def _shoot(container: Any, stream: Any, seconds: float) -> None:
    stream.width = stream.height = 32
    stream.pix_fmt = "yuv420p"
    for number in range(max(1, round(seconds * 5))):
        frame = av.VideoFrame.from_ndarray(np.zeros((48, 32), np.uint8), format="yuv420p")
        frame.pts = number
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def _write(
    container: Any, stream: Any, track: Samples, rate: int, gaps: Sequence[tuple[float, float]]
) -> None:
    whole = av.AudioFrame.from_ndarray(track.reshape(1, -1), format="s16", layout=_layout(track))
    whole.sample_rate, whole.pts = rate, 0
    wanted = stream.codec_context.format
    change = av.AudioResampler(format=wanted.name if wanted else "s16", layout=_layout(track), rate=rate)
    queue = av.AudioFifo()
    for frame in [*change.resample(whole), *change.resample(None)]:
        queue.write(frame)
    size, at = stream.codec_context.frame_size or 1024, 0
    while (taken := queue.read(size) or queue.read(size, partial=True)) is not None:
        lost_s = sum(length_s for gap_at_s, length_s in gaps if at / rate >= gap_at_s)
        taken.pts, taken.time_base = at + round(lost_s * rate), Fraction(1, rate)
        at += taken.samples
        container.mux(stream.encode(taken))
    container.mux(stream.encode(None))
