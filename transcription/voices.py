"""What a voice sounds like, in numbers, window by window: the colour of its vowels and the height of its tone.

No model and no weights: cepstra and the fundamental tone, so that voices can be told apart anywhere, approximately.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np

Floats: TypeAlias = "np.ndarray[Any, np.dtype[np.float32]]"
Span: TypeAlias = tuple[float, float]
"""Seconds from and to."""

RATE = 16_000
WINDOW_S, HOP_S = 1.5, 0.5
LEAST_S = 0.3  # a shorter stretch says too little of a voice to be measured by itself
FRAME, STEP = 400, 160  # samples: 25 ms, every 10 ms
LONG_FRAME = 800  # 50 ms: two waves of the deepest voice
FFT = 512
BANDS, CEPSTRA = 30, 20
LOWEST_HZ, HIGHEST_HZ = 80.0, 7_600.0
TONE_HZ = (60.0, 400.0)
VOICED = 0.45  # of the autocorrelation, from which on a frame has a tone
HEARD_DB = 35.0  # under a window's loudest frame: what is quieter is the room
READ_S = 60.0  # of sound held at once
MEASURES = 2 * (CEPSTRA - 1) + 3


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of sound in which one voice is taken to speak. `voice`: the number of its voice stretch."""

    from_s: float
    to_s: float
    voice: int


def windows(voice: Sequence[Span], *, window_s: float = WINDOW_S, hop_s: float = HOP_S) -> list[Window]:
    """Return the windows of the stretches where somebody speaks, in order; none crosses a silence."""
    found: list[Window] = []
    for number, (from_s, to_s) in enumerate(voice):
        length = to_s - from_s
        if length <= window_s:
            found.append(Window(from_s, to_s, number))
            continue
        count = int(np.ceil((length - window_s) / hop_s)) + 1
        starts = np.linspace(from_s, to_s - window_s, count).tolist()
        found.extend(Window(start, start + window_s, number) for start in starts)
    return found


def measure(
    spans: Sequence[Window], read: Callable[[float, float], Floats], *, report: Callable[[float], None]
) -> Floats:
    """Return one row of numbers for each window (len × MEASURES).

    `read`: sound of one channel at `RATE` between two seconds; it is asked for about a minute at a time.
    """
    rows = np.zeros((len(spans), MEASURES), dtype=np.float32)
    first = 0
    while first < len(spans):
        last = first + 1
        while last < len(spans) and spans[last].to_s - spans[first].from_s <= READ_S:
            last += 1
        from_s, to_s = spans[first].from_s, max(span.to_s for span in spans[first:last])
        cepstra, loudness, tone = _frames(read(from_s, to_s))
        for at in range(first, last):
            begin = int((spans[at].from_s - from_s) * RATE / STEP)
            end = max(begin + 1, int((spans[at].to_s - from_s) * RATE / STEP))
            rows[at] = _pool(cepstra[begin:end], loudness[begin:end], tone[begin:end])
        first = last
        report(last / len(spans))
    return rows


def _pool(cepstra: Floats, loudness: Floats, tone: Floats) -> Floats:
    if not len(loudness):
        return np.zeros(MEASURES, dtype=np.float32)
    heard = loudness > loudness.max() - HEARD_DB
    cepstra, tone = cepstra[heard], tone[heard]
    pitch = np.log2(tone[tone > 0]) if (tone > 0).sum() >= 5 else np.zeros(1)
    low, middle, high = np.percentile(pitch, (15, 50, 85))
    return np.concatenate([cepstra.mean(axis=0), cepstra.std(axis=0), (middle, low, high)], dtype=np.float32)


def _frames(sound: Floats) -> tuple[Floats, Floats, Floats]:
    """Return for every 10 ms: its cepstra without the first, its loudness in dB, its tone in Hz (0: it has none)."""
    sound = np.asarray(sound, dtype=np.float32)
    sharp = np.append(sound[:1], sound[1:] - 0.97 * sound[:-1])
    frames = _cut(sharp, FRAME) * np.hamming(FRAME).astype(np.float32)
    power = np.abs(np.fft.rfft(frames, FFT)).astype(np.float32) ** 2
    bands = np.log(power @ _mel().T + 1e-6)
    loudness = 10 * np.log10((_cut(sound, FRAME) ** 2).mean(axis=1) + 1e-10)
    return bands @ _cosines(), loudness.astype(np.float32), _tones(sound)


def _cut(sound: Floats, size: int) -> Floats:
    """Return overlapping frames, each around its 10 ms."""
    count = max(1, len(sound) // STEP)
    padded = np.pad(sound, (size // 2, size + STEP))
    return np.lib.stride_tricks.sliding_window_view(padded, size)[: count * STEP : STEP]


def _tones(sound: Floats) -> Floats:
    frames = _cut(sound, LONG_FRAME)
    # A thousand spectra at a time are enough to hold.
    return np.concatenate([_tone(frames[at : at + 1_000]) for at in range(0, len(frames), 1_000)])


def _tone(frames: Floats) -> Floats:
    frames = frames * np.hanning(LONG_FRAME).astype(np.float32)
    size = 2048
    power = np.abs(np.fft.rfft(frames, size)) ** 2
    correlation = np.fft.irfft(power, size)[:, :LONG_FRAME] / _window_correlation(size)[:LONG_FRAME]
    shortest, longest = int(RATE / TONE_HZ[1]), int(RATE / TONE_HZ[0])
    correlation = correlation[:, : longest + 1] / (correlation[:, :1] + 1e-9)
    # Of peaks alike, the shortest wave: the others are its multiples. A slight slope does it.
    sloped = correlation[:, shortest:] - 0.0004 * np.arange(longest + 1 - shortest)
    best = sloped.argmax(axis=1)
    is_voiced = sloped[np.arange(len(best)), best] > VOICED
    return np.where(is_voiced, RATE / (best + shortest), 0.0).astype(np.float32)


@lru_cache(maxsize=1)
def _window_correlation(size: int) -> Floats:
    """Return how the frame's own shape falls off, which is no property of the voice."""
    shape = np.abs(np.fft.rfft(np.hanning(LONG_FRAME), size)) ** 2
    found = np.fft.irfft(shape, size)
    return np.asarray(np.maximum(found / found[0], 1e-3), dtype=np.float32)


@lru_cache(maxsize=1)
def _mel() -> Floats:
    """Return the weights of the bands over the spectrum, as an ear would cut it."""

    def mel(hz: Any) -> Any:
        return 2595 * np.log10(1 + np.asarray(hz) / 700)

    edges = 700 * (10 ** (np.linspace(mel(LOWEST_HZ), mel(HIGHEST_HZ), BANDS + 2) / 2595) - 1)
    hz = np.fft.rfftfreq(FFT, 1 / RATE)
    rising = (hz - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    falling = (edges[2:, None] - hz) / (edges[2:] - edges[1:-1])[:, None]
    return np.maximum(0, np.minimum(rising, falling)).astype(np.float32)


@lru_cache(maxsize=1)
def _cosines() -> Floats:
    band, order = np.arange(BANDS)[:, None] + 0.5, np.arange(1, CEPSTRA)[None]
    return np.asarray((np.cos(np.pi * band * order / BANDS) * np.sqrt(2 / BANDS)), dtype=np.float32)
