"""A stereo stretch of sound as two files of one channel each, where each channel is one voice."""

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path

from transcription import flac
from transcription.parts import Planned, Stretch

_ALL_S = 1e6  # beyond any end


def split(path: Path, folder: Path) -> list[Path]:
    """Write each channel of a stereo FLAC as a file of its own; return the files, the left one first."""
    paths = [folder / f"channel-{number}.flac" for number in (1, 2)]
    with ExitStack() as open_files:
        source = open_files.enter_context(path.open("rb"))
        writers = [
            open_files.enter_context(flac.Writer(open_files.enter_context(target.open("wb")), channels=1))
            for target in paths
        ]
        for piece in flac.read(source, 0.0, _ALL_S):
            for number, writer in enumerate(writers):
                writer.write(piece[:, number : number + 1].copy())
    return paths


def voice_on(number: int, turns: Iterable[Sequence[float]], part: Planned) -> tuple[Stretch, ...]:
    """Return where somebody speaks on a channel (from 1), in seconds of the part; `turns` as Recording has them."""
    return tuple(
        (max(begins, part.from_s) - part.from_s, min(ends, part.to_s) - part.from_s)
        for begins, ends, on in turns
        if on == number and begins < part.to_s and ends > part.from_s
    )
