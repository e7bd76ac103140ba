"""What Whisper is given of a stretch of sound: clips of at most half a minute, where somebody speaks. Pure."""

from collections.abc import Iterable, Iterator

Stretch = tuple[float, float]

LONGEST_S = 30.0  # what Whisper hears at a time; the rest of a longer clip is lost
_LEAST_S = 0.05


def join(voice: Iterable[Stretch], *, clip_s: float) -> list[Stretch]:
    """Return the clips to be heard, in order; none is longer than Whisper's half minute.

    Stretches of voice are joined, with the silence between them, to clips of up to `clip_s` seconds: each clip pays for
    a whole half minute. 0: one clip for each stretch.
    """
    clips: list[Stretch] = []
    for start, end in _cut(voice):
        if clips and end - clips[-1][0] <= min(clip_s, LONGEST_S):
            clips[-1] = (clips[-1][0], max(end, clips[-1][1]))
        else:
            clips.append((start, end))
    return clips


def _cut(voice: Iterable[Stretch]) -> Iterator[Stretch]:
    """Yield the stretches with those that are too long cut into equal pieces."""
    for start, end in voice:
        if end - start < _LEAST_S:
            continue
        count = max(1, -int(-(end - start) // LONGEST_S))
        step = (end - start) / count
        for number in range(count):
            yield start + number * step, end if number + 1 == count else start + (number + 1) * step
